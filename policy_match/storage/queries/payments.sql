-- lock_payments --
-- Wait for the right to make orders and batches; one process at a time, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- add_payee_accounts --
-- Keep accounts as somebody stated them; a later row of the same payee and purpose is used instead of an earlier one.
INSERT INTO payee_account (uscc, purpose, holder, sealed, key_id, fingerprint, tail, bank_code, source, at, by)
SELECT a.uscc, a.purpose::payee_kind, a.holder, a.sealed, a.key_id, a.fingerprint, a.tail, a.bank_code,
       a.source::account_source, %(at)s, %(by)s
  FROM unnest(%(usccs)s::text[], %(purposes)s::text[], %(holders)s::text[], %(sealed)s::bytea[], %(key_ids)s::text[],
              %(fingerprints)s::text[], %(tails)s::text[], %(bank_codes)s::text[], %(sources)s::text[])
       AS a (uscc, purpose, holder, sealed, key_id, fingerprint, tail, bank_code, source)

-- payee_accounts --
-- The accounts of some payees for one purpose, the latest of each source.
SELECT DISTINCT ON (uscc, source)
       account_id, uscc, holder, tail, bank_code, source, at
  FROM payee_account
 WHERE uscc = ANY(%(usccs)s::text[]) AND purpose = %(purpose)s::payee_kind
 ORDER BY uscc, source, account_id DESC

-- orderable_cases --
-- A page of approved cases whose payment is due, with what an order needs; what is null is what still lacks.
WITH newest AS (
    SELECT p.opening, p.place, max(s.number) AS sweep_number
      FROM opening_policy AS p
      JOIN sweep AS from_sweep ON from_sweep.number = p.sweep_number
      JOIN sweep AS s ON s.as_of = from_sweep.as_of
      JOIN sweep_policy AS k ON k.sweep_number = s.number AND k.version = p.version
     GROUP BY p.opening, p.place
), page AS MATERIALIZED (
    -- Whose turn it is first: everything else is then looked up once for each case, however many wait behind it.
    SELECT s.case_id, s.policy_id, s.uscc, s.record_id, s.period, s.instalment, s.since,
           b.opening, b.place, p.payee, p.sweep_number
      FROM case_state AS s
      JOIN benefit_case AS b USING (case_id)
      JOIN opening_policy AS p USING (opening, place)
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = 'order'
     WHERE s.case_id > %(after)s AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
       AND s.amount_fen > 0 AND b.due_from <= %(day)s
       AND CASE s.status WHEN 'approved' THEN p.publicity_days = 0
                         WHEN 'published' THEN s.deadline < %(day)s
                         ELSE true END
     ORDER BY s.case_id
     LIMIT %(most)s
)
SELECT s.case_id, s.policy_id, s.uscc, s.record_id, s.period, s.instalment,
       s.payee, l.list_id, l.amount_fen AS approved_fen, l.allocation, r.recheck, r.outcome AS recheck_outcome,
       f.name AS registered_name, h.year AS budget_year,
       coalesce((SELECT max(a.number) FROM payment_attempt AS a WHERE a.case_id = s.case_id), 0) AS attempts,
       EXISTS (SELECT FROM exclusion AS x
                WHERE x.uscc = s.uscc AND (x.policy_id IS NULL OR x.policy_id = s.policy_id)
                  AND x.since <= %(day)s AND (x.until IS NULL OR x.until >= %(day)s)
                  AND NOT EXISTS (SELECT FROM exclusion_lifted AS e WHERE e.exclusion_id = x.exclusion_id)) AS excluded
  FROM page AS s
  JOIN newest USING (opening, place)
  JOIN LATERAL (
       SELECT l.list_id, l.amount_fen, l.allocation
         FROM listed_case AS l JOIN list_end AS e USING (list_id)
        WHERE l.case_id = s.case_id AND e.outcome = 'complete'
        ORDER BY l.list_id DESC LIMIT 1) AS l ON true
  LEFT JOIN LATERAL (
       SELECT c.recheck, c.outcome
         FROM case_recheck AS c JOIN recheck AS k ON k.number = c.recheck
        WHERE c.case_id = s.case_id AND k.purpose = 'payment' AND k.sweep_number = newest.sweep_number
          AND k.at >= s.since
        ORDER BY c.recheck DESC LIMIT 1) AS r ON true
  LEFT JOIN LATERAL (
       SELECT min(y.year) AS year FROM case_share AS h JOIN budget_line AS y USING (line)
        WHERE h.case_id = s.case_id AND h.allocation = l.allocation) AS h ON true
  -- One look-up per case: right after an opening there are no statistics, and a join may read all names for each case.
  LEFT JOIN LATERAL (SELECT n.name FROM firm_name AS n
                      WHERE n.sweep_number = s.sweep_number AND n.uscc = s.uscc LIMIT 1) AS f ON true
 ORDER BY s.case_id

-- payment_orders --
-- A page of payment orders by number after a given one, with where the last attempt of each stands: of one policy, of
-- some, or of all; of one case; with attempts that stand somewhere.
SELECT o.order_id, o.case_id, c.policy_id, c.uscc, o.list_id, o.amount_fen, o.at, o.by,
       a.attempt_id, a.number AS attempts, t.status, t.since, m.batch_id
  FROM payment_order AS o
  JOIN benefit_case AS c USING (case_id)
  LEFT JOIN LATERAL (SELECT a.attempt_id, a.number FROM payment_attempt AS a
                      WHERE a.order_id = o.order_id ORDER BY a.number DESC LIMIT 1) AS a ON true
  LEFT JOIN attempt_state AS t ON t.attempt_id = a.attempt_id
  LEFT JOIN batch_attempt AS m ON m.attempt_id = a.attempt_id
 WHERE o.order_id > %(after)s
   AND (%(policy_id)s::text IS NULL OR c.policy_id = %(policy_id)s)
   AND (%(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s::text[]))
   AND (%(case_id)s::bigint IS NULL OR o.case_id = %(case_id)s)
   AND (%(status)s::attempt_status IS NULL OR t.status = %(status)s::attempt_status)
 ORDER BY o.order_id
 LIMIT %(most)s

-- next_orders --
-- Numbers for new orders.
SELECT nextval('order_number') AS order_id FROM generate_series(1, %(count)s::integer)

-- reserve_attempts --
-- Reserve the money of new attempts on the budget lines that were granted for them.
INSERT INTO ledger_transfer (kind, line, amount_fen, attempt_id, at, by)
SELECT 'reserve', s.line, s.amount_fen, a.attempt_id, a.at, a.by
  FROM payment_attempt AS a
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS s ON s.case_id = l.case_id AND s.allocation = l.allocation
 WHERE a.attempt_id = ANY(%(attempt_ids)s::text[])

-- reserved_unlike --
-- Attempts for which other money is reserved than they pay; there must be none.
SELECT a.attempt_id
  FROM payment_attempt AS a
  LEFT JOIN ledger_transfer AS t ON t.attempt_id = a.attempt_id AND t.kind = 'reserve'
 WHERE a.attempt_id = ANY(%(attempt_ids)s::text[])
 GROUP BY a.attempt_id
HAVING coalesce(sum(t.amount_fen), 0) <> a.amount_fen
 LIMIT 1

-- step_cases_of_attempts --
-- Take one step with the cases of some attempts.
INSERT INTO case_event (case_id, seq, event, before, after, at, by, reason, about)
SELECT s.case_id, s.seq + 1, t.event, t.before, t.after, %(at)s, %(by)s, %(reason)s, 'attempt:' || a.attempt_id
  FROM payment_attempt AS a
  JOIN case_state AS s USING (case_id)
  JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = %(event)s::case_step
 WHERE a.attempt_id = ANY(%(attempt_ids)s::text[])
RETURNING case_id

-- attempts_without_batch --
-- Stored attempts that are in no batch yet, with what a channel writes.
SELECT a.attempt_id, a.amount_fen, a.account_id, y.uscc, y.holder, y.sealed, y.key_id, y.fingerprint, y.bank_code,
       min(h.line) AS line, c.policy_id
  FROM (SELECT s.attempt_id
          FROM attempt_state AS s
         WHERE s.status = 'stored' AND NOT EXISTS (SELECT FROM batch_attempt AS b WHERE b.attempt_id = s.attempt_id)
         ORDER BY s.attempt_id
         LIMIT %(most)s) AS s
  JOIN payment_attempt AS a USING (attempt_id)
  JOIN payee_account AS y USING (account_id)
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
  JOIN benefit_case AS c ON c.case_id = a.case_id
 GROUP BY a.attempt_id, y.account_id, c.case_id
 ORDER BY a.attempt_id

-- attempts_of_batch --
-- The attempts of one batch, in the order of the file, with what a channel writes.
SELECT a.attempt_id, a.amount_fen, a.account_id, y.uscc, y.holder, y.sealed, y.key_id, y.fingerprint, y.bank_code,
       min(h.line) AS line, c.policy_id
  FROM batch_attempt AS b
  JOIN payment_attempt AS a USING (attempt_id)
  JOIN payee_account AS y USING (account_id)
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
  JOIN benefit_case AS c ON c.case_id = a.case_id
 WHERE b.batch_id = %(batch_id)s
 GROUP BY a.attempt_id, y.account_id, c.case_id
 ORDER BY a.attempt_id

-- next_batch --
-- A number for a new batch.
SELECT nextval('batch_number')::integer AS batch_id

-- add_batch --
-- Keep what a batch declares.
INSERT INTO payment_batch (batch_id, message_id, channel, execute_on, attempts, total_fen, file_name, file_digest, at, by)
VALUES (%(batch_id)s, %(message_id)s, %(channel)s, %(execute_on)s, %(attempts)s, %(total_fen)s, %(file_name)s,
        %(file_digest)s, %(at)s, %(by)s)

-- add_batch_attempts --
-- Put attempts into a batch; the database counts and adds them up again.
INSERT INTO batch_attempt (batch_id, attempt_id)
SELECT %(batch_id)s, unnest(%(attempt_ids)s::text[])

-- batches --
-- Batches with where their attempts stand, latest first, from before a given one; or the one asked for.
SELECT b.batch_id, b.message_id, b.channel, b.execute_on, b.attempts, b.total_fen, b.file_name, b.file_digest, b.at,
       h.at AS handed_over_at,
       (SELECT jsonb_object_agg(status, n)
          FROM (SELECT s.status, count(*) AS n
                  FROM batch_attempt AS m JOIN attempt_state AS s USING (attempt_id)
                 WHERE m.batch_id = b.batch_id GROUP BY s.status) AS each) AS statuses
  FROM payment_batch AS b
  LEFT JOIN batch_handed_over AS h USING (batch_id)
 WHERE (%(batch_id)s::integer IS NULL OR b.batch_id = %(batch_id)s)
   AND (%(before)s::bigint IS NULL OR b.batch_id < %(before)s)
 ORDER BY b.batch_id DESC
 LIMIT %(most)s

-- batches_to_send --
-- Batches of a channel of which nothing has been sent, oldest first.
SELECT b.batch_id
  FROM payment_batch AS b
 WHERE b.channel = %(channel)s
   AND EXISTS (SELECT FROM batch_attempt AS m JOIN attempt_state AS s USING (attempt_id)
                WHERE m.batch_id = b.batch_id AND s.status = 'stored')
 ORDER BY b.batch_id
 LIMIT %(most)s

-- send_batch --
-- Record, before the bank is asked, that every attempt of a batch is sent.
INSERT INTO attempt_event (attempt_id, seq, event, before, after, about, at, by)
SELECT s.attempt_id, s.seq + 1, t.event, t.before, t.after, 'batch:' || m.batch_id, %(at)s, %(by)s
  FROM batch_attempt AS m
  JOIN attempt_state AS s USING (attempt_id)
  JOIN attempt_transition AS t ON t.before = 'stored' AND t.event = 'send'
 WHERE m.batch_id = %(batch_id)s

-- add_hand_over --
-- Keep the bank's word that it has the file; the first word stays.
INSERT INTO batch_handed_over (batch_id, receipt, at)
VALUES (%(batch_id)s, %(receipt)s, %(at)s)
ON CONFLICT (batch_id) DO NOTHING

-- lose_replies --
-- Sent attempts whose batch has waited for the bank's word since before `sent_before` may or may not have arrived.
INSERT INTO attempt_event (attempt_id, seq, event, before, after, about, at, by)
SELECT s.attempt_id, s.seq + 1, t.event, t.before, t.after, 'batch:' || m.batch_id, %(at)s, %(by)s
  FROM attempt_state AS s
  JOIN batch_attempt AS m USING (attempt_id)
  JOIN attempt_transition AS t ON t.before = s.status AND t.event = 'lose'
 WHERE s.status = 'sent' AND s.since <= %(sent_before)s
   AND NOT EXISTS (SELECT FROM batch_handed_over AS h WHERE h.batch_id = m.batch_id)
RETURNING attempt_id

-- returned_cases --
-- A page of cases whose payment came back or was refused, of some policies or of all, with the last attempt and the
-- account that is known now.
SELECT s.case_id, s.policy_id, s.uscc, s.period, s.instalment, f.name AS registered_name, p.payee, a.attempt_id,
       a.number, a.account_id, a.order_id, a.amount_fen AS attempted_fen, n.account_ids AS newer_accounts, o.list_id, h.line, e.reason_code,
       coalesce(v.booked_on, s.since::date) AS booked_on, r.outcome AS recheck_outcome,
       EXISTS (SELECT FROM exclusion AS x
                WHERE x.uscc = s.uscc AND (x.policy_id IS NULL OR x.policy_id = s.policy_id)
                  AND x.since <= %(day)s AND (x.until IS NULL OR x.until >= %(day)s)
                  AND NOT EXISTS (SELECT FROM exclusion_lifted AS e WHERE e.exclusion_id = x.exclusion_id)) AS excluded
  FROM case_state AS s
  JOIN benefit_case AS b USING (case_id)
  JOIN opening_policy AS p USING (opening, place)
  -- One look-up per case: right after an opening there are no statistics, and a join may read all names for each case.
  LEFT JOIN LATERAL (SELECT n.name FROM firm_name AS n
                      WHERE n.sweep_number = p.sweep_number AND n.uscc = s.uscc LIMIT 1) AS f ON true
  JOIN LATERAL (SELECT * FROM payment_attempt AS a WHERE a.case_id = s.case_id ORDER BY a.number DESC LIMIT 1) AS a
       ON true
  JOIN payment_order AS o USING (order_id)
  JOIN LATERAL (SELECT min(h.line) AS line
                  FROM listed_case AS l JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
                 WHERE l.list_id = o.list_id AND l.case_id = o.case_id) AS h ON true
  LEFT JOIN LATERAL (SELECT e.reason_code FROM attempt_event AS e
                      WHERE e.attempt_id = a.attempt_id ORDER BY e.seq DESC LIMIT 1) AS e ON true
  LEFT JOIN LATERAL (SELECT max(v.booked_on) AS booked_on FROM statement_entry AS v
                      WHERE v.attempt_id = a.attempt_id AND v.out_fen < 0) AS v ON true
  -- The same account stated again corrects nothing.
  JOIN payee_account AS failed USING (account_id)
  JOIN LATERAL (SELECT coalesce(array_agg(y.account_id), '{}') AS account_ids FROM payee_account AS y
                 WHERE y.uscc = s.uscc AND y.purpose = p.payee AND y.account_id > a.account_id
                   AND (y.fingerprint, y.holder, y.bank_code)
                    <> (failed.fingerprint, failed.holder, failed.bank_code)) AS n ON true
  LEFT JOIN LATERAL (
       SELECT c.outcome
         FROM case_recheck AS c JOIN recheck AS k ON k.number = c.recheck
        WHERE c.case_id = s.case_id AND k.purpose = 'payment' AND k.at >= s.since
          AND k.sweep_number = (SELECT max(later.number)
                                  FROM sweep AS swept JOIN sweep AS later USING (as_of)
                                  JOIN sweep_policy AS w ON w.sweep_number = later.number AND w.version = p.version
                                 WHERE swept.number = p.sweep_number)
        ORDER BY c.recheck DESC LIMIT 1) AS r ON true
 WHERE s.status = 'returned' AND s.case_id > %(after)s
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY (%(policies)s::text[]))
 ORDER BY s.case_id
 LIMIT %(most)s

-- step_named_cases --
-- Take one step with some cases, if each allows it.
INSERT INTO case_event (case_id, seq, event, before, after, amount_fen, at, by, reason, about)
SELECT s.case_id, s.seq + 1, t.event, t.before, t.after, %(amount_fen)s, %(at)s, %(by)s, %(reason)s, %(about)s
  FROM case_state AS s
  JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = %(event)s::case_step
 WHERE s.case_id = ANY(%(case_ids)s::bigint[])
RETURNING case_id

-- approvers_of_case --
-- Who approved a case at any stage.
SELECT DISTINCT a.person
  FROM listed_case AS l JOIN approval AS a USING (list_id)
 WHERE l.case_id = %(case_id)s

-- paid_of_case --
-- What a case was paid and did not give back, and what was asked back before.
SELECT c.uscc, c.policy_id, s.status,
       coalesce((SELECT sum(a.amount_fen) FROM payment_attempt AS a JOIN attempt_state AS t USING (attempt_id)
                  WHERE a.case_id = c.case_id AND t.status = 'settled'), 0)::bigint AS paid_fen,
       coalesce((SELECT sum(r.amount_fen) FROM recovery AS r WHERE r.case_id = c.case_id), 0)::bigint AS asked_fen
  FROM benefit_case AS c JOIN case_state AS s USING (case_id)
 WHERE c.case_id = %(case_id)s

-- add_exclusion_after_fraud --
-- Exclude a firm from every policy.
INSERT INTO exclusion (uscc, since, until, reason, at, by)
VALUES (%(uscc)s, %(since)s, %(until)s, %(reason)s, %(at)s, %(by)s)
RETURNING exclusion_id

-- add_recovery --
-- Keep the decision to ask money back.
INSERT INTO recovery (case_id, kind, amount_fen, ground, exclusion_id, at, by)
VALUES (%(case_id)s, %(kind)s::recovery_kind, %(amount_fen)s, %(ground)s, %(exclusion_id)s, %(at)s, %(by)s)
RETURNING recovery_id

-- recoveries --
-- Decisions to ask money back, with what came in, latest first, from before a given one, of some policies or of all; or
-- the one asked for.
SELECT r.recovery_id, r.case_id, r.kind, r.amount_fen, r.ground, r.at, r.by, c.uscc, c.policy_id, s.status,
       coalesce((SELECT sum(x.amount_fen) FROM recovery_receipt AS x WHERE x.recovery_id = r.recovery_id), 0)::bigint
           AS received_fen
  FROM recovery AS r JOIN benefit_case AS c USING (case_id) JOIN case_state AS s USING (case_id)
 WHERE (%(recovery_id)s::bigint IS NULL OR r.recovery_id = %(recovery_id)s)
   AND (%(before)s::bigint IS NULL OR r.recovery_id < %(before)s)
   AND (%(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s::text[]))
 ORDER BY r.recovery_id DESC
 LIMIT %(most)s

-- add_recovery_receipt --
-- Assign money that came in to a recovery.
INSERT INTO recovery_receipt (recovery_id, line_ref, amount_fen, at, by)
VALUES (%(recovery_id)s, %(line_ref)s, %(amount_fen)s, %(at)s, %(by)s)

-- paid_shares_of_case --
-- The budget lines that paid the settled attempt of a case, with what each has recovered already.
SELECT a.attempt_id, t.line, sum(t.amount_fen) FILTER (WHERE t.kind = 'post')::bigint AS posted_fen,
       coalesce(sum(t.amount_fen) FILTER (WHERE t.kind = 'recover'), 0)::bigint AS recovered_fen
  FROM payment_attempt AS a
  JOIN attempt_state AS s USING (attempt_id)
  JOIN ledger_transfer AS t USING (attempt_id)
 WHERE a.case_id = %(case_id)s AND s.status = 'settled'
 GROUP BY a.attempt_id, t.line
 ORDER BY t.line

-- add_recover_transfer --
-- Book money that came back from a firm.
INSERT INTO ledger_transfer (kind, line, amount_fen, attempt_id, about, at, by)
VALUES ('recover', %(line)s, %(amount_fen)s, %(attempt_id)s, %(about)s, %(at)s, %(by)s)
