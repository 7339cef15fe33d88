-- What firms and staff are told: notices, where they are told, every try to reach them, and what providers say of it.
--
-- A notice is written by trigger in the transaction of the step that it tells of, so none can be lost before it exists.

SET search_path = policy_match;

-- The steps that are new in policy_match.cases.transitions ------------------------------------------------------------

INSERT INTO case_transition (route, before, event, after) VALUES
    ('confirm', 'notified', 'extend', 'notified'),
    ('contract', 'notified', 'extend', 'notified'),
    ('list_then_collect', 'notified', 'extend', 'notified');


-- Notices -------------------------------------------------------------------------------------------------------------

CREATE TYPE notice_kind AS ENUM (
    'information', 'confirmation_asked', 'account_asked', 'consent_asked', 'silence_accepted', 'waived', 'rejected',
    'objection', 'objection_dismissed', 'amended', 'withdrawn', 'paid', 'claimed_back', 'account_correction_asked',
    'window_extended', 'reminder', 'escalation', 'order_to_act', 'policy_date', 'budget_cut_off');
CREATE TYPE notice_channel AS ENUM ('inbox', 'email', 'sms', 'wechat_work', 'dingtalk', 'letter');
CREATE TYPE notice_status AS ENUM ('due', 'held', 'open', 'reached', 'unreached', 'overtaken');
CREATE TYPE notice_step AS ENUM ('prepare', 'hold', 'overtake', 'reach', 'fail', 'relapse', 'reopen');
CREATE TYPE delivery_status AS ENUM (
    'waiting', 'sending', 'handed_over', 'delivered', 'read', 'failed', 'bounced', 'unknown', 'unconfirmed',
    'cancelled');
CREATE TYPE delivery_step AS ENUM (
    'send', 'hand_over', 'retry', 'repeat', 'release', 'give_up', 'fail', 'expire', 'cancel', 'deliver', 'read',
    'bounce');
CREATE TYPE notice_language AS ENUM ('zh', 'en');

CREATE TABLE notice_rule (
    route case_route NOT NULL,
    event case_step NOT NULL,
    kind notice_kind NOT NULL,
    PRIMARY KEY (route, event)
);
COMMENT ON TABLE notice_rule IS 'Generated from policy_match.notices.rules; a test compares them';
CREATE TABLE notice_overtaking (
    kind notice_kind NOT NULL,
    event case_step NOT NULL,
    PRIMARY KEY (kind, event)
);
COMMENT ON TABLE notice_overtaking IS 'Which later step makes a notice pointless; from policy_match.notices.overtaking';
CREATE TABLE notice_transition (
    before notice_status NOT NULL,
    event notice_step NOT NULL,
    after notice_status NOT NULL,
    PRIMARY KEY (before, event)
);
CREATE TABLE delivery_transition (
    before delivery_status NOT NULL,
    event delivery_step NOT NULL,
    after delivery_status NOT NULL,
    PRIMARY KEY (before, event)
);
COMMENT ON TABLE notice_transition IS 'Generated from policy_match.notices.transitions; a test compares them';
COMMENT ON TABLE delivery_transition IS 'Generated from policy_match.notices.transitions; a test compares them';

CREATE TABLE notice (
    notice_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient actor NOT NULL,
    kind notice_kind NOT NULL,
    case_id bigint REFERENCES benefit_case,
    seq integer,
    about text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    CONSTRAINT of_a_step_or_of_something_else CHECK (
        (case_id IS NULL) = (seq IS NULL) AND (case_id IS NOT NULL OR about <> ''))
);
COMMENT ON TABLE notice IS 'What somebody is to be told; written in the transaction of what it tells of';
COMMENT ON COLUMN notice.recipient IS 'firm:<credit code>, or the account of a member of staff';
COMMENT ON COLUMN notice.seq IS 'The step of the case that it tells of, or after which it reminds';
COMMENT ON COLUMN notice.about IS 'Which reminder, or what else it is about: 3 days, order:7, policy:…';
CREATE UNIQUE INDEX one_notice_of_a_step ON notice (case_id, seq, kind, about, recipient) WHERE case_id IS NOT NULL;
CREATE UNIQUE INDEX one_notice_of_a_matter ON notice (recipient, kind, about) WHERE case_id IS NULL;
CREATE INDEX notice_recipient ON notice (recipient, notice_id);

CREATE TABLE notice_state (
    notice_id bigint PRIMARY KEY REFERENCES notice,
    status notice_status NOT NULL,
    seq integer NOT NULL,
    since timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE notice_state IS 'How far each notice got; written by triggers only';
CREATE INDEX notice_state_queue ON notice_state (status, notice_id);

CREATE TABLE notice_event (
    notice_id bigint NOT NULL REFERENCES notice,
    seq integer NOT NULL CHECK (seq >= 1),
    event notice_step NOT NULL,
    before notice_status NOT NULL,
    after notice_status NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (notice_id, seq)
);

CREATE FUNCTION begin_notices() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO notice_state (notice_id, status, seq, since) SELECT notice_id, 'due', 0, at FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_notices AFTER INSERT ON notice
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION begin_notices();

-- IS NOT DISTINCT FROM uses no index: with =, and statistics older than the morning's sending, the planner looks for a
-- row among all at the same status.
CREATE FUNCTION move_notices() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    PERFORM FROM notice_state WHERE notice_id IN (SELECT notice_id FROM added) ORDER BY notice_id FOR UPDATE;
    UPDATE notice_state AS s SET status = a.after, seq = a.seq, since = a.at
      FROM added AS a, notice_transition AS t
     WHERE s.notice_id = a.notice_id AND (s.seq, s.status) IS NOT DISTINCT FROM (a.seq - 1, a.before)
       AND t.before = a.before AND t.event = a.event AND t.after = a.after;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        RAISE EXCEPTION '% of % steps of notices are not possible now', wanted - moved, wanted
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_notices AFTER INSERT ON notice_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION move_notices();

-- In the transaction of the step itself, so that no step that the firm should hear of is ever without its notice.
CREATE FUNCTION owe_notices() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO notice (recipient, kind, case_id, seq, at)
    SELECT 'firm:' || c.uscc, r.kind, a.case_id, a.seq, a.at
      FROM added AS a
      JOIN benefit_case AS c USING (case_id)
      JOIN notice_rule AS r ON r.route = c.route AND r.event = a.event
     ORDER BY a.case_id;
    RETURN NULL;
END $$;
CREATE TRIGGER owe_notices AFTER INSERT ON case_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION owe_notices();

CREATE TABLE notice_fields (
    notice_id bigint PRIMARY KEY REFERENCES notice,
    fields jsonb NOT NULL CHECK (jsonb_typeof(fields) = 'object')
);
COMMENT ON TABLE notice_fields IS 'What a notice says that no case says; see policy_match.notices.fields';

CREATE TABLE notice_text (
    notice_id bigint PRIMARY KEY REFERENCES notice,
    language notice_language NOT NULL,
    subject text NOT NULL CHECK (subject <> ''),
    body text NOT NULL CHECK (body <> ''),
    short text NOT NULL CHECK (short <> ''),
    template digest NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE notice_text IS 'What was said, word for word, before any channel was asked; also what the inbox shows';


-- Who is told where ---------------------------------------------------------------------------------------------------

CREATE TABLE contact (
    contact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient actor NOT NULL,
    channel notice_channel NOT NULL CHECK (channel <> 'inbox'),
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    fingerprint text NOT NULL,
    masked text NOT NULL,
    source text NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON COLUMN contact.sealed IS 'The address or number, encrypted; the key is not in the database';
COMMENT ON COLUMN contact.fingerprint IS 'Keyed hash, to find the same address without reading it';
CREATE INDEX contact_recipient ON contact (recipient, channel, contact_id);
CREATE INDEX contact_fingerprint ON contact (fingerprint);

CREATE TABLE channel_preference (
    preference_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient actor NOT NULL,
    channels notice_channel[] NOT NULL,
    language notice_language,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE channel_preference IS 'The order of channels that somebody asked for; the newest row counts';
CREATE INDEX channel_preference_recipient ON channel_preference (recipient, preference_id);

CREATE TABLE suppression (
    suppression_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient actor,
    fingerprint text,
    channel notice_channel CHECK (channel <> 'inbox'),
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    CONSTRAINT of_somebody_or_of_an_address CHECK ((recipient IS NULL) <> (fingerprint IS NULL))
);
COMMENT ON TABLE suppression IS 'Who, or which address, gets nothing through a channel (null: any but the inbox)';
CREATE INDEX suppression_recipient ON suppression (recipient);
CREATE INDEX suppression_fingerprint ON suppression (fingerprint);
CREATE TABLE suppression_lifted (
    suppression_id bigint PRIMARY KEY REFERENCES suppression,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    at timestamptz NOT NULL,
    by actor NOT NULL
);


-- Deliveries ----------------------------------------------------------------------------------------------------------

CREATE TABLE delivery (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id bigint NOT NULL REFERENCES notice,
    number integer NOT NULL CHECK (number >= 1),
    channel notice_channel NOT NULL,
    provider text NOT NULL CHECK (provider <> ''),
    contact_id bigint REFERENCES contact,
    due_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (notice_id, number),
    CONSTRAINT only_the_inbox_needs_no_address CHECK ((channel = 'inbox') = (contact_id IS NULL))
);
COMMENT ON TABLE delivery IS 'One way by which a notice is to reach its recipient; a further try elsewhere is a further row';
CREATE TABLE delivery_state (
    delivery_id bigint PRIMARY KEY REFERENCES delivery,
    notice_id bigint NOT NULL,
    provider text NOT NULL,
    status delivery_status NOT NULL,
    seq integer NOT NULL,
    tries integer NOT NULL,
    repeats integer NOT NULL,
    due_at timestamptz,
    since timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON COLUMN delivery_state.tries IS 'How often it was sent';
COMMENT ON COLUMN delivery_state.repeats IS 'How often it was sent again although it may have arrived: possible duplicates where the channel cannot promise';
COMMENT ON COLUMN delivery_state.due_at IS 'When a waiting delivery may be sent, or a handed-over one should have its receipt';
CREATE INDEX delivery_state_queue ON delivery_state (provider, due_at, delivery_id) WHERE status = 'waiting';
CREATE UNIQUE INDEX one_way_at_a_time ON delivery_state (notice_id)
    WHERE status IN ('waiting', 'sending') AND provider <> 'inbox';
CREATE INDEX delivery_state_status ON delivery_state (status, since);
CREATE INDEX delivery_state_notice ON delivery_state (notice_id);
CREATE INDEX delivery_state_receipt_due ON delivery_state (due_at) WHERE status = 'handed_over' AND due_at IS NOT NULL;
CREATE INDEX delivery_state_repeated ON delivery_state (provider) WHERE repeats > 0;

CREATE TABLE delivery_event (
    delivery_id bigint NOT NULL REFERENCES delivery,
    seq integer NOT NULL CHECK (seq >= 1),
    event delivery_step NOT NULL,
    before delivery_status NOT NULL,
    after delivery_status NOT NULL,
    due_at timestamptz,
    code text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '',
    reference text NOT NULL DEFAULT '',
    provider_at_fault boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL,
    PRIMARY KEY (delivery_id, seq)
);
COMMENT ON COLUMN delivery_event.reference IS 'The provider''s own id of the message, or receipt:<id>';
CREATE INDEX delivery_event_reference ON delivery_event (reference) WHERE reference <> '';
CREATE INDEX delivery_event_at_fault ON delivery_event (at) WHERE provider_at_fault;
CREATE INDEX delivery_event_settled ON delivery_event (delivery_id) WHERE before = 'unknown';

CREATE FUNCTION begin_deliveries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO delivery_state (delivery_id, notice_id, provider, status, seq, tries, repeats, due_at, since)
    SELECT delivery_id, notice_id, provider, 'waiting', 0, 0, 0, due_at, at FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_deliveries AFTER INSERT ON delivery
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION begin_deliveries();

CREATE FUNCTION move_deliveries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    PERFORM FROM delivery_state WHERE delivery_id IN (SELECT delivery_id FROM added) ORDER BY delivery_id FOR UPDATE;
    UPDATE delivery_state AS s
       SET status = a.after, seq = a.seq, due_at = a.due_at, since = a.at,
           tries = s.tries + (a.event = 'send')::integer - (a.event = 'release')::integer,
           repeats = s.repeats + (a.event = 'repeat')::integer
      FROM added AS a, delivery_transition AS t
     WHERE s.delivery_id = a.delivery_id AND (s.seq, s.status) IS NOT DISTINCT FROM (a.seq - 1, a.before)
       AND t.before = a.before AND t.event = a.event AND t.after = a.after;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        RAISE EXCEPTION '% of % steps of deliveries are not possible now', wanted - moved, wanted
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_deliveries AFTER INSERT ON delivery_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION move_deliveries();

-- The program may not update, so it cannot lock by itself: what is taken is locked until its transaction ends, and who
-- asks meanwhile gets the next.
CREATE FUNCTION take_notices(wanted notice_status, after bigint, most integer) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT notice_id FROM notice_state WHERE status = wanted AND notice_id > after
     ORDER BY notice_id LIMIT most FOR UPDATE SKIP LOCKED
$$;
CREATE FUNCTION take_deliveries(of_provider text, up_to timestamptz, most integer) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT delivery_id FROM delivery_state WHERE provider = of_provider AND status = 'waiting' AND due_at <= up_to
     ORDER BY due_at, delivery_id LIMIT most FOR UPDATE SKIP LOCKED
$$;
-- Who moves what it did not take holds it first, deliveries before notices, so that no two wait for each other.
CREATE FUNCTION hold_notices(wanted bigint[]) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT notice_id FROM notice_state WHERE notice_id = ANY(wanted) ORDER BY notice_id FOR UPDATE
$$;
CREATE FUNCTION hold_deliveries(wanted bigint[]) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT delivery_id FROM delivery_state WHERE delivery_id = ANY(wanted) ORDER BY delivery_id FOR UPDATE;
    SELECT notice_id FROM notice_state
     WHERE notice_id IN (SELECT d.notice_id FROM delivery AS d WHERE d.delivery_id = ANY(wanted))
     ORDER BY notice_id FOR UPDATE
$$;

CREATE TYPE receipt_verdict AS ENUM (
    'applied', 'known', 'contradiction', 'no_such_message', 'other_provider', 'forged', 'not_understood');
CREATE TABLE notice_receipt (
    receipt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    content_digest digest NOT NULL,
    number integer NOT NULL CHECK (number >= 0),
    kind text NOT NULL,
    reference text NOT NULL DEFAULT '',
    delivery_id bigint REFERENCES delivery,
    verdict receipt_verdict NOT NULL,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT each_receipt_once UNIQUE (provider, content_digest, number)
);
COMMENT ON TABLE notice_receipt IS 'Everything that providers said afterwards, believed or not; the content is sealed, as it may hold a number';
COMMENT ON COLUMN notice_receipt.number IS 'From 1 in the order of the content; 0 is a content that was refused as a whole';
COMMENT ON COLUMN notice_receipt.sealed IS 'The whole content, with the first of its receipts; empty with the others';
CREATE INDEX notice_receipt_unmatched ON notice_receipt (at) WHERE verdict = 'no_such_message';

CREATE TABLE provider_demotion (
    demotion_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    until timestamptz NOT NULL,
    failures integer NOT NULL CHECK (failures > 0),
    outcomes integer NOT NULL CHECK (outcomes >= failures),
    at timestamptz NOT NULL,
    CONSTRAINT it_ends CHECK (until > at)
);
COMMENT ON TABLE provider_demotion IS 'Of its last outcomes so many were the provider''s fault: until then others come first';
CREATE INDEX provider_demotion_provider ON provider_demotion (provider, until);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'notice_rule', 'notice_overtaking', 'notice_transition', 'delivery_transition', 'notice', 'notice_event',
        'notice_fields', 'notice_text', 'contact', 'channel_preference', 'suppression', 'suppression_lifted',
        'delivery', 'delivery_event', 'notice_receipt', 'provider_demotion']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT ON %I TO policy_match_app', name);
        IF name NOT IN ('notice_rule', 'notice_overtaking', 'notice_transition', 'delivery_transition') THEN
            EXECUTE format('GRANT INSERT ON %I TO policy_match_app', name);
        END IF;
    END LOOP;
END $$;
GRANT SELECT ON notice_state, delivery_state TO policy_match_app;
REVOKE EXECUTE ON FUNCTION begin_notices, move_notices, owe_notices, begin_deliveries, move_deliveries, take_notices,
    take_deliveries, hold_notices, hold_deliveries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_notices, take_deliveries, hold_notices, hold_deliveries TO policy_match_app;


-- What may follow what, and what is told: made by policy_match.notices.sql_rules ---------------------------------------

INSERT INTO notice_rule (route, event, kind) VALUES
    ('confirm', 'accept_silence', 'silence_accepted'),
    ('confirm', 'amend', 'amended'),
    ('confirm', 'bounce', 'account_correction_asked'),
    ('confirm', 'claim_back', 'claimed_back'),
    ('confirm', 'dismiss', 'objection_dismissed'),
    ('confirm', 'extend', 'window_extended'),
    ('confirm', 'lapse', 'waived'),
    ('confirm', 'notify', 'confirmation_asked'),
    ('confirm', 'object', 'objection'),
    ('confirm', 'reject', 'rejected'),
    ('confirm', 'settle', 'paid'),
    ('confirm', 'uphold', 'withdrawn'),
    ('confirm', 'withdraw', 'withdrawn'),
    ('contract', 'amend', 'amended'),
    ('contract', 'dismiss', 'objection_dismissed'),
    ('contract', 'extend', 'window_extended'),
    ('contract', 'lapse', 'waived'),
    ('contract', 'notify', 'consent_asked'),
    ('contract', 'object', 'objection'),
    ('contract', 'reject', 'rejected'),
    ('contract', 'uphold', 'withdrawn'),
    ('contract', 'withdraw', 'withdrawn'),
    ('direct', 'amend', 'amended'),
    ('direct', 'bounce', 'account_correction_asked'),
    ('direct', 'claim_back', 'claimed_back'),
    ('direct', 'dismiss', 'objection_dismissed'),
    ('direct', 'object', 'objection'),
    ('direct', 'reject', 'rejected'),
    ('direct', 'settle', 'paid'),
    ('direct', 'uphold', 'withdrawn'),
    ('direct', 'withdraw', 'withdrawn'),
    ('inform', 'notify', 'information'),
    ('inform', 'withdraw', 'withdrawn'),
    ('list_then_collect', 'amend', 'amended'),
    ('list_then_collect', 'bounce', 'account_correction_asked'),
    ('list_then_collect', 'claim_back', 'claimed_back'),
    ('list_then_collect', 'dismiss', 'objection_dismissed'),
    ('list_then_collect', 'extend', 'window_extended'),
    ('list_then_collect', 'lapse', 'waived'),
    ('list_then_collect', 'notify', 'account_asked'),
    ('list_then_collect', 'object', 'objection'),
    ('list_then_collect', 'reject', 'rejected'),
    ('list_then_collect', 'settle', 'paid'),
    ('list_then_collect', 'uphold', 'withdrawn'),
    ('list_then_collect', 'withdraw', 'withdrawn');
INSERT INTO notice_overtaking (kind, event) VALUES
    ('information', 'withdraw'),
    ('confirmation_asked', 'accept_silence'),
    ('confirmation_asked', 'amend'),
    ('confirmation_asked', 'approve'),
    ('confirmation_asked', 'bounce'),
    ('confirmation_asked', 'claim_back'),
    ('confirmation_asked', 'close'),
    ('confirmation_asked', 'confirm'),
    ('confirmation_asked', 'contract'),
    ('confirmation_asked', 'correct'),
    ('confirmation_asked', 'decline'),
    ('confirmation_asked', 'dismiss'),
    ('confirmation_asked', 'lapse'),
    ('confirmation_asked', 'notify'),
    ('confirmation_asked', 'object'),
    ('confirmation_asked', 'order'),
    ('confirmation_asked', 'publish'),
    ('confirmation_asked', 'reconsider'),
    ('confirmation_asked', 'recover'),
    ('confirmation_asked', 'reject'),
    ('confirmation_asked', 'requeue'),
    ('confirmation_asked', 'review'),
    ('confirmation_asked', 'settle'),
    ('confirmation_asked', 'uphold'),
    ('confirmation_asked', 'withdraw'),
    ('account_asked', 'accept_silence'),
    ('account_asked', 'amend'),
    ('account_asked', 'approve'),
    ('account_asked', 'bounce'),
    ('account_asked', 'claim_back'),
    ('account_asked', 'close'),
    ('account_asked', 'confirm'),
    ('account_asked', 'contract'),
    ('account_asked', 'correct'),
    ('account_asked', 'decline'),
    ('account_asked', 'dismiss'),
    ('account_asked', 'lapse'),
    ('account_asked', 'notify'),
    ('account_asked', 'object'),
    ('account_asked', 'order'),
    ('account_asked', 'publish'),
    ('account_asked', 'reconsider'),
    ('account_asked', 'recover'),
    ('account_asked', 'reject'),
    ('account_asked', 'requeue'),
    ('account_asked', 'review'),
    ('account_asked', 'settle'),
    ('account_asked', 'uphold'),
    ('account_asked', 'withdraw'),
    ('consent_asked', 'accept_silence'),
    ('consent_asked', 'amend'),
    ('consent_asked', 'approve'),
    ('consent_asked', 'bounce'),
    ('consent_asked', 'claim_back'),
    ('consent_asked', 'close'),
    ('consent_asked', 'confirm'),
    ('consent_asked', 'contract'),
    ('consent_asked', 'correct'),
    ('consent_asked', 'decline'),
    ('consent_asked', 'dismiss'),
    ('consent_asked', 'lapse'),
    ('consent_asked', 'notify'),
    ('consent_asked', 'object'),
    ('consent_asked', 'order'),
    ('consent_asked', 'publish'),
    ('consent_asked', 'reconsider'),
    ('consent_asked', 'recover'),
    ('consent_asked', 'reject'),
    ('consent_asked', 'requeue'),
    ('consent_asked', 'review'),
    ('consent_asked', 'settle'),
    ('consent_asked', 'uphold'),
    ('consent_asked', 'withdraw'),
    ('reminder', 'accept_silence'),
    ('reminder', 'amend'),
    ('reminder', 'approve'),
    ('reminder', 'bounce'),
    ('reminder', 'claim_back'),
    ('reminder', 'close'),
    ('reminder', 'confirm'),
    ('reminder', 'contract'),
    ('reminder', 'correct'),
    ('reminder', 'decline'),
    ('reminder', 'dismiss'),
    ('reminder', 'extend'),
    ('reminder', 'lapse'),
    ('reminder', 'notify'),
    ('reminder', 'object'),
    ('reminder', 'order'),
    ('reminder', 'publish'),
    ('reminder', 'reconsider'),
    ('reminder', 'recover'),
    ('reminder', 'reject'),
    ('reminder', 'requeue'),
    ('reminder', 'review'),
    ('reminder', 'settle'),
    ('reminder', 'uphold'),
    ('reminder', 'withdraw'),
    ('window_extended', 'accept_silence'),
    ('window_extended', 'amend'),
    ('window_extended', 'approve'),
    ('window_extended', 'bounce'),
    ('window_extended', 'claim_back'),
    ('window_extended', 'close'),
    ('window_extended', 'confirm'),
    ('window_extended', 'contract'),
    ('window_extended', 'correct'),
    ('window_extended', 'decline'),
    ('window_extended', 'dismiss'),
    ('window_extended', 'extend'),
    ('window_extended', 'lapse'),
    ('window_extended', 'notify'),
    ('window_extended', 'object'),
    ('window_extended', 'order'),
    ('window_extended', 'publish'),
    ('window_extended', 'reconsider'),
    ('window_extended', 'recover'),
    ('window_extended', 'reject'),
    ('window_extended', 'requeue'),
    ('window_extended', 'review'),
    ('window_extended', 'settle'),
    ('window_extended', 'uphold'),
    ('window_extended', 'withdraw'),
    ('silence_accepted', 'reject'),
    ('silence_accepted', 'uphold'),
    ('silence_accepted', 'withdraw'),
    ('objection', 'accept_silence'),
    ('objection', 'amend'),
    ('objection', 'approve'),
    ('objection', 'bounce'),
    ('objection', 'claim_back'),
    ('objection', 'close'),
    ('objection', 'confirm'),
    ('objection', 'contract'),
    ('objection', 'correct'),
    ('objection', 'decline'),
    ('objection', 'dismiss'),
    ('objection', 'extend'),
    ('objection', 'lapse'),
    ('objection', 'notify'),
    ('objection', 'object'),
    ('objection', 'order'),
    ('objection', 'publish'),
    ('objection', 'reconsider'),
    ('objection', 'recover'),
    ('objection', 'reject'),
    ('objection', 'requeue'),
    ('objection', 'review'),
    ('objection', 'settle'),
    ('objection', 'uphold'),
    ('objection', 'withdraw'),
    ('objection_dismissed', 'amend'),
    ('objection_dismissed', 'reject'),
    ('objection_dismissed', 'uphold'),
    ('objection_dismissed', 'withdraw'),
    ('amended', 'amend'),
    ('amended', 'reject'),
    ('amended', 'uphold'),
    ('amended', 'withdraw'),
    ('account_correction_asked', 'accept_silence'),
    ('account_correction_asked', 'amend'),
    ('account_correction_asked', 'approve'),
    ('account_correction_asked', 'bounce'),
    ('account_correction_asked', 'claim_back'),
    ('account_correction_asked', 'close'),
    ('account_correction_asked', 'confirm'),
    ('account_correction_asked', 'contract'),
    ('account_correction_asked', 'correct'),
    ('account_correction_asked', 'decline'),
    ('account_correction_asked', 'dismiss'),
    ('account_correction_asked', 'extend'),
    ('account_correction_asked', 'lapse'),
    ('account_correction_asked', 'notify'),
    ('account_correction_asked', 'object'),
    ('account_correction_asked', 'order'),
    ('account_correction_asked', 'publish'),
    ('account_correction_asked', 'reconsider'),
    ('account_correction_asked', 'recover'),
    ('account_correction_asked', 'reject'),
    ('account_correction_asked', 'requeue'),
    ('account_correction_asked', 'review'),
    ('account_correction_asked', 'settle'),
    ('account_correction_asked', 'uphold'),
    ('account_correction_asked', 'withdraw'),
    ('paid', 'bounce'),
    ('claimed_back', 'recover');

INSERT INTO notice_transition (before, event, after) VALUES
    ('due', 'prepare', 'open'),
    ('held', 'prepare', 'open'),
    ('due', 'hold', 'held'),
    ('due', 'overtake', 'overtaken'),
    ('held', 'overtake', 'overtaken'),
    ('open', 'overtake', 'overtaken'),
    ('unreached', 'overtake', 'overtaken'),
    ('open', 'reach', 'reached'),
    ('unreached', 'reach', 'reached'),
    ('overtaken', 'reach', 'reached'),
    ('open', 'fail', 'unreached'),
    ('reached', 'relapse', 'open'),
    ('unreached', 'reopen', 'open');
INSERT INTO delivery_transition (before, event, after) VALUES
    ('waiting', 'send', 'sending'),
    ('waiting', 'cancel', 'cancelled'),
    ('sending', 'hand_over', 'handed_over'),
    ('sending', 'retry', 'waiting'),
    ('sending', 'repeat', 'waiting'),
    ('sending', 'release', 'waiting'),
    ('sending', 'give_up', 'unknown'),
    ('waiting', 'fail', 'failed'),
    ('sending', 'fail', 'failed'),
    ('unknown', 'fail', 'failed'),
    ('handed_over', 'expire', 'unconfirmed'),
    ('waiting', 'deliver', 'delivered'),
    ('sending', 'deliver', 'delivered'),
    ('handed_over', 'deliver', 'delivered'),
    ('unknown', 'deliver', 'delivered'),
    ('unconfirmed', 'deliver', 'delivered'),
    ('waiting', 'read', 'read'),
    ('sending', 'read', 'read'),
    ('handed_over', 'read', 'read'),
    ('delivered', 'read', 'read'),
    ('unknown', 'read', 'read'),
    ('unconfirmed', 'read', 'read'),
    ('waiting', 'bounce', 'bounced'),
    ('sending', 'bounce', 'bounced'),
    ('handed_over', 'bounce', 'bounced'),
    ('delivered', 'bounce', 'bounced'),
    ('unknown', 'bounce', 'bounced'),
    ('unconfirmed', 'bounce', 'bounced');
