-- lock_webhook_making --
-- Wait for the right to make a webhook, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s, 0)

-- add_webhook --
-- Keep a new webhook.
INSERT INTO webhook (url, kinds, begins_after, at, by)
VALUES (%(url)s, %(kinds)s::text[], %(begins_after)s, %(at)s, %(by)s)
RETURNING webhook_id

-- add_webhook_secret --
-- Keep a sealed secret.
INSERT INTO webhook_secret (webhook_id, number, sealed, key_id, at, by)
VALUES (%(webhook_id)s, %(number)s, %(sealed)s, %(key_id)s, %(at)s, %(by)s)

-- secrets_of_webhook --
-- The secrets of a webhook, the newest first.
SELECT webhook_id, number, sealed, key_id, at
  FROM webhook_secret
 WHERE webhook_id = %(webhook_id)s
 ORDER BY number DESC
 LIMIT %(most)s

-- webhooks --
-- A page of webhooks as they stand, or one, each with how its last try ended.
SELECT w.webhook_id, w.url, s.status, s.seq, s.kinds, s.sent_to, s.failures, s.due_at, s.ping, s.since, w.at, w.by,
       coalesce(l.code, '') AS code, l.at AS tried_at
  FROM webhook AS w
  JOIN webhook_state AS s USING (webhook_id)
  LEFT JOIN LATERAL (SELECT e.code, e.at FROM webhook_event AS e
                      WHERE e.webhook_id = w.webhook_id AND e.milliseconds IS NOT NULL
                      ORDER BY e.seq DESC LIMIT 1) AS l ON true
 WHERE w.webhook_id > %(after)s AND w.webhook_id = coalesce(%(only)s, w.webhook_id)
 ORDER BY w.webhook_id
 LIMIT %(most)s

-- hold_webhook --
-- Let nobody else move a webhook until the end of the transaction.
SELECT hold_webhook(%(webhook_id)s) AS webhook_id

-- count_webhooks --
-- How many webhooks are not removed.
SELECT count(*) AS taken FROM webhook_state WHERE status <> 'removed'

-- add_webhook_step --
-- Take one step with a webhook.
INSERT INTO webhook_event (webhook_id, seq, event, before, after, number, status, milliseconds, code, kinds, due_at, at,
                           by, reason)
VALUES (%(webhook_id)s, %(seq)s, %(event)s, %(before)s, %(after)s, %(number)s, %(status)s, %(milliseconds)s, %(code)s,
        %(kinds)s::text[], %(due_at)s, %(at)s, %(by)s, %(reason)s)

-- due_webhooks --
-- Webhooks that have a test message to send, or may have events to send and do not wait for their next try.
SELECT webhook_id
  FROM webhook_state
 WHERE (status <> 'removed' AND ping IS NOT NULL)
    OR (status = 'active' AND sent_to < %(latest)s AND (due_at IS NULL OR due_at <= %(up_to)s))
 ORDER BY due_at NULLS FIRST, sent_to, webhook_id
 LIMIT %(most)s

-- hold_webhook_sending --
-- Take the right to send to a webhook, until the end of the transaction, if nobody has it; the server lets it last.
SELECT set_config('idle_in_transaction_session_timeout', '0', true),
       pg_try_advisory_xact_lock(%(purpose)s, %(webhook_id)s) AS held

-- webhook_log --
-- A page of what happened to a webhook, the latest first.
SELECT e.seq, e.event, e.before, e.after, e.number, e.status, e.milliseconds, e.code, e.kinds, e.due_at, e.at, e.by,
       e.reason, p.event_id
  FROM webhook_event AS e
  LEFT JOIN published_event AS p
         ON p.number = e.number AND e.event IN ('deliver', 'fail', 'give_up')
 WHERE e.webhook_id = %(webhook_id)s AND e.seq < %(before)s
 ORDER BY e.seq DESC
 LIMIT %(most)s

-- webhook_step_at --
-- When a step of a webhook was taken.
SELECT at FROM webhook_event WHERE webhook_id = %(webhook_id)s AND seq = %(seq)s
