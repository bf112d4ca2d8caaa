-- The tables of calls, offers and agents.
--
-- Words (outcome, disposition, ...) are text with a named CHECK: a later migration adds one by replacing the
-- constraint (ADD ... NOT VALID, then VALIDATE), which neither rewrites the table nor locks it for long.
--
-- There are no foreign keys: rows arrive in whatever batches the spool makes of them, and a row that is
-- refused must not take others with it.
--
-- Months: the keys are chosen so that partitions can come later without rewriting a row. Ids of calls begin
-- with the time (siaga112.routing.ids), so a month is a range of call_id, and (call_id) and (call_id, seq) stay
-- whole primary keys that contain their partition key. The migration that does it renames the table, creates
-- the parent under the old name PARTITION BY RANGE (call_id), and attaches the old table as the partition of
-- everything up to a coming month's first id, after a CHECK of that range was added NOT VALID and VALIDATEd.
-- Each partition then also carries a CHECK on its time, so that queries by time skip the others, and a DEFAULT
-- partition takes whatever fits no month, so that an odd id is stored and not refused.

CREATE TABLE siaga112.centre (
    code      text PRIMARY KEY,
    name      text NOT NULL,
    time_zone text NOT NULL CONSTRAINT centre_time_zone_known CHECK (now() AT TIME ZONE time_zone IS NOT NULL)
);
COMMENT ON TABLE siaga112.centre IS 'The centres; the views cut days in their time zone.';

CREATE TABLE siaga112.call_record (
    call_id              uuid PRIMARY KEY,
    centre               text NOT NULL,
    channel_id           text NOT NULL,
    caller_number        text,
    caller_number_source text NOT NULL DEFAULT 'none'
        CONSTRAINT call_record_caller_number_source CHECK (caller_number_source IN ('pai', 'from', 'none')),
    cli_restricted       boolean NOT NULL DEFAULT false,
    dialled              text,
    language             text,
    started_at           timestamptz NOT NULL,
    answered_at          timestamptz,
    queued_at            timestamptz,
    first_offered_at     timestamptz,
    agent_answered_at    timestamptz,
    ended_at             timestamptz,
    ended_by             text CONSTRAINT call_record_ended_by CHECK (ended_by IN ('caller', 'agent', 'system')),
    outcome              text CONSTRAINT call_record_outcome CHECK (outcome IN (
        'refused', 'abandoned_setup', 'abandoned_ivr', 'short_abandon', 'abandoned_queue', 'abandoned_ringing',
        'answered', 'info_selfservice', 'overflowed', 'transferred_region', 'failed_technical')),
    disposition          text NOT NULL DEFAULT 'unclassified' CONSTRAINT call_record_disposition CHECK (disposition IN (
        'emergency', 'emergency_duplicate', 'non_emergency', 'silent_assist', 'information', 'out_of_scope',
        'out_of_area', 'prank', 'false_report', 'ghost', 'accidental', 'wrong_number', 'dropped', 'test',
        'unclassified')),
    suspicion            text NOT NULL DEFAULT 'none' CONSTRAINT call_record_suspicion CHECK (suspicion IN (
        'none', 'silent_suspect', 'ghost_suspect', 'repeat_suspect', 'abuse_flagged')),
    band                 smallint NOT NULL DEFAULT 1,
    agent_id             text,
    offers               integer NOT NULL DEFAULT 0,
    wait_s               double precision,
    ring_s               double precision,
    talk_s               double precision,
    hangup_cause         integer,
    voice_seconds        double precision,
    first_voice_at       timestamptz,
    dtmf                 text NOT NULL DEFAULT '',
    audio_class          text CONSTRAINT call_record_audio_class CHECK (audio_class IN (
        'speaking', 'possible_speech', 'noise_only', 'silent', 'no_audio', 'dtmf_response', 'tone_machine')),
    recording            text,
    served_by            text NOT NULL DEFAULT 'daemon'
        CONSTRAINT call_record_served_by CHECK (served_by IN ('daemon', 'fallback')),
    attempt              integer NOT NULL DEFAULT 1,
    updated_at           timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);  -- a record is written when the call begins and again as it goes on
COMMENT ON TABLE siaga112.call_record IS
    'One row per INVITE that reached us. ended_at and outcome are null while the call is in progress.';
COMMENT ON COLUMN siaga112.call_record.voice_seconds IS 'Null: not measured. 0: measured, and nobody spoke.';

CREATE INDEX call_record_started ON siaga112.call_record (centre, started_at);

CREATE TABLE siaga112.call_event (
    call_id uuid NOT NULL,
    seq     integer NOT NULL,
    at      timestamptz NOT NULL,
    kind    text NOT NULL,
    data    jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (call_id, seq)
);
COMMENT ON TABLE siaga112.call_event IS 'The journal that call_record is a fold of; rows are never changed.';

CREATE TABLE siaga112.call_offer (
    call_id    uuid NOT NULL,
    seq        integer NOT NULL,
    agent_id   text NOT NULL,
    offered_at timestamptz NOT NULL,
    ended_at   timestamptz,
    result     text CONSTRAINT call_offer_result CHECK (result IN (
        'answered', 'rona', 'busy', 'unreachable', 'ring_cancelled', 'answered_elsewhere')),
    PRIMARY KEY (call_id, seq)
);
COMMENT ON TABLE siaga112.call_offer IS 'A call that was put to an agent; result is null while it rings.';

CREATE TABLE siaga112.agent_state (
    agent_id text NOT NULL,
    state    text NOT NULL CONSTRAINT agent_state_state CHECK (state IN (
        'logged_out', 'paused', 'available', 'reserved', 'ringing', 'on_call', 'wrap_up', 'not_responding')),
    reason   text,
    from_at  timestamptz NOT NULL,
    to_at    timestamptz,
    PRIMARY KEY (agent_id, from_at)
);
COMMENT ON TABLE siaga112.agent_state IS 'Who was in what state from when to when; to_at is null while it lasts.';
