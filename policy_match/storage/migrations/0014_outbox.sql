-- What other systems are told: each change leaves a row in its own transaction, rows become numbered events, webhooks get them.

SET search_path = policy_match;

CREATE TABLE outbox (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what text COLLATE "C" NOT NULL,
    subject_id bigint NOT NULL,
    part integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE outbox IS 'What changed and has no number yet; written by triggers in the transaction of the change, emptied by publish_events';
COMMENT ON COLUMN outbox.what IS 'What happened, a word of policy_match.events.types: case.confirm, list.sign';
COMMENT ON COLUMN outbox.subject_id IS 'The case, sweep, opening, list or batch';
COMMENT ON COLUMN outbox.part IS 'The step of a case, the stage of a signature, the number of an attempt';

CREATE TABLE published_event (
    number bigint PRIMARY KEY CHECK (number >= 1),
    event_id uuid NOT NULL DEFAULT gen_random_uuid(),
    what text COLLATE "C" NOT NULL,
    subject_id bigint NOT NULL,
    part integer NOT NULL
);
COMMENT ON TABLE published_event IS 'Events in the one order in which everybody gets them, numbered without gaps; ids only, the rest is read by joins';
COMMENT ON COLUMN published_event.event_id IS 'By chance, so that a database that was restored never gives an id twice, as it may a number';

CREATE FUNCTION tell_case_steps() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id, part)
    SELECT 'case.' || a.event, a.case_id, a.seq FROM added AS a ORDER BY a.case_id, a.seq;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON case_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_case_steps();

CREATE FUNCTION tell_sweeps() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id) SELECT 'sweep.keep', a.number FROM added AS a;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON sweep
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_sweeps();

CREATE FUNCTION tell_openings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id) SELECT 'cases.open', a.number FROM added AS a;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON opening
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_openings();

CREATE FUNCTION tell_lists() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id) SELECT 'list.make', a.list_id FROM added AS a ORDER BY a.list_id;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON approval_list
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_lists();

CREATE FUNCTION tell_approvals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id, part)
    SELECT 'list.sign', a.list_id, a.stage FROM added AS a ORDER BY a.list_id, a.stage;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON approval
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_approvals();

CREATE FUNCTION tell_list_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id)
    SELECT CASE a.outcome WHEN 'complete' THEN 'list.complete' WHEN 'rejected' THEN 'list.reject' ELSE 'list.void' END,
           a.list_id
      FROM added AS a ORDER BY a.list_id;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON list_end
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_list_ends();

CREATE FUNCTION tell_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id) SELECT 'batch.make', a.batch_id FROM added AS a ORDER BY a.batch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON payment_batch
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_batches();

CREATE FUNCTION tell_handed_over_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id) SELECT 'batch.hand_over', a.batch_id FROM added AS a ORDER BY a.batch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON batch_handed_over
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_handed_over_batches();

-- Every other step of an attempt is told by a step of its case, or by its batch.
CREATE FUNCTION tell_lost_attempts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO outbox (what, subject_id, part)
    SELECT 'attempt.lose', p.case_id, p.number
      FROM added AS a JOIN payment_attempt AS p USING (attempt_id)
     WHERE a.event = 'lose' ORDER BY p.case_id, p.number;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON attempt_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_lost_attempts();

-- Nobody's place in the outbox is remembered, so what commits late is not passed over: it is there and gets the next number.
-- What rests on something else was written after that was committed: it has the later place, and is never seen without it.
CREATE FUNCTION publish_events(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    published integer;
BEGIN
    PERFORM pg_advisory_xact_lock(1886220152, 0);
    WITH taken AS (
        DELETE FROM outbox WHERE place IN (SELECT o.place FROM outbox AS o ORDER BY o.place LIMIT most) RETURNING *)
    INSERT INTO published_event (number, what, subject_id, part)
    SELECT (SELECT coalesce(max(number), 0) FROM published_event) + row_number() OVER (ORDER BY t.place),
           t.what, t.subject_id, t.part
      FROM taken AS t;
    GET DIAGNOSTICS published = ROW_COUNT;
    RETURN published;
END $$;
COMMENT ON FUNCTION publish_events IS 'Give numbers to what changed, the earliest first; one at a time for everybody';


CREATE TYPE webhook_status AS ENUM ('active', 'paused', 'removed');
CREATE TYPE webhook_step AS ENUM (
    'deliver', 'fail', 'give_up', 'pass', 'pause', 'resume', 'remove', 'subscribe', 'rewind', 'rotate', 'ask', 'ping');

CREATE TABLE webhook_transition (
    before webhook_status NOT NULL,
    event webhook_step NOT NULL,
    after webhook_status NOT NULL,
    PRIMARY KEY (before, event)
);
COMMENT ON TABLE webhook_transition IS 'Generated from policy_match.events.webhooks; a test compares them';
INSERT INTO webhook_transition (before, event, after) VALUES
    ('active', 'deliver', 'active'),
    ('active', 'fail', 'active'),
    ('active', 'pass', 'active'),
    ('active', 'subscribe', 'active'),
    ('active', 'rewind', 'active'),
    ('active', 'rotate', 'active'),
    ('active', 'ask', 'active'),
    ('active', 'ping', 'active'),
    ('paused', 'deliver', 'paused'),
    ('paused', 'fail', 'paused'),
    ('paused', 'subscribe', 'paused'),
    ('paused', 'rewind', 'paused'),
    ('paused', 'rotate', 'paused'),
    ('paused', 'ask', 'paused'),
    ('paused', 'ping', 'paused'),
    ('active', 'give_up', 'paused'),
    ('paused', 'give_up', 'paused'),
    ('active', 'pause', 'paused'),
    ('paused', 'resume', 'active'),
    ('active', 'remove', 'removed'),
    ('paused', 'remove', 'removed');

CREATE TABLE webhook (
    webhook_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url text NOT NULL CHECK (url ~ '^https?://[!-~]+$' AND url !~ '[?#@]'),
    kinds text[] CHECK (cardinality(kinds) > 0 AND array_position(kinds, NULL) IS NULL),
    begins_after bigint NOT NULL CHECK (begins_after >= 0),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE webhook IS 'Where another system is told of events';
COMMENT ON COLUMN webhook.kinds IS 'What it is told of at first; null is everything, also what comes to exist later';

CREATE TABLE webhook_secret (
    webhook_id integer NOT NULL REFERENCES webhook,
    number integer NOT NULL CHECK (number >= 1),
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (webhook_id, number)
);
COMMENT ON TABLE webhook_secret IS 'What signs, encrypted; the highest number is in use, the one before it for a while yet';

CREATE TABLE webhook_state (
    webhook_id integer PRIMARY KEY REFERENCES webhook,
    status webhook_status NOT NULL,
    seq integer NOT NULL,
    kinds text[],
    sent_to bigint NOT NULL,
    failures integer NOT NULL,
    due_at timestamptz,
    ping integer,
    since timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE webhook_state IS 'Where each webhook is; written by triggers only, and always what its events add up to';
COMMENT ON COLUMN webhook_state.sent_to IS 'The number of the last event that it has or need not have';
COMMENT ON COLUMN webhook_state.failures IS 'How often the next event was tried in vain';
COMMENT ON COLUMN webhook_state.ping IS 'The step that asked for a test message that was not sent yet';

CREATE TABLE webhook_event (
    webhook_id integer NOT NULL REFERENCES webhook,
    seq integer NOT NULL CHECK (seq >= 1),
    event webhook_step NOT NULL,
    before webhook_status NOT NULL,
    after webhook_status NOT NULL,
    number bigint CHECK (number >= 0),
    status smallint CHECK (status BETWEEN 100 AND 999),
    milliseconds integer CHECK (milliseconds >= 0),
    code text NOT NULL DEFAULT '',
    kinds text[] CHECK (cardinality(kinds) > 0 AND array_position(kinds, NULL) IS NULL),
    due_at timestamptz,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (webhook_id, seq),
    CONSTRAINT what_was_sent_took_time CHECK (
        (event IN ('deliver', 'fail', 'give_up', 'ping')) = (milliseconds IS NOT NULL)),
    CONSTRAINT places_are_named CHECK (
        (event IN ('deliver', 'fail', 'give_up', 'pass', 'rewind')) = (number IS NOT NULL)),
    CONSTRAINT what_failed_has_its_next_try CHECK ((event = 'fail') = (due_at IS NOT NULL))
);
COMMENT ON TABLE webhook_event IS 'Every try, and everything that somebody did to a webhook';
COMMENT ON COLUMN webhook_event.number IS 'The event that was sent; of pass and rewind, up to which one it counts as sent';
COMMENT ON COLUMN webhook_event.code IS 'How a try ended, a word of policy_match.events.delivery; nothing of the answer is kept';

CREATE FUNCTION begin_webhook() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO webhook_state (webhook_id, status, seq, kinds, sent_to, failures, since)
    VALUES (NEW.webhook_id, 'active', 0, NEW.kinds, NEW.begins_after, 0, NEW.at);
    RETURN NULL;
END $$;
CREATE TRIGGER begin_webhook AFTER INSERT ON webhook FOR EACH ROW EXECUTE FUNCTION begin_webhook();

CREATE FUNCTION move_webhook() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    UPDATE webhook_state AS s
       SET status = NEW.after,
           seq = NEW.seq,
           kinds = CASE NEW.event WHEN 'subscribe' THEN NEW.kinds ELSE s.kinds END,
           sent_to = CASE WHEN NEW.event IN ('deliver', 'pass', 'rewind') THEN NEW.number ELSE s.sent_to END,
           failures = CASE WHEN NEW.event IN ('fail', 'give_up') THEN s.failures + 1
                           WHEN NEW.event IN ('deliver', 'pass', 'resume', 'rewind') THEN 0
                           ELSE s.failures END,
           due_at = CASE WHEN NEW.event = 'fail' THEN NEW.due_at
                         WHEN NEW.event IN ('deliver', 'pass', 'give_up', 'resume', 'rewind') THEN NULL
                         ELSE s.due_at END,
           ping = CASE NEW.event WHEN 'ask' THEN NEW.seq WHEN 'ping' THEN NULL ELSE s.ping END,
           since = CASE WHEN s.status = NEW.after THEN s.since ELSE NEW.at END
      FROM webhook_transition AS t
     WHERE s.webhook_id = NEW.webhook_id AND s.seq = NEW.seq - 1 AND s.status = NEW.before
       AND t.before = NEW.before AND t.event = NEW.event AND t.after = NEW.after;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'webhook % cannot % when % at step %', NEW.webhook_id, NEW.event, NEW.before, NEW.seq - 1
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_webhook AFTER INSERT ON webhook_event FOR EACH ROW EXECUTE FUNCTION move_webhook();

CREATE FUNCTION hold_webhook(wanted integer) RETURNS SETOF integer
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT webhook_id FROM webhook_state WHERE webhook_id = wanted FOR UPDATE
$$;
COMMENT ON FUNCTION hold_webhook IS 'Let nobody else move a webhook until the end of the transaction';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'published_event', 'webhook_transition', 'webhook', 'webhook_secret', 'webhook_event']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END $$;
GRANT SELECT ON outbox, published_event, webhook_transition, webhook_state TO policy_match_app;
GRANT SELECT, INSERT ON webhook, webhook_secret, webhook_event TO policy_match_app;
REVOKE EXECUTE ON FUNCTION tell_case_steps, tell_sweeps, tell_openings, tell_lists, tell_approvals, tell_list_ends,
    tell_batches, tell_handed_over_batches, tell_lost_attempts, publish_events, begin_webhook, move_webhook, hold_webhook
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION publish_events, hold_webhook TO policy_match_app;
