-- add_notices --
-- Write notices that tell of no step of a case, with their fields; how many, those that there are already left out.
WITH given AS (
    SELECT DISTINCT ON (g.recipient, g.kind, g.about)
           g.recipient, g.kind::notice_kind AS kind, g.about, g.fields::jsonb AS fields
      FROM unnest(%(recipients)s::text[], %(kinds)s::text[], %(abouts)s::text[], %(fields)s::text[])
           AS g (recipient, kind, about, fields)
), added AS (
    INSERT INTO notice (recipient, kind, about, at)
    SELECT recipient, kind, about, %(at)s FROM given
    ON CONFLICT (recipient, kind, about) WHERE case_id IS NULL DO NOTHING
    RETURNING notice_id, recipient, kind, about
), kept AS (
    INSERT INTO notice_fields (notice_id, fields)
    SELECT a.notice_id, g.fields FROM added AS a JOIN given AS g USING (recipient, kind, about)
    RETURNING notice_id)
SELECT count(*) AS added FROM kept

-- take_notices --
-- Lock a page of notices of a status, after a given one, until the transaction ends; what others hold is left out.
SELECT take_notices(%(status)s::notice_status, %(after)s, %(most)s) AS notice_id

-- waiting_notices --
-- What some notices tell of: the step and what it rests on, the case as it stands, and the steps since.
SELECT n.notice_id, n.recipient, n.kind, s.status, l.language, coalesce(l.unwanted, '{}') AS unwanted, f.fields,
       c.case_id, c.version, c.uscc, c.record_id, c.period, c.instalment, c.instalments, c.route,
       coalesce(w.name, '') AS name, p.payee, p.silence, e.event, e.at, e.reason, e.amount_fen AS step_fen,
       b.deadline AS missed, z.amount_fen, z.deadline, coalesce(y.tail, '') AS tail,
       v.amount_fen AS claimed_fen, coalesce(m.later, '{}') AS later
  FROM notice AS n
  JOIN notice_state AS s USING (notice_id)
  LEFT JOIN notice_fields AS f USING (notice_id)
  LEFT JOIN benefit_case AS c ON c.case_id = n.case_id
  LEFT JOIN opening_policy AS p ON p.opening = c.opening AND p.place = c.place
  LEFT JOIN opening AS o ON o.number = c.opening
  LEFT JOIN case_state AS z ON z.case_id = n.case_id
  LEFT JOIN case_event AS e ON e.case_id = n.case_id AND e.seq = n.seq
  LEFT JOIN case_event AS b ON b.case_id = n.case_id AND b.seq = n.seq - 1
  -- One look-up per notice: a join may read all names, or all preferences, for a page.
  LEFT JOIN LATERAL (SELECT g.name FROM firm_name AS g
                      WHERE g.sweep_number = o.sweep_number AND g.uscc = c.uscc LIMIT 1) AS w ON true
  LEFT JOIN LATERAL (SELECT r.language, r.unwanted FROM channel_preference AS r
                      WHERE r.recipient = n.recipient ORDER BY r.preference_id DESC LIMIT 1) AS l ON true
  LEFT JOIN payment_attempt AS t ON n.kind IN ('paid', 'account_correction_asked')
       AND t.attempt_id = substr(e.about, length('attempt:') + 1)
  LEFT JOIN payee_account AS y USING (account_id)
  LEFT JOIN recovery AS v ON n.kind = 'claimed_back' AND e.about = 'recovery:' || v.recovery_id
       AND v.case_id = n.case_id
  LEFT JOIN LATERAL (SELECT array_agg(x.event::text ORDER BY x.seq) AS later FROM case_event AS x
                      WHERE x.case_id = n.case_id AND x.seq > n.seq AND z.seq > n.seq) AS m ON true
 WHERE n.notice_id = ANY(%(notice_ids)s::bigint[])
 ORDER BY n.notice_id

-- step_notices --
-- Take a step with some notices, each with its reason, where it is possible; those that took it.
WITH moved AS (
    INSERT INTO notice_event (notice_id, seq, event, before, after, at, by, reason)
    SELECT s.notice_id, s.seq + 1, t.event, s.status, t.after, %(at)s, %(by)s, g.reason
      FROM unnest(%(notice_ids)s::bigint[], %(reasons)s::text[]) AS g (notice_id, reason)
      JOIN notice_state AS s USING (notice_id)
      JOIN notice_transition AS t ON t.before = s.status AND t.event = %(event)s::notice_step
     ORDER BY s.notice_id
    ON CONFLICT (notice_id, seq) DO NOTHING
    RETURNING notice_id)
SELECT notice_id FROM moved ORDER BY notice_id

-- add_inbox_deliveries --
-- Lay notices into the inbox: one delivery each.
INSERT INTO delivery (notice_id, number, channel, provider, due_at, at)
SELECT notice_id, 1, 'inbox', 'inbox', %(at)s, %(at)s FROM unnest(%(notice_ids)s::bigint[]) AS g (notice_id)
 ORDER BY notice_id

-- step_inbox_deliveries --
-- Take a step with the inbox deliveries of some notices that allow it; the notices.
WITH moved AS (
    INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
    SELECT s.delivery_id, s.seq + 1, t.event, s.status, t.after, %(at)s
      FROM delivery_state AS s
      JOIN delivery_transition AS t ON t.before = s.status AND t.event = %(event)s::delivery_step
     WHERE s.notice_id = ANY(%(notice_ids)s::bigint[]) AND s.provider = 'inbox'
     ORDER BY s.delivery_id
    ON CONFLICT (delivery_id, seq) DO NOTHING
    RETURNING delivery_id)
SELECT s.notice_id FROM moved JOIN delivery_state AS s USING (delivery_id) ORDER BY s.notice_id

-- written_and_overtaken --
-- A page of notices that are written, reached nobody, and were made pointless by a later step, each with that step.
SELECT s.notice_id, e.event
  FROM notice_state AS s
  JOIN notice AS n USING (notice_id)
  JOIN case_state AS z ON z.case_id = n.case_id AND z.seq > n.seq
 CROSS JOIN LATERAL (SELECT x.event FROM case_event AS x
                       JOIN notice_overtaking AS o ON o.event = x.event AND o.kind = n.kind
                      WHERE x.case_id = n.case_id AND x.seq > n.seq ORDER BY x.seq LIMIT 1) AS e
 WHERE s.status IN ('open', 'unreached') AND s.notice_id > %(after)s
 ORDER BY s.notice_id
 LIMIT %(most)s

-- overtaken_notices --
-- Those of some notices that a later step of their case made wrong or pointless.
SELECT n.notice_id
  FROM notice AS n
  JOIN case_state AS z ON z.case_id = n.case_id AND z.seq > n.seq
 WHERE n.notice_id = ANY(%(notice_ids)s::bigint[])
   AND EXISTS (SELECT FROM case_event AS e
                 JOIN notice_overtaking AS o ON o.event = e.event AND o.kind = n.kind
                WHERE e.case_id = n.case_id AND e.seq > n.seq)

-- notice_lines --
-- A page of notices by number after a given one, of what a filter lets through.
SELECT n.notice_id, n.recipient, n.kind, n.case_id, n.seq, c.policy_id, n.about, s.status, n.at, s.since,
       coalesce(t.subject, '') AS subject, coalesce(e.reason, '') AS reason
  FROM notice AS n
  JOIN notice_state AS s USING (notice_id)
  LEFT JOIN benefit_case AS c ON c.case_id = n.case_id
  LEFT JOIN notice_text AS t USING (notice_id)
  LEFT JOIN notice_event AS e ON e.notice_id = s.notice_id AND e.seq = s.seq
 WHERE n.notice_id > %(after)s
   AND (%(recipient)s::text IS NULL OR n.recipient = %(recipient)s)
   AND (%(kind)s::notice_kind IS NULL OR n.kind = %(kind)s::notice_kind)
   AND (%(status)s::notice_status IS NULL OR s.status = %(status)s::notice_status)
   AND (%(case_id)s::bigint IS NULL OR n.case_id = %(case_id)s)
   AND (%(policy_id)s::text IS NULL OR c.policy_id = %(policy_id)s)
   AND (%(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s::text[]))
 ORDER BY n.notice_id
 LIMIT %(most)s

-- notice_counts --
-- How many notices a filter lets through, by kind and status, and since when the oldest of them stands there.
SELECT n.kind, s.status, count(*) AS notices, min(s.since) AS oldest
  FROM notice AS n
  JOIN notice_state AS s USING (notice_id)
 WHERE (%(recipient)s::text IS NULL OR n.recipient = %(recipient)s)
   AND (%(kind)s::notice_kind IS NULL OR n.kind = %(kind)s::notice_kind)
   AND (%(status)s::notice_status IS NULL OR s.status = %(status)s::notice_status)
   AND (%(case_id)s::bigint IS NULL OR n.case_id = %(case_id)s)
   AND (%(policy_id)s::text IS NULL
        OR n.case_id IN (SELECT case_id FROM benefit_case WHERE policy_id = %(policy_id)s))
   AND (%(policies)s::text[] IS NULL
        OR n.case_id IN (SELECT case_id FROM benefit_case WHERE policy_id = ANY (%(policies)s::text[])))
 GROUP BY n.kind, s.status
 ORDER BY n.kind, s.status

-- notice_content --
-- What one notice says, and the fields that it brought along; no text while it is not written.
SELECT f.fields, t.language, t.subject, t.body, t.short, t.template, t.at
  FROM notice AS n
  LEFT JOIN notice_fields AS f USING (notice_id)
  LEFT JOIN notice_text AS t USING (notice_id)
 WHERE n.notice_id = %(notice_id)s

-- notice_steps --
-- Every step of one notice.
SELECT seq, event, before, after, at, by, reason FROM notice_event WHERE notice_id = %(notice_id)s ORDER BY seq

-- deliveries_of_notice --
-- The deliveries of one notice, in order.
SELECT d.delivery_id, d.number, d.channel, d.provider, coalesce(c.masked, '') AS masked, s.status, s.tries, s.repeats,
       s.due_at, d.at
  FROM delivery AS d
  JOIN delivery_state AS s USING (delivery_id)
  LEFT JOIN contact AS c USING (contact_id)
 WHERE d.notice_id = %(notice_id)s
 ORDER BY d.number

-- delivery_steps_of_notice --
-- Every step of the deliveries of one notice.
SELECT e.delivery_id, e.seq, e.event, e.after, e.due_at, e.code, e.detail, e.reference, e.at
  FROM delivery AS d JOIN delivery_event AS e USING (delivery_id)
 WHERE d.notice_id = %(notice_id)s
 ORDER BY e.delivery_id, e.seq

-- receipts_of_notice --
-- What providers said afterwards of the deliveries of one notice.
SELECT r.delivery_id, r.receipt_id, r.kind, r.verdict, r.at
  FROM delivery AS d JOIN notice_receipt AS r USING (delivery_id)
 WHERE d.notice_id = %(notice_id)s
 ORDER BY r.receipt_id

-- inbox_messages --
-- A page of the messages of a recipient, the newest first, from before a given one; of all, the unread, or a case's.
SELECT n.notice_id, n.kind, n.case_id, t.at, t.subject, t.body, s.status = 'overtaken' AS is_over,
       CASE d.status WHEN 'read' THEN d.since END AS read_at
  FROM notice AS n
  JOIN notice_state AS s USING (notice_id)
  JOIN notice_text AS t USING (notice_id)
  JOIN delivery_state AS d ON d.notice_id = n.notice_id AND d.provider = 'inbox'
 WHERE n.recipient = %(recipient)s
   AND (%(before)s::bigint IS NULL OR n.notice_id < %(before)s)
   AND (NOT %(unread)s OR d.status <> 'read')
   AND (%(case_id)s::bigint IS NULL OR n.case_id = %(case_id)s)
 ORDER BY n.notice_id DESC
 LIMIT %(most)s

-- inbox_of_notices --
-- Of some notices those that lie in a recipient's inbox, each with whether it is read.
SELECT n.notice_id, d.status = 'read' AS is_read
  FROM notice AS n
  JOIN delivery_state AS d ON d.notice_id = n.notice_id AND d.provider = 'inbox'
 WHERE n.notice_id = ANY(%(notice_ids)s::bigint[]) AND n.recipient = %(recipient)s

-- notice_statuses --
-- Where some notices stand.
SELECT notice_id, status FROM notice_state WHERE notice_id = ANY(%(notice_ids)s::bigint[])

-- policies_of_notices --
-- The policies of some notices; null when one is of no case.
SELECT DISTINCT c.policy_id
  FROM notice AS n
  LEFT JOIN benefit_case AS c ON c.case_id = n.case_id
 WHERE n.notice_id = ANY(%(notice_ids)s::bigint[])
