-- begin_jobs --
-- Let jobs be planned from a moment on, those that were not known.
INSERT INTO job_control (job, kind, at, by)
SELECT job, 'begin', %(at)s, 'system' FROM unnest(%(jobs)s::text[]) AS job
    ON CONFLICT (job) WHERE kind = 'begin' DO NOTHING

-- job_plans --
-- How far jobs are planned, and whether no run of theirs is due or on.
SELECT s.job, s.planned_to, s.paused,
       NOT EXISTS (SELECT FROM job_run_state AS r WHERE r.job = s.job AND r.status IN ('due', 'running')) AS idle
  FROM job_state AS s
 WHERE s.job = ANY (%(jobs)s::text[])

-- plan_job_runs --
-- Write occurrences of a job, those that have no row yet.
INSERT INTO job_run (job, round, due_at, at, by)
SELECT s.job, s.round, d.due_at, %(at)s, 'system'
  FROM job_state AS s, unnest(%(due_at)s::timestamptz[]) AS d (due_at)
 WHERE s.job = %(job)s
 ORDER BY d.due_at
    ON CONFLICT (job, round, due_at) WHERE by = 'system' DO NOTHING

-- take_job_run --
-- The run to start of the first of these jobs that is due and free, locked; none when there is none.
SELECT take_job_run(%(jobs)s::text[], %(at)s) AS run_id

-- take_job --
-- Wait until nobody else takes the job, and lock it; whether it is free.
SELECT take_job(%(job)s) AS free

-- add_job_run --
-- Write a run that a person asks for.
INSERT INTO job_run (job, round, due_at, at, by)
SELECT job, round, %(at)s, %(at)s, %(by)s FROM job_state WHERE job = %(job)s
RETURNING run_id

-- start_job_run --
-- Start a run that is due and was locked; what was started.
WITH started AS (
    INSERT INTO job_run_event (run_id, seq, event, before, after, at, runner)
    SELECT run_id, seq + 1, 'start', 'due', 'running', %(at)s, %(runner)s
      FROM job_run_state WHERE run_id = %(run_id)s
    RETURNING run_id)
SELECT r.run_id, r.job, r.due_at, s.tries + 1 AS tries
  FROM started JOIN job_run AS r USING (run_id) JOIN job_run_state AS s USING (run_id)

-- cover_job_runs --
-- Let a run that was started cover a page of what else is due of its job, and of what waits to be tried again; how many.
WITH covered AS (
    INSERT INTO job_run_event (run_id, seq, event, before, after, at, runner, covered_by)
    SELECT run_id, seq + 1, 'cover', 'due', 'covered', %(at)s, %(runner)s, %(run_id)s
      FROM job_run_state
     WHERE job = %(job)s AND status = 'due' AND run_id <> %(run_id)s AND (tries > 0 OR due_at <= %(at)s)
     ORDER BY run_id
     LIMIT %(most)s
    RETURNING run_id)
SELECT count(*) AS covered FROM covered

-- hold_job_run --
-- Whether a run is still carried out by this runner; nobody can take it away until the transaction ends.
SELECT hold_job_run(%(run_id)s, %(runner)s) AS held

-- finish_job_run --
-- Write that a run is done, and what it did.
INSERT INTO job_run_event (run_id, seq, event, before, after, at, runner, figures)
SELECT run_id, seq + 1, 'finish', 'running', 'done', %(at)s, %(runner)s, %(figures)s::text::jsonb
  FROM job_run_state WHERE run_id = %(run_id)s

-- retry_job_run --
-- Write what went wrong with a run that is tried again.
INSERT INTO job_run_event (run_id, seq, event, before, after, at, runner, due_at, code, detail)
SELECT run_id, seq + 1, 'retry', 'running', 'due', %(at)s, %(runner)s, %(due_at)s, %(code)s, %(detail)s
  FROM job_run_state WHERE run_id = %(run_id)s

-- fail_job_runs --
-- Write what went wrong with runs that are given up.
INSERT INTO job_run_event (run_id, seq, event, before, after, at, runner, code, detail)
SELECT run_id, seq + 1, 'fail', 'running', 'failed', %(at)s, %(runner)s, %(code)s, %(detail)s
  FROM job_run_state WHERE run_id = ANY (%(run_ids)s::bigint[])

-- abandon_job_runs --
-- Write that runs were broken off and may start again.
INSERT INTO job_run_event (run_id, seq, event, before, after, at, runner, due_at, code, detail)
SELECT run_id, seq + 1, 'abandon', 'running', 'due', %(at)s, %(runner)s, %(due_at)s, %(code)s, %(detail)s
  FROM job_run_state WHERE run_id = ANY (%(run_ids)s::bigint[])

-- lost_job_runs --
-- Runs that nobody carries out any more, locked; those in the middle of a transaction are passed over.
SELECT s.run_id, s.job, s.tries
  FROM take_lost_job_runs(%(purpose)s, %(runner)s, %(in_hand)s::bigint[], %(most)s) AS taken (run_id)
  JOIN job_run_state AS s USING (run_id)
 ORDER BY s.run_id

-- order_job --
-- Keep what a person says about a job that is planned.
INSERT INTO job_control (job, kind, at, by, reason)
SELECT job, %(kind)s::job_order, %(at)s, %(by)s, %(reason)s FROM job_state WHERE job = %(job)s

-- job_standings --
-- How jobs stand: since when they are planned, how much is due, their last success and newest started run, and the
-- pause that holds them, if one does.
SELECT s.job, s.planned_to, s.paused, coalesce(anew.at, s.begun_at) AS since, due.waiting,
       success.run_id AS success_id, latest.run_id AS latest_id,
       pause.at AS paused_at, pause.by AS paused_by, pause.reason AS paused_why
  FROM job_state AS s
  LEFT JOIN LATERAL (SELECT at FROM job_control WHERE job = s.job AND kind = 'replan'
                      ORDER BY control_id DESC LIMIT 1) AS anew ON true
  LEFT JOIN LATERAL (SELECT at, by, reason FROM job_control WHERE s.paused AND job = s.job AND kind = 'pause'
                      ORDER BY control_id DESC LIMIT 1) AS pause ON true
  LEFT JOIN LATERAL (SELECT run_id FROM job_run_state WHERE job = s.job AND status = 'done'
                      ORDER BY since DESC, run_id DESC LIMIT 1) AS success ON true
  LEFT JOIN LATERAL (SELECT run_id
                       FROM (VALUES ('running'), ('done'), ('failed'), ('due')) AS each (status)
                      CROSS JOIN LATERAL (
                            SELECT run_id, since FROM job_run_state
                             WHERE job = s.job AND status = each.status::job_run_status AND tries > 0
                             ORDER BY since DESC, run_id DESC LIMIT 1) AS found
                      ORDER BY found.since DESC, found.run_id DESC LIMIT 1) AS latest ON true
 CROSS JOIN LATERAL (SELECT count(*) AS waiting FROM job_run_state
                      WHERE job = s.job AND status = 'due' AND due_at <= %(at)s) AS due
 WHERE s.job = ANY (%(jobs)s::text[])
 ORDER BY s.job

-- job_runs --
-- Runs with their last start, end and mishap, the latest first: some by id, or a page of one job or of all.
SELECT r.run_id, r.job, r.due_at, r.by, s.status, s.tries, s.runner, started.at AS started_at,
       CASE WHEN s.status IN ('done', 'failed') THEN s.since END AS ended_at,
       CASE WHEN s.status = 'due' AND s.tries > 0 THEN s.due_at END AS next_try_at,
       last.covered_by, coalesce(last.figures, '{}') AS figures, coalesce(mishap.code, '') AS code,
       coalesce(mishap.detail, '') AS detail,
       (SELECT count(*) FROM job_run_event AS c WHERE c.covered_by = r.run_id) AS covers
  FROM job_run AS r
  JOIN job_run_state AS s USING (run_id)
  LEFT JOIN job_run_event AS last ON last.run_id = r.run_id AND last.seq = s.seq
  LEFT JOIN LATERAL (SELECT at FROM job_run_event WHERE run_id = r.run_id AND event = 'start'
                      ORDER BY seq DESC LIMIT 1) AS started ON true
  LEFT JOIN LATERAL (SELECT code, detail FROM job_run_event
                      WHERE run_id = r.run_id AND event IN ('retry', 'fail', 'abandon')
                      ORDER BY seq DESC LIMIT 1) AS mishap ON true
 WHERE (%(run_ids)s::bigint[] IS NULL OR r.run_id = ANY (%(run_ids)s::bigint[]))
   AND (%(job)s::text IS NULL OR r.job = %(job)s)
   AND (%(before)s::bigint IS NULL OR r.run_id < %(before)s)
 ORDER BY r.run_id DESC
 LIMIT %(most)s

-- forget_job_runs --
-- Forget the runs of a page after a given one that did nothing; how many went, and the last that was looked at.
SELECT forgotten, last FROM forget_job_runs(%(after)s, %(before)s, %(most)s)

-- add_job_runner --
-- Make a process known; its number.
INSERT INTO job_runner (host, process, at) VALUES (%(host)s, %(process)s, %(at)s) RETURNING runner_id

-- lock_job_runner --
-- Hold the lock of a runner's number for as long as this session lives.
SELECT pg_advisory_lock(%(purpose)s, %(runner)s)

-- lead_jobs --
-- Become the leader for as long as this session lives, unless another one is; whether this one leads.
SELECT pg_try_advisory_lock(%(purpose)s, 0) AS leads

-- job_runner_lives --
-- Whether this session still holds the lock of the runner, and that of the leader.
SELECT count(*) FILTER (WHERE objid = %(runner)s::integer::bigint::oid) = 1 AS lives,
       count(*) FILTER (WHERE objid = 0) = 1 AS leads
  FROM pg_locks
 WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND classid = %(purpose)s::integer::bigint::oid AND granted

-- job_runners --
-- The processes that are alive, and which of them leads: whose sessions hold the locks in this database.
SELECT r.runner_id, r.host, r.process, r.at AS since,
       EXISTS (SELECT FROM pg_locks AS first
                WHERE first.locktype = 'advisory' AND first.classid = l.classid AND first.objid = 0
                  AND first.database = l.database AND first.pid = l.pid AND first.granted) AS leads
  FROM pg_locks AS l
  JOIN job_runner AS r ON r.runner_id = l.objid::bigint
 WHERE l.locktype = 'advisory' AND l.classid = %(purpose)s::integer::bigint::oid AND l.granted
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
 ORDER BY r.runner_id
