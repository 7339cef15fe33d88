"""The fast way to cases whose payment is due: their rows are written as the services would have left them.

Guarantees, by the schema's own triggers, that these rows could have come about step by step; a fresh database costs
some ten milliseconds, and 100,000 cases some ten seconds. How services get there is tested elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from policy_match.policy.model import PayeeKind
from policy_match.services.payee_accounts import StatedAccount, take_accounts
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId, Uscc
from tests.support.cases import MovableClock

DAY = date(2025, 7, 1)
READY = datetime(2025, 7, 1, 1, tzinfo=UTC)
"""When the cases were approved and rechecked: nine o'clock in Beijing."""

CUT_OFF = date(2025, 12, 20)
CLERK = "wang.fang"
APPROVER = "li.ming"
POLICIES = (PolicyId("flow-one"), PolicyId("flow-two"))
"""The first is paid by one budget line, the second by two."""

LINES = ("city-2025", "county-2025")
BUDGET_FEN = 1_000_000_000_000
BANK_CODE = "102452000017"
SEALER = AccountSealer([b"only for tests, thirty-two bytes"])

BASE = """
INSERT INTO fact_catalogue (fingerprint, canonical) VALUES (encode(sha256('facts'), 'hex'), 'facts');
INSERT INTO rules (fingerprint, catalogue, canonical)
    SELECT encode(sha256('rules'), 'hex'), fingerprint, 'rules' FROM fact_catalogue;
INSERT INTO policy_version (fingerprint, policy_id, label, grain, effective_from, canonical)
    SELECT encode(sha256(convert_to(to_json(id)::text, 'UTF8')), 'hex'), id, 'v1', 'firm', '2024-01-01',
           to_json(id)::text
      FROM unnest(ARRAY['flow-one', 'flow-two']) AS id;
INSERT INTO snapshot (snapshot_id, manifest) VALUES (encode(sha256('snapshot'), 'hex'), '{}');
INSERT INTO sweep (number, sweep_id, snapshot_id, rules, as_of, engine, truth)
    SELECT nextval('sweep_number'), encode(sha256('sweep'), 'hex'), snapshot_id, fingerprint, '2025-06-30', 'arrow',
           encode(sha256('truth'), 'hex') FROM snapshot, rules;
INSERT INTO sweep_policy (sweep_number, place, version, total, eligible, ineligible, undetermined, amount_fen)
    SELECT 1, row_number() OVER (ORDER BY policy_id) - 1, fingerprint, 10, 5, 5, 0, 0 FROM policy_version;
INSERT INTO opening (number, sweep_number, at, by) VALUES (nextval('opening_number'), 1, '2025-07-01', 'system');
INSERT INTO opening_policy (opening, place, sweep_number, policy_id, version, route, period, confirm_days, silence,
                            publicity_days, recheck_days, payee, allocation, stages, cost_shares)
    SELECT 1, p.place, 1, v.policy_id, v.fingerprint, 'direct', '2025', 5, 'waived', 0, 5, 'firm', 'first_come',
           '[{"role": "approver", "count": 1, "from_fen": 0}]',
           CASE p.place WHEN 0 THEN '[{"line": "county", "share": "1"}]'
                        ELSE '[{"line": "city", "share": "0.6"}, {"line": "county", "share": "0.4"}]' END::jsonb
      FROM sweep_policy AS p JOIN policy_version AS v ON v.fingerprint = p.version;
INSERT INTO role_grant (person, role, granted, at, by) VALUES ('li.ming', 'approver', true, '2025-07-01', 'system');
INSERT INTO budget_line (line, fund, year, label, at, by)
    SELECT fund || '-' || year, fund, year, fund, '2025-01-01', 'system'
      FROM unnest(ARRAY['city', 'county']) AS fund, unnest(ARRAY[2025, 2026]) AS year;
"""

CASES = (
    """
    CREATE TEMPORARY TABLE wanted (case_id, place, uscc, amount_fen, list_id, allocation, recheck) ON COMMIT DROP AS
    SELECT w.*, l.number, l.number, l.number
      FROM unnest(%(case_ids)s::bigint[], %(places)s::integer[], %(usccs)s::text[], %(amounts)s::bigint[])
               AS w (case_id, place, uscc, amount_fen)
      JOIN (SELECT place, %(first)s::integer + row_number() OVER (ORDER BY place)::integer AS number
              FROM (SELECT DISTINCT unnest(%(places)s::integer[]) AS place) AS each) AS l USING (place)
    """,
    """
    INSERT INTO firm_name (sweep_number, uscc, name)
    SELECT DISTINCT 1, uscc, '示例' || uscc || '有限公司' FROM wanted ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO benefit_case (case_id, opening, place, policy_id, version, uscc, record_id, period, instalment,
                              instalments, route, entitled_fen, due_from)
    SELECT w.case_id, 1, w.place, p.policy_id, p.version, w.uscc, '', '2025', 1, 1, 'direct', w.amount_fen,
           '2025-07-01'
      FROM wanted AS w JOIN opening_policy AS p ON p.opening = 1 AND p.place = w.place
    """,
    """
    INSERT INTO case_event (case_id, seq, event, before, after, at, by)
    SELECT case_id, 1, 'review', 'matched', 'reviewed', %(at)s, 'system' FROM wanted
    """,
    """
    INSERT INTO allocation (number, policy_id, year, how, at, by)
    SELECT DISTINCT w.allocation, p.policy_id, 2025, 'first_come'::allocation_rule, %(at)s::timestamptz, 'system'
      FROM wanted AS w JOIN opening_policy AS p ON p.opening = 1 AND p.place = w.place
    """,
    """
    INSERT INTO case_allocation (allocation, case_id, seq, place, asked_fen, granted_fen)
    SELECT allocation, case_id, 1, row_number() OVER (ORDER BY case_id), amount_fen, amount_fen FROM wanted
    """,
    """
    INSERT INTO case_share (allocation, case_id, line, amount_fen)
    SELECT w.allocation, w.case_id, s.line, s.fen
      FROM wanted AS w
     CROSS JOIN LATERAL (SELECT CASE w.place WHEN 0 THEN 0 ELSE w.amount_fen * 3 / 5 END AS fen) AS city
     CROSS JOIN LATERAL (VALUES ('city-2025', city.fen), ('county-2025', w.amount_fen - city.fen)) AS s (line, fen)
     WHERE s.fen > 0
    """,
    """
    INSERT INTO approval_list (list_id, policy_id, sweep_number, snapshot_id, cases, total_fen, stages, digest, at, by)
    SELECT w.list_id, p.policy_id, 1, s.snapshot_id, count(*), sum(w.amount_fen), p.stages,
           encode(sha256(convert_to('list ' || w.list_id, 'UTF8')), 'hex'), %(at)s, 'system'
      FROM wanted AS w JOIN opening_policy AS p ON p.opening = 1 AND p.place = w.place, snapshot AS s
     GROUP BY w.list_id, p.policy_id, p.stages, s.snapshot_id
    """,
    """
    INSERT INTO listed_case (list_id, case_id, seq, amount_fen, allocation)
    SELECT list_id, case_id, 1, amount_fen, allocation FROM wanted
    """,
    """
    INSERT INTO approval (list_id, person, stage, role, digest, at)
    SELECT list_id, 'li.ming', 1, 'approver', digest, %(at)s FROM approval_list
     WHERE list_id IN (SELECT list_id FROM wanted)
    """,
    """
    INSERT INTO list_end (list_id, outcome, at, by)
    SELECT DISTINCT list_id, 'complete'::list_outcome, %(at)s::timestamptz, 'system' FROM wanted
    """,
    """
    INSERT INTO case_event (case_id, seq, event, before, after, at, by, about)
    SELECT case_id, 2, 'approve', 'reviewed', 'approved', %(at)s, 'li.ming', 'list:' || list_id FROM wanted
    """,
)

RECHECK = (
    """
    INSERT INTO recheck (number, purpose, sweep_number, policy_id, at, by)
    SELECT nextval('recheck_number'), 'payment', 1, policy_id, %(at)s, 'system'
      FROM opening_policy WHERE opening = 1
    """,
    """
    INSERT INTO case_recheck (recheck, case_id, outcome)
    SELECT r.number, s.case_id, %(outcome)s::recheck_outcome
      FROM case_state AS s
      JOIN (SELECT policy_id, max(number) AS number FROM recheck GROUP BY policy_id) AS r USING (policy_id)
     WHERE s.status IN ('approved', 'published', 'confirmed', 'returned')
       AND (%(case_ids)s::bigint[] IS NULL OR s.case_id = ANY (%(case_ids)s))
    """,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowCase:
    """One case to be paid: `place` is that of its policy in `POLICIES`."""

    case_id: int
    amount_fen: int
    place: int = 0

    @property
    def uscc(self) -> Uscc:
        """The firm, one for each case."""
        return Uscc(f"91370000MA{self.case_id:08d}")

    @property
    def name(self) -> str:
        """The firm's registered name."""
        return f"示例{self.uscc}有限公司"


def cases(*amounts_fen: int, place: int = 0) -> tuple[FlowCase, ...]:
    """Return cases of these amounts, numbered from 1."""
    return tuple(FlowCase(case_id=number, amount_fen=fen, place=place) for number, fen in enumerate(amounts_fen, 1))


@contextmanager
def app_connection(url: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """Give a connection with the rights of the program; it commits when left without an error."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute("SET search_path = policy_match")
        connection.execute("SET timezone = 'UTC'")
        connection.execute("SET ROLE policy_match_app")
        yield connection


def add_base(url: str) -> None:
    """Write what all cases stand on: two policies, a sweep, an opening, an approver, and budget lines without money."""
    with app_connection(url) as connection:
        connection.execute(BASE)


def appropriate(url: str, fen: int = BUDGET_FEN, lines: Iterable[str] = LINES) -> None:
    """Give each line this money."""
    with app_connection(url) as connection:
        for line in lines:
            connection.execute(
                "INSERT INTO ledger_transfer (kind, line, amount_fen, about, at, by)"
                " VALUES ('appropriate', %s, %s, %s, %s, 'system')",
                [line, fen, f"budget {fen}", READY],
            )


def add_cases(url: str, wanted: Sequence[FlowCase]) -> None:
    """Write approved, allocated and rechecked cases, each with its registered name and without an account."""
    parameters = {
        "case_ids": [case.case_id for case in wanted],
        "places": [case.place for case in wanted],
        "usccs": [case.uscc for case in wanted],
        "amounts": [case.amount_fen for case in wanted],
        "at": READY,
    }
    with app_connection(url) as connection:
        row = connection.execute("SELECT coalesce(max(list_id), 0) AS first FROM approval_list").fetchone()
        assert row is not None
        for statement in CASES:
            connection.execute(statement, {**parameters, "first": row["first"]})
    recheck(url, [case.case_id for case in wanted])


def recheck(
    url: str, case_ids: Sequence[int] | None = None, *, at: datetime = READY, outcome: str = "eligible"
) -> None:
    """Find the cases, or all that wait, to be what `outcome` says, as a recheck before payment would."""
    ids = None if case_ids is None else list(case_ids)
    with app_connection(url) as connection:
        for statement in RECHECK:
            connection.execute(statement, {"at": at, "outcome": outcome, "case_ids": ids})


def account_number(case: FlowCase, version: int = 1) -> str:
    """Return the number of a firm's account; a corrected one has a higher version."""
    return f"6228{version:04d}{case.case_id:011d}"


def state_accounts(database: Database, wanted: Iterable[FlowCase], clock: MovableClock, version: int = 1) -> None:
    """Take an account in the name of each firm."""
    rows = (
        StatedAccount(
            row=number,
            uscc=case.uscc,
            holder=case.name,
            number=account_number(case, version),
            bank_code=BANK_CODE,
            source="firm",
            kind=PayeeKind.FIRM,
        )
        for number, case in enumerate(wanted, 1)
    )
    taken = take_accounts(rows, database, SEALER, clock, by=CLERK)
    assert taken.refused == 0, taken.refusals


def fill(database: Database, url: str, wanted: Sequence[FlowCase], *, budget_fen: int = BUDGET_FEN) -> MovableClock:
    """Make everything ready for orders in an empty database, and return a clock that stands half an hour later."""
    clock = MovableClock(READY)
    add_base(url)
    appropriate(url, budget_fen)
    add_cases(url, wanted)
    state_accounts(database, wanted, clock)
    clock.move(timedelta(minutes=30) / timedelta(days=1))
    return clock


def rows(url: str, query: str, *parameters: object) -> list[dict[str, Any]]:
    """Return what a query of a test gives."""
    with app_connection(url) as connection:
        return connection.execute(query.encode(), parameters or None).fetchall()
