-- lock_sweeps --
-- Wait for the right to keep a sweep; one is kept at a time, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- next_sweep_number --
-- A number for a new sweep; numbers of sweeps that failed stay unused.
SELECT nextval('sweep_number')::integer AS number

-- open_decisions --
-- Make the empty table of a sweep's decisions.
SELECT open_decisions(%(number)s)

-- close_decisions --
-- Check, index and attach the table of a sweep's decisions.
SELECT close_decisions(%(number)s)

-- add_sweep --
-- Write the sweep itself.
INSERT INTO sweep (number, sweep_id, snapshot_id, rules, as_of, engine, truth)
VALUES (%(number)s, %(sweep_id)s, %(snapshot_id)s, %(rules)s, %(as_of)s, %(engine)s, %(truth)s)

-- add_sweep_policy --
-- Write one policy's counts.
INSERT INTO sweep_policy (sweep_number, place, version, total, eligible, ineligible, undetermined, amount_fen)
VALUES (%(sweep_number)s, %(place)s, %(version)s, %(total)s, %(eligible)s, %(ineligible)s, %(undetermined)s,
        %(amount_fen)s)

-- add_missing_facts --
-- Write one distinct set of missing facts.
INSERT INTO missing_facts (sweep_number, number, facts)
VALUES (%(sweep_number)s, %(number)s, %(facts)s)

-- sweep_by_id --
-- One kept sweep.
SELECT number, sweep_id, snapshot_id, rules, as_of, engine, truth, kept_at
  FROM sweep
 WHERE sweep_id = %(sweep_id)s

-- recent_sweeps --
-- The sweeps kept last, or last before a given one, latest first.
SELECT number, sweep_id, snapshot_id, rules, as_of, engine, truth, kept_at
  FROM sweep
 WHERE %(before)s::bigint IS NULL OR number < %(before)s
 ORDER BY number DESC
 LIMIT %(most)s

-- openings_of_sweep --
-- The runs that opened cases of one sweep, the latest first.
SELECT o.number, o.at, o.by
  FROM sweep AS s
  JOIN opening AS o ON o.sweep_number = s.number
 WHERE s.sweep_id = %(sweep_id)s
 ORDER BY o.number DESC
 LIMIT %(most)s

-- policies_of_sweep --
-- Every policy's counts of one sweep, by place.
SELECT p.place, v.policy_id, v.label, v.grain, p.version,
       p.total, p.eligible, p.ineligible, p.undetermined, p.amount_fen, p.matches
  FROM sweep_policy AS p
  JOIN policy_version AS v ON v.fingerprint = p.version
 WHERE p.sweep_number = %(number)s
 ORDER BY p.place

-- missing_counts --
-- How many undetermined decisions of one sweep name each fact as missing, by policy.
SELECT d.place, fact, sum(d.decisions) AS named
  FROM (SELECT s.number, d.place, d.missing, count(*) AS decisions
          FROM sweep AS s
          JOIN decision AS d ON d.sweep_number = s.number
         WHERE s.sweep_id = %(sweep_id)s AND d.missing IS NOT NULL
         GROUP BY s.number, d.place, d.missing) AS d
  JOIN missing_facts AS m ON m.sweep_number = d.number AND m.number = d.missing
 CROSS JOIN unnest(m.facts) AS fact
 GROUP BY d.place, fact

-- decisions_of_firm --
-- The kept decisions of one firm and its records in one sweep, by policy.
SELECT v.policy_id, v.label, d.uscc, d.record_id, d.outcome, d.amount_fen, m.facts
  FROM sweep AS s
  JOIN sweep_policy AS p ON p.sweep_number = s.number
  JOIN policy_version AS v ON v.fingerprint = p.version
  JOIN decision AS d ON d.sweep_number = s.number AND d.place = p.place AND d.uscc = %(uscc)s
  LEFT JOIN missing_facts AS m ON m.sweep_number = s.number AND m.number = d.missing
 WHERE s.sweep_id = %(sweep_id)s
 ORDER BY v.policy_id, d.record_id NULLS FIRST

-- decisions_of_policy --
-- A page of one policy's kept decisions in one sweep, in order of code and record, after a given row.
SELECT d.uscc, d.record_id, d.outcome, d.amount_fen, m.facts
  FROM decision AS d
  LEFT JOIN missing_facts AS m ON m.sweep_number = d.sweep_number AND m.number = d.missing
 WHERE d.sweep_number = %(number)s AND d.place = %(place)s
   AND d.uscc >= %(after_uscc)s
   AND (d.uscc, coalesce(d.record_id, '')) > (%(after_uscc)s, %(after_record)s)
 ORDER BY d.uscc, coalesce(d.record_id, '')
 LIMIT %(most)s

-- changed_rows --
-- A page of rows whose outcome or amount differs between two sweeps of one policy, after a given row.
-- A sweep without a row there decided ineligible, or did not know the firm.
SELECT uscc, record_id,
       b.outcome AS before_outcome, b.amount_fen AS before_amount_fen, before_missing.facts AS before_facts,
       a.outcome AS after_outcome, a.amount_fen AS after_amount_fen, after_missing.facts AS after_facts
  FROM (SELECT uscc, coalesce(record_id, '') AS record_id, outcome, amount_fen, missing
          FROM decision
         WHERE sweep_number = %(before)s AND place = %(before_place)s AND uscc >= %(after_uscc)s) AS b
  FULL JOIN (SELECT uscc, coalesce(record_id, '') AS record_id, outcome, amount_fen, missing
          FROM decision
         WHERE sweep_number = %(after)s AND place = %(after_place)s AND uscc >= %(after_uscc)s) AS a
       USING (uscc, record_id)
  LEFT JOIN missing_facts AS before_missing
       ON before_missing.sweep_number = %(before)s AND before_missing.number = b.missing
  LEFT JOIN missing_facts AS after_missing
       ON after_missing.sweep_number = %(after)s AND after_missing.number = a.missing
 WHERE (b.outcome, b.amount_fen) IS DISTINCT FROM (a.outcome, a.amount_fen)
   AND (uscc, record_id) > (%(after_uscc)s, %(after_record)s)
 ORDER BY uscc, record_id
 LIMIT %(most)s

-- count_changed_amounts --
-- How many rows of one policy are eligible in both sweeps with different amounts, and by how much in all.
SELECT count(*) AS changed, coalesce(sum(a.amount_fen - b.amount_fen), 0) AS added_fen
  FROM decision AS b
  JOIN decision AS a ON a.uscc = b.uscc AND coalesce(a.record_id, '') = coalesce(b.record_id, '')
 WHERE b.sweep_number = %(before)s AND b.place = %(before_place)s AND b.outcome = 'eligible'
   AND a.sweep_number = %(after)s AND a.place = %(after_place)s AND a.outcome = 'eligible'
   AND a.amount_fen <> b.amount_fen
