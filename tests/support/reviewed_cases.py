"""Reviewed cases in a database, written as rows, for tests of budgets, lists and approvals.

Guarantees that every case was opened, checked and found eligible as the schema asks, in sets; opening them from
decisions is `services.open_cases`, which these tests do not need.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from policy_match.services.allocate_budget import BudgetShared, allocate_budget
from policy_match.services.approval_lists import ListMade, make_lists
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.roles import grant_role
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import MovableClock, World, firms, make_world, uscc

POLICY = PolicyId("direct")
FUND = "jobs"
YEAR = 2025
LINE = f"{FUND}-{YEAR}"
STAGES = ({"role": "reviewer", "count": 1, "from_fen": 0}, {"role": "approver", "count": 1, "from_fen": 0})
WHOLE = ({"line": FUND, "share": "1"},)
REVIEWED_AT = datetime(2025, 7, 1, 1, 0, tzinfo=UTC)

STEPS = {
    "direct": [("review", "matched", "reviewed")],
    "contract": [
        ("notify", "matched", "notified"),
        ("confirm", "notified", "confirmed"),
        ("review", "confirmed", "reviewed"),
    ],
    "list_then_collect": [("review", "matched", "reviewed")],
}


@dataclass(frozen=True, kw_only=True)
class Office:
    """A database with a kept sweep, where cases can be put as a test needs them."""

    url: str
    database: Database
    world: World

    @property
    def clock(self) -> MovableClock:
        """The clock of the world."""
        return self.world.clock

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """Yield a connection of the owner, which commits when it is left."""
        with psycopg.connect(self.url, options="-c search_path=policy_match -c timezone=UTC") as connection:
            yield connection

    def number(self, statement: str, *parameters: object) -> int:
        """Return the one number that a query gives."""
        with self.connection() as connection:
            row = connection.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        return int(str(row[0]))

    def reviewed(
        self,
        amounts: Sequence[int],
        *,
        policy: str = POLICY,
        route: str = "direct",
        stages: Sequence[Mapping[str, object]] = STAGES,
        shares: Sequence[Mapping[str, object]] = WHOLE,
        how: str = "first_come",
        at: datetime = REVIEWED_AT,
        by: str = "system",
        period: str = "2025",
        due_from: date = date(2025, 7, 1),
    ) -> list[int]:
        """Open cases with these amounts for the firms 1, 2, … and review them; return their numbers in order."""
        with self.connection() as connection:
            (sweep, version) = (
                connection.execute("SELECT max(sweep_number), max(version) FROM sweep_policy").fetchone() or ()
            )
            (opening,) = connection.execute("SELECT nextval('opening_number')").fetchone() or ()
            connection.execute(
                "INSERT INTO opening (number, sweep_number, at, by) VALUES (%s, %s, %s, %s)", (opening, sweep, at, by)
            )
            connection.execute(
                "INSERT INTO opening_policy VALUES (%s, 0, %s, %s, %s, %s, %s, 5, 'waived', 0, 5, 'firm', %s, %s, %s)",
                (opening, sweep, policy, version, route, period, how, json.dumps(stages), json.dumps(shares)),
            )
            (first,) = connection.execute("SELECT nextval('case_number')").fetchone() or ()
            assert isinstance(first, int)
            cases = list(range(first, first + len(amounts)))
            connection.execute("SELECT setval('case_number', %s)", (cases[-1],))
            with connection.cursor().copy(
                "COPY benefit_case (case_id, opening, place, policy_id, version, uscc, record_id, period, instalment,"
                " instalments, route, entitled_fen, due_from) FROM STDIN"
            ) as copy:
                for place, (case_id, fen) in enumerate(zip(cases, amounts, strict=True), start=1):
                    row = (
                        case_id,
                        opening,
                        0,
                        policy,
                        version,
                        uscc(place),
                        "",
                        period,
                        1,
                        1,
                        route,
                        fen,
                        due_from,
                    )
                    copy.write_row(row)
        self.check(cases, at=at, by=by)
        for event, before, after in STEPS[route]:
            self.step(cases, event, before, after, at=at, by=by)
        return cases

    def check(
        self, cases: Sequence[int], outcome: str = "eligible", *, at: datetime = REVIEWED_AT, by: str = "system"
    ) -> None:
        """Check the cases against the newest sweep before approval, with this outcome."""
        with self.connection() as connection:
            connection.execute(
                "WITH made AS (INSERT INTO recheck (number, purpose, sweep_number, policy_id, at, by)"
                " SELECT nextval('recheck_number'), 'approval', max(number), 'any', %s, %s FROM sweep RETURNING number)"
                " SELECT 1 FROM made",
                (at, by),
            )
            connection.execute(
                "INSERT INTO case_recheck (recheck, case_id, outcome)"
                " SELECT (SELECT max(number) FROM recheck), c, %s::recheck_outcome FROM unnest(%s::bigint[]) AS c",
                (outcome, list(cases)),
            )

    def step(
        self,
        cases: Sequence[int],
        event: str,
        before: str,
        after: str,
        *,
        amount_fen: int | None = None,
        deadline: date | None = None,
        at: datetime = REVIEWED_AT,
        by: str = "system",
        reason: str = "示例",
    ) -> None:
        """Take one step with every one of the cases."""
        with self.connection() as connection:
            connection.execute(
                "INSERT INTO case_event (case_id, seq, event, before, after, amount_fen, deadline, at, by, reason)"
                " SELECT case_id, seq + 1, %s::case_step, %s::case_status, %s::case_status, %s, %s, %s, %s, %s"
                "   FROM case_state WHERE case_id = ANY (%s)",
                (event, before, after, amount_fen, deadline, at, by, reason, list(cases)),
            )

    def amend(self, case: int, amount_fen: int, *, at: datetime = REVIEWED_AT) -> None:
        """Change the amount of a reviewed direct case and review it again."""
        self.step([case], "amend", "reviewed", "matched", amount_fen=amount_fen, at=at)
        self.step([case], "review", "matched", "reviewed", at=at)

    def status(self, case: int) -> tuple[str, int]:
        """Return the status and the amount of a case."""
        with self.connection() as connection:
            row = connection.execute(
                "SELECT status::text, amount_fen FROM case_state WHERE case_id = %s", (case,)
            ).fetchone()
        assert row is not None
        return str(row[0]), int(str(row[1]))

    def statuses(self) -> Mapping[str, int]:
        """Return how many cases there are of each status."""
        with self.connection() as connection:
            rows = connection.execute("SELECT status::text, count(*) FROM case_state GROUP BY status").fetchall()
        return {str(status): int(str(count)) for status, count in rows}

    def money(self, amount_fen: int, fund: str = FUND, year: int = YEAR) -> None:
        """Book money onto a line, which is added if it is not there."""
        line = add_line(self.database, self.clock, fund=fund, year=year, label="示例", by="admin").line
        if amount_fen:
            appropriate(self.database, self.clock, line=line.line, amount_fen=amount_fen, by="treasury")

    def allocate(self, policy: str = POLICY, year: int | None = None) -> BudgetShared:
        """Share the budget among the waiting cases."""
        return allocate_budget(self.database, self.clock, policy_id=PolicyId(policy), by="budget.officer", year=year)

    def granted(self) -> Mapping[int, int]:
        """Return what each case was granted last."""
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT DISTINCT ON (case_id) case_id, granted_fen"
                "  FROM case_allocation ORDER BY case_id, allocation DESC"
            ).fetchall()
        return {int(str(case)): int(str(fen)) for case, fen in rows}

    def roles(self, **people: str) -> None:
        """Give each person the role."""
        for person, role in people.items():
            grant_role(self.database, self.clock, person=person, role=role, by="admin")

    def list(self, amounts: Sequence[int] = (100, 200, 300), **how: object) -> tuple[ListMade, list[int]]:
        """Open, fund and list cases with these amounts; return the list and the cases."""
        cases = self.reviewed(amounts, **how)  # type: ignore[arg-type]
        self.money(sum(amounts))
        self.allocate()
        (made,) = make_lists(self.database, self.clock, policy_id=POLICY, by="clerk").made
        return made, cases


def open_office(url: str, database: Database, folder: Path) -> Office:
    """Return an office without cases; its world has one policy."""
    return Office(url=url, database=database, world=make_world(database, folder, ("direct",), firms(1)))
