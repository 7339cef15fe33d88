-- lock_openings --
-- Wait for the right to open cases; one opening runs at a time, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- versions_to_open --
-- The versions of a sweep with eligible decisions, with their texts, by place.
SELECT p.place, p.version, v.canonical, p.eligible
  FROM sweep AS s
  JOIN sweep_policy AS p ON p.sweep_number = s.number
  JOIN policy_version AS v ON v.fingerprint = p.version
 WHERE s.sweep_id = %(sweep_id)s AND p.eligible > 0
 ORDER BY p.place

-- catalogue_of_sweep --
-- The canonical text of the facts by which a sweep was decided.
SELECT f.canonical
  FROM sweep AS s
  JOIN rules AS r ON r.fingerprint = s.rules
  JOIN fact_catalogue AS f ON f.fingerprint = r.catalogue
 WHERE s.sweep_id = %(sweep_id)s

-- add_opening --
-- Write a new opening of a sweep.
INSERT INTO opening (number, sweep_number, at, by)
SELECT nextval('opening_number')::integer, s.number, %(at)s, %(by)s FROM sweep AS s WHERE s.sweep_id = %(sweep_id)s
RETURNING number, sweep_number

-- eligible_decisions --
-- The eligible decisions of an opening's sweep by firm, place and record; `is_open` says that no case is to be opened.
SELECT d.place, d.uscc, coalesce(d.record_id, '') AS record_id, d.amount_fen, k.uscc IS NOT NULL AS is_open
  FROM opening_policy AS p
  JOIN decision AS d ON d.sweep_number = p.sweep_number AND d.place = p.place AND d.outcome = 'eligible'
  LEFT JOIN (SELECT DISTINCT c.policy_id, c.uscc, c.record_id, c.period
               FROM benefit_case AS c
               JOIN case_state AS s USING (case_id)
               JOIN opening AS o ON o.number = c.opening
              WHERE s.status NOT IN ('declined', 'waived', 'withdrawn', 'rejected')
                 OR o.sweep_number >= (SELECT sweep_number FROM opening WHERE number = %(opening)s)) AS k
         ON k.policy_id = p.policy_id AND k.uscc = d.uscc AND k.record_id = coalesce(d.record_id, '')
        AND k.period = p.period
 WHERE p.opening = %(opening)s
 ORDER BY d.uscc, d.place, d.record_id NULLS FIRST

-- earlier_cases --
-- What live cases gave or promised to some firms, without what is only informed and what was paid back.
SELECT s.uscc, s.policy_id, s.record_id, s.period, extract(year FROM w.as_of)::integer AS year,
       CASE WHEN s.status IN ('ordered', 'paid', 'closed', 'returned', 'recovering', 'recovered')
            THEN least(s.amount_fen, coalesce(p.amount_fen, s.amount_fen)) ELSE s.amount_fen END
       - coalesce(b.amount_fen, 0) AS fen
  FROM benefit_case AS c
  JOIN case_state AS s USING (case_id)
  JOIN opening AS o ON o.number = c.opening
  JOIN sweep AS w ON w.number = o.sweep_number
  LEFT JOIN (SELECT DISTINCT ON (case_id) case_id, amount_fen FROM payment_order ORDER BY case_id, order_id DESC) AS p
         USING (case_id)
  LEFT JOIN (SELECT r.case_id, sum(f.amount_fen)::bigint AS amount_fen
               FROM recovery AS r JOIN recovery_receipt AS f USING (recovery_id) GROUP BY r.case_id) AS b
         USING (case_id)
 WHERE c.uscc = ANY(%(usccs)s::text[]) AND s.route <> 'inform'
   AND s.status NOT IN ('declined', 'waived', 'withdrawn', 'rejected')

-- prior_aid_of_firms --
-- Imported aid of some firms.
SELECT uscc, matter, amount_fen FROM prior_aid WHERE uscc = ANY(%(usccs)s::text[])

-- latest_texts_of_policies --
-- The text of the version of each policy's latest case.
SELECT v.canonical
  FROM (SELECT DISTINCT ON (policy_id) policy_id, version
          FROM opening_policy WHERE policy_id = ANY(%(policies)s::text[])
         ORDER BY policy_id, opening DESC) AS p
  JOIN policy_version AS v ON v.fingerprint = p.version

-- next_case_numbers --
-- Numbers for new cases.
SELECT nextval('case_number') AS case_id FROM generate_series(1, %(count)s::integer)

-- add_firm_names --
-- Keep the registered names of firms as the snapshot of a sweep has them; those that are there stay.
INSERT INTO firm_name (sweep_number, uscc, name)
SELECT s.number, n.uscc, n.name
  FROM sweep AS s CROSS JOIN unnest(%(usccs)s::text[], %(names)s::text[]) AS n (uscc, name)
 WHERE s.sweep_id = %(sweep_id)s
ON CONFLICT (sweep_number, uscc) DO NOTHING

-- news_of_opening --
-- Whether an opening made a case, is the first of its sweep, or found an outcome that no earlier one of its sweep
-- found. Another reason for the same outcome is nothing new: what was opened first stands in the way of the others.
SELECT EXISTS (SELECT FROM benefit_case WHERE opening = %(opening)s)
       OR NOT EXISTS (SELECT FROM opening AS o JOIN opening AS e USING (sweep_number)
                       WHERE o.number = %(opening)s AND e.number <> o.number)
       OR EXISTS (SELECT place, uscc, record_id, outcome FROM entitlement
                   WHERE opening = %(opening)s AND outcome <> 'already_open'
                  EXCEPT
                  SELECT e.place, e.uscc, e.record_id, e.outcome
                    FROM opening AS o
                    JOIN opening AS earlier ON earlier.sweep_number = o.sweep_number AND earlier.number <> o.number
                    JOIN entitlement AS e ON e.opening = earlier.number
                   WHERE o.number = %(opening)s) AS news
