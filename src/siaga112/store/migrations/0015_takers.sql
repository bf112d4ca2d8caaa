-- Call-takers' time is kept as the sums of calls are (0013): a period is the sum of its days, and no state of it is read
-- again. Of a year of some hundreds of seats there are tens of millions of states.
--
-- What is kept of a local day is the time of each call-taker in each state, of the whole day and of each shift that begins
-- on it, and how long at least one was ready. It is valid for the time zone and the shifts that cut it, and goes with any
-- state that touches the span from the day's begin to the end of the last of its shifts: a state that begins, ends or is
-- corrected today takes nothing away of a day that is over.
--
-- And a state that nobody ended, because the machine that wrote it was replaced, ends when the call-taker's next one began.
-- It lasted until now before, beside all the later ones.

-- A call-taker who is ready while the phone is not there is in a state of their own. It is shown since 0001, and its rows
-- were refused.
ALTER TABLE siaga112.agent_state DROP CONSTRAINT agent_state_state;
ALTER TABLE siaga112.agent_state ADD CONSTRAINT agent_state_state CHECK (state IN (
    'logged_out', 'paused', 'available', 'unreachable', 'reserved', 'ringing', 'on_call', 'wrap_up', 'not_responding'
)) NOT VALID;
ALTER TABLE siaga112.agent_state VALIDATE CONSTRAINT agent_state_state;

CREATE VIEW siaga112.agent_spell AS
SELECT s.agent_id, s.state, s.from_at,
       coalesce(s.to_at, (SELECT min(n.from_at) FROM siaga112.agent_state n
                          WHERE n.agent_id = s.agent_id AND n.from_at > s.from_at), now()) AS until
FROM siaga112.agent_state s;
COMMENT ON VIEW siaga112.agent_spell IS 'Every state with its end: one that lasts ends now, or when the next one began.';

-- From one agent to the next by the index: the states are not read.
CREATE VIEW siaga112.agent_known AS
WITH RECURSIVE agent (id) AS (
    SELECT min(agent_id) FROM siaga112.agent_state
    UNION ALL
    SELECT (SELECT min(s.agent_id) FROM siaga112.agent_state s WHERE s.agent_id > agent.id)
    FROM agent WHERE agent.id IS NOT NULL
)
SELECT agent.id AS agent_id, (SELECT min(s.from_at) FROM siaga112.agent_state s WHERE s.agent_id = agent.id) AS since
FROM agent WHERE agent.id IS NOT NULL;
COMMENT ON VIEW siaga112.agent_known IS 'Who has a state, and since when.';

CREATE TABLE siaga112.agent_day_kept (
    day     date PRIMARY KEY,
    begins  timestamptz NOT NULL,
    ends    timestamptz NOT NULL,
    ready_s double precision NOT NULL,
    day_s   double precision NOT NULL,
    cut     jsonb NOT NULL
);
COMMENT ON TABLE siaga112.agent_day_kept IS
    'The local days of which call-takers'' time is kept, until the end of their last shift, and what cut them.';

CREATE VIEW siaga112.agent_day_valid AS
SELECT k.day, k.ready_s, k.day_s
FROM siaga112.agent_day_kept k
CROSS JOIN siaga112.agent_zone z
WHERE k.cut = jsonb_build_array(z.time_zone, z.shifts);
COMMENT ON VIEW siaga112.agent_day_valid IS 'Those that are cut as they would be now.';

-- A shift that crosses midnight may have begun the day before anybody was known.
CREATE VIEW siaga112.agent_day_live AS
SELECT d.day::date AS day, d.day AS local_at, z.time_zone, z.shifts, d.day AT TIME ZONE z.time_zone AS begins,
       (SELECT max(x.ends) FROM (
            SELECT d.day + interval '1 day' AS ends
            UNION ALL
            SELECT d.day + s.ends + CASE WHEN s.ends <= s.begins THEN interval '1 day' ELSE interval '0' END
            FROM jsonb_to_recordset(z.shifts) AS s(begins time, ends time)
        ) x) AT TIME ZONE z.time_zone AS ends
FROM siaga112.agent_zone z
CROSS JOIN LATERAL (
    SELECT (min(a.since) AT TIME ZONE z.time_zone)::date AS first FROM siaga112.agent_known a
) k
CROSS JOIN LATERAL generate_series(k.first - interval '1 day', now() AT TIME ZONE z.time_zone, interval '1 day') AS d(day)
WHERE NOT EXISTS (SELECT FROM siaga112.agent_day_valid v WHERE v.day = d.day::date);
COMMENT ON VIEW siaga112.agent_day_live IS 'The local days of which call-takers'' time is worked out whenever somebody looks.';

-- A call-taker is in one state at a time: what lasts when a window begins is the last that began before it.
CREATE VIEW siaga112.agent_time_live AS
SELECT d.day, w.shift, a.agent_id,
    extract(epoch FROM sum(s.spent))::double precision AS logged_in_s,
    coalesce(extract(epoch FROM sum(s.spent) FILTER (WHERE s.state = 'available')), 0)::double precision AS available_s,
    coalesce(extract(epoch FROM sum(s.spent) FILTER (WHERE s.state = 'paused')), 0)::double precision AS paused_s,
    coalesce(extract(epoch FROM sum(s.spent) FILTER (WHERE s.state IN ('reserved', 'ringing'))), 0)::double precision
        AS ringing_s,
    coalesce(extract(epoch FROM sum(s.spent) FILTER (WHERE s.state = 'on_call')), 0)::double precision AS on_call_s,
    coalesce(extract(epoch FROM sum(s.spent) FILTER (WHERE s.state = 'wrap_up')), 0)::double precision AS wrap_up_s,
    coalesce(extract(epoch FROM sum(s.spent) FILTER (WHERE s.state IN ('not_responding', 'unreachable'))), 0)
        ::double precision AS not_responding_s
FROM siaga112.agent_day_live d
CROSS JOIN LATERAL (
    SELECT '' AS shift, d.local_at AT TIME ZONE d.time_zone AS begins,
           (d.local_at + interval '1 day') AT TIME ZONE d.time_zone AS ends
    UNION ALL
    SELECT r.name, (d.local_at + r.begins) AT TIME ZONE d.time_zone,
           (d.local_at + r.ends + CASE WHEN r.ends <= r.begins THEN interval '1 day' ELSE interval '0' END)
               AT TIME ZONE d.time_zone
    FROM jsonb_to_recordset(d.shifts) AS r(name text, begins time, ends time)
) w
CROSS JOIN siaga112.agent_known a
CROSS JOIN LATERAL (
    SELECT p.state, least(p.until, w.ends) - greatest(p.from_at, w.begins) AS spent
    FROM siaga112.agent_spell p
    WHERE p.agent_id = a.agent_id AND p.state <> 'logged_out' AND p.from_at < w.ends AND p.from_at >= coalesce((
        SELECT max(b.from_at) FROM siaga112.agent_state b WHERE b.agent_id = a.agent_id AND b.from_at <= w.begins), w.begins)
    OFFSET 0
) s
WHERE s.spent > interval '0'
GROUP BY d.day, w.shift, a.agent_id;

CREATE VIEW siaga112.agent_ready_live AS
SELECT d.day, r.ready_s,
       extract(epoch FROM least((d.local_at + interval '1 day') AT TIME ZONE d.time_zone, now()) - d.begins)::double precision
           AS day_s
FROM siaga112.agent_day_live d
CROSS JOIN LATERAL (
    SELECT coalesce(extract(epoch FROM sum(upper(span) - lower(span))), 0)::double precision AS ready_s
    FROM (
        SELECT unnest(range_agg(tstzrange(p.begins, p.ends))) AS span
        FROM siaga112.agent_known a
        CROSS JOIN LATERAL (
            SELECT greatest(p.from_at, d.begins) AS begins,
                   least(p.until, (d.local_at + interval '1 day') AT TIME ZONE d.time_zone) AS ends
            FROM siaga112.agent_spell p
            WHERE p.agent_id = a.agent_id AND p.state = 'available'
              AND p.from_at < (d.local_at + interval '1 day') AT TIME ZONE d.time_zone
              AND p.from_at >= coalesce((
                  SELECT max(b.from_at) FROM siaga112.agent_state b
                  WHERE b.agent_id = a.agent_id AND b.from_at <= d.begins), d.begins)
            OFFSET 0
        ) p
        WHERE p.ends > p.begins
    ) ready
) r;

CREATE TABLE siaga112.agent_time_kept AS SELECT * FROM siaga112.agent_time_live WITH NO DATA;
ALTER TABLE siaga112.agent_time_kept ADD PRIMARY KEY (day, shift, agent_id);

CREATE VIEW siaga112.agent_time AS
SELECT k.* FROM siaga112.agent_time_kept k JOIN siaga112.agent_day_valid v USING (day)
UNION ALL
SELECT * FROM siaga112.agent_time_live;
COMMENT ON VIEW siaga112.agent_time IS
    'Seconds of call-takers in each state, per shift and the day on which it begins; an empty name is the whole local day.';

CREATE OR REPLACE VIEW siaga112.availability_daily AS
SELECT d.day, d.ready_s, d.day_s, d.ready_s / nullif(d.day_s, 0) AS availability
FROM (
    SELECT v.day, v.ready_s, v.day_s FROM siaga112.agent_day_valid v
    UNION ALL
    SELECT r.day, r.ready_s, r.day_s FROM siaga112.agent_ready_live r
) d
WHERE d.day >= (SELECT (min(a.since) AT TIME ZONE z.time_zone)::date
                FROM siaga112.agent_known a CROSS JOIN siaga112.agent_zone z GROUP BY z.time_zone);

-- Time and offers are put one under the other and added up, not joined: a condition on days reaches both.
DO $both$
DECLARE
    period record;
BEGIN
    FOR period IN SELECT * FROM (VALUES
        ('agent_daily', '', $sql$t.shift = ''$sql$, $sql$o.offered_day AS day, ''::text AS shift$sql$),
        ('agent_shift', 'shift,', $sql$t.shift <> ''$sql$, $sql$o.shift_day AS day, o.shift$sql$)
    ) AS v(name, keys, spans, place)
    LOOP
        EXECUTE format($view$
CREATE OR REPLACE VIEW siaga112.%1$I AS
WITH facts AS (
    SELECT t.agent_id, t.day, t.shift, t.logged_in_s, t.available_s, t.paused_s, t.ringing_s, t.on_call_s, t.wrap_up_s,
           t.not_responding_s, 0 AS offers, 0 AS answered, 0 AS rona, 0::double precision AS ring_s, 0 AS rings,
           0::double precision AS talk_s, 0 AS talks
    FROM siaga112.agent_time t
    WHERE %3$s
    UNION ALL
    SELECT o.agent_id, %4$s, 0, 0, 0, 0, 0, 0, 0, o.offers, o.answered, o.rona, o.ring_s, o.rings, o.talk_s, o.talks
    FROM siaga112.agent_tally o
),
summed AS (
    SELECT agent_id, day, shift,
        sum(logged_in_s) AS logged_in_s,
        sum(available_s) AS available_s,
        sum(paused_s) AS paused_s,
        sum(ringing_s) AS ringing_s,
        sum(on_call_s) AS on_call_s,
        sum(wrap_up_s) AS wrap_up_s,
        sum(not_responding_s) AS not_responding_s,
        sum(offers)::bigint AS offers,
        sum(answered)::bigint AS answered,
        sum(rona)::bigint AS rona,
        sum(ring_s) / nullif(sum(rings), 0) AS ring_mean_s,
        sum(talk_s) / nullif(sum(talks), 0) AS talk_mean_s,
        sum(talk_s) AS talk_s
    FROM facts
    GROUP BY agent_id, day, shift
)
SELECT agent_id, day, %2$s logged_in_s, available_s, paused_s, ringing_s, on_call_s, wrap_up_s, not_responding_s,
    (ringing_s + on_call_s + wrap_up_s) / nullif(logged_in_s - paused_s, 0) AS occupancy,
    offers, answered, rona,
    rona::double precision / nullif(offers, 0) AS rona_rate,
    ring_mean_s, talk_mean_s, talk_s,
    logged_in_s - paused_s - not_responding_s AS present_s,
    (logged_in_s - paused_s - not_responding_s) / nullif(logged_in_s, 0) AS utilisation,
    (talk_s + wrap_up_s) / nullif(answered, 0) AS aht_s
FROM summed
        $view$, period.name, period.keys, period.spans, period.place);
    END LOOP;
END
$both$;
CREATE INDEX agent_tally_kept_offered ON siaga112.agent_tally_kept (offered_day);
CREATE INDEX agent_tally_kept_shift ON siaga112.agent_tally_kept (shift_day);

-- Keeping, and what takes away -----------------------------------------------------------------------------------------

CREATE FUNCTION siaga112.keep_time(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    days date[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(5867112) THEN
        RETURN 0;  -- somebody writes: another time
    END IF;
    days := ARRAY(
        SELECT d.day FROM siaga112.agent_day_live d WHERE d.ends < now() - interval '1 hour' ORDER BY d.day DESC LIMIT most
    );
    IF cardinality(days) = 0 THEN
        RETURN 0;
    END IF;
    DELETE FROM siaga112.agent_time_kept k WHERE k.day = ANY (days);
    INSERT INTO siaga112.agent_time_kept SELECT * FROM siaga112.agent_time_live l WHERE l.day = ANY (days);
    INSERT INTO siaga112.agent_day_kept
    SELECT d.day, d.begins, d.ends, r.ready_s, r.day_s, jsonb_build_array(d.time_zone, d.shifts)
    FROM siaga112.agent_day_live d JOIN siaga112.agent_ready_live r USING (day)
    WHERE d.day = ANY (days)
    ON CONFLICT (day) DO UPDATE SET begins = excluded.begins, ends = excluded.ends, ready_s = excluded.ready_s,
        day_s = excluded.day_s, cut = excluded.cut;
    RETURN cardinality(days);
END
$$;

ALTER FUNCTION siaga112.keep_figures RENAME TO keep_sums;
CREATE FUNCTION siaga112.keep_figures(most integer DEFAULT 2) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT greatest(siaga112.keep_sums(most), siaga112.keep_time(most))
$$;
COMMENT ON FUNCTION siaga112.keep_figures IS
    'Keeps the figures of days that are over, the latest first; tells of how many days. 0: nothing to do, or somebody writes.';
REVOKE ALL ON FUNCTION siaga112.keep_figures, siaga112.keep_sums, siaga112.keep_time FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_writer') THEN
        REVOKE ALL ON FUNCTION siaga112.keep_sums FROM siaga112_writer;
    END IF;
END
$$;

CREATE FUNCTION siaga112.agent_touch(touched tstzmultirange) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM siaga112.kpi_touch('{}', '{}');  -- nobody keeps figures until this is committed
    DELETE FROM siaga112.agent_day_kept k WHERE tstzrange(k.begins, k.ends) && touched;
END
$$;
REVOKE ALL ON FUNCTION siaga112.agent_touch FROM PUBLIC;

-- A state that comes or goes touches its own span, and what is left of the one before it: which of them is the last that
-- began before a window is another question now.
DO $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM (VALUES ('insert', 'NEW'), ('delete', 'OLD')) AS v(name, kind) LOOP
        EXECUTE format($function$
CREATE FUNCTION siaga112.agent_state_%1$s() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    PERFORM siaga112.agent_touch(range_agg(tstzrange(c.from_at, CASE
        WHEN c.to_at IS NULL OR p.from_at IS NOT NULL AND p.to_at IS NULL THEN NULL
        ELSE greatest(c.from_at, c.to_at, p.to_at) END, '[]')))
    FROM changed c LEFT JOIN LATERAL (
        SELECT b.from_at, b.to_at FROM siaga112.agent_state b
        WHERE b.agent_id = c.agent_id AND b.from_at < c.from_at
        ORDER BY b.from_at DESC LIMIT 1
    ) p ON true
    HAVING count(*) > 0;
    RETURN NULL;
END
$body$
        $function$, change.name);
        EXECUTE format('CREATE TRIGGER agent_state_%1$s AFTER %1$s ON siaga112.agent_state REFERENCING %2$s TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION siaga112.agent_state_%1$s()', change.name, change.kind);
    END LOOP;
END
$$;

-- One that ends, or ends at another time, touches what lies between its two ends.
CREATE FUNCTION siaga112.agent_state_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM siaga112.agent_touch(range_agg(tstzrange(c.first, CASE WHEN c.open THEN NULL ELSE c.last END, '[]')))
    FROM (
        SELECT CASE WHEN f.state = c.state THEN least(f.to_at, c.to_at, (
                        SELECT min(n.from_at) FROM siaga112.agent_state n
                        WHERE n.agent_id = c.agent_id AND n.from_at > c.from_at))
                    ELSE least(from_at, f.to_at, c.to_at) END AS first,
               greatest(from_at, f.to_at, c.to_at) AS last,
               f.to_at IS NULL OR c.to_at IS NULL AS open
        FROM former f FULL JOIN changed c USING (agent_id, from_at)
        WHERE (f.state, f.to_at) IS DISTINCT FROM (c.state, c.to_at)
    ) c
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER agent_state_update AFTER UPDATE ON siaga112.agent_state
    REFERENCING OLD TABLE AS former NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION siaga112.agent_state_update();

CREATE FUNCTION siaga112.agent_state_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM siaga112.agent_touch('{(,)}');
    RETURN NULL;
END
$$;
CREATE TRIGGER agent_state_truncate AFTER TRUNCATE ON siaga112.agent_state
    EXECUTE FUNCTION siaga112.agent_state_truncate();

-- Retention: a state that nobody ended is as old as the one that came next ---------------------------------------------

CREATE OR REPLACE FUNCTION siaga112.expire(what text, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    CASE what
        WHEN 'agents' THEN DELETE FROM siaga112.agent_state s
            WHERE s.to_at < before OR s.to_at IS NULL AND EXISTS (
                SELECT FROM siaga112.agent_state n
                WHERE n.agent_id = s.agent_id AND n.from_at > s.from_at AND n.from_at < before);
        WHEN 'access' THEN DELETE FROM siaga112.access_log a WHERE a.at < before;
        WHEN 'holds' THEN DELETE FROM siaga112.legal_hold h WHERE h.released_at < before;
        WHEN 'runs' THEN DELETE FROM siaga112.retention_run r WHERE r.ended_at < before;
    END CASE;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

-- Who may --------------------------------------------------------------------------------------------------------------

DO $$
DECLARE
    former text := pg_get_functiondef('siaga112.grant_roles()'::regprocedure);
    later text := replace(former, 'siaga112.agency_request',
        'siaga112.agency_request, siaga112.agent_zone, siaga112.agent_known, siaga112.agent_spell, '
        'siaga112.agent_time, siaga112.availability_daily');
BEGIN
    IF later = former THEN
        RAISE EXCEPTION 'grant_roles() is not as 0013 made it';
    END IF;
    EXECUTE later;
END
$$;
SELECT siaga112.grant_roles();
