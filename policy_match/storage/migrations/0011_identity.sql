-- Who may sign in and how, sessions, users of firms, tokens of other systems, and how far a role goes.

SET search_path = policy_match;

ALTER TABLE role_grant
    ADD COLUMN department text NOT NULL DEFAULT '',
    ADD COLUMN jurisdiction text NOT NULL DEFAULT '';
COMMENT ON TABLE role_grant IS 'The last row of a person, a role and its reach says whether the person holds it there';
COMMENT ON COLUMN role_grant.department IS 'Empty for every department';
COMMENT ON COLUMN role_grant.jurisdiction IS 'Covers every jurisdiction that begins so; empty for all';

CREATE FUNCTION role_reaches(who text, what text, to_department text, to_jurisdiction text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = policy_match, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM (SELECT DISTINCT ON (department, jurisdiction) department, jurisdiction, granted
                       FROM role_grant
                      WHERE person = who AND role = what
                      ORDER BY department, jurisdiction, grant_id DESC) AS latest
         WHERE granted AND department IN ('', to_department) AND starts_with(to_jurisdiction, jurisdiction))
$$;
COMMENT ON FUNCTION role_reaches IS 'Whether a person holds a role now for the policies of a department and jurisdiction';

CREATE FUNCTION role_reaches_list(who text, what text, list integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = policy_match, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT FROM (SELECT DISTINCT c.version
                       FROM listed_case AS l JOIN benefit_case AS c USING (case_id)
                      WHERE l.list_id = list) AS used
          JOIN policy_version AS v ON v.fingerprint = used.version
         WHERE NOT role_reaches(who, what, coalesce(v.canonical::jsonb #>> '{policy,department}', ''),
                                coalesce(v.canonical::jsonb #>> '{policy,jurisdiction}', '')))
$$;
COMMENT ON FUNCTION role_reaches_list IS 'Whether a person holds a role now for every policy version of a list';

CREATE OR REPLACE FUNCTION check_approval() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    conflict bigint;
BEGIN
    IF (SELECT digest FROM approval_list WHERE list_id = NEW.list_id) <> NEW.digest THEN
        RAISE EXCEPTION 'list % has another digest', NEW.list_id USING ERRCODE = 'PM012';
    END IF;
    IF EXISTS (SELECT FROM list_end WHERE list_id = NEW.list_id) THEN
        RAISE EXCEPTION 'list % is decided', NEW.list_id USING ERRCODE = 'PM012';
    END IF;
    IF NOT role_reaches_list(NEW.person, NEW.role, NEW.list_id) THEN
        RAISE EXCEPTION '% does not hold the role %', NEW.person, NEW.role USING ERRCODE = 'PM013';
    END IF;
    SELECT l.case_id INTO conflict
      FROM listed_case AS l
     WHERE l.list_id = NEW.list_id
       AND (EXISTS (SELECT FROM listed_case AS o JOIN approval AS a USING (list_id)
                     WHERE o.case_id = l.case_id AND a.person = NEW.person AND a.stage <> NEW.stage)
            OR EXISTS (SELECT FROM objection AS j JOIN objection_answer AS w USING (objection_id)
                        WHERE j.case_id = l.case_id AND w.by = NEW.person))
     LIMIT 1;
    IF conflict IS NOT NULL THEN
        RAISE EXCEPTION '% has decided case % at another stage', NEW.person, conflict USING ERRCODE = 'PM014';
    END IF;
    RETURN NEW;
END $$;

-- Accounts ------------------------------------------------------------------------------------------------------------

CREATE TYPE account_kind AS ENUM ('staff', 'firm');
CREATE TABLE account (
    account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name actor NOT NULL UNIQUE,
    kind account_kind NOT NULL,
    label text NOT NULL DEFAULT '' CHECK (length(label) <= 100),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE account IS 'A person who may sign in; of staff the name under which steps are kept';

CREATE TYPE account_step AS ENUM ('open', 'close', 'password', 'totp', 'totp_off', 'codes', 'code_used', 'link');
CREATE TABLE account_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    event account_step NOT NULL,
    reason text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE account_event IS 'What happened to an account, without any secret';
CREATE INDEX account_event_account ON account_event (account_id, event_id);

CREATE TABLE account_state (
    account_id bigint PRIMARY KEY REFERENCES account,
    is_open boolean NOT NULL DEFAULT true,
    password_hash text,
    totp_key_id text,
    totp_sealed bytea,
    totp_confirmed boolean NOT NULL DEFAULT false,
    totp_step bigint NOT NULL DEFAULT 0,
    CONSTRAINT a_seal_has_a_key CHECK ((totp_key_id IS NULL) = (totp_sealed IS NULL)),
    CONSTRAINT only_a_secret_is_confirmed CHECK (NOT totp_confirmed OR totp_sealed IS NOT NULL)
);
COMMENT ON TABLE account_state IS 'What an account is signed in with now; old secrets are not kept';
COMMENT ON COLUMN account_state.password_hash IS 'Argon2id in the PHC string format';
COMMENT ON COLUMN account_state.totp_step IS 'The last time step whose code was used; no code is good twice';

CREATE TABLE recovery_code (
    account_id bigint NOT NULL REFERENCES account,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (account_id, digest)
);
COMMENT ON TABLE recovery_code IS 'SHA-256 of each code that is still good';

CREATE FUNCTION begin_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO account_state (account_id) VALUES (NEW.account_id);
    RETURN NULL;
END $$;
CREATE TRIGGER begin_account AFTER INSERT ON account FOR EACH ROW EXECUTE FUNCTION begin_account();

CREATE FUNCTION move_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    UPDATE account_state SET is_open = (NEW.event = 'open') WHERE account_id = NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER move_account AFTER INSERT ON account_event
    FOR EACH ROW WHEN (NEW.event IN ('open', 'close')) EXECUTE FUNCTION move_account();

CREATE FUNCTION keep_password(account bigint, hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    UPDATE account_state SET password_hash = hash WHERE account_id = account
$$;
CREATE FUNCTION keep_totp(account bigint, key_id text, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    UPDATE account_state
       SET totp_key_id = key_id, totp_sealed = sealed, totp_confirmed = false, totp_step = 0
     WHERE account_id = account
$$;
CREATE FUNCTION use_totp_step(account bigint, step bigint, confirms boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    UPDATE account_state
       SET totp_step = step, totp_confirmed = true
     WHERE account_id = account AND totp_sealed IS NOT NULL AND totp_confirmed <> confirms AND totp_step < step;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION use_totp_step IS 'Use up a time step, once, whoever comes at the same moment';
CREATE FUNCTION keep_recovery_codes(account bigint, digests bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    DELETE FROM recovery_code WHERE account_id = account;
    INSERT INTO recovery_code (account_id, digest) SELECT account, unnest(digests)
$$;
CREATE FUNCTION use_recovery_code(account bigint, code bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    DELETE FROM recovery_code WHERE account_id = account AND digest = code;
    RETURN FOUND;
END $$;

CREATE TABLE provider_identity (
    issuer text NOT NULL CHECK (issuer <> ''),
    subject text NOT NULL CHECK (subject <> '' AND length(subject) <= 255),
    account_id bigint NOT NULL REFERENCES account,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (issuer, subject)
);
COMMENT ON TABLE provider_identity IS 'Which account a person of a provider has; issuer and subject together never mean another person';
CREATE INDEX provider_identity_account ON provider_identity (account_id);

CREATE TABLE delegation (
    delegation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uscc text COLLATE "C" NOT NULL CHECK (uscc ~ '^[0-9A-Z]{18}$'),
    account_id bigint NOT NULL REFERENCES account,
    is_owner boolean NOT NULL,
    granted boolean NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE delegation IS 'The last row of a firm and a user says whether he acts for it; an owner says who else does';
CREATE INDEX delegation_account ON delegation (account_id, uscc, delegation_id);
CREATE INDEX delegation_firm ON delegation (uscc, account_id, delegation_id);

-- Sessions ------------------------------------------------------------------------------------------------------------

CREATE TYPE session_wait AS ENUM ('second_factor', 'enrolment', 'firm');
CREATE TYPE session_end AS ENUM ('signed_out', 'renewed', 'ended_by_person', 'ended_by_administrator', 'provider',
                                 'credentials');
CREATE TABLE web_session (
    session_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    account_id bigint NOT NULL REFERENCES account,
    uscc text COLLATE "C",
    provider text NOT NULL DEFAULT '',
    waits_for session_wait,
    began_at timestamptz NOT NULL,
    at timestamptz NOT NULL CHECK (at >= began_at)
);
COMMENT ON TABLE web_session IS 'One id of a session; it gets a new one with every step up';
COMMENT ON COLUMN web_session.digest IS 'SHA-256 of what the cookie holds';
COMMENT ON COLUMN web_session.began_at IS 'The sign-in, through all ids';
CREATE INDEX web_session_account ON web_session (account_id, session_id);

CREATE TABLE web_session_state (
    session_id bigint PRIMARY KEY REFERENCES web_session,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz,
    why session_end,
    provider_session text NOT NULL DEFAULT '',
    key_id text,
    sealed bytea,
    checked_at timestamptz,
    CONSTRAINT an_end_has_a_reason CHECK ((ended_at IS NULL) = (why IS NULL)),
    CONSTRAINT a_seal_has_a_key CHECK ((key_id IS NULL) = (sealed IS NULL))
) WITH (fillfactor = 70);
COMMENT ON COLUMN web_session_state.sealed IS 'The tokens of the provider; forgotten when the session ends';
CREATE INDEX web_session_provider ON web_session_state (provider_session) WHERE provider_session <> '';

CREATE FUNCTION begin_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO web_session_state (session_id, seen_at) VALUES (NEW.session_id, NEW.at);
    RETURN NULL;
END $$;
CREATE TRIGGER begin_session AFTER INSERT ON web_session FOR EACH ROW EXECUTE FUNCTION begin_session();

CREATE FUNCTION see_session(session bigint, moment timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    UPDATE web_session_state SET seen_at = moment
     WHERE session_id = session AND ended_at IS NULL AND seen_at < moment
$$;
CREATE FUNCTION end_sessions(sessions bigint[], moment timestamptz, reason session_end) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    ended integer;
BEGIN
    UPDATE web_session_state
       SET ended_at = moment, why = reason, key_id = NULL, sealed = NULL
     WHERE session_id = ANY (sessions) AND ended_at IS NULL;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;
CREATE FUNCTION keep_session_tokens(session bigint, of_provider text, key text, tokens bytea, moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    UPDATE web_session_state
       SET provider_session = of_provider, key_id = key, sealed = tokens, checked_at = moment
     WHERE session_id = session AND ended_at IS NULL
$$;

CREATE TABLE sign_in_attempt (
    attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_mark text NOT NULL,
    address_mark text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE sign_in_attempt IS 'Every try that was taken, written before it is judged; marks tell nothing without a key';
CREATE INDEX sign_in_attempt_account ON sign_in_attempt (account_mark, at);
CREATE INDEX sign_in_attempt_address ON sign_in_attempt (address_mark, at);
CREATE INDEX sign_in_attempt_at ON sign_in_attempt (at);
CREATE TABLE sign_in_success (
    attempt_id bigint PRIMARY KEY,
    at timestamptz NOT NULL
);
CREATE FUNCTION forget_attempts(before timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    forgotten integer;
BEGIN
    WITH gone AS (
        DELETE FROM sign_in_attempt
         WHERE attempt_id IN (SELECT attempt_id FROM sign_in_attempt WHERE at < before ORDER BY at LIMIT most
                              FOR UPDATE SKIP LOCKED)
        RETURNING attempt_id)
    , told AS (DELETE FROM sign_in_success AS s USING gone WHERE s.attempt_id = gone.attempt_id)
    SELECT count(*) INTO forgotten FROM gone;
    RETURN forgotten;
END $$;
COMMENT ON FUNCTION forget_attempts IS 'Forget tries that are too old to count';

CREATE TABLE provider_request (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    provider text NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE provider_request IS 'A sign-in that was sent to a provider and has not come back; taken out once';
COMMENT ON COLUMN provider_request.digest IS 'SHA-256 of the state that comes back';
CREATE INDEX provider_request_at ON provider_request (at);
CREATE FUNCTION take_provider_request(state bytea) RETURNS SETOF provider_request
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    DELETE FROM provider_request WHERE digest = state RETURNING *
$$;
CREATE FUNCTION forget_provider_requests(before timestamptz, most integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    DELETE FROM provider_request
     WHERE digest IN (SELECT digest FROM provider_request WHERE at < before LIMIT most FOR UPDATE SKIP LOCKED)
$$;
CREATE TABLE provider_log_out (
    issuer text NOT NULL,
    token_id text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (issuer, token_id)
);
COMMENT ON TABLE provider_log_out IS 'Log-out tokens that were carried out; none is good twice';

-- Tokens of other systems ---------------------------------------------------------------------------------------------

CREATE TABLE machine_token (
    token_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name ~ '^[^[:space:]]{1,60}$'),
    prefix text NOT NULL CHECK (prefix <> ''),
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    ends_on date NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE machine_token IS 'What other systems may do; of the token itself only a SHA-256 is kept';
CREATE TABLE machine_token_end (
    token_id bigint PRIMARY KEY REFERENCES machine_token,
    at timestamptz NOT NULL,
    by actor NOT NULL
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'account', 'account_event', 'provider_identity', 'delegation', 'web_session', 'provider_log_out',
        'machine_token', 'machine_token_end']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
GRANT SELECT ON account_state, recovery_code, web_session_state TO policy_match_app;
GRANT SELECT, INSERT ON sign_in_attempt, sign_in_success, provider_request TO policy_match_app;
REVOKE EXECUTE ON FUNCTION role_reaches, role_reaches_list, begin_account, move_account, keep_password, keep_totp,
    use_totp_step, keep_recovery_codes, use_recovery_code, begin_session, see_session, end_sessions,
    keep_session_tokens, forget_attempts, take_provider_request, forget_provider_requests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION role_reaches, role_reaches_list, keep_password, keep_totp, use_totp_step,
    keep_recovery_codes, use_recovery_code, see_session, end_sessions, keep_session_tokens, forget_attempts,
    take_provider_request, forget_provider_requests TO policy_match_app;
