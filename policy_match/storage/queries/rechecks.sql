-- recheck_groups --
-- Versions and days of cases that may wait for a recheck, each with the newest sweep of the same version and day.
SELECT g.policy_id, g.version, v.canonical, g.as_of, n.sweep_id, n.place
  FROM (SELECT DISTINCT s.policy_id, c.version, w.as_of
          FROM case_state AS s
          JOIN benefit_case AS c USING (case_id)
          JOIN opening AS o ON o.number = c.opening
          JOIN sweep AS w ON w.number = o.sweep_number
         WHERE s.status IN ('matched', 'confirmed', 'reviewed', 'approved', 'published', 'returned')
           AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)) AS g
  JOIN policy_version AS v ON v.fingerprint = g.version
  JOIN LATERAL (SELECT w.sweep_id, p.place
                  FROM sweep AS w
                  JOIN sweep_policy AS p ON p.sweep_number = w.number AND p.version = g.version
                 WHERE w.as_of = g.as_of
                 ORDER BY w.number DESC LIMIT 1) AS n ON true
 ORDER BY g.policy_id, g.as_of, g.version

-- newest_day_sweep --
-- The sweep of the latest as-of date, the newest of that day.
SELECT sweep_id FROM sweep ORDER BY as_of DESC, number DESC LIMIT 1

-- recheck_candidates --
-- A page of the cases of one version and day that wait for a recheck: what was decided, what the sweep says now, an
-- exclusion in force, and what the last recheck of the same standing by this sweep found.
SELECT s.case_id, s.uscc, s.record_id, s.route, s.status, s.amount_fen, s.instalment, c.due_from, c.must_still,
       e.decided_fen, e.steps, d.outcome AS now, d.amount_fen AS now_fen, x.reason AS excluded,
       l.outcome AS last_outcome, l.amount_fen AS last_fen
  FROM sweep AS n
  JOIN case_state AS s ON s.policy_id = %(policy_id)s AND s.case_id > %(after)s
  JOIN benefit_case AS c ON c.case_id = s.case_id AND c.version = %(version)s
  JOIN opening_policy AS p ON p.opening = c.opening AND p.place = c.place
  JOIN opening AS o ON o.number = c.opening
  JOIN sweep AS w ON w.number = o.sweep_number AND w.as_of = n.as_of
  JOIN entitlement AS e ON e.opening = c.opening AND e.place = c.place AND e.uscc = c.uscc
       AND e.record_id = c.record_id
  LEFT JOIN decision AS d ON d.sweep_number = n.number AND d.place = %(place)s AND d.uscc = s.uscc
       AND coalesce(d.record_id, '') = s.record_id
  LEFT JOIN LATERAL (
       SELECT x.reason FROM exclusion AS x
        WHERE x.uscc = s.uscc AND (x.policy_id IS NULL OR x.policy_id = s.policy_id)
          AND x.since <= %(today)s AND (x.until IS NULL OR x.until >= %(today)s)
          AND NOT EXISTS (SELECT FROM exclusion_lifted AS f WHERE f.exclusion_id = x.exclusion_id)
        ORDER BY x.exclusion_id LIMIT 1) AS x ON true
  LEFT JOIN LATERAL (
       SELECT r.outcome, r.amount_fen
         FROM case_recheck AS r JOIN recheck AS k ON k.number = r.recheck
        WHERE r.case_id = s.case_id AND k.purpose = %(purpose)s::recheck_purpose AND k.sweep_number = n.number
          AND k.at >= s.since
        ORDER BY r.recheck DESC LIMIT 1) AS l ON true
 WHERE n.sweep_id = %(sweep_id)s AND c.due_from <= %(today)s
   -- Known before the cases are read, so that those that ended long ago are not.
   AND s.status = ANY (ARRAY(
           SELECT t.before FROM case_transition AS t
            WHERE CASE %(purpose)s::recheck_purpose WHEN 'approval' THEN t.event IN ('review', 'approve')
                  ELSE t.event IN ('order', 'correct', 'contract') END))
   AND EXISTS (SELECT FROM case_transition AS t
                WHERE t.route = s.route AND t.before = s.status
                  AND CASE %(purpose)s::recheck_purpose WHEN 'approval' THEN t.event IN ('review', 'approve')
                      ELSE t.event IN ('order', 'correct', 'contract') END)
   AND CASE WHEN %(purpose)s::recheck_purpose = 'approval' THEN true
            WHEN s.amount_fen = 0 AND s.route <> 'contract' THEN false
            WHEN s.status = 'approved' THEN p.publicity_days = 0
            WHEN s.status = 'published' THEN s.deadline < %(today)s
            ELSE true END
 ORDER BY s.case_id
 LIMIT %(most)s

-- add_recheck --
-- Write a recheck of one policy against one sweep.
INSERT INTO recheck (number, purpose, sweep_number, policy_id, at, by)
SELECT nextval('recheck_number')::integer, %(purpose)s::recheck_purpose, w.number, %(policy_id)s, %(at)s, %(by)s
  FROM sweep AS w WHERE w.sweep_id = %(sweep_id)s
RETURNING number

-- step_rechecked --
-- Take a step with the cases for which a recheck found some outcomes, each with its reason; how many.
WITH taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, amount_fen, at, by, reason, about)
    SELECT s.case_id, s.seq + 1, t.event, s.status, t.after, CASE WHEN t.event = 'amend' THEN r.amount_fen END,
           k.at, k.by, CASE WHEN t.event = 'review' THEN '' ELSE y.reason || coalesce(': ' || x.reason, '') END,
           'recheck:' || k.number
      FROM recheck AS k
      JOIN case_recheck AS r ON r.recheck = k.number
      JOIN unnest(%(outcomes)s::text[], %(reasons)s::text[]) AS y (outcome, reason) ON y.outcome = r.outcome::text
      JOIN case_state AS s ON s.case_id = r.case_id
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = %(event)s::case_step
      LEFT JOIN LATERAL (
           SELECT x.reason FROM exclusion AS x
            WHERE r.outcome = 'excluded' AND x.uscc = s.uscc AND (x.policy_id IS NULL OR x.policy_id = s.policy_id)
              AND x.since <= %(today)s AND (x.until IS NULL OR x.until >= %(today)s)
              AND NOT EXISTS (SELECT FROM exclusion_lifted AS f WHERE f.exclusion_id = x.exclusion_id)
            ORDER BY x.exclusion_id LIMIT 1) AS x ON true
     WHERE k.number = %(recheck)s
     ORDER BY s.case_id
    ON CONFLICT (case_id, seq) DO NOTHING
    RETURNING case_id)
SELECT count(*) AS taken FROM taken

-- withdraw_later_instalments --
-- Withdraw the instalments still to fall due of entitlements whose case a recheck withdrew; how many.
WITH taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, at, by, reason, about)
    SELECT s.case_id, s.seq + 1, t.event, s.status, t.after, w.at, w.by, w.reason, w.about
      FROM case_recheck AS r
      JOIN benefit_case AS c ON c.case_id = r.case_id
      JOIN case_event AS w ON w.case_id = c.case_id AND w.event = 'withdraw' AND w.about = 'recheck:' || r.recheck
      JOIN benefit_case AS later ON later.uscc = c.uscc AND later.opening = c.opening AND later.place = c.place
           AND later.record_id = c.record_id AND later.instalment > c.instalment
      JOIN case_state AS s ON s.case_id = later.case_id AND s.status = 'matched'
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = 'withdraw'
     WHERE r.recheck = %(recheck)s AND c.instalments > 1
     ORDER BY s.case_id
    ON CONFLICT (case_id, seq) DO NOTHING
    RETURNING case_id)
SELECT count(*) AS taken FROM taken

-- add_exclusion --
-- Exclude a firm from one policy or from all.
INSERT INTO exclusion (uscc, policy_id, since, until, reason, at, by)
VALUES (%(uscc)s, %(policy_id)s, %(since)s, %(until)s, %(reason)s, %(at)s, %(by)s)
RETURNING exclusion_id

-- lift_exclusion --
-- End an exclusion that there is and that was not ended before.
INSERT INTO exclusion_lifted (exclusion_id, reason, at, by)
SELECT exclusion_id, %(reason)s, %(at)s, %(by)s FROM exclusion WHERE exclusion_id = %(exclusion_id)s
ON CONFLICT (exclusion_id) DO NOTHING
RETURNING exclusion_id

-- exclusions --
-- A page of exclusions by number after a given one, of one firm or of all, from some policies or any; those from every
-- policy are among them.
SELECT x.exclusion_id, x.uscc, x.policy_id, x.since, x.until, x.reason, x.by, f.reason AS lifted
  FROM exclusion AS x
  LEFT JOIN exclusion_lifted AS f USING (exclusion_id)
 WHERE x.exclusion_id > %(after)s AND (%(uscc)s::text IS NULL OR x.uscc = %(uscc)s)
   AND (%(policies)s::text[] IS NULL OR x.policy_id IS NULL OR x.policy_id = ANY (%(policies)s::text[]))
 ORDER BY x.exclusion_id
 LIMIT %(most)s
