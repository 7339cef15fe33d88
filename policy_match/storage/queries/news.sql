-- waiting_news --
-- A page of what nobody was told of yet, by number after a given one, with what there is to say.
SELECT n.news_id, n.kind, n.number, n.step, f.uscc, coalesce(g.name, '') AS name,
       CASE n.kind
       WHEN 'correction_asked' THEN d.correction_id IS NOT NULL
       WHEN 'bad_rating' THEN a.case_id IS NOT NULL
       WHEN 'suggestion_decided' THEN EXISTS (SELECT FROM suggestion_event AS l
                                               WHERE l.suggestion_id = s.suggestion_id AND l.seq > n.step)
       ELSE false END AS is_over,
       coalesce(c.at, r.at, s.at) AS asked_at, coalesce(c.due, r.due) AS due,
       coalesce(b.policy_id, s.policy_id) AS policy_id,
       coalesce(c.departments, '{}') AS departments, c.fact,
       CASE n.kind WHEN 'correction_answered' THEN d.outcome::text
       ELSE coalesce(r.grade::text, e.after::text, '') END AS outcome,
       CASE n.kind WHEN 'correction_asked' THEN c.claim WHEN 'correction_answered' THEN d.reason
       WHEN 'bad_rating' THEN r.text WHEN 'rating_answered' THEN a.text ELSE e.reason END AS said,
       coalesce(s.subject, '') AS subject, e.taken_into
  FROM news AS n
  LEFT JOIN news_told AS t USING (news_id)
  LEFT JOIN correction AS c ON n.kind IN ('correction_asked', 'correction_answered') AND c.correction_id = n.number
  LEFT JOIN correction_end AS d ON d.correction_id = c.correction_id
  LEFT JOIN rating AS r ON n.kind IN ('bad_rating', 'rating_answered') AND r.case_id = n.number
  LEFT JOIN rating_answer AS a ON a.case_id = r.case_id
  LEFT JOIN benefit_case AS b ON b.case_id = r.case_id
  LEFT JOIN suggestion AS s ON n.kind = 'suggestion_decided' AND s.suggestion_id = n.number
  LEFT JOIN suggestion_event AS e ON e.suggestion_id = s.suggestion_id AND e.seq = n.step
 CROSS JOIN LATERAL (SELECT coalesce(c.uscc, b.uscc, CASE WHEN starts_with(s.by, 'firm:')
                                                     THEN substr(s.by, length('firm:') + 1) END) AS uscc) AS f
  LEFT JOIN LATERAL (SELECT m.name FROM sweep AS w JOIN firm_name AS m ON m.sweep_number = w.number
                      WHERE m.uscc = f.uscc ORDER BY w.number DESC LIMIT 1) AS g ON true
 WHERE t.news_id IS NULL AND n.news_id > %(after)s
 ORDER BY n.news_id
 LIMIT %(most)s

-- add_news_told --
-- Keep that something was told, with how many notices; what was told before stays as it is.
INSERT INTO news_told (news_id, notices, at)
SELECT news_id, notices, %(at)s FROM unnest(%(news_ids)s::bigint[], %(notices)s::integer[]) AS g (news_id, notices)
ON CONFLICT (news_id) DO NOTHING

-- clerks_of_department --
-- Who is a clerk of a department now, by name, and in which jurisdiction.
SELECT person, jurisdiction
  FROM (SELECT DISTINCT ON (person, jurisdiction) person, jurisdiction, granted
          FROM role_grant
         WHERE role = 'clerk' AND department = %(department)s
         ORDER BY person, jurisdiction, grant_id DESC) AS latest
 WHERE granted
 ORDER BY person, jurisdiction
 LIMIT %(most)s
