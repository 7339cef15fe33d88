-- lock_case_steps --
-- Wait for the right to take steps of many cases, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- cases_by_number --
-- Cases as they stand, with the terms under which they were opened.
SELECT s.case_id, s.policy_id, c.version, s.uscc, s.record_id, s.period, s.instalment, s.route, s.status, s.seq,
       s.amount_fen, s.deadline, p.publicity_days, p.confirm_days, p.silence
  FROM case_state AS s
  JOIN benefit_case AS c USING (case_id)
  JOIN opening_policy AS p USING (opening, place)
 WHERE s.case_id = ANY(%(case_ids)s::bigint[])
 ORDER BY s.case_id

-- recheck_days_of_case --
-- Within how many working days an objection to a case is answered.
SELECT p.recheck_days FROM benefit_case AS c JOIN opening_policy AS p USING (opening, place)
 WHERE c.case_id = %(case_id)s

-- cases_with_twin --
-- Those of some cases beside which another live case of the same benefit stands.
SELECT s.case_id
  FROM case_state AS s
  JOIN case_state AS o ON o.policy_id = s.policy_id AND o.uscc = s.uscc AND o.record_id = s.record_id
       AND o.period = s.period AND o.instalment = s.instalment AND o.case_id <> s.case_id
       AND o.status NOT IN ('declined', 'waived', 'withdrawn', 'rejected')
 WHERE s.case_id = ANY(%(case_ids)s::bigint[])

-- add_case_events --
-- Write steps; what somebody else moved meanwhile is left out. The cases taken.
INSERT INTO case_event (case_id, seq, event, before, after, amount_fen, deadline, at, by, reason, about)
SELECT e.case_id, e.seq, e.event::case_step, e.before::case_status, e.after::case_status, e.amount_fen, e.deadline,
       e.at, e.by, e.reason, %(about)s
  FROM unnest(%(case_ids)s::bigint[], %(seqs)s::integer[], %(events)s::text[], %(befores)s::text[],
              %(afters)s::text[], %(amounts)s::bigint[], %(deadlines)s::date[], %(ats)s::timestamptz[],
              %(bys)s::text[], %(reasons)s::text[])
       AS e (case_id, seq, event, before, after, amount_fen, deadline, at, by, reason)
 ORDER BY e.case_id
ON CONFLICT (case_id, seq) DO NOTHING
RETURNING case_id

-- windows_of_policies --
-- Every number of working days that policies with cases give for answers and publicity.
SELECT DISTINCT days FROM opening_policy CROSS JOIN LATERAL (VALUES (confirm_days), (publicity_days)) AS v (days)

-- notify_cases --
-- Notify a page of the firms whose turn it is; how many.
WITH taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, deadline, at, by)
    SELECT s.case_id, s.seq + 1, t.event, s.status, t.after, w.deadline, %(at)s, %(by)s
      FROM case_state AS s
      JOIN benefit_case AS c USING (case_id)
      JOIN opening_policy AS p USING (opening, place)
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = 'notify'
      LEFT JOIN unnest(%(days)s::integer[], %(deadlines)s::date[]) AS w (days, deadline)
             ON w.days = p.confirm_days AND s.route <> 'inform'
     WHERE s.status IN ('matched', 'approved', 'published')
       AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
       AND c.due_from <= %(today)s
       AND CASE s.status WHEN 'approved' THEN p.publicity_days = 0
                         WHEN 'published' THEN s.deadline < %(today)s
                         ELSE true END
       AND (s.route = 'inform' OR w.deadline IS NOT NULL)
       AND (s.route <> 'list_then_collect' OR s.amount_fen > 0)
     ORDER BY s.case_id
     LIMIT %(most)s
    ON CONFLICT (case_id, seq) DO NOTHING
    RETURNING case_id)
SELECT count(*) AS taken FROM taken

-- publish_cases --
-- Put a page of approved cases on public display, where the policy asks for it; how many.
WITH taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, deadline, at, by)
    SELECT s.case_id, s.seq + 1, t.event, s.status, t.after, w.deadline, %(at)s, %(by)s
      FROM case_state AS s
      JOIN benefit_case AS c USING (case_id)
      JOIN opening_policy AS p USING (opening, place)
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = 'publish'
      JOIN unnest(%(days)s::integer[], %(deadlines)s::date[]) AS w (days, deadline) ON w.days = p.publicity_days
     WHERE s.status = 'approved' AND p.publicity_days > 0
       AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
     ORDER BY s.case_id
     LIMIT %(most)s
    ON CONFLICT (case_id, seq) DO NOTHING
    RETURNING case_id)
SELECT count(*) AS taken FROM taken

-- end_silence --
-- Let silence do what the policy says in a page of cases whose last day is over, in the order of their windows; how many
-- by step, and the last window of the page. Who was not told until the last day gives nothing up: such cases are no part
-- of a page, so that however many wait, they hide none behind them.
WITH page AS MATERIALIZED (
    SELECT w.case_id, w.seq, w.deadline, t.event, t.after
      FROM open_window AS w
      JOIN case_transition AS t ON t.route = w.route AND t.before = 'notified'
           AND t.event = (CASE WHEN w.lapses THEN 'lapse' ELSE 'accept_silence' END)::case_step
     WHERE w.deadline < %(today)s AND (w.deadline, w.case_id) > (%(after_day)s::date, %(after)s)
       AND (NOT w.lapses OR w.told_on <= w.deadline)
     ORDER BY w.deadline, w.case_id
     LIMIT %(most)s
), taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, at, by)
    SELECT case_id, seq + 1, event, 'notified', after, %(at)s, %(by)s FROM page ORDER BY case_id
    ON CONFLICT (case_id, seq) DO NOTHING
    RETURNING event)
SELECT (SELECT count(*) FROM taken WHERE event = 'lapse') AS lapsed,
       (SELECT count(*) FROM taken WHERE event = 'accept_silence') AS accepted, max(page.deadline) AS deadline,
       max(page.case_id) FILTER (WHERE page.deadline = (SELECT max(deadline) FROM page)) AS case_id
  FROM page

-- close_informed --
-- Close a page of cases whose firm was only to be informed, and was before an instant; how many.
WITH taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, at, by)
    SELECT s.case_id, s.seq + 1, t.event, s.status, t.after, %(at)s, %(by)s
      FROM case_state AS s
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = 'close'
     WHERE s.status = 'notified' AND s.route = 'inform' AND s.since < %(before)s
     ORDER BY s.case_id
     LIMIT %(most)s
    ON CONFLICT (case_id, seq) DO NOTHING
    RETURNING case_id)
SELECT count(*) AS taken FROM taken

-- refresh_statistics --
-- Let the planner know of a large step at once.
SELECT refresh_statistics()
