-- From a kept decision to money in the account: entitlements, cases, approvals, budget, ledger, payments, bank files.
--
-- Guarantees, whatever the program does: every event is a row that is never changed or removed; a state table moves only
-- with an event of the transition table, one step at a time; one live case per policy, firm or record, period and
-- instalment; one payment attempt per case that may still move money; no account of a budget line below zero.

SET search_path = policy_match;

CREATE DOMAIN fen AS bigint CHECK (VALUE >= 0 AND VALUE < 1000000000000000000);
COMMENT ON DOMAIN fen IS 'Money in integer fen';
CREATE DOMAIN actor AS text CHECK (btrim(VALUE) <> '' AND length(VALUE) <= 100);
COMMENT ON DOMAIN actor IS 'Who did it: a staff account, firm:<credit code>, or system';


-- Entitlements: what is owed of what was decided --------------------------------------------------------------------

CREATE SEQUENCE opening_number AS integer;
CREATE TABLE opening (
    number integer PRIMARY KEY,
    sweep_number integer NOT NULL REFERENCES sweep,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE opening IS 'One run that turned the eligible decisions of a sweep into cases';

CREATE TYPE case_route AS ENUM ('direct', 'confirm', 'list_then_collect', 'inform', 'contract');
CREATE TYPE silence_rule AS ENUM ('waived', 'accepted');
CREATE TYPE payee_kind AS ENUM ('firm', 'bank', 'utility');
CREATE TYPE allocation_rule AS ENUM ('first_come', 'pro_rata', 'rank');

CREATE TABLE opening_policy (
    opening integer NOT NULL REFERENCES opening,
    place integer NOT NULL,
    sweep_number integer NOT NULL,
    policy_id text NOT NULL,
    version digest NOT NULL REFERENCES policy_version,
    route case_route NOT NULL,
    period text NOT NULL CHECK (period <> ''),
    confirm_days integer NOT NULL CHECK (confirm_days >= 0),
    silence silence_rule NOT NULL,
    publicity_days integer NOT NULL CHECK (publicity_days >= 0),
    recheck_days integer NOT NULL CHECK (recheck_days >= 0),
    payee payee_kind NOT NULL,
    allocation allocation_rule NOT NULL,
    stages jsonb NOT NULL CHECK (jsonb_typeof(stages) = 'array'),
    cost_shares jsonb NOT NULL CHECK (jsonb_typeof(cost_shares) = 'array'),
    PRIMARY KEY (opening, place),
    FOREIGN KEY (sweep_number, place) REFERENCES sweep_policy
);
COMMENT ON COLUMN opening_policy.stages IS 'Approval stages in order: role, count, from_fen';
COMMENT ON COLUMN opening_policy.cost_shares IS 'Budget lines that pay: line, share as decimal text; the shares add up to 1';

CREATE TYPE entitlement_outcome AS ENUM ('owed', 'nothing', 'unknown', 'already_open');
CREATE TABLE entitlement (
    opening integer NOT NULL,
    place integer NOT NULL,
    uscc text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    decided_fen fen NOT NULL,
    entitled_fen fen NOT NULL,
    outcome entitlement_outcome NOT NULL,
    steps jsonb,
    PRIMARY KEY (opening, place, uscc, record_id),
    CONSTRAINT only_what_is_owed_has_an_amount CHECK (outcome IN ('owed', 'already_open') OR entitled_fen = 0),
    CONSTRAINT never_more_than_decided CHECK (entitled_fen <= decided_fen)
);
COMMENT ON COLUMN entitlement.steps IS 'What changed the amount, in order; null when nothing did';

CREATE TABLE entitlement_alternative (
    opening integer NOT NULL REFERENCES opening,
    uscc text COLLATE "C" NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    total_fen fen NOT NULL,
    chosen jsonb NOT NULL,
    PRIMARY KEY (opening, uscc, number)
);
COMMENT ON TABLE entitlement_alternative IS 'Lawful combinations of a firm''s benefits that were not chosen, best first';


-- Cases -------------------------------------------------------------------------------------------------------------

CREATE TYPE case_status AS ENUM (
    'matched', 'notified', 'confirmed', 'reviewed', 'approved', 'published', 'ordered', 'paid', 'closed',
    'declined', 'waived', 'withdrawn', 'rejected', 'objected', 'returned', 'recovering', 'recovered', 'contracted');
CREATE TYPE case_step AS ENUM (
    'notify', 'confirm', 'decline', 'reconsider', 'lapse', 'accept_silence', 'review', 'approve', 'reject', 'publish',
    'object', 'dismiss', 'uphold', 'amend', 'order', 'settle', 'bounce', 'correct', 'requeue', 'close', 'withdraw',
    'contract', 'claim_back', 'recover');

CREATE TABLE case_transition (
    route case_route NOT NULL,
    before case_status NOT NULL,
    event case_step NOT NULL,
    after case_status NOT NULL,
    PRIMARY KEY (route, before, event)
);
COMMENT ON TABLE case_transition IS 'Generated from policy_match.cases.transitions; a test compares them';

CREATE SEQUENCE case_number;
CREATE TABLE benefit_case (
    case_id bigint PRIMARY KEY,
    opening integer NOT NULL,
    place integer NOT NULL,
    policy_id text NOT NULL,
    version digest NOT NULL,
    uscc text COLLATE "C" NOT NULL CHECK (uscc <> ''),
    record_id text COLLATE "C" NOT NULL,
    period text NOT NULL,
    instalment integer NOT NULL CHECK (instalment >= 1),
    instalments integer NOT NULL CHECK (instalments >= instalment),
    route case_route NOT NULL,
    entitled_fen fen NOT NULL,
    due_from date NOT NULL,
    must_still text CHECK (must_still IN ('registered')),
    FOREIGN KEY (opening, place) REFERENCES opening_policy
);
COMMENT ON COLUMN benefit_case.record_id IS 'Empty when the policy decides per firm';
COMMENT ON COLUMN benefit_case.must_still IS 'What a later instalment asks of the firm when it falls due';
CREATE INDEX benefit_case_uscc ON benefit_case (uscc);

CREATE TABLE case_state (
    case_id bigint PRIMARY KEY REFERENCES benefit_case,
    policy_id text NOT NULL,
    uscc text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    period text NOT NULL,
    instalment integer NOT NULL,
    route case_route NOT NULL,
    status case_status NOT NULL,
    seq integer NOT NULL,
    amount_fen fen NOT NULL,
    deadline date,
    since timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE case_state IS 'Where each case is; written by triggers only, and always what its events add up to';
CREATE UNIQUE INDEX one_live_case ON case_state (policy_id, uscc, record_id, period, instalment)
    WHERE status NOT IN ('declined', 'waived', 'withdrawn', 'rejected');
CREATE INDEX case_state_queue ON case_state (status, policy_id, case_id);

CREATE TABLE case_event (
    case_id bigint NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    event case_step NOT NULL,
    before case_status NOT NULL,
    after case_status NOT NULL,
    amount_fen fen,
    deadline date,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    reason text NOT NULL DEFAULT '',
    about text NOT NULL DEFAULT '',
    digest digest NOT NULL,
    PRIMARY KEY (case_id, seq)
);
COMMENT ON COLUMN case_event.amount_fen IS 'The new amount, when the step changes it';
COMMENT ON COLUMN case_event.deadline IS 'The last day for what the new status waits for';
COMMENT ON COLUMN case_event.about IS 'What the step rests on: recheck:7, list:3, objection:2, attempt:PM…';
COMMENT ON COLUMN case_event.digest IS 'SHA-256 of the step and of the case it was taken on, as event_digest writes it';

CREATE FUNCTION event_digest(e case_event, c benefit_case) RETURNS digest
LANGUAGE sql STABLE SET search_path = policy_match, pg_temp AS $$
    SELECT encode(sha256(convert_to(json_build_array(
        c.case_id, c.policy_id, c.version, c.uscc, c.record_id, c.period, c.instalment, c.entitled_fen,
        e.seq, e.event, e.before, e.after, e.amount_fen, e.deadline,
        to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.by, e.reason, e.about)::text,
        'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION event_digest IS 'The hash of what was decided: anybody can compute it again from the rows';

-- The same text as event_digest writes, in one look-up: called for each of millions of rows, half as long as by calling it.
CREATE FUNCTION sign_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.digest := (
        SELECT encode(sha256(convert_to(json_build_array(
            c.case_id, c.policy_id, c.version, c.uscc, c.record_id, c.period, c.instalment, c.entitled_fen,
            NEW.seq, NEW.event, NEW.before, NEW.after, NEW.amount_fen, NEW.deadline,
            to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), NEW."by", NEW.reason, NEW.about)::text,
            'UTF8')), 'hex')
          FROM policy_match.benefit_case AS c WHERE c.case_id = NEW.case_id);
    RETURN NEW;
END $$;
CREATE TRIGGER sign BEFORE INSERT ON case_event FOR EACH ROW EXECUTE FUNCTION sign_event();

CREATE FUNCTION begin_cases() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO case_state (case_id, policy_id, uscc, record_id, period, instalment, route, status, seq, amount_fen,
                            deadline, since)
    SELECT a.case_id, a.policy_id, a.uscc, a.record_id, a.period, a.instalment, a.route, 'matched', 0, a.entitled_fen,
           NULL, o.at
      FROM added AS a JOIN opening AS o ON o.number = a.opening;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_cases AFTER INSERT ON benefit_case
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION begin_cases();

CREATE FUNCTION move_cases() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
    refused text;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    -- In one order for everybody, so that two sets that overlap wait and do not deadlock.
    PERFORM FROM case_state WHERE case_id IN (SELECT case_id FROM added) ORDER BY case_id FOR UPDATE;
    UPDATE case_state AS s
       SET status = a.after, seq = a.seq, amount_fen = coalesce(a.amount_fen, s.amount_fen), deadline = a.deadline,
           since = a.at
      FROM added AS a, case_transition AS t
     WHERE s.case_id = a.case_id AND s.seq = a.seq - 1 AND s.status = a.before
       AND t.route = s.route AND t.before = a.before AND t.event = a.event AND t.after = a.after;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        SELECT format('case %s is %s at step %s, asked: %s when %s at step %s',
                      a.case_id, s.status, s.seq, a.event, a.before, a.seq - 1)
          INTO refused
          FROM added AS a LEFT JOIN case_state AS s USING (case_id)
         WHERE s.seq IS DISTINCT FROM a.seq OR s.status <> a.after OR s.since <> a.at
         ORDER BY a.case_id LIMIT 1;
        RAISE EXCEPTION '% of % steps are not possible now, first: %', wanted - moved, wanted, refused
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_cases AFTER INSERT ON case_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION move_cases();


-- Rechecks and exclusions ---------------------------------------------------------------------------------------------

CREATE TABLE exclusion (
    exclusion_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uscc text COLLATE "C" NOT NULL,
    policy_id text,
    since date NOT NULL,
    until date CHECK (until >= since),
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON COLUMN exclusion.policy_id IS 'Null: from every policy';
CREATE INDEX exclusion_uscc ON exclusion (uscc);
CREATE TABLE exclusion_lifted (
    exclusion_id bigint PRIMARY KEY REFERENCES exclusion,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    at timestamptz NOT NULL,
    by actor NOT NULL
);

CREATE TYPE recheck_purpose AS ENUM ('approval', 'payment');
CREATE TYPE recheck_outcome AS ENUM ('eligible', 'amount_lower', 'ineligible', 'undetermined', 'excluded', 'not_registered');
CREATE SEQUENCE recheck_number AS integer;
CREATE TABLE recheck (
    number integer PRIMARY KEY,
    purpose recheck_purpose NOT NULL,
    sweep_number integer NOT NULL REFERENCES sweep,
    policy_id text NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
CREATE TABLE case_recheck (
    recheck integer NOT NULL REFERENCES recheck,
    case_id bigint NOT NULL,
    outcome recheck_outcome NOT NULL,
    amount_fen fen,
    PRIMARY KEY (recheck, case_id)
);
CREATE INDEX case_recheck_case ON case_recheck (case_id);


-- Budget lines and the ledger -----------------------------------------------------------------------------------------

CREATE TABLE budget_line (
    line text PRIMARY KEY CHECK (line ~ '^[a-z0-9][a-z0-9-]*-[0-9]{4}$'),
    fund text NOT NULL,
    year integer NOT NULL,
    label text NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    CONSTRAINT line_names_its_year CHECK (line = fund || '-' || year)
);

CREATE TYPE ledger_account AS ENUM ('appropriation', 'available', 'reserved', 'paid', 'returned', 'recovered');
CREATE TYPE ledger_kind AS ENUM (
    'appropriate', 'reserve', 'post', 'void', 'return', 'restore', 'lapse', 'recover', 'repay');
CREATE TABLE ledger_transfer_kind (
    kind ledger_kind PRIMARY KEY,
    debit ledger_account NOT NULL,
    credit ledger_account NOT NULL CHECK (credit <> debit)
);
COMMENT ON TABLE ledger_transfer_kind IS 'Generated from policy_match.ledger.accounts; a test compares them';

CREATE TABLE ledger_transfer (
    transfer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind ledger_kind NOT NULL REFERENCES ledger_transfer_kind,
    line text NOT NULL REFERENCES budget_line,
    amount_fen fen NOT NULL CHECK (amount_fen > 0),
    attempt_id text,
    about text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by actor NOT NULL,
    CONSTRAINT an_attempt_moves_its_money_once UNIQUE (attempt_id, kind, line, about),
    CONSTRAINT payments_name_their_attempt CHECK (
        (kind IN ('reserve', 'post', 'void', 'return', 'restore', 'recover')) = (attempt_id IS NOT NULL)
        OR kind IN ('lapse', 'repay')),
    CONSTRAINT only_receipts_come_in_parts CHECK (about = '' OR kind IN ('appropriate', 'recover', 'lapse', 'repay'))
);
CREATE INDEX ledger_transfer_line ON ledger_transfer (line, transfer_id);

CREATE TABLE ledger_balance (
    line text NOT NULL REFERENCES budget_line,
    account ledger_account NOT NULL,
    balance_fen bigint NOT NULL,
    PRIMARY KEY (line, account),
    CONSTRAINT budget_is_never_exceeded CHECK (account = 'appropriation' OR balance_fen >= 0)
);
COMMENT ON TABLE ledger_balance IS 'Credits minus debits; written by triggers only. The balances of a line add up to zero';

CREATE FUNCTION begin_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO ledger_balance (line, account, balance_fen)
    SELECT NEW.line, account, 0 FROM unnest(enum_range(NULL::ledger_account)) AS account;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_line AFTER INSERT ON budget_line FOR EACH ROW EXECUTE FUNCTION begin_line();

CREATE FUNCTION post_transfers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    late text;
BEGIN
    SELECT a.line INTO late
      FROM added AS a JOIN budget_line AS l USING (line)
     WHERE a.kind = 'reserve' AND extract(year FROM a.at AT TIME ZONE 'Asia/Shanghai') <> l.year
     LIMIT 1;
    IF late IS NOT NULL THEN
        RAISE EXCEPTION 'budget line % pays only in its year', late USING ERRCODE = 'PM016';
    END IF;
    PERFORM FROM ledger_balance WHERE line IN (SELECT line FROM added) ORDER BY line, account FOR UPDATE;
    UPDATE ledger_balance AS b SET balance_fen = b.balance_fen + d.change
      FROM (SELECT line, account, sum(change) AS change
              FROM (SELECT a.line, k.debit AS account, -sum(a.amount_fen) AS change
                      FROM added AS a JOIN ledger_transfer_kind AS k USING (kind) GROUP BY a.line, k.debit
                    UNION ALL
                    SELECT a.line, k.credit, sum(a.amount_fen)
                      FROM added AS a JOIN ledger_transfer_kind AS k USING (kind) GROUP BY a.line, k.credit) AS each
             GROUP BY line, account) AS d
     WHERE b.line = d.line AND b.account = d.account AND d.change <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER post_transfers AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION post_transfers();


-- Allocation of the budget --------------------------------------------------------------------------------------------

CREATE SEQUENCE allocation_number AS integer;
CREATE TABLE allocation (
    number integer PRIMARY KEY,
    policy_id text NOT NULL,
    year integer NOT NULL,
    how allocation_rule NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
CREATE TABLE case_allocation (
    allocation integer NOT NULL REFERENCES allocation,
    case_id bigint NOT NULL,
    seq integer NOT NULL,
    place integer NOT NULL,
    asked_fen fen NOT NULL,
    granted_fen fen NOT NULL CHECK (granted_fen <= asked_fen),
    PRIMARY KEY (allocation, case_id)
);
COMMENT ON COLUMN case_allocation.seq IS 'The step of the case at which it was granted; an amended case must be granted again';
COMMENT ON COLUMN case_allocation.place IS 'Place in the queue of this run; who was granted nothing waits';
CREATE INDEX case_allocation_case ON case_allocation (case_id);
CREATE TABLE case_share (
    allocation integer NOT NULL,
    case_id bigint NOT NULL,
    line text NOT NULL REFERENCES budget_line,
    amount_fen fen NOT NULL CHECK (amount_fen > 0),
    PRIMARY KEY (case_id, allocation, line)
);
COMMENT ON TABLE case_share IS 'Which budget lines carry what was granted';
CREATE INDEX case_share_line ON case_share (line);


-- Approval ------------------------------------------------------------------------------------------------------------

CREATE TABLE role_grant (
    grant_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person actor NOT NULL,
    role text NOT NULL CHECK (role <> ''),
    granted boolean NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE role_grant IS 'The last row of a person and a role says whether the person holds it';
CREATE INDEX role_grant_person ON role_grant (person, role, grant_id);

CREATE SEQUENCE list_number AS integer;
CREATE TABLE approval_list (
    list_id integer PRIMARY KEY,
    policy_id text NOT NULL,
    sweep_number integer NOT NULL REFERENCES sweep,
    snapshot_id digest NOT NULL REFERENCES snapshot,
    cases integer NOT NULL CHECK (cases > 0),
    total_fen fen NOT NULL,
    stages jsonb NOT NULL,
    digest digest NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON COLUMN approval_list.digest IS 'Of the exact cases, amounts, versions and the snapshot, see cases.approval_list';
CREATE TABLE listed_case (
    list_id integer NOT NULL REFERENCES approval_list,
    case_id bigint NOT NULL,
    seq integer NOT NULL,
    amount_fen fen NOT NULL,
    allocation integer,
    PRIMARY KEY (list_id, case_id)
);
COMMENT ON COLUMN listed_case.allocation IS 'Null for what costs no budget: titles, relief that the firm declares itself';
CREATE INDEX listed_case_case ON listed_case (case_id);
CREATE TYPE list_outcome AS ENUM ('complete', 'rejected', 'void');
CREATE TABLE list_end (
    list_id integer PRIMARY KEY REFERENCES approval_list,
    outcome list_outcome NOT NULL,
    reason text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by actor NOT NULL
);
CREATE TABLE approval (
    list_id integer NOT NULL REFERENCES approval_list,
    person actor NOT NULL,
    stage integer NOT NULL CHECK (stage >= 1),
    role text NOT NULL,
    digest digest NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (list_id, person)
);
COMMENT ON TABLE approval IS 'One person signs the digest of one list at one stage';

CREATE FUNCTION check_listed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    twice bigint;
BEGIN
    -- In one order for everybody: of two that list the same case at once, the second sees what the first listed.
    PERFORM FROM case_state WHERE case_id IN (SELECT case_id FROM added) ORDER BY case_id FOR UPDATE;
    -- An aggregate and no LIMIT, with which the server would compare every pair of cases.
    SELECT min(a.case_id) INTO twice
      FROM added AS a JOIN listed_case AS o ON o.case_id = a.case_id AND o.list_id <> a.list_id
     WHERE NOT EXISTS (SELECT FROM list_end AS e WHERE e.list_id = o.list_id);
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION 'case % is on another list that is not decided', twice USING ERRCODE = 'PM011';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_listed AFTER INSERT ON listed_case
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_listed();


-- Objections and appeals ----------------------------------------------------------------------------------------------

CREATE TABLE objection (
    objection_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES benefit_case,
    lodged_by actor NOT NULL,
    ground text NOT NULL CHECK (btrim(ground) <> ''),
    due date NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX objection_case ON objection (case_id);
CREATE TYPE objection_outcome AS ENUM ('dismiss', 'uphold', 'amend');
CREATE TABLE objection_answer (
    objection_id bigint PRIMARY KEY REFERENCES objection,
    outcome objection_outcome NOT NULL,
    amount_fen fen,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    by actor NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT only_an_amendment_has_an_amount CHECK ((outcome = 'amend') = (amount_fen IS NOT NULL))
);

CREATE FUNCTION check_approval() RETURNS trigger
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
    IF NOT coalesce((SELECT granted FROM role_grant WHERE person = NEW.person AND role = NEW.role
                      ORDER BY grant_id DESC LIMIT 1), false) THEN
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
CREATE TRIGGER check_approval BEFORE INSERT ON approval FOR EACH ROW EXECUTE FUNCTION check_approval();

CREATE FUNCTION check_answer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM objection AS j JOIN listed_case AS l USING (case_id) JOIN approval AS a USING (list_id)
                WHERE j.objection_id = NEW.objection_id AND a.person = NEW."by") THEN
        RAISE EXCEPTION '% approved the case of objection %', NEW."by", NEW.objection_id USING ERRCODE = 'PM014';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_answer BEFORE INSERT ON objection_answer FOR EACH ROW EXECUTE FUNCTION check_answer();

CREATE TABLE appeal (
    appeal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sweep_number integer NOT NULL REFERENCES sweep,
    policy_id text NOT NULL,
    uscc text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    lodged_by actor NOT NULL,
    ground text NOT NULL CHECK (btrim(ground) <> ''),
    corrected jsonb NOT NULL CHECK (jsonb_typeof(corrected) = 'object'),
    at timestamptz NOT NULL
);
CREATE INDEX appeal_uscc ON appeal (uscc);
CREATE TABLE appeal_replay (
    appeal_id bigint PRIMARY KEY REFERENCES appeal,
    old text NOT NULL,
    corrected text,
    same_as_kept boolean NOT NULL,
    digest digest NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE appeal_replay IS 'The decision records on the old facts and rules, and on corrected facts, as JSON';


-- Payees, orders, attempts, batches -----------------------------------------------------------------------------------

CREATE TYPE account_source AS ENUM ('tax', 'social_insurance', 'firm', 'department');
CREATE TABLE payee_account (
    account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uscc text COLLATE "C" NOT NULL,
    purpose payee_kind NOT NULL,
    holder text NOT NULL,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    fingerprint text NOT NULL,
    tail text NOT NULL CHECK (length(tail) = 4),
    bank_code text NOT NULL,
    source account_source NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON COLUMN payee_account.sealed IS 'The account number, encrypted; the key is not in the database';
COMMENT ON COLUMN payee_account.fingerprint IS 'Keyed hash, to find the same number without reading it';
CREATE INDEX payee_account_uscc ON payee_account (uscc, purpose, account_id);

CREATE TABLE firm_name (
    sweep_number integer NOT NULL REFERENCES sweep,
    uscc text COLLATE "C" NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (sweep_number, uscc)
);
COMMENT ON TABLE firm_name IS 'The registered name of every firm with a case, from the snapshot of the sweep that opened it';

CREATE SEQUENCE order_number;
CREATE TABLE payment_order (
    order_id bigint PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES benefit_case,
    list_id integer NOT NULL REFERENCES approval_list,
    recheck integer NOT NULL REFERENCES recheck,
    amount_fen fen NOT NULL CHECK (amount_fen > 0),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    CONSTRAINT one_order_per_approval UNIQUE (case_id, list_id)
);

CREATE TYPE attempt_status AS ENUM ('stored', 'sent', 'accepted', 'settled', 'rejected', 'returned', 'unknown');
CREATE TYPE attempt_step AS ENUM ('send', 'accept', 'lose', 'settle', 'reject', 'return');
CREATE TABLE attempt_transition (
    before attempt_status NOT NULL,
    event attempt_step NOT NULL,
    after attempt_status NOT NULL,
    PRIMARY KEY (before, event)
);
COMMENT ON TABLE attempt_transition IS 'Generated from policy_match.payments.attempts; a test compares them';

CREATE TABLE payment_attempt (
    attempt_id text PRIMARY KEY CHECK (attempt_id ~ '^PM[A-Z0-9]{6,33}$'),
    order_id bigint NOT NULL REFERENCES payment_order,
    case_id bigint NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    account_id bigint NOT NULL REFERENCES payee_account,
    amount_fen fen NOT NULL CHECK (amount_fen > 0),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    UNIQUE (case_id, number)
);
CREATE TABLE attempt_state (
    attempt_id text PRIMARY KEY REFERENCES payment_attempt,
    case_id bigint NOT NULL,
    status attempt_status NOT NULL,
    seq integer NOT NULL,
    since timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX one_attempt_that_may_pay ON attempt_state (case_id) WHERE status NOT IN ('rejected', 'returned');
CREATE INDEX attempt_state_queue ON attempt_state (status, attempt_id);

CREATE TABLE attempt_event (
    attempt_id text NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    event attempt_step NOT NULL,
    before attempt_status NOT NULL,
    after attempt_status NOT NULL,
    reason_code text NOT NULL DEFAULT '',
    about text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (attempt_id, seq)
);
COMMENT ON COLUMN attempt_event.about IS 'What says so: batch:4, or file:<digest>:<line>';

CREATE FUNCTION begin_attempts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO attempt_state (attempt_id, case_id, status, seq, since)
    SELECT attempt_id, case_id, 'stored', 0, at FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_attempts AFTER INSERT ON payment_attempt
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION begin_attempts();

CREATE FUNCTION move_attempts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    PERFORM FROM attempt_state WHERE attempt_id IN (SELECT attempt_id FROM added) ORDER BY attempt_id FOR UPDATE;
    UPDATE attempt_state AS s SET status = a.after, seq = a.seq, since = a.at
      FROM added AS a, attempt_transition AS t
     WHERE s.attempt_id = a.attempt_id AND s.seq = a.seq - 1 AND s.status = a.before
       AND t.before = a.before AND t.event = a.event AND t.after = a.after;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        RAISE EXCEPTION '% of % steps of payment attempts are not possible now', wanted - moved, wanted
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_attempts AFTER INSERT ON attempt_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION move_attempts();

CREATE SEQUENCE batch_number AS integer;
CREATE TABLE payment_batch (
    batch_id integer PRIMARY KEY,
    message_id text NOT NULL UNIQUE,
    channel text NOT NULL,
    execute_on date NOT NULL,
    attempts integer NOT NULL CHECK (attempts > 0),
    total_fen fen NOT NULL,
    file_name text NOT NULL,
    file_digest digest NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE payment_batch IS 'The file itself holds account numbers and is made again from the attempts; its digest must be this';
CREATE TABLE batch_attempt (
    batch_id integer NOT NULL REFERENCES payment_batch,
    attempt_id text NOT NULL UNIQUE REFERENCES payment_attempt,
    PRIMARY KEY (batch_id, attempt_id)
);
COMMENT ON TABLE batch_attempt IS 'An attempt is in one batch, for ever: a new try is a new attempt';

CREATE FUNCTION check_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wrong integer;
BEGIN
    SELECT b.batch_id INTO wrong
      FROM payment_batch AS b JOIN batch_attempt AS m USING (batch_id) JOIN payment_attempt AS a USING (attempt_id)
     WHERE b.batch_id IN (SELECT batch_id FROM added)
     GROUP BY b.batch_id, b.attempts, b.total_fen
    HAVING count(*) <> b.attempts OR sum(a.amount_fen) <> b.total_fen LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'batch % does not hold what it declares', wrong USING ERRCODE = 'PM015';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_batch AFTER INSERT ON batch_attempt
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_batch();

CREATE TABLE batch_handed_over (
    batch_id integer PRIMARY KEY REFERENCES payment_batch,
    receipt text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE batch_handed_over IS 'The bank said that it has the file; without this row a sent batch may or may not have arrived';


-- What the bank says --------------------------------------------------------------------------------------------------

CREATE TYPE bank_file_kind AS ENUM ('status', 'statement');
CREATE TABLE bank_file (
    file_digest digest PRIMARY KEY,
    name text NOT NULL,
    channel text NOT NULL,
    kind bank_file_kind NOT NULL,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON COLUMN bank_file.sealed IS 'The whole file, encrypted: it may hold account numbers';
CREATE TABLE refused_bank_file (
    file_digest digest NOT NULL,
    channel text NOT NULL,
    name text NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (file_digest, channel)
);
COMMENT ON TABLE refused_bank_file IS 'Files that could not be trusted as a whole; another channel may read them';

CREATE TABLE bank_statement (
    file_digest digest NOT NULL REFERENCES bank_file,
    number integer NOT NULL CHECK (number >= 1),
    statement_id text NOT NULL,
    first_day date,
    last_day date,
    opening_fen bigint,
    closing_fen bigint,
    PRIMARY KEY (file_digest, number)
);
COMMENT ON TABLE bank_statement IS 'What each statement covers; a notification has no balances';

CREATE TABLE bank_line (
    file_digest digest NOT NULL REFERENCES bank_file,
    number integer NOT NULL CHECK (number >= 1),
    kind text NOT NULL,
    step attempt_step,
    attempt_id text,
    line_ref text,
    amount_fen fen,
    out_fen bigint,
    booked_on date,
    reason_code text NOT NULL DEFAULT '',
    text text NOT NULL DEFAULT '',
    PRIMARY KEY (file_digest, number),
    CONSTRAINT a_movement_is_booked_under_a_reference CHECK (
        out_fen IS NULL OR (abs(out_fen) = amount_fen AND line_ref IS NOT NULL AND booked_on IS NOT NULL))
);
COMMENT ON COLUMN bank_line.step IS 'What it means for an attempt; null when it means nothing that we know';
COMMENT ON COLUMN bank_line.out_fen IS 'What left the account that pays, negative for what came in; null for a mere message';
CREATE INDEX bank_line_attempt ON bank_line (attempt_id);

CREATE TYPE bank_line_verdict AS ENUM (
    'applied', 'known', 'contradiction', 'no_attempt', 'no_such_attempt', 'amount_differs', 'repeated', 'not_understood');
CREATE TABLE bank_verdict (
    file_digest digest NOT NULL,
    number integer NOT NULL,
    verdict bank_line_verdict NOT NULL,
    PRIMARY KEY (file_digest, number),
    FOREIGN KEY (file_digest, number) REFERENCES bank_line
);
COMMENT ON TABLE bank_verdict IS 'Only applied lines changed anything. Known and repeated ones tell nothing new; all others stay listed until a person explains them';

CREATE TABLE statement_entry (
    line_ref text PRIMARY KEY,
    file_digest digest NOT NULL,
    number integer NOT NULL,
    attempt_id text,
    out_fen bigint NOT NULL,
    booked_on date NOT NULL,
    UNIQUE (file_digest, number),
    FOREIGN KEY (file_digest, number) REFERENCES bank_line
);
COMMENT ON TABLE statement_entry IS 'Each movement that the bank booked, once, by the bank''s own reference';
CREATE INDEX statement_entry_attempt ON statement_entry (attempt_id);
-- A new file's digest is not in the statistics. With them the planner takes the file for empty and joins its lines with
-- themselves one by one; without them it takes every file for a two-hundredth of the table.
ALTER TABLE bank_line ALTER COLUMN file_digest SET STATISTICS 0;
ALTER TABLE bank_verdict ALTER COLUMN file_digest SET STATISTICS 0;
ALTER TABLE statement_entry ALTER COLUMN file_digest SET STATISTICS 0;

CREATE TABLE line_explained (
    file_digest digest NOT NULL,
    number integer NOT NULL,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (file_digest, number),
    FOREIGN KEY (file_digest, number) REFERENCES bank_line
);

CREATE SEQUENCE reconciliation_number AS integer;
CREATE TABLE reconciliation (
    number integer PRIMARY KEY,
    up_to date NOT NULL,
    report text NOT NULL,
    difference_fen bigint NOT NULL,
    unmatched integer NOT NULL CHECK (unmatched >= 0),
    closed boolean NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    CONSTRAINT nothing_closes_with_a_difference CHECK (NOT closed OR (difference_fen = 0 AND unmatched = 0))
);


-- Recovery ------------------------------------------------------------------------------------------------------------

CREATE TYPE recovery_kind AS ENUM ('fraud', 'overpayment');
CREATE TABLE recovery (
    recovery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES benefit_case,
    kind recovery_kind NOT NULL,
    amount_fen fen NOT NULL CHECK (amount_fen > 0),
    ground text NOT NULL CHECK (btrim(ground) <> ''),
    exclusion_id bigint REFERENCES exclusion,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    CONSTRAINT only_fraud_excludes CHECK ((kind = 'fraud') = (exclusion_id IS NOT NULL))
);
CREATE INDEX recovery_case ON recovery (case_id);
CREATE TABLE recovery_receipt (
    recovery_id bigint NOT NULL REFERENCES recovery,
    line_ref text NOT NULL UNIQUE REFERENCES statement_entry,
    amount_fen fen NOT NULL CHECK (amount_fen > 0),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (recovery_id, line_ref)
);

CREATE FUNCTION check_recovery() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM listed_case AS l JOIN approval AS a USING (list_id)
                WHERE l.case_id = NEW.case_id AND a.person = NEW."by") THEN
        RAISE EXCEPTION '% approved case %', NEW."by", NEW.case_id USING ERRCODE = 'PM014';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_recovery BEFORE INSERT ON recovery FOR EACH ROW EXECUTE FUNCTION check_recovery();

CREATE TABLE prior_aid (
    source text NOT NULL,
    reference text NOT NULL,
    uscc text COLLATE "C" NOT NULL,
    matter text NOT NULL CHECK (matter <> ''),
    paid_on date NOT NULL,
    amount_fen fen,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    PRIMARY KEY (source, reference)
);
COMMENT ON TABLE prior_aid IS 'Aid that others paid before; amount_fen is null when it is known that something was paid but not how much';
CREATE INDEX prior_aid_uscc ON prior_aid (uscc);


-- Nothing is changed or removed; the program may add ------------------------------------------------------------------

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'opening', 'opening_policy', 'entitlement', 'entitlement_alternative', 'case_transition', 'benefit_case',
        'case_event', 'exclusion', 'exclusion_lifted', 'recheck', 'case_recheck', 'budget_line',
        'ledger_transfer_kind', 'ledger_transfer', 'allocation', 'case_allocation', 'case_share', 'role_grant',
        'approval_list', 'listed_case', 'list_end', 'approval', 'objection', 'objection_answer', 'appeal',
        'appeal_replay', 'payee_account', 'firm_name', 'payment_order', 'attempt_transition', 'payment_attempt',
        'attempt_event', 'payment_batch', 'batch_attempt', 'batch_handed_over', 'bank_file', 'refused_bank_file', 'bank_statement',
        'bank_line', 'bank_verdict', 'statement_entry', 'line_explained', 'reconciliation', 'recovery', 'recovery_receipt', 'prior_aid']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        IF name NOT IN ('case_transition', 'ledger_transfer_kind', 'attempt_transition') THEN
            EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
        END IF;
    END LOOP;
END $$;
GRANT SELECT ON case_transition, case_state, ledger_transfer_kind, ledger_balance, attempt_transition, attempt_state
    TO policy_match_app;
GRANT USAGE ON SEQUENCE opening_number, case_number, recheck_number, allocation_number, list_number, order_number,
    batch_number, reconciliation_number TO policy_match_app;
REVOKE EXECUTE ON FUNCTION sign_event, begin_cases, move_cases, begin_line, post_transfers, check_listed,
    check_approval, check_answer, begin_attempts, move_attempts, check_batch, check_recovery FROM PUBLIC;


-- The tables of the program's rules

-- What may follow what: made by policy_match.{cases,ledger,payments}.sql_rules ----------------------------------------

INSERT INTO case_transition (route, before, event, after) VALUES
    ('confirm', 'approved', 'order', 'ordered'),
    ('confirm', 'approved', 'publish', 'published'),
    ('confirm', 'approved', 'requeue', 'confirmed'),
    ('confirm', 'approved', 'withdraw', 'withdrawn'),
    ('confirm', 'closed', 'bounce', 'returned'),
    ('confirm', 'closed', 'claim_back', 'recovering'),
    ('confirm', 'confirmed', 'review', 'reviewed'),
    ('confirm', 'confirmed', 'withdraw', 'withdrawn'),
    ('confirm', 'declined', 'reconsider', 'notified'),
    ('confirm', 'matched', 'notify', 'notified'),
    ('confirm', 'matched', 'withdraw', 'withdrawn'),
    ('confirm', 'notified', 'accept_silence', 'confirmed'),
    ('confirm', 'notified', 'confirm', 'confirmed'),
    ('confirm', 'notified', 'decline', 'declined'),
    ('confirm', 'notified', 'lapse', 'waived'),
    ('confirm', 'notified', 'withdraw', 'withdrawn'),
    ('confirm', 'objected', 'amend', 'confirmed'),
    ('confirm', 'objected', 'dismiss', 'published'),
    ('confirm', 'objected', 'uphold', 'withdrawn'),
    ('confirm', 'objected', 'withdraw', 'withdrawn'),
    ('confirm', 'ordered', 'bounce', 'returned'),
    ('confirm', 'ordered', 'settle', 'paid'),
    ('confirm', 'paid', 'bounce', 'returned'),
    ('confirm', 'paid', 'claim_back', 'recovering'),
    ('confirm', 'paid', 'close', 'closed'),
    ('confirm', 'published', 'object', 'objected'),
    ('confirm', 'published', 'order', 'ordered'),
    ('confirm', 'published', 'requeue', 'confirmed'),
    ('confirm', 'published', 'withdraw', 'withdrawn'),
    ('confirm', 'recovering', 'recover', 'recovered'),
    ('confirm', 'returned', 'close', 'closed'),
    ('confirm', 'returned', 'correct', 'ordered'),
    ('confirm', 'returned', 'requeue', 'confirmed'),
    ('confirm', 'reviewed', 'amend', 'confirmed'),
    ('confirm', 'reviewed', 'approve', 'approved'),
    ('confirm', 'reviewed', 'reject', 'rejected'),
    ('confirm', 'reviewed', 'withdraw', 'withdrawn'),
    ('contract', 'approved', 'contract', 'contracted'),
    ('contract', 'approved', 'publish', 'published'),
    ('contract', 'approved', 'withdraw', 'withdrawn'),
    ('contract', 'confirmed', 'review', 'reviewed'),
    ('contract', 'confirmed', 'withdraw', 'withdrawn'),
    ('contract', 'contracted', 'close', 'closed'),
    ('contract', 'declined', 'reconsider', 'notified'),
    ('contract', 'matched', 'notify', 'notified'),
    ('contract', 'matched', 'withdraw', 'withdrawn'),
    ('contract', 'notified', 'confirm', 'confirmed'),
    ('contract', 'notified', 'decline', 'declined'),
    ('contract', 'notified', 'lapse', 'waived'),
    ('contract', 'notified', 'withdraw', 'withdrawn'),
    ('contract', 'objected', 'amend', 'confirmed'),
    ('contract', 'objected', 'dismiss', 'published'),
    ('contract', 'objected', 'uphold', 'withdrawn'),
    ('contract', 'objected', 'withdraw', 'withdrawn'),
    ('contract', 'published', 'contract', 'contracted'),
    ('contract', 'published', 'object', 'objected'),
    ('contract', 'published', 'withdraw', 'withdrawn'),
    ('contract', 'reviewed', 'amend', 'confirmed'),
    ('contract', 'reviewed', 'approve', 'approved'),
    ('contract', 'reviewed', 'reject', 'rejected'),
    ('contract', 'reviewed', 'withdraw', 'withdrawn'),
    ('direct', 'approved', 'order', 'ordered'),
    ('direct', 'approved', 'publish', 'published'),
    ('direct', 'approved', 'requeue', 'matched'),
    ('direct', 'approved', 'withdraw', 'withdrawn'),
    ('direct', 'closed', 'bounce', 'returned'),
    ('direct', 'closed', 'claim_back', 'recovering'),
    ('direct', 'matched', 'review', 'reviewed'),
    ('direct', 'matched', 'withdraw', 'withdrawn'),
    ('direct', 'objected', 'amend', 'matched'),
    ('direct', 'objected', 'dismiss', 'published'),
    ('direct', 'objected', 'uphold', 'withdrawn'),
    ('direct', 'objected', 'withdraw', 'withdrawn'),
    ('direct', 'ordered', 'bounce', 'returned'),
    ('direct', 'ordered', 'settle', 'paid'),
    ('direct', 'paid', 'bounce', 'returned'),
    ('direct', 'paid', 'claim_back', 'recovering'),
    ('direct', 'paid', 'close', 'closed'),
    ('direct', 'published', 'object', 'objected'),
    ('direct', 'published', 'order', 'ordered'),
    ('direct', 'published', 'requeue', 'matched'),
    ('direct', 'published', 'withdraw', 'withdrawn'),
    ('direct', 'recovering', 'recover', 'recovered'),
    ('direct', 'returned', 'close', 'closed'),
    ('direct', 'returned', 'correct', 'ordered'),
    ('direct', 'returned', 'requeue', 'matched'),
    ('direct', 'reviewed', 'amend', 'matched'),
    ('direct', 'reviewed', 'approve', 'approved'),
    ('direct', 'reviewed', 'reject', 'rejected'),
    ('direct', 'reviewed', 'withdraw', 'withdrawn'),
    ('inform', 'matched', 'notify', 'notified'),
    ('inform', 'matched', 'withdraw', 'withdrawn'),
    ('inform', 'notified', 'close', 'closed'),
    ('inform', 'notified', 'withdraw', 'withdrawn'),
    ('list_then_collect', 'approved', 'notify', 'notified'),
    ('list_then_collect', 'approved', 'publish', 'published'),
    ('list_then_collect', 'approved', 'withdraw', 'withdrawn'),
    ('list_then_collect', 'closed', 'bounce', 'returned'),
    ('list_then_collect', 'closed', 'claim_back', 'recovering'),
    ('list_then_collect', 'confirmed', 'order', 'ordered'),
    ('list_then_collect', 'confirmed', 'requeue', 'matched'),
    ('list_then_collect', 'confirmed', 'withdraw', 'withdrawn'),
    ('list_then_collect', 'declined', 'reconsider', 'notified'),
    ('list_then_collect', 'matched', 'review', 'reviewed'),
    ('list_then_collect', 'matched', 'withdraw', 'withdrawn'),
    ('list_then_collect', 'notified', 'confirm', 'confirmed'),
    ('list_then_collect', 'notified', 'decline', 'declined'),
    ('list_then_collect', 'notified', 'lapse', 'waived'),
    ('list_then_collect', 'notified', 'withdraw', 'withdrawn'),
    ('list_then_collect', 'objected', 'amend', 'matched'),
    ('list_then_collect', 'objected', 'dismiss', 'published'),
    ('list_then_collect', 'objected', 'uphold', 'withdrawn'),
    ('list_then_collect', 'objected', 'withdraw', 'withdrawn'),
    ('list_then_collect', 'ordered', 'bounce', 'returned'),
    ('list_then_collect', 'ordered', 'settle', 'paid'),
    ('list_then_collect', 'paid', 'bounce', 'returned'),
    ('list_then_collect', 'paid', 'claim_back', 'recovering'),
    ('list_then_collect', 'paid', 'close', 'closed'),
    ('list_then_collect', 'published', 'notify', 'notified'),
    ('list_then_collect', 'published', 'object', 'objected'),
    ('list_then_collect', 'published', 'withdraw', 'withdrawn'),
    ('list_then_collect', 'recovering', 'recover', 'recovered'),
    ('list_then_collect', 'returned', 'close', 'closed'),
    ('list_then_collect', 'returned', 'correct', 'ordered'),
    ('list_then_collect', 'returned', 'requeue', 'matched'),
    ('list_then_collect', 'reviewed', 'amend', 'matched'),
    ('list_then_collect', 'reviewed', 'approve', 'approved'),
    ('list_then_collect', 'reviewed', 'reject', 'rejected'),
    ('list_then_collect', 'reviewed', 'withdraw', 'withdrawn');

INSERT INTO ledger_transfer_kind (kind, debit, credit) VALUES
    ('appropriate', 'appropriation', 'available'),
    ('reserve', 'available', 'reserved'),
    ('post', 'reserved', 'paid'),
    ('void', 'reserved', 'available'),
    ('return', 'paid', 'returned'),
    ('restore', 'returned', 'available'),
    ('lapse', 'returned', 'appropriation'),
    ('recover', 'paid', 'recovered'),
    ('repay', 'recovered', 'appropriation');

INSERT INTO attempt_transition (before, event, after) VALUES
    ('stored', 'send', 'sent'),
    ('sent', 'accept', 'accepted'),
    ('unknown', 'accept', 'accepted'),
    ('sent', 'lose', 'unknown'),
    ('sent', 'settle', 'settled'),
    ('accepted', 'settle', 'settled'),
    ('unknown', 'settle', 'settled'),
    ('sent', 'reject', 'rejected'),
    ('accepted', 'reject', 'rejected'),
    ('unknown', 'reject', 'rejected'),
    ('sent', 'return', 'returned'),
    ('accepted', 'return', 'returned'),
    ('unknown', 'return', 'returned'),
    ('settled', 'return', 'returned');
