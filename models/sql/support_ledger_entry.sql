-- What an entry starts with. A lot is a credit that draws on nothing: all of it
-- remains. A reversal undoes one whole entry of the same ledger.
CREATE OR REPLACE FUNCTION support_ledger_entry_prepare() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    original support_ledger_entry%ROWTYPE;
BEGIN
    NEW.remaining := CASE WHEN NEW.lot_id IS NULL THEN NEW.quantity ELSE 0 END;
    IF NEW.reversal_of_id IS NOT NULL THEN
        SELECT * INTO original FROM support_ledger_entry
         WHERE id = NEW.reversal_of_id;
        IF original.ledger_id <> NEW.ledger_id
           OR original.quantity <> -NEW.quantity
           OR COALESCE(original.lot_id, original.id) <> NEW.lot_id
           OR original.reversal_of_id IS NOT NULL THEN
            RAISE EXCEPTION 'entry % can only be reversed as a whole', original.id
                USING ERRCODE = '23514', TABLE = 'support_ledger_entry',
                      CONSTRAINT = 'support_ledger_entry_whole_reversal';
        END IF;
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS support_ledger_entry_prepare ON support_ledger_entry;
CREATE TRIGGER support_ledger_entry_prepare
    BEFORE INSERT ON support_ledger_entry
    FOR EACH ROW EXECUTE FUNCTION support_ledger_entry_prepare();

-- New entries move the balance of their ledgers, then what remains of their lots:
-- two updates for a statement, however many rows it has. The CHECKs of both tables
-- refuse what would fall below zero.
CREATE OR REPLACE FUNCTION support_ledger_entry_post() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    moved bigint;
BEGIN
    UPDATE support_ledger ledger
       SET balance = ledger.balance + posted.quantity
      FROM (SELECT ledger_id, sum(quantity) AS quantity
              FROM posted_entries GROUP BY ledger_id) posted
     WHERE ledger.id = posted.ledger_id;

    SELECT count(DISTINCT lot_id) INTO wanted FROM posted_entries;
    IF wanted > 0 THEN
        UPDATE support_ledger_entry lot
           SET remaining = lot.remaining + posted.quantity
          FROM (SELECT lot_id, ledger_id, sum(quantity) AS quantity
                  FROM posted_entries WHERE lot_id IS NOT NULL
                 GROUP BY lot_id, ledger_id) posted
         WHERE lot.id = posted.lot_id
           AND lot.ledger_id = posted.ledger_id
           AND lot.lot_id IS NULL;
        GET DIAGNOSTICS moved = ROW_COUNT;
        IF moved <> wanted THEN
            RAISE EXCEPTION 'an entry draws on a lot that is not one of its ledger'
                USING ERRCODE = '23514', TABLE = 'support_ledger_entry',
                      CONSTRAINT = 'support_ledger_entry_own_lot';
        END IF;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS support_ledger_entry_post ON support_ledger_entry;
CREATE TRIGGER support_ledger_entry_post
    AFTER INSERT ON support_ledger_entry
    REFERENCING NEW TABLE AS posted_entries
    FOR EACH STATEMENT EXECUTE FUNCTION support_ledger_entry_post();

-- Entries are never changed or deleted. What may move is what remains of a lot, by
-- the trigger above alone, and the system's own columns (deleting a user empties
-- create_uid and write_uid through their foreign keys).
CREATE OR REPLACE FUNCTION support_ledger_entry_guard() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF pg_trigger_depth() >= 2 OR NEW.remaining IS NOT DISTINCT FROM OLD.remaining
        THEN
            IF to_jsonb(NEW) - '{remaining,create_uid,create_date,write_uid,write_date}'
               ::text[]
               = to_jsonb(OLD) - '{remaining,create_uid,create_date,write_uid,write_date}'
               ::text[]
            THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'ledger entries can never be changed or deleted'
        USING ERRCODE = '23514', TABLE = 'support_ledger_entry',
              CONSTRAINT = 'support_ledger_entry_guard';
END $$;

DROP TRIGGER IF EXISTS support_ledger_entry_guard ON support_ledger_entry;
CREATE TRIGGER support_ledger_entry_guard
    BEFORE UPDATE OR DELETE ON support_ledger_entry
    FOR EACH ROW EXECUTE FUNCTION support_ledger_entry_guard();

DROP TRIGGER IF EXISTS support_ledger_entry_no_truncate ON support_ledger_entry;
CREATE TRIGGER support_ledger_entry_no_truncate
    BEFORE TRUNCATE ON support_ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION support_ledger_entry_guard();
