-- Supervision: which stage each case waits in, when a stage turned yellow and red, who was told, and orders to act.
--
-- Guarantees that what was said of a delay is never changed or removed, and that nobody answers his own order.

SET search_path = policy_match;

-- Stages ----------------------------------------------------------------------------------------------------------------

CREATE TYPE case_stage AS ENUM (
    'notify', 'answer', 'window_end', 'review', 'budget', 'approval', 'publish', 'publicity', 'objection', 'order',
    'send', 'bank', 'correction', 'closing', 'contract', 'performance', 'recovery');
CREATE TYPE stage_colour AS ENUM ('yellow', 'red');
COMMENT ON TYPE stage_colour IS 'What a stage turns; a stage that is neither is blue';

CREATE TABLE stage_rule (
    route case_route NOT NULL,
    status case_status NOT NULL,
    waits_for case_stage NOT NULL,
    then_for case_stage NOT NULL,
    ends_without_money boolean NOT NULL,
    PRIMARY KEY (route, status)
);
COMMENT ON TABLE stage_rule IS 'Generated from policy_match.supervision.stages; a test compares them. A case that no rule knows waits for nothing';

-- What is still open is found without walking through years of closed cases.
CREATE INDEX case_state_open ON case_state (case_id)
    WHERE status NOT IN ('closed', 'declined', 'waived', 'withdrawn', 'rejected', 'recovered');

-- Inlined into the queries that use it, so that their conditions reach the indexes; OFFSET 0 keeps the look-ups of a case
-- from being made once for each use of their result. A test compares it, case by case, with a slow and obvious one.
CREATE FUNCTION case_stages(today date) RETURNS TABLE (
    case_id bigint, seq integer, policy_id text, version digest, uscc text, amount_fen fen, stage case_stage,
    started_on date)
LANGUAGE sql STABLE AS $$
    SELECT s.case_id, s.seq, s.policy_id, c.version, s.uscc, s.amount_fen,
           CASE WHEN p.passed_on IS NULL THEN r.waits_for ELSE r.then_for END,
           greatest(coalesce(p.passed_on, (s.since AT TIME ZONE 'Asia/Shanghai')::date), c.due_from)
      FROM policy_match.case_state AS s
      JOIN policy_match.stage_rule AS r ON r.route = s.route AND r.status = s.status
      JOIN policy_match.benefit_case AS c ON c.case_id = s.case_id
      JOIN policy_match.opening_policy AS o ON o.opening = c.opening AND o.place = c.place
     CROSS JOIN LATERAL (SELECT CASE s.status
           WHEN 'notified' THEN CASE WHEN s.deadline < today THEN s.deadline END
           WHEN 'published' THEN CASE WHEN s.deadline < today THEN s.deadline END
           WHEN 'approved' THEN CASE WHEN o.publicity_days = 0
                                     THEN (s.since AT TIME ZONE 'Asia/Shanghai')::date END
           WHEN 'reviewed' THEN CASE WHEN s.amount_fen = 0 THEN (s.since AT TIME ZONE 'Asia/Shanghai')::date ELSE (
                SELECT (n.at AT TIME ZONE 'Asia/Shanghai')::date
                  FROM policy_match.case_allocation AS a
                  JOIN policy_match.allocation AS n ON n.number = a.allocation
                 WHERE a.case_id = s.case_id AND a.seq = s.seq AND a.granted_fen > 0
                   AND n.year >= extract(year FROM today)
                 ORDER BY a.allocation DESC LIMIT 1) END
           WHEN 'ordered' THEN (
                SELECT (e.at AT TIME ZONE 'Asia/Shanghai')::date
                  FROM policy_match.attempt_state AS t
                  JOIN policy_match.attempt_event AS e ON e.attempt_id = t.attempt_id AND e.event = 'send'
                 WHERE t.case_id = s.case_id AND t.status NOT IN ('rejected', 'returned'))
           END AS passed_on OFFSET 0) AS p
     WHERE s.status NOT IN ('closed', 'declined', 'waived', 'withdrawn', 'rejected', 'recovered')
       AND NOT (r.ends_without_money AND s.amount_fen = 0 AND p.passed_on IS NOT NULL)
$$;
COMMENT ON FUNCTION case_stages IS 'Every case with which something is still to be done, the stage in which it waits on a day, and the day in China on which the stage began';

CREATE TABLE supervised_version (
    version digest PRIMARY KEY REFERENCES policy_version,
    policy_id text NOT NULL,
    department text NOT NULL CHECK (department <> ''),
    title text NOT NULL,
    title_en text NOT NULL,
    own_limits jsonb NOT NULL CHECK (jsonb_typeof(own_limits) = 'object')
);
COMMENT ON TABLE supervised_version IS 'What supervision reads of a version, once, from its text: working days by stage where the policy says them';

CREATE TABLE stage_mark (
    case_id bigint NOT NULL,
    seq integer NOT NULL,
    stage case_stage NOT NULL,
    colour stage_colour NOT NULL,
    unit text NOT NULL,
    started_on date NOT NULL,
    limit_days integer NOT NULL CHECK (limit_days >= 0),
    turned_on date NOT NULL CHECK (turned_on > started_on),
    at timestamptz NOT NULL,
    PRIMARY KEY (case_id, seq, stage, colour)
);
COMMENT ON TABLE stage_mark IS 'That a stage of a case turned yellow or red: once, with the limit and the unit of then';
COMMENT ON COLUMN stage_mark.turned_on IS 'The first day of the colour; at is when it was noticed';


-- Who answers for a unit, and what was told -----------------------------------------------------------------------------

CREATE TABLE duty (
    duty_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit text NOT NULL CHECK (btrim(unit) <> '' AND length(unit) <= 100),
    level integer NOT NULL CHECK (level BETWEEN 1 AND 3),
    person actor NOT NULL,
    granted boolean NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    CONSTRAINT nobody_gives_himself_a_duty CHECK (NOT granted OR person <> by)
);
COMMENT ON TABLE duty IS 'The last row of a unit, a level and a person says whether the person answers for the unit at that level';
CREATE INDEX duty_unit ON duty (unit, level, person, duty_id);

CREATE VIEW duty_held AS
SELECT unit, level, person, granted, at, by
  FROM (SELECT DISTINCT ON (unit, level, person) unit, level, person, granted, at, by
          FROM duty
         ORDER BY unit, level, person, duty_id DESC) AS latest
 WHERE granted;
COMMENT ON VIEW duty_held IS 'Who answers for what now';

CREATE TABLE escalation (
    escalation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit text NOT NULL,
    stage case_stage NOT NULL,
    level integer NOT NULL CHECK (level BETWEEN 1 AND 3),
    day date NOT NULL,
    cases integer NOT NULL CHECK (cases > 0),
    amount_fen fen NOT NULL,
    oldest_on date NOT NULL,
    told text[] NOT NULL CHECK (cardinality(told) > 0),
    at timestamptz NOT NULL
);
COMMENT ON TABLE escalation IS 'What those who hold a level of a unit were told of one stage on one day, as one notice each';
CREATE INDEX escalation_day ON escalation (day, unit);

CREATE TABLE escalated_case (
    case_id bigint NOT NULL,
    seq integer NOT NULL,
    stage case_stage NOT NULL,
    level integer NOT NULL,
    escalation_id bigint NOT NULL REFERENCES escalation,
    started_on date NOT NULL,
    limit_days integer NOT NULL,
    PRIMARY KEY (case_id, seq, stage, level)
);
COMMENT ON TABLE escalated_case IS 'Each case is told once to each level, at each of its stages';
CREATE INDEX escalated_case_escalation ON escalated_case (escalation_id);


-- Orders to act ---------------------------------------------------------------------------------------------------------

CREATE TYPE order_to_act_status AS ENUM ('issued', 'answered', 'sent_back', 'accepted');
CREATE TYPE order_to_act_step AS ENUM ('answer', 'accept', 'send_back');
CREATE TABLE order_to_act_transition (
    before order_to_act_status NOT NULL,
    event order_to_act_step NOT NULL,
    after order_to_act_status NOT NULL,
    PRIMARY KEY (before, event)
);
COMMENT ON TABLE order_to_act_transition IS 'Generated from policy_match.supervision.orders; a test compares them';

CREATE TABLE order_to_act (
    order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit text NOT NULL CHECK (btrim(unit) <> '' AND length(unit) <= 100),
    stage case_stage,
    policy_id text,
    ground text NOT NULL CHECK (btrim(ground) <> ''),
    due date NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE order_to_act IS 'An order from a named person to a department, about a stage, a policy or the cases of order_to_act_case';
CREATE TABLE order_to_act_case (
    order_id bigint NOT NULL REFERENCES order_to_act,
    case_id bigint NOT NULL REFERENCES benefit_case,
    PRIMARY KEY (order_id, case_id)
);
CREATE INDEX order_to_act_case_case ON order_to_act_case (case_id);

CREATE TABLE order_to_act_state (
    order_id bigint PRIMARY KEY REFERENCES order_to_act,
    status order_to_act_status NOT NULL,
    seq integer NOT NULL,
    due date NOT NULL,
    since timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE order_to_act_state IS 'Where each order to act stands; written by triggers only';

CREATE TABLE order_to_act_event (
    order_id bigint NOT NULL REFERENCES order_to_act,
    seq integer NOT NULL CHECK (seq >= 1),
    event order_to_act_step NOT NULL,
    before order_to_act_status NOT NULL,
    after order_to_act_status NOT NULL,
    due date,
    text text NOT NULL CHECK (btrim(text) <> ''),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (order_id, seq),
    CONSTRAINT what_is_sent_back_is_due_again CHECK ((event = 'send_back') = (due IS NOT NULL))
);

CREATE FUNCTION begin_order_to_act() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO order_to_act_state (order_id, status, seq, due, since)
    VALUES (NEW.order_id, 'issued', 0, NEW.due, NEW.at);
    RETURN NULL;
END $$;
CREATE TRIGGER begin_order_to_act AFTER INSERT ON order_to_act FOR EACH ROW EXECUTE FUNCTION begin_order_to_act();

CREATE FUNCTION move_order_to_act() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    issued order_to_act;
BEGIN
    SELECT * INTO issued FROM order_to_act WHERE order_id = NEW.order_id;
    IF (NEW.event = 'answer') = (NEW."by" = issued."by") THEN
        RAISE EXCEPTION 'order to act % was issued by %: who issued it does not answer it, and nobody else decides on the answer',
            NEW.order_id, issued."by" USING ERRCODE = 'PM014';
    END IF;
    IF NEW.event = 'answer'
       AND NOT EXISTS (SELECT FROM duty_held WHERE unit = issued.unit AND person = NEW."by") THEN
        RAISE EXCEPTION '% does not answer for %', NEW."by", issued.unit USING ERRCODE = 'PM013';
    END IF;
    UPDATE order_to_act_state AS s
       SET status = NEW.after, seq = NEW.seq, due = coalesce(NEW.due, s.due), since = NEW.at
      FROM order_to_act_transition AS t
     WHERE s.order_id = NEW.order_id AND s.seq = NEW.seq - 1 AND s.status = NEW.before
       AND t.before = NEW.before AND t.event = NEW.event AND t.after = NEW.after;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'order to act % cannot take step % now: %', NEW.order_id, NEW.seq, NEW.event
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_order_to_act AFTER INSERT ON order_to_act_event FOR EACH ROW EXECUTE FUNCTION move_order_to_act();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'stage_rule', 'supervised_version', 'stage_mark', 'duty', 'escalation', 'escalated_case',
        'order_to_act_transition', 'order_to_act', 'order_to_act_case', 'order_to_act_event']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT ON %I TO policy_match_app', name);
        IF name NOT IN ('stage_rule', 'order_to_act_transition') THEN
            EXECUTE format('GRANT INSERT ON %I TO policy_match_app', name);
        END IF;
    END LOOP;
END $$;
GRANT SELECT ON duty_held, order_to_act_state TO policy_match_app;
REVOKE EXECUTE ON FUNCTION case_stages, begin_order_to_act, move_order_to_act FROM PUBLIC;
GRANT EXECUTE ON FUNCTION case_stages TO policy_match_app;


-- What cases wait for, and what may follow what: made by policy_match.supervision.sql_rules --------------------------------

INSERT INTO stage_rule (route, status, waits_for, then_for, ends_without_money) VALUES
    ('confirm', 'approved', 'publish', 'order', true),
    ('confirm', 'confirmed', 'review', 'review', false),
    ('confirm', 'matched', 'notify', 'notify', false),
    ('confirm', 'notified', 'answer', 'window_end', false),
    ('confirm', 'objected', 'objection', 'objection', false),
    ('confirm', 'ordered', 'send', 'bank', false),
    ('confirm', 'paid', 'closing', 'closing', false),
    ('confirm', 'published', 'publicity', 'order', true),
    ('confirm', 'recovering', 'recovery', 'recovery', false),
    ('confirm', 'returned', 'correction', 'correction', false),
    ('confirm', 'reviewed', 'budget', 'approval', false),
    ('contract', 'approved', 'publish', 'contract', false),
    ('contract', 'confirmed', 'review', 'review', false),
    ('contract', 'contracted', 'performance', 'performance', false),
    ('contract', 'matched', 'notify', 'notify', false),
    ('contract', 'notified', 'answer', 'window_end', false),
    ('contract', 'objected', 'objection', 'objection', false),
    ('contract', 'published', 'publicity', 'contract', false),
    ('contract', 'reviewed', 'approval', 'approval', false),
    ('direct', 'approved', 'publish', 'order', true),
    ('direct', 'matched', 'review', 'review', false),
    ('direct', 'objected', 'objection', 'objection', false),
    ('direct', 'ordered', 'send', 'bank', false),
    ('direct', 'paid', 'closing', 'closing', false),
    ('direct', 'published', 'publicity', 'order', true),
    ('direct', 'recovering', 'recovery', 'recovery', false),
    ('direct', 'returned', 'correction', 'correction', false),
    ('direct', 'reviewed', 'budget', 'approval', false),
    ('inform', 'matched', 'notify', 'notify', false),
    ('inform', 'notified', 'window_end', 'window_end', false),
    ('list_then_collect', 'approved', 'publish', 'notify', true),
    ('list_then_collect', 'confirmed', 'order', 'order', false),
    ('list_then_collect', 'matched', 'review', 'review', false),
    ('list_then_collect', 'notified', 'answer', 'window_end', false),
    ('list_then_collect', 'objected', 'objection', 'objection', false),
    ('list_then_collect', 'ordered', 'send', 'bank', false),
    ('list_then_collect', 'paid', 'closing', 'closing', false),
    ('list_then_collect', 'published', 'publicity', 'notify', true),
    ('list_then_collect', 'recovering', 'recovery', 'recovery', false),
    ('list_then_collect', 'returned', 'correction', 'correction', false),
    ('list_then_collect', 'reviewed', 'budget', 'approval', false);

INSERT INTO order_to_act_transition (before, event, after) VALUES
    ('issued', 'answer', 'answered'),
    ('sent_back', 'answer', 'answered'),
    ('answered', 'accept', 'accepted'),
    ('answered', 'send_back', 'sent_back');
