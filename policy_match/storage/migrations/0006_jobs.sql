-- When each job is due, its runs, and the processes that carry them out.
--
-- What is due is a row before anybody does it; a run is taken by one process, and one that died leaves it to the next.

SET search_path = policy_match;

-- Jobs ----------------------------------------------------------------------------------------------------------------

CREATE DOMAIN job_name AS text COLLATE "C" CHECK (VALUE ~ '^[a-z][a-z0-9-]{0,49}$');
CREATE TYPE job_run_status AS ENUM ('due', 'running', 'done', 'failed', 'covered');
CREATE TYPE job_run_step AS ENUM ('start', 'finish', 'retry', 'fail', 'abandon', 'cover');
CREATE TYPE job_order AS ENUM ('begin', 'pause', 'resume', 'replan');

CREATE TABLE job_runner (
    runner_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host text NOT NULL CHECK (host <> ''),
    process integer NOT NULL CHECK (process > 0),
    at timestamptz NOT NULL
);
COMMENT ON TABLE job_runner IS 'Processes that carry out jobs; one is alive while a session holds the advisory lock of its number';

CREATE TABLE job_control (
    control_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job job_name NOT NULL,
    kind job_order NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    reason text NOT NULL DEFAULT '',
    CONSTRAINT a_person_says_why CHECK (kind = 'begin' OR btrim(reason) <> '')
);
COMMENT ON TABLE job_control IS 'Since when each job is planned, and who paused, resumed or planned it anew, and why';
CREATE UNIQUE INDEX each_job_begins_once ON job_control (job) WHERE kind = 'begin';
CREATE INDEX job_control_job ON job_control (job, control_id);

CREATE TABLE job_state (
    job job_name PRIMARY KEY,
    begun_at timestamptz NOT NULL,
    planned_to timestamptz NOT NULL,
    round integer NOT NULL,
    paused boolean NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE job_state IS 'How far each job is planned; written by triggers only. Who takes a job locks its row';
COMMENT ON COLUMN job_state.planned_to IS 'Up to here every occurrence has its row in job_run';
COMMENT ON COLUMN job_state.round IS 'How often it was planned anew after a wrong clock';

CREATE TABLE job_run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job job_name NOT NULL REFERENCES job_state,
    round integer NOT NULL,
    due_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE job_run IS 'Every occurrence of every job, and what persons started by hand';
CREATE UNIQUE INDEX one_run_of_an_occurrence ON job_run (job, round, due_at) WHERE by = 'system';
CREATE INDEX job_run_job ON job_run (job, run_id);

CREATE TABLE job_run_state (
    run_id bigint PRIMARY KEY REFERENCES job_run,
    job job_name NOT NULL,
    status job_run_status NOT NULL,
    seq integer NOT NULL,
    tries integer NOT NULL,
    due_at timestamptz NOT NULL,
    runner integer,
    since timestamptz NOT NULL,
    CONSTRAINT somebody_runs_it CHECK ((status = 'running') = (runner IS NOT NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE job_run_state IS 'How far each run got; written by triggers only';
COMMENT ON COLUMN job_run_state.tries IS 'How often it was started';
COMMENT ON COLUMN job_run_state.due_at IS 'When it may start, or start again';
CREATE UNIQUE INDEX one_run_of_a_job_at_a_time ON job_run_state (job) WHERE status = 'running';
CREATE INDEX job_run_state_queue ON job_run_state (job, due_at) WHERE status = 'due';
CREATE INDEX job_run_state_job ON job_run_state (job, status, since);

CREATE TABLE job_run_event (
    run_id bigint NOT NULL REFERENCES job_run,
    seq integer NOT NULL CHECK (seq >= 1),
    event job_run_step NOT NULL,
    before job_run_status NOT NULL,
    after job_run_status NOT NULL,
    at timestamptz NOT NULL,
    runner integer NOT NULL REFERENCES job_runner,
    due_at timestamptz,
    covered_by bigint REFERENCES job_run,
    code text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '' CHECK (length(detail) <= 500),
    figures jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (run_id, seq),
    CONSTRAINT a_step_that_there_is CHECK ((event, before, after) IN (
        ('start', 'due', 'running'), ('finish', 'running', 'done'), ('retry', 'running', 'due'),
        ('fail', 'running', 'failed'), ('abandon', 'running', 'due'), ('cover', 'due', 'covered'))),
    CONSTRAINT what_comes_again_says_when CHECK ((after = 'due') = (due_at IS NOT NULL)),
    CONSTRAINT what_is_covered_says_by_what CHECK ((event = 'cover') = (covered_by IS NOT NULL)),
    CONSTRAINT what_went_wrong_has_a_code CHECK ((event IN ('retry', 'fail', 'abandon')) = (code <> ''))
);
COMMENT ON COLUMN job_run_event.covered_by IS 'The run that does what this missed occurrence would have done';
COMMENT ON COLUMN job_run_event.figures IS 'What a run did, as counts';
CREATE INDEX job_run_event_covered_by ON job_run_event (covered_by) WHERE covered_by IS NOT NULL;

CREATE FUNCTION control_jobs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO job_state (job, begun_at, planned_to, round, paused)
    SELECT job, at, at, 0, false FROM added WHERE kind = 'begin';
    UPDATE job_state AS s
       SET paused = CASE a.kind WHEN 'pause' THEN true WHEN 'resume' THEN false ELSE s.paused END,
           planned_to = CASE a.kind WHEN 'replan' THEN a.at ELSE s.planned_to END,
           round = s.round + (a.kind = 'replan')::integer
      FROM added AS a WHERE a.job = s.job AND a.kind <> 'begin';
    RETURN NULL;
END $$;
CREATE TRIGGER control_jobs AFTER INSERT ON job_control
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION control_jobs();

CREATE FUNCTION begin_job_runs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO job_run_state (run_id, job, status, seq, tries, due_at, since)
    SELECT run_id, job, 'due', 0, 0, due_at, at FROM added;
    UPDATE job_state AS s SET planned_to = greatest(s.planned_to, a.due_at)
      FROM (SELECT job, round, max(due_at) AS due_at FROM added WHERE by = 'system' GROUP BY job, round) AS a
     WHERE s.job = a.job AND s.round = a.round;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_job_runs AFTER INSERT ON job_run
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION begin_job_runs();

CREATE FUNCTION move_job_runs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    PERFORM FROM job_run_state WHERE run_id IN (SELECT run_id FROM added) ORDER BY run_id FOR UPDATE;
    UPDATE job_run_state AS s
       SET status = a.after, seq = a.seq, tries = s.tries + (a.event = 'start')::integer,
           due_at = coalesce(a.due_at, s.due_at), since = a.at,
           runner = CASE WHEN a.after = 'running' THEN a.runner END
      FROM added AS a
     WHERE s.run_id = a.run_id AND s.seq = a.seq - 1 AND s.status = a.before;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        RAISE EXCEPTION '% of % steps of job runs are not possible now', wanted - moved, wanted
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_job_runs AFTER INSERT ON job_run_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION move_job_runs();

-- The first of these jobs that has something to do and nobody else is at. A job whose run waits to be tried again waits
-- with it; else its newest occurrence is taken, and the caller lets it cover the others.
CREATE FUNCTION take_job_run(of_jobs text[], up_to timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted text;
    chosen record;
BEGIN
    FOREACH wanted IN ARRAY of_jobs LOOP
        PERFORM FROM job_state WHERE job = wanted AND NOT paused FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR EXISTS (SELECT FROM job_run_state WHERE job = wanted AND status = 'running');
        SELECT run_id, due_at INTO chosen FROM job_run_state
         WHERE job = wanted AND status = 'due' AND (tries > 0 OR due_at <= up_to)
         ORDER BY tries > 0 DESC, due_at DESC, run_id DESC LIMIT 1;
        IF FOUND AND chosen.due_at <= up_to THEN
            RETURN chosen.run_id;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- For who starts a job by hand: wait until nobody else takes it.
CREATE FUNCTION take_job(wanted text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    PERFORM FROM job_state WHERE job = wanted FOR UPDATE;
    RETURN FOUND AND NOT EXISTS (SELECT FROM job_run_state WHERE job = wanted AND status = 'running');
END $$;

-- Each transaction of a run asks this first: while it is on, nobody can take the run for abandoned.
CREATE FUNCTION hold_job_run(run bigint, of_runner integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    PERFORM FROM job_run_state WHERE run_id = run AND status = 'running' AND runner = of_runner FOR SHARE;
    RETURN FOUND;
END $$;

-- Runs that nobody carries out: their runner is dead, or is the caller and knows nothing of them. A run in the middle of
-- a transaction is left for the next time.
CREATE FUNCTION take_lost_job_runs(purpose integer, me integer, in_hand bigint[], most integer) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT run_id FROM job_run_state
     WHERE status = 'running' AND run_id <> ALL (in_hand)
       AND (runner = me OR pg_try_advisory_xact_lock(purpose, runner))
     ORDER BY run_id LIMIT most FOR UPDATE SKIP LOCKED
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['job_runner', 'job_control', 'job_run', 'job_run_event'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
GRANT SELECT ON job_state, job_run_state TO policy_match_app;
REVOKE EXECUTE ON FUNCTION control_jobs, begin_job_runs, move_job_runs, take_job_run, take_job, hold_job_run,
    take_lost_job_runs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_job_run, take_job, hold_job_run, take_lost_job_runs TO policy_match_app;
