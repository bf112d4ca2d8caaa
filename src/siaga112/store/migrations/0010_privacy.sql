-- What is personal in the records: who may see it, for how long it is kept, how it is taken out (UU 27/2022).
--
-- Personal are a caller's number (call_record.caller_number, `number` in the journal) and the recording of a voice
-- (call_record.recording, `recording` in the journal; the file itself is the daemon's to remove). Both are taken out of
-- the row and of the journal together, so that the journal still folds to the same row.

CREATE TABLE siaga112.access_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    login   text NOT NULL DEFAULT session_user,
    person  text NOT NULL,
    call_id uuid NOT NULL,
    what    text NOT NULL CONSTRAINT access_log_what CHECK (what IN ('number', 'recording')),
    reason  text NOT NULL CONSTRAINT access_log_reason CHECK (btrim(reason) <> ''),
    xact    xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE siaga112.access_log IS
    'Who wanted to see which caller''s number, or where a recording lies, and why; rows are never changed.';
COMMENT ON COLUMN siaga112.access_log.person IS 'As whoever was logged in said; `login` is what PostgreSQL knows.';
CREATE INDEX access_log_call ON siaga112.access_log (call_id);

CREATE TABLE siaga112.legal_hold (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_id        uuid NOT NULL,
    placed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    placed_by      text NOT NULL,
    reason         text NOT NULL CONSTRAINT legal_hold_reason CHECK (btrim(reason) <> ''),
    released_at    timestamptz,
    released_by    text,
    release_reason text
);
COMMENT ON TABLE siaga112.legal_hold IS 'Calls of which nothing is removed until the hold is released.';
CREATE UNIQUE INDEX legal_hold_in_force ON siaga112.legal_hold (call_id) WHERE released_at IS NULL;

CREATE VIEW siaga112.on_hold AS SELECT call_id FROM siaga112.legal_hold WHERE released_at IS NULL;
COMMENT ON VIEW siaga112.on_hold IS 'The calls under a hold now.';

CREATE TABLE siaga112.retention_run (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    days     jsonb NOT NULL,
    removed  jsonb NOT NULL,
    trouble  text
);
COMMENT ON TABLE siaga112.retention_run IS 'What each run of the retention removed, by class, and by which rules.';

-- Seeing ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION siaga112.masked(number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(number) < 8 THEN '****' ELSE left(number, 4) || '****' || right(number, 2) END
$$;
COMMENT ON FUNCTION siaga112.masked IS 'A number that tells two callers apart on a list, and nobody who they are.';

CREATE FUNCTION siaga112.without(data jsonb, parts text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(key, CASE WHEN key = ANY(parts) THEN 'null' ELSE value END), '{}')
    FROM jsonb_each(data)
$$;
COMMENT ON FUNCTION siaga112.without IS 'An entry of the journal with some of its members null; its shape stays.';

CREATE VIEW siaga112.call_masked AS
SELECT call_id, centre, siaga112.masked(caller_number) AS caller_number, caller_number_source, cli_restricted, dialled,
       language, started_at, answered_at, queued_at, first_offered_at, agent_answered_at, ended_at, ended_by, outcome,
       disposition, suspicion, band, agent_id, offers, wait_s, ring_s, talk_s, hangup_cause, voice_seconds,
       first_voice_at, dtmf, audio_class, recording IS NOT NULL AS recorded, served_by, attempt, updated_at
FROM siaga112.call_record;
COMMENT ON VIEW siaga112.call_masked IS 'The records without what is personal.';

CREATE VIEW siaga112.call_event_masked AS
SELECT call_id, seq, at, kind, siaga112.without(data, '{number,recording,channel_id}') AS data
FROM siaga112.call_event;
COMMENT ON VIEW siaga112.call_event_masked IS 'The journal without what is personal.';

-- In two steps, each a transaction of its own: who could ask, see and roll back would leave no trace.
CREATE FUNCTION siaga112.ask(call uuid, what text, reason text, person text DEFAULT session_user) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO siaga112.access_log (call_id, what, reason, person)
    VALUES ($1, $2, $3, coalesce(nullif(btrim($4), ''), session_user)) RETURNING id
$$;
COMMENT ON FUNCTION siaga112.ask IS
    'Writes down who wants to see the number or the recording of a call, and why; gives what reveal() asks for.';

CREATE FUNCTION siaga112.reveal(asked bigint) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one siaga112.access_log;
    found_text text;
BEGIN
    SELECT * INTO one FROM siaga112.access_log a
    WHERE a.id = asked AND a.login = session_user AND a.at > clock_timestamp() - interval '15 minutes';
    IF one IS NULL THEN
        RAISE EXCEPTION 'you have not asked for this in the last 15 minutes' USING HINT = 'SELECT siaga112.ask(...)',
            ERRCODE = 'insufficient_privilege';
    END IF;
    IF one.xact IS NOT DISTINCT FROM pg_current_xact_id_if_assigned() THEN
        RAISE EXCEPTION 'what was asked must be committed before it is answered' USING HINT = 'COMMIT first',
            ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT CASE one.what WHEN 'number' THEN r.caller_number ELSE r.recording END INTO found_text
    FROM siaga112.call_record r WHERE r.call_id = one.call_id;
    RETURN found_text;
END
$$;
COMMENT ON FUNCTION siaga112.reveal IS 'What was asked for with ask(), once that is written down for good.';

-- Holding -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION siaga112.hold(call uuid, person text, reason text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH placed AS (
        INSERT INTO siaga112.legal_hold (call_id, placed_by, reason) VALUES ($1, $2, $3)
        ON CONFLICT (call_id) WHERE released_at IS NULL DO NOTHING RETURNING 1
    ) SELECT EXISTS (SELECT FROM placed)
$$;
COMMENT ON FUNCTION siaga112.hold IS 'Nothing of this call is removed from now on; false if that was so before.';

CREATE FUNCTION siaga112.release(call uuid, person text, reason text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH released AS (
        UPDATE siaga112.legal_hold SET released_at = clock_timestamp(), released_by = $2, release_reason = $3
        WHERE call_id = $1 AND released_at IS NULL RETURNING 1
    ) SELECT EXISTS (SELECT FROM released)
$$;
COMMENT ON FUNCTION siaga112.release IS 'Ends a hold; false if there was none.';

-- Removing ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION siaga112.removable(calls uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(one), '{}') FROM unnest(calls) AS one
    WHERE NOT EXISTS (SELECT FROM siaga112.on_hold h WHERE h.call_id = one)
      AND NOT EXISTS (SELECT FROM siaga112.call_record r WHERE r.call_id = one AND r.ended_at IS NULL)
$$;
COMMENT ON FUNCTION siaga112.removable IS 'Those that have ended and are under no hold.';

CREATE FUNCTION siaga112.forget(calls uuid[], parts text[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    free uuid[] := siaga112.removable(calls);
    changed integer;
BEGIN
    UPDATE siaga112.call_event e SET data = siaga112.without(e.data, parts)
    WHERE e.call_id = ANY(free)
      AND EXISTS (SELECT FROM unnest(parts) AS part WHERE e.data ->> part IS NOT NULL);
    UPDATE siaga112.call_record r
    SET caller_number = CASE WHEN 'number' = ANY(parts) THEN NULL ELSE r.caller_number END,
        recording = CASE WHEN 'recording' = ANY(parts) THEN NULL ELSE r.recording END
    WHERE r.call_id = ANY(free)
      AND ('number' = ANY(parts) AND r.caller_number IS NOT NULL
           OR 'recording' = ANY(parts) AND r.recording IS NOT NULL);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION siaga112.forget IS
    'Takes numbers or recordings out of records and journals, but not of calls in progress or under a hold.';

CREATE FUNCTION siaga112.erase(calls uuid[], supervisor text, reason text) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    one uuid;
    place integer;
BEGIN
    IF btrim(coalesce(supervisor, '')) = '' OR btrim(coalesce(reason, '')) = '' THEN
        RAISE EXCEPTION 'an erasure needs who ordered it, and why' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM siaga112.forget(calls, '{number,recording}');
    FOREACH one IN ARRAY siaga112.removable(calls) LOOP
        -- after the entries of the daemon and of the fallback (siaga112.routing.entries.DESK)
        SELECT greatest(2000000, max(e.seq) + 1) INTO place FROM siaga112.call_event e WHERE e.call_id = one;
        INSERT INTO siaga112.call_event (call_id, seq, at, kind, data)
        VALUES (one, coalesce(place, 2000000), moment, 'erased',
                jsonb_build_object('supervisor', supervisor, 'reason', reason));
        UPDATE siaga112.call_record r SET journal_seq = coalesce(place, 2000000), updated_at = greatest(updated_at, moment)
        WHERE r.call_id = one;
        RETURN NEXT one;
    END LOOP;
END
$$;
COMMENT ON FUNCTION siaga112.erase IS
    'Forgets the callers of these calls and writes into their journals who ordered it; gives the calls it was done for.';

CREATE FUNCTION siaga112.drop_calls(calls uuid[], whole boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    free uuid[] := siaga112.removable(calls);
    gone bigint;
BEGIN
    DELETE FROM siaga112.call_event e WHERE e.call_id = ANY(free);
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF whole THEN
        DELETE FROM siaga112.call_offer o WHERE o.call_id = ANY(free);
        DELETE FROM siaga112.call_record r WHERE r.call_id = ANY(free);
        GET DIAGNOSTICS gone = ROW_COUNT;
    END IF;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION siaga112.drop_calls IS
    'Removes the journals of calls or, whole, the calls; gives how many entries or records. Not in progress, not held.';

CREATE FUNCTION siaga112.drop_months(parent text, before timestamptz, OUT name text, OUT gone bigint)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    month timestamp;
    first uuid;
    next uuid;
    used boolean;
BEGIN
    IF parent NOT IN ('call_record', 'call_event') THEN
        RAISE EXCEPTION '% has no months', parent USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = format('siaga112.%I', parent)::regclass AND c.relname ~ '_\d{4}_\d\d$' ORDER BY 1
    LOOP
        month := to_date(right(name, 7), 'YYYY_MM');
        first := siaga112.first_id(month AT TIME ZONE 'UTC');
        next := siaga112.first_id((month + interval '1 month') AT TIME ZONE 'UTC');
        CONTINUE WHEN (month + interval '1 month') AT TIME ZONE 'UTC' > before;
        SELECT EXISTS (SELECT FROM siaga112.on_hold h WHERE h.call_id >= first AND h.call_id < next)
            OR EXISTS (SELECT FROM siaga112.call_record r
                       WHERE r.call_id >= first AND r.call_id < next AND (r.ended_at IS NULL OR r.started_at >= before))
            -- a journal without its record would be folded to one again
            OR parent = 'call_record' AND EXISTS (SELECT FROM siaga112.call_event e
                                                  WHERE e.call_id >= first AND e.call_id < next)
            INTO used;
        CONTINUE WHEN used;
        EXECUTE format('SELECT count(*) FROM siaga112.%I', name) INTO gone;
        EXECUTE format('DROP TABLE siaga112.%I', name);
        IF parent = 'call_record' THEN
            DELETE FROM siaga112.call_offer o WHERE o.call_id >= first AND o.call_id < next;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION siaga112.drop_months IS
    'Drops the months that were over before a time; not one with a call in progress or under a hold. Gives their rows.';

CREATE FUNCTION siaga112.expire(what text, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    CASE what
        WHEN 'agents' THEN DELETE FROM siaga112.agent_state s WHERE s.to_at < before;
        WHEN 'access' THEN DELETE FROM siaga112.access_log a WHERE a.at < before;
        WHEN 'holds' THEN DELETE FROM siaga112.legal_hold h WHERE h.released_at < before;
        WHEN 'runs' THEN DELETE FROM siaga112.retention_run r WHERE r.ended_at < before;
    END CASE;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION siaga112.expire IS 'Removes the rows of a small table that are older than a time; gives how many.';

-- Who may -----------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION siaga112.grant_roles() RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one text;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_writer') THEN
        GRANT USAGE ON SCHEMA siaga112 TO siaga112_writer;
        GRANT SELECT ON siaga112.migration, siaga112.on_hold, siaga112.call_masked, siaga112.call_event_masked
            TO siaga112_writer;
        GRANT SELECT, INSERT ON siaga112.call_event, siaga112.retention_run TO siaga112_writer;
        GRANT SELECT, INSERT, UPDATE ON siaga112.centre, siaga112.call_record, siaga112.call_offer, siaga112.agent_state
            TO siaga112_writer;
        GRANT EXECUTE ON FUNCTION siaga112.make_partitions, siaga112.keep_figures, siaga112.ask, siaga112.reveal, siaga112.hold,
            siaga112.release, siaga112.forget, siaga112.erase, siaga112.drop_calls, siaga112.drop_months, siaga112.expire
            TO siaga112_writer;
        RETURN NEXT 'siaga112_writer';
    END IF;
    FOREACH one IN ARRAY ARRAY['siaga112_reader', 'siaga112_auditor'] LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = one);
        IF one = 'siaga112_auditor' THEN
            -- an earlier version gave call_record and call_event, whole
            REVOKE ALL ON ALL TABLES IN SCHEMA siaga112 FROM siaga112_auditor;
            GRANT SELECT ON siaga112.call_offer, siaga112.agent_state, siaga112.access_log, siaga112.legal_hold,
                siaga112.retention_run TO siaga112_auditor;
            GRANT EXECUTE ON FUNCTION siaga112.hold, siaga112.release TO siaga112_auditor;
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA siaga112 TO %I', one);
        EXECUTE format('GRANT SELECT ON siaga112.migration, siaga112.centre TO %I', one);
        EXECUTE format('GRANT EXECUTE ON FUNCTION siaga112.ask, siaga112.reveal TO %I', one);
        PERFORM siaga112.grant_views(one);
        RETURN NEXT one;
    END LOOP;
END
$$;

CREATE FUNCTION siaga112.grant_views(role text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    figures text;
BEGIN
    FOR figures IN SELECT format('%I.%I', schemaname, viewname) FROM pg_views WHERE schemaname = 'siaga112' LOOP
        EXECUTE format('GRANT SELECT ON %s TO %I', figures, role);
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION siaga112.ask, siaga112.reveal, siaga112.hold, siaga112.release,
    siaga112.removable, siaga112.forget, siaga112.erase, siaga112.drop_calls, siaga112.drop_months, siaga112.expire,
    siaga112.grant_views FROM PUBLIC;

SELECT siaga112.grant_roles();
