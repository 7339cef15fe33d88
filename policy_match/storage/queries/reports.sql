-- give_report_memory --
-- Let the statements of a report sort and hash in memory, until the end of the transaction.
SELECT set_config('work_mem', '64MB', true)

-- make_report_case --
-- The table of a report's cases, one row each; it is gone with the transaction.
CREATE TEMPORARY TABLE report_case (
    case_id bigint NOT NULL,
    policy_id text NOT NULL,
    uscc text COLLATE "C" NOT NULL,
    sweep_number integer NOT NULL,
    route case_route NOT NULL,
    status case_status NOT NULL,
    seq integer NOT NULL,
    began date NOT NULL,
    owed boolean NOT NULL,
    amount_zero boolean NOT NULL,
    display_over boolean NOT NULL,
    entitled_fen bigint NOT NULL,
    firm integer NOT NULL
) ON COMMIT DROP

-- fill_report_case --
-- Benefits that fell due in some days; of one that was opened again the last case. A case begins when it is opened or,
-- if that is later, when its instalment falls due. Firms get numbers, as numbers are told apart faster than codes.
WITH due AS MATERIALIZED (
    SELECT s.case_id, s.policy_id, s.uscc, o.sweep_number, s.route, s.status, s.seq, d.began,
           b.entitled_fen > 0 AND s.route IN ('direct', 'confirm', 'list_then_collect') AS owed,
           s.amount_fen = 0 AS amount_zero,
           (s.status = 'approved' AND p.publicity_days = 0)
               OR (s.status = 'published' AND s.deadline < %(today)s) AS display_over,
           b.entitled_fen
      FROM benefit_case AS b
      JOIN case_state AS s USING (case_id)
      JOIN opening_policy AS p USING (opening, place)
      JOIN opening AS o ON o.number = b.opening
     CROSS JOIN LATERAL (SELECT greatest((o.at AT TIME ZONE 'Asia/Shanghai')::date, b.due_from) AS began) AS d
     WHERE d.began BETWEEN %(first)s AND least(%(last)s, %(today)s::date)
       AND NOT (s.status IN ('declined', 'waived', 'withdrawn', 'rejected')
                AND EXISTS (SELECT FROM benefit_case AS l
                             WHERE l.uscc = b.uscc AND l.policy_id = b.policy_id AND l.record_id = b.record_id
                               AND l.period = b.period AND l.instalment = b.instalment AND l.case_id > b.case_id)))
INSERT INTO report_case
SELECT d.case_id, d.policy_id, d.uscc, d.sweep_number, d.route, d.status, d.seq, d.began, d.owed, d.amount_zero,
       d.display_over, d.entitled_fen, f.firm
  FROM due AS d
  JOIN (SELECT uscc, row_number() OVER () AS firm FROM (SELECT DISTINCT uscc FROM due) AS u) AS f USING (uscc)

-- analyze_report_case --
-- Tell the planner how many cases there are.
ANALYZE report_case

-- make_report_story --
-- The table of what happened to a report's cases; it is gone with the transaction.
CREATE TEMPORARY TABLE report_story (
    case_id bigint NOT NULL,
    answer text NOT NULL,
    reach text NOT NULL,
    channel text NOT NULL,
    reason text NOT NULL,
    waits boolean NOT NULL,
    objected boolean NOT NULL,
    upheld boolean NOT NULL,
    late boolean NOT NULL,
    amended boolean NOT NULL,
    attempts integer NOT NULL,
    came_back integer NOT NULL,
    days integer,
    settled_fen bigint NOT NULL
) ON COMMIT DROP

-- fill_report_story --
-- What happened to each case of a report, up to the step at which it was collected: a case may move on meanwhile. The
-- last of the steps that ask or answer says what the firm answered: it has the highest number, and the rest when that is
-- divided by eight says which it was. The channel is the first that took a notice of the case, one without a receipt in
-- time only if no other did.
INSERT INTO report_story
SELECT c.case_id,
       CASE WHEN c.route = 'inform' OR e.said IS NULL THEN 'not_asked'
            ELSE (ARRAY['open', 'confirmed', 'declined', 'waived', 'accepted'])[e.said %% 8 + 1] END,
       CASE WHEN n.read THEN 'read' WHEN n.reached THEN 'reached' ELSE 'none' END,
       CASE WHEN n.reached OR n.read THEN coalesce(n.channel::text, 'person') ELSE 'none' END,
       coalesce(r.code::text, ''), coalesce(g.granted_fen = 0, false), j.case_id IS NOT NULL, coalesce(j.upheld, false),
       coalesce(j.late, false), coalesce(e.amended, false), coalesce(t.made, 0), coalesce(t.back, 0),
       CASE WHEN c.status = 'paid' OR (c.status = 'closed' AND c.owed AND NOT c.amount_zero)
            THEN greatest((e.settled AT TIME ZONE 'Asia/Shanghai')::date - c.began, 0) END,
       coalesce(t.settled_fen, 0)
  FROM report_case AS c
  LEFT JOIN (SELECT e.case_id,
                    max(e.seq * 8 + CASE e.event WHEN 'confirm' THEN 1 WHEN 'decline' THEN 2 WHEN 'lapse' THEN 3
                                                 WHEN 'accept_silence' THEN 4 ELSE 0 END)
                        FILTER (WHERE e.event IN ('notify', 'reconsider', 'confirm', 'decline', 'lapse',
                                                  'accept_silence')) AS said,
                    bool_or(e.event = 'amend') AS amended,
                    max(e.at) FILTER (WHERE e.event = 'settle') AS settled
               FROM report_case AS c JOIN case_event AS e ON e.case_id = c.case_id AND e.seq <= c.seq
              GROUP BY e.case_id) AS e ON e.case_id = c.case_id
  LEFT JOIN (SELECT n.case_id, bool_or(s.status = 'reached') AS reached, bool_or(d.status = 'read') AS read,
                    (array_agg(w.channel ORDER BY d.status = 'unconfirmed', w.channel = 'inbox', w.delivery_id)
                        FILTER (WHERE d.status IN ('handed_over', 'delivered', 'unconfirmed') AND w.channel <> 'inbox'
                                   OR d.status = 'read'))[1] AS channel
               FROM report_case AS c
               JOIN notice AS n ON n.case_id = c.case_id AND n.recipient = 'firm:' || c.uscc
               JOIN notice_state AS s USING (notice_id)
               LEFT JOIN delivery_state AS d USING (notice_id)
               LEFT JOIN delivery AS w USING (delivery_id)
              GROUP BY n.case_id) AS n ON n.case_id = c.case_id
  LEFT JOIN decline_reason AS r ON r.case_id = c.case_id AND r.seq = c.seq AND c.status = 'declined'
  LEFT JOIN LATERAL (SELECT a.granted_fen FROM case_allocation AS a
                      WHERE c.status = 'reviewed' AND a.case_id = c.case_id AND a.seq = c.seq
                      ORDER BY a.allocation DESC LIMIT 1) AS g ON true
  LEFT JOIN (SELECT o.case_id, bool_or(w.outcome IN ('uphold', 'amend')) AS upheld,
                    bool_or((coalesce(w.at, %(now)s) AT TIME ZONE 'Asia/Shanghai')::date > o.due
                            AND (w.at IS NOT NULL OR c.status = 'objected')) AS late
               FROM report_case AS c
               JOIN objection AS o USING (case_id)
               LEFT JOIN objection_answer AS w USING (objection_id)
              GROUP BY o.case_id) AS j ON j.case_id = c.case_id
  LEFT JOIN (SELECT s.case_id, count(*) AS made, count(*) FILTER (WHERE s.status IN ('rejected', 'returned')) AS back,
                    coalesce(sum(a.amount_fen) FILTER (WHERE s.status = 'settled'), 0) AS settled_fen
               FROM report_case AS c
               JOIN attempt_state AS s USING (case_id)
               JOIN payment_attempt AS a USING (attempt_id)
              GROUP BY s.case_id) AS t ON t.case_id = c.case_id

-- analyze_report_story --
-- Tell the planner what the stories are like.
ANALYZE report_story

-- make_report_profile --
-- The table of the profiles that cases have; it is gone with the transaction.
CREATE TEMPORARY TABLE report_profile (
    profile integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    route case_route NOT NULL,
    status case_status NOT NULL,
    owed boolean NOT NULL,
    amount_zero boolean NOT NULL,
    display_over boolean NOT NULL,
    answer text NOT NULL,
    reach text NOT NULL,
    reason text NOT NULL,
    waits boolean NOT NULL,
    objected boolean NOT NULL,
    upheld boolean NOT NULL,
    late boolean NOT NULL,
    amended boolean NOT NULL,
    attempts integer NOT NULL,
    came_back integer NOT NULL
) ON COMMIT DROP

-- fill_report_profile --
-- All that is counted of a case, once for all cases that are alike: some hundreds for a million cases.
INSERT INTO report_profile (route, status, owed, amount_zero, display_over, answer, reach, reason, waits, objected,
                            upheld, late, amended, attempts, came_back)
SELECT DISTINCT c.route, c.status, c.owed, c.amount_zero, c.display_over, y.answer, y.reach, y.reason, y.waits,
       y.objected, y.upheld, y.late, y.amended, y.attempts, y.came_back
  FROM report_case AS c JOIN report_story AS y USING (case_id)

-- analyze_report_profile --
-- Tell the planner how few profiles there are.
ANALYZE report_profile

-- make_report_counted --
-- The table of what cases are counted by, one row each; it is gone with the transaction.
CREATE TEMPORARY TABLE report_counted (
    policy_id text COLLATE "C" NOT NULL,
    uscc text COLLATE "C" NOT NULL,
    sweep_number integer NOT NULL,
    month text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    profile integer NOT NULL,
    days integer,
    entitled_fen bigint NOT NULL,
    settled_fen bigint NOT NULL,
    firm integer NOT NULL
) ON COMMIT DROP

-- fill_report_counted --
-- Each case with its profile, so that the profile is looked up once and not for every cut.
INSERT INTO report_counted
SELECT c.policy_id, c.uscc, c.sweep_number, to_char(c.began, 'YYYY-MM'), y.channel, p.profile, y.days, c.entitled_fen,
       y.settled_fen, c.firm
  FROM report_case AS c
  JOIN report_story AS y USING (case_id)
  JOIN report_profile AS p USING (route, status, owed, amount_zero, display_over, answer, reach, reason, waits, objected,
                                  upheld, late, amended, attempts, came_back)

-- analyze_report_counted --
-- Tell the planner how many cases there are to count.
ANALYZE report_counted

-- sweeps_of_report --
-- The sweeps that opened the cases of a report, each with its snapshot and the text of its facts.
SELECT w.number, w.sweep_id, w.snapshot_id, w.as_of, f.canonical
  FROM sweep AS w
  JOIN rules AS r ON r.fingerprint = w.rules
  JOIN fact_catalogue AS f ON f.fingerprint = r.catalogue
 WHERE w.number IN (SELECT sweep_number FROM report_case)
 ORDER BY w.number

-- firms_of_report --
-- Every firm with a case that one sweep opened.
SELECT DISTINCT uscc FROM report_case WHERE sweep_number = %(sweep_number)s

-- make_report_firm --
-- The table of what is known of the firms of a report, by the sweep that opened the case; gone with the transaction.
CREATE TEMPORARY TABLE report_firm (
    sweep_number integer NOT NULL,
    uscc text COLLATE "C" NOT NULL,
    district text,
    industry text,
    size text
) ON COMMIT DROP

-- analyze_report_firm --
-- Tell the planner how many firms there are.
ANALYZE report_firm

-- report_profiles --
-- The cases of a report by group of a cut and by profile, with numbers of up to three of the firms.
SELECT g.grp, p.route, p.status, p.owed, p.amount_zero, p.display_over, p.answer, p.reach, p.reason, p.waits, p.objected,
       p.upheld, p.late, p.amended, p.attempts, p.came_back, g.cases, g.firms, g.entitled_fen, g.settled_fen
  FROM (SELECT g.grp, c.profile, count(*) AS cases, (array_agg(DISTINCT c.firm))[1:3]::text[] AS firms,
               sum(c.entitled_fen)::bigint AS entitled_fen, sum(c.settled_fen)::bigint AS settled_fen
          FROM report_counted AS c
          LEFT JOIN report_firm AS f USING (sweep_number, uscc)
         CROSS JOIN LATERAL (
               SELECT CASE %(cut)s WHEN 'policy' THEN c.policy_id WHEN 'channel' THEN c.channel
                           WHEN 'month' THEN c.month
                           WHEN 'district' THEN coalesce(f.district, 'unknown')
                           WHEN 'industry' THEN coalesce(f.industry, 'unknown')
                           WHEN 'size' THEN coalesce(f.size, 'unknown') END COLLATE "C" AS grp) AS g
         GROUP BY g.grp, c.profile) AS g
  JOIN report_profile AS p USING (profile)

-- report_times --
-- Firms and days to money of each group of a cut, and of all in the row without a group.
SELECT g.grp, count(DISTINCT c.firm) AS firms, count(DISTINCT c.firm) FILTER (WHERE c.days IS NOT NULL) AS paid_firms,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY c.days) AS median_days,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY c.days) AS slow_days
  FROM report_counted AS c
  LEFT JOIN report_firm AS f USING (sweep_number, uscc)
 CROSS JOIN LATERAL (
       SELECT CASE %(cut)s WHEN 'policy' THEN c.policy_id WHEN 'channel' THEN c.channel
                           WHEN 'month' THEN c.month
                           WHEN 'district' THEN coalesce(f.district, 'unknown')
                           WHEN 'industry' THEN coalesce(f.industry, 'unknown')
                           WHEN 'size' THEN coalesce(f.size, 'unknown') END COLLATE "C" AS grp) AS g
 GROUP BY GROUPING SETS ((g.grp), ())
 ORDER BY g.grp NULLS LAST

-- report_stages --
-- How many calendar days cases stood in each status that they have left, by policy and of all in rows without one.
SELECT v.policy_id, v.status, count(*) AS stays, count(DISTINCT v.firm) AS firms,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY v.days) AS median_days,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY v.days) AS slow_days
  FROM (SELECT c.policy_id, c.firm, e.before AS status,
               greatest((e.at AT TIME ZONE 'Asia/Shanghai')::date
                        - greatest(lag((e.at AT TIME ZONE 'Asia/Shanghai')::date)
                                       OVER (PARTITION BY e.case_id ORDER BY e.seq), c.began), 0) AS days
          FROM report_case AS c
          JOIN case_event AS e ON e.case_id = c.case_id AND e.seq <= c.seq AND e.before <> e.after) AS v
 WHERE v.status NOT IN ('paid', 'closed', 'declined', 'recovered')
 GROUP BY GROUPING SETS ((v.policy_id, v.status), (v.status))
 ORDER BY v.policy_id NULLS FIRST, v.status

-- report_notices --
-- The notices to firms of a report's cases by kind and status, with numbers of up to three of the firms.
SELECT n.kind, s.status, count(*) AS notices, (array_agg(DISTINCT c.firm))[1:3]::text[] AS firms
  FROM report_case AS c
  JOIN notice AS n ON n.case_id = c.case_id AND n.recipient = 'firm:' || c.uscc
  JOIN notice_state AS s USING (notice_id)
 GROUP BY n.kind, s.status

-- report_deliveries --
-- The deliveries of those notices by channel, provider, status and whether one may have come twice.
SELECT w.channel, w.provider, d.status, d.repeats > 0 AS repeated, count(*) AS deliveries,
       (array_agg(DISTINCT c.firm))[1:3]::text[] AS firms
  FROM report_case AS c
  JOIN notice AS n ON n.case_id = c.case_id AND n.recipient = 'firm:' || c.uscc
  JOIN delivery AS w USING (notice_id)
  JOIN delivery_state AS d USING (delivery_id)
 GROUP BY w.channel, w.provider, d.status, d.repeats > 0

-- claim_report --
-- Wait until nobody else counts the report of this name, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s, hashtext(%(name)s))

-- kept_report --
-- The report of a name, if it was counted between two moments.
SELECT at, report FROM kept_report WHERE name = %(name)s AND at > %(since)s AND at < %(until)s

-- keep_report --
-- Keep a report in the place of the older one; of more than so many, the oldest go.
SELECT keep_report(%(name)s, %(at)s, %(report)s, %(most)s)
