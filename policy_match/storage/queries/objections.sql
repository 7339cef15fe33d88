-- add_objection --
-- Keep an objection to a case.
INSERT INTO objection (case_id, lodged_by, ground, due, at)
VALUES (%(case_id)s, %(lodged_by)s, %(ground)s, %(due)s, %(at)s)
RETURNING objection_id

-- open_objections --
-- The objections to a case that are not answered.
SELECT o.objection_id, o.case_id, o.lodged_by, o.ground, o.due, o.at
  FROM objection AS o
 WHERE o.case_id = %(case_id)s
   AND NOT EXISTS (SELECT FROM objection_answer AS a WHERE a.objection_id = o.objection_id)
 ORDER BY o.objection_id

-- acts_on_case --
-- Who reviewed, approved and ordered a case.
SELECT 'approval' AS task, a.stage AS number, a.person
  FROM listed_case AS l JOIN approval AS a USING (list_id)
 WHERE l.case_id = %(case_id)s
UNION
SELECT event::text, 0, by FROM case_event WHERE case_id = %(case_id)s AND event IN ('review', 'order')

-- opened_amount --
-- The amount with which a case was opened.
SELECT entitled_fen FROM benefit_case WHERE case_id = %(case_id)s

-- answer_objections --
-- Keep one answer to several objections.
INSERT INTO objection_answer (objection_id, outcome, amount_fen, reason, by, at)
SELECT objection_id, %(outcome)s::objection_outcome, %(amount_fen)s, %(reason)s, %(by)s, %(at)s
  FROM unnest(%(objections)s::bigint[]) AS objection_id

-- unanswered_objections --
-- A page of objections without an answer, of cases that wait for it, by number after a given one; of some policies or
-- of all.
SELECT o.objection_id, o.case_id, s.policy_id, s.uscc, o.lodged_by, o.ground, o.due, o.at,
       NULL::text AS outcome, NULL::text AS answered_by, NULL::timestamptz AS answered_at, NULL::text AS answer
  FROM objection AS o
  JOIN case_state AS s ON s.case_id = o.case_id AND s.status = 'objected'
 WHERE o.objection_id > %(after)s AND (%(due_before)s::date IS NULL OR o.due < %(due_before)s)
   AND (%(policies)s::text[] IS NULL OR s.policy_id = ANY (%(policies)s::text[]))
   AND NOT EXISTS (SELECT FROM objection_answer AS a WHERE a.objection_id = o.objection_id)
 ORDER BY o.objection_id
 LIMIT %(most)s

-- objections_of_case --
-- Every objection to a case, with its answer.
SELECT o.objection_id, o.case_id, s.policy_id, s.uscc, o.lodged_by, o.ground, o.due, o.at,
       a.outcome, a.by AS answered_by, a.at AS answered_at, a.reason AS answer
  FROM objection AS o
  JOIN case_state AS s USING (case_id)
  LEFT JOIN objection_answer AS a USING (objection_id)
 WHERE o.case_id = %(case_id)s
 ORDER BY o.objection_id

-- objection_by_number --
-- One objection, with its answer.
SELECT o.objection_id, o.case_id, s.policy_id, s.uscc, o.lodged_by, o.ground, o.due, o.at,
       a.outcome, a.by AS answered_by, a.at AS answered_at, a.reason AS answer
  FROM objection AS o
  JOIN case_state AS s USING (case_id)
  LEFT JOIN objection_answer AS a USING (objection_id)
 WHERE o.objection_id = %(objection_id)s
