-- Figures of days that are over are kept, so that a month of them is read and not worked out again from every call.
--
-- What is kept is what the same query gave that the view asks for all other days: nothing is approximated. A row that is
-- written, changed or removed takes what is kept of its day away in the same transaction, so whoever looks sees the
-- calls and their figures as of one moment. keep_figures() works a day out only while nobody writes (an advisory lock
-- that writers share): it cannot miss a row that is on its way.

CREATE TABLE siaga112.kpi_day (
    centre text NOT NULL,
    day    date NOT NULL,
    PRIMARY KEY (centre, day)
);
COMMENT ON TABLE siaga112.kpi_day IS 'The days, in UTC, on which a centre had calls: found without a look at the calls.';

CREATE TABLE siaga112.kpi_kept (
    centre    text NOT NULL,
    day       date NOT NULL,
    time_zone text NOT NULL,
    PRIMARY KEY (centre, day)
);
COMMENT ON TABLE siaga112.kpi_kept IS 'The local days whose figures are kept, and the time zone that cut them.';

INSERT INTO siaga112.kpi_day SELECT DISTINCT centre, (started_at AT TIME ZONE 'UTC')::date FROM siaga112.call_record;

CREATE VIEW siaga112.kpi_live AS
SELECT DISTINCT d.centre, x.day, z.time_zone,
       x.day::timestamp AT TIME ZONE z.time_zone AS begins,
       (x.day + 1)::timestamp AT TIME ZONE z.time_zone AS ends
FROM siaga112.kpi_day d
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT c.time_zone FROM siaga112.centre c WHERE c.code = d.centre), 'UTC') AS time_zone
) z
CROSS JOIN LATERAL (VALUES (d.day - 1), (d.day), (d.day + 1)) x(day)
WHERE NOT EXISTS (
    SELECT FROM siaga112.kpi_kept k WHERE k.centre = d.centre AND k.day = x.day AND k.time_zone = z.time_zone
);
COMMENT ON VIEW siaga112.kpi_live IS 'The local days whose figures are worked out whenever somebody looks.';

-- kpi_call of those days alone; each day is a range of the index, whatever the planner thinks of their number.
CREATE VIEW siaga112.kpi_call_live AS
SELECT r.centre,
       s.day,
       extract(hour FROM r.started_at AT TIME ZONE s.time_zone)::int AS hour,
       r.started_at AT TIME ZONE s.time_zone AS local_at,
       r.disposition,
       r.outcome,
       r.served_by,
       r.disposition <> 'test' AS counted,
       r.disposition <> 'test' AND r.outcome IS NOT NULL AS o,
       r.disposition <> 'test' AND r.outcome IS NOT NULL AND r.queued_at IS NOT NULL AS q,
       r.disposition <> 'test' AND r.outcome = 'answered' AS a,
       r.disposition <> 'test' AND r.outcome IN ('abandoned_queue', 'abandoned_ringing') AS b,
       extract(epoch FROM r.agent_answered_at - r.started_at)::double precision AS answer_s,
       r.wait_s,
       r.ring_s,
       r.talk_s,
       f.offers,
       f.rona
FROM siaga112.kpi_live s
CROSS JOIN LATERAL (
    SELECT * FROM siaga112.call_record c
    WHERE c.centre = s.centre AND c.started_at >= s.begins AND c.started_at < s.ends
    OFFSET 0
) r
LEFT JOIN LATERAL (
    SELECT count(*) AS offers, count(*) FILTER (WHERE o.result = 'rona') AS rona
    FROM siaga112.call_offer o
    WHERE o.call_id = r.call_id
) f ON true;

-- The figures' text is that of the views as they are: it stands once, and is asked of these calls.
DO $$
DECLARE
    period record;
BEGIN
    FOR period IN SELECT * FROM (VALUES
        ('kpi_daily', 'centre, day'), ('kpi_hourly', 'centre, day, hour')) AS v(name, keys)
    LOOP
        EXECUTE format('CREATE VIEW siaga112.%I AS %s', period.name || '_live',
            regexp_replace(pg_get_viewdef(format('siaga112.%I', period.name)::regclass), '\mkpi_call\M', 'kpi_call_live', 'g'));
        EXECUTE format('CREATE TABLE siaga112.%I AS SELECT * FROM siaga112.%I WITH NO DATA',
            period.name || '_kept', period.name || '_live');
        EXECUTE format('ALTER TABLE siaga112.%I ADD PRIMARY KEY (%s)', period.name || '_kept', period.keys);
        EXECUTE format($view$
CREATE OR REPLACE VIEW siaga112.%1$I AS
SELECT k.* FROM siaga112.%2$I k
JOIN siaga112.kpi_kept d USING (centre, day)
WHERE d.time_zone = coalesce((SELECT c.time_zone FROM siaga112.centre c WHERE c.code = d.centre), 'UTC')
UNION ALL
SELECT * FROM siaga112.%3$I
        $view$, period.name, period.name || '_kept', period.name || '_live');
    END LOOP;
END
$$;

CREATE FUNCTION siaga112.keep_figures(most integer DEFAULT 2) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one date;
    done integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(5867112) THEN
        RETURN 0;  -- somebody writes: another time
    END IF;
    FOR one IN
        SELECT s.day FROM siaga112.kpi_live s
        GROUP BY s.day HAVING max(s.ends) < now() - interval '1 hour' ORDER BY s.day DESC LIMIT most
    LOOP
        -- of the centres of which nothing valid is kept: those that are live
        DELETE FROM siaga112.kpi_daily_kept k USING siaga112.kpi_live s
        WHERE k.day = one AND s.day = one AND s.centre = k.centre;
        DELETE FROM siaga112.kpi_hourly_kept k USING siaga112.kpi_live s
        WHERE k.day = one AND s.day = one AND s.centre = k.centre;
        INSERT INTO siaga112.kpi_daily_kept SELECT * FROM siaga112.kpi_daily_live l WHERE l.day = one;
        INSERT INTO siaga112.kpi_hourly_kept SELECT * FROM siaga112.kpi_hourly_live l WHERE l.day = one;
        INSERT INTO siaga112.kpi_kept SELECT s.centre, s.day, s.time_zone FROM siaga112.kpi_live s WHERE s.day = one
        ON CONFLICT (centre, day) DO UPDATE SET time_zone = excluded.time_zone;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;
COMMENT ON FUNCTION siaga112.keep_figures IS
    'Keeps the figures of days that are over, the latest first; tells of how many days. 0: nothing to do, or somebody writes.';

-- What is kept of a day goes when a row of it comes, changes or goes. Days here are those of UTC; a local day lies in two
-- of them, whatever the zone.
CREATE FUNCTION siaga112.kpi_touch(centres text[], days date[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'calls are written in transactions of READ COMMITTED: a stricter one cannot see which figures '
            'were kept meanwhile' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(5867112);
    INSERT INTO siaga112.kpi_day SELECT * FROM unnest(centres, days) ON CONFLICT DO NOTHING;
    DELETE FROM siaga112.kpi_kept k USING unnest(centres, days) AS t(centre, day)
    WHERE k.centre = t.centre AND k.day BETWEEN t.day - 1 AND t.day + 1;
END
$$;

DO $$
DECLARE
    what record;
    change record;
BEGIN
    FOR what IN SELECT * FROM (VALUES
        ('call_record', ''),
        ('call_offer', 'JOIN siaga112.call_record r USING (call_id)')) AS v(name, joined)
    LOOP
        FOR change IN SELECT * FROM (VALUES
            ('insert', 'NEW TABLE AS changed', 'SELECT * FROM changed'),
            ('update', 'OLD TABLE AS former NEW TABLE AS changed', 'SELECT * FROM former UNION ALL SELECT * FROM changed'),
            ('delete', 'OLD TABLE AS changed', 'SELECT * FROM changed')) AS v(name, tables, rows)
        LOOP
            EXECUTE format($function$
CREATE FUNCTION siaga112.%1$I() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    PERFORM siaga112.kpi_touch(array_agg(centre), array_agg(day)) FROM (
        SELECT DISTINCT centre, (started_at AT TIME ZONE 'UTC')::date AS day FROM (%2$s) rows %3$s
    ) days HAVING count(*) > 0;
    RETURN NULL;
END
$body$
            $function$, 'kpi_' || what.name || '_' || change.name, change.rows, what.joined);
            EXECUTE format('CREATE TRIGGER kpi_%2$s AFTER %2$s ON siaga112.%1$I REFERENCING %3$s '
                'FOR EACH STATEMENT EXECUTE FUNCTION siaga112.%4$I()',
                what.name, change.name, change.tables, 'kpi_' || what.name || '_' || change.name);
        END LOOP;
    END LOOP;
END
$$;

CREATE FUNCTION siaga112.kpi_empty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5867112);
    DELETE FROM siaga112.kpi_kept;
    RETURN NULL;
END
$$;
CREATE TRIGGER kpi_empty AFTER TRUNCATE ON siaga112.call_record EXECUTE FUNCTION siaga112.kpi_empty();
CREATE TRIGGER kpi_empty AFTER TRUNCATE ON siaga112.call_offer EXECUTE FUNCTION siaga112.kpi_empty();

REVOKE ALL ON FUNCTION siaga112.keep_figures, siaga112.kpi_touch FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_writer') THEN
        GRANT EXECUTE ON FUNCTION siaga112.keep_figures TO siaga112_writer;
    END IF;
END
$$;
SELECT siaga112.grant_roles();
