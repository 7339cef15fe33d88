-- providers_with_lost_sends --
-- Providers with deliveries that are being sent since too long ago, or since a time that is still to come.
SELECT provider, count(*) AS deliveries
  FROM delivery_state
 WHERE status = 'sending' AND (since <= %(before)s OR since > %(beyond)s)
 GROUP BY provider
 ORDER BY provider

-- lost_sends --
-- A page of those deliveries of one provider.
SELECT delivery_id, tries, repeats
  FROM delivery_state
 WHERE status = 'sending' AND provider = %(provider)s AND (since <= %(before)s OR since > %(beyond)s)
 ORDER BY delivery_id
 LIMIT %(most)s

-- receipts_overdue --
-- A page of deliveries that were handed over and whose receipt should be there.
SELECT delivery_id FROM delivery_state
 WHERE status = 'handed_over' AND due_at <= %(at)s
 ORDER BY due_at, delivery_id
 LIMIT %(most)s

-- waits_too_far_ahead --
-- A page of waiting deliveries that would be sent later than any rule lets one wait: the clock was set back.
SELECT delivery_id FROM delivery_state
 WHERE status = 'waiting' AND provider <> 'inbox' AND due_at > %(beyond)s
 ORDER BY due_at, delivery_id
 LIMIT %(most)s

-- waits_for_nothing --
-- A page of waiting deliveries whose notice needs no delivery any more.
SELECT s.delivery_id
  FROM delivery_state AS s
  JOIN notice_state AS n USING (notice_id)
 WHERE s.status = 'waiting' AND s.provider <> 'inbox' AND n.status <> 'open'
 ORDER BY s.delivery_id
 LIMIT %(most)s

-- overdue_by_provider --
-- How many deliveries of each provider should have been sent before an instant.
SELECT provider, count(*) AS deliveries
  FROM delivery_state
 WHERE status = 'waiting' AND provider <> 'inbox' AND due_at <= %(before)s
 GROUP BY provider
 ORDER BY provider

-- notices_with_evidence --
-- A page of notices that did not reach their recipient, as they stand, while a delivery shows that they did.
SELECT s.notice_id
  FROM notice_state AS s
 WHERE s.status IN ('open', 'unreached', 'overtaken')
   AND EXISTS (SELECT FROM delivery_state AS d
                WHERE d.notice_id = s.notice_id
                  AND (d.status = 'read' OR d.provider <> 'inbox' AND d.status IN ('handed_over', 'delivered')))
 ORDER BY s.notice_id
 LIMIT %(most)s

-- notices_standing --
-- How many notices stand at some statuses since before an instant.
SELECT status, count(*) AS notices
  FROM notice_state
 WHERE status = ANY(%(statuses)s::notice_status[]) AND since <= %(before)s
 GROUP BY status

-- unreached_notices_to_look_at --
-- A page of notices that reached nobody, and how many ways each had.
SELECT s.notice_id, n.recipient,
       coalesce((SELECT max(d.number) FROM delivery AS d WHERE d.notice_id = s.notice_id), 0) AS deliveries
  FROM notice_state AS s
  JOIN notice AS n USING (notice_id)
 WHERE s.status = 'unreached' AND s.notice_id > %(after)s
 ORDER BY s.notice_id
 LIMIT %(most)s

-- add_missing_notices --
-- Write the notices of steps that should have one and have none, since notices are written at all; how many.
WITH taken AS (
    INSERT INTO notice (recipient, kind, case_id, seq, at)
    SELECT 'firm:' || c.uscc, r.kind, e.case_id, e.seq, e.at
      FROM case_event AS e
      JOIN benefit_case AS c USING (case_id)
      JOIN notice_rule AS r ON r.route = c.route AND r.event = e.event
     WHERE e.at >= greatest(%(since)s::timestamptz,
                            (SELECT n.at FROM notice AS n WHERE n.case_id IS NOT NULL ORDER BY n.notice_id LIMIT 1))
       AND NOT EXISTS (SELECT FROM notice AS n WHERE n.case_id = e.case_id AND n.seq = e.seq AND n.kind = r.kind)
     ORDER BY e.case_id, e.seq
     LIMIT %(most)s
    ON CONFLICT DO NOTHING
    RETURNING notice_id)
SELECT count(*) AS taken FROM taken

-- possible_duplicates --
-- By provider: how often a message was sent again that may have arrived, and how often a person had it sent again.
SELECT provider, sum(repeats)::bigint AS repeats, sum(settled)::bigint AS settled
  FROM (SELECT provider, sum(repeats) AS repeats, 0 AS settled
          FROM delivery_state WHERE repeats > 0 GROUP BY provider
        UNION ALL
        SELECT d.provider, 0, count(*)
          FROM delivery_event AS e JOIN delivery AS d USING (delivery_id)
         WHERE e.before = 'unknown' AND e.event = 'fail' GROUP BY d.provider) AS each
 GROUP BY provider
 ORDER BY provider
