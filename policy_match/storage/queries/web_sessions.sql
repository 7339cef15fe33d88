-- begin_session --
-- Write a session.
INSERT INTO web_session (digest, account_id, uscc, provider, waits_for, began_at, at)
VALUES (%(digest)s, %(account_id)s, %(uscc)s, %(provider)s, %(waits_for)s, %(began_at)s, %(at)s)
RETURNING session_id

-- session_by_digest --
-- The session of an id, with the roles that its person holds now, and whether he still acts for its firm.
SELECT w.session_id, w.account_id, a.name, a.label, a.kind, c.is_open, w.uscc, w.provider, w.waits_for, w.began_at,
       w.at, s.seen_at, s.checked_at, s.ended_at,
       coalesce((SELECT d.granted FROM delegation AS d
                  WHERE d.account_id = w.account_id AND d.uscc = w.uscc
                  ORDER BY d.delegation_id DESC LIMIT 1), false) AS may_act,
       CASE WHEN a.kind = 'staff' THEN
           (SELECT coalesce(jsonb_agg(jsonb_build_array(g.role, g.department, g.jurisdiction)), '[]'::jsonb)
              FROM (SELECT DISTINCT ON (role, department, jurisdiction) role, department, jurisdiction, granted
                      FROM role_grant WHERE person = a.name
                     ORDER BY role, department, jurisdiction, grant_id DESC) AS g
             WHERE g.granted)
       END AS roles
  FROM web_session AS w
  JOIN web_session_state AS s USING (session_id)
  JOIN account AS a USING (account_id)
  JOIN account_state AS c USING (account_id)
 WHERE w.digest = %(digest)s

-- sessions_of_account --
-- The sessions of an account that nobody ended and that began since a moment, the latest first.
SELECT w.session_id, w.account_id, a.name, a.label, a.kind, c.is_open, w.uscc, w.provider, w.waits_for, w.began_at,
       w.at, s.seen_at, s.checked_at, s.ended_at, true AS may_act, NULL::jsonb AS roles
  FROM web_session AS w
  JOIN web_session_state AS s USING (session_id)
  JOIN account AS a USING (account_id)
  JOIN account_state AS c USING (account_id)
 WHERE w.account_id = %(account_id)s AND s.ended_at IS NULL AND w.began_at >= %(since)s
 ORDER BY w.session_id DESC
 LIMIT %(most)s

-- see_session --
-- Keep when a session was last used.
SELECT see_session(%(session_id)s, %(at)s)

-- end_sessions --
-- End sessions, and say how many had not ended.
SELECT end_sessions(%(sessions)s, %(at)s, %(why)s) AS taken

-- keep_session_tokens --
-- Keep what a provider gave for a session.
SELECT keep_session_tokens(%(session_id)s, %(provider_session)s, %(key_id)s, %(sealed)s, %(checked_at)s)

-- session_tokens --
-- What a provider gave for a session.
SELECT provider_session, key_id, sealed, checked_at
  FROM web_session_state
 WHERE session_id = %(session_id)s AND sealed IS NOT NULL

-- sessions_of_provider --
-- The open sessions that a provider's log-out names: one session of its own, or all of a person.
SELECT s.session_id
  FROM web_session_state AS s JOIN web_session AS w USING (session_id)
 WHERE s.ended_at IS NULL AND w.provider = %(provider)s
   AND (%(provider_session)s = '' OR s.provider_session = %(provider_session)s)
   AND (%(subject)s = '' OR EXISTS (SELECT FROM provider_identity AS i
                                     WHERE i.account_id = w.account_id AND i.issuer = %(issuer)s
                                       AND i.subject = %(subject)s))
   AND (%(provider_session)s <> '' OR %(subject)s <> '')
 ORDER BY s.session_id
 LIMIT %(most)s

-- lock_attempts --
-- Wait for the right to judge tries that have a mark, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s, hashtext(%(mark)s))

-- failures_of_account --
-- The failures of an account since its last success; from an address that it is known at, only those from there.
WITH known AS (
    SELECT EXISTS (SELECT FROM sign_in_attempt AS a JOIN sign_in_success AS s USING (attempt_id)
                    WHERE a.account_mark = %(account_mark)s AND a.address_mark = %(address_mark)s
                      AND a.at >= %(known_since)s) AS here),
     counted AS (
    SELECT a.attempt_id, a.at, s.attempt_id IS NOT NULL AS right_one
      FROM sign_in_attempt AS a LEFT JOIN sign_in_success AS s USING (attempt_id), known AS k
     WHERE a.account_mark = %(account_mark)s AND a.at >= %(since)s
       AND (NOT k.here OR a.address_mark = %(address_mark)s))
SELECT count(*)::integer AS count, max(at) AS latest
  FROM counted
 WHERE NOT right_one AND attempt_id > coalesce((SELECT max(attempt_id) FROM counted WHERE right_one), 0)

-- failures_of_address --
-- The failures from an address since a moment.
SELECT count(*)::integer AS count, max(a.at) AS latest
  FROM sign_in_attempt AS a LEFT JOIN sign_in_success AS s USING (attempt_id)
 WHERE a.address_mark = %(address_mark)s AND a.at >= %(since)s AND s.attempt_id IS NULL

-- add_attempt --
-- Write a try to sign in.
INSERT INTO sign_in_attempt (account_mark, address_mark, at)
VALUES (%(account_mark)s, %(address_mark)s, %(at)s)
RETURNING attempt_id

-- add_success --
-- Write that a try was right.
INSERT INTO sign_in_success (attempt_id, at) VALUES (%(attempt_id)s, %(at)s)

-- forget_attempts --
-- Forget tries that are too old to count.
SELECT forget_attempts(%(before)s, %(most)s) AS taken

-- add_provider_request --
-- Write a sign-in that is sent to a provider.
INSERT INTO provider_request (digest, provider, key_id, sealed, at)
VALUES (%(digest)s, %(provider)s, %(key_id)s, %(sealed)s, %(at)s)

-- take_provider_request --
-- Take out a sign-in that comes back.
SELECT provider, key_id, sealed, at FROM take_provider_request(%(digest)s)

-- forget_provider_requests --
-- Forget sign-ins that never came back.
SELECT forget_provider_requests(%(before)s, %(most)s)

-- use_log_out --
-- Use up a log-out token; none is given back when it was used.
INSERT INTO provider_log_out (issuer, token_id, at)
VALUES (%(issuer)s, %(token_id)s, %(at)s)
    ON CONFLICT DO NOTHING
RETURNING token_id
