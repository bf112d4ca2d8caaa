-- call_record and call_event by month. Ids of calls begin with the time, so that a month is a range of call_id and
-- the primary keys stay whole. What was written before becomes the partition of everything up to the next month,
-- without a row being moved. Ids that tell no time, and months that nobody made in time, go into a partition of
-- their own: nothing is ever refused for want of one.

CREATE FUNCTION siaga112.first_id(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
COMMENT ON FUNCTION siaga112.first_id IS 'No call that began at this time or later has a smaller id.';

CREATE FUNCTION siaga112.make_partition(parent text, month date) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    name text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
BEGIN
    IF to_regclass(format('siaga112.%I', name)) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('CREATE TABLE siaga112.%I PARTITION OF siaga112.%I FOR VALUES FROM (%L) TO (%L) %s',
        name, parent, siaga112.first_id(month::timestamp AT TIME ZONE 'UTC'),
        siaga112.first_id((month + interval '1 month') AT TIME ZONE 'UTC'),
        CASE parent WHEN 'call_record' THEN 'WITH (fillfactor = 80)' ELSE '' END);
    RETURN name;
EXCEPTION
    WHEN invalid_object_definition OR check_violation OR duplicate_table THEN
        -- another partition has this month, or its first rows lie among those of no month; or another daemon was faster
        RETURN NULL;
END
$$;

CREATE FUNCTION siaga112.make_partitions(ahead integer DEFAULT 3) RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
    SELECT made FROM (
        SELECT siaga112.make_partition(parent,
            (date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date) AS made
        FROM unnest(ARRAY['call_record', 'call_event']) AS parent, generate_series(0, ahead) AS n
    ) months WHERE made IS NOT NULL
$$;
COMMENT ON FUNCTION siaga112.make_partitions IS 'Makes the partitions of this month and of the next ones; tells which.';

DO $$
DECLARE
    until_now uuid := siaga112.first_id(
        (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC');
    parent text;
    one record;
    sql text[];
    command text;
BEGIN
    -- Views know a table by its number, not by its name: their text is kept, and given to them again below.
    SELECT array_agg(format('CREATE OR REPLACE VIEW %s AS %s', v.oid::regclass, pg_get_viewdef(v.oid)))
    INTO sql
    FROM pg_class v
    WHERE v.relkind = 'v' AND EXISTS (
        SELECT 1 FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE w.ev_class = v.oid
          AND d.refobjid IN ('siaga112.call_record'::regclass, 'siaga112.call_event'::regclass));
    FOREACH parent IN ARRAY ARRAY['call_record', 'call_event'] LOOP
        EXECUTE format('ALTER TABLE siaga112.%I RENAME TO %I', parent, parent || '_before');
        FOR one IN
            SELECT i.indexrelid::regclass::text AS name, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid = format('siaga112.%I', parent || '_before')::regclass
        LOOP
            EXECUTE format('ALTER INDEX %s RENAME TO %I', one.name, one.relname || '_before');
        END LOOP;
        EXECUTE format('CREATE TABLE siaga112.%I (LIKE siaga112.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS '
            'INCLUDING COMMENTS) PARTITION BY RANGE (call_id)', parent, parent || '_before');
    END LOOP;
    ALTER TABLE siaga112.call_record ADD PRIMARY KEY (call_id);
    ALTER TABLE siaga112.call_event ADD PRIMARY KEY (call_id, seq);
    CREATE INDEX call_record_started ON siaga112.call_record (centre, started_at);
    CREATE INDEX call_event_fallback ON siaga112.call_event (call_id) WHERE seq >= 1000000;
    CREATE INDEX call_event_at ON siaga112.call_event USING brin (at);
    FOREACH parent IN ARRAY ARRAY['call_record', 'call_event'] LOOP
        EXECUTE format('ALTER TABLE siaga112.%I ATTACH PARTITION siaga112.%I FOR VALUES FROM (MINVALUE) TO (%L)',
            parent, parent || '_before', until_now);
        EXECUTE format('CREATE TABLE siaga112.%I PARTITION OF siaga112.%I DEFAULT', parent || '_other', parent);
    END LOOP;
    FOREACH command IN ARRAY sql LOOP
        EXECUTE command;
    END LOOP;
END
$$;
COMMENT ON TABLE siaga112.call_record IS
    'One row per INVITE that reached us, by month. ended_at and outcome are null while the call is in progress.';
COMMENT ON TABLE siaga112.call_event IS 'The journal that call_record is a fold of, by month; rows are never changed.';

SELECT siaga112.make_partitions();
