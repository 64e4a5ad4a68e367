-- links to real customers' contracts must not work in a copy of the database; the
-- ledgers are left as they are
UPDATE support_contract SET access_token = NULL;
UPDATE support_contract SET sign_token_hash = NULL, sign_expires = NULL;
-- codes that callers give on the phone, and windows that still show them
UPDATE support_contract SET support_code = NULL;
DELETE FROM support_contract_code;
