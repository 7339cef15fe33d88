-- claim_action_key --
-- Take the right to use a key until the transaction ends, without waiting for anybody.
SELECT pg_try_advisory_xact_lock(
           %(purpose)s, hashtext(concat_ws(' ', %(by)s::text, %(account)s::text, %(key)s::text))) AS held

-- lock_place --
-- Wait for the right to change what is at a place, until the transaction ends.
SELECT pg_advisory_xact_lock(%(purpose)s, hashtext(%(place)s))

-- use_of_action_key --
-- What a key was used for, with the answer while it is kept.
SELECT a.request_digest, a.at, a.status, k.location, k.body
  FROM action AS a
  LEFT JOIN kept_answer AS k USING (action_id)
 WHERE a.by = %(by)s AND a.account = %(account)s AND a.key = %(key)s

-- add_action --
-- Keep an action, and its answer if there is one to keep.
WITH added AS (
    INSERT INTO action (request_id, at, by, account, operation, path, status, key, request_digest)
    VALUES (%(request_id)s, %(at)s, %(by)s, %(account)s, %(operation)s, %(path)s, %(status)s, %(key)s,
            %(request_digest)s)
    RETURNING action_id
)
INSERT INTO kept_answer (action_id, location, body)
SELECT action_id, %(location)s, %(body)s::bytea FROM added WHERE %(body)s::bytea IS NOT NULL

-- newest_actions --
-- A page of what was done over the web, the latest first.
SELECT action_id, request_id, at, by, account, operation, path, status
  FROM action
 WHERE %(before)s::bigint IS NULL OR action_id < %(before)s
 ORDER BY action_id DESC
 LIMIT %(most)s

-- forget_answers --
-- Forget old answers; what was done stays.
SELECT forget_answers(%(before)s, %(most)s) AS forgotten
