-- performance --
-- What became of the cases with an amount, per policy and, in the row without policy_id, in all.
WITH story AS (
    SELECT s.case_id, s.policy_id, s.uscc, s.status, b.entitled_fen, o.at AS opened,
           s.status IN ('paid', 'recovering', 'recovered')
               OR (s.status = 'closed' AND EXISTS (SELECT FROM attempt_state AS t
                                                    WHERE t.case_id = s.case_id AND t.status = 'settled')) AS paid,
           EXISTS (SELECT FROM case_event AS e WHERE e.case_id = s.case_id AND e.event = 'notify') AS reached,
           EXISTS (SELECT FROM case_event AS e
                    WHERE e.case_id = s.case_id AND e.event IN ('confirm', 'decline')) AS answered,
           (SELECT max(e.at) FROM case_event AS e WHERE e.case_id = s.case_id AND e.event = 'settle') AS settled
      FROM case_state AS s
      JOIN benefit_case AS b USING (case_id)
      JOIN opening AS o ON o.number = b.opening
     WHERE b.entitled_fen > 0 AND s.route <> 'inform' AND b.due_from <= %(day)s
), attempts AS (
    SELECT t.case_id, count(*) AS made, count(*) FILTER (WHERE t.status IN ('rejected', 'returned')) AS back,
           coalesce(sum(a.amount_fen) FILTER (WHERE t.status = 'settled'), 0) AS settled_fen
      FROM attempt_state AS t JOIN payment_attempt AS a USING (attempt_id) GROUP BY t.case_id
), objections AS (
    SELECT j.case_id, count(*) AS lodged, count(*) FILTER (WHERE w.outcome IN ('uphold', 'amend')) AS upheld,
           count(*) FILTER (WHERE coalesce(w.at, %(now)s) AT TIME ZONE 'Asia/Shanghai' >= j.due + 1) AS late
      FROM objection AS j LEFT JOIN objection_answer AS w USING (objection_id) GROUP BY j.case_id
), waiting AS (
    SELECT s.case_id
      FROM case_state AS s
      JOIN LATERAL (SELECT c.granted_fen FROM case_allocation AS c
                     WHERE c.case_id = s.case_id AND c.seq = s.seq ORDER BY c.allocation DESC LIMIT 1) AS g ON true
     WHERE s.status = 'reviewed' AND g.granted_fen = 0
)
SELECT y.policy_id, count(*) AS owed, sum(y.entitled_fen)::bigint AS owed_fen, count(DISTINCT y.uscc) AS firms,
       count(*) FILTER (WHERE y.reached) AS reached,
       count(*) FILTER (WHERE y.answered) AS answered,
       count(*) FILTER (WHERE y.paid) AS paid,
       coalesce(sum(t.settled_fen) FILTER (WHERE y.paid), 0)::bigint AS paid_fen,
       count(DISTINCT y.uscc) FILTER (WHERE y.paid) AS paid_firms,
       count(*) FILTER (WHERE y.status IN ('matched', 'notified', 'confirmed', 'reviewed', 'approved', 'published',
                                           'objected', 'ordered', 'returned', 'contracted')) AS under_way,
       coalesce(sum(y.entitled_fen) FILTER (
           WHERE y.status IN ('matched', 'notified', 'confirmed', 'reviewed', 'approved', 'published', 'objected',
                              'ordered', 'returned', 'contracted')), 0)::bigint AS under_way_fen,
       count(w.case_id) AS waiting_for_budget,
       count(*) FILTER (WHERE y.status IN ('declined', 'waived') OR (y.status = 'closed' AND NOT y.paid)) AS given_up,
       coalesce(sum(y.entitled_fen) FILTER (
           WHERE y.status IN ('declined', 'waived') OR (y.status = 'closed' AND NOT y.paid)), 0)::bigint AS given_up_fen,
       count(*) FILTER (WHERE y.status IN ('withdrawn', 'rejected')) AS fallen,
       coalesce(sum(y.entitled_fen) FILTER (WHERE y.status IN ('withdrawn', 'rejected')), 0)::bigint AS fallen_fen,
       coalesce(sum(j.lodged), 0)::bigint AS objections,
       coalesce(sum(j.upheld), 0)::bigint AS objections_upheld,
       coalesce(sum(j.late), 0)::bigint AS objections_late,
       coalesce(sum(t.made), 0)::bigint AS attempts,
       coalesce(sum(t.back), 0)::bigint AS came_back,
       count(*) FILTER (WHERE y.paid AND t.back > 0) AS paid_after_return,
       count(*) FILTER (WHERE y.status IN ('recovering', 'recovered')) AS recovered_cases,
       count(*) FILTER (WHERE j.upheld > 0 OR y.status IN ('recovering', 'recovered')) AS corrected,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY (y.settled AT TIME ZONE 'Asia/Shanghai')::date
                                                 - (y.opened AT TIME ZONE 'Asia/Shanghai')::date) AS median_days,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY (y.settled AT TIME ZONE 'Asia/Shanghai')::date
                                                 - (y.opened AT TIME ZONE 'Asia/Shanghai')::date) AS slow_days
  FROM story AS y
  LEFT JOIN attempts AS t USING (case_id)
  LEFT JOIN objections AS j USING (case_id)
  LEFT JOIN waiting AS w USING (case_id)
 GROUP BY GROUPING SETS ((y.policy_id), ())
 ORDER BY y.policy_id NULLS LAST
