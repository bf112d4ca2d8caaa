-- The figures, each defined once. Ratios are 0..1 and null where there is nothing to divide by.
--
-- Sets of a period (by started_at, in the centre's time zone): O = all calls but tests; Q = queued;
-- A = outcome 'answered'; B = abandoned_queue + abandoned_ringing. Short abandons are outside SL and inside
-- SL_strict and SL_raw, which are shown beside it because leaving abandons out flatters a centre.
-- Calls still in progress count in `calls` and `in_progress`, and in no ratio: they are not lost yet.

CREATE VIEW siaga112.kpi_call AS
SELECT r.centre,
       (r.started_at AT TIME ZONE z.time_zone)::date AS day,
       extract(hour FROM r.started_at AT TIME ZONE z.time_zone)::int AS hour,
       r.disposition,
       r.outcome,
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
COMMENT ON VIEW siaga112.kpi_call IS 'Every call with the sets it belongs to: what kpi_daily and kpi_hourly add up.';

-- Both views are one text, because two would come to differ.
DO $both$
DECLARE
    period record;
BEGIN
    FOR period IN SELECT * FROM (VALUES ('kpi_daily', 'centre, day'), ('kpi_hourly', 'centre, day, hour')) AS v(name, keys)
    LOOP
        EXECUTE format($view$
CREATE VIEW siaga112.%1$I AS
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY %2$s, a ORDER BY answer_s DESC NULLS LAST) AS slowness,
           count(answer_s) OVER (PARTITION BY %2$s, a) AS answer_n
    FROM siaga112.kpi_call
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
        count(*) FILTER (WHERE a AND answer_s <= 10) AS answered_10,
        count(*) FILTER (WHERE a AND answer_s <= 15) AS answered_15,
        count(*) FILTER (WHERE a AND answer_s <= 20) AS answered_20,
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
        $view$, period.name, period.keys);
    END LOOP;
END
$both$;
COMMENT ON VIEW siaga112.kpi_daily IS 'The figures of a centre per local day.';
COMMENT ON VIEW siaga112.kpi_hourly IS 'The figures of a centre per local hour; two hours of one name (a clock put back) add up.';

-- Agents carry no centre: a database holds the agents of one, and its zone cuts their days.
CREATE VIEW siaga112.agent_daily AS
WITH zone AS (
    SELECT coalesce((SELECT c.time_zone FROM siaga112.centre c ORDER BY c.code LIMIT 1), 'UTC') AS name
),
spell AS (
    SELECT s.agent_id, s.state, d.day::date AS day,
           extract(epoch FROM
               least(coalesce(s.to_at, now()), (d.day + interval '1 day') AT TIME ZONE zone.name)
               - greatest(s.from_at, d.day AT TIME ZONE zone.name))::double precision AS seconds
    FROM siaga112.agent_state s
    CROSS JOIN zone
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', s.from_at AT TIME ZONE zone.name),
        coalesce(s.to_at, now()) AT TIME ZONE zone.name,
        interval '1 day') AS d(day)
),
time_spent AS (
    SELECT agent_id, day,
        coalesce(sum(seconds) FILTER (WHERE state <> 'logged_out'), 0) AS logged_in_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'available'), 0) AS available_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'paused'), 0) AS paused_s,
        coalesce(sum(seconds) FILTER (WHERE state IN ('reserved', 'ringing')), 0) AS ringing_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'on_call'), 0) AS on_call_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'wrap_up'), 0) AS wrap_up_s,
        coalesce(sum(seconds) FILTER (WHERE state = 'not_responding'), 0) AS not_responding_s
    FROM spell
    WHERE seconds > 0
    GROUP BY agent_id, day
),
offered AS (
    SELECT o.agent_id, (o.offered_at AT TIME ZONE zone.name)::date AS day,
        count(*) AS offers,
        count(*) FILTER (WHERE o.result = 'answered') AS answered,
        count(*) FILTER (WHERE o.result = 'rona') AS rona,
        avg(extract(epoch FROM o.ended_at - o.offered_at)) FILTER (WHERE o.result = 'answered')::double precision
            AS ring_mean_s,
        avg(r.talk_s) FILTER (WHERE o.result = 'answered' AND r.agent_id = o.agent_id) AS talk_mean_s
    FROM siaga112.call_offer o
    CROSS JOIN zone
    LEFT JOIN siaga112.call_record r USING (call_id)
    GROUP BY 1, 2
)
SELECT agent_id, day,
    coalesce(t.logged_in_s, 0) AS logged_in_s,
    coalesce(t.available_s, 0) AS available_s,
    coalesce(t.paused_s, 0) AS paused_s,
    coalesce(t.ringing_s, 0) AS ringing_s,
    coalesce(t.on_call_s, 0) AS on_call_s,
    coalesce(t.wrap_up_s, 0) AS wrap_up_s,
    coalesce(t.not_responding_s, 0) AS not_responding_s,
    (t.ringing_s + t.on_call_s + t.wrap_up_s) / nullif(t.logged_in_s - t.paused_s, 0) AS occupancy,
    coalesce(f.offers, 0) AS offers,
    coalesce(f.answered, 0) AS answered,
    coalesce(f.rona, 0) AS rona,
    f.rona::double precision / nullif(f.offers, 0) AS rona_rate,
    f.ring_mean_s,
    f.talk_mean_s
FROM time_spent t
FULL JOIN offered f USING (agent_id, day);
COMMENT ON VIEW siaga112.agent_daily IS
    'The day of an agent: seconds in each state (cut at local midnight; a state that lasts counts until now) and offers.';
