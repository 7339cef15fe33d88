-- Work that people and machines ask for and that is done in the background, and the files that it reads.
--
-- What is asked for is a row before anybody does it; its events say how far it got, and nothing of it is changed.

SET search_path = policy_match;

-- Requested work ------------------------------------------------------------------------------------------------------

CREATE TYPE work_status AS ENUM ('waiting', 'working', 'done', 'failed', 'cancelled');
CREATE TYPE work_step AS ENUM ('take', 'progress', 'finish', 'fail', 'release', 'cancel');

CREATE TABLE uploaded_file (
    digest text PRIMARY KEY COLLATE "C" CHECK (digest ~ '^[0-9a-f]{64}$'),
    kind text NOT NULL CHECK (kind IN ('csv', 'xlsx', 'parquet')),
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE uploaded_file IS 'Source files that were sent; each lies below the data directory under its SHA-256';

CREATE TABLE work_request (
    request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,49}$'),
    parameters jsonb NOT NULL CHECK (jsonb_typeof(parameters) = 'object'),
    policy_id text,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE work_request IS 'What was asked for';
COMMENT ON COLUMN work_request.policy_id IS 'The policy that alone is meant, where it is one';

CREATE TABLE work_request_state (
    request_id bigint PRIMARY KEY REFERENCES work_request,
    kind text NOT NULL,
    status work_status NOT NULL,
    seq integer NOT NULL,
    tries integer NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    started_at timestamptz,
    since timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE work_request_state IS 'How far each request got; written by triggers only';
COMMENT ON COLUMN work_request_state.tries IS 'How often it was taken';
COMMENT ON COLUMN work_request_state.done IS 'Units of work that are done, of total; in a unit of its kind';
CREATE INDEX work_request_state_open ON work_request_state (request_id) WHERE status IN ('waiting', 'working');

CREATE TABLE work_request_event (
    request_id bigint NOT NULL REFERENCES work_request,
    seq integer NOT NULL CHECK (seq >= 1),
    event work_step NOT NULL,
    before work_status NOT NULL,
    after work_status NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    done bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    total bigint NOT NULL DEFAULT 0 CHECK (total >= done),
    code text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '' CHECK (length(detail) <= 500),
    detail_zh text NOT NULL DEFAULT '' CHECK (length(detail_zh) <= 500),
    result jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(result) = 'object'),
    PRIMARY KEY (request_id, seq),
    CONSTRAINT a_step_that_there_is CHECK ((event, before, after) IN (
        ('take', 'waiting', 'working'), ('progress', 'working', 'working'), ('finish', 'working', 'done'),
        ('fail', 'working', 'failed'), ('release', 'working', 'waiting'), ('cancel', 'waiting', 'cancelled'))),
    CONSTRAINT what_went_wrong_has_a_code CHECK ((event IN ('fail', 'release')) = (code <> ''))
);
COMMENT ON COLUMN work_request_event.result IS 'What the work gave, as JSON; of a finish';

CREATE FUNCTION begin_work_requests() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO work_request_state (request_id, kind, status, seq, tries, done, total, since)
    SELECT request_id, kind, 'waiting', 0, 0, 0, 0, at FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_work_requests AFTER INSERT ON work_request
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION begin_work_requests();

CREATE FUNCTION move_work_requests() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    PERFORM FROM work_request_state WHERE request_id IN (SELECT request_id FROM added) ORDER BY request_id FOR UPDATE;
    UPDATE work_request_state AS s
       SET status = a.after, seq = a.seq, tries = s.tries + (a.event = 'take')::integer, since = a.at,
           started_at = CASE a.event WHEN 'take' THEN a.at ELSE s.started_at END,
           done = CASE a.event WHEN 'progress' THEN a.done WHEN 'take' THEN 0 ELSE s.done END,
           total = CASE a.event WHEN 'progress' THEN a.total WHEN 'take' THEN 0 ELSE s.total END
      FROM added AS a
     WHERE s.request_id = a.request_id AND s.seq = a.seq - 1 AND s.status = a.before;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        RAISE EXCEPTION '% of % steps of requested work are not possible now', wanted - moved, wanted
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_work_requests AFTER INSERT ON work_request_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION move_work_requests();

-- The next request that waits and nobody else is taking, but those in the list; it stays locked until the end.
CREATE FUNCTION take_work_request(but bigint[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT request_id FROM work_request_state
     WHERE status = 'waiting' AND request_id <> ALL (but)
     ORDER BY request_id LIMIT 1 FOR UPDATE SKIP LOCKED
$$;

-- For who cancels one: wait until nobody takes it; whether it waits.
CREATE FUNCTION lock_waiting_request(wanted bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    PERFORM FROM work_request_state WHERE request_id = wanted AND status = 'waiting' FOR UPDATE;
    RETURN FOUND;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['uploaded_file', 'work_request', 'work_request_event'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
GRANT SELECT ON work_request_state TO policy_match_app;
REVOKE EXECUTE ON FUNCTION begin_work_requests, move_work_requests, take_work_request, lock_waiting_request FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_work_request, lock_waiting_request TO policy_match_app;
