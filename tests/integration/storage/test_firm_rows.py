"""A firm's role sees and adds rows of its own and no others, whatever SQL is run under it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import errors as pg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from policy_match.storage.embedded import SUPERUSER, EmbeddedPostgres
from policy_match.storage.transactions import FIRM_PATH
from tests.support.cases import uscc
from tests.support.postgres import new_database, of_superuser

Connection = psycopg.Connection[dict[str, Any]]

OWN: Mapping[str, str] = {
    "policy_match_firm.opening": "number",
    "policy_match_firm.case_state": "case_id",
    "policy_match_firm.case_event": "case_id",
    "policy_match_firm.decline_reason": "case_id",
    "policy_match_firm.objection": "case_id",
    "policy_match_firm.objection_answer": "objection_id",
    "policy_match_firm.appeal": "appeal_id",
    "policy_match_firm.appeal_replay": "appeal_id",
    "policy_match_firm.payee_account": "account_id",
    "policy_match_firm.attempt_state": "case_id",
    "policy_match_firm.attempt_event": "right(attempt_id, 1)::integer",
    "policy_match_firm.recovery": "case_id",
    "policy_match_firm.recovery_receipt": "recovery_id",
    "policy_match_firm.notice": "notice_id",
    "policy_match_firm.notice_state": "notice_id",
    "policy_match_firm.notice_event": "notice_id",
    "policy_match_firm.delivery_state": "delivery_id",
    "policy_match_firm.delivery_event": "delivery_id",
    "policy_match_firm.contact": "contact_id",
    "policy_match_firm.channel_preference": "preference_id",
    "policy_match_firm.suggestion": "suggestion_id",
    "policy_match_firm.benefit_case": "case_id",
    "policy_match_firm.opening_policy": "opening",
    "policy_match_firm.entitlement": "opening",
    "policy_match_firm.entitlement_alternative": "opening",
    "policy_match_firm.payment_attempt": "case_id",
    "policy_match_firm.notice_text": "notice_id",
    "policy_match_firm.statement_entry": "right(attempt_id, 1)::integer",
    "policy_match_firm.evidence_file": "right(digest, 1)::integer",
    "policy_match_firm.correction": "correction_id",
    "policy_match_firm.correction_end": "correction_id",
    "policy_match_firm.rating": "case_id",
    "policy_match_firm.rating_answer": "case_id",
    "policy_match_firm.suggestion_event": "suggestion_id",
}
"""What a firm may read of its own, and whose a row is in the world of `FILL`, where firm 1 has the rows numbered 1."""

OF_NOBODY = {
    "policy_match.fact_catalogue",
    "policy_match.rules",
    "policy_match.policy_version",
    "policy_match_firm.sweep",
    "policy_match.sweep_policy",
    "policy_match.notice_transition",
    "policy_match.delivery_transition",
}
"""What everybody may read: rules, and what the program's own rules say; of released sweeps no count and no sum."""

# fmt: off
HIDDEN_TABLES = (
    "account", "account_event", "account_file", "account_file_refusal", "account_state", "action", "allocation",
    "appeal", "appeal_replay", "approval", "approval_list", "attempt_event", "attempt_state", "attempt_transition",
    "bank_file", "bank_line", "bank_statement", "bank_verdict", "batch_attempt", "batch_handed_over", "benefit_case",
    "budget_line", "case_allocation", "case_event", "case_recheck", "case_share", "case_state", "case_transition",
    "channel_preference", "confirmation", "contact", "correction", "correction_end", "decision", "decline_reason",
    "delegation", "delivery", "delivery_event", "delivery_state", "due_date", "duty", "duty_held", "entitlement",
    "entitlement_alternative", "escalated_case", "escalation", "evidence_file", "exclusion", "exclusion_lifted",
    "firm_name", "job_control", "job_run", "job_run_event", "job_run_state", "job_runner", "job_state", "kept_answer",
    "kept_report", "ledger_balance", "ledger_transfer", "ledger_transfer_kind", "line_explained", "list_end",
    "listed_case", "machine_token", "machine_token_end", "migration", "missing_facts", "news", "news_told", "notice",
    "notice_event", "notice_fields", "notice_overtaking", "notice_receipt", "notice_rule", "notice_state",
    "notice_text", "objection", "objection_answer", "open_window", "opening", "opening_policy", "order_to_act",
    "order_to_act_case", "order_to_act_event", "order_to_act_state", "order_to_act_transition", "outbox",
    "payee_account", "payment_attempt", "payment_batch", "payment_order", "policy_review", "policy_review_answer",
    "policy_review_decision", "prior_aid", "provider_demotion", "provider_identity", "provider_log_out",
    "provider_request", "published_event", "rating", "rating_answer", "recheck", "reconciliation", "recovery",
    "recovery_code", "recovery_receipt", "refused_bank_file", "role_grant", "rules_version", "sign_in_attempt",
    "sign_in_success", "snapshot", "stage_mark", "stage_rule", "statement_entry", "suggestion", "suggestion_event",
    "supervised_version", "suppression", "suppression_lifted", "sweep", "uploaded_file", "web_session",
    "web_session_state", "webhook", "webhook_event", "webhook_secret", "webhook_state", "webhook_transition",
    "work_request", "work_request_event", "work_request_state",
)
# fmt: on
HIDDEN = {f"policy_match.{name}" for name in HIDDEN_TABLES}
"""What no firm reads. Whoever adds a table decides which of the three lists it belongs to."""

ADDS = {
    "case_event", "decline_reason", "objection", "appeal", "payee_account", "notice_event", "delivery_event",
    "channel_preference", "suggestion", "evidence_file", "correction", "correction_end", "rating",
}  # fmt: skip
"""Where a firm adds rows."""

FUNCTIONS = {
    "firm_now", "firm_cases", "firm_openings", "firm_attempts", "firm_notices", "firm_messages", "firm_corrections",
}  # fmt: skip
"""The functions with the owner's rights, and those that look for the firm, which a firm may call."""

AT = "'2025-07-01T00:00:00Z'"
FIRM = "'91370000MA0000000' || %(n)s"
DIGEST = "repeat('0', 63) || %(n)s"
SWEEP = (
    "INSERT INTO sweep VALUES (1, repeat('0', 64), repeat('0', 64), repeat('0', 64), '2025-06-30', 'arrow',"
    f" repeat('0', 64), {AT})"
)
FILL = f"""
INSERT INTO opening VALUES (%(n)s, 1, {AT}, 'system');
INSERT INTO opening_policy (opening, place, sweep_number, policy_id, version, route, period, confirm_days, silence,
                            publicity_days, recheck_days, payee, allocation, stages, cost_shares)
    VALUES (%(n)s, 0, 1, 'p', {DIGEST}, 'confirm', '2025', 5, 'waived', 0, 5, 'firm', 'first_come', '[]', '[]');
INSERT INTO benefit_case
    VALUES (%(n)s, %(n)s, 0, 'p', {DIGEST}, {FIRM}, '', '2025', 1, 1, 'confirm', 100, '2025-07-01');
INSERT INTO entitlement VALUES (%(n)s, 0, {FIRM}, '', 100, 100, 'owed', NULL);
INSERT INTO entitlement_alternative VALUES (%(n)s, {FIRM}, 1, 50, '[]');
INSERT INTO case_state VALUES (%(n)s, 'p', {FIRM}, '', '2025', 1, 'confirm', 'notified', 1, 100, '2025-07-08', {AT});
INSERT INTO case_event VALUES (%(n)s, 1, 'notify', 'matched', 'notified', NULL, NULL, {AT}, 'system', '', '', {DIGEST});
INSERT INTO decline_reason VALUES (%(n)s, 1, 'other');
INSERT INTO firm_name VALUES (1, {FIRM}, 'secret ' || %(n)s);
INSERT INTO decision VALUES (%(n)s, 1, 0, NULL, 'eligible', {FIRM}, NULL);
INSERT INTO objection OVERRIDING SYSTEM VALUE
    VALUES (%(n)s, %(n)s, 'firm:' || {FIRM}, 'secret ' || %(n)s, '2025-07-08', {AT});
INSERT INTO objection_answer VALUES (%(n)s, 'dismiss', NULL, 'secret', 'chief', {AT});
INSERT INTO appeal OVERRIDING SYSTEM VALUE
    VALUES (%(n)s, 1, 'p', {FIRM}, '', 'firm:' || {FIRM}, 'secret', '{{}}', {AT});
INSERT INTO appeal_replay VALUES (%(n)s, '', NULL, true, {DIGEST}, {AT}, 'chief');
INSERT INTO payee_account OVERRIDING SYSTEM VALUE
    VALUES (%(n)s, {FIRM}, 'firm', 'secret', '', '', '', '1234', '', 'firm', {AT}, 'chief');
INSERT INTO payment_order VALUES (%(n)s, %(n)s, 1, 1, 100, {AT}, 'chief');
INSERT INTO payment_attempt VALUES ('PM000000' || %(n)s, %(n)s, %(n)s, 1, %(n)s, 100, {AT}, 'chief');
INSERT INTO attempt_state VALUES ('PM000000' || %(n)s, %(n)s, 'settled', 2, {AT});
INSERT INTO attempt_event VALUES ('PM000000' || %(n)s, 1, 'send', 'stored', 'sent', '', '', {AT}, 'chief');
INSERT INTO statement_entry VALUES ('ref ' || %(n)s, {DIGEST}, 1, 'PM000000' || %(n)s, 100, '2025-07-09');
INSERT INTO recovery OVERRIDING SYSTEM VALUE
    VALUES (%(n)s, %(n)s, 'overpayment', 100, 'secret', NULL, {AT}, 'chief');
INSERT INTO recovery_receipt VALUES (%(n)s, 'ref ' || %(n)s, 100, {AT}, 'chief');
INSERT INTO notice OVERRIDING SYSTEM VALUE
    VALUES (%(n)s, 'firm:' || {FIRM}, 'confirmation_asked', %(n)s, 1, '', {AT});
INSERT INTO notice_state VALUES (%(n)s, 'open', 1, {AT});
INSERT INTO notice_event VALUES (%(n)s, 1, 'prepare', 'due', 'open', {AT}, 'system', '');
INSERT INTO notice_text VALUES (%(n)s, 'zh', 'secret', 'secret', 'secret', {DIGEST}, {AT});
INSERT INTO delivery OVERRIDING SYSTEM VALUE VALUES (%(n)s, %(n)s, 1, 'inbox', 'inbox', NULL, {AT}, {AT});
INSERT INTO delivery OVERRIDING SYSTEM VALUE VALUES (10 + %(n)s, %(n)s, 2, 'email', 'mail', %(n)s, {AT}, {AT});
INSERT INTO delivery_state VALUES (%(n)s, %(n)s, 'inbox', 'delivered', 1, 1, 0, NULL, {AT});
INSERT INTO delivery_state VALUES (10 + %(n)s, %(n)s, 'mail', 'sending', 1, 1, 0, NULL, {AT});
INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
    VALUES (%(n)s, 1, 'deliver', 'waiting', 'delivered', {AT});
INSERT INTO contact OVERRIDING SYSTEM VALUE
    VALUES (%(n)s, 'firm:' || {FIRM}, 'email', '', '', '', 'a***@x', 'firm', {AT}, 'chief');
INSERT INTO channel_preference OVERRIDING SYSTEM VALUE
    VALUES (%(n)s, 'firm:' || {FIRM}, '{{email}}', 'zh', {AT}, 'chief');
INSERT INTO suggestion OVERRIDING SYSTEM VALUE VALUES (%(n)s, 'p', 'secret', {AT}, 'firm:' || {FIRM});
INSERT INTO suggestion_event VALUES (%(n)s, 1, 'received', 'reserved', '', 'secret', {AT}, 'chief');
INSERT INTO evidence_file VALUES ({FIRM}, {DIGEST}, 'pdf', 100, {AT}, 'firm:' || {FIRM});
INSERT INTO correction OVERRIDING SYSTEM VALUE
    VALUES (%(n)s, {FIRM}, 'headcount', '', %(n)s, 'x', '{{x}}', 'secret', 'secret', {DIGEST}, '2025-07-10', {AT},
            'firm:' || {FIRM});
INSERT INTO correction_end VALUES (%(n)s, 'refused', 'secret', {AT}, 'chief');
INSERT INTO rating VALUES (%(n)s, 'bad', 'secret', '2025-07-08', {AT}, 'firm:' || {FIRM});
INSERT INTO rating_answer VALUES (%(n)s, 'secret', {AT}, 'chief');
"""
"""One row of everything for firm n: without constraints and triggers, as the rows are all that matters."""

ACCOUNT = (
    "INSERT INTO payee_account (uscc, purpose, holder, sealed, key_id, fingerprint, tail, bank_code, source, at, by)"
)
ASKED = (
    "INSERT INTO correction (uscc, fact, record_id, case_id, source, departments, claim, reason, evidence, due, at, by)"
)
STEP = "INSERT INTO case_event (case_id, seq, event, before, after, at, by)"
REFUSED: Mapping[str, str] = {
    "a step of another's case": f"{STEP} VALUES (2, 2, 'confirm', 'notified', 'confirmed', {AT}, 'firm:{uscc(1)}')",
    "the same step again": f"{STEP} VALUES (2, 1, 'confirm', 'notified', 'confirmed', {AT}, 'firm:{uscc(1)}')",
    "a step of a case that there is not": (
        f"{STEP} VALUES (77, 1, 'confirm', 'notified', 'confirmed', {AT}, 'firm:{uscc(1)}')"
    ),
    "a step in another's name": f"{STEP} VALUES (1, 2, 'confirm', 'notified', 'confirmed', {AT}, 'firm:{uscc(2)}')",
    "a step of the staff": f"{STEP} VALUES (1, 2, 'confirm', 'notified', 'confirmed', {AT}, 'wang.fang')",
    "a step that is not a firm's": f"{STEP} VALUES (1, 2, 'review', 'notified', 'reviewed', {AT}, 'firm:{uscc(1)}')",
    "a reason for another's step": "INSERT INTO decline_reason VALUES (2, 1, 'other')",
    "a reason for a step that there is not": "INSERT INTO decline_reason VALUES (77, 1, 'other')",
    "an objection to another's case": (
        f"INSERT INTO objection (case_id, lodged_by, ground, due, at)"
        f" VALUES (2, 'firm:{uscc(1)}', 'x', '2025-07-08', {AT})"
    ),
    "an objection in another's name": (
        f"INSERT INTO objection (case_id, lodged_by, ground, due, at)"
        f" VALUES (1, 'firm:{uscc(2)}', 'x', '2025-07-08', {AT})"
    ),
    "an appeal for another": (
        f"INSERT INTO appeal (sweep_number, policy_id, uscc, record_id, lodged_by, ground, corrected, at)"
        f" VALUES (1, 'p', '{uscc(2)}', '', 'firm:{uscc(1)}', 'x', '{{}}', {AT})"
    ),
    "an account of another": (
        f"{ACCOUNT} VALUES ('{uscc(2)}', 'firm', 'x', '', '', '', '1234', '', 'firm', {AT}, 'firm:{uscc(1)}')"
    ),
    "an account from the tax office": (
        f"{ACCOUNT} VALUES ('{uscc(1)}', 'firm', 'x', '', '', '', '1234', '', 'tax', {AT}, 'firm:{uscc(1)}')"
    ),
    "another's message as read": (
        f"INSERT INTO notice_event VALUES (2, 2, 'reach', 'open', 'reached', {AT}, 'firm:{uscc(1)}', '')"
    ),
    "another's delivery as read": (
        f"INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)"
        f" VALUES (2, 2, 'read', 'delivered', 'read', {AT})"
    ),
    "its own mail as read": (
        f"INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)"
        f" VALUES (11, 2, 'read', 'sending', 'read', {AT})"
    ),
    "another's wishes": (
        f"INSERT INTO channel_preference (recipient, channels, at, by)"
        f" VALUES ('firm:{uscc(2)}', '{{}}', {AT}, 'firm:{uscc(1)}')"
    ),
    "a file of another": (
        f"INSERT INTO evidence_file VALUES ('{uscc(2)}', repeat('0', 64), 'pdf', 1, {AT}, 'firm:{uscc(1)}')"
    ),
    "a correction for another": (
        f"{ASKED} VALUES ('{uscc(2)}', 'f', '', NULL, 'x', '{{}}', 'x', 'x', repeat('0', 63) || '2', '2025-07-10',"
        f" {AT}, 'firm:{uscc(1)}')"
    ),
    "a correction about another's case": (
        f"{ASKED} VALUES ('{uscc(1)}', 'f', '', 2, 'x', '{{}}', 'x', 'x', repeat('0', 63) || '1', '2025-07-10', {AT},"
        f" 'firm:{uscc(1)}')"
    ),
    "the end of another's correction": (
        f"INSERT INTO correction_end VALUES (2, 'withdrawn', '', {AT}, 'firm:{uscc(1)}')"
    ),
    "the answer to its own correction": (
        f"INSERT INTO correction_end VALUES (1, 'accepted', 'x', {AT}, 'firm:{uscc(1)}')"
    ),
    "a rating of another's case": f"INSERT INTO rating VALUES (2, 'good', '', NULL, {AT}, 'firm:{uscc(1)}')",
    "another's words": f"INSERT INTO suggestion (policy_id, text, at, by) VALUES ('p', 'x', {AT}, 'firm:{uscc(2)}')",
}

LEAKS = (
    "SELECT lodged_by FROM objection",
    "SELECT sealed FROM payee_account",
    "SELECT fingerprint FROM payee_account",
    "SELECT sealed FROM contact",
    'SELECT "by" FROM case_event',
    'SELECT "by" FROM opening',
    'SELECT "by" FROM objection_answer',
    'SELECT "by" FROM correction_end',
    'SELECT "by" FROM rating_answer',
    'SELECT "by" FROM suggestion_event',
    "INSERT INTO rating_answer DEFAULT VALUES",
    "SELECT eligible FROM sweep_policy",
    "SELECT amount_fen FROM sweep_policy",
    "SELECT manifest FROM snapshot",
    "SELECT 1 FROM policy_match.case_state",
    "SELECT 1 FROM policy_match.benefit_case",
    "INSERT INTO policy_match.suggestion DEFAULT VALUES",
    "SELECT 1 FROM decision",
    "SELECT last_value FROM case_number",
    "SELECT nextval('case_number')",
    "SELECT currval('objection_objection_id_seq')",
    "SELECT * FROM decision_1",
    "SELECT take_notices('open', 0, 10)",
    "SELECT hold_notices('{2}')",
    "SELECT * FROM case_stages('2025-07-01')",
    "UPDATE case_state SET amount_fen = 1",
    "DELETE FROM case_event",
    "TRUNCATE suggestion",
    "UPDATE benefit_case SET uscc = uscc",
    "INSERT INTO benefit_case DEFAULT VALUES",
    "CREATE TABLE policy_match.mine (id integer)",
    "CREATE VIEW policy_match_firm.mine AS SELECT 1 AS one",
    "ALTER TABLE policy_match.case_state DISABLE TRIGGER ALL",
    "COPY case_state FROM STDIN",
)
"""What a firm may not read or do, its own rows or not."""

NOT_POSSIBLE = (pg.InsufficientPrivilege, pg.UndefinedColumn, pg.WrongObjectType)


@pytest.fixture(scope="module")
def filled(server: EmbeddedPostgres) -> Iterator[str]:
    """The address of a database in which firms 1 and 2 have one row of everything; no test keeps what it writes."""
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        _fill(url)
        yield url


def _fill(url: str) -> None:
    with _superuser(url) as connection:
        connection.execute("CREATE TABLE decision_1 PARTITION OF decision FOR VALUES IN (1)")
        connection.execute("SET session_replication_role = replica")
        connection.execute(SWEEP.encode())
        for number in (1, 2):
            connection.execute(FILL.replace("%(n)s", str(number)).encode())
        connection.execute("SET session_replication_role = origin")
        connection.execute("ANALYZE")


@contextmanager
def _superuser(url: str) -> Iterator[Connection]:
    with psycopg.connect(make_conninfo(url, user=SUPERUSER), row_factory=dict_row) as connection:
        connection.execute("SET search_path = policy_match")
        yield connection


@contextmanager
def as_firm(url: str, number: int | None) -> Iterator[Connection]:
    """Give a connection that works as a firm's request does; without a number the setting was forgotten."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute("SET ROLE policy_match_firm")
        connection.execute(f"SET search_path = {FIRM_PATH}".encode())
        if number is not None:
            connection.execute("SELECT set_config('policy_match.firm', %s, false)", [uscc(number)])
        connection.commit()
        yield connection
        connection.rollback()


def relations(connection: Connection) -> list[str]:
    """Return every table and view of the schemas but the partitions of the decisions."""
    rows = connection.execute(
        "SELECT n.nspname || '.' || c.relname AS name"
        " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname LIKE 'policy\\_match%' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition"
    ).fetchall()
    return [row["name"] for row in rows]


def readable(connection: Connection) -> set[str]:
    """Return the relations of which this role may read a column."""
    return {
        name
        for name in relations(connection)
        if connection.execute("SELECT has_any_column_privilege(%s, 'SELECT') AS may", [name]).fetchall()[0]["may"]
    }


def whose(connection: Connection, name: str) -> list[object]:
    """Return to which firms the rows belong that are there."""
    expression = OWN[name]
    rows = connection.execute(f"SELECT DISTINCT {expression} AS firm FROM {name} ORDER BY 1".encode()).fetchall()
    return [row["firm"] for row in rows]


def test_every_table_and_view_has_been_decided_on(filled: str) -> None:
    with as_firm(filled, 1) as connection:
        found = set(relations(connection))
        assert found == OWN.keys() | OF_NOBODY | HIDDEN
        assert readable(connection) == OWN.keys() | OF_NOBODY


def test_a_table_that_everybody_may_read_is_noticed(filled: str) -> None:
    with _superuser(filled) as connection:
        connection.execute("CREATE TABLE later (secret text); GRANT SELECT ON later TO PUBLIC")
        connection.execute("SET ROLE policy_match_firm")
        assert "policy_match.later" in readable(connection)
        connection.rollback()


@pytest.mark.parametrize("number", [1, 2])
def test_a_firm_sees_its_own_rows_and_no_others(filled: str, number: int) -> None:
    with as_firm(filled, number) as connection:
        assert {name: whose(connection, name) for name in OWN} == {name: [number] for name in OWN}


@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_firm_there_are_no_rows(filled: str, setting: str | None) -> None:
    with as_firm(filled, None) as connection:
        if setting is not None:
            connection.execute("SELECT set_config('policy_match.firm', %s, false)", [setting])
        assert {name: whose(connection, name) for name in OWN} == {name: [] for name in OWN}


def test_a_firm_that_is_not_there_has_no_rows(filled: str) -> None:
    with as_firm(filled, 3) as connection:
        assert {name: whose(connection, name) for name in OWN} == {name: [] for name in OWN}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_its_own_cannot_be_added_and_the_refusal_tells_nothing(filled: str, name: str) -> None:
    with as_firm(filled, 1) as connection, pytest.raises(pg.InsufficientPrivilege) as refused:
        connection.execute(REFUSED[name].encode())
    assert "takes from a firm only what is its own" in str(refused.value)
    assert refused.value.diag.message_detail is None


def test_a_conflict_is_not_asked_for_before_the_row_is_known_to_be_its_own(filled: str) -> None:
    for seq in (1, 9):
        with as_firm(filled, 1) as connection, pytest.raises(pg.InsufficientPrivilege, match="only what is its own"):
            connection.execute(
                f"{STEP} VALUES (2, {seq}, 'confirm', 'notified', 'confirmed', {AT}, 'firm:{uscc(1)}')"
                " ON CONFLICT (case_id, seq) DO NOTHING RETURNING case_id".encode()
            )


@pytest.mark.parametrize("statement", LEAKS)
def test_what_is_hidden_cannot_be_read_or_changed(filled: str, statement: str) -> None:
    with as_firm(filled, 1) as connection, pytest.raises(NOT_POSSIBLE):
        connection.execute(statement.encode())


@pytest.mark.parametrize("name", sorted(OWN))
def test_no_function_in_a_condition_is_shown_a_row_of_another(filled: str, name: str) -> None:
    leak = (
        "CREATE FUNCTION pg_temp.tell(row_ anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
        " $$ BEGIN RAISE NOTICE '%', row_; RETURN true; END $$"
    )
    heard: list[str] = []
    with as_firm(filled, 1) as connection:
        connection.add_notice_handler(lambda notice: heard.append(str(notice.message_primary)))
        connection.execute(leak.encode())
        column = OWN[name].removeprefix("right(").removesuffix(", 1)::integer")
        connection.execute(f"SELECT 1 FROM {name} WHERE pg_temp.tell({column})".encode())
    assert heard
    assert {text[-1] for text in heard} == {"1"}


@pytest.mark.parametrize("name", ["policy_match_firm.case_state", "policy_match_firm.benefit_case"])
def test_an_error_about_a_value_names_no_value_of_another(filled: str, name: str) -> None:
    with as_firm(filled, 1) as connection, pytest.raises(pg.InvalidTextRepresentation, match=uscc(1)):
        connection.execute(f"SELECT 1 FROM {name} WHERE uscc::integer = 1".encode())
    with as_firm(filled, 3) as connection:
        connection.execute(f"SELECT 1 FROM {name} WHERE uscc::integer = 1".encode())


def test_counts_and_sums_are_those_of_its_own_rows(filled: str) -> None:
    with as_firm(filled, 1) as connection:
        (row,) = connection.execute(
            "SELECT (SELECT count(*) FROM case_state) AS cases, (SELECT sum(amount_fen) FROM payment_attempt) AS fen,"
            " (SELECT max(notice_id) FROM notice) AS notice"
        ).fetchall()
    assert row == {"cases": 1, "fen": 100, "notice": 1}


def test_statistics_tell_nothing(filled: str) -> None:
    with as_firm(filled, 1) as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_stats WHERE schemaname LIKE 'policy\\_match%' GROUP BY 1"
        ).fetchall()
        assert {row["tablename"] for row in rows} <= {name.split(".")[1] for name in OF_NOBODY}


def test_the_functions_of_a_firm_are_those_that_look_for_its_own_rows(filled: str) -> None:
    with as_firm(filled, 1) as connection:
        rows = connection.execute(
            "SELECT p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
            " WHERE n.nspname LIKE 'policy\\_match%' AND has_function_privilege(p.oid, 'EXECUTE')"
            " AND p.prorettype <> 'trigger'::regtype AND (p.prosecdef OR p.proname LIKE 'firm%')"
        ).fetchall()
        assert {row["proname"] for row in rows} == FUNCTIONS


def test_a_firm_adds_where_the_list_says_and_nowhere_else(filled: str) -> None:
    with as_firm(filled, 1) as connection:
        may = {
            name
            for name in relations(connection)
            if connection.execute(
                "SELECT has_any_column_privilege(%s, 'INSERT') OR has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')"
                " AS may",
                [name, name],
            ).fetchall()[0]["may"]
        }
        assert may == {f"policy_match_firm.{name}" for name in ADDS}


@pytest.mark.parametrize("name", sorted(OWN))
def test_there_is_something_of_each_firm_to_be_seen(filled: str, name: str) -> None:
    table = name.replace("policy_match_firm", "policy_match")
    with psycopg.connect(filled, row_factory=dict_row) as connection:
        connection.execute("SET ROLE policy_match_app")
        rows = connection.execute(
            f"SELECT DISTINCT {OWN[name]} % 10 AS firm FROM {table} ORDER BY 1".encode()
        ).fetchall()
    assert [row["firm"] for row in rows] == [1, 2]


def test_the_program_may_not_look_into_what_is_made_for_firms(filled: str) -> None:
    with psycopg.connect(filled, row_factory=dict_row) as connection:
        connection.execute("SET ROLE policy_match_app")
        with pytest.raises(pg.InsufficientPrivilege):
            connection.execute("SELECT 1 FROM policy_match_firm.benefit_case")
