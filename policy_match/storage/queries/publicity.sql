-- displays --
-- What is on public display, by policy and the day in China on which it began, the latest first; of some policies or of
-- all, of displays that began on one day or any, and with a day only what may still be objected to on it.
SELECT s.policy_id, s.displayed_on AS first_day, max(s.deadline) AS last_day, count(*) AS cases,
       count(*) FILTER (WHERE s.status = 'objected') AS objected, sum(s.amount_fen)::bigint AS amount_fen
  FROM case_state AS s
 WHERE s.status IN ('published', 'objected')
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY (%(policies)s::text[]))
   AND (%(first_day)s::date IS NULL OR s.displayed_on = %(first_day)s)
   AND (%(day)s::date IS NULL OR s.deadline >= %(day)s)
 GROUP BY s.policy_id, s.displayed_on
 ORDER BY first_day DESC, s.policy_id
 LIMIT %(most)s

-- displayed_cases --
-- A page of the cases of one display by number after a given one; with a day only what may still be objected to on it.
SELECT s.case_id, s.uscc, coalesce(n.name, '') AS name, s.period, s.instalment, c.instalments, s.amount_fen,
       s.deadline AS last_day
  FROM case_state AS s
  JOIN benefit_case AS c USING (case_id)
  JOIN opening AS o ON o.number = c.opening
  LEFT JOIN LATERAL (SELECT f.name FROM firm_name AS f
                      WHERE f.sweep_number = o.sweep_number AND f.uscc = s.uscc LIMIT 1) AS n ON true
 WHERE s.status IN ('published', 'objected') AND s.policy_id = %(policy_id)s AND s.case_id > %(after)s
   AND s.displayed_on = %(first_day)s
   AND (%(day)s::date IS NULL OR s.deadline >= %(day)s)
 ORDER BY s.case_id
 LIMIT %(most)s
