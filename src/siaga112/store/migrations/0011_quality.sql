-- When a call was classified, and what became of silent callers: figures that the record lacked the times for.
--
-- Records of before have no such times: `siaga112 records rebuild` folds them from their journals.

ALTER TABLE siaga112.call_record
    ADD COLUMN talk_ended_at timestamptz,
    ADD COLUMN classified_at timestamptz;
COMMENT ON COLUMN siaga112.call_record.talk_ended_at IS 'When the last talk of the call ended.';
COMMENT ON COLUMN siaga112.call_record.classified_at IS 'When somebody said for the first time what the call was.';

CREATE VIEW siaga112.kpi_quality_daily AS
SELECT centre, day,
    count(*) FILTER (WHERE a) AS answered,
    count(*) FILTER (WHERE a AND in_time) AS classified_in_time,
    count(*) FILTER (WHERE a AND in_time)::double precision / nullif(count(*) FILTER (WHERE a), 0)
        AS classification_rate,
    -- the way of a silent caller: suspected, then a key or a sound, then known as one in need, or otherwise genuine
    count(*) FILTER (WHERE silent) AS silent_suspected,
    count(*) FILTER (WHERE silent AND sign) AS silent_signs,
    count(*) FILTER (WHERE silent AND disposition = 'silent_assist') AS silent_assisted,
    count(*) FILTER (WHERE silent AND genuine) AS silent_genuine
FROM (
    SELECT r.centre, (r.started_at AT TIME ZONE z.time_zone)::date AS day, r.disposition,
           r.outcome IS NOT DISTINCT FROM 'answered' AS a,
           r.disposition <> 'unclassified'
               AND coalesce(r.classified_at <= coalesce(r.talk_ended_at, r.ended_at) + interval '10 minutes', false)
               AS in_time,
           r.suspicion = 'silent_suspect' AS silent,
           r.dtmf <> '' OR coalesce(r.voice_seconds > 0, false) AS sign,
           r.disposition IN ('emergency', 'emergency_duplicate', 'non_emergency', 'silent_assist', 'out_of_area')
               AS genuine
    FROM siaga112.call_record r
    CROSS JOIN LATERAL (
        SELECT coalesce((SELECT c.time_zone FROM siaga112.centre c WHERE c.code = r.centre), 'UTC') AS time_zone
    ) z
    WHERE r.disposition <> 'test'
) calls
GROUP BY centre, day;
COMMENT ON VIEW siaga112.kpi_quality_daily IS
    'Per local day: answered calls that were classified within ten minutes of the talk, and the way of silent callers.';

CREATE VIEW siaga112.agent_attendance AS
SELECT a.agent_id, a.day, a.shift, a.present_s, w.shift_s, a.present_s / nullif(w.shift_s, 0) AS attendance
FROM siaga112.agent_shift a
CROSS JOIN siaga112.agent_zone zone
CROSS JOIN LATERAL jsonb_to_recordset(zone.shifts) AS s(name text, begins time, ends time)
CROSS JOIN LATERAL (
    SELECT greatest(0, extract(epoch FROM
        least(now(), (a.day + s.ends + CASE WHEN s.ends <= s.begins THEN interval '1 day' ELSE interval '0' END)
                     AT TIME ZONE zone.time_zone)
        - (a.day + s.begins) AT TIME ZONE zone.time_zone))::double precision AS shift_s
) w
WHERE s.name = a.shift;
COMMENT ON VIEW siaga112.agent_attendance IS
    'The share of a shift in which a call-taker was ready or at work; the shift belongs to the day on which it begins.';

CREATE OR REPLACE VIEW siaga112.call_masked AS
SELECT call_id, centre, siaga112.masked(caller_number) AS caller_number, caller_number_source, cli_restricted, dialled,
       language, started_at, answered_at, queued_at, first_offered_at, agent_answered_at, ended_at, ended_by, outcome,
       disposition, suspicion, band, agent_id, offers, wait_s, ring_s, talk_s, hangup_cause, voice_seconds,
       first_voice_at, dtmf, audio_class, recording IS NOT NULL AS recorded, served_by, attempt, updated_at,
       talk_ended_at, classified_at
FROM siaga112.call_record;

SELECT siaga112.grant_roles();
