-- Who got what is only added to. What may change are the system's own columns
-- (deleting a user empties create_uid and write_uid through their foreign keys).
CREATE OR REPLACE FUNCTION support_release_download_guard() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND to_jsonb(NEW) - '{create_uid,create_date,write_uid,write_date}'::text[]
         = to_jsonb(OLD) - '{create_uid,create_date,write_uid,write_date}'::text[]
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the log of downloads can never be changed or deleted'
        USING ERRCODE = '23514', TABLE = 'support_release_download',
              CONSTRAINT = 'support_release_download_guard';
END $$;

DROP TRIGGER IF EXISTS support_release_download_guard ON support_release_download;
CREATE TRIGGER support_release_download_guard
    BEFORE UPDATE OR DELETE ON support_release_download
    FOR EACH ROW EXECUTE FUNCTION support_release_download_guard();

DROP TRIGGER IF EXISTS support_release_download_no_truncate ON support_release_download;
CREATE TRIGGER support_release_download_no_truncate
    BEFORE TRUNCATE ON support_release_download
    FOR EACH STATEMENT EXECUTE FUNCTION support_release_download_guard();
