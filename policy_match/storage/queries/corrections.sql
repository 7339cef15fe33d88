-- add_evidence_file --
-- Keep that a firm sent a file; once more of the same changes nothing.
INSERT INTO evidence_file (uscc, digest, kind, size_bytes, at, by)
SELECT %(uscc)s::text, %(digest)s::text, %(kind)s, %(size_bytes)s, %(at)s, %(by)s
 WHERE NOT EXISTS (SELECT FROM evidence_file WHERE uscc = %(uscc)s::text AND digest = %(digest)s::text)

-- evidence_file --
-- A file that a firm sent.
SELECT uscc, digest, kind, size_bytes, at FROM evidence_file WHERE uscc = %(uscc)s AND digest = %(digest)s

-- count_evidence_files --
-- How many files a firm sent.
SELECT count(*) AS files FROM evidence_file WHERE uscc = %(uscc)s

-- add_correction --
-- Keep that a firm says that a fact about it is wrong.
INSERT INTO correction (uscc, fact, record_id, case_id, source, departments, claim, reason, evidence, due, at, by)
VALUES (%(uscc)s, %(fact)s, %(record_id)s, %(case_id)s, %(source)s, %(departments)s, %(claim)s, %(reason)s,
        %(evidence)s, %(due)s, %(at)s, %(by)s)
RETURNING correction_id

-- end_correction --
-- Keep how a request to correct a fact ended.
INSERT INTO correction_end (correction_id, outcome, reason, at, by)
SELECT %(correction_id)s::bigint, %(outcome)s::correction_outcome, %(reason)s, %(at)s, %(by)s
 WHERE NOT EXISTS (SELECT FROM correction_end WHERE correction_id = %(correction_id)s::bigint)
RETURNING correction_id

-- open_corrections_of_firm --
-- The requests of one firm that wait for an answer: about one fact of one record, or all.
SELECT c.correction_id
  FROM correction AS c
 WHERE c.uscc = %(uscc)s
   AND (%(fact)s::text IS NULL OR (c.fact = %(fact)s AND c.record_id = %(record_id)s))
   AND NOT EXISTS (SELECT FROM correction_end AS e WHERE e.correction_id = c.correction_id)
 ORDER BY c.correction_id
 LIMIT %(most)s

-- firm_corrections --
-- A page of one firm's requests, the newest first, before a given one; of all, about one case, or the one of a number.
SELECT c.correction_id, c.uscc, c.fact, c.record_id, c.case_id, c.source, c.claim, c.reason, c.evidence,
       f.kind AS evidence_kind, f.size_bytes AS evidence_bytes, c.due, c.at, e.outcome, coalesce(e.reason, '') AS answer,
       e.at AS answered_at, '' AS answered_by
  FROM correction AS c
  JOIN evidence_file AS f ON f.uscc = c.uscc AND f.digest = c.evidence
  LEFT JOIN correction_end AS e USING (correction_id)
 WHERE c.uscc = %(uscc)s
   AND (%(before)s::bigint IS NULL OR c.correction_id < %(before)s)
   AND (%(case_id)s::bigint IS NULL OR c.case_id = %(case_id)s)
   AND (%(correction_id)s::bigint IS NULL OR c.correction_id = %(correction_id)s)
 ORDER BY c.correction_id DESC
 LIMIT %(most)s

-- corrections_in_reach --
-- A page of requests by number after a given one, open or ended, or the one of a number; of those departments in those
-- districts that somebody reaches. An empty department, or district, is all.
SELECT c.correction_id, c.uscc, c.fact, c.record_id, c.case_id, c.source, c.claim, c.reason, c.evidence,
       f.kind AS evidence_kind, f.size_bytes AS evidence_bytes, c.due, c.at, e.outcome, coalesce(e.reason, '') AS answer,
       e.at AS answered_at, coalesce(e.by, '') AS answered_by
  FROM correction AS c
  JOIN evidence_file AS f ON f.uscc = c.uscc AND f.digest = c.evidence
  LEFT JOIN correction_end AS e USING (correction_id)
 WHERE c.correction_id > %(after)s
   AND (%(correction_id)s::bigint IS NULL OR c.correction_id = %(correction_id)s)
   AND (%(ended)s::boolean IS NULL OR (e.correction_id IS NOT NULL) = %(ended)s)
   AND (%(due_before)s::date IS NULL OR c.due < %(due_before)s)
   AND EXISTS (SELECT FROM unnest(%(departments)s::text[], %(districts)s::text[]) AS r (department, district)
                WHERE (r.department = '' OR r.department = ANY (c.departments))
                  AND starts_with(substr(c.uscc, 3, 6), r.district))
 ORDER BY c.correction_id
 LIMIT %(most)s

-- corrections_of_case --
-- Every request that a firm made about one of its cases.
SELECT c.correction_id, c.uscc, c.fact, c.record_id, c.case_id, c.source, c.claim, c.reason, c.evidence,
       f.kind AS evidence_kind, f.size_bytes AS evidence_bytes, c.due, c.at, e.outcome, coalesce(e.reason, '') AS answer,
       e.at AS answered_at, coalesce(e.by, '') AS answered_by
  FROM correction AS c
  JOIN evidence_file AS f ON f.uscc = c.uscc AND f.digest = c.evidence
  LEFT JOIN correction_end AS e USING (correction_id)
 WHERE c.case_id = %(case_id)s
 ORDER BY c.correction_id
