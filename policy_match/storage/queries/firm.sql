-- firm_figures --
-- What one firm is owed, what waits for it on a day, what was paid to it, and how many messages it has not read.
SELECT s.*, p.paid, p.paid_fen, r.recovered_fen, u.unread
  FROM (SELECT count(*) FILTER (WHERE is_owed) AS owed,
               coalesce(sum(amount_fen) FILTER (WHERE is_owed), 0)::bigint AS owed_fen,
               count(*) FILTER (WHERE is_asked AND deadline >= %(today)s) AS to_answer,
               coalesce(sum(amount_fen) FILTER (WHERE is_asked AND deadline >= %(today)s), 0)::bigint AS to_answer_fen,
               min(deadline) FILTER (WHERE is_asked AND deadline >= %(today)s) AS answer_by,
               count(*) FILTER (WHERE is_asked AND deadline < %(today)s) AS missed,
               count(*) FILTER (WHERE status = 'returned') AS to_correct,
               coalesce(sum(amount_fen) FILTER (WHERE status = 'returned'), 0)::bigint AS to_correct_fen,
               count(*) FILTER (WHERE status = 'notified' AND route = 'inform') AS informed
          FROM (SELECT c.status, c.route, c.amount_fen, c.deadline,
                       c.route <> 'inform' AND c.status IN (
                           'matched', 'notified', 'confirmed', 'reviewed', 'approved', 'published', 'objected',
                           'ordered', 'returned', 'contracted') AS is_owed,
                       c.route <> 'inform' AND c.status = 'notified' AS is_asked
                  FROM benefit_case AS b JOIN case_state AS c USING (case_id) WHERE b.uscc = %(uscc)s) AS each) AS s
 CROSS JOIN (SELECT count(DISTINCT a.case_id) AS paid, coalesce(sum(a.amount_fen), 0)::bigint AS paid_fen
               FROM benefit_case AS b
               JOIN payment_attempt AS a USING (case_id)
               JOIN attempt_state AS t USING (attempt_id)
              WHERE b.uscc = %(uscc)s AND t.status = 'settled') AS p
 CROSS JOIN (SELECT coalesce(sum(e.amount_fen), 0)::bigint AS recovered_fen
               FROM benefit_case AS b JOIN recovery AS v USING (case_id) JOIN recovery_receipt AS e USING (recovery_id)
              WHERE b.uscc = %(uscc)s) AS r
 CROSS JOIN (SELECT count(*) AS unread
               FROM notice AS n
               JOIN notice_text AS t USING (notice_id)
               JOIN delivery_state AS d ON d.notice_id = n.notice_id AND d.provider = 'inbox'
              WHERE n.recipient = 'firm:' || %(uscc)s AND d.status <> 'read') AS u

-- firm_cases --
-- A page of one firm's cases by number after a given one; of all, of one status, those that wait on a day, or one.
SELECT c.case_id, c.policy_id, c.version, c.record_id, c.period, c.instalment, c.instalments, c.route, s.status,
       s.amount_fen, s.deadline, c.due_from, s.since, p.silence, p.payee, p.publicity_days
  FROM benefit_case AS c
  JOIN case_state AS s USING (case_id)
  JOIN opening_policy AS p USING (opening, place)
 WHERE c.uscc = %(uscc)s AND c.case_id > %(after)s
   AND (%(status)s::case_status IS NULL OR s.status = %(status)s::case_status)
   AND (%(waiting_on)s::date IS NULL OR s.status = 'returned'
        OR (s.status = 'notified' AND c.route <> 'inform' AND s.deadline >= %(waiting_on)s::date))
   AND (%(case_id)s::bigint IS NULL OR c.case_id = %(case_id)s)
 ORDER BY c.case_id
 LIMIT %(most)s

-- firm_case_origin --
-- The sweep and the entitlement of one case of one firm, and whether its version wants a letter to be signed.
SELECT c.opening, c.place, o.at, w.sweep_id, w.snapshot_id, w.rules, w.as_of, e.decided_fen, e.entitled_fen, e.outcome,
       e.steps, coalesce((v.canonical::jsonb #>> '{policy,process,commitment}')::boolean, false) AS wants_letter
  FROM benefit_case AS c
  JOIN policy_version AS v ON v.fingerprint = c.version
  JOIN opening AS o ON o.number = c.opening
  JOIN sweep AS w ON w.number = o.sweep_number
  JOIN entitlement AS e ON e.opening = c.opening AND e.place = c.place AND e.uscc = c.uscc
       AND e.record_id = c.record_id
 WHERE c.uscc = %(uscc)s AND c.case_id = %(case_id)s

-- firm_case_steps --
-- Every step of one case of one firm.
SELECT e.seq, e.event, e.before, e.after, e.amount_fen, e.deadline, e.at, e.reason, e.digest
  FROM benefit_case AS c JOIN case_event AS e USING (case_id)
 WHERE c.uscc = %(uscc)s AND e.case_id = %(case_id)s
 ORDER BY e.seq

-- firm_objections --
-- A page of the objections to one firm's cases by number after a given one, with their answers; of all or of one case.
SELECT o.objection_id, o.case_id, o.ground, o.due, o.at, a.outcome, a.amount_fen, a.reason AS answer,
       a.at AS answered_at
  FROM benefit_case AS c
  JOIN objection AS o USING (case_id)
  LEFT JOIN objection_answer AS a USING (objection_id)
 WHERE c.uscc = %(uscc)s AND o.objection_id > %(after)s
   AND (%(case_id)s::bigint IS NULL OR o.case_id = %(case_id)s)
 ORDER BY o.objection_id
 LIMIT %(most)s

-- firm_attempts --
-- The tries to pay one case of one firm, with where each stands and the day on which the bank booked it.
SELECT a.attempt_id, a.number, a.amount_fen, s.status, a.at, y.holder, y.tail, y.bank_code,
       (SELECT max(b.booked_on) FROM statement_entry AS b WHERE b.attempt_id = a.attempt_id AND b.out_fen > 0)
           AS booked_on
  FROM benefit_case AS c
  JOIN payment_attempt AS a USING (case_id)
  JOIN attempt_state AS s USING (attempt_id)
  JOIN payee_account AS y USING (account_id)
 WHERE c.uscc = %(uscc)s AND c.case_id = %(case_id)s
 ORDER BY a.number

-- firm_attempt_steps --
-- What happened to the tries to pay one case of one firm.
SELECT e.attempt_id, e.event, e.after, e.reason_code, e.at
  FROM benefit_case AS c
  JOIN payment_attempt AS a USING (case_id)
  JOIN attempt_event AS e USING (attempt_id)
 WHERE c.uscc = %(uscc)s AND c.case_id = %(case_id)s
 ORDER BY a.number, e.seq

-- firm_recoveries --
-- What is asked back of one case of one firm, and what came in.
SELECT r.recovery_id, r.kind, r.amount_fen, r.ground, r.at,
       coalesce((SELECT sum(e.amount_fen) FROM recovery_receipt AS e
                  WHERE e.recovery_id = r.recovery_id), 0)::bigint AS received_fen
  FROM benefit_case AS c JOIN recovery AS r USING (case_id)
 WHERE c.uscc = %(uscc)s AND c.case_id = %(case_id)s
 ORDER BY r.recovery_id

-- newest_released_sweep --
-- The sweep of the latest day from which cases were opened, the newest of that day.
SELECT s.sweep_id, s.snapshot_id, s.rules, s.as_of
  FROM sweep AS s
 ORDER BY s.as_of DESC, s.number DESC
 LIMIT 1

-- versions_of_sweep --
-- The versions that one sweep decided, by place.
SELECT p.version
  FROM sweep AS s
  JOIN sweep_policy AS p ON p.sweep_number = s.number
 WHERE s.sweep_id = %(sweep_id)s
 ORDER BY p.place
 LIMIT %(most)s

-- firm_appeals --
-- A page of one firm's appeals by number after a given one, of all or the one of a number, with what the replay showed.
SELECT a.appeal_id, s.sweep_id, a.policy_id, a.uscc, a.record_id, a.lodged_by, a.ground, a.corrected, a.at,
       r.old, r.corrected AS replayed, r.same_as_kept, r.digest, r.at AS replayed_at
  FROM appeal AS a
  JOIN sweep AS s ON s.number = a.sweep_number
  LEFT JOIN appeal_replay AS r USING (appeal_id)
 WHERE a.uscc = %(uscc)s AND a.appeal_id > %(after)s AND (%(appeal_id)s::bigint IS NULL OR a.appeal_id = %(appeal_id)s)
 ORDER BY a.appeal_id
 LIMIT %(most)s

-- firm_accounts --
-- The accounts of one firm, the newest of each purpose and source.
SELECT DISTINCT ON (purpose, source) account_id, purpose, holder, tail, bank_code, source, at
  FROM payee_account
 WHERE uscc = %(uscc)s
 ORDER BY purpose, source, account_id DESC

-- firm_suggestions --
-- A page of what one firm suggested, by number after a given one.
SELECT s.suggestion_id, s.policy_id, s.subject, s.department, s.text, s.at, s.by, coalesce(e.after, 'received') AS status,
       coalesce(e.seq, 0) AS steps, coalesce(e.taken_into, '') AS taken_into, coalesce(e.reason, '') AS reason,
       e.at AS decided_at
  FROM suggestion AS s
  LEFT JOIN LATERAL (SELECT v.after, v.seq, v.taken_into, v.reason, v.at
                       FROM suggestion_event AS v WHERE v.suggestion_id = s.suggestion_id
                      ORDER BY v.seq DESC LIMIT 1) AS e ON true
 WHERE s.by = 'firm:' || %(uscc)s AND s.suggestion_id > %(after)s
 ORDER BY s.suggestion_id
 LIMIT %(most)s

-- firm_contacts --
-- The addresses of one firm, masked, the newest of each channel and source.
SELECT DISTINCT ON (channel, source) channel, masked, source, at
  FROM contact
 WHERE recipient = 'firm:' || %(uscc)s
 ORDER BY channel, source, contact_id DESC
