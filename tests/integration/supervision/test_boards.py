"""The board: every case that waits is on it once, in the colour of its working days, and behind it are its cases."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.services.duties import grant_duty
from policy_match.services.supervise_cases import mark_cases, supervised_cases, supervision_board
from policy_match.storage.unit_of_work import Database
from policy_match.supervision.colours import Colour
from policy_match.supervision.stages import STAGES, STAGES_OF, Stage
from policy_match.values import PolicyId
from tests.support.cases import CALENDAR, MovableClock
from tests.support.payment_flow import app_connection
from tests.support.standing import colour_by_walking
from tests.support.waiting_cases import DEPARTMENTS, Hall, Waiting, policy_of

NOW = datetime(2025, 7, 16, 1, tzinfo=UTC)
MATCHED = Waiting(route=Route.DIRECT, status=Status.MATCHED, since=NOW)
REVIEW_DAYS = STAGES[Stage.REVIEW].days


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


def crowd(count: int, seed: int = 1) -> list[Waiting]:
    """Return cases in every status that waits, begun in the last weeks."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        route, status = draw.choice(sorted(STAGES_OF))
        since = NOW - timedelta(days=draw.randint(0, 40))
        found.append(
            Waiting(
                route=route,
                status=status,
                since=since,
                publicity=draw.choice((0, 5)),
                amount_fen=draw.randint(1, 10**6),
                deadline=china_day(since) + timedelta(days=draw.randint(0, 40))
                if status in (Status.NOTIFIED, Status.PUBLISHED, Status.OBJECTED)
                else None,
            )
        )
    return found


def test_boards_add_up_to_the_cases_that_wait(database: Database, hall: Hall, clock: MovableClock) -> None:
    wanted = crowd(400)
    hall.add(*wanted)
    hall.add(*(Waiting(route=Route.DIRECT, status=Status.WITHDRAWN, since=NOW) for _ in range(3)))
    today = china_day(NOW)
    with app_connection(hall.url) as connection:
        live = connection.execute("SELECT count(*) AS n FROM case_stages(%s)", (today,)).fetchone()
    assert live is not None
    assert live["n"] == len(wanted)
    for per_policy in (False, True):
        found = supervision_board(database, CALENDAR, clock, per_policy=per_policy)
        assert sum(found.board.cases.values()) == live["n"]
        assert sum(line.all_fen for line in found.board.lines) == sum(case.amount_fen for case in wanted)
    units = {line.unit for line in found.board.lines}
    parts = [supervision_board(database, CALENDAR, clock, unit=unit).board for unit in units]
    assert sum(sum(part.cases.values()) for part in parts) == live["n"]
    policies = {line.policy_id for line in found.board.lines}
    parts = [supervision_board(database, CALENDAR, clock, policy=policy).board for policy in policies]
    assert sum(sum(part.cases.values()) for part in parts) == live["n"]


def test_the_cases_behind_the_board_are_those_that_it_counts(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    hall.add(*crowd(300))
    found = supervision_board(database, CALENDAR, clock)
    listed, after = [], 0
    while page := supervised_cases(database, CALENDAR, clock, after=after, most=37).cases:
        listed += page
        after = page[-1].case_id
    counted = Counter((case.unit, case.stage, case.colour) for case in listed)
    assert counted == Counter(
        {
            (line.unit, line.stage, colour): line.cases[colour]
            for line in found.board.lines
            for colour in Colour
            if line.cases[colour]
        }
    )
    today = china_day(NOW)
    assert all(case.colour is colour_by_walking(CALENDAR, case.started_on, case.limit_days, today) for case in listed)
    for colour in Colour:
        page = supervised_cases(database, CALENDAR, clock, colour=colour, most=1000).cases
        assert [case.case_id for case in page] == [case.case_id for case in listed if case.colour is colour]
    red = supervised_cases(
        database, CALENDAR, clock, unit="财政部门", stage=Stage.ORDER, colour=Colour.RED, most=1000
    ).cases
    assert [case.case_id for case in red] == [
        case.case_id for case in listed if case.stage is Stage.ORDER and case.colour is Colour.RED
    ]
    one = PolicyId(policy_of(Route.DIRECT))
    page = supervised_cases(database, CALENDAR, clock, policy=one, most=1000).cases
    assert [case.case_id for case in page] == [case.case_id for case in listed if case.policy_id == one]


def test_the_oldest_is_counted_in_working_days(database: Database, hall: Hall, clock: MovableClock) -> None:
    hall.add(MATCHED, Waiting(route=Route.DIRECT, status=Status.MATCHED, since=datetime(2025, 7, 4, 1, tzinfo=UTC)))
    found = supervision_board(database, CALENDAR, clock)
    (line,) = found.board.lines
    assert found.ages.working_days_since(line.oldest_on) == 8
    assert (line.unit, line.stage) == (DEPARTMENTS[Route.DIRECT], Stage.REVIEW)


def test_the_firms_window_is_blue_until_its_last_day_and_nobodys_fault(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    hall.add(
        Waiting(
            route=Route.CONFIRM,
            status=Status.NOTIFIED,
            since=NOW - timedelta(days=60),
            deadline=china_day(NOW),
        )
    )
    (line,) = supervision_board(database, CALENDAR, clock).board.lines
    assert (line.unit, line.stage, line.cases[Colour.BLUE]) == ("企业", Stage.ANSWER, 1)
    clock.move(1)
    (line,) = supervision_board(database, CALENDAR, clock).board.lines
    assert (line.unit, line.stage, line.cases[Colour.BLUE]) == (DEPARTMENTS[Route.CONFIRM], Stage.WINDOW_END, 1)
    assert line.oldest_on == china_day(NOW)


def test_a_policys_own_limit_goes_first(database: Database, database_url: str, clock: MovableClock) -> None:
    hall = Hall(database_url, {Route.DIRECT: {Stage.REVIEW: 20}})
    hall.add(
        Waiting(route=Route.DIRECT, status=Status.MATCHED, since=NOW - timedelta(days=14)),
        Waiting(route=Route.LIST_THEN_COLLECT, status=Status.MATCHED, since=NOW - timedelta(days=14)),
    )
    assert supervision_board(database, CALENDAR, clock).board.cases == {
        Colour.BLUE: 1,
        Colour.YELLOW: 0,
        Colour.RED: 1,
    }


def test_a_level_that_nobody_holds_is_on_the_board(database: Database, hall: Hall, clock: MovableClock) -> None:
    hall.add(MATCHED)
    unit = DEPARTMENTS[Route.DIRECT]
    grant_duty(database, clock, unit=unit, level=2, person="sun.li", by="admin")
    assert supervision_board(database, CALENDAR, clock).board.nobody == {unit: (1, 3)}


def test_a_dismissed_objection_goes_back_to_its_display(database: Database, hall: Hall, clock: MovableClock) -> None:
    last = china_day(NOW) + timedelta(days=2)
    (case,) = hall.add(
        Waiting(route=Route.DIRECT, status=Status.OBJECTED, since=NOW - timedelta(days=20), publicity=5, deadline=last)
    )
    (line,) = supervision_board(database, CALENDAR, clock).board.lines
    assert (line.stage, line.cases[Colour.RED]) == (Stage.OBJECTION, 1)
    hall.step(case, Event.DISMISS, NOW, last)
    (line,) = supervision_board(database, CALENDAR, clock).board.lines
    assert (line.stage, line.cases[Colour.BLUE]) == (Stage.PUBLICITY, 1)


def test_an_empty_database_has_an_empty_board(database: Database, hall: Hall, clock: MovableClock) -> None:
    found = supervision_board(database, CALENDAR, clock)
    assert list(found.board.lines) == []
    assert sum(found.board.cases.values()) == 0
    assert list(supervised_cases(database, CALENDAR, clock).cases) == []


def test_a_year_that_nobody_listed_is_an_error_before_any_mark(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    hall.add(MATCHED)
    clock.move_to(date(2031, 5, 6))
    with pytest.raises(WorkingDaysUnknown, match="2031"):
        mark_cases(database, CALENDAR, clock)
    with pytest.raises(WorkingDaysUnknown, match="2031"):
        supervision_board(database, WorkingDays(), clock)
    with app_connection(hall.url) as connection:
        assert connection.execute("SELECT FROM stage_mark").fetchall() == []
