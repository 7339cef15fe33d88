-- Plans that do not depend on when tables were last analysed.

SET search_path = policy_match;

-- By its number alone: with statistics of before a large step, all notices that were reached were read for each window.
CREATE OR REPLACE VIEW open_window AS
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
         FROM (SELECT (SELECT CASE WHEN r.status = 'reached' THEN r.since END
                         FROM notice_state AS r WHERE r.notice_id = n.notice_id) AS at
                 FROM notice AS n
                WHERE n.case_id = s.case_id AND n.seq >= w.asked_seq
                  AND n.kind IN ('confirmation_asked', 'account_asked', 'consent_asked', 'window_extended')
               UNION ALL
               SELECT e.at FROM case_event AS e
                WHERE e.case_id = s.case_id AND e.seq > w.asked_seq AND e.event = 'decline') AS k) AS t ON true
 WHERE s.status = 'notified' AND s.route <> 'inform';

CREATE FUNCTION refresh_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    -- Whoever analyses a table already does it for us.
    ANALYZE (SKIP_LOCKED) benefit_case, case_state, case_event, notice, notice_state, case_recheck;
END $$;
COMMENT ON FUNCTION refresh_statistics IS 'Let the planner know of a large step at once: autovacuum may come after the next one';
REVOKE EXECUTE ON FUNCTION refresh_statistics FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refresh_statistics TO policy_match_app;
