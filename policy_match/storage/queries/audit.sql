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
   AND (%(name)s::text IS NULL
        OR s.uscc = ANY (ARRAY(SELECT DISTINCT f.uscc FROM firm_name AS f WHERE strpos(f.name, %(name)s) > 0))
           AND strpos(n.name, %(name)s) > 0)
   AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY(%(policies)s))
   AND (%(district)s::text IS NULL OR starts_with(substr(s.uscc, 3, 6), %(district)s))
   AND (%(status)s::case_status IS NULL OR s.status = %(status)s::case_status)
   AND (%(fund)s::text IS NULL
        OR EXISTS (SELECT FROM case_share AS h JOIN budget_line AS l USING (line)
                    WHERE h.case_id = s.case_id AND l.fund = %(fund)s))
   AND (%(person)s::text IS NULL
        OR s.case_id IN (SELECT e.case_id FROM case_event AS e WHERE e.by = %(person)s AND e.by <> 'system')
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

-- audit_group_money --
-- A page of the cases of one group of the totals by number, with what their transfers added to each account.
SELECT m.case_id, c.policy_id, c.uscc,
       coalesce((SELECT f.name FROM firm_name AS f JOIN opening AS o ON o.sweep_number = f.sweep_number
                  WHERE o.number = c.opening AND f.uscc = c.uscc), '') AS name,
       m.available_fen, m.reserved_fen, m.paid_fen, m.returned_fen, m.recovered_fen, m.appropriation_fen
  FROM (SELECT a.case_id,
               coalesce(sum(x.fen) FILTER (WHERE x.account = 'available'), 0)::bigint AS available_fen,
               coalesce(sum(x.fen) FILTER (WHERE x.account = 'reserved'), 0)::bigint AS reserved_fen,
               coalesce(sum(x.fen) FILTER (WHERE x.account = 'paid'), 0)::bigint AS paid_fen,
               coalesce(sum(x.fen) FILTER (WHERE x.account = 'returned'), 0)::bigint AS returned_fen,
               coalesce(sum(x.fen) FILTER (WHERE x.account = 'recovered'), 0)::bigint AS recovered_fen,
               coalesce(sum(x.fen) FILTER (WHERE x.account = 'appropriation'), 0)::bigint AS appropriation_fen
          FROM payment_attempt AS a
          JOIN benefit_case AS c USING (case_id)
          JOIN ledger_transfer AS t ON t.attempt_id = a.attempt_id
          JOIN budget_line AS l USING (line)
          JOIN ledger_transfer_kind AS k USING (kind)
         CROSS JOIN LATERAL (VALUES (k.debit, -t.amount_fen::bigint), (k.credit, t.amount_fen::bigint))
                    AS x (account, fen)
         WHERE a.case_id > %(after)s
           AND (%(year)s::integer IS NULL OR l.year = %(year)s)
           AND CASE %(by)s WHEN 'policy' THEN c.policy_id
                           WHEN 'district' THEN substr(c.uscc, 3, 6)
                           WHEN 'fund' THEN l.fund
                           WHEN 'month' THEN to_char(t.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') END = %(name)s
         GROUP BY a.case_id
         ORDER BY a.case_id
         LIMIT %(most)s) AS m
  JOIN benefit_case AS c USING (case_id)
 ORDER BY m.case_id

-- audit_group_sums --
-- What one group of the totals adds up to by account, apart for what is about cases and what is not.
SELECT a.case_id IS NOT NULL AS is_of_case, x.account, count(DISTINCT a.case_id) AS cases, sum(x.fen)::bigint AS fen
  FROM ledger_transfer AS t
  JOIN budget_line AS l USING (line)
  JOIN ledger_transfer_kind AS k USING (kind)
 CROSS JOIN LATERAL (VALUES (k.debit, -t.amount_fen::bigint), (k.credit, t.amount_fen::bigint)) AS x (account, fen)
  LEFT JOIN payment_attempt AS a ON a.attempt_id = t.attempt_id
  LEFT JOIN benefit_case AS c ON c.case_id = a.case_id
 WHERE (%(year)s::integer IS NULL OR l.year = %(year)s)
   AND coalesce(CASE %(by)s WHEN 'policy' THEN c.policy_id
                            WHEN 'district' THEN substr(c.uscc, 3, 6)
                            WHEN 'fund' THEN l.fund
                            WHEN 'month' THEN to_char(t.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') END, '') = %(name)s
 GROUP BY is_of_case, x.account
 ORDER BY is_of_case, x.account

-- audit_line_balances --
-- What the balances that the ledger keeps of a fund's lines, or of all, add up to, by account.
SELECT b.account, sum(b.balance_fen)::bigint AS balance_fen
  FROM ledger_balance AS b JOIN budget_line AS l USING (line)
 WHERE (%(year)s::integer IS NULL OR l.year = %(year)s) AND (%(fund)s::text IS NULL OR l.fund = %(fund)s)
 GROUP BY b.account
 ORDER BY b.account

-- audit_hits --
-- What there is of what a question can mean; of some policies, or of all.
SELECT 'case' AS kind, s.case_id::text AS name, s.case_id
  FROM case_state AS s
 WHERE s.case_id = %(case_id)s::bigint AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY (%(policies)s))
UNION ALL
SELECT 'payment', a.attempt_id, a.case_id
  FROM payment_attempt AS a JOIN benefit_case AS c USING (case_id)
 WHERE a.attempt_id = %(attempt_id)s::text AND (%(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s))
UNION ALL
SELECT 'firm', %(uscc)s::text, NULL
 WHERE EXISTS (SELECT FROM benefit_case AS c
                WHERE c.uscc = %(uscc)s::text AND (%(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s)))
UNION ALL
SELECT 'policy', %(word)s::text, NULL
 WHERE EXISTS (SELECT FROM policy_version AS v
                WHERE v.policy_id = %(word)s::text
                  AND (%(policies)s::text[] IS NULL OR v.policy_id = ANY (%(policies)s)))
UNION ALL
SELECT 'line', l.line, NULL FROM budget_line AS l WHERE l.line = %(line)s::text AND %(policies)s::text[] IS NULL
UNION ALL
SELECT 'fund', %(word)s::text, NULL
 WHERE %(policies)s::text[] IS NULL AND EXISTS (SELECT FROM budget_line AS l WHERE l.fund = %(word)s::text)
UNION ALL
SELECT 'list', l.list_id::text, NULL
  FROM approval_list AS l
 WHERE l.list_id = %(list_id)s::integer AND (%(policies)s::text[] IS NULL OR l.policy_id = ANY (%(policies)s))
UNION ALL
SELECT 'person', %(word)s::text, NULL
 WHERE %(word)s::text <> 'system' AND %(policies)s::text[] IS NULL
   AND (EXISTS (SELECT FROM account AS a WHERE a.name = %(word)s::text AND a.kind = 'staff')
        OR EXISTS (SELECT FROM role_grant AS g WHERE g.person = %(word)s::text)
        OR EXISTS (SELECT FROM action AS a WHERE a.by = %(word)s::text)
        OR EXISTS (SELECT FROM case_event AS e WHERE e.by = %(word)s::text AND e.by <> 'system')
        OR EXISTS (SELECT FROM approval AS a WHERE a.person = %(word)s::text)
        OR EXISTS (SELECT FROM payment_order AS p WHERE p.by = %(word)s::text))

-- audit_batches_of_case --
-- The files to the bank in which the attempts of a case went out.
SELECT b.batch_id, m.attempt_id, b.message_id, b.channel, b.file_name, b.file_digest, b.attempts, b.total_fen, b.at,
       b.by, h.at AS handed_over_at
  FROM payment_attempt AS a
  JOIN batch_attempt AS m USING (attempt_id)
  JOIN payment_batch AS b USING (batch_id)
  LEFT JOIN batch_handed_over AS h USING (batch_id)
 WHERE a.case_id = %(case_id)s
 ORDER BY b.batch_id, a.number

-- audit_bank_lines_of_case --
-- The lines of the bank's files that name an attempt of a case, with what was made of each.
SELECT l.file_digest, f.name AS file_name, f.kind AS file_kind, l.number, l.attempt_id, l.step, l.amount_fen, l.out_fen,
       l.booked_on, l.line_ref, l.reason_code, coalesce(v.verdict::text, '') AS verdict,
       coalesce(x.reason, '') AS explained, f.at, f.by
  FROM payment_attempt AS a
  JOIN bank_line AS l USING (attempt_id)
  JOIN bank_file AS f USING (file_digest)
  LEFT JOIN bank_verdict AS v ON v.file_digest = l.file_digest AND v.number = l.number
  LEFT JOIN line_explained AS x ON x.file_digest = l.file_digest AND x.number = l.number
 WHERE a.case_id = %(case_id)s
 ORDER BY f.at, l.file_digest, l.number

-- audit_receipts_of_case --
-- What came back for the recoveries of a case, by the bank's reference.
SELECT e.recovery_id, e.line_ref, e.amount_fen, s.booked_on, f.name AS file_name, e.at, e.by
  FROM recovery AS r
  JOIN recovery_receipt AS e USING (recovery_id)
  JOIN statement_entry AS s USING (line_ref)
  JOIN bank_file AS f USING (file_digest)
 WHERE r.case_id = %(case_id)s
 ORDER BY e.at, e.line_ref

-- audit_ledger_of_case --
-- The transfers for the attempts of a case.
SELECT t.transfer_id, t.kind, t.line, k.debit, k.credit, t.amount_fen, t.attempt_id, a.case_id, t.about, t.at, t.by
  FROM payment_attempt AS a
  JOIN ledger_transfer AS t USING (attempt_id)
  JOIN ledger_transfer_kind AS k USING (kind)
 WHERE a.case_id = %(case_id)s
 ORDER BY t.transfer_id

-- audit_transfers --
-- A page of the transfers of a budget line by number after a given one, with the case of each.
SELECT t.transfer_id, t.kind, t.line, k.debit, k.credit, t.amount_fen, t.attempt_id, a.case_id, t.about, t.at, t.by
  FROM ledger_transfer AS t
  JOIN ledger_transfer_kind AS k USING (kind)
  LEFT JOIN payment_attempt AS a USING (attempt_id)
 WHERE t.line = %(line)s AND t.transfer_id > %(after)s
 ORDER BY t.transfer_id
 LIMIT %(most)s

-- audit_appeals_of_case --
-- The appeals against the decision that opened a case.
SELECT p.appeal_id, p.lodged_by, p.ground, p.at, r.same_as_kept, r.at AS replayed_at, r.by AS replayed_by
  FROM benefit_case AS c
  JOIN opening AS o ON o.number = c.opening
  JOIN appeal AS p ON p.uscc = c.uscc AND p.policy_id = c.policy_id AND p.record_id = c.record_id
       AND p.sweep_number = o.sweep_number
  LEFT JOIN appeal_replay AS r USING (appeal_id)
 WHERE c.case_id = %(case_id)s
 ORDER BY p.appeal_id

-- audit_corrections_on --
-- What the firm of a case asked to correct, about the case or about none, with the answers.
SELECT r.correction_id, r.fact, r.record_id, r.claim, r.reason, r.source, r.evidence, r.due, r.at, r.by,
       e.outcome::text AS outcome, e.reason AS answer, e.at AS answered_at, e.by AS answered_by
  FROM benefit_case AS c
  JOIN correction AS r ON r.uscc = c.uscc AND (r.case_id = c.case_id OR r.case_id IS NULL)
  LEFT JOIN correction_end AS e USING (correction_id)
 WHERE c.case_id = %(case_id)s
 ORDER BY r.correction_id

-- audit_orders_to_act_on --
-- The orders to act that name a case.
SELECT o.order_id, o.unit, o.ground, s.due, s.status::text AS status, o.at, o.by
  FROM order_to_act_case AS i
  JOIN order_to_act AS o USING (order_id)
  JOIN order_to_act_state AS s USING (order_id)
 WHERE i.case_id = %(case_id)s
 ORDER BY o.order_id

-- audit_changed_steps --
-- The steps of a case whose digest is not that of their row.
SELECT e.seq
  FROM case_event AS e JOIN benefit_case AS c USING (case_id)
 WHERE e.case_id = %(case_id)s AND e.digest <> event_digest(e, c)
 ORDER BY e.seq

-- audit_listed_as_signed --
-- A page of a list's cases as its digest covers them, by number after a given one.
SELECT l.case_id, c.policy_id, c.version, c.uscc, c.record_id, c.period, c.instalment, l.amount_fen, l.seq
  FROM listed_case AS l JOIN benefit_case AS c USING (case_id)
 WHERE l.list_id = %(list_id)s AND l.case_id > %(after)s
 ORDER BY l.case_id
 LIMIT %(most)s

-- audit_payments_of_firm --
-- A page of the attempts to pay a firm, by case and number after given ones.
SELECT a.case_id, a.number, a.attempt_id, c.policy_id, a.amount_fen, s.status, s.since, y.tail, a.at, a.by
  FROM benefit_case AS c
  JOIN payment_attempt AS a USING (case_id)
  JOIN attempt_state AS s USING (attempt_id)
  JOIN payee_account AS y USING (account_id)
 WHERE c.uscc = %(uscc)s AND (%(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s))
   AND (a.case_id, a.number) > (%(after_case)s, %(after_number)s)
 ORDER BY a.case_id, a.number
 LIMIT %(most)s

-- audit_accounts_of_firm --
-- The accounts that were stated for a firm, the latest first; of a number no more than its last digits.
SELECT account_id, purpose::text AS purpose, holder, tail, bank_code, source::text AS source, at, by
  FROM payee_account
 WHERE uscc = %(uscc)s
 ORDER BY account_id DESC
 LIMIT %(most)s

-- audit_has_case --
-- Whether a firm has a case, of some policies or of any.
SELECT EXISTS (SELECT FROM benefit_case AS c
                WHERE c.uscc = %(uscc)s
                  AND (%(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s))) AS has_case

-- audit_names_of_firm --
-- The registered names of a firm with a case, the latest first.
SELECT name
  FROM (SELECT name, max(sweep_number) AS latest FROM firm_name
         WHERE uscc = %(uscc)s AND sweep_number IN (SELECT sweep_number FROM opening)
         GROUP BY name) AS names
 ORDER BY latest DESC
 LIMIT %(most)s
