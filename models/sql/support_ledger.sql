-- A ledger starts empty; from then on only the triggers of its entries and of its
-- reservations move what it holds (pg_trigger_depth() is 1 for a statement of a
-- client and 2 or more for one that comes out of a trigger).
CREATE OR REPLACE FUNCTION support_ledger_guard() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.balance := 0;
        NEW.reserved := 0;
        RETURN NEW;
    END IF;
    IF (NEW.balance, NEW.reserved) IS DISTINCT FROM (OLD.balance, OLD.reserved)
       AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the balance of ledger % is moved by its entries only', OLD.id
            USING ERRCODE = '23514', TABLE = 'support_ledger',
                  CONSTRAINT = 'support_ledger_guard';
    END IF;
    IF (NEW.contract_id, NEW.unit, NEW.currency_id, NEW.scope)
       IS DISTINCT FROM (OLD.contract_id, OLD.unit, OLD.currency_id, OLD.scope)
       AND OLD.scope IS NOT NULL THEN
        RAISE EXCEPTION 'ledger % keeps its contract, unit and work modes', OLD.id
            USING ERRCODE = '23514', TABLE = 'support_ledger',
                  CONSTRAINT = 'support_ledger_guard';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS support_ledger_guard ON support_ledger;
CREATE TRIGGER support_ledger_guard
    BEFORE INSERT OR UPDATE ON support_ledger
    FOR EACH ROW EXECUTE FUNCTION support_ledger_guard();
