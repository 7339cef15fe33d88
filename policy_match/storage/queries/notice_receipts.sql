-- lock_receipts --
-- Wait for the right to take receipts, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- receipts_of_contents --
-- What became of the receipts of some contents of a provider; number 0 is a content that was refused as a whole.
SELECT content_digest, number = 0 AS refused, verdict, count(*) AS receipts
  FROM notice_receipt
 WHERE provider = %(provider)s AND content_digest = ANY(%(digests)s::text[])
 GROUP BY content_digest, number = 0, verdict

-- deliveries_by_reference --
-- The deliveries that a provider took under its own ids, the latest of each id.
SELECT DISTINCT ON (e.reference) e.reference, e.delivery_id
  FROM delivery_event AS e
  JOIN delivery AS d USING (delivery_id)
 WHERE e.reference = ANY(%(refs)s::text[]) AND d.provider = %(provider)s
 ORDER BY e.reference, e.delivery_id DESC

-- hold_named_deliveries --
-- Lock some deliveries and then their notices, so that nobody else moves them until the transaction ends.
SELECT hold_deliveries(%(delivery_ids)s::bigint[]) AS notice_id

-- named_deliveries --
-- Some deliveries as they stand.
SELECT delivery_id, provider, status, tries
  FROM delivery_state
 WHERE delivery_id = ANY(%(delivery_ids)s::bigint[])

-- add_receipts --
-- Keep what a provider said, and what became of it.
INSERT INTO notice_receipt (provider, content_digest, number, kind, reference, delivery_id, verdict, sealed, key_id, at)
SELECT %(provider)s, g.content_digest, g.number, g.kind, g.reference, g.delivery_id, g.verdict::receipt_verdict,
       g.sealed, g.key_id, %(at)s
  FROM unnest(%(digests)s::text[], %(numbers)s::integer[], %(kinds)s::text[], %(refs)s::text[],
              %(delivery_ids)s::bigint[], %(verdicts)s::text[], %(seals)s::bytea[], %(key_ids)s::text[])
       WITH ORDINALITY AS g (content_digest, number, kind, reference, delivery_id, verdict, sealed, key_id, place)
 ORDER BY g.place
RETURNING receipt_id, content_digest, number

-- relapse_notices --
-- Say of reached notices of some deliveries that what had been handed over did not arrive, if nothing else did; how many.
-- A recipient who was reached by a person, or read it in the portal, stays reached.
WITH taken AS (
    INSERT INTO notice_event (notice_id, seq, event, before, after, at, by, reason)
    SELECT s.notice_id, s.seq + 1, t.event, t.before, t.after, %(at)s, %(by)s, %(reason)s
      FROM notice_state AS s
      JOIN notice AS n USING (notice_id)
      JOIN notice_transition AS t ON t.before = s.status AND t.event = 'relapse'
     WHERE s.notice_id IN (SELECT d.notice_id FROM delivery AS d
                            WHERE d.delivery_id = ANY(%(delivery_ids)s::bigint[]))
       AND (%(kinds)s::text[] IS NULL OR n.kind = ANY(%(kinds)s::notice_kind[]))
       AND NOT EXISTS (SELECT FROM delivery_state AS d
                        WHERE d.notice_id = s.notice_id
                          AND (d.status = 'read'
                               OR d.provider <> 'inbox' AND d.status IN ('handed_over', 'delivered')))
       AND (SELECT e.by FROM notice_event AS e
             WHERE e.notice_id = s.notice_id AND e.event = 'reach' ORDER BY e.seq DESC LIMIT 1) = 'system'
     ORDER BY s.notice_id
    ON CONFLICT (notice_id, seq) DO NOTHING
    RETURNING notice_id)
SELECT count(*) AS taken FROM taken

-- receipts_that_match_now --
-- A page of receipts for ids that nobody knew, which a provider gave to a delivery since, and which moved nothing yet.
SELECT DISTINCT ON (r.receipt_id) r.receipt_id, r.provider, r.kind, e.delivery_id
  FROM notice_receipt AS r
  JOIN delivery_event AS e ON e.reference = r.reference
  JOIN delivery AS d ON d.delivery_id = e.delivery_id AND d.provider = r.provider
 WHERE r.verdict = 'no_such_message' AND r.at >= %(since)s AND r.reference <> '' AND r.receipt_id > %(after)s
   AND NOT EXISTS (SELECT FROM delivery_event AS x WHERE x.reference = 'receipt:' || r.receipt_id)
 ORDER BY r.receipt_id, e.delivery_id DESC
 LIMIT %(most)s
