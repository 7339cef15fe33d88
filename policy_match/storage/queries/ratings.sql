-- add_rating --
-- Keep how a firm rates a case that was paid.
INSERT INTO rating (case_id, grade, text, due, at, by)
SELECT %(case_id)s::bigint, %(grade)s::rating_grade, %(text)s, %(due)s, %(at)s, %(by)s
 WHERE NOT EXISTS (SELECT FROM rating WHERE case_id = %(case_id)s::bigint)
RETURNING case_id

-- firm_ratings --
-- A page of one firm's ratings, the latest case first, before a given one; of all or of one case.
SELECT r.case_id, c.policy_id, c.uscc, r.grade, r.text, r.due, r.at, coalesce(a.text, '') AS answer,
       a.at AS answered_at, '' AS answered_by
  FROM benefit_case AS c
  JOIN rating AS r USING (case_id)
  LEFT JOIN rating_answer AS a USING (case_id)
 WHERE c.uscc = %(uscc)s
   AND (%(before)s::bigint IS NULL OR r.case_id < %(before)s)
   AND (%(case_id)s::bigint IS NULL OR r.case_id = %(case_id)s)
 ORDER BY r.case_id DESC
 LIMIT %(most)s

-- ratings --
-- A page of ratings by case after a given one, or of one case; of some policies or all, those that wait for an answer
-- or all.
SELECT r.case_id, c.policy_id, c.uscc, r.grade, r.text, r.due, r.at, coalesce(a.text, '') AS answer,
       a.at AS answered_at, coalesce(a.by, '') AS answered_by
  FROM rating AS r
  JOIN benefit_case AS c USING (case_id)
  LEFT JOIN rating_answer AS a USING (case_id)
 WHERE r.case_id > %(after)s
   AND (%(case_id)s::bigint IS NULL OR r.case_id = %(case_id)s)
   AND (%(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s::text[]))
   AND (NOT %(waiting)s OR (r.due IS NOT NULL AND a.case_id IS NULL))
   AND (%(due_before)s::date IS NULL OR r.due < %(due_before)s)
 ORDER BY r.case_id
 LIMIT %(most)s

-- answer_rating --
-- Keep what a department says to a rating.
INSERT INTO rating_answer (case_id, text, at, by)
SELECT %(case_id)s::bigint, %(text)s, %(at)s, %(by)s
 WHERE NOT EXISTS (SELECT FROM rating_answer WHERE case_id = %(case_id)s::bigint)
RETURNING case_id

-- rating_sums --
-- How many firms rated cases of each policy, and how many cases got each grade; of some policies or all.
SELECT c.policy_id, count(DISTINCT c.uscc) AS firms,
       count(*) FILTER (WHERE r.grade = 'very_good') AS very_good, count(*) FILTER (WHERE r.grade = 'good') AS good,
       count(*) FILTER (WHERE r.grade = 'fair') AS fair, count(*) FILTER (WHERE r.grade = 'bad') AS bad,
       count(*) FILTER (WHERE r.grade = 'very_bad') AS very_bad
  FROM rating AS r
  JOIN benefit_case AS c USING (case_id)
 WHERE %(policies)s::text[] IS NULL OR c.policy_id = ANY (%(policies)s::text[])
 GROUP BY c.policy_id
 ORDER BY c.policy_id
