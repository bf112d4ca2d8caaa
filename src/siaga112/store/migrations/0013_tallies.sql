-- What adds up is kept: a period of any length is the sum of its hours, and no call of it is read again.
--
-- The figures of days are kept since 0006, but days do not add up: no percentile of a month follows from those of its
-- days. A tally does: counts, sums, and every answer time as it is. Nothing is approximated; a percentile of the joined
-- times is that of the calls. Beside it, for each day: what call-takers were offered, and the calls that waited longest.
--
-- Tallies are cut at local hours and at the changes of shifts; what is kept of a day is valid for the time zones and
-- shifts that cut it (`cut`), and goes with any row of the day, as in 0006. When retention removes calls, what was kept
-- of them goes too: a figure is always one of the records that there are.

ALTER TABLE siaga112.kpi_kept ADD COLUMN cut jsonb;
COMMENT ON COLUMN siaga112.kpi_kept.cut IS 'The time zones and shifts, of the centre and of the call-takers, that cut the day.';

CREATE VIEW siaga112.kpi_valid AS
SELECT k.centre, k.day
FROM siaga112.kpi_kept k
LEFT JOIN siaga112.centre c ON c.code = k.centre
CROSS JOIN siaga112.agent_zone a
WHERE k.cut = jsonb_build_array(coalesce(c.time_zone, 'UTC'), coalesce(c.shifts, '[]'), a.time_zone, a.shifts);
COMMENT ON VIEW siaga112.kpi_valid IS 'The local days whose figures are kept, and cut as they would be now.';

CREATE OR REPLACE VIEW siaga112.kpi_live AS
SELECT DISTINCT d.centre, x.day, z.time_zone,
       x.day::timestamp AT TIME ZONE z.time_zone AS begins,
       (x.day + 1)::timestamp AT TIME ZONE z.time_zone AS ends,
       z.shifts, a.time_zone AS agent_time_zone, a.shifts AS agent_shifts
FROM siaga112.kpi_day d
LEFT JOIN siaga112.centre c ON c.code = d.centre
CROSS JOIN siaga112.agent_zone a
CROSS JOIN LATERAL (
    SELECT coalesce(c.time_zone, 'UTC') AS time_zone, coalesce(c.shifts, '[]') AS shifts
) z
CROSS JOIN LATERAL (VALUES (d.day - 1), (d.day), (d.day + 1)) x(day)
WHERE NOT EXISTS (SELECT FROM siaga112.kpi_valid v WHERE v.centre = d.centre AND v.day = x.day);

-- The calls of those days with all that they are asked for; each day is a range of the index.
CREATE VIEW siaga112.kpi_record_live AS
SELECT s.day, s.time_zone, s.shifts, s.agent_time_zone, s.agent_shifts, r.*
FROM siaga112.kpi_live s
CROSS JOIN LATERAL (
    SELECT c.*, c.disposition <> 'test' AS counted,
           c.disposition <> 'test' AND c.outcome IS NOT NULL AS o,
           c.disposition <> 'test' AND c.outcome IS NOT DISTINCT FROM 'answered' AS a,
           c.started_at AT TIME ZONE s.time_zone AS local_at,
           extract(epoch FROM c.agent_answered_at - c.started_at)::double precision AS answer_s,
           extract(epoch FROM coalesce(c.agent_answered_at, c.ended_at) - c.queued_at)::double precision AS waited_s,
           c.disposition IN ('emergency', 'emergency_duplicate', 'non_emergency', 'silent_assist', 'out_of_area')
               AS genuine
    FROM siaga112.call_record c
    WHERE c.centre = s.centre AND c.started_at >= s.begins AND c.started_at < s.ends
    OFFSET 0
) r;

DO $both$
DECLARE
    outcomes text[] := '{answered,refused,abandoned_setup,abandoned_ivr,short_abandon,abandoned_queue,abandoned_ringing,'
        'info_selfservice,overflowed,transferred_region,failed_technical}';
    classes text[] := '{emergency,emergency_duplicate,non_emergency,silent_assist,information,out_of_scope,out_of_area,'
        'prank,false_report,ghost,accidental,wrong_number,dropped,unclassified}';
BEGIN
    EXECUTE format($view$
CREATE VIEW siaga112.kpi_tally_live AS
SELECT r.centre, r.day, extract(hour FROM r.local_at)::int AS hour, s.day AS shift_day, s.shift,
    count(*) FILTER (WHERE counted)::int AS calls,
    count(*) FILTER (WHERE NOT counted)::int AS test_calls,
    count(*) FILTER (WHERE o AND queued_at IS NOT NULL)::int AS queued,
    count(*) FILTER (WHERE o AND served_by = 'fallback')::int AS fallback,
    coalesce(sum(f.offers) FILTER (WHERE counted), 0)::int AS offers,
    coalesce(sum(f.rona) FILTER (WHERE counted), 0)::int AS rona,
    count(*) FILTER (WHERE a AND disposition = 'ghost')::int AS answered_ghost,
    count(*) FILTER (WHERE a AND disposition = 'prank')::int AS answered_prank,
    count(*) FILTER (WHERE a AND disposition = 'false_report')::int AS answered_false,
    count(*) FILTER (WHERE a AND genuine)::int AS answered_genuine,
    count(*) FILTER (WHERE a AND disposition <> 'unclassified')::int AS answered_classified,
    count(*) FILTER (WHERE a AND disposition <> 'unclassified'
        AND classified_at <= coalesce(talk_ended_at, ended_at) + interval '10 minutes')::int AS classified_in_time,
    count(*) FILTER (WHERE counted AND suspicion = 'silent_suspect')::int AS silent_suspected,
    count(*) FILTER (WHERE counted AND suspicion = 'silent_suspect' AND (dtmf <> '' OR voice_seconds > 0))::int
        AS silent_signs,
    count(*) FILTER (WHERE counted AND suspicion = 'silent_suspect' AND disposition = 'silent_assist')::int
        AS silent_assisted,
    count(*) FILTER (WHERE counted AND suspicion = 'silent_suspect' AND genuine)::int AS silent_genuine,
    count(*) FILTER (WHERE journal_flaw IS NOT NULL)::int AS flawed,
    %s,
    %s,
    coalesce(sum(wait_s) FILTER (WHERE a), 0) AS wait_s, count(wait_s) FILTER (WHERE a)::int AS waits,
    coalesce(sum(ring_s) FILTER (WHERE a), 0) AS ring_s, count(ring_s) FILTER (WHERE a)::int AS rings,
    coalesce(sum(talk_s) FILTER (WHERE a), 0) AS talk_s, count(talk_s) FILTER (WHERE a)::int AS talks,
    max(wait_s) FILTER (WHERE o) AS wait_max_s,
    coalesce(array_agg(answer_s) FILTER (WHERE a AND answer_s IS NOT NULL), '{}') AS answers
FROM siaga112.kpi_record_live r
CROSS JOIN LATERAL siaga112.shift_of(r.local_at, r.shifts) s
LEFT JOIN LATERAL (
    SELECT count(*) AS offers, count(*) FILTER (WHERE o.result = 'rona') AS rona
    FROM siaga112.call_offer o
    WHERE o.call_id = r.call_id
) f ON true
GROUP BY 1, 2, 3, 4, 5
    $view$,
        (SELECT string_agg(format('count(*) FILTER (WHERE o AND outcome = %1$L)::int AS %1$I', n), ', ')
         FROM unnest(outcomes) AS n),
        (SELECT string_agg(format('count(*) FILTER (WHERE o AND disposition = %1$L)::int AS %1$I', n), ', ')
         FROM unnest(classes) AS n));
END
$both$;

CREATE VIEW siaga112.agent_tally_live AS
SELECT r.centre, r.day, f.agent_id, (f.offered_at AT TIME ZONE r.agent_time_zone)::date AS offered_day,
    s.day AS shift_day, s.shift,
    count(*)::int AS offers,
    count(*) FILTER (WHERE f.result = 'answered')::int AS answered,
    count(*) FILTER (WHERE f.result = 'rona')::int AS rona,
    coalesce(sum(extract(epoch FROM f.ended_at - f.offered_at)) FILTER (WHERE f.result = 'answered'), 0)::double precision
        AS ring_s,
    count(f.ended_at) FILTER (WHERE f.result = 'answered')::int AS rings,
    coalesce(sum(r.talk_s) FILTER (WHERE f.result = 'answered' AND r.agent_id = f.agent_id), 0) AS talk_s,
    count(r.talk_s) FILTER (WHERE f.result = 'answered' AND r.agent_id = f.agent_id)::int AS talks
FROM siaga112.kpi_record_live r
JOIN siaga112.call_offer f USING (call_id)
CROSS JOIN LATERAL siaga112.shift_of(f.offered_at AT TIME ZONE r.agent_time_zone, r.agent_shifts) s
GROUP BY 1, 2, 3, 4, 5, 6;

CREATE VIEW siaga112.kpi_longest_live AS
SELECT centre, day, call_id, started_at, waited_s
FROM (
    SELECT *, row_number() OVER (PARTITION BY centre, day ORDER BY waited_s DESC, started_at, call_id) AS place
    FROM siaga112.kpi_record_live
    WHERE o AND waited_s IS NOT NULL
) waited
WHERE place <= 10;

-- For each of the five: what is kept of days that are over, and what is worked out of the others.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT * FROM (VALUES
        ('kpi_daily', NULL), ('kpi_hourly', NULL),
        ('kpi_tally', 'centre, day, hour, shift_day, shift'),
        ('agent_tally', 'centre, day, agent_id, offered_day, shift_day, shift'),
        ('kpi_longest', 'centre, day, call_id')) AS v(name, keys)
    LOOP
        IF one.keys IS NOT NULL THEN
            EXECUTE format('CREATE TABLE siaga112.%I AS SELECT * FROM siaga112.%I WITH NO DATA',
                one.name || '_kept', one.name || '_live');
            EXECUTE format('ALTER TABLE siaga112.%I ADD PRIMARY KEY (%s)', one.name || '_kept', one.keys);
        END IF;
        EXECUTE format($view$
CREATE OR REPLACE VIEW siaga112.%1$I AS
SELECT k.* FROM siaga112.%2$I k JOIN siaga112.kpi_valid v USING (centre, day)
UNION ALL
SELECT * FROM siaga112.%3$I
        $view$, one.name, one.name || '_kept', one.name || '_live');
    END LOOP;
END
$$;
COMMENT ON VIEW siaga112.kpi_tally IS
    'What adds up, per local hour, cut where shifts change; `answers` are the seconds until a call-taker answered.';
COMMENT ON VIEW siaga112.agent_tally IS
    'What call-takers were offered: `day` is that of the call, `offered_day` and `shift_day` those of the offer.';
COMMENT ON VIEW siaga112.kpi_longest IS 'The ten calls of each local day that waited longest.';

-- Without JIT: to compile a hundred sums takes longer than to add up a day.
CREATE OR REPLACE FUNCTION siaga112.keep_figures(most integer DEFAULT 2) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    days date[];
    name text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(5867112) THEN
        RETURN 0;  -- somebody writes: another time
    END IF;
    days := ARRAY(
        SELECT s.day FROM siaga112.kpi_live s
        GROUP BY s.day HAVING max(s.ends) < now() - interval '1 hour' ORDER BY s.day DESC LIMIT most
    );
    IF cardinality(days) = 0 THEN
        RETURN 0;
    END IF;
    FOREACH name IN ARRAY '{kpi_daily,kpi_hourly,kpi_tally,agent_tally,kpi_longest}'::text[] LOOP
        -- of the centres of which nothing valid is kept: those that are live
        EXECUTE format('DELETE FROM siaga112.%I k USING siaga112.kpi_live s
            WHERE k.day = ANY ($1) AND s.day = k.day AND s.centre = k.centre', name || '_kept') USING days;
        EXECUTE format('INSERT INTO siaga112.%I SELECT * FROM siaga112.%I l WHERE l.day = ANY ($1)',
            name || '_kept', name || '_live') USING days;
    END LOOP;
    INSERT INTO siaga112.kpi_kept
    SELECT s.centre, s.day, s.time_zone, jsonb_build_array(s.time_zone, s.shifts, s.agent_time_zone, s.agent_shifts)
    FROM siaga112.kpi_live s WHERE s.day = ANY (days)
    ON CONFLICT (centre, day) DO UPDATE SET time_zone = excluded.time_zone, cut = excluded.cut;
    RETURN cardinality(days);
END
$$;

-- Who asks for shifts, quality or call-takers gets them from the tallies ----------------------------------------------

CREATE AGGREGATE siaga112.joined(double precision[]) (
    SFUNC = array_cat, STYPE = double precision[], INITCOND = '{}', PARALLEL = SAFE
);
COMMENT ON AGGREGATE siaga112.joined(double precision[]) IS 'All elements of all arrays.';

DO $$
DECLARE
    -- what follows from the counts stands once, in the view as it was
    rates text := regexp_replace(pg_get_viewdef('siaga112.kpi_shift'::regclass), '^.*\n SELECT', 'SELECT');
BEGIN
    DROP VIEW siaga112.kpi_shift, siaga112.kpi_call_in_shift, siaga112.kpi_quality_daily;
    EXECUTE format($view$
CREATE VIEW siaga112.kpi_shift AS
WITH summed AS (
    SELECT centre, shift_day AS day, shift, sum(wait_s) AS wait_s, sum(ring_s) AS ring_s, sum(talk_s) AS talk_s,
           max(wait_max_s) AS wait_max_s, siaga112.joined(answers) AS answers, %1$s
    FROM siaga112.kpi_tally
    GROUP BY centre, shift_day, shift
),
counts AS (
    SELECT s.centre, s.day, s.shift, s.calls, s.test_calls, s.calls - e.ended AS in_progress, e.ended, s.queued, s.answered,
           s.abandoned_queue + s.abandoned_ringing AS abandoned, s.fallback, t.*,
           s.wait_s / nullif(s.waits, 0) AS wait_mean_s, s.wait_max_s, s.ring_s / nullif(s.rings, 0) AS ring_mean_s,
           s.talk_s / nullif(s.talks, 0) AS talk_mean_s, s.offers, s.rona,
           s.abandoned_setup + s.abandoned_ivr + s.short_abandon + s.abandoned_queue + s.abandoned_ringing + s.refused
               AS lost_before_human,
           s.answered_ghost, s.answered_prank, s.answered_false, s.answered_genuine, s.answered_classified,
           s.refused, s.abandoned_setup, s.abandoned_ivr, s.short_abandon, s.abandoned_queue, s.abandoned_ringing,
           s.info_selfservice, s.overflowed, s.transferred_region, s.failed_technical,
           s.emergency, s.emergency_duplicate, s.non_emergency, s.silent_assist, s.information, s.out_of_scope,
           s.out_of_area, s.prank, s.false_report, s.ghost, s.accidental, s.wrong_number, s.dropped, s.unclassified
    FROM summed s
    CROSS JOIN LATERAL (
        SELECT s.answered + s.refused + s.abandoned_setup + s.abandoned_ivr + s.short_abandon + s.abandoned_queue
               + s.abandoned_ringing + s.info_selfservice + s.overflowed + s.transferred_region + s.failed_technical
               AS ended
    ) e
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE x <= 10) AS answered_10,
               count(*) FILTER (WHERE x <= 15) AS answered_15,
               count(*) FILTER (WHERE x <= 20) AS answered_20,
               count(*) AS answer_n,
               avg(x) AS asa_s,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS answer_p50_s,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY x) AS answer_p90_s,
               percentile_cont(0.99) WITHIN GROUP (ORDER BY x) AS answer_p99_s,
               (SELECT avg(y) FROM (SELECT y FROM unnest(s.answers) y ORDER BY y DESC
                                    LIMIT ceil(cardinality(s.answers) / 10.0)) slowest) AS answer_slowest_decile_s
        FROM unnest(s.answers) x
    ) t
)
%2$s
    $view$,
        (SELECT string_agg(format('sum(%1$I)::bigint AS %1$I', attname), ', ') FROM pg_attribute
         WHERE attrelid = 'siaga112.kpi_tally_kept'::regclass AND atttypid = 'int4'::regtype
           AND attnum > 0 AND attname <> 'hour'),
        rates);
END
$$;
COMMENT ON VIEW siaga112.kpi_shift IS
    'The figures of a centre per shift and the day on which it began; an empty name is the time outside of all.';

CREATE VIEW siaga112.kpi_quality_daily AS
SELECT centre, day, sum(answered)::bigint AS answered, sum(classified_in_time)::bigint AS classified_in_time,
    sum(classified_in_time)::double precision / nullif(sum(answered), 0) AS classification_rate,
    -- the way of a silent caller: suspected, then a key or a sound, then known as one in need, or otherwise genuine
    sum(silent_suspected)::bigint AS silent_suspected, sum(silent_signs)::bigint AS silent_signs,
    sum(silent_assisted)::bigint AS silent_assisted, sum(silent_genuine)::bigint AS silent_genuine
FROM siaga112.kpi_tally
GROUP BY centre, day
HAVING sum(calls) > 0;
COMMENT ON VIEW siaga112.kpi_quality_daily IS
    'Per local day: answered calls that were classified within ten minutes of the talk, and the way of silent callers.';

DO $both$
DECLARE
    period record;
BEGIN
    FOR period IN SELECT * FROM (VALUES
        ('agent_daily', '',
         $sql$SELECT ''::text AS shift, d.day AS begins, d.day + interval '1 day' AS ends$sql$,
         $sql$o.offered_day AS day, ''::text AS shift$sql$),
        ('agent_shift', 'shift,',
         $sql$SELECT s.name AS shift, d.day + s.begins AS begins,
             d.day + s.ends + CASE WHEN s.ends <= s.begins THEN interval '1 day' ELSE interval '0' END AS ends
             FROM jsonb_to_recordset(zone.shifts) AS s(name text, begins time, ends time)$sql$,
         $sql$o.shift_day AS day, o.shift$sql$)
    ) AS v(name, keys, span, place)
    LOOP
        EXECUTE format($view$
CREATE OR REPLACE VIEW siaga112.%1$I AS
WITH spell AS (
    SELECT s.agent_id, s.state, d.day::date AS day, w.shift,
           extract(epoch FROM
               least(coalesce(s.to_at, now()), w.ends AT TIME ZONE zone.time_zone)
               - greatest(s.from_at, w.begins AT TIME ZONE zone.time_zone))::double precision AS seconds
    FROM siaga112.agent_state s
    CROSS JOIN siaga112.agent_zone zone
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', s.from_at AT TIME ZONE zone.time_zone) - interval '1 day',
        coalesce(s.to_at, now()) AT TIME ZONE zone.time_zone,
        interval '1 day') AS d(day)
    CROSS JOIN LATERAL (%3$s) w
    WHERE s.state <> 'logged_out'
),
time_spent AS (
    SELECT agent_id, day, shift,
        sum(seconds) AS logged_in_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'available'), 0) AS available_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'paused'), 0) AS paused_s,
        coalesce(sum(seconds) FILTER (WHERE state IN ('reserved', 'ringing')), 0) AS ringing_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'on_call'), 0) AS on_call_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'wrap_up'), 0) AS wrap_up_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'not_responding'), 0) AS not_responding_s
    FROM spell
    WHERE seconds > 0
    GROUP BY agent_id, day, shift
),
offered AS (
    SELECT o.agent_id, %4$s,
        sum(o.offers)::bigint AS offers,
        sum(o.answered)::bigint AS answered,
        sum(o.rona)::bigint AS rona,
        sum(o.ring_s) / nullif(sum(o.rings), 0) AS ring_mean_s,
        sum(o.talk_s) / nullif(sum(o.talks), 0) AS talk_mean_s,
        sum(o.talk_s) AS talk_s
    FROM siaga112.agent_tally o
    GROUP BY 1, 2, 3
),
both_sides AS (
    SELECT agent_id, day, shift,
        coalesce(t.logged_in_s, 0) AS logged_in_s,
        coalesce(t.available_s, 0) AS available_s,
        coalesce(t.paused_s, 0) AS paused_s,
        coalesce(t.ringing_s, 0) AS ringing_s,
        coalesce(t.on_call_s, 0) AS on_call_s,
        coalesce(t.wrap_up_s, 0) AS wrap_up_s,
        coalesce(t.not_responding_s, 0) AS not_responding_s,
        coalesce(f.offers, 0) AS offers,
        coalesce(f.answered, 0) AS answered,
        coalesce(f.rona, 0) AS rona,
        f.ring_mean_s,
        f.talk_mean_s,
        coalesce(f.talk_s, 0) AS talk_s
    FROM time_spent t
    FULL JOIN offered f USING (agent_id, day, shift)
)
SELECT agent_id, day, %2$s logged_in_s, available_s, paused_s, ringing_s, on_call_s, wrap_up_s, not_responding_s,
    (ringing_s + on_call_s + wrap_up_s) / nullif(logged_in_s - paused_s, 0) AS occupancy,
    offers, answered, rona,
    rona::double precision / nullif(offers, 0) AS rona_rate,
    ring_mean_s, talk_mean_s, talk_s,
    logged_in_s - paused_s - not_responding_s AS present_s,
    (logged_in_s - paused_s - not_responding_s) / nullif(logged_in_s, 0) AS utilisation,
    (talk_s + wrap_up_s) / nullif(answered, 0) AS aht_s
FROM both_sides
        $view$, period.name, period.keys, period.span, period.place);
    END LOOP;
END
$both$;

-- Agencies are asked into few of the talks: their entries are found without a look at the others.
CREATE INDEX call_event_invited ON siaga112.call_event (call_id) WHERE kind = 'invited';

-- Retention: no figure outlives its calls ------------------------------------------------------------------------------

CREATE FUNCTION siaga112.forget_figures(first date, next date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5867112);
    -- days here are those of UTC; what is left of the local days at both ends is worked out again
    FOREACH name IN ARRAY '{kpi,kpi_daily,kpi_hourly,kpi_tally,agent_tally,kpi_longest}'::text[] LOOP
        EXECUTE format('DELETE FROM siaga112.%I k WHERE k.day BETWEEN $1 - 1 AND $2', name || '_kept') USING first, next;
    END LOOP;
    DELETE FROM siaga112.kpi_day d
    WHERE d.day >= first AND d.day < next AND NOT EXISTS (
        SELECT FROM siaga112.call_record r WHERE r.centre = d.centre
        AND r.started_at >= d.day::timestamp AT TIME ZONE 'UTC' AND r.started_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC');
END
$$;
COMMENT ON FUNCTION siaga112.forget_figures IS 'Takes away what was kept of days whose calls went without a trigger.';
REVOKE ALL ON FUNCTION siaga112.forget_figures FROM PUBLIC;

ALTER FUNCTION siaga112.drop_months RENAME TO drop_partitions;
CREATE FUNCTION siaga112.drop_months(parent text, before timestamptz, OUT name text, OUT gone bigint)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    month date;
BEGIN
    FOR name, gone IN SELECT d.name, d.gone FROM siaga112.drop_partitions(parent, before) d LOOP
        IF parent = 'call_record' THEN
            month := to_date(right(name, 7), 'YYYY_MM');
            PERFORM siaga112.forget_figures(month, (month + interval '1 month')::date);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION siaga112.drop_months IS
    'Drops the months that were over before a time, with their figures. Gives their rows.';
REVOKE ALL ON FUNCTION siaga112.drop_months FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_writer') THEN
        REVOKE ALL ON FUNCTION siaga112.drop_partitions FROM siaga112_writer;
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION siaga112.grant_roles() RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one text;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_writer') THEN
        GRANT USAGE ON SCHEMA siaga112 TO siaga112_writer;
        GRANT SELECT ON siaga112.migration, siaga112.on_hold, siaga112.call_masked, siaga112.call_event_masked,
            siaga112.kpi_tally, siaga112.agent_tally, siaga112.kpi_longest, siaga112.agency_request
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

SELECT siaga112.grant_roles();
