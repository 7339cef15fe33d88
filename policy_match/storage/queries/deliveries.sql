-- lock_planning --
-- Wait for the right to choose ways, until the end of the transaction: one process at a time.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- notices_without_way --
-- A page of open notices of which nothing is on its way and nothing has arrived; how many ways each had.
SELECT s.notice_id, n.recipient,
       coalesce((SELECT max(d.number) FROM delivery AS d WHERE d.notice_id = s.notice_id), 0) AS deliveries
  FROM notice_state AS s
  JOIN notice AS n USING (notice_id)
 WHERE s.status = 'open' AND s.notice_id > %(after)s
   AND NOT EXISTS (SELECT FROM delivery_state AS d
                    WHERE d.notice_id = s.notice_id AND d.provider <> 'inbox'
                      AND d.status IN ('waiting', 'sending', 'handed_over', 'delivered', 'read'))
 ORDER BY s.notice_id
 LIMIT %(most)s

-- addresses_of_recipients --
-- Where some recipients are told, the latest address of each channel and source; the newest first.
SELECT recipient, channel, fingerprint, contact_id
  FROM (SELECT DISTINCT ON (recipient, channel, source) recipient, channel, source, fingerprint, contact_id
          FROM contact
         WHERE recipient = ANY(%(recipients)s::text[])
         ORDER BY recipient, channel, source, contact_id DESC) AS latest
 ORDER BY recipient, contact_id DESC

-- suppressions_in_force --
-- What is suppressed for some recipients, and for some addresses.
SELECT s.recipient, s.fingerprint, s.channel
  FROM (SELECT * FROM suppression WHERE recipient = ANY(%(recipients)s::text[])
        UNION ALL
        SELECT * FROM suppression WHERE fingerprint = ANY(%(fingerprints)s::text[])) AS s
 WHERE NOT EXISTS (SELECT FROM suppression_lifted AS l WHERE l.suppression_id = s.suppression_id)

-- orders_of_recipients --
-- The order of channels that some recipients asked for last.
SELECT DISTINCT ON (recipient) recipient, channels::text[] AS channels
  FROM channel_preference
 WHERE recipient = ANY(%(recipients)s::text[])
 ORDER BY recipient, preference_id DESC

-- ways_tried --
-- The deliveries that some notices had outside the portal, in order.
SELECT d.notice_id, d.provider, d.channel, c.fingerprint, s.status, coalesce(e.provider_at_fault, false) AS at_fault
  FROM delivery AS d
  JOIN delivery_state AS s USING (delivery_id)
  JOIN contact AS c USING (contact_id)
  LEFT JOIN delivery_event AS e ON e.delivery_id = d.delivery_id AND e.seq = s.seq
 WHERE d.notice_id = ANY(%(notice_ids)s::bigint[])
 ORDER BY d.notice_id, d.number

-- deliveries_at_strangers --
-- A page of waiting deliveries whose provider is in the settings no more.
SELECT delivery_id
  FROM delivery_state
 WHERE status = 'waiting' AND provider <> 'inbox' AND provider <> ALL(%(providers)s::text[])
   AND delivery_id > %(after)s
 ORDER BY delivery_id
 LIMIT %(most)s

-- deliveries_before_demotion --
-- A page of deliveries that wait at a provider since before it was demoted, and were not sent perhaps.
SELECT s.delivery_id, s.notice_id, n.recipient
  FROM delivery_state AS s
  JOIN delivery AS d USING (delivery_id)
  JOIN notice AS n ON n.notice_id = s.notice_id
 WHERE s.provider = %(provider)s AND s.status = 'waiting' AND s.repeats = 0 AND d.at <= %(demoted_at)s
   AND s.delivery_id > %(after)s
 ORDER BY s.delivery_id
 LIMIT %(most)s

-- hold_sender --
-- Say, until the end of the transaction, that somebody sends through a provider; the server lets it last.
SELECT set_config('idle_in_transaction_session_timeout', '0', true),
       pg_advisory_xact_lock_shared(%(purpose)s, %(provider)s)

-- hold_provider --
-- Keep senders away from a provider until the end of the transaction, if none is at work.
SELECT pg_try_advisory_xact_lock(%(purpose)s, %(provider)s) AS held

-- take_due_deliveries --
-- Lock a page of deliveries that are due at a provider; who asks meanwhile gets the next.
SELECT take_deliveries(%(provider)s, %(up_to)s, %(most)s) AS delivery_id

-- begin_sending --
-- Record that taken deliveries are being sent; what need not be said any more is cancelled instead.
INSERT INTO delivery_event (delivery_id, seq, event, before, after, code, at)
SELECT s.delivery_id, s.seq + 1, t.event, t.before, t.after,
       CASE t.event WHEN 'cancel' THEN 'notice_' || n.status ELSE '' END, %(at)s
  FROM delivery_state AS s
  JOIN notice_state AS n USING (notice_id)
  JOIN delivery_transition AS t ON t.before = s.status
       AND t.event = (CASE n.status WHEN 'open' THEN 'send' ELSE 'cancel' END)::delivery_step
 WHERE s.delivery_id = ANY(%(delivery_ids)s::bigint[])
 ORDER BY s.delivery_id
RETURNING delivery_id, event

-- messages_to_send --
-- What is to be said to whom by some deliveries; the name is the one that the firm was registered under.
SELECT d.delivery_id, d.notice_id, d.channel, d.at, n.recipient, s.tries, s.repeats, t.subject, t.body, t.short,
       t.language, c.sealed, c.key_id, c.fingerprint, f.name
  FROM delivery AS d
  JOIN delivery_state AS s USING (delivery_id)
  JOIN notice AS n ON n.notice_id = d.notice_id
  JOIN notice_text AS t ON t.notice_id = d.notice_id
  JOIN contact AS c USING (contact_id)
  -- One look-up each: without fresh statistics a join may read all names for each message.
  LEFT JOIN LATERAL (SELECT b.uscc, p.sweep_number FROM benefit_case AS b JOIN opening_policy AS p USING (opening, place)
                      WHERE b.case_id = n.case_id LIMIT 1) AS o ON true
  LEFT JOIN LATERAL (SELECT m.name FROM firm_name AS m
                      WHERE m.sweep_number = o.sweep_number AND m.uscc = o.uscc LIMIT 1) AS f ON true
 WHERE d.delivery_id = ANY(%(delivery_ids)s::bigint[])
 ORDER BY d.delivery_id

-- count_due_deliveries --
-- How many deliveries are due at a provider.
SELECT count(*) AS due
  FROM delivery_state
 WHERE provider = %(provider)s AND status = 'waiting' AND due_at <= %(up_to)s

-- add_delivery_steps --
-- Take one step with each of some deliveries; what moved elsewhere meanwhile is left out. Those taken.
INSERT INTO delivery_event (delivery_id, seq, event, before, after, due_at, code, detail, reference,
                            provider_at_fault, at)
SELECT s.delivery_id, s.seq + 1, t.event, t.before, t.after, g.due_at, g.code, g.detail, g.reference, g.at_fault,
       %(at)s
  FROM unnest(%(delivery_ids)s::bigint[], %(events)s::text[], %(due_ats)s::timestamptz[], %(codes)s::text[],
              %(details)s::text[], %(refs)s::text[], %(at_faults)s::boolean[])
       AS g (delivery_id, event, due_at, code, detail, reference, at_fault)
  JOIN delivery_state AS s USING (delivery_id)
  JOIN delivery_transition AS t ON t.before = s.status AND t.event = g.event::delivery_step
 ORDER BY s.delivery_id
ON CONFLICT (delivery_id, seq) DO NOTHING
RETURNING delivery_id

-- step_notices_of_deliveries --
-- Take one step with the notices of some deliveries, where it is possible; how many.
WITH taken AS (
    INSERT INTO notice_event (notice_id, seq, event, before, after, at, by, reason)
    SELECT s.notice_id, s.seq + 1, t.event, t.before, t.after, %(at)s, %(by)s, %(reason)s
      FROM notice_state AS s
      JOIN notice_transition AS t ON t.before = s.status AND t.event = %(event)s::notice_step
     WHERE s.notice_id IN (SELECT d.notice_id FROM delivery AS d
                            WHERE d.delivery_id = ANY(%(delivery_ids)s::bigint[]))
     ORDER BY s.notice_id
    ON CONFLICT (notice_id, seq) DO NOTHING
    RETURNING notice_id)
SELECT count(*) AS taken FROM taken

-- hold_notices --
-- Lock some notices, so that nobody else moves them until the transaction ends.
SELECT hold_notices(%(notice_ids)s::bigint[]) AS notice_id

-- suppress_addresses --
-- Suppress the addresses of some deliveries in their channels, as nothing can arrive there.
INSERT INTO suppression (fingerprint, channel, reason, at, by)
SELECT DISTINCT ON (c.fingerprint, d.channel)
       c.fingerprint, d.channel, g.code || ' (PMN' || d.delivery_id || ')', %(at)s, 'system'
  FROM unnest(%(delivery_ids)s::bigint[], %(codes)s::text[]) AS g (delivery_id, code)
  JOIN delivery AS d USING (delivery_id)
  JOIN contact AS c USING (contact_id)
 WHERE NOT EXISTS (SELECT FROM suppression AS s
                    WHERE s.fingerprint = c.fingerprint AND (s.channel = d.channel OR s.channel IS NULL)
                      AND NOT EXISTS (SELECT FROM suppression_lifted AS l
                                       WHERE l.suppression_id = s.suppression_id))
 ORDER BY c.fingerprint, d.channel, d.delivery_id

-- demotions_in_force --
-- The demotions that hold at an instant, the longest of each provider.
SELECT DISTINCT ON (provider) provider, until, failures, outcomes, at
  FROM provider_demotion
 WHERE at <= %(at)s AND until > %(at)s
 ORDER BY provider, until DESC

-- outcomes_at_provider --
-- What became of a provider's messages since an instant, or since its last demotion ended.
WITH since AS (
    SELECT greatest(%(since)s::timestamptz,
                    (SELECT max(until) FROM provider_demotion
                      WHERE provider = %(provider)s AND until <= %(at)s)) AS instant
)
SELECT (SELECT count(DISTINCT e.delivery_id)
          FROM delivery_event AS e JOIN delivery AS d USING (delivery_id), since
         WHERE e.provider_at_fault AND e.at > since.instant AND d.provider = %(provider)s) AS failures,
       (SELECT count(*)
          FROM delivery_state AS s, since
         WHERE s.status = ANY(enum_range(NULL::delivery_status)) AND s.since > since.instant
           AND s.provider = %(provider)s AND s.tries > 0) AS outcomes

-- add_demotion --
-- Keep that a provider failed too often; others come first until then.
INSERT INTO provider_demotion (provider, until, failures, outcomes, at)
VALUES (%(provider)s, %(until)s, %(failures)s, %(outcomes)s, %(at)s)

-- deliveries_by_provider --
-- How many deliveries of each provider stand where, what is due, and when something was last handed over.
SELECT s.provider, s.status, count(*) AS deliveries, sum(s.repeats)::bigint AS repeats,
       min(s.due_at) FILTER (WHERE s.status = 'waiting') AS first_due, max(s.since) AS last_moved
  FROM delivery_state AS s
 WHERE s.provider <> 'inbox'
 GROUP BY s.provider, s.status
 ORDER BY s.provider, s.status

-- deliveries_in_doubt --
-- A page of deliveries at one status, that a person looks at, with the notice and how often each was sent.
SELECT s.delivery_id, s.notice_id, s.provider, d.channel, n.recipient, n.kind, n.case_id, c.masked, s.tries,
       s.repeats, s.since
  FROM delivery_state AS s
  JOIN delivery AS d USING (delivery_id)
  JOIN notice AS n ON n.notice_id = s.notice_id
  JOIN contact AS c USING (contact_id)
 WHERE s.status = %(status)s::delivery_status AND s.delivery_id > %(after)s
 ORDER BY s.delivery_id
 LIMIT %(most)s
