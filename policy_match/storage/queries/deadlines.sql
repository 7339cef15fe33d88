-- late_windows --
-- A page of open windows that silence gives up and of which the firm was told on a later day than they were opened.
SELECT w.case_id, w.deadline, w.told_on, w.confirm_days
  FROM open_window AS w
 WHERE (w.deadline, w.case_id) > (%(after_day)s::date, %(after)s) AND w.lapses AND w.told_on > w.asked_on
 ORDER BY w.deadline, w.case_id
 LIMIT %(most)s

-- extend_windows --
-- Extend windows that are open and end earlier; how many.
WITH taken AS (
    INSERT INTO case_event (case_id, seq, event, before, after, deadline, at, by, reason)
    SELECT s.case_id, s.seq + 1, t.event, s.status, t.after, e.until, %(at)s, %(by)s, e.reason
      FROM unnest(%(case_ids)s::bigint[], %(untils)s::date[], %(reasons)s::text[]) AS e (case_id, until, reason)
      JOIN case_state AS s USING (case_id)
      JOIN case_transition AS t ON t.route = s.route AND t.before = s.status AND t.event = 'extend'
     WHERE s.deadline < e.until
     ORDER BY s.case_id
    ON CONFLICT (case_id, seq) DO NOTHING
    RETURNING case_id)
SELECT count(*) AS taken FROM taken

-- windows_not_reached --
-- How many windows are over of which the firm was not told although silence would give the benefit up, and their money.
SELECT count(*) AS cases, coalesce(sum(w.amount_fen), 0)::bigint AS amount_fen
  FROM open_window AS w
 WHERE w.deadline < %(today)s AND w.lapses AND w.told_on IS NULL

-- last_days_of_windows --
-- The last days, today or later, on which firms may answer.
SELECT DISTINCT deadline FROM case_state
 WHERE status = 'notified' AND deadline >= %(today)s
 ORDER BY deadline

-- reminder_days --
-- Every number of working days left at which a policy with cases reminds.
SELECT DISTINCT unnest(remind_days) AS days FROM opening_policy

-- remind_windows --
-- Remind a page of firms that were told and have not answered, each of the nearest point that has come; how many, and
-- the last window of the page.
WITH page AS MATERIALIZED (
    SELECT due.*
      FROM (SELECT DISTINCT ON (w.deadline, w.case_id) w.deadline, w.case_id, w.uscc, w.set_seq,
                   p.days || ' days' AS about
              FROM unnest(%(last_days)s::date[], %(days)s::integer[], %(due_ons)s::date[]) AS p (deadline, days, due_on)
              JOIN open_window AS w ON w.deadline = p.deadline AND p.days = ANY (w.remind_days) AND p.due_on > w.set_on
             WHERE w.told_on IS NOT NULL AND (w.deadline, w.case_id) > (%(after_day)s::date, %(after)s)
             ORDER BY w.deadline, w.case_id, p.days) AS due
      -- One look-up per case: without fresh statistics a join may read all notices for each case.
      LEFT JOIN LATERAL (SELECT n.notice_id FROM notice AS n
                          WHERE n.case_id = due.case_id AND n.seq = due.set_seq AND n.kind = 'reminder'
                            AND n.about = due.about LIMIT 1) AS told ON true
     WHERE told.notice_id IS NULL
     ORDER BY due.deadline, due.case_id
     LIMIT %(most)s
), added AS (
    INSERT INTO notice (recipient, kind, case_id, seq, about, at)
    SELECT 'firm:' || uscc, 'reminder', case_id, set_seq, about, %(at)s FROM page ORDER BY deadline, case_id
    ON CONFLICT (case_id, seq, kind, about, recipient) WHERE case_id IS NOT NULL DO NOTHING
    RETURNING notice_id)
SELECT (SELECT count(*) FROM added) AS added, max(page.deadline) AS deadline,
       max(page.case_id) FILTER (WHERE page.deadline = (SELECT max(deadline) FROM page)) AS case_id
  FROM page

-- remind_of_accounts --
-- Remind the firms of cases that are still returned of the account that is missing, each of the nearest point that has
-- come since the payment came back; how many.
WITH due AS (
    SELECT DISTINCT ON (s.case_id) s.case_id, s.uscc, s.seq, p.days || ' days' AS about
      FROM case_state AS s
      JOIN unnest(%(days)s::integer[], %(due_ons)s::date[]) AS p (days, due_on)
           ON p.due_on > (s.since AT TIME ZONE 'Asia/Shanghai')::date
     WHERE s.case_id = ANY (%(case_ids)s::bigint[]) AND s.status = 'returned'
     ORDER BY s.case_id, p.days
), added AS (
    INSERT INTO notice (recipient, kind, case_id, seq, about, at)
    SELECT 'firm:' || due.uscc, 'reminder', due.case_id, due.seq, due.about, %(at)s
      FROM due
      LEFT JOIN LATERAL (SELECT n.notice_id FROM notice AS n
                          WHERE n.case_id = due.case_id AND n.seq = due.seq AND n.kind = 'reminder'
                            AND n.about = due.about LIMIT 1) AS told ON true
     WHERE told.notice_id IS NULL
     ORDER BY due.case_id
    ON CONFLICT (case_id, seq, kind, about, recipient) WHERE case_id IS NOT NULL DO NOTHING
    RETURNING notice_id)
SELECT count(*) AS added FROM added

-- due_cases --
-- Cases whose last day is near or over, the earliest first, from behind a given one.
SELECT d.what, d.due, d.case_id, d.objection, s.policy_id, c.version, s.uscc, coalesce(f.name, '') AS name, s.amount_fen,
       n.status AS notice
  FROM (SELECT CASE WHEN unheard AND due < %(today)s THEN 'not_reached' ELSE what END AS what, due, case_id, objection
          FROM due_date WHERE due <= %(by)s) AS d
  JOIN case_state AS s USING (case_id)
  JOIN benefit_case AS c USING (case_id)
  JOIN opening AS o ON o.number = c.opening
  LEFT JOIN LATERAL (SELECT f.name FROM firm_name AS f
                      WHERE f.sweep_number = o.sweep_number AND f.uscc = s.uscc LIMIT 1) AS f ON true
  LEFT JOIN LATERAL (SELECT r.status FROM notice AS n JOIN notice_state AS r USING (notice_id)
                      WHERE n.case_id = s.case_id AND s.status = 'notified'
                        AND n.kind IN ('confirmation_asked', 'account_asked', 'consent_asked')
                      ORDER BY n.seq DESC LIMIT 1) AS n ON true
 WHERE (%(what)s::text IS NULL OR d.what = %(what)s)
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY (%(policies)s::text[]))
   AND (%(after_due)s::date IS NULL
        OR (d.due, d.case_id, coalesce(d.objection, 0))
         > (%(after_due)s::date, %(after_case)s::bigint, %(after_objection)s::bigint))
 ORDER BY d.due, d.case_id, coalesce(d.objection, 0)
 LIMIT %(most)s

-- due_counts --
-- How many cases have a last day that is near or over, and their money, by what and by policy version.
SELECT d.what, s.policy_id, c.version, min(d.due) AS first,
       count(*) FILTER (WHERE d.due < %(today)s) AS late,
       coalesce(sum(s.amount_fen) FILTER (WHERE d.due < %(today)s), 0)::bigint AS late_fen,
       count(*) FILTER (WHERE d.due >= %(today)s) AS soon,
       coalesce(sum(s.amount_fen) FILTER (WHERE d.due >= %(today)s), 0)::bigint AS soon_fen
  FROM (SELECT CASE WHEN unheard AND due < %(today)s THEN 'not_reached' ELSE what END AS what, due, case_id
          FROM due_date WHERE due <= %(by)s) AS d
  JOIN case_state AS s USING (case_id)
  JOIN benefit_case AS c USING (case_id)
 GROUP BY d.what, s.policy_id, c.version
 ORDER BY d.what, s.policy_id, c.version

-- cut_off_counts --
-- Unpaid cases that are due by the cut-off of the year, by policy version and status; late are those whose payment
-- cannot be ordered by then although everybody acts today.
SELECT s.policy_id, c.version, s.status, count(*) AS cases, sum(s.amount_fen)::bigint AS amount_fen,
       count(*) FILTER (WHERE r.late) AS late,
       coalesce(sum(s.amount_fen) FILTER (WHERE r.late), 0)::bigint AS late_fen
  FROM case_state AS s
  JOIN benefit_case AS c USING (case_id)
  JOIN opening_policy AS p USING (opening, place)
  LEFT JOIN unnest(%(days)s::integer[], %(ends)s::date[]) AS w (days, ends) ON w.days = p.publicity_days
 CROSS JOIN LATERAL (
       SELECT s.status <> 'ordered'
              AND CASE WHEN %(today)s::date > %(cut_off)s::date THEN true
                       WHEN s.status IN ('published', 'objected') THEN s.deadline >= %(cut_off)s::date
                       WHEN s.status = 'returned' OR p.publicity_days = 0 THEN false
                       WHEN s.route = 'list_then_collect' AND s.status IN ('notified', 'confirmed') THEN false
                       ELSE coalesce(w.ends >= %(cut_off)s::date, true) END AS late) AS r
 WHERE s.status IN ('matched', 'notified', 'confirmed', 'reviewed', 'approved', 'published', 'objected', 'ordered',
                    'returned')
   AND s.route IN ('direct', 'confirm', 'list_then_collect') AND s.amount_fen > 0 AND c.due_from <= %(cut_off)s::date
 GROUP BY s.policy_id, c.version, s.status
 ORDER BY s.policy_id, c.version, s.status

-- cut_off_lines --
-- What was granted from the lines of a budget year to cases that are approved and not ordered, and what each line has
-- left.
SELECT h.line, l.label, count(DISTINCT s.case_id) AS cases, sum(h.amount_fen)::bigint AS amount_fen,
       b.balance_fen AS available_fen
  FROM case_state AS s
  JOIN LATERAL (SELECT k.list_id, k.allocation
                  FROM listed_case AS k JOIN list_end AS e USING (list_id)
                 WHERE k.case_id = s.case_id AND e.outcome = 'complete'
                 ORDER BY k.list_id DESC LIMIT 1) AS k ON true
  JOIN case_share AS h ON h.case_id = s.case_id AND h.allocation = k.allocation
  JOIN budget_line AS l ON l.line = h.line AND l.year = %(year)s
  JOIN ledger_balance AS b ON b.line = h.line AND b.account = 'available'
 WHERE s.status IN ('approved', 'published', 'objected', 'returned')
    OR (s.route = 'list_then_collect' AND s.status IN ('notified', 'confirmed'))
 GROUP BY h.line, l.label, b.balance_fen
 ORDER BY h.line
