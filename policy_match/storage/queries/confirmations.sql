-- add_confirmation --
-- Keep a person's word that a version rightly matches all or none; the first word stays.
INSERT INTO confirmation (version, matches, confirmed_by)
VALUES (%(version)s, %(matches)s, %(confirmed_by)s)
ON CONFLICT (version, matches) DO NOTHING

-- confirmed_matches --
-- What was confirmed of the given versions.
SELECT version, matches, confirmed_by, confirmed_at
  FROM confirmation
 WHERE version = ANY(%(versions)s)
 ORDER BY version, matches
