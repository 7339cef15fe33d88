-- staff_among --
-- Those of some names that hold or held a role.
SELECT DISTINCT person FROM role_grant WHERE person = ANY(%(names)s::text[])

-- firms_with_cases --
-- Those of some credit codes for which there is a case.
SELECT DISTINCT uscc FROM benefit_case WHERE uscc = ANY(%(usccs)s::text[])

-- latest_fingerprints --
-- The fingerprint of the latest address of some recipients, for each channel and source.
SELECT DISTINCT ON (recipient, channel, source) recipient, channel, source, fingerprint
  FROM contact
 WHERE recipient = ANY(%(recipients)s::text[])
 ORDER BY recipient, channel, source, contact_id DESC

-- add_contacts --
-- Keep addresses as somebody gave them, in the order of the file.
INSERT INTO contact (recipient, channel, sealed, key_id, fingerprint, masked, source, at, by)
SELECT g.recipient, g.channel::notice_channel, g.sealed, g.key_id, g.fingerprint, g.masked, g.source, %(at)s, %(by)s
  FROM unnest(%(recipients)s::text[], %(channels)s::text[], %(sealed)s::bytea[], %(key_ids)s::text[],
              %(fingerprints)s::text[], %(masked)s::text[], %(sources)s::text[])
       WITH ORDINALITY AS g (recipient, channel, sealed, key_id, fingerprint, masked, source, place)
 ORDER BY g.place

-- carry_suppressions --
-- Suppress addresses under their fingerprint by the key in use as they are under that of an older key.
INSERT INTO suppression (fingerprint, channel, reason, at, by)
SELECT DISTINCT ON (g.new, s.channel) g.new, s.channel, s.reason, %(at)s, %(by)s
  FROM unnest(%(old)s::text[], %(new)s::text[]) AS g (old, new)
  JOIN suppression AS s ON s.fingerprint = g.old
 WHERE NOT EXISTS (SELECT FROM suppression_lifted AS l WHERE l.suppression_id = s.suppression_id)
   AND NOT EXISTS (SELECT FROM suppression AS n
                    WHERE n.fingerprint = g.new AND n.channel IS NOT DISTINCT FROM s.channel)
 ORDER BY g.new, s.channel, s.suppression_id

-- unreached_of_recipients --
-- The notices of some recipients that no way was left for.
SELECT n.notice_id
  FROM notice AS n
  JOIN notice_state AS s USING (notice_id)
 WHERE n.recipient = ANY(%(recipients)s::text[]) AND s.status = 'unreached'
 ORDER BY n.notice_id

-- contact_lines --
-- A page of contacts by number, after a given one; of all or of those that are the latest of their channel and source.
SELECT c.contact_id, c.recipient, c.channel, c.masked, c.source, c.at, c.by, f.is_latest, f.is_suppressed
  FROM contact AS c
 CROSS JOIN LATERAL (
       SELECT NOT EXISTS (SELECT FROM contact AS n
                           WHERE n.recipient = c.recipient AND n.channel = c.channel AND n.source = c.source
                             AND n.contact_id > c.contact_id) AS is_latest,
              EXISTS (SELECT FROM suppression AS s
                       WHERE (s.fingerprint = c.fingerprint OR s.recipient = c.recipient)
                         AND (s.channel IS NULL OR s.channel = c.channel)
                         AND NOT EXISTS (SELECT FROM suppression_lifted AS l
                                          WHERE l.suppression_id = s.suppression_id)) AS is_suppressed) AS f
 WHERE c.contact_id > %(after)s
   AND (%(recipient)s::text IS NULL OR c.recipient = %(recipient)s)
   AND (%(channel)s::notice_channel IS NULL OR c.channel = %(channel)s::notice_channel)
   AND (%(older)s OR f.is_latest)
 ORDER BY c.contact_id
 LIMIT %(most)s

-- contact_by_number --
-- One contact with its sealed address.
SELECT contact_id, recipient, channel, sealed, key_id, fingerprint FROM contact WHERE contact_id = %(contact_id)s

-- add_preference --
-- Keep what a recipient asks for; the newest row counts.
INSERT INTO channel_preference (recipient, channels, language, unwanted, at, by)
VALUES (%(recipient)s, %(channels)s::text[]::notice_channel[], %(language)s::notice_language, %(unwanted)s::text[],
        %(at)s, %(by)s)

-- preferences_of --
-- What a recipient asked for, the latest first.
SELECT recipient, channels::text[] AS channels, language, unwanted, at, by
  FROM channel_preference
 WHERE recipient = %(recipient)s
 ORDER BY preference_id DESC
 LIMIT %(most)s

-- add_suppressions --
-- Suppress a recipient, or an address under each of its fingerprints; what is suppressed so already is left out.
INSERT INTO suppression (recipient, fingerprint, channel, reason, at, by)
SELECT g.recipient, g.fingerprint, %(channel)s::notice_channel, %(reason)s, %(at)s, %(by)s
  FROM unnest(%(recipients)s::text[], %(fingerprints)s::text[]) AS g (recipient, fingerprint)
 WHERE NOT EXISTS (SELECT FROM suppression AS s
                    WHERE (s.recipient = g.recipient OR s.fingerprint = g.fingerprint)
                      AND s.channel IS NOT DISTINCT FROM %(channel)s::notice_channel
                      AND NOT EXISTS (SELECT FROM suppression_lifted AS l WHERE l.suppression_id = s.suppression_id))
RETURNING suppression_id

-- lift_suppression --
-- End a suppression; nothing where there is none, or it was ended.
INSERT INTO suppression_lifted (suppression_id, reason, at, by)
SELECT suppression_id, %(reason)s, %(at)s, %(by)s FROM suppression WHERE suppression_id = %(suppression_id)s
ON CONFLICT (suppression_id) DO NOTHING
RETURNING suppression_id

-- suppression_lines --
-- A page of suppressions by number, after a given one; of all or of those in force.
SELECT s.suppression_id, s.recipient, s.channel, s.reason, s.at, s.by, l.reason AS lifted,
       coalesce(m.masked, '{}') AS masked
  FROM suppression AS s
  LEFT JOIN suppression_lifted AS l USING (suppression_id)
  LEFT JOIN LATERAL (SELECT array_agg(DISTINCT c.masked) AS masked FROM contact AS c
                      WHERE c.fingerprint = s.fingerprint) AS m ON s.fingerprint IS NOT NULL
 WHERE s.suppression_id > %(after)s
   AND (%(recipient)s::text IS NULL OR s.recipient = %(recipient)s
        OR s.fingerprint IN (SELECT fingerprint FROM contact WHERE recipient = %(recipient)s))
   AND (%(lifted)s OR l.suppression_id IS NULL)
 ORDER BY s.suppression_id
 LIMIT %(most)s
