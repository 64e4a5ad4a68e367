-- links to real customers' contracts must not work in a copy of the database; the
-- ledgers are left as they are
UPDATE support_contract SET access_token = NULL;
