-- Every change that was asked for over the web: who, what, when, and the answer, so that a repetition changes nothing.

SET search_path = policy_match;

CREATE TABLE action (
    action_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id uuid NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    account text NOT NULL DEFAULT '',
    operation text NOT NULL CHECK (operation <> ''),
    path text NOT NULL CHECK (path LIKE '/%'),
    status smallint NOT NULL CHECK (status BETWEEN 200 AND 499),
    key text CHECK (key ~ '^[!-~]{1,255}$'),
    request_digest bytea CHECK (octet_length(request_digest) = 32),
    CONSTRAINT what_has_a_key_says_what_was_asked CHECK ((key IS NULL) = (request_digest IS NULL)),
    UNIQUE (by, account, key)
);
COMMENT ON TABLE action IS 'What was done over the web, and what staff tried and may not; never changed';
COMMENT ON COLUMN action.account IS 'The person who acted for a firm; by names the firm';
COMMENT ON COLUMN action.key IS 'The Idempotency-Key; of one principal it stands for one request for ever';
CREATE INDEX action_at ON action (at);

CREATE TABLE kept_answer (
    action_id bigint PRIMARY KEY REFERENCES action,
    location text NOT NULL DEFAULT '',
    body bytea NOT NULL
);
COMMENT ON TABLE kept_answer IS 'Answers for those who ask the same again; forgotten after some days. Answers with secrets are not kept';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON action
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON action, kept_answer TO policy_match_app;

CREATE FUNCTION forget_answers(before timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM kept_answer AS k
     WHERE k.action_id IN (SELECT a.action_id FROM action AS a JOIN kept_answer USING (action_id)
                            WHERE a.at < before ORDER BY a.action_id LIMIT most);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;
COMMENT ON FUNCTION forget_answers IS 'Forget answers that are older; what was done stays';
REVOKE EXECUTE ON FUNCTION forget_answers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_answers TO policy_match_app;
