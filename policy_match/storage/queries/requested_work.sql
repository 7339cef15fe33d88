-- add_uploaded_file --
-- Keep that a file was sent; the first word on its content stays.
INSERT INTO uploaded_file (digest, kind, size_bytes, at, by, name)
VALUES (%(digest)s, %(kind)s, %(size_bytes)s, %(at)s, %(by)s, %(name)s)
    ON CONFLICT (digest) DO NOTHING

-- uploaded_files --
-- A page of the files that were sent, by digest after a given one; or one of them.
SELECT digest, kind, size_bytes, at, by, name FROM uploaded_file
 WHERE digest > %(after)s AND (%(digest)s::text IS NULL OR digest = %(digest)s)
 ORDER BY digest
 LIMIT %(most)s

-- latest_files --
-- A page of the files that were sent, the latest first, before a given one.
SELECT digest, kind, size_bytes, at, by, name FROM uploaded_file
 WHERE %(before_at)s::timestamptz IS NULL OR (at, digest) < (%(before_at)s, %(before_digest)s)
 ORDER BY at DESC, digest DESC
 LIMIT %(most)s

-- add_work_request --
-- Keep what is asked for; its number.
INSERT INTO work_request (kind, parameters, policy_id, at, by)
VALUES (%(kind)s, %(parameters)s::text::jsonb, %(policy_id)s, %(at)s, %(by)s)
RETURNING request_id

-- take_work_request --
-- The next request that waits, locked, but those in the list; none when there is none.
SELECT take_work_request(%(but)s::bigint[]) AS request_id

-- lock_waiting_request --
-- Lock a request that waits; whether it does.
SELECT lock_waiting_request(%(request_id)s) AS waits

-- add_work_steps --
-- Write one step of each of some requests, from where they stand.
INSERT INTO work_request_event (request_id, seq, event, before, after, at, by, done, total, code, detail, detail_zh, result)
SELECT request_id, seq + 1, %(event)s::work_step, status, %(after)s::work_status, %(at)s, %(by)s, %(done)s, %(total)s,
       %(code)s, %(detail)s, %(detail_zh)s, %(result)s::text::jsonb
  FROM work_request_state WHERE request_id = ANY (%(request_ids)s::bigint[])

-- new_work --
-- Whether a request waits that nobody ever began.
SELECT EXISTS (SELECT FROM work_request_state WHERE status = 'waiting' AND tries = 0) AS any_new

-- work_in_hand --
-- The requests that somebody began, and how often each was taken.
SELECT request_id, tries FROM work_request_state WHERE status = 'working' ORDER BY request_id

-- work_requests --
-- Requests with their last mishap and their result, the latest first: one by number, or a page before a given number,
-- of one kind, one status and some policies, or of all. What is for every policy is not among those of some.
SELECT r.request_id, r.kind, r.parameters, r.policy_id, r.at, r.by, s.status, s.tries, s.done, s.total, s.started_at,
       CASE WHEN s.status IN ('done', 'failed', 'cancelled') THEN s.since END AS ended_at,
       coalesce(last.result, '{}') AS result, coalesce(mishap.code, '') AS code,
       coalesce(mishap.detail, '') AS detail, coalesce(mishap.detail_zh, '') AS detail_zh
  FROM work_request AS r
  JOIN work_request_state AS s USING (request_id)
  LEFT JOIN work_request_event AS last ON last.request_id = r.request_id AND last.seq = s.seq
  LEFT JOIN LATERAL (SELECT code, detail, detail_zh FROM work_request_event
                      WHERE request_id = r.request_id AND event IN ('fail', 'release')
                      ORDER BY seq DESC LIMIT 1) AS mishap ON s.status <> 'done'
 WHERE (%(request_id)s::bigint IS NULL OR r.request_id = %(request_id)s)
   AND (%(before)s::bigint IS NULL OR r.request_id < %(before)s)
   AND (%(kind)s::text IS NULL OR r.kind = %(kind)s)
   AND (%(status)s::work_status IS NULL OR s.status = %(status)s::work_status)
   AND (%(policies)s::text[] IS NULL OR r.policy_id = ANY (%(policies)s::text[]))
 ORDER BY r.request_id DESC
 LIMIT %(most)s
