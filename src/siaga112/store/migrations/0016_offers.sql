-- An offer that comes or changes takes away what is kept of its call's day (0006). The calls of a batch are looked up one
-- by one: joined at once, all calls there are were read for each batch, for as long as nobody had analysed the table.

DO $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM (VALUES
        ('insert', 'SELECT call_id FROM changed'),
        ('update', 'SELECT call_id FROM former UNION ALL SELECT call_id FROM changed'),
        ('delete', 'SELECT call_id FROM changed')) AS v(name, rows)
    LOOP
        EXECUTE format($function$
CREATE OR REPLACE FUNCTION siaga112.%1$I() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    PERFORM siaga112.kpi_touch(array_agg(centre), array_agg(day)) FROM (
        SELECT DISTINCT r.centre, (r.started_at AT TIME ZONE 'UTC')::date AS day
        FROM (SELECT DISTINCT call_id FROM (%2$s) rows) o
        -- OFFSET keeps the planner from making a join of it
        CROSS JOIN LATERAL (
            SELECT c.centre, c.started_at FROM siaga112.call_record c WHERE c.call_id = o.call_id OFFSET 0) r
    ) days HAVING count(*) > 0;
    RETURN NULL;
END
$body$
        $function$, 'kpi_call_offer_' || change.name, change.rows);
    END LOOP;
END
$$;
