-- add_machine_token --
-- Write a token of another system.
INSERT INTO machine_token (name, prefix, digest, scopes, ends_on, at, by)
VALUES (%(name)s, %(prefix)s, %(digest)s, %(scopes)s, %(ends_on)s, %(at)s, %(by)s)
RETURNING token_id

-- machine_token_by_digest --
-- The token of a secret.
SELECT t.token_id, t.name, t.prefix, t.scopes, t.ends_on, t.at, t.by, e.at AS ended_at
  FROM machine_token AS t LEFT JOIN machine_token_end AS e USING (token_id)
 WHERE t.digest = %(digest)s

-- machine_tokens --
-- Tokens by number after a given one.
SELECT t.token_id, t.name, t.prefix, t.scopes, t.ends_on, t.at, t.by, e.at AS ended_at
  FROM machine_token AS t LEFT JOIN machine_token_end AS e USING (token_id)
 WHERE t.token_id > %(after)s
 ORDER BY t.token_id
 LIMIT %(most)s

-- end_machine_token --
-- End a token: whether it had not been ended, no row when there is none.
WITH found AS (SELECT token_id FROM machine_token WHERE token_id = %(token_id)s),
     ended AS (INSERT INTO machine_token_end (token_id, at, by) SELECT token_id, %(at)s, %(by)s FROM found
                   ON CONFLICT DO NOTHING RETURNING token_id)
SELECT EXISTS (SELECT FROM ended) AS ended FROM found
