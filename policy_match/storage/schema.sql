-- The canonical schema of the system of record. The migrations together reach exactly this; a test
-- compares them.
--
-- Guarantees, whatever the program does: nothing that decides or was decided is changed or removed; an eligible
-- decision has an amount and an undetermined one names missing facts; a sweep is there whole or not at all.
-- Amounts are integer fen. The role policy_match_app, under which the program works, is made by `migrate`.

CREATE SCHEMA IF NOT EXISTS policy_match;
SET search_path = policy_match;

CREATE DOMAIN digest AS text COLLATE "C" CHECK (VALUE ~ '^[0-9a-f]{64}$');
COMMENT ON DOMAIN digest IS 'SHA-256 in lower-case hexadecimal';

CREATE TYPE kept_outcome AS ENUM ('eligible', 'undetermined');
COMMENT ON TYPE kept_outcome IS 'Ineligible firms have no row: the truth files beside the snapshot hold all three truths';

CREATE TYPE match_kind AS ENUM ('all', 'none');


-- What was decided by ------------------------------------------------------------------------------------------

CREATE TABLE fact_catalogue (
    fingerprint digest PRIMARY KEY,
    canonical text NOT NULL,
    CONSTRAINT fingerprint_is_of_the_text CHECK (fingerprint = encode(sha256(convert_to(canonical, 'UTF8')), 'hex'))
);

CREATE TABLE rules (
    fingerprint digest PRIMARY KEY,
    catalogue digest NOT NULL REFERENCES fact_catalogue,
    canonical text NOT NULL,
    CONSTRAINT fingerprint_is_of_the_text CHECK (fingerprint = encode(sha256(convert_to(canonical, 'UTF8')), 'hex'))
);

CREATE TABLE policy_version (
    fingerprint digest PRIMARY KEY,
    policy_id text NOT NULL CHECK (policy_id <> ''),
    label text NOT NULL,
    grain text NOT NULL,
    effective_from date NOT NULL,
    effective_to date CHECK (effective_to >= effective_from),
    canonical text NOT NULL,
    CONSTRAINT fingerprint_is_of_the_text CHECK (fingerprint = encode(sha256(convert_to(canonical, 'UTF8')), 'hex'))
);
CREATE INDEX policy_version_policy_id ON policy_version (policy_id);

CREATE TABLE rules_version (
    rules digest NOT NULL REFERENCES rules,
    version digest NOT NULL REFERENCES policy_version,
    PRIMARY KEY (rules, version)
);

CREATE TABLE confirmation (
    version digest NOT NULL REFERENCES policy_version,
    matches match_kind NOT NULL,
    confirmed_by text NOT NULL CHECK (btrim(confirmed_by) <> ''),
    confirmed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (version, matches)
);
COMMENT ON TABLE confirmation IS 'A person says that this version rightly matches all, or none, of a registry';

CREATE TABLE snapshot (
    snapshot_id digest PRIMARY KEY,
    manifest text NOT NULL CHECK (json_typeof(manifest::json) = 'object'),
    kept_at timestamptz NOT NULL DEFAULT now()
);


-- What was decided ---------------------------------------------------------------------------------------------

CREATE SEQUENCE sweep_number AS integer;

CREATE TABLE sweep (
    number integer PRIMARY KEY,
    sweep_id digest NOT NULL UNIQUE,
    snapshot_id digest NOT NULL REFERENCES snapshot,
    rules digest NOT NULL REFERENCES rules,
    as_of date NOT NULL,
    engine text NOT NULL,
    truth digest NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_sweep_of_the_same UNIQUE (snapshot_id, rules, as_of)
);
COMMENT ON COLUMN sweep.truth IS 'Digest of the manifest of the truth files';

CREATE TABLE sweep_policy (
    sweep_number integer NOT NULL REFERENCES sweep,
    place integer NOT NULL CHECK (place >= 0),
    version digest NOT NULL REFERENCES policy_version,
    total bigint NOT NULL,
    eligible bigint NOT NULL CHECK (eligible >= 0),
    ineligible bigint NOT NULL CHECK (ineligible >= 0),
    undetermined bigint NOT NULL CHECK (undetermined >= 0),
    amount_fen numeric(38, 0) NOT NULL CHECK (amount_fen >= 0),
    matches match_kind GENERATED ALWAYS AS (
        CASE WHEN total > 0 AND eligible = total THEN 'all'::match_kind
             WHEN total > 0 AND ineligible = total THEN 'none'::match_kind END
    ) STORED,
    PRIMARY KEY (sweep_number, place),
    UNIQUE (sweep_number, version),
    CONSTRAINT every_row_has_one_outcome CHECK (total = eligible + ineligible + undetermined),
    CONSTRAINT only_the_eligible_are_owed CHECK (eligible > 0 OR amount_fen = 0),
    -- A version that matches all or none is kept only after a person confirmed it; null matches are not looked up.
    CONSTRAINT all_or_none_is_confirmed FOREIGN KEY (version, matches) REFERENCES confirmation (version, matches)
);

CREATE TABLE missing_facts (
    sweep_number integer NOT NULL REFERENCES sweep,
    number integer NOT NULL,
    facts text[] NOT NULL CHECK (array_position(facts, NULL) IS NULL),
    PRIMARY KEY (sweep_number, number),
    UNIQUE (sweep_number, facts)
);
COMMENT ON TABLE missing_facts IS 'Each distinct set of missing facts once, as millions of rows share a few; empty where a parameter has no value';

-- One partition per sweep. It is loaded as a table of its own and attached when whole, because that was measured
-- three times faster than one table (427,000 against 128,000 rows a second, indexes and foreign keys included), a
-- failed load leaves no dead rows behind, and an old sweep can be moved away without deleting anything.
CREATE TABLE decision (
    amount_fen bigint,
    sweep_number integer NOT NULL,
    place integer NOT NULL,
    missing integer,
    outcome kept_outcome NOT NULL,
    uscc text COLLATE "C" NOT NULL CHECK (uscc <> ''),
    record_id text COLLATE "C" CHECK (record_id <> ''),
    CONSTRAINT eligible_has_an_amount CHECK ((outcome = 'eligible') = (amount_fen IS NOT NULL)),
    CONSTRAINT undetermined_has_missing_facts CHECK ((outcome = 'undetermined') = (missing IS NOT NULL)),
    CONSTRAINT amount_is_money CHECK (amount_fen >= 0 AND amount_fen < 1000000000000000000),
    FOREIGN KEY (sweep_number, place) REFERENCES sweep_policy,
    FOREIGN KEY (sweep_number, missing) REFERENCES missing_facts
) PARTITION BY LIST (sweep_number);
-- For lists of one policy in order of code, for comparing two sweeps by merging, and, policy by policy, for one firm: a
-- second index on the code would answer that in one descent instead of one per policy, and double the time to index.
CREATE UNIQUE INDEX decision_key ON decision (place, uscc, record_id, sweep_number) NULLS NOT DISTINCT;


-- Loading the decisions of one sweep ---------------------------------------------------------------------------

CREATE FUNCTION open_decisions(number integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE TABLE decision_%1$s (LIKE decision INCLUDING CONSTRAINTS, CHECK (sweep_number = %1$s))', number);
    EXECUTE format('GRANT SELECT, INSERT ON decision_%s TO policy_match_app', number);
END $$;
COMMENT ON FUNCTION open_decisions IS 'Make the empty table that COPY fills; nobody else sees it before the commit';

CREATE FUNCTION close_decisions(number integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp SET maintenance_work_mem = '256MB' AS $$
DECLARE
    wrong text;
BEGIN
    IF NOT EXISTS (SELECT FROM sweep AS s WHERE s.number = $1 AND s.xmin = pg_current_xact_id()::xid) THEN
        RAISE EXCEPTION 'sweep % was not written in this transaction', number USING ERRCODE = 'PM002';
    END IF;
    EXECUTE format('REVOKE INSERT ON decision_%s FROM policy_match_app', number);
    EXECUTE format(
        'SELECT string_agg(coalesce(p.place, d.place)::text, '', '')'
        '  FROM (SELECT * FROM sweep_policy WHERE sweep_number = %1$s) AS p'
        '  FULL JOIN (SELECT place, count(amount_fen) AS eligible, count(missing) AS undetermined,'
        '                    coalesce(sum(amount_fen), 0) AS amount_fen'
        '               FROM decision_%1$s GROUP BY place) AS d USING (place)'
        ' WHERE (coalesce(p.eligible, -1), coalesce(p.undetermined, -1), coalesce(p.amount_fen, -1))'
        '    <> (coalesce(d.eligible, 0), coalesce(d.undetermined, 0), coalesce(d.amount_fen, 0))', number)
        INTO wrong;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the counts of sweep % are not those of its decisions, at the policies %', number, wrong
            USING ERRCODE = 'PM002';
    END IF;
    EXECUTE format(
        'CREATE UNIQUE INDEX ON decision_%1$s (place, uscc, record_id, sweep_number) NULLS NOT DISTINCT;'
        'ALTER TABLE decision_%1$s ADD FOREIGN KEY (sweep_number, place) REFERENCES sweep_policy;'
        'ALTER TABLE decision_%1$s ADD FOREIGN KEY (sweep_number, missing) REFERENCES missing_facts;'
        'CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON decision_%1$s'
        '  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();'
        'ALTER TABLE decision ATTACH PARTITION decision_%1$s FOR VALUES IN (%1$s);'
        'ANALYZE decision_%1$s', number);
END $$;
COMMENT ON FUNCTION close_decisions IS 'Check the counts of the sweep, then index, constrain, close and attach its table';


-- Nothing is changed or removed --------------------------------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'PM001';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact_catalogue
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rules_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sweep
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sweep_policy
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON missing_facts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_addition() RETURNS trigger
LANGUAGE plpgsql SET search_path = policy_match, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sweep WHERE number = NEW.sweep_number AND xmin = pg_current_xact_id()::xid) THEN
        RAISE EXCEPTION 'sweep % was not written in this transaction: % takes nothing more for it',
            NEW.sweep_number, TG_TABLE_NAME USING ERRCODE = 'PM001';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION refuse_addition IS 'A sweep is written by one transaction, whole';

CREATE TRIGGER whole_at_once BEFORE INSERT ON sweep_policy
    FOR EACH ROW EXECUTE FUNCTION refuse_addition();
CREATE TRIGGER whole_at_once BEFORE INSERT ON missing_facts
    FOR EACH ROW EXECUTE FUNCTION refuse_addition();

GRANT USAGE ON SCHEMA policy_match TO policy_match_app;
GRANT SELECT, INSERT ON fact_catalogue, rules, policy_version, rules_version, confirmation, snapshot,
    sweep, sweep_policy, missing_facts TO policy_match_app;
GRANT SELECT ON decision TO policy_match_app;
GRANT USAGE ON SEQUENCE sweep_number TO policy_match_app;
REVOKE EXECUTE ON FUNCTION open_decisions, close_decisions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_decisions, close_decisions TO policy_match_app;


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
    remind_days integer[] NOT NULL DEFAULT '{5,1}'
        CHECK (array_position(remind_days, NULL) IS NULL AND 1 <= ALL (remind_days)),
    PRIMARY KEY (opening, place),
    FOREIGN KEY (sweep_number, place) REFERENCES sweep_policy
);
COMMENT ON COLUMN opening_policy.stages IS 'Approval stages in order: role, count, from_fen';
COMMENT ON COLUMN opening_policy.cost_shares IS 'Budget lines that pay: line, share as decimal text; the shares add up to 1';
COMMENT ON COLUMN opening_policy.remind_days IS 'Working days left at which a firm that has not answered is reminded';

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
    'contract', 'claim_back', 'recover', 'extend');

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
    since timestamptz NOT NULL,
    displayed_on date
) WITH (fillfactor = 70);
COMMENT ON TABLE case_state IS 'Where each case is; written by triggers only, and always what its events add up to';
COMMENT ON COLUMN case_state.displayed_on IS 'The day in China on which it last went on public display; null before';
CREATE UNIQUE INDEX one_live_case ON case_state (policy_id, uscc, record_id, period, instalment)
    WHERE status NOT IN ('declined', 'waived', 'withdrawn', 'rejected');
CREATE INDEX case_state_queue ON case_state (status, policy_id, case_id);
CREATE INDEX case_state_display ON case_state (policy_id, displayed_on, case_id)
    INCLUDE (status, deadline, amount_fen) WHERE status IN ('published', 'objected');

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
           since = a.at,
           displayed_on = CASE a.event WHEN 'publish' THEN (a.at AT TIME ZONE 'Asia/Shanghai')::date
                                       ELSE s.displayed_on END
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
    by actor NOT NULL,
    department text NOT NULL DEFAULT '',
    jurisdiction text NOT NULL DEFAULT ''
);
COMMENT ON TABLE role_grant IS 'The last row of a person, a role and its reach says whether the person holds it there';
COMMENT ON COLUMN role_grant.department IS 'Empty for every department';
COMMENT ON COLUMN role_grant.jurisdiction IS 'Covers every jurisdiction that begins so; empty for all';
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
    ('confirm', 'notified', 'extend', 'notified'),
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
    ('contract', 'notified', 'extend', 'notified'),
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
    ('list_then_collect', 'notified', 'extend', 'notified'),
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


-- Notices -------------------------------------------------------------------------------------------------------------

CREATE TYPE notice_kind AS ENUM (
    'information', 'confirmation_asked', 'account_asked', 'consent_asked', 'silence_accepted', 'waived', 'rejected',
    'objection', 'objection_dismissed', 'amended', 'withdrawn', 'paid', 'claimed_back', 'account_correction_asked',
    'window_extended', 'reminder', 'escalation', 'order_to_act', 'policy_date', 'budget_cut_off', 'correction_answered',
    'rating_answered', 'suggestion_decided', 'correction_asked', 'bad_rating');
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
    by actor NOT NULL,
    unwanted text[] NOT NULL DEFAULT '{}'
        CHECK (unwanted <@ ARRAY['licences', 'corrections', 'ratings', 'suggestions'])
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


-- Jobs ----------------------------------------------------------------------------------------------------------------

CREATE DOMAIN job_name AS text COLLATE "C" CHECK (VALUE ~ '^[a-z][a-z0-9-]{0,49}$');
CREATE TYPE job_run_status AS ENUM ('due', 'running', 'done', 'failed', 'covered');
CREATE TYPE job_run_step AS ENUM ('start', 'finish', 'retry', 'fail', 'abandon', 'cover');
CREATE TYPE job_order AS ENUM ('begin', 'pause', 'resume', 'replan');

CREATE TABLE job_runner (
    runner_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host text NOT NULL CHECK (host <> ''),
    process integer NOT NULL CHECK (process > 0),
    at timestamptz NOT NULL
);
COMMENT ON TABLE job_runner IS 'Processes that carry out jobs; one is alive while a session holds the advisory lock of its number';

CREATE TABLE job_control (
    control_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job job_name NOT NULL,
    kind job_order NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    reason text NOT NULL DEFAULT '',
    CONSTRAINT a_person_says_why CHECK (kind = 'begin' OR btrim(reason) <> '')
);
COMMENT ON TABLE job_control IS 'Since when each job is planned, and who paused, resumed or planned it anew, and why';
CREATE UNIQUE INDEX each_job_begins_once ON job_control (job) WHERE kind = 'begin';
CREATE INDEX job_control_job ON job_control (job, control_id);

CREATE TABLE job_state (
    job job_name PRIMARY KEY,
    begun_at timestamptz NOT NULL,
    planned_to timestamptz NOT NULL,
    round integer NOT NULL,
    paused boolean NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE job_state IS 'How far each job is planned; written by triggers only. Who takes a job locks its row';
COMMENT ON COLUMN job_state.planned_to IS 'Up to here every occurrence has its row in job_run';
COMMENT ON COLUMN job_state.round IS 'How often it was planned anew after a wrong clock';

CREATE TABLE job_run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job job_name NOT NULL REFERENCES job_state,
    round integer NOT NULL,
    due_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE job_run IS 'Every occurrence of every job, and what persons started by hand';
CREATE UNIQUE INDEX one_run_of_an_occurrence ON job_run (job, round, due_at) WHERE by = 'system';
CREATE INDEX job_run_job ON job_run (job, run_id);

CREATE TABLE job_run_state (
    run_id bigint PRIMARY KEY REFERENCES job_run,
    job job_name NOT NULL,
    status job_run_status NOT NULL,
    seq integer NOT NULL,
    tries integer NOT NULL,
    due_at timestamptz NOT NULL,
    runner integer,
    since timestamptz NOT NULL,
    CONSTRAINT somebody_runs_it CHECK ((status = 'running') = (runner IS NOT NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE job_run_state IS 'How far each run got; written by triggers only';
COMMENT ON COLUMN job_run_state.tries IS 'How often it was started';
COMMENT ON COLUMN job_run_state.due_at IS 'When it may start, or start again';
CREATE UNIQUE INDEX one_run_of_a_job_at_a_time ON job_run_state (job) WHERE status = 'running';
CREATE INDEX job_run_state_queue ON job_run_state (job, due_at) WHERE status = 'due';
CREATE INDEX job_run_state_job ON job_run_state (job, status, since);

CREATE TABLE job_run_event (
    run_id bigint NOT NULL REFERENCES job_run,
    seq integer NOT NULL CHECK (seq >= 1),
    event job_run_step NOT NULL,
    before job_run_status NOT NULL,
    after job_run_status NOT NULL,
    at timestamptz NOT NULL,
    runner integer NOT NULL REFERENCES job_runner,
    due_at timestamptz,
    covered_by bigint REFERENCES job_run,
    code text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '' CHECK (length(detail) <= 500),
    figures jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (run_id, seq),
    CONSTRAINT a_step_that_there_is CHECK ((event, before, after) IN (
        ('start', 'due', 'running'), ('finish', 'running', 'done'), ('retry', 'running', 'due'),
        ('fail', 'running', 'failed'), ('abandon', 'running', 'due'), ('cover', 'due', 'covered'))),
    CONSTRAINT what_comes_again_says_when CHECK ((after = 'due') = (due_at IS NOT NULL)),
    CONSTRAINT what_is_covered_says_by_what CHECK ((event = 'cover') = (covered_by IS NOT NULL)),
    CONSTRAINT what_went_wrong_has_a_code CHECK ((event IN ('retry', 'fail', 'abandon')) = (code <> ''))
);
COMMENT ON COLUMN job_run_event.covered_by IS 'The run that does what this missed occurrence would have done';
COMMENT ON COLUMN job_run_event.figures IS 'What a run did, as counts';
CREATE INDEX job_run_event_covered_by ON job_run_event (covered_by) WHERE covered_by IS NOT NULL;

CREATE FUNCTION control_jobs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO job_state (job, begun_at, planned_to, round, paused)
    SELECT job, at, at, 0, false FROM added WHERE kind = 'begin';
    UPDATE job_state AS s
       SET paused = CASE a.kind WHEN 'pause' THEN true WHEN 'resume' THEN false ELSE s.paused END,
           planned_to = CASE a.kind WHEN 'replan' THEN a.at ELSE s.planned_to END,
           round = s.round + (a.kind = 'replan')::integer
      FROM added AS a WHERE a.job = s.job AND a.kind <> 'begin';
    RETURN NULL;
END $$;
CREATE TRIGGER control_jobs AFTER INSERT ON job_control
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION control_jobs();

CREATE FUNCTION begin_job_runs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO job_run_state (run_id, job, status, seq, tries, due_at, since)
    SELECT run_id, job, 'due', 0, 0, due_at, at FROM added;
    UPDATE job_state AS s SET planned_to = greatest(s.planned_to, a.due_at)
      FROM (SELECT job, round, max(due_at) AS due_at FROM added WHERE by = 'system' GROUP BY job, round) AS a
     WHERE s.job = a.job AND s.round = a.round;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_job_runs AFTER INSERT ON job_run
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION begin_job_runs();

CREATE FUNCTION move_job_runs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    PERFORM FROM job_run_state WHERE run_id IN (SELECT run_id FROM added) ORDER BY run_id FOR UPDATE;
    UPDATE job_run_state AS s
       SET status = a.after, seq = a.seq, tries = s.tries + (a.event = 'start')::integer,
           due_at = coalesce(a.due_at, s.due_at), since = a.at,
           runner = CASE WHEN a.after = 'running' THEN a.runner END
      FROM added AS a
     WHERE s.run_id = a.run_id AND s.seq = a.seq - 1 AND s.status = a.before;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        RAISE EXCEPTION '% of % steps of job runs are not possible now', wanted - moved, wanted
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_job_runs AFTER INSERT ON job_run_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION move_job_runs();

-- The first of these jobs that has something to do and nobody else is at. A job whose run waits to be tried again waits
-- with it; else its newest occurrence is taken, and the caller lets it cover the others.
CREATE FUNCTION take_job_run(of_jobs text[], up_to timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted text;
    chosen record;
BEGIN
    FOREACH wanted IN ARRAY of_jobs LOOP
        PERFORM FROM job_state WHERE job = wanted AND NOT paused FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR EXISTS (SELECT FROM job_run_state WHERE job = wanted AND status = 'running');
        SELECT run_id, due_at INTO chosen FROM job_run_state
         WHERE job = wanted AND status = 'due' AND (tries > 0 OR due_at <= up_to)
         ORDER BY tries > 0 DESC, due_at DESC, run_id DESC LIMIT 1;
        IF FOUND AND chosen.due_at <= up_to THEN
            RETURN chosen.run_id;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- For who starts a job by hand: wait until nobody else takes it.
CREATE FUNCTION take_job(wanted text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    PERFORM FROM job_state WHERE job = wanted FOR UPDATE;
    RETURN FOUND AND NOT EXISTS (SELECT FROM job_run_state WHERE job = wanted AND status = 'running');
END $$;

-- Each transaction of a run asks this first: while it is on, nobody can take the run for abandoned.
CREATE FUNCTION hold_job_run(run bigint, of_runner integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    PERFORM FROM job_run_state WHERE run_id = run AND status = 'running' AND runner = of_runner FOR SHARE;
    RETURN FOUND;
END $$;

-- Runs that nobody carries out: their runner is dead, or is the caller and knows nothing of them. A run in the middle of
-- a transaction is left for the next time.
CREATE FUNCTION take_lost_job_runs(purpose integer, me integer, in_hand bigint[], most integer) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT run_id FROM job_run_state
     WHERE status = 'running' AND run_id <> ALL (in_hand)
       AND (runner = me OR pg_try_advisory_xact_lock(purpose, runner))
     ORDER BY run_id LIMIT most FOR UPDATE SKIP LOCKED
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['job_runner', 'job_control', 'job_run', 'job_run_event'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
GRANT SELECT ON job_state, job_run_state TO policy_match_app;
REVOKE EXECUTE ON FUNCTION control_jobs, begin_job_runs, move_job_runs, take_job_run, take_job, hold_job_run,
    take_lost_job_runs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_job_run, take_job, hold_job_run, take_lost_job_runs TO policy_match_app;


-- Deadlines -----------------------------------------------------------------------------------------------------------

-- What is due soon or over is found by its day, however many cases wait for a later one.
CREATE INDEX case_state_deadline ON case_state (deadline, case_id) WHERE status IN ('notified', 'published');

CREATE VIEW open_window AS
SELECT s.case_id, s.policy_id, c.version, s.uscc, s.route, s.seq, s.amount_fen, s.deadline, p.confirm_days,
       p.remind_days, s.route <> 'confirm' OR p.silence = 'waived' AS lapses, w.asked_seq, w.set_seq,
       (w.asked_at AT TIME ZONE 'Asia/Shanghai')::date AS asked_on, (w.set_at AT TIME ZONE 'Asia/Shanghai')::date AS set_on,
       (t.told_at AT TIME ZONE 'Asia/Shanghai')::date AS told_on
  FROM case_state AS s
  JOIN benefit_case AS c USING (case_id)
  JOIN opening_policy AS p USING (opening, place)
  JOIN LATERAL (
       SELECT max(e.seq) FILTER (WHERE e.event = 'notify') AS asked_seq,
              max(e.at) FILTER (WHERE e.event = 'notify') AS asked_at, max(e.seq) AS set_seq, max(e.at) AS set_at
         FROM case_event AS e WHERE e.case_id = s.case_id AND e.event IN ('notify', 'extend')) AS w ON true
  JOIN LATERAL (
       SELECT min(k.at) AS told_at
         FROM (SELECT (SELECT CASE WHEN r.status = 'reached' THEN r.since END
                         FROM notice_state AS r WHERE r.notice_id = n.notice_id) AS at
                 FROM notice AS n
                WHERE n.case_id = s.case_id AND n.seq >= w.asked_seq
                  AND n.kind IN ('confirmation_asked', 'account_asked', 'consent_asked', 'window_extended')
               UNION ALL
               SELECT e.at FROM case_event AS e
                WHERE e.case_id = s.case_id AND e.seq > w.asked_seq AND e.event = 'decline') AS k) AS t ON true
 WHERE s.status = 'notified' AND s.route <> 'inform';
COMMENT ON VIEW open_window IS 'Cases that wait for the firm''s answer; days are those in China';
COMMENT ON COLUMN open_window.lapses IS 'Whether silence gives the benefit up; else it accepts';
COMMENT ON COLUMN open_window.asked_seq IS 'The step that opened the window';
COMMENT ON COLUMN open_window.set_seq IS 'The step that set its last day: that one, or an extension';
COMMENT ON COLUMN open_window.told_on IS 'When the firm first heard of the window: by a notice that did not come back, or as it declined; null: not yet';
GRANT SELECT ON open_window TO policy_match_app;

CREATE VIEW due_date AS
SELECT 'answer' AS what, w.deadline AS due, w.case_id, NULL::bigint AS objection, w.lapses AND w.told_on IS NULL AS unheard
  FROM open_window AS w
UNION ALL
SELECT 'publicity', s.deadline, s.case_id, NULL, false FROM case_state AS s WHERE s.status = 'published'
UNION ALL
SELECT 'objection', o.due, o.case_id, o.objection_id, false
  FROM objection AS o JOIN case_state AS s ON s.case_id = o.case_id AND s.status = 'objected'
 WHERE NOT EXISTS (SELECT FROM objection_answer AS a WHERE a.objection_id = o.objection_id);
COMMENT ON VIEW due_date IS 'The last day of everything that waits for somebody''s answer, or for the end of its display';
COMMENT ON COLUMN due_date.unheard IS 'The firm was not told of it: silence gives nothing up';
GRANT SELECT ON due_date TO policy_match_app;


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


-- Reviews of policies --------------------------------------------------------------------------------------------------

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
    policy_id text CHECK (policy_id <> ''),
    text text NOT NULL CHECK (btrim(text) <> '' AND length(text) <= 2000),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    subject text NOT NULL DEFAULT '' CHECK (length(subject) <= 100),
    department text NOT NULL DEFAULT '' CHECK (length(department) <= 100),
    CONSTRAINT of_a_policy_or_of_what_there_is_not CHECK (
        (policy_id IS NULL) = (btrim(subject) <> '') AND (policy_id IS NULL OR department = ''))
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

-- Actions ---------------------------------------------------------------------------------------------------------

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

-- Identity ------------------------------------------------------------------------------------------------------------

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

-- Requested work ------------------------------------------------------------------------------------------------------

CREATE TYPE work_status AS ENUM ('waiting', 'working', 'done', 'failed', 'cancelled');
CREATE TYPE work_step AS ENUM ('take', 'progress', 'finish', 'fail', 'release', 'cancel');

CREATE TABLE uploaded_file (
    digest text PRIMARY KEY COLLATE "C" CHECK (digest ~ '^[0-9a-f]{64}$'),
    kind text NOT NULL CHECK (kind IN ('csv', 'xlsx', 'parquet')),
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    at timestamptz NOT NULL,
    by actor NOT NULL,
    name text NOT NULL DEFAULT '' CHECK (length(name) <= 200 AND name !~ '[[:cntrl:]/\\]')
);
COMMENT ON TABLE uploaded_file IS 'Source files that were sent; each lies below the data directory under its SHA-256';
COMMENT ON COLUMN uploaded_file.name IS 'What it was called where it came from, without folders; empty when that was not said. Never a path';

CREATE TABLE work_request (
    request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,49}$'),
    parameters jsonb NOT NULL CHECK (jsonb_typeof(parameters) = 'object'),
    policy_id text,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE work_request IS 'What was asked for';
COMMENT ON COLUMN work_request.policy_id IS 'The policy that alone is meant, where it is one';

CREATE TABLE work_request_state (
    request_id bigint PRIMARY KEY REFERENCES work_request,
    kind text NOT NULL,
    status work_status NOT NULL,
    seq integer NOT NULL,
    tries integer NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    started_at timestamptz,
    since timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE work_request_state IS 'How far each request got; written by triggers only';
COMMENT ON COLUMN work_request_state.tries IS 'How often it was taken';
COMMENT ON COLUMN work_request_state.done IS 'Units of work that are done, of total; in a unit of its kind';
CREATE INDEX work_request_state_open ON work_request_state (request_id) WHERE status IN ('waiting', 'working');

CREATE TABLE work_request_event (
    request_id bigint NOT NULL REFERENCES work_request,
    seq integer NOT NULL CHECK (seq >= 1),
    event work_step NOT NULL,
    before work_status NOT NULL,
    after work_status NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL,
    done bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    total bigint NOT NULL DEFAULT 0 CHECK (total >= done),
    code text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '' CHECK (length(detail) <= 500),
    detail_zh text NOT NULL DEFAULT '' CHECK (length(detail_zh) <= 500),
    result jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(result) = 'object'),
    PRIMARY KEY (request_id, seq),
    CONSTRAINT a_step_that_there_is CHECK ((event, before, after) IN (
        ('take', 'waiting', 'working'), ('progress', 'working', 'working'), ('finish', 'working', 'done'),
        ('fail', 'working', 'failed'), ('release', 'working', 'waiting'), ('cancel', 'waiting', 'cancelled'))),
    CONSTRAINT what_went_wrong_has_a_code CHECK ((event IN ('fail', 'release')) = (code <> ''))
);
COMMENT ON COLUMN work_request_event.result IS 'What the work gave, as JSON; of a finish';

CREATE FUNCTION begin_work_requests() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO work_request_state (request_id, kind, status, seq, tries, done, total, since)
    SELECT request_id, kind, 'waiting', 0, 0, 0, 0, at FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_work_requests AFTER INSERT ON work_request
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION begin_work_requests();

CREATE FUNCTION move_work_requests() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted bigint;
    moved bigint;
BEGIN
    SELECT count(*) INTO wanted FROM added;
    PERFORM FROM work_request_state WHERE request_id IN (SELECT request_id FROM added) ORDER BY request_id FOR UPDATE;
    UPDATE work_request_state AS s
       SET status = a.after, seq = a.seq, tries = s.tries + (a.event = 'take')::integer, since = a.at,
           started_at = CASE a.event WHEN 'take' THEN a.at ELSE s.started_at END,
           done = CASE a.event WHEN 'progress' THEN a.done WHEN 'take' THEN 0 ELSE s.done END,
           total = CASE a.event WHEN 'progress' THEN a.total WHEN 'take' THEN 0 ELSE s.total END
      FROM added AS a
     WHERE s.request_id = a.request_id AND s.seq = a.seq - 1 AND s.status = a.before;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> wanted THEN
        RAISE EXCEPTION '% of % steps of requested work are not possible now', wanted - moved, wanted
            USING ERRCODE = 'PM010';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_work_requests AFTER INSERT ON work_request_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION move_work_requests();

-- The next request that waits and nobody else is taking, but those in the list; it stays locked until the end.
CREATE FUNCTION take_work_request(but bigint[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    SELECT request_id FROM work_request_state
     WHERE status = 'waiting' AND request_id <> ALL (but)
     ORDER BY request_id LIMIT 1 FOR UPDATE SKIP LOCKED
$$;

-- For who cancels one: wait until nobody takes it; whether it waits.
CREATE FUNCTION lock_waiting_request(wanted bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    PERFORM FROM work_request_state WHERE request_id = wanted AND status = 'waiting' FOR UPDATE;
    RETURN FOUND;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['uploaded_file', 'work_request', 'work_request_event'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
GRANT SELECT ON work_request_state TO policy_match_app;
REVOKE EXECUTE ON FUNCTION begin_work_requests, move_work_requests, take_work_request, lock_waiting_request FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_work_request, lock_waiting_request TO policy_match_app;


-- What a firm sees ---------------------------------------------------------------------------------------------------

-- What a firm's requests may see and add: rows of its own, and no others, whatever the query says.

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

-- Outbox and webhooks ----------------------------------------------------------------------------------------------

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

-- Statistics -------------------------------------------------------------------------------------------------------

CREATE FUNCTION refresh_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    -- Whoever analyses a table already does it for us.
    ANALYZE (SKIP_LOCKED) benefit_case, case_state, case_event, notice, notice_state, case_recheck;
END $$;
COMMENT ON FUNCTION refresh_statistics IS 'Let the planner know of a large step at once: autovacuum may come after the next one';
REVOKE EXECUTE ON FUNCTION refresh_statistics FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refresh_statistics TO policy_match_app;

-- Corrections, ratings and the reserve list --------------------------------------------------------------------------

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


-- What auditors search by ------------------------------------------------------------------------------------------

-- Most steps are the program's own, and nobody asks for all of those.
CREATE INDEX case_event_person ON case_event (by, at) WHERE by <> 'system';
CREATE INDEX action_person ON action (by, action_id);


-- News, what firms do not want to hear, and suggestions without a policy -------------------------------------------

COMMENT ON COLUMN channel_preference.unwanted IS 'What the recipient does not want to hear; see policy_match.notices.subscriptions';
COMMENT ON COLUMN suggestion.subject IS 'What is asked for, where there is no policy to name';
COMMENT ON COLUMN suggestion.department IS 'Which the firm thinks responsible, in its own words; may be empty';

CREATE TABLE news (
    news_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        'correction_asked', 'correction_answered', 'bad_rating', 'rating_answered', 'suggestion_decided')),
    number bigint NOT NULL,
    step integer NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT each_is_news_once UNIQUE (kind, number, step)
);
COMMENT ON TABLE news IS 'What somebody is to hear of, though it is no step of a case; written by triggers in the transaction of the thing itself';
COMMENT ON COLUMN news.number IS 'Of the request, of the case that was rated, or of the suggestion';
COMMENT ON COLUMN news.step IS 'Of the suggestion; else 0';
CREATE TABLE news_told (
    news_id bigint PRIMARY KEY REFERENCES news,
    notices integer NOT NULL CHECK (notices >= 0),
    at timestamptz NOT NULL
);
COMMENT ON TABLE news_told IS 'The notices of it are written; none when nobody wants it or it is no longer so';

CREATE FUNCTION write_news() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
BEGIN
    INSERT INTO news (kind, number, step, at)
    SELECT TG_ARGV[0], (added ->> TG_ARGV[1])::bigint, coalesce((added ->> 'seq')::integer, 0), NEW.at
      FROM to_jsonb(NEW) AS added;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION write_news FROM PUBLIC;
CREATE TRIGGER write_news AFTER INSERT ON correction
    FOR EACH ROW EXECUTE FUNCTION write_news('correction_asked', 'correction_id');
CREATE TRIGGER write_news AFTER INSERT ON correction_end
    FOR EACH ROW WHEN (NEW.outcome <> 'withdrawn')
    EXECUTE FUNCTION write_news('correction_answered', 'correction_id');
CREATE TRIGGER write_news AFTER INSERT ON rating
    FOR EACH ROW WHEN (NEW.due IS NOT NULL) EXECUTE FUNCTION write_news('bad_rating', 'case_id');
CREATE TRIGGER write_news AFTER INSERT ON rating_answer
    FOR EACH ROW EXECUTE FUNCTION write_news('rating_answered', 'case_id');
CREATE TRIGGER write_news AFTER INSERT ON suggestion_event
    FOR EACH ROW EXECUTE FUNCTION write_news('suggestion_decided', 'suggestion_id');

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON news
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON news_told
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT ON news, news_told TO policy_match_app;
GRANT INSERT ON news_told TO policy_match_app;

CREATE OR REPLACE VIEW policy_match_firm.channel_preference WITH (security_barrier) AS
SELECT preference_id, recipient, channels, language, at, "by", unwanted
  FROM channel_preference WHERE recipient = 'firm:' || firm_now();
CREATE OR REPLACE VIEW policy_match_firm.suggestion WITH (security_barrier) AS
SELECT suggestion_id, policy_id, text, at, "by", subject, department
  FROM suggestion WHERE "by" = 'firm:' || firm_now();


-- Kept reports -----------------------------------------------------------------------------------------------------

CREATE TABLE kept_report (
    name digest PRIMARY KEY,
    at timestamptz NOT NULL,
    report json NOT NULL
);
COMMENT ON TABLE kept_report IS 'Reports as they were counted last, so that not every view counts all cases; few, and soon replaced';
COMMENT ON COLUMN kept_report.name IS 'SHA-256 of all that the report was asked for with: its days, the rules and so on';
CREATE INDEX kept_report_at ON kept_report (at);
CREATE FUNCTION keep_report(of digest, counted timestamptz, content json, most integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
    INSERT INTO kept_report AS k (name, at, report) VALUES (of, counted, content)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, report = excluded.report;
    DELETE FROM kept_report
     WHERE name IN (SELECT name FROM kept_report WHERE name <> of ORDER BY at DESC, name OFFSET most - 1
                    FOR UPDATE SKIP LOCKED);
$$;
COMMENT ON FUNCTION keep_report IS 'Keep a report in the place of the older one of that name; of more than most, the oldest go';
REVOKE EXECUTE ON FUNCTION keep_report FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_report TO policy_match_app;
GRANT SELECT ON kept_report TO policy_match_app;

-- Runs that are asked for ------------------------------------------------------------------------------------------

-- The first of these jobs that has something to do and nobody else is at. A job whose run waits to be tried again waits
-- with it; else its newest occurrence is taken, and the caller lets it cover the others. Of a paused job only what a
-- person asked for is taken.
CREATE OR REPLACE FUNCTION take_job_run(of_jobs text[], up_to timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    wanted text;
    pause boolean;
    chosen record;
BEGIN
    FOREACH wanted IN ARRAY of_jobs LOOP
        SELECT paused INTO pause FROM job_state WHERE job = wanted FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR EXISTS (SELECT FROM job_run_state WHERE job = wanted AND status = 'running');
        SELECT run_id, due_at INTO chosen FROM job_run_state AS s
         WHERE job = wanted AND status = 'due' AND (tries > 0 OR due_at <= up_to)
           AND (NOT pause OR EXISTS (SELECT FROM job_run AS r WHERE r.run_id = s.run_id AND r.by <> 'system'))
         ORDER BY tries > 0 DESC, due_at DESC, run_id DESC LIMIT 1;
        IF FOUND AND chosen.due_at <= up_to THEN
            RETURN chosen.run_id;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Jobs of every minute would fill these two tables with runs that did nothing: such runs may be deleted, by one way.
DROP TRIGGER append_only ON job_run;
DROP TRIGGER append_only ON job_run_event;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON job_run
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON job_run_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_forgotten BEFORE DELETE ON job_run FOR EACH STATEMENT
    WHEN (current_setting('policy_match.forgets', true) IS DISTINCT FROM 'job_run')
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_forgotten BEFORE DELETE ON job_run_event FOR EACH STATEMENT
    WHEN (current_setting('policy_match.forgets', true) IS DISTINCT FROM 'job_run')
    EXECUTE FUNCTION refuse_change();

CREATE FUNCTION forget_job_runs(after bigint, before timestamptz, most integer, OUT forgotten integer, OUT last bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = policy_match, pg_temp AS $$
DECLARE
    looked bigint[];
    gone bigint[];
BEGIN
    SELECT array_agg(run_id), max(run_id) INTO looked, last
      FROM (SELECT run_id FROM job_run_state WHERE run_id > after AND status = 'done' AND since < before
             ORDER BY run_id LIMIT most) AS page;
    -- At the first try, asked for by nobody, counting nothing; the last success of a job stays.
    SELECT coalesce(array_agg(s.run_id), '{}') INTO gone
      FROM unnest(looked) AS page (run_id)
      JOIN job_run_state AS s USING (run_id)
      JOIN job_run AS r USING (run_id)
      JOIN job_run_event AS e ON e.run_id = s.run_id AND e.seq = s.seq
     WHERE s.seq = 2 AND r.by = 'system'
       AND NOT EXISTS (SELECT FROM jsonb_each_text(e.figures) AS f WHERE f.value <> '0')
       AND EXISTS (SELECT FROM job_run_state AS l
                    WHERE l.job = s.job AND l.status = 'done' AND (l.since, l.run_id) > (s.since, s.run_id))
       AND NOT EXISTS (SELECT FROM job_run_event AS c JOIN job_run AS cr USING (run_id)
                        WHERE c.covered_by = s.run_id AND (c.seq > 1 OR cr.by <> 'system'));
    gone := gone || coalesce((SELECT array_agg(run_id) FROM job_run_event WHERE covered_by = ANY (gone)), '{}');
    PERFORM set_config('policy_match.forgets', 'job_run', true);
    DELETE FROM job_run_event WHERE run_id = ANY (gone);
    DELETE FROM job_run_state WHERE run_id = ANY (gone);
    DELETE FROM job_run WHERE run_id = ANY (gone);
    PERFORM set_config('policy_match.forgets', '', true);
    forgotten := cardinality(gone);
END $$;
COMMENT ON FUNCTION forget_job_runs IS 'Forget, of a page of old runs after one, those that did nothing, with the missed occurrences that they covered; how many went, and the last that was looked at';
REVOKE EXECUTE ON FUNCTION forget_job_runs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_job_runs TO policy_match_app;


-- Files of accounts ------------------------------------------------------------------------------------------------

CREATE TABLE account_file (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_digest digest NOT NULL,
    source account_source,
    kept integer NOT NULL CHECK (kept >= 0),
    refused integer NOT NULL CHECK (refused >= 0),
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    at timestamptz NOT NULL,
    by actor NOT NULL
);
COMMENT ON TABLE account_file IS 'Tables of accounts that were sent, each time that one was taken';
COMMENT ON COLUMN account_file.source IS 'Who states all its accounts; null where the table says so itself';
COMMENT ON COLUMN account_file.sealed IS 'The whole file, encrypted: it holds account numbers';

CREATE TABLE account_file_refusal (
    number integer NOT NULL REFERENCES account_file,
    "row" integer NOT NULL CHECK ("row" >= 1),
    uscc text NOT NULL,
    reason_zh text NOT NULL CHECK (reason_zh <> ''),
    reason_en text NOT NULL CHECK (reason_en <> ''),
    PRIMARY KEY (number, "row")
);
COMMENT ON TABLE account_file_refusal IS 'Rows that could not be taken, and why; no account number is in them';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['account_file', 'account_file_refusal'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO policy_match_app', name);
    END LOOP;
END $$;
