"""Promised against fulfilled: the groups add up to what is owed, agree with the ledger, and name who waits."""

import csv
import io
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from policy_match.cases.model import Event, Route, Status
from policy_match.cases.working_days import china_day
from policy_match.services.promises import PromiseFiles, promises, unpaid_firms, write_promises
from policy_match.storage.atomic_file import write_file
from policy_match.storage.promise_files import promises_csv, unpaid_firms_csv
from policy_match.storage.unit_of_work import Database
from policy_match.supervision.promises import AGED, Group
from policy_match.values import PolicyId
from tests.support.cases import MovableClock
from tests.support.payment_desk import Desk, Inbox, answer
from tests.support.payment_flow import app_connection, cases, fill
from tests.support.standing import bucket_of
from tests.support.waiting_cases import DEPARTMENTS, Hall, Waiting, policy_of, reachable, uscc_of, way_to

NOW = datetime(2025, 12, 1, 1, tzinfo=UTC)
TODAY = china_day(NOW)
FILES = PromiseFiles(lines=promises_csv, firms=unpaid_firms_csv)
AWAY = {Status.WITHDRAWN: Group.FALLEN, Status.REJECTED: Group.FALLEN}
GIVEN_UP = {Status.DECLINED: Group.GIVEN_UP, Status.WAIVED: Group.GIVEN_UP}
PAID = {
    Status.PAID: Group.FULFILLED,
    Status.RECOVERING: Group.CLAIMED_BACK,
    Status.RECOVERED: Group.CLAIMED_BACK,
}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


def group_of(case: Waiting) -> Group:
    """Return the group of a case, said once more in other words than the query's."""
    known = {**AWAY, **GIVEN_UP, **PAID}
    if case.status in known:
        return known[case.status]
    if case.status is Status.CLOSED:
        return Group.ELSEWHERE if case.route is Route.CONTRACT else Group.FULFILLED
    return Group.PROMISED if Event.APPROVE in way_to(case.route, case.status) else Group.PENDING


def crowd(count: int) -> list[Waiting]:
    draw = random.Random(3)
    statuses = [(route, status) for route in Route for status in reachable(route)]
    return [
        Waiting(
            route=route,
            status=status,
            since=NOW - timedelta(days=draw.choice((0, 7, 8, 30, 31, 90, 91, 180, 181, 300))),
            amount_fen=draw.choice((0, 100, 2_500_000)),
            firm=draw.randint(1, 40),
        )
        for route, status in (draw.choice(statuses) for _ in range(count))
    ]


def owed(case: Waiting) -> bool:
    return case.amount_fen > 0 and case.route is not Route.INFORM


def test_every_case_that_is_owed_is_in_one_group_and_bucket(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    wanted = crowd(500)
    hall.add(*wanted)
    hall.add(Waiting(route=Route.DIRECT, status=Status.MATCHED, since=NOW, due_from=date(2026, 12, 1)))
    expected: Counter[tuple[str, str, Group, int]] = Counter()
    money: Counter[tuple[str, str, Group, int]] = Counter()
    for case in filter(owed, wanted):
        group = group_of(case)
        bucket = bucket_of((TODAY - china_day(case.since)).days) if group in AGED else 0
        key = (DEPARTMENTS[case.route], case.policy, group, bucket)
        expected[key] += 1
        money[key] += case.amount_fen
    *lines, whole = promises(database, clock).lines
    assert {(line.unit, line.policy_id) for line in lines} == {key[:2] for key in expected}
    for line in lines:
        for group in Group:
            found = [
                sum(n for key, n in part.items() if key[:3] == (line.unit, line.policy_id, group))
                for part in (expected, money)
            ]
            assert [line.groups[group].cases, line.groups[group].fen] == found
        for group in AGED:
            for bucket, each in enumerate(line.ages[group]):
                key = (line.unit, str(line.policy_id), group, bucket)
                assert (each.cases, each.fen) == (expected[key], money[key])
    assert whole.owed.cases == sum(expected.values())
    assert whole.owed.fen == sum(money.values())
    one = DEPARTMENTS[Route.DIRECT]
    parts = promises(database, clock, unit=one).lines
    assert [line.unit for line in parts] == [one, ""]
    assert parts[-1].owed.cases == sum(n for key, n in expected.items() if key[0] == one)
    (only, _) = promises(database, clock, policy=PolicyId(policy_of(Route.DIRECT))).lines
    assert only == next(line for line in lines if line.policy_id == policy_of(Route.DIRECT))


def test_firms_that_wait_are_listed_page_by_page_the_oldest_promise_first(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    wanted = crowd(500)
    hall.add(*wanted)
    waiting = [case for case in wanted if owed(case) and group_of(case) is Group.PROMISED]
    found, after = [], None
    while page := unpaid_firms(database, clock, after=after, most=7):
        found += page
        after = (page[-1].oldest_on, page[-1].uscc)
    assert [(firm.oldest_on, firm.uscc) for firm in found] == sorted(
        (min(china_day(case.since) for case in waiting if uscc_of(case.firm) == code), code)
        for code in {uscc_of(case.firm) for case in waiting}
    )
    for firm in found:
        theirs = [case for case in waiting if uscc_of(case.firm) == firm.uscc]
        assert (firm.cases, firm.fen) == (len(theirs), sum(case.amount_fen for case in theirs))
        assert firm.policies == tuple(sorted({case.policy for case in theirs}))
        assert firm.units == tuple(sorted({DEPARTMENTS[case.route] for case in theirs}))
    assert sum(firm.fen for firm in found) == promises(database, clock).lines[-1].groups[Group.PROMISED].fen
    one = DEPARTMENTS[Route.CONFIRM]
    theirs = unpaid_firms(database, clock, unit=one, most=1000)
    assert {firm.uscc for firm in theirs} == {uscc_of(case.firm) for case in waiting if case.route is Route.CONFIRM}
    assert unpaid_firms(database, clock, unit="没有的部门") == []


def test_the_files_hold_what_the_screen_shows(
    database: Database, hall: Hall, clock: MovableClock, tmp_path: Path
) -> None:
    hall.add(*crowd(200))
    paths = write_promises(database, clock, FILES, write_file, out=tmp_path)
    assert [path.name for path in paths] == ["promises.csv", "unpaid_firms.csv"]
    lines, firms = (list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))) for path in paths)
    shown = promises(database, clock).lines
    assert [row["department"] for row in lines] == [line.unit for line in shown]
    assert lines[-1]["owed_yuan"] == f"{shown[-1].owed.fen / 100:.2f}"
    assert [row["promised_cases"] for row in lines] == [str(line.groups[Group.PROMISED].cases) for line in shown]
    assert [row["promised_over_180_cases"] for row in lines] == [
        str(line.ages[Group.PROMISED][4].cases) for line in shown
    ]
    listed = unpaid_firms(database, clock, most=1000)
    assert [row["uscc"] for row in firms] == [firm.uscc for firm in listed]
    assert [row["days"] for row in firms] == [str((TODAY - firm.oldest_on).days) for firm in listed]


def test_a_promise_that_goes_into_a_new_year_is_as_old_as_it_was(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    approved = NOW - timedelta(days=100)
    (case,) = hall.add(Waiting(route=Route.DIRECT, status=Status.APPROVED, since=approved))
    hall.step(case, Event.REQUEUE, NOW)
    whole = promises(database, clock).lines[-1]
    assert [each.cases for each in whole.ages[Group.PROMISED]] == [0, 0, 0, 1, 0]
    (firm,) = unpaid_firms(database, clock)
    assert firm.oldest_on == china_day(approved)


def test_what_was_fulfilled_is_what_the_ledger_paid(database: Database, database_url: str) -> None:
    desk = Desk(database, fill(database, database_url, cases(10_000, 20_000, 30_000, 40_000, 50_000, 60_000)))
    with app_connection(database_url) as connection:
        connection.execute(
            "INSERT INTO supervised_version (version, policy_id, department, title, title_en, own_limits)"
            " SELECT fingerprint, policy_id, '人社局', policy_id, '', '{}' FROM policy_version"
        )
    bank = Inbox()
    desk.pay(bank)
    first, second, third, refused, returned, quiet = bank.payments
    desk.clock.move(2)
    desk.take(desk.report(bank.batches[0].message_id, answer(refused, "RJCT", "AC01")))
    desk.take(desk.statement(*map(desk.booking, (first, second, third, returned))))
    desk.clock.move(3)
    desk.take(desk.statement(desk.returning(returned)))
    whole = promises(database, desk.clock).lines[-1]
    with app_connection(database_url) as connection:
        balances = connection.execute(
            "SELECT account, sum(balance_fen)::bigint AS fen FROM ledger_balance GROUP BY account"
        ).fetchall()
    ledger = {row["account"]: row["fen"] for row in balances}
    assert whole.groups[Group.FULFILLED].fen == ledger["paid"] == 60_000
    assert whole.groups[Group.PROMISED].fen == quiet.amount_fen + refused.amount_fen + returned.amount_fen
    assert whole.owed.fen == 210_000
    assert sum(each.fen for each in whole.groups.values()) + whole.cut_fen == whole.owed.fen


def test_nothing_owed_is_a_report_of_nothing(database: Database, hall: Hall, clock: MovableClock) -> None:
    (whole,) = promises(database, clock).lines
    assert whole.owed.cases == 0
    assert unpaid_firms(database, clock) == []
