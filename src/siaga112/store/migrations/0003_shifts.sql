-- Figures by shift, and what the views lacked: how many times a percentile is of, calls of the fallback, attendance,
-- handling time, availability. The views are made anew because a view's columns cannot be moved.

ALTER TABLE siaga112.centre ADD COLUMN shifts jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN siaga112.centre.shifts IS
    '[{"name", "begins", "ends"}], by the wall clock; one that ends no later than it begins crosses midnight.';

ALTER TABLE siaga112.call_record
    ADD COLUMN journal_seq integer,
    ADD COLUMN journal_flaw text CONSTRAINT call_record_journal_flaw CHECK (journal_flaw IN (
        'gap', 'repeated', 'headless', 'unreadable'));
COMMENT ON COLUMN siaga112.call_record.journal_seq IS 'The last entry of call_event that the record is a fold of.';
COMMENT ON COLUMN siaga112.call_record.journal_flaw IS 'What is wrong with the journal, found when it was folded again.';

-- The entries of the dialplan's fallback (siaga112.routing.entries.FALLBACK): found without a look at the others.
CREATE INDEX call_event_fallback ON siaga112.call_event (call_id) WHERE seq >= 1000000;

CREATE FUNCTION siaga112.percent(part bigint, whole bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN coalesce(whole, 0) = 0 THEN '-' WHEN whole < 30 THEN 'n<30'
           ELSE to_char(100.0 * part / whole, 'FM990.0') || ' %' END
$$;
COMMENT ON FUNCTION siaga112.percent IS 'A ratio to be read: a percentage, or that there are too few cases for one.';

DROP VIEW siaga112.kpi_daily, siaga112.kpi_hourly, siaga112.kpi_call, siaga112.agent_daily;

-- A clock time belongs to a shift, and to the day on which that shift began.
CREATE FUNCTION siaga112.shift_of(local_at timestamp, shifts jsonb, OUT day date, OUT shift text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(f.day, local_at::date), coalesce(f.name, '')
    FROM (SELECT 1) one
    LEFT JOIN LATERAL (
        SELECT s.name, CASE WHEN local_at::time < s.begins THEN local_at::date - 1 ELSE local_at::date END AS day
        FROM ROWS FROM (jsonb_to_recordset(shifts) AS (name text, begins time, ends time)) WITH ORDINALITY AS s
        WHERE CASE WHEN s.begins < s.ends THEN local_at::time >= s.begins AND local_at::time < s.ends
                   ELSE local_at::time >= s.begins OR local_at::time < s.ends END
        ORDER BY s.ordinality
        LIMIT 1
    ) f ON true
$$;

CREATE VIEW siaga112.kpi_call AS
SELECT r.centre,
       (r.started_at AT TIME ZONE z.time_zone)::date AS day,
       extract(hour FROM r.started_at AT TIME ZONE z.time_zone)::int AS hour,
       r.started_at AT TIME ZONE z.time_zone AS local_at,
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
FROM siaga112.call_record r
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT c.time_zone FROM siaga112.centre c WHERE c.code = r.centre), 'UTC') AS time_zone
) z
LEFT JOIN LATERAL (
    SELECT count(*) AS offers, count(*) FILTER (WHERE o.result = 'rona') AS rona
    FROM siaga112.call_offer o
    WHERE o.call_id = r.call_id
) f ON true;
COMMENT ON VIEW siaga112.kpi_call IS 'Every call with the sets it belongs to: what the kpi views add up.';

CREATE VIEW siaga112.kpi_call_in_shift AS
SELECT k.centre, s.day, s.shift, k.disposition, k.outcome, k.served_by, k.counted, k.o, k.q, k.a, k.b, k.answer_s,
       k.wait_s, k.ring_s, k.talk_s, k.offers, k.rona
FROM siaga112.kpi_call k
LEFT JOIN siaga112.centre c ON c.code = k.centre
CROSS JOIN LATERAL siaga112.shift_of(k.local_at, coalesce(c.shifts, '[]')) s;

-- The views are one text, because three would come to differ.
DO $both$
DECLARE
    period record;
BEGIN
    FOR period IN SELECT * FROM (VALUES
        ('kpi_daily', 'centre, day', 'kpi_call'),
        ('kpi_hourly', 'centre, day, hour', 'kpi_call'),
        ('kpi_shift', 'centre, day, shift', 'kpi_call_in_shift')) AS v(name, keys, source)
    LOOP
        EXECUTE format($view$
CREATE VIEW siaga112.%1$I AS
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY %2$s, a ORDER BY answer_s DESC NULLS LAST) AS slowness,
           count(answer_s) OVER (PARTITION BY %2$s, a) AS answer_n
    FROM siaga112.%3$I
),
counts AS (
    SELECT %2$s,
        count(*) FILTER (WHERE counted) AS calls,
        count(*) FILTER (WHERE NOT counted) AS test_calls,
        count(*) FILTER (WHERE counted AND outcome IS NULL) AS in_progress,
        count(*) FILTER (WHERE o) AS ended,
        count(*) FILTER (WHERE q) AS queued,
        count(*) FILTER (WHERE a) AS answered,
        count(*) FILTER (WHERE b) AS abandoned,
        count(*) FILTER (WHERE o AND served_by = 'fallback') AS fallback,
        count(*) FILTER (WHERE a AND answer_s <= 10) AS answered_10,
        count(*) FILTER (WHERE a AND answer_s <= 15) AS answered_15,
        count(*) FILTER (WHERE a AND answer_s <= 20) AS answered_20,
        count(answer_s) FILTER (WHERE a) AS answer_n,
        avg(answer_s) FILTER (WHERE a) AS asa_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY answer_s) FILTER (WHERE a) AS answer_p50_s,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY answer_s) FILTER (WHERE a) AS answer_p90_s,
        percentile_cont(0.99) WITHIN GROUP (ORDER BY answer_s) FILTER (WHERE a) AS answer_p99_s,
        avg(answer_s) FILTER (WHERE a AND slowness <= ceil(answer_n / 10.0)) AS answer_slowest_decile_s,
        avg(wait_s) FILTER (WHERE a) AS wait_mean_s,
        max(wait_s) FILTER (WHERE o) AS wait_max_s,
        avg(ring_s) FILTER (WHERE a) AS ring_mean_s,
        avg(talk_s) FILTER (WHERE a) AS talk_mean_s,
        coalesce(sum(offers) FILTER (WHERE counted), 0)::bigint AS offers,
        coalesce(sum(rona) FILTER (WHERE counted), 0)::bigint AS rona,
        count(*) FILTER (WHERE o AND outcome IN ('abandoned_setup', 'abandoned_ivr', 'short_abandon',
            'abandoned_queue', 'abandoned_ringing', 'refused')) AS lost_before_human,
        count(*) FILTER (WHERE a AND disposition = 'ghost') AS answered_ghost,
        count(*) FILTER (WHERE a AND disposition = 'prank') AS answered_prank,
        count(*) FILTER (WHERE a AND disposition = 'false_report') AS answered_false,
        count(*) FILTER (WHERE a AND disposition IN ('emergency', 'emergency_duplicate', 'non_emergency',
            'silent_assist', 'out_of_area')) AS answered_genuine,
        count(*) FILTER (WHERE a AND disposition <> 'unclassified') AS answered_classified,

        count(*) FILTER (WHERE o AND outcome = 'refused') AS refused,
        count(*) FILTER (WHERE o AND outcome = 'abandoned_setup') AS abandoned_setup,
        count(*) FILTER (WHERE o AND outcome = 'abandoned_ivr') AS abandoned_ivr,
        count(*) FILTER (WHERE o AND outcome = 'short_abandon') AS short_abandon,
        count(*) FILTER (WHERE o AND outcome = 'abandoned_queue') AS abandoned_queue,
        count(*) FILTER (WHERE o AND outcome = 'abandoned_ringing') AS abandoned_ringing,
        count(*) FILTER (WHERE o AND outcome = 'info_selfservice') AS info_selfservice,
        count(*) FILTER (WHERE o AND outcome = 'overflowed') AS overflowed,
        count(*) FILTER (WHERE o AND outcome = 'transferred_region') AS transferred_region,
        count(*) FILTER (WHERE o AND outcome = 'failed_technical') AS failed_technical,

        count(*) FILTER (WHERE o AND disposition = 'emergency') AS emergency,
        count(*) FILTER (WHERE o AND disposition = 'emergency_duplicate') AS emergency_duplicate,
        count(*) FILTER (WHERE o AND disposition = 'non_emergency') AS non_emergency,
        count(*) FILTER (WHERE o AND disposition = 'silent_assist') AS silent_assist,
        count(*) FILTER (WHERE o AND disposition = 'information') AS information,
        count(*) FILTER (WHERE o AND disposition = 'out_of_scope') AS out_of_scope,
        count(*) FILTER (WHERE o AND disposition = 'out_of_area') AS out_of_area,
        count(*) FILTER (WHERE o AND disposition = 'prank') AS prank,
        count(*) FILTER (WHERE o AND disposition = 'false_report') AS false_report,
        count(*) FILTER (WHERE o AND disposition = 'ghost') AS ghost,
        count(*) FILTER (WHERE o AND disposition = 'accidental') AS accidental,
        count(*) FILTER (WHERE o AND disposition = 'wrong_number') AS wrong_number,
        count(*) FILTER (WHERE o AND disposition = 'dropped') AS dropped,
        count(*) FILTER (WHERE o AND disposition = 'unclassified') AS unclassified
    FROM ranked
    GROUP BY %2$s
)
SELECT *,
    answered_10::double precision / nullif(answered + abandoned, 0) AS sl_10,
    answered_15::double precision / nullif(answered + abandoned, 0) AS sl_15,
    answered_20::double precision / nullif(answered + abandoned, 0) AS sl_20,
    answered_10::double precision / nullif(queued, 0) AS sl_strict_10,
    answered_15::double precision / nullif(queued, 0) AS sl_strict_15,
    answered_20::double precision / nullif(queued, 0) AS sl_strict_20,
    answered_10::double precision / nullif(ended, 0) AS sl_raw_10,
    answered_15::double precision / nullif(ended, 0) AS sl_raw_15,
    answered_20::double precision / nullif(ended, 0) AS sl_raw_20,
    abandoned::double precision / nullif(answered + abandoned, 0) AS abandon_rate,
    (ended - answered)::double precision / nullif(ended, 0) AS abandon_rate_raw,
    lost_before_human::double precision / nullif(ended, 0) AS pre_human_loss,
    answered_ghost::double precision / nullif(answered, 0) AS ghost_rate,
    answered_prank::double precision / nullif(answered, 0) AS prank_rate,
    answered_false::double precision / nullif(answered, 0) AS false_rate,
    answered_genuine::double precision / nullif(answered, 0) AS genuine_rate,
    answered_classified::double precision / nullif(answered, 0) AS classified_rate,
    rona::double precision / nullif(offers, 0) AS rona_rate,
    -- the buckets in which centres report to the ministry
    emergency + emergency_duplicate + non_emergency + silent_assist + out_of_area AS bucket_normal,
    information + out_of_scope + wrong_number AS bucket_informasi,
    prank + false_report AS bucket_prank,
    ghost + accidental AS bucket_ghost,
    dropped AS bucket_terputus,
    unclassified AS bucket_tidak_tercatat
FROM counts
        $view$, period.name, period.keys, period.source);
    END LOOP;
END
$both$;
COMMENT ON VIEW siaga112.kpi_daily IS 'The figures of a centre per local day.';
COMMENT ON VIEW siaga112.kpi_hourly IS 'The figures of a centre per local hour; two hours of one name (a clock put back) add up.';
COMMENT ON VIEW siaga112.kpi_shift IS
    'The figures of a centre per shift and the day on which it began; an empty name is the time outside of all.';

-- Agents carry no centre: a database holds the agents of one, and its zone and shifts cut their days.
CREATE VIEW siaga112.agent_zone AS
SELECT coalesce((SELECT c.time_zone FROM siaga112.centre c ORDER BY c.code LIMIT 1), 'UTC') AS time_zone,
       coalesce((SELECT c.shifts FROM siaga112.centre c ORDER BY c.code LIMIT 1), '[]') AS shifts;

DO $both$
DECLARE
    period record;
BEGIN
    FOR period IN SELECT * FROM (VALUES
        ('agent_daily', '',
         $sql$SELECT ''::text AS shift, d.day AS begins, d.day + interval '1 day' AS ends$sql$,
         $sql$SELECT (o.offered_at AT TIME ZONE zone.time_zone)::date AS day, ''::text AS shift$sql$),
        ('agent_shift', 'shift,',
         $sql$SELECT s.name AS shift, d.day + s.begins AS begins,
             d.day + s.ends + CASE WHEN s.ends <= s.begins THEN interval '1 day' ELSE interval '0' END AS ends
             FROM jsonb_to_recordset(zone.shifts) AS s(name text, begins time, ends time)$sql$,
         $sql$SELECT * FROM siaga112.shift_of(o.offered_at AT TIME ZONE zone.time_zone, zone.shifts)$sql$)
    ) AS v(name, keys, span, place)
    LOOP
        EXECUTE format($view$
CREATE VIEW siaga112.%1$I AS
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
    SELECT o.agent_id, p.day, p.shift,
        count(*) AS offers,
        count(*) FILTER (WHERE o.result = 'answered') AS answered,
        count(*) FILTER (WHERE o.result = 'rona') AS rona,
        avg(extract(epoch FROM o.ended_at - o.offered_at)) FILTER (WHERE o.result = 'answered')::double precision
            AS ring_mean_s,
        avg(r.talk_s) FILTER (WHERE o.result = 'answered' AND r.agent_id = o.agent_id) AS talk_mean_s,
        sum(r.talk_s) FILTER (WHERE o.result = 'answered' AND r.agent_id = o.agent_id) AS talk_s
    FROM siaga112.call_offer o
    CROSS JOIN siaga112.agent_zone zone
    CROSS JOIN LATERAL (%4$s) p
    LEFT JOIN siaga112.call_record r USING (call_id)
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
COMMENT ON VIEW siaga112.agent_daily IS
    'The day of an agent: seconds in each state (cut at local midnight; a state that lasts counts until now) and offers.';
COMMENT ON VIEW siaga112.agent_shift IS 'The same per shift, which belongs to the day on which it begins.';

CREATE VIEW siaga112.availability_daily AS
WITH ready AS (
    SELECT range_agg(tstzrange(s.from_at, coalesce(s.to_at, now()))) AS spans
    FROM siaga112.agent_state s
    WHERE s.state = 'available' AND coalesce(s.to_at, now()) >= s.from_at
),
known AS (
    SELECT min(s.from_at) AS since FROM siaga112.agent_state s
),
days AS (
    SELECT d.day::date AS day,
           tstzrange(d.day AT TIME ZONE zone.time_zone,
                     least((d.day + interval '1 day') AT TIME ZONE zone.time_zone, now())) AS span
    FROM siaga112.agent_zone zone
    CROSS JOIN known
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', known.since AT TIME ZONE zone.time_zone), now() AT TIME ZONE zone.time_zone,
        interval '1 day') AS d(day)
)
SELECT d.day, r.ready_s, r.day_s, r.ready_s / nullif(r.day_s, 0) AS availability
FROM days d
CROSS JOIN ready
CROSS JOIN LATERAL (
    SELECT coalesce((
               SELECT sum(extract(epoch FROM upper(span) - lower(span)))
               FROM unnest(ready.spans * multirange(d.span)) AS span
           ), 0)::double precision AS ready_s,
           extract(epoch FROM upper(d.span) - lower(d.span))::double precision AS day_s
) r;
COMMENT ON VIEW siaga112.availability_daily IS 'The share of each day in which at least one call-taker was ready.';
