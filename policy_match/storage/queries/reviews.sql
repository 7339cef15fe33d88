-- lock_reviews --
-- Wait for the right to open, answer or decide a review, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(purpose)s)

-- add_decline_reasons --
-- Keep which reasons firms chose when they declined.
INSERT INTO decline_reason (case_id, seq, code)
SELECT case_id, seq, code::decline_code
  FROM unnest(%(case_ids)s::bigint[], %(seqs)s::integer[], %(codes)s::text[]) AS r (case_id, seq, code)

-- add_suggestion --
-- Keep a suggestion for a policy that was swept.
INSERT INTO suggestion (policy_id, text, at, by)
SELECT %(policy_id)s, %(text)s, %(at)s, %(by)s
 WHERE EXISTS (SELECT FROM policy_version WHERE policy_id = %(policy_id)s)
RETURNING suggestion_id

-- add_suggestion_of_new --
-- Keep that a policy is asked for that there is not.
INSERT INTO suggestion (subject, department, text, at, by)
VALUES (%(subject)s, %(department)s, %(text)s, %(at)s, %(by)s)
RETURNING suggestion_id

-- suggestions --
-- A page of suggestions by number after a given one, of one policy, of some, or of all, and in one status or all, about
-- policies that there are or not; or the one of a number.
SELECT s.suggestion_id, s.policy_id, s.subject, s.department, s.text, s.at, s.by, coalesce(e.after, 'received') AS status,
       coalesce(e.seq, 0) AS steps, coalesce(e.taken_into, '') AS taken_into, coalesce(e.reason, '') AS reason,
       e.at AS decided_at
  FROM suggestion AS s
  LEFT JOIN LATERAL (SELECT v.* FROM suggestion_event AS v WHERE v.suggestion_id = s.suggestion_id
                      ORDER BY v.seq DESC LIMIT 1) AS e ON true
 WHERE s.suggestion_id > %(after)s AND (%(policy_id)s::text IS NULL OR s.policy_id = %(policy_id)s)
   AND (%(suggestion_id)s::bigint IS NULL OR s.suggestion_id = %(suggestion_id)s)
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY (%(policies)s::text[]))
   AND (%(new)s::boolean IS NULL OR (s.policy_id IS NULL) = %(new)s)
   AND (%(status)s::suggestion_status IS NULL OR coalesce(e.after, 'received') = %(status)s::suggestion_status)
 ORDER BY s.suggestion_id
 LIMIT %(most)s

-- add_suggestion_event --
-- Keep what is decided about a suggestion, as the step after those that were seen.
INSERT INTO suggestion_event (suggestion_id, seq, before, after, taken_into, reason, at, by)
VALUES (%(suggestion_id)s, %(seq)s, %(before)s::suggestion_status, %(after)s::suggestion_status, %(taken_into)s,
        %(reason)s, %(at)s, %(by)s)

-- new_suggestions --
-- How many suggestions each policy got since its last review began.
SELECT s.policy_id, count(*) AS suggestions
  FROM suggestion AS s
 WHERE s.policy_id IS NOT NULL
   AND s.at > coalesce((SELECT max(r.at) FROM policy_review AS r WHERE r.policy_id = s.policy_id), '-infinity')
 GROUP BY s.policy_id

-- unreached_of_report --
-- In how many cases of a report a notice to the firm found no way, by policy.
SELECT c.policy_id, count(DISTINCT c.case_id) AS cases
  FROM report_case AS c
  JOIN notice AS n ON n.case_id = c.case_id AND n.recipient = 'firm:' || c.uscc
  JOIN notice_state AS s USING (notice_id)
 WHERE s.status = 'unreached'
 GROUP BY c.policy_id

-- decided_rows --
-- What the newest sweep that decided each policy found.
SELECT DISTINCT ON (v.policy_id) v.policy_id, p.sweep_number, p.place, p.total, p.undetermined
  FROM sweep_policy AS p
  JOIN policy_version AS v ON v.fingerprint = p.version
 ORDER BY v.policy_id, p.sweep_number DESC

-- missing_of_policies --
-- The facts that decisions of some sweeps and policies name most often as missing.
SELECT p.policy_id, m.fact, m.decisions
  FROM unnest(%(policies)s::text[], %(sweeps)s::integer[], %(places)s::integer[]) AS p (policy_id, sweep_number, place)
 CROSS JOIN LATERAL (
       SELECT fact, sum(d.decisions)::bigint AS decisions
         FROM (SELECT missing, count(*) AS decisions
                 FROM decision
                WHERE sweep_number = p.sweep_number AND place = p.place AND missing IS NOT NULL
                GROUP BY missing) AS d
         JOIN missing_facts AS f ON f.sweep_number = p.sweep_number AND f.number = d.missing
        CROSS JOIN unnest(f.facts) AS fact
        GROUP BY fact
        ORDER BY decisions DESC, fact
        LIMIT %(most)s) AS m
 ORDER BY p.policy_id, m.decisions DESC, m.fact

-- add_review --
-- Write a review of a policy.
INSERT INTO policy_review (policy_id, owner, first_day, last_day, found, at, by)
VALUES (%(policy_id)s, %(owner)s, %(first_day)s, %(last_day)s, %(found)s::jsonb, %(at)s, %(by)s)
RETURNING review_id

-- latest_reviews --
-- The last review of each policy.
SELECT DISTINCT ON (r.policy_id) r.review_id, r.policy_id, r.owner, r.first_day, r.last_day, r.found, r.at, r.by,
       a.text, a.at AS answered_at, a.by AS answered_by, d.outcome, d.reason, d.at AS decided_at, d.by AS decided_by
  FROM policy_review AS r
  LEFT JOIN policy_review_answer AS a USING (review_id)
  LEFT JOIN policy_review_decision AS d USING (review_id)
 ORDER BY r.policy_id, r.review_id DESC

-- review_by_number --
-- One review.
SELECT r.review_id, r.policy_id, r.owner, r.first_day, r.last_day, r.found, r.at, r.by,
       a.text, a.at AS answered_at, a.by AS answered_by, d.outcome, d.reason, d.at AS decided_at, d.by AS decided_by
  FROM policy_review AS r
  LEFT JOIN policy_review_answer AS a USING (review_id)
  LEFT JOIN policy_review_decision AS d USING (review_id)
 WHERE r.review_id = %(review_id)s

-- answer_review --
-- Keep what the owner of a review says.
INSERT INTO policy_review_answer (review_id, text, at, by) VALUES (%(review_id)s, %(text)s, %(at)s, %(by)s)

-- decide_review --
-- Keep what follows from a review.
INSERT INTO policy_review_decision (review_id, outcome, reason, at, by)
VALUES (%(review_id)s, %(outcome)s, %(reason)s, %(at)s, %(by)s)
