-- lock_supervision --
-- Wait for the right to mark and to escalate; one process at a time, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- unread_versions --
-- The texts of versions under which cases were opened and of which supervision has read nothing yet.
SELECT v.fingerprint, v.canonical
  FROM policy_version AS v
 WHERE v.fingerprint IN (SELECT p.version FROM opening_policy AS p)
   AND NOT EXISTS (SELECT FROM supervised_version AS r WHERE r.version = v.fingerprint)
 ORDER BY v.fingerprint
 LIMIT %(most)s

-- add_supervised_versions --
-- Keep what supervision reads of versions.
INSERT INTO supervised_version (version, policy_id, department, title, title_en, own_limits)
SELECT * FROM unnest(%(versions)s::text[], %(policies)s::text[], %(departments)s::text[], %(titles)s::text[],
                     %(titles_en)s::text[], %(own_limits)s::jsonb[])
ON CONFLICT (version) DO NOTHING

-- supervised_versions --
-- What supervision reads of every version under which cases were opened.
SELECT version, policy_id, department, title, title_en, own_limits FROM supervised_version ORDER BY version

-- count_stages --
-- How many cases wait in each stage of each policy, by colour, with their money and the earliest beginning.
WITH waiting AS MATERIALIZED (SELECT * FROM case_stages(%(today)s))
SELECT t.unit, s.policy_id, s.stage,
       CASE WHEN s.started_on <= t.red THEN 'red' WHEN s.started_on <= t.yellow THEN 'yellow' ELSE 'blue' END AS colour,
       count(*) AS cases, sum(s.amount_fen)::bigint AS fen, min(s.started_on) AS oldest_on
  FROM waiting AS s
  JOIN unnest(%(versions)s::text[], %(stages)s::case_stage[], %(units)s::text[], %(yellow)s::date[], %(red)s::date[])
       AS t (version, stage, unit, yellow, red) ON t.version = s.version AND t.stage = s.stage
 WHERE %(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s
 GROUP BY 1, 2, 3, 4

-- supervised_cases --
-- Of so many cases that wait, by number after a given one: those of some versions and stages, of a policy, in a colour;
-- and how many were looked at, and the last of them. One row without a case when none is wanted.
WITH looked_at AS MATERIALIZED (
    SELECT * FROM case_stages(%(today)s) AS s WHERE s.case_id > %(after)s ORDER BY s.case_id LIMIT %(at_once)s
), wanted AS (
    SELECT s.case_id, s.policy_id, s.uscc, s.amount_fen, t.unit, s.stage, s.started_on, t.limit_days,
           CASE WHEN s.started_on <= t.red THEN 'red' WHEN s.started_on <= t.yellow THEN 'yellow'
                ELSE 'blue' END AS colour
      FROM looked_at AS s
      JOIN unnest(%(versions)s::text[], %(stages)s::case_stage[], %(units)s::text[], %(limits)s::integer[],
                  %(yellow)s::date[], %(red)s::date[])
           AS t (version, stage, unit, limit_days, yellow, red) ON t.version = s.version AND t.stage = s.stage
     WHERE %(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s
), page AS MATERIALIZED (
    SELECT * FROM wanted AS w WHERE %(colour)s::text IS NULL OR w.colour = %(colour)s ORDER BY w.case_id LIMIT %(most)s
)
SELECT a.seen, a.last, p.case_id, p.policy_id, p.uscc, coalesce(n.name, '') AS name, p.amount_fen, p.unit, p.stage,
       p.started_on, p.limit_days, p.colour
  FROM (SELECT count(*) AS seen, max(case_id) AS last FROM looked_at) AS a
  LEFT JOIN page AS p ON true
  LEFT JOIN benefit_case AS c ON c.case_id = p.case_id
  LEFT JOIN opening AS o ON o.number = c.opening
  -- One look-up per case: right after an opening there are no statistics, and a join may read all names for each case.
  LEFT JOIN LATERAL (SELECT f.name FROM firm_name AS f
                      WHERE f.sweep_number = o.sweep_number AND f.uscc = p.uscc LIMIT 1) AS n ON true
 ORDER BY p.case_id

-- turned_starts --
-- The limits of the stages that have turned by now, and the days on which they began.
WITH waiting AS MATERIALIZED (SELECT * FROM case_stages(%(today)s))
SELECT DISTINCT t.limit_days, s.started_on
  FROM waiting AS s
  JOIN unnest(%(versions)s::text[], %(stages)s::case_stage[], %(limits)s::integer[], %(yellow)s::date[])
       AS t (version, stage, limit_days, yellow) ON t.version = s.version AND t.stage = s.stage
 WHERE s.started_on <= t.yellow
 LIMIT %(most)s

-- add_marks --
-- Mark a page of stages that turned and are not marked; how many by colour.
WITH waiting AS MATERIALIZED (SELECT * FROM case_stages(%(today)s)), turned AS (
    INSERT INTO stage_mark (case_id, seq, stage, colour, unit, started_on, limit_days, turned_on, at)
    SELECT s.case_id, s.seq, s.stage, m.colour, t.unit, s.started_on, t.limit_days, m.turned_on, %(at)s
      FROM waiting AS s
      JOIN unnest(%(versions)s::text[], %(stages)s::case_stage[], %(units)s::text[], %(limits)s::integer[])
           AS t (version, stage, unit, limit_days) ON t.version = s.version AND t.stage = s.stage
      JOIN unnest(%(turned_limits)s::integer[], %(starts)s::date[], %(colours)s::stage_colour[], %(turned)s::date[])
           AS m (limit_days, started_on, colour, turned_on)
             ON m.limit_days = t.limit_days AND m.started_on = s.started_on
     WHERE NOT EXISTS (SELECT FROM stage_mark AS k
                        WHERE k.case_id = s.case_id AND k.seq = s.seq AND k.stage = s.stage AND k.colour = m.colour)
     -- Sorted, all are found before the first is written: no look-up walks through rows that this statement wrote.
     ORDER BY s.case_id, s.stage, m.colour
     LIMIT %(most)s
    ON CONFLICT (case_id, seq, stage, colour) DO NOTHING
    RETURNING colour)
SELECT colour, count(*) AS marked FROM turned GROUP BY colour

-- add_escalations --
-- Escalate a page of red stages to each level that they have reached, that somebody holds, and that was not told of
-- them; what is to be told, by limit.
WITH waiting AS MATERIALIZED (SELECT * FROM case_stages(%(today)s)), late AS (
    SELECT s.case_id, s.seq, s.policy_id, s.stage, s.amount_fen, s.started_on, t.unit, t.limit_days, l.level
      FROM waiting AS s
      JOIN unnest(%(versions)s::text[], %(stages)s::case_stage[], %(units)s::text[], %(limits)s::integer[],
                  %(first)s::date[], %(second)s::date[], %(third)s::date[])
           AS t (version, stage, unit, limit_days, first, second, third) ON t.version = s.version AND t.stage = s.stage
     CROSS JOIN LATERAL (VALUES (1, t.first), (2, t.second), (3, t.third)) AS l (level, cut_off)
     WHERE s.started_on <= t.first AND s.started_on <= l.cut_off
       AND (t.unit, l.level) IN (SELECT h.unit, h.level FROM duty_held AS h)
       AND NOT EXISTS (SELECT FROM escalated_case AS e WHERE e.case_id = s.case_id AND e.seq = s.seq
                          AND e.stage = s.stage AND e.level = l.level)
     ORDER BY s.case_id, s.stage, l.level
     LIMIT %(most)s
), header AS (
    INSERT INTO escalation (unit, stage, level, day, cases, amount_fen, oldest_on, told, at)
    SELECT l.unit, l.stage, l.level, %(today)s, count(*), sum(l.amount_fen), min(l.started_on),
           (SELECT array_agg(h.person ORDER BY h.person) FROM duty_held AS h
             WHERE h.unit = l.unit AND h.level = l.level), %(at)s
      FROM late AS l
     GROUP BY l.unit, l.stage, l.level
    RETURNING escalation_id, unit, stage, level, cases, amount_fen, told
), kept AS (
    INSERT INTO escalated_case (case_id, seq, stage, level, escalation_id, started_on, limit_days)
    SELECT l.case_id, l.seq, l.stage, l.level, h.escalation_id, l.started_on, l.limit_days
      FROM late AS l JOIN header AS h USING (unit, stage, level)
)
SELECT h.escalation_id, h.unit, h.stage, h.level, h.cases, h.told, l.limit_days,
       min(l.started_on) AS oldest_on, count(*) AS of_limit, array_agg(DISTINCT l.policy_id) AS policies
  FROM header AS h JOIN late AS l USING (unit, stage, level)
 GROUP BY h.escalation_id, h.unit, h.stage, h.level, h.cases, h.told, l.limit_days
 ORDER BY h.escalation_id, l.limit_days

-- marks_of_case --
-- Every mark of one case, in order.
SELECT case_id, seq, unit, stage, colour, started_on, limit_days, turned_on, at
  FROM stage_mark WHERE case_id = %(case_id)s ORDER BY seq, turned_on, stage, colour

-- escalations_of_case --
-- Every level that was told of one case, in order, with the step at which the case was.
SELECT e.escalation_id, e.unit, e.stage, e.level, e.day, e.cases, e.amount_fen, e.oldest_on, e.told, k.seq
  FROM escalated_case AS k JOIN escalation AS e USING (escalation_id)
 WHERE k.case_id = %(case_id)s ORDER BY e.escalation_id

-- count_marks --
-- How many stages turned on each day, by unit, stage and colour.
SELECT m.turned_on, m.unit, m.stage, m.colour, count(*) AS cases
  FROM stage_mark AS m
 WHERE m.turned_on BETWEEN %(first)s AND %(last)s AND (%(unit)s::text IS NULL OR m.unit = %(unit)s)
   AND (%(policy_id)s::text IS NULL
        OR EXISTS (SELECT FROM benefit_case AS c WHERE c.case_id = m.case_id AND c.policy_id = %(policy_id)s))
 GROUP BY m.turned_on, m.unit, m.stage, m.colour
 ORDER BY m.turned_on DESC, m.unit, m.stage, m.colour
 LIMIT %(most)s

-- escalations --
-- A page of what was told, by number after a given one, of one unit, of some, or of all.
SELECT escalation_id, unit, stage, level, day, cases, amount_fen, oldest_on, told
  FROM escalation
 WHERE escalation_id > %(after)s AND (%(unit)s::text IS NULL OR unit = %(unit)s)
   AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
 ORDER BY escalation_id
 LIMIT %(most)s

-- add_duty --
-- Write that a duty was given or taken back.
INSERT INTO duty (unit, level, person, granted, at, by)
VALUES (%(unit)s, %(level)s, %(person)s, %(granted)s, %(at)s, %(by)s)

-- duties_held --
-- Who answers for what now, of one unit, of some, or of all; from behind a duty.
SELECT unit, level, person, granted, at, by FROM duty_held
 WHERE (%(unit)s::text IS NULL OR unit = %(unit)s)
   AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
   AND (%(after_unit)s::text IS NULL
        OR (unit, level, person) > (%(after_unit)s::text, %(after_level)s::bigint, %(after_person)s::text))
 ORDER BY unit, level, person
 LIMIT %(most)s

-- add_order_to_act --
-- Issue an order to act about the cases given, if any; its number, and how many of the cases there are.
WITH issued AS (
    INSERT INTO order_to_act (unit, stage, policy_id, ground, due, at, by)
    VALUES (%(unit)s, %(stage)s::case_stage, %(policy_id)s, %(ground)s, %(due)s, %(at)s, %(by)s)
    RETURNING order_id
), named AS (
    INSERT INTO order_to_act_case (order_id, case_id)
    SELECT i.order_id, c.case_id FROM issued AS i JOIN benefit_case AS c ON c.case_id = ANY(%(cases)s::bigint[])
    RETURNING case_id)
SELECT i.order_id, (SELECT count(*) FROM named) AS cases FROM issued AS i

-- lock_order_to_act --
-- Wait for the right to take a step of one order, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s, %(order_id)s::integer)

-- orders_to_act --
-- A page of orders as they stand, by number after a given one: one, those of a unit or of some, the open ones, the
-- overdue ones.
SELECT o.order_id, o.unit, o.stage, o.policy_id, o.ground, o.at AS issued_at, o.by AS issued_by, s.status, s.seq,
       s.due, s.since, (SELECT count(*) FROM order_to_act_case AS c WHERE c.order_id = o.order_id) AS cases
  FROM order_to_act AS o JOIN order_to_act_state AS s USING (order_id)
 WHERE o.order_id > %(after)s
   AND (%(order_id)s::bigint IS NULL OR o.order_id = %(order_id)s)
   AND (%(unit)s::text IS NULL OR o.unit = %(unit)s)
   AND (%(units)s::text[] IS NULL OR o.unit = ANY (%(units)s::text[]))
   AND (NOT %(only_open)s OR s.status <> 'accepted')
   AND (%(due_before)s::date IS NULL OR (s.status IN ('issued', 'sent_back') AND s.due < %(due_before)s))
 ORDER BY o.order_id
 LIMIT %(most)s

-- cases_of_order_to_act --
-- The cases that an order names.
SELECT case_id FROM order_to_act_case WHERE order_id = %(order_id)s ORDER BY case_id

-- events_of_order_to_act --
-- Every step of an order.
SELECT seq, event, after, text, due, at, by FROM order_to_act_event WHERE order_id = %(order_id)s ORDER BY seq

-- add_order_to_act_event --
-- Take one step with an order.
INSERT INTO order_to_act_event (order_id, seq, event, before, after, due, text, at, by)
VALUES (%(order_id)s, %(seq)s, %(event)s::order_to_act_step, %(before)s::order_to_act_status,
        %(after)s::order_to_act_status, %(due)s, %(text)s, %(at)s, %(by)s)

-- count_promises --
-- What became of the cases that were owed by a day, per version, by group and age.
WITH owed AS MATERIALIZED (
    SELECT c.version, s.policy_id, s.route, s.status, s.amount_fen, c.entitled_fen,
           greatest((s.since AT TIME ZONE 'Asia/Shanghai')::date, c.due_from) AS moved_on,
           CASE WHEN s.seq >= 2 AND s.status NOT IN ('paid', 'recovering', 'recovered', 'declined', 'waived', 'withdrawn',
                                                     'rejected', 'closed')
                THEN (SELECT min(e.at) FROM case_event AS e WHERE e.case_id = s.case_id AND e.event = 'approve')
           END AS promised_at
      FROM case_state AS s JOIN benefit_case AS c USING (case_id)
     WHERE c.entitled_fen > 0 AND s.route <> 'inform' AND c.due_from <= %(today)s
       AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
), grouped AS (
    SELECT o.*, CASE WHEN o.status = 'paid' THEN 'fulfilled'
                     WHEN o.status IN ('recovering', 'recovered') THEN 'claimed_back'
                     WHEN o.status = 'closed' AND o.route = 'contract' THEN 'elsewhere'
                     WHEN o.status = 'closed' AND o.amount_fen > 0 THEN 'fulfilled'
                     WHEN o.status IN ('closed', 'declined', 'waived') THEN 'given_up'
                     WHEN o.status IN ('withdrawn', 'rejected') THEN 'fallen'
                     WHEN o.promised_at IS NULL THEN 'pending'
                     ELSE 'promised' END AS part
      FROM owed AS o
)
SELECT g.version, g.policy_id, g.part,
       CASE WHEN g.part IN ('promised', 'pending')
            THEN width_bucket(%(today)s - coalesce((g.promised_at AT TIME ZONE 'Asia/Shanghai')::date, g.moved_on),
                              %(buckets)s::integer[])
            ELSE 0 END AS bucket,
       count(*) AS cases, sum(g.amount_fen)::bigint AS fen, sum(g.entitled_fen)::bigint AS opened_fen
  FROM grouped AS g
 GROUP BY 1, 2, 3, 4

-- unpaid_firms --
-- A page of the firms that were promised money which they do not have, the oldest promise first, after a given one.
WITH firms AS (
    SELECT s.uscc, min((e.at AT TIME ZONE 'Asia/Shanghai')::date) AS oldest_on, count(*) AS cases,
           sum(s.amount_fen)::bigint AS fen, array_agg(DISTINCT c.version::text) AS versions, max(o.sweep_number) AS sweep
      FROM case_state AS s
      JOIN benefit_case AS c USING (case_id)
      JOIN opening AS o ON o.number = c.opening
     CROSS JOIN LATERAL (SELECT min(e.at) AS at FROM case_event AS e
                          WHERE e.case_id = s.case_id AND e.event = 'approve') AS e
     WHERE s.seq >= 2 AND s.status NOT IN ('paid', 'recovering', 'recovered', 'declined', 'waived', 'withdrawn',
                                           'rejected', 'closed')
       AND e.at IS NOT NULL AND c.entitled_fen > 0 AND s.route <> 'inform' AND c.due_from <= %(today)s
       AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
       AND (%(versions)s::text[] IS NULL OR c.version = ANY(%(versions)s::text[]))
     GROUP BY s.uscc
), page AS MATERIALIZED (
    SELECT f.* FROM firms AS f
     WHERE %(after_day)s::date IS NULL OR (f.oldest_on, f.uscc) > (%(after_day)s::date, %(after_uscc)s::text)
     ORDER BY f.oldest_on, f.uscc
     LIMIT %(most)s
)
SELECT p.uscc, coalesce(n.name, '') AS name, p.oldest_on, p.cases, p.fen, p.versions
  FROM page AS p
  LEFT JOIN LATERAL (SELECT n.name FROM firm_name AS n
                      WHERE n.sweep_number = p.sweep AND n.uscc = p.uscc LIMIT 1) AS n ON true
 ORDER BY p.oldest_on, p.uscc
