-- Calls $1 to $2 of $3 that are spread evenly over the year before this month, in 38 centres of one province.
-- Drawn by random(), which setseed() makes the same each time.
WITH drawn AS MATERIALIZED (
    SELECT n, date_trunc('month', now()) - interval '1 year' + (n - 0.5) / $3 * interval '365 days' AS at,
           random() AS fate, random() AS kind, -ln(1 - random()) * 6 AS wait, 1 + random() * 6 AS ring,
           15 + random() * 160 AS talk
    FROM generate_series($1::bigint, $2::bigint) n
),
lived AS (
    SELECT *, fate < 0.62 AS answered, fate < 0.86 AS queued,
           (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '8' || substr(md5(n::text), 1, 3)
            || '8' || substr(md5(n::text), 5, 15))::uuid AS call_id,
           '35.' || lpad((n * 7919 % 38 + 1)::text, 2, '0') AS centre,
           -- four of a centre's twelve are at their desks: in the morning, in the evening or at night
           lpad((n * 7919 % 38 + 1)::text, 2, '0') || lpad((n / 38 % 4 + CASE
               WHEN (at AT TIME ZONE 'Asia/Jakarta')::time < '07:30' THEN 9
               WHEN (at AT TIME ZONE 'Asia/Jakarta')::time < '16:00' THEN 1
               WHEN (at AT TIME ZONE 'Asia/Jakarta')::time < '23:30' THEN 5 ELSE 9 END)::text, 2, '0') AS agent_id
    FROM drawn
),
offers AS (
    INSERT INTO siaga112.call_offer
    SELECT call_id, 1, agent_id, at + wait * interval '1 s', at + (wait + ring) * interval '1 s',
           CASE WHEN answered THEN 'answered' WHEN kind < 0.1 THEN 'rona' ELSE 'ring_cancelled' END
    FROM lived WHERE fate < 0.75
),
asked AS (
    INSERT INTO siaga112.call_event
    SELECT call_id, e.seq, at + (wait + ring + e.after) * interval '1 s', e.kind, e.data::jsonb
    FROM lived CROSS JOIN LATERAL (VALUES
        (1, 5, 'invited', '{"leg": 3, "agency": "bpbd", "purpose": "consult"}'),
        (2, 5 + ring, 'invite_ended', '{"leg": 3, "result": "answered"}')
    ) e(seq, after, kind, data)
    WHERE fate < 0.1
)
INSERT INTO siaga112.call_record (call_id, centre, channel_id, caller_number, caller_number_source, dialled, language,
    started_at, answered_at, queued_at, first_offered_at, agent_answered_at, ended_at, ended_by, outcome, disposition,
    agent_id, offers, wait_s, ring_s, talk_s, hangup_cause, updated_at, journal_seq)
SELECT call_id, centre, extract(epoch FROM at)::bigint || '.' || n, '0812' || lpad((n % 9999999)::text, 8, '0'), 'pai',
       '112', 'id', at, at + interval '20 ms', CASE WHEN queued THEN at + interval '50 ms' END,
       CASE WHEN fate < 0.75 THEN at + wait * interval '1 s' END,
       CASE WHEN answered THEN at + (wait + ring) * interval '1 s' END,
       at + (wait + ring + CASE WHEN answered THEN talk ELSE 0 END) * interval '1 s', 'caller',
       CASE WHEN answered THEN 'answered' WHEN fate < 0.75 THEN 'abandoned_ringing' WHEN fate < 0.8 THEN 'abandoned_queue'
            WHEN fate < 0.86 THEN 'short_abandon' WHEN fate < 0.97 THEN 'abandoned_ivr' ELSE 'info_selfservice' END,
       CASE WHEN NOT answered THEN 'unclassified' WHEN kind < 0.3 THEN 'prank' WHEN kind < 0.5 THEN 'ghost'
            WHEN kind < 0.7 THEN 'information' WHEN kind < 0.9 THEN 'emergency' ELSE 'test' END,
       CASE WHEN answered THEN agent_id END, (fate < 0.75)::int, CASE WHEN queued THEN wait + ring END,
       CASE WHEN answered THEN ring END, CASE WHEN answered THEN talk END, 16, at + interval '5 minutes', 12
FROM lived
