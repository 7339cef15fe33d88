-- What a firm's requests may see and add: rows of its own, and no others, whatever the query says.

SET search_path = policy_match;

-- A firm's requests work under policy_match_firm, made by `migrate`, with the firm's code in a setting of the
-- transaction. That role has no right to any table with a firm's rows. The schema policy_match_firm, which comes first in
-- the search path of these requests, has views of the same names with the rows of that firm.
--
-- No row security on the tables: PostgreSQL refuses COPY into such tables, by which cases are opened, and with it the
-- planner draws no conclusion from equal columns for the program itself, to which a policy would show everything
-- (measured: another plan of a bulk step). Views cost the program nothing, and `security_barrier` keeps a condition of a
-- query from being shown a row before those of the view were.

GRANT USAGE ON SCHEMA policy_match TO policy_match_firm;
CREATE SCHEMA policy_match_firm;
GRANT USAGE ON SCHEMA policy_match_firm TO policy_match_firm;

CREATE FUNCTION firm_now() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nullif(current_setting('policy_match.firm', true), '') $$;
COMMENT ON FUNCTION firm_now IS 'The firm whose request this is; null, which no row equals, when it is none''s';

-- With the owner's rights, and as arrays, so that a query asks once and then looks rows up by their keys. They speak of
-- the firm of the setting only.
CREATE FUNCTION firm_cases() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT coalesce(array_agg(case_id), '{}') FROM benefit_case WHERE uscc = firm_now()
$$;
CREATE FUNCTION firm_openings() RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT opening), '{}') FROM benefit_case WHERE uscc = firm_now()
$$;
CREATE FUNCTION firm_attempts() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT coalesce(array_agg(a.attempt_id), '{}')
      FROM payment_attempt AS a JOIN benefit_case AS c USING (case_id) WHERE c.uscc = firm_now()
$$;
CREATE FUNCTION firm_notices() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT coalesce(array_agg(notice_id), '{}') FROM notice WHERE recipient = 'firm:' || firm_now()
$$;
CREATE FUNCTION firm_messages() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT coalesce(array_agg(d.delivery_id), '{}')
      FROM notice AS n JOIN delivery AS d USING (notice_id)
     WHERE n.recipient = 'firm:' || firm_now() AND d.channel = 'inbox'
$$;
COMMENT ON FUNCTION firm_messages IS 'What lies in the firm''s inbox; other ways to reach it are not its business';
REVOKE EXECUTE ON FUNCTION firm_now, firm_cases, firm_openings, firm_attempts, firm_notices, firm_messages FROM PUBLIC;
GRANT EXECUTE ON FUNCTION firm_now, firm_cases, firm_openings, firm_attempts, firm_notices, firm_messages
    TO policy_match_firm;


-- Views of a firm's own rows --------------------------------------------------------------------------------------------

CREATE VIEW policy_match_firm.sweep WITH (security_barrier) AS
SELECT s.number, s.sweep_id, s.snapshot_id, s.rules, s.as_of
  FROM sweep AS s WHERE EXISTS (SELECT FROM opening AS o WHERE o.sweep_number = s.number);
COMMENT ON VIEW policy_match_firm.sweep IS 'A firm looks at what cases were opened from, as then the bureau stands by it';
CREATE VIEW policy_match_firm.opening WITH (security_barrier) AS
SELECT number, sweep_number, at FROM opening WHERE number = ANY ((SELECT firm_openings())::integer[]);
CREATE VIEW policy_match_firm.opening_policy WITH (security_barrier) AS
SELECT p.opening, p.place, p.sweep_number, p.policy_id, p.version, p.route, p.period, p.confirm_days, p.silence,
       p.publicity_days, p.recheck_days, p.payee, p.remind_days
  FROM (SELECT DISTINCT opening, place FROM benefit_case WHERE uscc = firm_now()) AS c
  JOIN opening_policy AS p USING (opening, place);
CREATE VIEW policy_match_firm.benefit_case WITH (security_barrier) AS
SELECT case_id, opening, place, policy_id, version, uscc, record_id, period, instalment, instalments, route, entitled_fen,
       due_from, must_still
  FROM benefit_case
 WHERE uscc = firm_now();
CREATE VIEW policy_match_firm.entitlement WITH (security_barrier) AS
SELECT e.opening, e.place, e.uscc, e.record_id, e.decided_fen, e.entitled_fen, e.outcome, e.steps
  FROM (SELECT DISTINCT opening, place, uscc, record_id FROM benefit_case WHERE uscc = firm_now()) AS c
  JOIN entitlement AS e USING (opening, place, uscc, record_id);
CREATE VIEW policy_match_firm.entitlement_alternative WITH (security_barrier) AS
SELECT opening, uscc, number, total_fen, chosen
  FROM entitlement_alternative
 WHERE opening = ANY ((SELECT firm_openings())::integer[]) AND uscc = firm_now();
CREATE VIEW policy_match_firm.case_state WITH (security_barrier) AS
SELECT case_id, policy_id, uscc, record_id, period, instalment, route, status, seq, amount_fen, deadline, since
  FROM case_state WHERE case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.case_event WITH (security_barrier) AS
SELECT case_id, seq, event, before, after, amount_fen, deadline, at, "by", reason, about, digest
  FROM case_event WHERE case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.decline_reason WITH (security_barrier) AS
SELECT case_id, seq, code FROM decline_reason WHERE case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.objection WITH (security_barrier) AS
SELECT objection_id, case_id, lodged_by, ground, due, at
  FROM objection WHERE case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.objection_answer WITH (security_barrier) AS
SELECT a.objection_id, a.outcome, a.amount_fen, a.reason, a.at
  FROM objection AS o JOIN objection_answer AS a USING (objection_id)
 WHERE o.case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.appeal WITH (security_barrier) AS
SELECT appeal_id, sweep_number, policy_id, uscc, record_id, lodged_by, ground, corrected, at
  FROM appeal WHERE uscc = firm_now();
CREATE VIEW policy_match_firm.appeal_replay WITH (security_barrier) AS
SELECT r.appeal_id, r.old, r.corrected, r.same_as_kept, r.digest, r.at
  FROM appeal AS a JOIN appeal_replay AS r USING (appeal_id) WHERE a.uscc = firm_now();
CREATE VIEW policy_match_firm.payee_account WITH (security_barrier) AS
SELECT account_id, uscc, purpose, holder, sealed, key_id, fingerprint, tail, bank_code, source, at, "by"
  FROM payee_account WHERE uscc = firm_now();
CREATE VIEW policy_match_firm.payment_attempt WITH (security_barrier) AS
SELECT attempt_id, order_id, case_id, number, account_id, amount_fen, at
  FROM payment_attempt WHERE case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.attempt_state WITH (security_barrier) AS
SELECT attempt_id, case_id, status, seq, since
  FROM attempt_state WHERE attempt_id = ANY ((SELECT firm_attempts())::text[]);
CREATE VIEW policy_match_firm.attempt_event WITH (security_barrier) AS
SELECT attempt_id, seq, event, before, after, reason_code, at
  FROM attempt_event WHERE attempt_id = ANY ((SELECT firm_attempts())::text[]);
CREATE VIEW policy_match_firm.statement_entry WITH (security_barrier) AS
SELECT attempt_id, out_fen, booked_on FROM statement_entry WHERE attempt_id = ANY ((SELECT firm_attempts())::text[]);
CREATE VIEW policy_match_firm.recovery WITH (security_barrier) AS
SELECT recovery_id, case_id, kind, amount_fen, ground, at
  FROM recovery WHERE case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.recovery_receipt WITH (security_barrier) AS
SELECT e.recovery_id, e.amount_fen, e.at
  FROM recovery AS r JOIN recovery_receipt AS e USING (recovery_id)
 WHERE r.case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.notice WITH (security_barrier) AS
SELECT notice_id, recipient, kind, case_id, seq, about, at FROM notice WHERE recipient = 'firm:' || firm_now();
CREATE VIEW policy_match_firm.notice_state WITH (security_barrier) AS
SELECT notice_id, status, seq, since FROM notice_state WHERE notice_id = ANY ((SELECT firm_notices())::bigint[]);
CREATE VIEW policy_match_firm.notice_event WITH (security_barrier) AS
SELECT notice_id, seq, event, before, after, at, "by", reason
  FROM notice_event WHERE notice_id = ANY ((SELECT firm_notices())::bigint[]);
CREATE VIEW policy_match_firm.notice_text WITH (security_barrier) AS
SELECT notice_id, language, subject, body, short, at
  FROM notice_text WHERE notice_id = ANY ((SELECT firm_notices())::bigint[]);
CREATE VIEW policy_match_firm.delivery_state WITH (security_barrier) AS
SELECT delivery_id, notice_id, provider, status, seq, since
  FROM delivery_state WHERE delivery_id = ANY ((SELECT firm_messages())::bigint[]);
CREATE VIEW policy_match_firm.delivery_event WITH (security_barrier) AS
SELECT delivery_id, seq, event, before, after, at
  FROM delivery_event WHERE delivery_id = ANY ((SELECT firm_messages())::bigint[]);
CREATE VIEW policy_match_firm.contact WITH (security_barrier) AS
SELECT contact_id, recipient, channel, masked, source, at FROM contact WHERE recipient = 'firm:' || firm_now();
CREATE VIEW policy_match_firm.channel_preference WITH (security_barrier) AS
SELECT preference_id, recipient, channels, language, at, "by"
  FROM channel_preference WHERE recipient = 'firm:' || firm_now();
CREATE VIEW policy_match_firm.suggestion WITH (security_barrier) AS
SELECT suggestion_id, policy_id, text, at, "by" FROM suggestion WHERE "by" = 'firm:' || firm_now();

GRANT SELECT ON policy_match_firm.sweep, policy_match_firm.opening, policy_match_firm.opening_policy,
    policy_match_firm.benefit_case, policy_match_firm.entitlement, policy_match_firm.entitlement_alternative,
    policy_match_firm.case_state, policy_match_firm.decline_reason,
    policy_match_firm.objection_answer, policy_match_firm.appeal, policy_match_firm.appeal_replay,
    policy_match_firm.payment_attempt, policy_match_firm.attempt_state,
    policy_match_firm.attempt_event, policy_match_firm.statement_entry, policy_match_firm.recovery,
    policy_match_firm.recovery_receipt, policy_match_firm.notice, policy_match_firm.notice_state,
    policy_match_firm.notice_text, policy_match_firm.delivery_state, policy_match_firm.contact,
    policy_match_firm.channel_preference, policy_match_firm.suggestion TO policy_match_firm;
-- Columns that name staff, or hold what is sealed, can be written where a firm adds rows, and not be read.
GRANT SELECT (case_id, seq, event, before, after, amount_fen, deadline, at, reason, about, digest)
    ON policy_match_firm.case_event TO policy_match_firm;
GRANT SELECT (objection_id, case_id, ground, due, at) ON policy_match_firm.objection TO policy_match_firm;
GRANT SELECT (account_id, uscc, purpose, holder, tail, bank_code, source, at) ON policy_match_firm.payee_account
    TO policy_match_firm;
GRANT SELECT (notice_id, seq) ON policy_match_firm.notice_event TO policy_match_firm;
GRANT SELECT (delivery_id, seq) ON policy_match_firm.delivery_event TO policy_match_firm;


-- What a firm adds ------------------------------------------------------------------------------------------------------

GRANT INSERT ON policy_match_firm.case_event, policy_match_firm.decline_reason, policy_match_firm.objection,
    policy_match_firm.appeal, policy_match_firm.payee_account, policy_match_firm.notice_event,
    policy_match_firm.delivery_event, policy_match_firm.channel_preference, policy_match_firm.suggestion
    TO policy_match_firm;

-- In its own name, about what is its own. Asked before any constraint is, so that a key that another firm uses is refused
-- like one that nobody uses. The condition is the trigger's argument; rows of the program are not asked about.
CREATE FUNCTION firm_adds_its_own() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    is_own boolean;
BEGIN
    EXECUTE format('SELECT %s FROM (SELECT ($1).*) AS added', TG_ARGV[0]) INTO is_own USING NEW;
    IF is_own IS NOT TRUE THEN
        RAISE EXCEPTION '% takes from a firm only what is its own', TG_TABLE_NAME USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION firm_adds_its_own FROM PUBLIC;
DO $$
DECLARE
    rule text[];
BEGIN
    FOREACH rule SLICE 1 IN ARRAY ARRAY[
        ['case_event', '"by" = ''firm:'' || firm_now() AND event IN (''confirm'', ''decline'', ''reconsider'', ''object'')'
                       ' AND case_id = ANY (firm_cases())'],
        ['decline_reason', 'case_id = ANY (firm_cases())'],
        ['objection', 'lodged_by = ''firm:'' || firm_now() AND case_id = ANY (firm_cases())'],
        ['appeal', 'uscc = firm_now() AND lodged_by = ''firm:'' || firm_now()'],
        ['payee_account', 'uscc = firm_now() AND purpose = ''firm'' AND source = ''firm'''
                          ' AND "by" = ''firm:'' || firm_now()'],
        ['notice_event', '"by" = ''firm:'' || firm_now() AND event = ''reach'' AND notice_id = ANY (firm_notices())'],
        ['delivery_event', 'event = ''read'' AND delivery_id = ANY (firm_messages())'],
        ['channel_preference', 'recipient = ''firm:'' || firm_now() AND "by" = ''firm:'' || firm_now()'],
        ['suggestion', '"by" = ''firm:'' || firm_now()']]
    LOOP
        EXECUTE format('CREATE TRIGGER a_firm_adds_its_own BEFORE INSERT ON %I FOR EACH ROW'
                       ' WHEN (current_user = ''policy_match_firm'') EXECUTE FUNCTION firm_adds_its_own(%L)',
                       rule[1], rule[2]);
    END LOOP;
END $$;

-- The step of a case is signed with the owner's rights where a firm takes it, as it cannot read the table. For millions
-- of steps of the program the function without them is a fifth faster.
CREATE FUNCTION sign_event_of_firm() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    NEW.digest := (SELECT event_digest(NEW, c) FROM benefit_case AS c WHERE c.case_id = NEW.case_id);
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION sign_event_of_firm FROM PUBLIC;
DROP TRIGGER sign ON case_event;
CREATE TRIGGER sign BEFORE INSERT ON case_event FOR EACH ROW
    WHEN (current_user <> 'policy_match_firm') EXECUTE FUNCTION sign_event();
CREATE TRIGGER sign_of_firm BEFORE INSERT ON case_event FOR EACH ROW
    WHEN (current_user = 'policy_match_firm') EXECUTE FUNCTION sign_event_of_firm();


-- What is no firm's -----------------------------------------------------------------------------------------------------

-- Rules and their texts; of a sweep which policies it decided, and no count and no sum of all firms.
GRANT SELECT ON fact_catalogue, rules, policy_version, notice_transition, delivery_transition TO policy_match_firm;
GRANT SELECT (sweep_number, place, version) ON sweep_policy TO policy_match_firm;
