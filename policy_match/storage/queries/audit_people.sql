-- audit_person_steps --
-- A page of what one person did, the latest first, before a moment, kind and place; what was done to many cases at one
-- moment is one step.
SELECT at, kind, place, what, about, case_id, count, amount_fen
  FROM (
       (SELECT e.at AS at, 'cases' AS kind, (e.event || ' ' || min(e.case_id)) COLLATE "C" AS place,
               e.event::text AS what, min(e.about) AS about, min(e.case_id)::bigint AS case_id,
               count(*)::integer AS count, NULL::bigint AS amount_fen
          FROM case_event AS e WHERE e.by = %(person)s AND e.by <> 'system'
           AND (%(before)s::timestamptz IS NULL OR e.at <= %(before)s)
         GROUP BY e.at, e.event)
       UNION ALL
       (SELECT l.at, 'list_made', l.list_id::text COLLATE "C", 'list_made', 'list:' || l.list_id,
               NULL::bigint, l.cases::integer, l.total_fen::bigint
          FROM approval_list AS l WHERE l.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR l.at <= %(before)s))
       UNION ALL
       (SELECT a.at, 'signature', a.list_id::text COLLATE "C", a.role, 'list:' || a.list_id,
               NULL::bigint, l.cases::integer, l.total_fen::bigint
          FROM approval AS a JOIN approval_list AS l USING (list_id) WHERE a.person = %(person)s
           AND (%(before)s::timestamptz IS NULL OR a.at <= %(before)s))
       UNION ALL
       (SELECT n.at, 'list_ended', n.list_id::text COLLATE "C", n.outcome::text, 'list:' || n.list_id,
               NULL::bigint, l.cases::integer, l.total_fen::bigint
          FROM list_end AS n JOIN approval_list AS l USING (list_id) WHERE n.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR n.at <= %(before)s))
       UNION ALL
       (SELECT w.at, 'objection_answer', w.objection_id::text COLLATE "C", w.outcome::text, 'objection:' ||
            w.objection_id,
               j.case_id::bigint, 1::integer, w.amount_fen::bigint
          FROM objection_answer AS w JOIN objection AS j USING (objection_id) WHERE w.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR w.at <= %(before)s))
       UNION ALL
       (SELECT r.at, 'appeal_replay', r.appeal_id::text COLLATE "C", 'replay', 'appeal:' || r.appeal_id,
               NULL::bigint, 1::integer, NULL::bigint
          FROM appeal_replay AS r WHERE r.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR r.at <= %(before)s))
       UNION ALL
       (SELECT n.at, 'allocation', n.number::text COLLATE "C", n.how::text, n.policy_id,
               NULL::bigint, ((SELECT count(*) FROM case_allocation AS g WHERE g.allocation = n.number))::integer,
                    ((SELECT sum(g.granted_fen) FROM case_allocation AS g WHERE g.allocation = n.number))::bigint
          FROM allocation AS n WHERE n.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR n.at <= %(before)s))
       UNION ALL
       (SELECT b.at, 'budget_line', b.line COLLATE "C", 'budget_line', b.line,
               NULL::bigint, 1::integer, NULL::bigint
          FROM budget_line AS b WHERE b.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR b.at <= %(before)s))
       UNION ALL
       (SELECT t.at, 'appropriation', t.transfer_id::text COLLATE "C", t.kind::text, t.line,
               NULL::bigint, 1::integer, t.amount_fen::bigint
          FROM ledger_transfer AS t WHERE t.by = %(person)s AND t.attempt_id IS NULL
           AND (%(before)s::timestamptz IS NULL OR t.at <= %(before)s))
       UNION ALL
       (SELECT p.at, 'orders', (min(p.order_id)::text) COLLATE "C", 'orders', 'list:' || p.list_id,
               min(p.case_id)::bigint, count(*)::integer, sum(p.amount_fen)::bigint
          FROM payment_order AS p WHERE p.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR p.at <= %(before)s)
         GROUP BY p.at, p.list_id)
       UNION ALL
       (SELECT b.at, 'batch', b.batch_id::text COLLATE "C", b.channel, b.file_name,
               NULL::bigint, b.attempts::integer, b.total_fen::bigint
          FROM payment_batch AS b WHERE b.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR b.at <= %(before)s))
       UNION ALL
       (SELECT f.at, 'bank_file', f.file_digest COLLATE "C", f.kind::text, f.name,
               NULL::bigint, 1::integer, NULL::bigint
          FROM bank_file AS f WHERE f.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR f.at <= %(before)s))
       UNION ALL
       (SELECT x.at, 'line_explained', (x.file_digest || ' ' || x.number) COLLATE "C", 'line_explained', x.reason,
               NULL::bigint, 1::integer, NULL::bigint
          FROM line_explained AS x WHERE x.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR x.at <= %(before)s))
       UNION ALL
       (SELECT r.at, 'reconciliation', r.number::text COLLATE "C", CASE WHEN r.closed THEN 'closed' ELSE 'compared'
            END, r.up_to::text,
               NULL::bigint, r.unmatched::integer, r.difference_fen::bigint
          FROM reconciliation AS r WHERE r.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR r.at <= %(before)s))
       UNION ALL
       (SELECT r.at, 'recovery', r.recovery_id::text COLLATE "C", r.kind::text, 'recovery:' || r.recovery_id,
               r.case_id::bigint, 1::integer, r.amount_fen::bigint
          FROM recovery AS r WHERE r.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR r.at <= %(before)s))
       UNION ALL
       (SELECT e.at, 'recovery_receipt', e.line_ref COLLATE "C", 'recovery_receipt', e.line_ref,
               r.case_id::bigint, 1::integer, e.amount_fen::bigint
          FROM recovery_receipt AS e JOIN recovery AS r USING (recovery_id) WHERE e.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR e.at <= %(before)s))
       UNION ALL
       (SELECT x.at, 'exclusion', x.exclusion_id::text COLLATE "C", 'exclusion', x.uscc,
               NULL::bigint, 1::integer, NULL::bigint
          FROM exclusion AS x WHERE x.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR x.at <= %(before)s))
       UNION ALL
       (SELECT x.at, 'exclusion_lifted', x.exclusion_id::text COLLATE "C", 'exclusion_lifted', x.uscc,
               NULL::bigint, 1::integer, NULL::bigint
          FROM (SELECT i.exclusion_id, i.at, i.by, n.uscc FROM exclusion_lifted AS i JOIN exclusion AS n USING
               (exclusion_id)) AS x WHERE x.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR x.at <= %(before)s))
       UNION ALL
       (SELECT g.at, 'role', g.grant_id::text COLLATE "C", CASE WHEN g.granted THEN 'granted' ELSE 'withdrawn' END,
            g.person || ' ' || g.role,
               NULL::bigint, 1::integer, NULL::bigint
          FROM role_grant AS g WHERE g.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR g.at <= %(before)s))
       UNION ALL
       (SELECT o.at, 'opening', o.number::text COLLATE "C", 'opening', 'opening:' || o.number,
               NULL::bigint, ((SELECT count(*) FROM opening_policy AS p WHERE p.opening = o.number))::integer,
                    NULL::bigint
          FROM opening AS o WHERE o.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR o.at <= %(before)s))
       UNION ALL
       (SELECT k.at, 'recheck', k.number::text COLLATE "C", k.purpose::text, k.policy_id,
               NULL::bigint, ((SELECT count(*) FROM case_recheck AS c WHERE c.recheck = k.number))::integer,
                    NULL::bigint
          FROM recheck AS k WHERE k.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR k.at <= %(before)s))
       UNION ALL
       (SELECT v.at, 'match_confirmed', v.version COLLATE "C", v.matches::text, v.version,
               NULL::bigint, 1::integer, NULL::bigint
          FROM (SELECT version, matches, confirmed_by AS by, confirmed_at AS at FROM confirmation) AS v WHERE v.by =
               %(person)s
           AND (%(before)s::timestamptz IS NULL OR v.at <= %(before)s))
       UNION ALL
       (SELECT o.at, 'order_to_act', (o.order_id || ' ' || o.seq) COLLATE "C", o.event, o.text,
               NULL::bigint, 1::integer, NULL::bigint
          FROM (SELECT order_id, 0 AS seq, 'issue' AS event, ground AS text, at, by FROM order_to_act UNION ALL
               SELECT order_id, seq, event::text, text, at, by FROM order_to_act_event) AS o WHERE o.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR o.at <= %(before)s))
       UNION ALL
       (SELECT e.at, 'correction_answer', e.correction_id::text COLLATE "C", e.outcome::text, r.fact || ' ' || r.uscc,
               r.case_id::bigint, 1::integer, NULL::bigint
          FROM correction_end AS e JOIN correction AS r USING (correction_id) WHERE e.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR e.at <= %(before)s))
       UNION ALL
       (SELECT r.at, 'rating_answer', r.case_id::text COLLATE "C", 'rating_answer', r.text,
               r.case_id::bigint, 1::integer, NULL::bigint
          FROM rating_answer AS r WHERE r.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR r.at <= %(before)s))
       UNION ALL
       (SELECT v.at, 'suggestion', (v.suggestion_id || ' ' || v.seq) COLLATE "C", v.after::text, v.reason,
               NULL::bigint, 1::integer, NULL::bigint
          FROM suggestion_event AS v WHERE v.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR v.at <= %(before)s))
       UNION ALL
       (SELECT r.at, 'review', (r.review_id || ' ' || r.step) COLLATE "C", r.step, r.text,
               NULL::bigint, 1::integer, NULL::bigint
          FROM (SELECT review_id, 'open' AS step, policy_id AS text, at, by FROM policy_review
                UNION ALL SELECT review_id, 'answer', text, at, by FROM policy_review_answer
                UNION ALL SELECT review_id, outcome::text, reason, at, by FROM policy_review_decision) AS r
         WHERE r.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR r.at <= %(before)s))
       UNION ALL
       (SELECT d.at, 'duty', d.duty_id::text COLLATE "C", CASE WHEN d.granted THEN 'granted' ELSE 'withdrawn' END,
               d.unit || ' ' || d.person,
               NULL::bigint, 1::integer, NULL::bigint
          FROM duty AS d WHERE d.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR d.at <= %(before)s))
       UNION ALL
       (SELECT v.at, 'account', v.event_id::text COLLATE "C", v.event::text, n.name,
               NULL::bigint, 1::integer, NULL::bigint
          FROM account_event AS v JOIN account AS n USING (account_id) WHERE v.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR v.at <= %(before)s))
       UNION ALL
       (SELECT c.at, 'contact', (min(c.contact_id)::text) COLLATE "C", c.channel::text, min(c.recipient),
               NULL::bigint, count(*)::integer, NULL::bigint
          FROM contact AS c WHERE c.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR c.at <= %(before)s)
         GROUP BY c.at, c.channel)
       UNION ALL
       (SELECT p.at, 'suppression', p.place COLLATE "C", p.what, p.about,
               NULL::bigint, 1::integer, NULL::bigint
          FROM (SELECT s.suppression_id::text AS place, 'suppressed' AS what,
                       concat_ws(' ', coalesce(s.recipient, 'suppression:' || s.suppression_id), s.channel, s.reason)
                           AS about, s.at, s.by
                  FROM suppression AS s
                UNION ALL
                SELECT l.suppression_id || ' lifted', 'lifted',
                       concat_ws(' ', coalesce(s.recipient, 'suppression:' || s.suppression_id), s.channel, l.reason),
                       l.at, l.by
                  FROM suppression_lifted AS l JOIN suppression AS s USING (suppression_id)) AS p
         WHERE p.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR p.at <= %(before)s))
       UNION ALL
       (SELECT k.at, 'machine_token', k.place COLLATE "C", k.what, k.about,
               NULL::bigint, 1::integer, NULL::bigint
          FROM (SELECT t.token_id::text AS place, 'token_given' AS what,
                       t.name || ' ' || array_to_string(t.scopes, ' ') AS about, t.at, t.by
                  FROM machine_token AS t
                UNION ALL
                SELECT e.token_id || ' ended', 'token_ended', t.name, e.at, e.by
                  FROM machine_token_end AS e JOIN machine_token AS t USING (token_id)) AS k
         WHERE k.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR k.at <= %(before)s))
       UNION ALL
       (SELECT a.at, 'action', a.action_id::text COLLATE "C", a.operation, a.path,
               NULL::bigint, a.status::integer, NULL::bigint
          FROM action AS a WHERE a.by = %(person)s
           AND (%(before)s::timestamptz IS NULL OR a.at <= %(before)s)))
       AS step
 WHERE %(before)s::timestamptz IS NULL OR (at, kind, place) < (%(before)s, %(before_kind)s, %(before_place)s)
 ORDER BY at DESC, kind DESC, place DESC
 LIMIT %(most)s
