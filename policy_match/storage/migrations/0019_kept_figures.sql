-- What pages show of very many cases without counting all of them for each view: the day on which a case went on public
-- display, and the report as it was counted last.

SET search_path = policy_match;

ALTER TABLE case_state ADD COLUMN displayed_on date;
COMMENT ON COLUMN case_state.displayed_on IS 'The day in China on which it last went on public display; null before';
UPDATE case_state AS s
   SET displayed_on = (e.at AT TIME ZONE 'Asia/Shanghai')::date
  FROM (SELECT DISTINCT ON (case_id) case_id, at FROM case_event WHERE event = 'publish'
         ORDER BY case_id, seq DESC) AS e
 WHERE e.case_id = s.case_id;
CREATE INDEX case_state_display ON case_state (policy_id, displayed_on, case_id)
    INCLUDE (status, deadline, amount_fen) WHERE status IN ('published', 'objected');

CREATE OR REPLACE FUNCTION move_cases() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
    refused text;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    -- In one order for everybody, so that two sets that overlap wait and do not deadlock.
    PERFORM FROM case_state WHERE case_id IN (SELECT case_id FROM added) ORDER BY case_id FOR UPDATE;
    UPDATE case_state AS s
       SET status = a.after, seq = a.seq, amount_fen = coalesce(a.amount_fen, s.amount_fen), deadline = a.deadline,
           since = a.at,
           displayed_on = CASE a.event WHEN 'publish' THEN (a.at AT TIME ZONE 'Asia/Shanghai')::date
                                       ELSE s.displayed_on END
      FROM added AS a, case_transition AS t
     WHERE s.case_id = a.case_id AND s.seq = a.seq - 1 AND s.status = a.before
       AND t.route = s.route AND t.before = a.before AND t.event = a.event AND t.after = a.after;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        SELECT format('case %s is %s at step %s, asked: %s when %s at step %s',
                      a.case_id, s.status, s.seq, a.event, a.before, a.seq - 1)
          INTO refused
          FROM added AS a LEFT JOIN case_state AS s USING (case_id)
         WHERE s.seq IS DISTINCT FROM a.seq OR s.status <> a.after OR s.since <> a.at
         ORDER BY a.case_id LIMIT 1;
        RAISE EXCEPTION '% of % steps are not possible now, first: %', wanted - moved, wanted, refused
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;

CREATE TABLE kept_report (
    name digest PRIMARY KEY,
    at timestamptz NOT NULL,
    report json NOT NULL
);
COMMENT ON TABLE kept_report IS 'Reports as they were counted last, so that not every view counts all cases; few, and soon replaced';
COMMENT ON COLUMN kept_report.name IS 'SHA-256 of all that the report was asked for with: its days, the rules and so on';
CREATE INDEX kept_report_at ON kept_report (at);
CREATE FUNCTION keep_report(of digest, counted timestamptz, content json, most integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    INSERT INTO kept_report AS k (name, at, report) VALUES (of, counted, content)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, report = excluded.report;
    DELETE FROM kept_report
     WHERE name IN (SELECT name FROM kept_report WHERE name <> of ORDER BY at DESC, name OFFSET most - 1
                    FOR UPDATE SKIP LOCKED);
$$;
COMMENT ON FUNCTION keep_report IS 'Keep a report in the place of the older one of that name; of more than most, the oldest go';
REVOKE EXECUTE ON FUNCTION keep_report FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_report TO policy_match_app;
GRANT SELECT ON kept_report TO policy_match_app;
