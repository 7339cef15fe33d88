-- lock_policy --
-- Wait for the right to list, approve or allocate cases of one policy, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s, hashtext(%(policy_id)s))

-- lock_roles --
-- Wait for the right to change the roles of a person, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s, hashtext(%(person)s))

-- add_role --
-- Write that a role was given or taken away.
INSERT INTO role_grant (person, role, granted, at, by, department, jurisdiction)
VALUES (%(person)s, %(role)s, %(granted)s, %(at)s, %(by)s, %(department)s, %(jurisdiction)s)

-- holds_role --
-- Whether the last word on a person, a role and its reach is that the person holds it.
SELECT granted
  FROM role_grant
 WHERE person = %(person)s AND role = %(role)s AND department = %(department)s AND jurisdiction = %(jurisdiction)s
 ORDER BY grant_id DESC
 LIMIT 1

-- roles_held --
-- The roles that are held now, by person, role and reach after given ones; of one person or of all.
SELECT person, role, granted, at, by, department, jurisdiction
  FROM (SELECT DISTINCT ON (person, role, department, jurisdiction)
               person, role, granted, at, by, department, jurisdiction
          FROM role_grant
         WHERE %(person)s::text IS NULL OR person = %(person)s
         ORDER BY person, role, department, jurisdiction, grant_id DESC) AS latest
 WHERE granted
   AND (person::text, role, department, jurisdiction)
       > (%(after_person)s, %(after_role)s, %(after_department)s, %(after_jurisdiction)s)
 ORDER BY person, role, department, jurisdiction
 LIMIT %(most)s

-- may_sign --
-- Whether a person holds a role as far as every policy version of a list.
SELECT role_reaches_list(%(person)s, %(role)s, %(list_id)s) AS reaches

-- list_candidates --
-- The first reviewed cases of a policy that may be listed, by number: on no list that is not decided, found eligible
-- by their last check before approval, with a share of a budget that is not over, at this step, or with nothing to
-- share.
SELECT s.case_id, c.policy_id, c.version, c.uscc, c.record_id, c.period, c.instalment, s.seq,
       coalesce(g.granted_fen, s.amount_fen) AS amount_fen, g.allocation, r.sweep_number, p.stages::text AS stages
  FROM case_state AS s
  JOIN benefit_case AS c ON c.case_id = s.case_id
  JOIN opening_policy AS p ON p.opening = c.opening AND p.place = c.place
 CROSS JOIN LATERAL (
       SELECT k.sweep_number, o.outcome
         FROM case_recheck AS o JOIN recheck AS k ON k.number = o.recheck
        WHERE o.case_id = s.case_id AND k.purpose = 'approval'
        ORDER BY o.recheck DESC LIMIT 1) AS r
  LEFT JOIN LATERAL (
       SELECT a.allocation, a.granted_fen
         FROM case_allocation AS a JOIN allocation AS n ON n.number = a.allocation AND n.year >= %(this_year)s
        WHERE a.case_id = s.case_id AND a.seq = s.seq AND a.granted_fen > 0
        ORDER BY a.allocation DESC LIMIT 1) AS g ON s.amount_fen > 0 AND s.route <> 'contract'
 WHERE s.status = 'reviewed' AND s.policy_id = %(policy_id)s
   AND r.outcome = 'eligible'
   AND (g.allocation IS NOT NULL OR s.amount_fen = 0 OR s.route = 'contract')
   AND NOT EXISTS (SELECT FROM listed_case AS l
                    WHERE l.case_id = s.case_id
                      AND NOT EXISTS (SELECT FROM list_end AS e WHERE e.list_id = l.list_id))
   AND (%(among)s::bigint[] IS NULL OR s.case_id = ANY (%(among)s::bigint[]))
 ORDER BY s.case_id
 LIMIT %(most)s

-- count_not_ready --
-- How many reviewed cases of a policy have no share of the budget, and how many others are not found eligible.
SELECT count(*) FILTER (WHERE NOT w.funded) AS without_budget,
       count(*) FILTER (WHERE w.funded AND w.outcome IS DISTINCT FROM 'eligible') AS not_eligible
  FROM (SELECT s.amount_fen = 0 OR s.route = 'contract' OR EXISTS (
                   SELECT FROM case_allocation AS a JOIN allocation AS n ON n.number = a.allocation
                    WHERE n.year >= %(this_year)s AND a.case_id = s.case_id AND a.seq = s.seq AND a.granted_fen > 0) AS funded,
               (SELECT o.outcome
                  FROM case_recheck AS o JOIN recheck AS k ON k.number = o.recheck
                 WHERE o.case_id = s.case_id AND k.purpose = 'approval'
                 ORDER BY o.recheck DESC LIMIT 1) AS outcome
          FROM case_state AS s
         WHERE s.status = 'reviewed' AND s.policy_id = %(policy_id)s) AS w

-- sweep_by_number --
-- What identifies a kept sweep.
SELECT number, sweep_id, snapshot_id
  FROM sweep
 WHERE number = %(number)s

-- next_list_number --
-- A number for a new list; numbers of lists that failed stay unused.
SELECT nextval('list_number')::integer AS number

-- add_approval_list --
-- Write a list without its cases.
INSERT INTO approval_list (list_id, policy_id, sweep_number, snapshot_id, cases, total_fen, stages, digest, at, by)
VALUES (%(list_id)s, %(policy_id)s, %(sweep_number)s, %(snapshot_id)s, %(cases)s, %(total_fen)s, %(stages)s,
        %(digest)s, %(at)s, %(by)s)

-- approval_lists --
-- Lists with how they ended, by number after a given one: one list, those of one policy, of some, or all; all or the
-- open ones.
SELECT l.list_id, l.policy_id, w.sweep_id, l.snapshot_id, l.cases, l.total_fen, l.stages, l.digest, l.at, l.by,
       (SELECT max(c.amount_fen)::bigint FROM listed_case AS c WHERE c.list_id = l.list_id) AS largest_fen,
       e.outcome, e.reason, e.at AS ended_at, e.by AS ended_by
  FROM approval_list AS l
  JOIN sweep AS w ON w.number = l.sweep_number
  LEFT JOIN list_end AS e ON e.list_id = l.list_id
 WHERE (%(list_id)s::integer IS NULL OR l.list_id = %(list_id)s)
   AND (%(policy_id)s::text IS NULL OR l.policy_id = %(policy_id)s)
   AND (%(policies)s::text[] IS NULL OR l.policy_id = ANY (%(policies)s::text[]))
   AND (NOT %(only_open)s OR e.list_id IS NULL)
   AND l.list_id > %(after)s
 ORDER BY l.list_id
 LIMIT %(most)s

-- listed_cases --
-- A page of a list's cases as they were listed, by number after a given one; with the registered name of the firm, and
-- the last digits of the account that is known of the payee now.
SELECT l.case_id, c.uscc, c.record_id, c.period, c.instalment, l.amount_fen, l.seq, coalesce(n.name, '') AS name,
       coalesce(a.tail, '') AS account_tail
  FROM listed_case AS l
  JOIN benefit_case AS c ON c.case_id = l.case_id
  JOIN opening AS o ON o.number = c.opening
  JOIN opening_policy AS p ON p.opening = c.opening AND p.place = c.place
  LEFT JOIN LATERAL (SELECT f.name FROM firm_name AS f
                      WHERE f.sweep_number = o.sweep_number AND f.uscc = c.uscc LIMIT 1) AS n ON true
  LEFT JOIN LATERAL (SELECT k.tail FROM payee_account AS k
                      WHERE k.uscc = c.uscc AND k.purpose = p.payee ORDER BY k.account_id DESC LIMIT 1) AS a ON true
 WHERE l.list_id = %(list_id)s AND l.case_id > %(after)s
 ORDER BY l.case_id
 LIMIT %(most)s

-- listed_now --
-- A page of a list's cases as they stand now beside how they were listed, by number after a given one. A share of a
-- budget whose year is over is none.
SELECT l.case_id, c.policy_id, c.version, c.uscc, c.record_id, c.period, c.instalment, s.seq,
       coalesce(g.granted_fen, s.amount_fen) AS amount_fen,
       CASE WHEN s.status <> 'reviewed' THEN 'left'
            WHEN s.seq <> l.seq THEN 'amended'
            WHEN g.allocation IS DISTINCT FROM l.allocation
                 OR coalesce(g.granted_fen, s.amount_fen) <> l.amount_fen THEN 'amount'
            WHEN r.outcome IS DISTINCT FROM 'eligible' OR r.sweep_number IS DISTINCT FROM h.sweep_number THEN 'recheck'
       END AS change
  FROM listed_case AS l
  JOIN approval_list AS h ON h.list_id = l.list_id
  JOIN case_state AS s ON s.case_id = l.case_id
  JOIN benefit_case AS c ON c.case_id = l.case_id
  LEFT JOIN LATERAL (
       SELECT k.sweep_number, o.outcome
         FROM case_recheck AS o JOIN recheck AS k ON k.number = o.recheck
        WHERE o.case_id = l.case_id AND k.purpose = 'approval'
        ORDER BY o.recheck DESC LIMIT 1) AS r ON true
  LEFT JOIN LATERAL (
       SELECT a.allocation, a.granted_fen
         FROM case_allocation AS a JOIN allocation AS n ON n.number = a.allocation AND n.year >= %(this_year)s
        WHERE a.case_id = l.case_id AND a.seq = s.seq AND a.granted_fen > 0
        ORDER BY a.allocation DESC LIMIT 1) AS g ON s.amount_fen > 0 AND s.route <> 'contract'
 WHERE l.list_id = %(list_id)s AND l.case_id > %(after)s
 ORDER BY l.case_id
 LIMIT %(most)s

-- signatures_of_list --
-- The approvals of a list, first one first; people at most sign once each.
SELECT person, stage, role, digest, at
  FROM approval
 WHERE list_id = %(list_id)s
 ORDER BY at, stage, person

-- acts_on_list --
-- The different stages that a person ever took of the cases of a list.
SELECT DISTINCT act.task, act.number
  FROM listed_case AS l
 CROSS JOIN LATERAL (
       SELECT 'approval' AS task, a.stage AS number
         FROM listed_case AS o JOIN approval AS a ON a.list_id = o.list_id
        WHERE o.case_id = l.case_id AND a.person = %(person)s
       UNION ALL
       SELECT 'review', 0 FROM case_event AS e
        WHERE e.case_id = l.case_id AND e.event = 'review' AND e.by = %(person)s
       UNION ALL
       SELECT 'objection', 0 FROM objection AS j JOIN objection_answer AS w ON w.objection_id = j.objection_id
        WHERE j.case_id = l.case_id AND w.by = %(person)s
       UNION ALL
       SELECT 'order', 0 FROM case_event AS e
        WHERE e.case_id = l.case_id AND e.event IN ('order', 'correct') AND e.by = %(person)s
       UNION ALL
       SELECT 'recovery', 0 FROM recovery AS v
        WHERE v.case_id = l.case_id AND v.by = %(person)s) AS act
 WHERE l.list_id = %(list_id)s
 ORDER BY act.task, act.number

-- add_approval --
-- Write one person's approval of a list.
INSERT INTO approval (list_id, person, stage, role, digest, at)
VALUES (%(list_id)s, %(person)s, %(stage)s, %(role)s, %(digest)s, %(at)s)

-- add_list_end --
-- Write how a list ended.
INSERT INTO list_end (list_id, outcome, reason, at, by)
VALUES (%(list_id)s, %(outcome)s, %(reason)s, %(at)s, %(by)s)

-- decide_listed --
-- Take one step with a list's cases, or with some of them, that stand as they were listed; how many these are.
-- An approval sets the amount that was listed, where the budget sufficed for a part only.
WITH taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, amount_fen, at, by, reason, about)
    SELECT l.case_id, l.seq + 1, t.event, t.before, t.after,
           CASE WHEN t.event = 'approve' AND l.amount_fen <> s.amount_fen THEN l.amount_fen END,
           %(at)s, %(by)s, %(reason)s, 'list:' || l.list_id
      FROM listed_case AS l
      JOIN case_state AS s ON s.case_id = l.case_id AND s.seq = l.seq
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = %(event)s::case_step
     WHERE l.list_id = %(list_id)s AND s.status = 'reviewed'
       AND (%(cases)s::bigint[] IS NULL OR l.case_id = ANY (%(cases)s::bigint[]))
    RETURNING case_id)
SELECT count(*) AS taken FROM taken
