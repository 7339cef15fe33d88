-- case_lines --
-- A page of cases by number after a given one, of what a filter lets through.
SELECT s.case_id, s.policy_id, s.uscc, coalesce(n.name, '') AS name, s.record_id, s.period, s.instalment,
       c.instalments, s.route, s.status, s.amount_fen, s.deadline, c.due_from, s.since
  FROM case_state AS s
  JOIN benefit_case AS c USING (case_id)
  JOIN opening AS o ON o.number = c.opening
  -- One look-up per case: right after an opening there are no statistics, and a join may read all names for each case.
  LEFT JOIN LATERAL (SELECT f.name FROM firm_name AS f
                      WHERE f.sweep_number = o.sweep_number AND f.uscc = s.uscc LIMIT 1) AS n ON true
 WHERE s.case_id > %(after)s
   AND (%(uscc)s::text IS NULL OR c.uscc = %(uscc)s)
   AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY (%(policies)s::text[]))
   AND (%(status)s::case_status IS NULL OR s.status = %(status)s::case_status)
   AND (%(route)s::case_route IS NULL OR s.route = %(route)s::case_route)
   AND (%(period)s::text IS NULL OR s.period = %(period)s)
   AND (%(due_by)s::date IS NULL OR s.deadline <= %(due_by)s)
   AND (%(found)s::recheck_outcome IS NULL
        OR %(found)s::recheck_outcome = (SELECT r.outcome FROM case_recheck AS r WHERE r.case_id = s.case_id
                                          ORDER BY r.recheck DESC LIMIT 1))
   AND (%(district)s::text IS NULL OR starts_with(substr(s.uscc, 3, 6), %(district)s))
   AND (%(case_ids)s::bigint[] IS NULL OR s.case_id = ANY (%(case_ids)s::bigint[]))
   AND (NOT %(late)s OR EXISTS (SELECT FROM stage_mark AS m
                                 WHERE m.case_id = s.case_id AND m.seq = s.seq AND m.colour = 'red'))
 ORDER BY s.case_id
 LIMIT %(most)s

-- case_counts --
-- How many cases a filter lets through and what they amount to, by policy and status.
SELECT s.policy_id, s.status, count(*) AS cases, sum(s.amount_fen)::bigint AS amount_fen
  FROM case_state AS s
 WHERE (%(uscc)s::text IS NULL OR s.case_id IN (SELECT case_id FROM benefit_case WHERE uscc = %(uscc)s))
   AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY (%(policies)s::text[]))
   AND (%(status)s::case_status IS NULL OR s.status = %(status)s::case_status)
   AND (%(route)s::case_route IS NULL OR s.route = %(route)s::case_route)
   AND (%(period)s::text IS NULL OR s.period = %(period)s)
   AND (%(due_by)s::date IS NULL OR s.deadline <= %(due_by)s)
   AND (%(found)s::recheck_outcome IS NULL
        OR %(found)s::recheck_outcome = (SELECT r.outcome FROM case_recheck AS r WHERE r.case_id = s.case_id
                                          ORDER BY r.recheck DESC LIMIT 1))
   AND (%(district)s::text IS NULL OR starts_with(substr(s.uscc, 3, 6), %(district)s))
   AND (%(case_ids)s::bigint[] IS NULL OR s.case_id = ANY (%(case_ids)s::bigint[]))
   AND (NOT %(late)s OR EXISTS (SELECT FROM stage_mark AS m
                                 WHERE m.case_id = s.case_id AND m.seq = s.seq AND m.colour = 'red'))
 GROUP BY s.policy_id, s.status
 ORDER BY s.policy_id, s.status

-- policies_of_cases --
-- The policies of some cases, each once.
SELECT DISTINCT policy_id FROM case_state WHERE case_id = ANY (%(case_ids)s::bigint[])

-- case_origin --
-- Where one case comes from: its version, its sweep and opening, and the entitlement it rests on.
SELECT c.version, w.sweep_id, c.opening, c.place, o.at, o.by, e.decided_fen, e.entitled_fen, e.outcome, e.steps
  FROM benefit_case AS c
  JOIN opening AS o ON o.number = c.opening
  JOIN sweep AS w ON w.number = o.sweep_number
  JOIN entitlement AS e ON e.opening = c.opening AND e.place = c.place AND e.uscc = c.uscc
       AND e.record_id = c.record_id
 WHERE c.case_id = %(case_id)s

-- alternatives_of_firm --
-- The lawful combinations of a firm that an opening did not choose, best first.
SELECT number, total_fen, chosen FROM entitlement_alternative
 WHERE opening = %(opening)s AND uscc = %(uscc)s
 ORDER BY number

-- events_of_case --
-- Every step of one case.
SELECT seq, event, before, after, amount_fen, deadline, at, by, reason, about, digest
  FROM case_event WHERE case_id = %(case_id)s ORDER BY seq

-- rechecks_of_case --
-- Every recheck of one case.
SELECT k.number, k.purpose, w.sweep_id, r.outcome, r.amount_fen, k.at, k.by
  FROM case_recheck AS r
  JOIN recheck AS k ON k.number = r.recheck
  JOIN sweep AS w ON w.number = k.sweep_number
 WHERE r.case_id = %(case_id)s
 ORDER BY k.number
