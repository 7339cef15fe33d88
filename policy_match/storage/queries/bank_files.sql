-- lock_bank_files --
-- Wait for the right to take a bank file; one is taken at a time, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- bank_file_by_digest --
-- A file that was taken before.
SELECT file_digest, name, kind, at FROM bank_file WHERE file_digest = %(file_digest)s

-- add_bank_file --
-- Keep a file from the bank, sealed.
INSERT INTO bank_file (file_digest, name, channel, kind, sealed, key_id, at, by)
VALUES (%(file_digest)s, %(name)s, %(channel)s, %(kind)s::bank_file_kind, %(sealed)s, %(key_id)s, %(at)s, %(by)s)

-- add_refused_file --
-- Keep a file that a channel could not trust, sealed; the first refusal stays.
INSERT INTO refused_bank_file (file_digest, channel, name, reason, sealed, key_id, at, by)
VALUES (%(file_digest)s, %(channel)s, %(name)s, %(reason)s, %(sealed)s, %(key_id)s, %(at)s, %(by)s)
ON CONFLICT (file_digest, channel) DO NOTHING

-- sealed_bank_file --
-- The sealed content of a file, taken or refused.
SELECT name, sealed, key_id FROM bank_file WHERE file_digest = %(file_digest)s
 UNION ALL
SELECT name, sealed, key_id FROM refused_bank_file WHERE file_digest = %(file_digest)s
 LIMIT 1

-- bank_files --
-- Files that were taken or refused, latest first, from behind a given one, with how many lines have each verdict.
WITH kept AS (
    SELECT file_digest, name, kind::text, '' AS reason, at FROM bank_file
     UNION ALL
    SELECT file_digest, name, 'refused', reason, at FROM refused_bank_file)
SELECT f.file_digest, f.name, f.kind, f.reason, f.at,
       coalesce((SELECT jsonb_object_agg(verdict, n)
                   FROM (SELECT verdict, count(*) AS n FROM bank_verdict AS v
                          WHERE v.file_digest = f.file_digest GROUP BY verdict) AS each), '{}'::jsonb) AS verdicts
  FROM kept AS f
 WHERE %(after_at)s::timestamptz IS NULL OR f.at < %(after_at)s
       OR f.at = %(after_at)s AND f.file_digest > %(after_digest)s
 ORDER BY f.at DESC, f.file_digest
 LIMIT %(most)s

-- resolve_batch_lines --
-- The attempts of a batch that a bank speaks of as a whole, each with the budget line that its file names.
SELECT m.attempt_id, min(h.line) AS line, a.amount_fen
  FROM payment_batch AS b
  JOIN batch_attempt AS m USING (batch_id)
  JOIN payment_attempt AS a USING (attempt_id)
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
 WHERE b.message_id = %(message_id)s
 GROUP BY m.attempt_id, a.amount_fen
 ORDER BY m.attempt_id

-- judge_repeated --
-- Movements whose reference the bank used before, in an earlier file or earlier in this one: repeated when they say the
-- same as the first, a contradiction when they name another attempt, amount or day.
WITH told AS (
    SELECT file_digest, number, line_ref, attempt_id, out_fen, booked_on,
           first_value(number) OVER same AS first_number, first_value(attempt_id) OVER same AS first_attempt,
           first_value(out_fen) OVER same AS first_out, first_value(booked_on) OVER same AS first_day
      FROM bank_line
     WHERE file_digest = %(file_digest)s AND out_fen IS NOT NULL
    WINDOW same AS (PARTITION BY line_ref ORDER BY number))
INSERT INTO bank_verdict (file_digest, number, verdict)
SELECT t.file_digest, t.number,
       CASE WHEN (t.attempt_id, t.out_fen, t.booked_on) IS NOT DISTINCT FROM (
                 CASE WHEN e.line_ref IS NULL THEN t.first_attempt ELSE e.attempt_id END,
                 coalesce(e.out_fen, t.first_out), coalesce(e.booked_on, t.first_day))
            THEN 'repeated' ELSE 'contradiction' END::bank_line_verdict
  FROM told AS t
  LEFT JOIN statement_entry AS e USING (line_ref)
 WHERE e.line_ref IS NOT NULL OR t.number > t.first_number

-- add_statement_entries --
-- Keep each new movement once.
INSERT INTO statement_entry (line_ref, file_digest, number, attempt_id, out_fen, booked_on)
SELECT l.line_ref, l.file_digest, l.number, l.attempt_id, l.out_fen, l.booked_on
  FROM bank_line AS l
 WHERE l.file_digest = %(file_digest)s AND l.out_fen IS NOT NULL
   AND NOT EXISTS (SELECT FROM bank_verdict AS v WHERE v.file_digest = l.file_digest AND v.number = l.number)

-- judge_strangers --
-- Lines without an attempt, with one that was never made, with another amount, or of a kind that we do not know.
INSERT INTO bank_verdict (file_digest, number, verdict)
SELECT l.file_digest, l.number,
       CASE WHEN l.attempt_id IS NULL AND l.out_fen IS NULL THEN 'not_understood'
            WHEN l.attempt_id IS NULL THEN 'no_attempt'
            WHEN a.attempt_id IS NULL THEN 'no_such_attempt'
            WHEN l.step IS NULL THEN 'not_understood'
            ELSE 'amount_differs' END::bank_line_verdict
  FROM bank_line AS l
  LEFT JOIN payment_attempt AS a USING (attempt_id)
 WHERE l.file_digest = %(file_digest)s
   AND (a.attempt_id IS NULL OR l.step IS NULL OR l.amount_fen <> a.amount_fen)
   AND NOT EXISTS (SELECT FROM bank_verdict AS v WHERE v.file_digest = l.file_digest AND v.number = l.number)

-- judge_second_movements --
-- The same attempt booked, or returned, under a second reference: the bank moved money twice, or says so.
WITH told AS (
    SELECT l.file_digest, l.number, l.line_ref, l.attempt_id, sign(l.out_fen) AS direction,
           row_number() OVER (PARTITION BY l.attempt_id, sign(l.out_fen) ORDER BY l.number) AS place
      FROM bank_line AS l
     WHERE l.file_digest = %(file_digest)s AND l.out_fen IS NOT NULL
       AND NOT EXISTS (SELECT FROM bank_verdict AS v WHERE v.file_digest = l.file_digest AND v.number = l.number))
INSERT INTO bank_verdict (file_digest, number, verdict)
SELECT t.file_digest, t.number, 'contradiction'
  FROM told AS t
 WHERE t.place > 1
    OR EXISTS (SELECT FROM statement_entry AS e JOIN bank_verdict AS v USING (file_digest, number)
                WHERE e.attempt_id = t.attempt_id AND e.line_ref <> t.line_ref AND sign(e.out_fen) = t.direction
                  AND v.verdict IN ('applied', 'known'))

-- judge_applicable --
-- The first line of each attempt that takes one kind of step, if attempt and case can both take it now.
INSERT INTO bank_verdict (file_digest, number, verdict)
SELECT file_digest, number, 'applied'
  FROM (SELECT DISTINCT ON (l.attempt_id) l.file_digest, l.number
          FROM bank_line AS l
          JOIN attempt_state AS s USING (attempt_id)
          JOIN attempt_transition AS t ON t.before = s.status AND t.event = l.step
          JOIN case_state AS c ON c.case_id = s.case_id
         WHERE l.file_digest = %(file_digest)s AND l.step = %(step)s::attempt_step
           AND NOT EXISTS (SELECT FROM bank_verdict AS v WHERE v.file_digest = l.file_digest AND v.number = l.number)
           AND (%(case_event)s::case_step IS NULL
                OR EXISTS (SELECT FROM case_transition AS k
                            WHERE k.route = c.route AND k.before = c.status AND k.event = %(case_event)s))
         ORDER BY l.attempt_id, l.number) AS first

-- book_unsettled --
-- Book as paid what came back before anybody had said that it was paid: it went out first.
INSERT INTO ledger_transfer (kind, line, amount_fen, attempt_id, at, by)
SELECT 'post', h.line, h.amount_fen, a.attempt_id, %(at)s, %(by)s
  FROM bank_verdict AS v
  JOIN bank_line AS b USING (file_digest, number)
  JOIN attempt_state AS s USING (attempt_id)
  JOIN payment_attempt AS a USING (attempt_id)
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
 WHERE v.file_digest = %(file_digest)s AND v.verdict = 'applied' AND b.step = 'return' AND s.status <> 'settled'

-- move_ledger --
-- Move the money of the attempts that take a step on each of their budget lines.
INSERT INTO ledger_transfer (kind, line, amount_fen, attempt_id, at, by)
SELECT %(kind)s::ledger_kind, h.line, h.amount_fen, a.attempt_id, %(at)s, %(by)s
  FROM bank_verdict AS v
  JOIN bank_line AS b USING (file_digest, number)
  JOIN payment_attempt AS a USING (attempt_id)
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
 WHERE v.file_digest = %(file_digest)s AND v.verdict = 'applied' AND b.step = %(step)s::attempt_step

-- free_returned --
-- Give back to the line what returned in its budget year; later it lapses to the appropriation.
INSERT INTO ledger_transfer (kind, line, amount_fen, attempt_id, at, by)
SELECT (CASE WHEN extract(year FROM b.booked_on) = y.year THEN 'restore' ELSE 'lapse' END)::ledger_kind,
       h.line, h.amount_fen, a.attempt_id, %(at)s, %(by)s
  FROM bank_verdict AS v
  JOIN bank_line AS b USING (file_digest, number)
  JOIN payment_attempt AS a USING (attempt_id)
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
  JOIN budget_line AS y ON y.line = h.line
 WHERE v.file_digest = %(file_digest)s AND v.verdict = 'applied' AND b.step = 'return'

-- step_attempts --
-- Take one kind of step with the attempts that the file says it of.
INSERT INTO attempt_event (attempt_id, seq, event, before, after, reason_code, about, at, by)
SELECT s.attempt_id, s.seq + 1, t.event, t.before, t.after, l.reason_code,
       'file:' || l.file_digest || ':' || l.number, %(at)s, %(by)s
  FROM bank_verdict AS v
  JOIN bank_line AS l USING (file_digest, number)
  JOIN attempt_state AS s USING (attempt_id)
  JOIN attempt_transition AS t ON t.before = s.status AND t.event = l.step
 WHERE v.file_digest = %(file_digest)s AND v.verdict = 'applied' AND l.step = %(step)s::attempt_step

-- step_cases --
-- Take the step of the case that follows from the step of its attempt.
INSERT INTO case_event (case_id, seq, event, before, after, at, by, reason, about)
SELECT c.case_id, c.seq + 1, k.event, k.before, k.after, %(at)s, %(by)s, l.reason_code, 'attempt:' || s.attempt_id
  FROM bank_verdict AS v
  JOIN bank_line AS l USING (file_digest, number)
  JOIN attempt_state AS s USING (attempt_id)
  JOIN case_state AS c ON c.case_id = s.case_id
  JOIN case_transition AS k ON k.route = c.route AND k.before = c.status AND k.event = %(case_event)s::case_step
 WHERE v.file_digest = %(file_digest)s AND v.verdict = 'applied' AND l.step = %(step)s::attempt_step

-- judge_rest --
-- What remains told nothing new, or contradicts what is known.
INSERT INTO bank_verdict (file_digest, number, verdict)
SELECT l.file_digest, l.number,
       CASE WHEN g.event IS NOT NULL THEN 'known' ELSE 'contradiction' END::bank_line_verdict
  FROM bank_line AS l
  JOIN attempt_state AS s USING (attempt_id)
  LEFT JOIN unnest(%(statuses)s::attempt_status[], %(events)s::attempt_step[]) AS g (status, event)
         ON g.status = s.status AND g.event = l.step
 WHERE l.file_digest = %(file_digest)s
   AND NOT EXISTS (SELECT FROM bank_verdict AS v WHERE v.file_digest = l.file_digest AND v.number = l.number)

-- verdicts_of_file --
-- How many lines of a file have each verdict.
SELECT verdict, count(*) AS lines FROM bank_verdict WHERE file_digest = %(file_digest)s GROUP BY verdict ORDER BY verdict

-- unexplained_lines --
-- Lines that nobody has explained, oldest first, from behind a given one: movements without their attempt, and messages
-- that contradict what is known.
SELECT l.file_digest, l.number, f.name, l.kind, l.attempt_id, l.line_ref, l.amount_fen, l.out_fen, l.booked_on,
       l.reason_code, l.text, v.verdict
  FROM bank_verdict AS v
  JOIN bank_line AS l USING (file_digest, number)
  JOIN bank_file AS f USING (file_digest)
 WHERE v.verdict NOT IN ('applied', 'known', 'repeated')
   AND NOT EXISTS (SELECT FROM line_explained AS e WHERE e.file_digest = l.file_digest AND e.number = l.number)
   AND (%(after_digest)s::text IS NULL
        OR (f.at, l.file_digest, l.number) > ((SELECT p.at FROM bank_file AS p WHERE p.file_digest = %(after_digest)s),
                                              %(after_digest)s, %(after_number)s))
 ORDER BY f.at, l.file_digest, l.number
 LIMIT %(most)s

-- explain_line --
-- Keep a person's explanation of a line.
INSERT INTO line_explained (file_digest, number, reason, at, by)
VALUES (%(file_digest)s, %(number)s, %(reason)s, %(at)s, %(by)s)

-- incoming_entry --
-- One movement by the bank's reference, with the recovery that it was assigned to.
SELECT e.line_ref, e.file_digest, e.number, e.out_fen, e.booked_on, v.verdict,
       (SELECT r.recovery_id FROM recovery_receipt AS r WHERE r.line_ref = e.line_ref) AS recovery_id
  FROM statement_entry AS e JOIN bank_verdict AS v USING (file_digest, number)
 WHERE e.line_ref = %(line_ref)s

-- line_attempt_totals --
-- Per budget line, the money of all attempts by where they stand.
SELECT h.line, s.status, sum(h.amount_fen)::bigint AS fen
  FROM attempt_state AS s
  JOIN payment_attempt AS a USING (attempt_id)
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
 GROUP BY h.line, s.status

-- line_transfer_totals --
-- Per budget line, all transfers by kind.
SELECT line, kind, sum(amount_fen)::bigint AS fen FROM ledger_transfer GROUP BY line, kind

-- line_balances --
-- The accounts of every budget line as they stand.
SELECT line, account, balance_fen FROM ledger_balance ORDER BY line, account

-- line_movements --
-- Per budget line, what the bank booked out and back for our attempts, each movement once.
SELECT h.line,
       coalesce(sum(h.amount_fen) FILTER (WHERE e.out_fen > 0), 0)::bigint AS booked_fen,
       coalesce(sum(h.amount_fen) FILTER (WHERE e.out_fen < 0), 0)::bigint AS returned_fen
  FROM statement_entry AS e
  JOIN bank_verdict AS v USING (file_digest, number)
  JOIN payment_attempt AS a USING (attempt_id)
  JOIN payment_order AS o USING (order_id)
  JOIN listed_case AS l ON l.list_id = o.list_id AND l.case_id = o.case_id
  JOIN case_share AS h ON h.case_id = l.case_id AND h.allocation = l.allocation
 WHERE v.verdict IN ('applied', 'known')
 GROUP BY h.line

-- statements_taken --
-- What each statement covers.
SELECT file_digest, number, statement_id, first_day, last_day, opening_fen, closing_fen
  FROM bank_statement
 ORDER BY first_day NULLS LAST, statement_id
 LIMIT %(most)s

-- net_movements --
-- What left the account in all, and what recoveries brought back.
SELECT coalesce(sum(out_fen), 0)::bigint AS out_fen FROM statement_entry

-- next_reconciliation --
-- A number for a new reconciliation.
SELECT nextval('reconciliation_number')::integer AS number

-- add_reconciliation --
-- Keep what was compared.
INSERT INTO reconciliation (number, up_to, report, difference_fen, unmatched, closed, at, by)
VALUES (%(number)s, %(up_to)s, %(report)s, %(difference_fen)s, %(unmatched)s, %(closed)s, %(at)s, %(by)s)

-- close_paid_cases --
-- Close those of a page of paid cases whose payment the bank had booked by a day; how many, and the last that was looked at.
WITH page AS MATERIALIZED (
    SELECT case_id, seq, route, status FROM case_state
     WHERE status = 'paid' AND case_id > %(after)s
     ORDER BY case_id LIMIT %(most)s
), taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, at, by, about)
    SELECT s.case_id, s.seq + 1, t.event, t.before, t.after, %(at)s, %(by)s, %(about)s
      FROM page AS s
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = 'close'
      -- One look-up per case: a join would read the payments of all years for every page.
      JOIN LATERAL (SELECT FROM attempt_state AS a
                      JOIN payment_attempt AS p USING (attempt_id)
                      JOIN statement_entry AS e USING (attempt_id)
                     WHERE a.case_id = s.case_id AND a.status = 'settled' AND e.out_fen = p.amount_fen
                       AND e.booked_on <= %(up_to)s
                     LIMIT 1) AS booked ON true
     ORDER BY s.case_id
    RETURNING case_id)
SELECT (SELECT max(case_id) FROM page) AS last, (SELECT count(*) FROM taken) AS taken

-- reconciliations --
-- Reconciliations, latest first, from before a given one.
SELECT number, up_to, difference_fen, unmatched, closed, at, by
  FROM reconciliation
 WHERE %(before)s::bigint IS NULL OR number < %(before)s
 ORDER BY number DESC
 LIMIT %(most)s

-- reconciliation_by_number --
-- One reconciliation with what was compared.
SELECT number, up_to, difference_fen, unmatched, closed, at, by, report
  FROM reconciliation
 WHERE number = %(number)s
