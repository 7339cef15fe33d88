-- texts_of_decision --
-- The rules, the facts and the version by which a sweep decided one policy.
SELECT r.canonical AS rules, f.canonical AS catalogue, v.canonical AS version
  FROM sweep AS s
  JOIN rules AS r ON r.fingerprint = s.rules
  JOIN fact_catalogue AS f ON f.fingerprint = r.catalogue
  JOIN sweep_policy AS p ON p.sweep_number = s.number
  JOIN policy_version AS v ON v.fingerprint = p.version AND v.policy_id = %(policy_id)s
 WHERE s.sweep_id = %(sweep_id)s

-- decision_of_row --
-- What a sweep kept of one row.
SELECT d.outcome, d.amount_fen, m.facts
  FROM sweep AS s
  JOIN sweep_policy AS p ON p.sweep_number = s.number
  JOIN policy_version AS v ON v.fingerprint = p.version AND v.policy_id = %(policy_id)s
  JOIN decision AS d ON d.sweep_number = s.number AND d.place = p.place AND d.uscc = %(uscc)s
       AND coalesce(d.record_id, '') = %(record_id)s
  LEFT JOIN missing_facts AS m ON m.sweep_number = s.number AND m.number = d.missing
 WHERE s.sweep_id = %(sweep_id)s

-- add_appeal --
-- Keep an appeal against a decision of a sweep.
INSERT INTO appeal (sweep_number, policy_id, uscc, record_id, lodged_by, ground, corrected, at)
SELECT s.number, %(policy_id)s, %(uscc)s, %(record_id)s, %(lodged_by)s, %(ground)s, %(corrected)s, %(at)s
  FROM sweep AS s WHERE s.sweep_id = %(sweep_id)s
RETURNING appeal_id

-- appeals --
-- A page of appeals by number after a given one, of all or of those without a replay, of some policies or of all.
SELECT a.appeal_id, s.sweep_id, a.policy_id, a.uscc, a.record_id, a.lodged_by, a.ground, a.corrected, a.at
  FROM appeal AS a
  JOIN sweep AS s ON s.number = a.sweep_number
 WHERE a.appeal_id > %(after)s
   AND (%(policies)s::text[] IS NULL OR a.policy_id = ANY (%(policies)s::text[]))
   AND (NOT %(unanswered)s OR NOT EXISTS (SELECT FROM appeal_replay AS r WHERE r.appeal_id = a.appeal_id))
 ORDER BY a.appeal_id
 LIMIT %(most)s

-- add_appeal_replay --
-- Keep the replay of an appeal; the first stays.
INSERT INTO appeal_replay (appeal_id, old, corrected, same_as_kept, digest, at, by)
VALUES (%(appeal_id)s, %(old)s, %(corrected)s, %(same_as_kept)s, %(digest)s, %(at)s, %(by)s)
ON CONFLICT (appeal_id) DO NOTHING
RETURNING appeal_id

-- appeal_replay --
-- The replay of one appeal.
SELECT appeal_id, old, corrected, same_as_kept, digest, at, by FROM appeal_replay WHERE appeal_id = %(appeal_id)s
