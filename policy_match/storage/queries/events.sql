-- publish_events --
-- Give numbers to what changed, in the order of the outbox.
SELECT publish_events(%(most)s) AS published

-- latest_event --
-- The number of the newest event.
SELECT coalesce(max(number), 0) AS latest FROM published_event

-- events_between --
-- A page of events with what is told of them; one look-up each, so that no plan reads a whole table.
WITH page AS MATERIALIZED (
    SELECT * FROM published_event
     WHERE number > %(after)s AND number <= %(up_to)s
       AND (%(kinds)s::text[] IS NULL OR what = ANY(%(kinds)s::text[]))
     ORDER BY number LIMIT %(most)s)
SELECT p.number, p.event_id, p.what, p.part, f.*
  FROM page AS p
 CROSS JOIN LATERAL (
    SELECT e.at, to_jsonb(t) AS found
      FROM case_event AS e JOIN benefit_case AS c USING (case_id),
           LATERAL (SELECT e.case_id, e.seq, c.policy_id, c.period, c.instalment, e.before, e.after AS status,
                           coalesce((SELECT o.amount_fen FROM case_event AS o
                                      WHERE o.case_id = e.case_id AND o.seq <= e.seq AND o.amount_fen IS NOT NULL
                                      ORDER BY o.seq DESC LIMIT 1), c.entitled_fen) AS amount_fen,
                           e.deadline) AS t
     WHERE p.what LIKE 'case.%%' AND e.case_id = p.subject_id AND e.seq = p.part
    UNION ALL
    SELECT s.kept_at, to_jsonb(t)
      FROM sweep AS s, LATERAL (SELECT s.sweep_id, s.snapshot_id, s.as_of) AS t
     WHERE p.what = 'sweep.keep' AND s.number = p.subject_id
    UNION ALL
    SELECT o.at, to_jsonb(t)
      FROM opening AS o JOIN sweep AS s ON s.number = o.sweep_number,
           LATERAL (SELECT o.number AS opening, s.sweep_id, s.as_of) AS t
     WHERE p.what = 'cases.open' AND o.number = p.subject_id
    UNION ALL
    SELECT coalesce(a.at, x.at, l.at), to_jsonb(t)
      FROM approval_list AS l
      LEFT JOIN approval AS a ON p.what = 'list.sign' AND a.list_id = l.list_id AND a.stage = p.part
      LEFT JOIN list_end AS x ON p.what IN ('list.complete', 'list.reject', 'list.void') AND x.list_id = l.list_id,
           LATERAL (SELECT l.list_id, l.policy_id, l.cases, l.total_fen, a.stage, a.role) AS t
     WHERE p.what LIKE 'list.%%' AND l.list_id = p.subject_id
    UNION ALL
    SELECT coalesce(h.at, b.at), to_jsonb(t)
      FROM payment_batch AS b
      LEFT JOIN batch_handed_over AS h ON p.what = 'batch.hand_over' AND h.batch_id = b.batch_id,
           LATERAL (SELECT b.batch_id, b.attempts AS payments, b.total_fen, b.execute_on) AS t
     WHERE p.what LIKE 'batch.%%' AND b.batch_id = p.subject_id
    UNION ALL
    SELECT (SELECT v.at FROM attempt_event AS v WHERE v.attempt_id = a.attempt_id AND v.event = 'lose'
             ORDER BY v.seq LIMIT 1), to_jsonb(t)
      FROM payment_attempt AS a JOIN benefit_case AS c USING (case_id),
           LATERAL (SELECT a.attempt_id, a.case_id, c.policy_id, a.amount_fen) AS t
     WHERE p.what = 'attempt.lose' AND a.case_id = p.subject_id AND a.number = p.part) AS f
 ORDER BY p.number
