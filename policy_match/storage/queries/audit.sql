-- audit_cases --
-- A page of cases by number after a given one, of what an auditor asks for.
SELECT s.case_id, s.policy_id, s.uscc, coalesce(n.name, '') AS name, s.record_id, s.period, s.instalment,
       c.instalments, s.route, s.status, s.amount_fen, s.deadline, c.due_from, s.since
  FROM case_state AS s
  JOIN benefit_case AS c USING (case_id)
  JOIN opening AS o ON o.number = c.opening
  LEFT JOIN LATERAL (SELECT f.name FROM firm_name AS f
                      WHERE f.sweep_number = o.sweep_number AND f.uscc = s.uscc LIMIT 1) AS n ON true
 WHERE s.case_id > %(after)s
   AND (%(uscc)s::text IS NULL OR c.uscc = %(uscc)s)
   AND (%(name)s::text IS NULL OR strpos(n.name, %(name)s) > 0)
   AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY(%(policies)s))
   AND (%(district)s::text IS NULL OR starts_with(substr(s.uscc, 3, 6), %(district)s))
   AND (%(status)s::case_status IS NULL OR s.status = %(status)s::case_status)
   AND (%(fund)s::text IS NULL
        OR EXISTS (SELECT FROM case_share AS h JOIN budget_line AS l USING (line)
                    WHERE h.case_id = s.case_id AND l.fund = %(fund)s))
   AND (%(person)s::text IS NULL
        OR EXISTS (SELECT FROM case_event AS e WHERE e.case_id = s.case_id AND e.by = %(person)s)
        OR EXISTS (SELECT FROM listed_case AS i JOIN approval AS a USING (list_id)
                    WHERE i.case_id = s.case_id AND a.person = %(person)s)
        OR EXISTS (SELECT FROM payment_order AS p WHERE p.case_id = s.case_id AND p.by = %(person)s)
        OR EXISTS (SELECT FROM objection AS j JOIN objection_answer AS w USING (objection_id)
                    WHERE j.case_id = s.case_id AND w.by = %(person)s)
        OR EXISTS (SELECT FROM recovery AS v WHERE v.case_id = s.case_id AND v.by = %(person)s))
   AND (%(first)s::date IS NULL
        OR o.at >= %(first)s::timestamp AT TIME ZONE 'Asia/Shanghai'
           AND (%(last)s::date IS NULL OR o.at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
        OR EXISTS (SELECT FROM case_event AS e
                    WHERE e.case_id = s.case_id AND e.at >= %(first)s::timestamp AT TIME ZONE 'Asia/Shanghai'
                      AND (%(last)s::date IS NULL
                           OR e.at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')))
   AND (%(first)s::date IS NOT NULL OR %(last)s::date IS NULL
        OR o.at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
 ORDER BY s.case_id
 LIMIT %(most)s

-- audit_totals --
-- What transfers added to each account, by a group: from the transfers and their cases, not from the kept balances.
SELECT g.name, g.account, count(DISTINCT g.case_id) AS cases, sum(g.fen)::bigint AS total_fen
  FROM (SELECT x.account, x.fen, a.case_id,
               coalesce(CASE %(by)s WHEN 'policy' THEN c.policy_id
                                    WHEN 'district' THEN substr(c.uscc, 3, 6)
                                    WHEN 'fund' THEN l.fund
                                    WHEN 'month' THEN to_char(t.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') END,
                        '') AS name
          FROM ledger_transfer AS t
          JOIN budget_line AS l USING (line)
          JOIN ledger_transfer_kind AS k USING (kind)
         CROSS JOIN LATERAL (VALUES (k.debit, -t.amount_fen::bigint), (k.credit, t.amount_fen::bigint))
                    AS x (account, fen)
          LEFT JOIN payment_attempt AS a ON a.attempt_id = t.attempt_id
          LEFT JOIN benefit_case AS c ON c.case_id = a.case_id
         WHERE %(year)s::integer IS NULL OR l.year = %(year)s) AS g
 GROUP BY g.name, g.account
 ORDER BY g.name, g.account

-- audit_balances --
-- What the balances that the ledger keeps add up to, by account.
SELECT b.account, sum(b.balance_fen)::bigint AS balance_fen
  FROM ledger_balance AS b JOIN budget_line AS l USING (line)
 WHERE %(year)s::integer IS NULL OR l.year = %(year)s
 GROUP BY b.account
 ORDER BY b.account
