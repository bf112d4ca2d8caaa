-- Who may do what, as roles without a login, to be given to those that have one: GRANT siaga112_reader TO budi.
--   writer   the daemon: adds and completes rows; changes no journal, takes nothing away, sees every number it writes
--   reader   dashboards: the figures, and no caller's number
--   auditor  reads everything, changes nothing
-- The owner is whoever migrates. Roles belong to the whole server: where the owner may not make them, an administrator
-- makes them by these names and calls siaga112.grant_roles().

CREATE FUNCTION siaga112.grant_roles() RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    figures text;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_writer') THEN
        GRANT USAGE ON SCHEMA siaga112 TO siaga112_writer;
        GRANT SELECT ON siaga112.migration TO siaga112_writer;
        GRANT SELECT, INSERT ON siaga112.call_event TO siaga112_writer;
        GRANT SELECT, INSERT, UPDATE ON siaga112.centre, siaga112.call_record, siaga112.call_offer, siaga112.agent_state
            TO siaga112_writer;
        GRANT EXECUTE ON FUNCTION siaga112.make_partitions TO siaga112_writer;
        RETURN NEXT 'siaga112_writer';
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_reader') THEN
        GRANT USAGE ON SCHEMA siaga112 TO siaga112_reader;
        GRANT SELECT ON siaga112.centre TO siaga112_reader;
        FOR figures IN SELECT format('%I.%I', schemaname, viewname) FROM pg_views WHERE schemaname = 'siaga112' LOOP
            EXECUTE format('GRANT SELECT ON %s TO siaga112_reader', figures);
        END LOOP;
        RETURN NEXT 'siaga112_reader';
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_auditor') THEN
        GRANT USAGE ON SCHEMA siaga112 TO siaga112_auditor;
        GRANT SELECT ON ALL TABLES IN SCHEMA siaga112 TO siaga112_auditor;
        RETURN NEXT 'siaga112_auditor';
    END IF;
END
$$;
COMMENT ON FUNCTION siaga112.grant_roles IS 'Gives the roles that exist their rights, and tells which.';

REVOKE ALL ON FUNCTION siaga112.make_partitions, siaga112.make_partition, siaga112.grant_roles FROM PUBLIC;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['siaga112_writer', 'siaga112_reader', 'siaga112_auditor'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION
            WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
        END;
    END LOOP;
END
$$;

SELECT siaga112.grant_roles();
