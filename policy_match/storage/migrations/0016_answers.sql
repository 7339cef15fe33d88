-- What firms ask to have corrected, how they rate what they got, what becomes of what they suggest, and the answers.

SET search_path = policy_match;

CREATE TABLE evidence_file (
    uscc text COLLATE "C" NOT NULL CHECK (uscc <> ''),
    digest digest NOT NULL,
    kind text NOT NULL CHECK (kind IN ('pdf', 'jpeg', 'png')),
    size_bytes integer NOT NULL CHECK (size_bytes > 0),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (uscc, digest)
);
COMMENT ON TABLE evidence_file IS 'Files by which firms prove what they say; each lies below the data directory under its SHA-256';

CREATE TYPE correction_outcome AS ENUM ('accepted', 'refused', 'withdrawn');
CREATE TABLE correction (
    correction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uscc text COLLATE "C" NOT NULL CHECK (uscc <> ''),
    fact text NOT NULL CHECK (fact <> ''),
    record_id text COLLATE "C" NOT NULL,
    case_id bigint REFERENCES benefit_case,
    source text NOT NULL,
    departments text[] NOT NULL,
    claim text NOT NULL CHECK (btrim(claim) <> '' AND length(claim) <= 500),
    reason text NOT NULL CHECK (btrim(reason) <> '' AND length(reason) <= 2000),
    evidence digest NOT NULL,
    due date NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    FOREIGN KEY (uscc, evidence) REFERENCES evidence_file
);
COMMENT ON TABLE correction IS 'A firm says that a fact about it is wrong; no fact is changed by it, only by the registers';
COMMENT ON COLUMN correction.departments IS 'Those that the catalogue named as the source of the fact; one of them answers';
CREATE INDEX correction_uscc ON correction (uscc, correction_id);
CREATE INDEX correction_case ON correction (case_id) WHERE case_id IS NOT NULL;
CREATE TABLE correction_end (
    correction_id bigint PRIMARY KEY REFERENCES correction,
    outcome correction_outcome NOT NULL,
    reason text NOT NULL CHECK (length(reason) <= 2000 AND (outcome = 'withdrawn' OR btrim(reason) <> '')),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    CHECK ((outcome = 'withdrawn') = starts_with(by, 'firm:'))
);
COMMENT ON TABLE correction_end IS 'A department answered, with its reason, or the firm took its request back; once';

CREATE TYPE rating_grade AS ENUM ('very_good', 'good', 'fair', 'bad', 'very_bad');
CREATE TABLE rating (
    case_id bigint PRIMARY KEY REFERENCES benefit_case,
    grade rating_grade NOT NULL,
    text text NOT NULL CHECK (length(text) <= 2000),
    due date CHECK ((due IS NOT NULL) = (grade IN ('bad', 'very_bad'))),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE rating IS 'How a firm rates what it was paid, once; a bad grade is answered by the day that is due';
CREATE INDEX rating_due ON rating (case_id) WHERE due IS NOT NULL;
CREATE TABLE rating_answer (
    case_id bigint PRIMARY KEY REFERENCES rating,
    text text NOT NULL CHECK (btrim(text) <> '' AND length(text) <= 2000),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
CREATE FUNCTION check_rating() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payment_attempt AS a JOIN attempt_state AS s USING (attempt_id)
                    WHERE a.case_id = NEW.case_id AND s.status = 'settled') THEN
        RAISE EXCEPTION 'case % was not paid, so it is not rated', NEW.case_id USING ERRCODE = 'PM010';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_rating BEFORE INSERT ON rating FOR EACH ROW EXECUTE FUNCTION check_rating();

CREATE TYPE suggestion_status AS ENUM ('received', 'reserved', 'taken_up', 'not_taken_up');
CREATE TABLE suggestion_event (
    suggestion_id bigint NOT NULL REFERENCES suggestion,
    seq integer NOT NULL CHECK (seq >= 1),
    before suggestion_status NOT NULL,
    after suggestion_status NOT NULL,
    taken_into text NOT NULL CHECK ((after = 'taken_up') = (taken_into <> '')),
    reason text NOT NULL CHECK (length(reason) <= 2000 AND (after = 'reserved' OR btrim(reason) <> '')),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (suggestion_id, seq),
    CHECK ((before, after) IN (('received', 'reserved'), ('received', 'taken_up'), ('received', 'not_taken_up'),
                               ('reserved', 'taken_up'), ('reserved', 'not_taken_up')))
);
COMMENT ON TABLE suggestion_event IS 'What became of a suggestion: into the reserve list, into a policy, or not, and why';
CREATE FUNCTION check_suggestion_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    IF NEW.before IS DISTINCT FROM (
        CASE NEW.seq WHEN 1 THEN 'received'::suggestion_status
        ELSE (SELECT e.after FROM suggestion_event AS e
               WHERE e.suggestion_id = NEW.suggestion_id AND e.seq = NEW.seq - 1) END) THEN
        RAISE EXCEPTION 'suggestion % is not % at step %', NEW.suggestion_id, NEW.before, NEW.seq - 1
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_suggestion_event BEFORE INSERT ON suggestion_event
    FOR EACH ROW EXECUTE FUNCTION check_suggestion_event();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'evidence_file', 'correction', 'correction_end', 'rating', 'rating_answer', 'suggestion_event']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION check_rating, check_suggestion_event FROM PUBLIC;

-- What a firm sees of them, and adds: as for all its rows (0013).
CREATE FUNCTION firm_corrections() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT coalesce(array_agg(correction_id), '{}') FROM correction WHERE uscc = firm_now()
$$;
REVOKE EXECUTE ON FUNCTION firm_corrections FROM PUBLIC;
GRANT EXECUTE ON FUNCTION firm_corrections TO policy_match_firm;
CREATE VIEW policy_match_firm.evidence_file WITH (security_barrier) AS
SELECT uscc, digest, kind, size_bytes, at, "by" FROM evidence_file WHERE uscc = firm_now();
CREATE VIEW policy_match_firm.correction WITH (security_barrier) AS
SELECT correction_id, uscc, fact, record_id, case_id, source, departments, claim, reason, evidence, due, at, "by"
  FROM correction WHERE uscc = firm_now();
CREATE VIEW policy_match_firm.correction_end WITH (security_barrier) AS
SELECT correction_id, outcome, reason, at, "by"
  FROM correction_end WHERE correction_id = ANY ((SELECT firm_corrections())::bigint[]);
CREATE VIEW policy_match_firm.rating WITH (security_barrier) AS
SELECT case_id, grade, text, due, at, "by" FROM rating WHERE case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.rating_answer WITH (security_barrier) AS
SELECT case_id, text, at FROM rating_answer WHERE case_id = ANY ((SELECT firm_cases())::bigint[]);
CREATE VIEW policy_match_firm.suggestion_event WITH (security_barrier) AS
SELECT e.suggestion_id, e.seq, e.after, e.taken_into, e.reason, e.at
  FROM suggestion AS s JOIN suggestion_event AS e USING (suggestion_id)
 WHERE s."by" = 'firm:' || firm_now();
GRANT SELECT ON policy_match_firm.rating_answer, policy_match_firm.suggestion_event TO policy_match_firm;
GRANT SELECT (uscc, digest, kind, size_bytes, at) ON policy_match_firm.evidence_file TO policy_match_firm;
GRANT SELECT (correction_id, uscc, fact, record_id, case_id, source, departments, claim, reason, evidence, due, at)
    ON policy_match_firm.correction TO policy_match_firm;
GRANT SELECT (correction_id, outcome, reason, at) ON policy_match_firm.correction_end TO policy_match_firm;
GRANT SELECT (case_id, grade, text, due, at) ON policy_match_firm.rating TO policy_match_firm;
GRANT INSERT ON policy_match_firm.evidence_file, policy_match_firm.correction, policy_match_firm.correction_end,
    policy_match_firm.rating TO policy_match_firm;
DO $$
DECLARE
    rule text[];
BEGIN
    FOREACH rule SLICE 1 IN ARRAY ARRAY[
        ['evidence_file', 'uscc = firm_now() AND "by" = ''firm:'' || firm_now()'],
        ['correction', 'uscc = firm_now() AND "by" = ''firm:'' || firm_now()'
                       ' AND (case_id IS NULL OR case_id = ANY (firm_cases()))'],
        ['correction_end', '"by" = ''firm:'' || firm_now() AND outcome = ''withdrawn'''
                           ' AND correction_id = ANY (firm_corrections())'],
        ['rating', '"by" = ''firm:'' || firm_now() AND case_id = ANY (firm_cases())']]
    LOOP
        EXECUTE format('CREATE TRIGGER a_firm_adds_its_own BEFORE INSERT ON %I FOR EACH ROW'
                       ' WHEN (current_user = ''policy_match_firm'') EXECUTE FUNCTION firm_adds_its_own(%L)',
                       rule[1], rule[2]);
    END LOOP;
END $$;
