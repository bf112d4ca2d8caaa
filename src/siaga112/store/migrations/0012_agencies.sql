-- How fast agencies (OPD) answer when a call-taker asks them into a talk, as the journal tells it.
--
-- An agency may have several phones that ring at once: one request, however many rang. There is no ranking by counts:
-- who is asked often is not thereby better or worse.

CREATE VIEW siaga112.agency_request AS
SELECT i.call_id, i.data ->> 'agency' AS agency, min(i.data ->> 'purpose') AS purpose, i.at AS asked_at,
       count(*) AS phones, min(e.at) AS answered_at, extract(epoch FROM min(e.at) - i.at)::double precision AS answer_s
FROM siaga112.call_event i
LEFT JOIN siaga112.call_event e
    ON e.call_id = i.call_id AND e.kind = 'invite_ended' AND e.data -> 'leg' = i.data -> 'leg'
    AND e.data ->> 'result' = 'answered'
WHERE i.kind = 'invited' AND i.data ->> 'agency' IS NOT NULL
GROUP BY i.call_id, i.data ->> 'agency', i.at;
COMMENT ON VIEW siaga112.agency_request IS 'Each time an agency was asked into a talk, and when it came.';

CREATE VIEW siaga112.agency_daily AS
SELECT r.centre, (a.asked_at AT TIME ZONE z.time_zone)::date AS day, a.agency,
       count(*) AS asked,
       count(a.answer_s) AS answered,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY a.answer_s) AS answer_p50_s,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY a.answer_s) AS answer_p90_s
FROM siaga112.agency_request a
JOIN siaga112.call_record r USING (call_id)
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT c.time_zone FROM siaga112.centre c WHERE c.code = r.centre), 'UTC') AS time_zone
) z
WHERE r.disposition <> 'test'
GROUP BY 1, 2, 3;
COMMENT ON VIEW siaga112.agency_daily IS 'Per local day and agency: asked, answered, and how fast. Never a ranking.';

SELECT siaga112.grant_roles();
