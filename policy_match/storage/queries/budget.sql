-- lock_lines --
-- Wait for the right to grant money of budget lines, until the end of the transaction; in one order for everybody.
SELECT pg_advisory_xact_lock(%(purpose)s, key)
  FROM (SELECT DISTINCT hashtext(line) AS key FROM unnest(%(lines)s::text[]) AS line ORDER BY key) AS keys

-- add_budget_line --
-- Write a new line, unless it is there; how many were written.
WITH added AS (
    INSERT INTO budget_line (line, fund, year, label, at, by)
    VALUES (%(line)s, %(fund)s, %(year)s, %(label)s, %(at)s, %(by)s)
    ON CONFLICT (line) DO NOTHING
    RETURNING line)
SELECT count(*) AS added FROM added

-- budget_lines --
-- Lines with the balances of their accounts, by name after a given one: of one year or of all, some or all. In the
-- same instant: what is held by grants, that is granted to cases that may still be paid and for which nothing is
-- reserved now. A case holds its newest grant, unless it was reviewed again since; one that was declined, until it can
-- no longer be reconsidered.
SELECT n.line, n.label, b.balances, coalesce(h.held_fen, 0)::bigint AS held_fen
  FROM (SELECT line, label
          FROM budget_line
         WHERE (%(year)s::integer IS NULL OR year = %(year)s)
           AND (%(lines)s::text[] IS NULL OR line = ANY (%(lines)s::text[]))
           AND line > %(after)s
         ORDER BY line
         LIMIT %(most)s) AS n
 CROSS JOIN LATERAL (
       SELECT jsonb_object_agg(account, balance_fen) AS balances
         FROM ledger_balance
        WHERE line = n.line) AS b
  LEFT JOIN (
       SELECT h.line, sum(h.amount_fen) AS held_fen
         FROM case_share AS h
         JOIN case_allocation AS a ON a.allocation = h.allocation AND a.case_id = h.case_id
         JOIN case_state AS s ON s.case_id = h.case_id
        WHERE (s.status IN ('reviewed', 'approved', 'published', 'objected', 'returned')
               OR s.route = 'list_then_collect'
                  AND (s.status IN ('notified', 'confirmed') OR s.status = 'declined' AND s.deadline >= %(today)s))
          AND (%(lines)s::text[] IS NULL OR h.line = ANY (%(lines)s::text[]))
          AND NOT EXISTS (SELECT FROM case_allocation AS later
                           WHERE later.case_id = a.case_id AND later.allocation > a.allocation
                             AND later.granted_fen > 0)
          AND NOT EXISTS (SELECT FROM case_event AS again
                           WHERE again.case_id = a.case_id AND again.seq > a.seq AND again.event = 'review')
        GROUP BY h.line) AS h ON h.line = n.line
 ORDER BY n.line

-- add_appropriation --
-- Book money onto a line.
INSERT INTO ledger_transfer (kind, line, amount_fen, about, at, by)
VALUES ('appropriate', %(line)s, %(amount_fen)s, %(about)s, %(at)s, %(by)s)

-- transfers --
-- A page of transfers by number after a given one, of one line or of all.
SELECT transfer_id, kind, line, amount_fen, attempt_id, about, at, by
  FROM ledger_transfer
 WHERE (%(line)s::text IS NULL OR line = %(line)s) AND transfer_id > %(after)s
 ORDER BY transfer_id
 LIMIT %(most)s

-- checked_balances --
-- Every account of every line, of one year or of all, with its balance and with what its transfers add up to.
SELECT b.line, b.account, b.balance_fen, coalesce(t.transferred_fen, 0)::numeric AS transferred_fen
  FROM budget_line AS n
  JOIN ledger_balance AS b ON b.line = n.line
  LEFT JOIN (
       SELECT each.line, each.account, sum(each.change) AS transferred_fen
         FROM (SELECT m.line, k.debit AS account, -m.amount_fen::numeric AS change
                 FROM ledger_transfer AS m JOIN ledger_transfer_kind AS k ON k.kind = m.kind
               UNION ALL
               SELECT m.line, k.credit, m.amount_fen
                 FROM ledger_transfer AS m JOIN ledger_transfer_kind AS k ON k.kind = m.kind) AS each
        GROUP BY each.line, each.account) AS t ON t.line = b.line AND t.account = b.account
 WHERE %(year)s::integer IS NULL OR n.year = %(year)s
 ORDER BY b.line, b.account

-- allocation_terms --
-- How each opening of a policy shares its budget, and which lines pay.
SELECT opening, allocation, cost_shares
  FROM opening_policy
 WHERE policy_id = %(policy_id)s
 ORDER BY opening

-- waiting_for_budget --
-- All reviewed cases of a policy that fall due by the end of a budget year, with an amount and without a share of the
-- budget of this year or a later one, first come first, as parallel arrays; and how many of them no allocation has
-- seen at this step.
SELECT coalesce(array_agg(w.case_id ORDER BY w.since, w.case_id), '{}') AS case_ids,
       coalesce(array_agg(w.seq ORDER BY w.since, w.case_id), '{}') AS seqs,
       coalesce(array_agg(w.amount_fen ORDER BY w.since, w.case_id), '{}') AS asked_fen,
       coalesce(array_agg(w.opening ORDER BY w.since, w.case_id), '{}') AS openings,
       count(*) FILTER (WHERE NOT w.seen) AS new
  FROM (SELECT s.case_id, s.seq, s.amount_fen::bigint AS amount_fen, s.since, c.opening,
               EXISTS (SELECT FROM case_allocation AS a WHERE a.case_id = s.case_id AND a.seq = s.seq) AS seen
          FROM case_state AS s
          JOIN benefit_case AS c ON c.case_id = s.case_id
         WHERE s.status = 'reviewed' AND s.policy_id = %(policy_id)s AND s.amount_fen > 0 AND s.route <> 'contract'
           AND NOT EXISTS (SELECT FROM case_allocation AS a JOIN allocation AS n ON n.number = a.allocation
                            WHERE a.case_id = s.case_id AND a.seq = s.seq AND a.granted_fen > 0
                              AND n.year >= %(this_year)s)
           AND extract(year FROM c.due_from) <= %(year)s
         ORDER BY s.since, s.case_id
         LIMIT %(most)s) AS w

-- policies_in_queue --
-- The policies with reviewed cases that have an amount, by name; whether the budget of the year is theirs to wait for is
-- for `waiting_for_budget`.
SELECT DISTINCT policy_id
  FROM case_state
 WHERE status = 'reviewed' AND amount_fen > 0 AND route <> 'contract'
 ORDER BY policy_id

-- waiting_cases --
-- Who some waiting cases are, and since when they wait.
SELECT s.case_id, s.uscc, s.record_id, s.since
  FROM case_state AS s
 WHERE s.case_id = ANY (%(case_ids)s::bigint[])

-- next_allocation_number --
-- A number for a new allocation; numbers of runs that failed stay unused.
SELECT nextval('allocation_number')::integer AS number

-- add_allocation --
-- Write one run of an allocation, without what each case gets.
INSERT INTO allocation (number, policy_id, year, how, at, by)
VALUES (%(number)s, %(policy_id)s, %(year)s, %(how)s, %(at)s, %(by)s)
