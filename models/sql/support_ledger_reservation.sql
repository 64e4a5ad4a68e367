-- A reservation that is held counts on its ledger; nothing else of it may change
-- once made but whether it is still held, and for what.
CREATE OR REPLACE FUNCTION support_ledger_reservation_move() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    moved numeric := 0;
    ledger integer;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'reservations are released, not emptied'
            USING ERRCODE = '23514', TABLE = 'support_ledger_reservation',
                  CONSTRAINT = 'support_ledger_reservation_guard';
    END IF;
    IF TG_OP <> 'INSERT' THEN
        ledger := OLD.ledger_id;
        IF OLD.state = 'held' THEN
            moved := moved - OLD.quantity;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF TG_OP = 'UPDATE' AND (
            (NEW.ledger_id, NEW.quantity) IS DISTINCT FROM (OLD.ledger_id, OLD.quantity)
            OR (OLD.state <> 'held' AND NEW.state = 'held')
        ) THEN
            RAISE EXCEPTION 'a reservation cannot change; release it and make another'
                USING ERRCODE = '23514', TABLE = 'support_ledger_reservation',
                      CONSTRAINT = 'support_ledger_reservation_guard';
        END IF;
        ledger := NEW.ledger_id;
        IF NEW.state = 'held' THEN
            moved := moved + NEW.quantity;
        END IF;
    END IF;
    IF moved <> 0 THEN
        UPDATE support_ledger SET reserved = reserved + moved WHERE id = ledger;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS support_ledger_reservation_move ON support_ledger_reservation;
CREATE TRIGGER support_ledger_reservation_move
    AFTER INSERT OR UPDATE OR DELETE ON support_ledger_reservation
    FOR EACH ROW EXECUTE FUNCTION support_ledger_reservation_move();

DROP TRIGGER IF EXISTS support_ledger_reservation_no_truncate
    ON support_ledger_reservation;
CREATE TRIGGER support_ledger_reservation_no_truncate
    BEFORE TRUNCATE ON support_ledger_reservation
    FOR EACH STATEMENT EXECUTE FUNCTION support_ledger_reservation_move();
