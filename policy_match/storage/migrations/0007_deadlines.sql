-- Windows in which a firm may answer: reminders before their end, and who was told of them.

SET search_path = policy_match;

ALTER TABLE opening_policy ADD COLUMN remind_days integer[] NOT NULL DEFAULT '{5,1}'
    CHECK (array_position(remind_days, NULL) IS NULL AND 1 <= ALL (remind_days));
COMMENT ON COLUMN opening_policy.remind_days IS 'Working days left at which a firm that has not answered is reminded';

-- What is due soon or over is found by its day, however many cases wait for a later one.
CREATE INDEX case_state_deadline ON case_state (deadline, case_id) WHERE status IN ('notified', 'published');

CREATE VIEW open_window AS
SELECT s.case_id, s.policy_id, c.version, s.uscc, s.route, s.seq, s.amount_fen, s.deadline, p.confirm_days,
       p.remind_days, s.route <> 'confirm' OR p.silence = 'waived' AS lapses, w.asked_seq, w.set_seq,
       (w.asked_at AT TIME ZONE 'Asia/Shanghai')::date AS asked_on, (w.set_at AT TIME ZONE 'Asia/Shanghai')::date AS set_on,
       (t.told_at AT TIME ZONE 'Asia/Shanghai')::date AS told_on
  FROM case_state AS s
  JOIN benefit_case AS c USING (case_id)
  JOIN opening_policy AS p USING (opening, place)
  JOIN LATERAL (
       SELECT max(e.seq) FILTER (WHERE e.event = 'notify') AS asked_seq,
              max(e.at) FILTER (WHERE e.event = 'notify') AS asked_at, max(e.seq) AS set_seq, max(e.at) AS set_at
         FROM case_event AS e WHERE e.case_id = s.case_id AND e.event IN ('notify', 'extend')) AS w ON true
  JOIN LATERAL (
       SELECT min(k.at) AS told_at
         FROM (SELECT r.since AS at
                 FROM notice AS n JOIN notice_state AS r USING (notice_id)
                WHERE n.case_id = s.case_id AND n.seq >= w.asked_seq AND r.status = 'reached'
                  AND n.kind IN ('confirmation_asked', 'account_asked', 'consent_asked', 'window_extended')
               UNION ALL
               SELECT e.at FROM case_event AS e
                WHERE e.case_id = s.case_id AND e.seq > w.asked_seq AND e.event = 'decline') AS k) AS t ON true
 WHERE s.status = 'notified' AND s.route <> 'inform';
COMMENT ON VIEW open_window IS 'Cases that wait for the firm''s answer; days are those in China';
COMMENT ON COLUMN open_window.lapses IS 'Whether silence gives the benefit up; else it accepts';
COMMENT ON COLUMN open_window.asked_seq IS 'The step that opened the window';
COMMENT ON COLUMN open_window.set_seq IS 'The step that set its last day: that one, or an extension';
COMMENT ON COLUMN open_window.told_on IS 'When the firm first heard of the window: by a notice that did not come back, or as it declined; null: not yet';
GRANT SELECT ON open_window TO policy_match_app;

CREATE VIEW due_date AS
SELECT 'answer' AS what, w.deadline AS due, w.case_id, NULL::bigint AS objection, w.lapses AND w.told_on IS NULL AS unheard
  FROM open_window AS w
UNION ALL
SELECT 'publicity', s.deadline, s.case_id, NULL, false FROM case_state AS s WHERE s.status = 'published'
UNION ALL
SELECT 'objection', o.due, o.case_id, o.objection_id, false
  FROM objection AS o JOIN case_state AS s ON s.case_id = o.case_id AND s.status = 'objected'
 WHERE NOT EXISTS (SELECT FROM objection_answer AS a WHERE a.objection_id = o.objection_id);
COMMENT ON VIEW due_date IS 'The last day of everything that waits for somebody''s answer, or for the end of its display';
COMMENT ON COLUMN due_date.unheard IS 'The firm was not told of it: silence gives nothing up';
GRANT SELECT ON due_date TO policy_match_app;
