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

-- rules_text --
-- The canonical text of a rules repository.
SELECT canonical FROM rules WHERE fingerprint = %(fingerprint)s

-- catalogue_text --
-- The canonical text of a fact catalogue.
SELECT canonical FROM fact_catalogue WHERE fingerprint = %(fingerprint)s
