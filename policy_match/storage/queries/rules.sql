-- add_fact_catalogue --
-- Keep a fact catalogue; nothing happens when it is there.
INSERT INTO fact_catalogue (fingerprint, canonical)
VALUES (%(fingerprint)s, %(canonical)s)
ON CONFLICT (fingerprint) DO NOTHING

-- add_rules --
-- Keep the frame of a rules repository; nothing happens when it is there.
INSERT INTO rules (fingerprint, catalogue, canonical)
VALUES (%(fingerprint)s, %(catalogue)s, %(canonical)s)
ON CONFLICT (fingerprint) DO NOTHING

-- add_version --
-- Keep a policy version with its full text; nothing happens when it is there.
INSERT INTO policy_version (fingerprint, policy_id, label, grain, effective_from, effective_to, canonical)
VALUES (%(fingerprint)s, %(policy_id)s, %(label)s, %(grain)s, %(effective_from)s, %(effective_to)s, %(canonical)s)
ON CONFLICT (fingerprint) DO NOTHING

-- add_rules_version --
-- Say that a version is part of a rules repository.
INSERT INTO rules_version (rules, version)
VALUES (%(rules)s, %(version)s)
ON CONFLICT (rules, version) DO NOTHING

-- version_text --
-- The canonical text of a version.
SELECT canonical FROM policy_version WHERE fingerprint = %(fingerprint)s

-- versions_with_letter --
-- Those of some versions that want a letter of commitment with the firm's answer.
SELECT fingerprint
  FROM policy_version
 WHERE fingerprint = ANY(%(versions)s::text[])
   AND (canonical::jsonb #>> '{policy,process,commitment}')::boolean

-- rules_text --
-- The canonical text of a rules repository.
SELECT canonical FROM rules WHERE fingerprint = %(fingerprint)s

-- catalogue_text --
-- The canonical text of a fact catalogue.
SELECT canonical FROM fact_catalogue WHERE fingerprint = %(fingerprint)s

-- versions_of_policy --
-- The kept versions of one policy, the latest in force first, with the sweeps that decided by each.
SELECT v.fingerprint, v.label, v.effective_from, v.effective_to,
       count(s.number) AS sweeps, min(s.kept_at) AS first_swept_at, max(s.kept_at) AS last_swept_at
  FROM policy_version AS v
  LEFT JOIN sweep_policy AS p ON p.version = v.fingerprint
  LEFT JOIN sweep AS s ON s.number = p.sweep_number
 WHERE v.policy_id = %(policy_id)s
 GROUP BY v.fingerprint
 ORDER BY v.effective_from DESC, max(s.kept_at) DESC NULLS LAST, v.fingerprint
 LIMIT %(most)s
