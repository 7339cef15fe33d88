-- grants_of_case --
-- What each sharing of the budget gave one case, with the budget lines that carry it.
SELECT c.allocation, a.year, a.how, c.place, c.asked_fen, c.granted_fen, a.at, a.by,
       coalesce((SELECT jsonb_object_agg(h.line, h.amount_fen) FROM case_share AS h
                  WHERE h.case_id = c.case_id AND h.allocation = c.allocation), '{}'::jsonb) AS shares
  FROM case_allocation AS c JOIN allocation AS a ON a.number = c.allocation
 WHERE c.case_id = %(case_id)s
 ORDER BY c.allocation

-- lists_of_case --
-- The approval lists on which one case was, and how each ended.
SELECT l.list_id, c.amount_fen, l.digest, l.at, l.by, e.outcome, coalesce(e.reason, '') AS reason, e.at AS ended_at,
       e.by AS ended_by
  FROM listed_case AS c
  JOIN approval_list AS l USING (list_id)
  LEFT JOIN list_end AS e USING (list_id)
 WHERE c.case_id = %(case_id)s
 ORDER BY l.list_id

-- signatures_of_case --
-- Who approved the lists on which one case was.
SELECT a.list_id, a.person, a.stage, a.role, a.at
  FROM listed_case AS c JOIN approval AS a USING (list_id)
 WHERE c.case_id = %(case_id)s
 ORDER BY a.list_id, a.at, a.stage

-- orders_of_case --
-- The payment orders of one case.
SELECT order_id, list_id, recheck, amount_fen, at, by
  FROM payment_order WHERE case_id = %(case_id)s ORDER BY order_id

-- attempts_of_case --
-- The attempts to pay one case, with where each stands.
SELECT a.attempt_id, a.number, a.amount_fen, a.at, a.by, s.status, s.since, y.tail, y.source, m.batch_id
  FROM payment_attempt AS a
  JOIN attempt_state AS s USING (attempt_id)
  JOIN payee_account AS y USING (account_id)
  LEFT JOIN batch_attempt AS m USING (attempt_id)
 WHERE a.case_id = %(case_id)s
 ORDER BY a.number

-- attempt_steps_of_case --
-- What happened to every attempt to pay one case.
SELECT e.attempt_id, e.event, e.after, e.reason_code, e.about, e.at, e.by
  FROM payment_attempt AS a JOIN attempt_event AS e USING (attempt_id)
 WHERE a.case_id = %(case_id)s
 ORDER BY a.number, e.seq

-- recoveries_of_case --
-- What was asked back of one case, and what came in.
SELECT r.recovery_id, r.case_id, s.uscc, s.policy_id, s.status, r.kind, r.amount_fen, r.ground, r.at, r.by,
       coalesce((SELECT sum(e.amount_fen) FROM recovery_receipt AS e
                  WHERE e.recovery_id = r.recovery_id), 0)::bigint AS received_fen
  FROM recovery AS r JOIN case_state AS s USING (case_id)
 WHERE r.case_id = %(case_id)s
 ORDER BY r.recovery_id

-- attempt_totals --
-- How many attempts stand where, and what they amount to.
SELECT s.status, count(*) AS attempts, sum(a.amount_fen)::bigint AS amount_fen
  FROM attempt_state AS s JOIN payment_attempt AS a USING (attempt_id)
 GROUP BY s.status
 ORDER BY s.status
