-- Why firms decline, what they suggest, and what a department makes of it: the review of each policy.

SET search_path = policy_match;

CREATE TYPE decline_code AS ENUM ('had_elsewhere', 'too_small', 'conditions', 'wrong_data', 'other');
CREATE TABLE decline_reason (
    case_id bigint NOT NULL,
    seq integer NOT NULL,
    code decline_code NOT NULL,
    PRIMARY KEY (case_id, seq),
    FOREIGN KEY (case_id, seq) REFERENCES case_event
);
COMMENT ON TABLE decline_reason IS 'Which of the few reasons a firm chose when it declined; its own words are those of the step';

CREATE TABLE suggestion (
    suggestion_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy_id text NOT NULL CHECK (policy_id <> ''),
    text text NOT NULL CHECK (btrim(text) <> '' AND length(text) <= 2000),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE suggestion IS 'What a firm, or anybody named, would have different about a policy';
CREATE INDEX suggestion_policy ON suggestion (policy_id, suggestion_id);

CREATE TABLE policy_review (
    review_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy_id text NOT NULL CHECK (policy_id <> ''),
    owner actor NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    found jsonb NOT NULL CHECK (jsonb_typeof(found) = 'array'),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE policy_review IS 'A named person is to say what to make of these signs; they are kept as they were found';
CREATE INDEX policy_review_policy ON policy_review (policy_id, review_id);
CREATE TABLE policy_review_answer (
    review_id bigint PRIMARY KEY REFERENCES policy_review,
    text text NOT NULL CHECK (btrim(text) <> '' AND length(text) <= 4000),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
CREATE TYPE review_outcome AS ENUM ('keep', 'change', 'end');
CREATE TABLE policy_review_decision (
    review_id bigint PRIMARY KEY REFERENCES policy_review_answer,
    outcome review_outcome NOT NULL,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE policy_review_decision IS 'What follows from a review; only one that was answered is decided, and by somebody else';

CREATE FUNCTION check_review_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM policy_review_answer AS a WHERE a.review_id = NEW.review_id AND a.by = NEW."by") THEN
        RAISE EXCEPTION '% answered review %', NEW."by", NEW.review_id USING ERRCODE = 'PM014';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_review_decision BEFORE INSERT ON policy_review_decision
    FOR EACH ROW EXECUTE FUNCTION check_review_decision();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'decline_reason', 'suggestion', 'policy_review', 'policy_review_answer', 'policy_review_decision']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION check_review_decision FROM PUBLIC;
