"""Escalation: one message per person, department, stage and day; each case once to each level; nobody is visible."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from policy_match.cases.defects import NotAPerson
from policy_match.cases.model import Event, Route, Status
from policy_match.errors import InputError
from policy_match.services.duties import duties_held, grant_duty, revoke_duty
from policy_match.services.orders_to_act import issue_order
from policy_match.services.prepare_notices import NoticesPrepared, prepare_notices
from policy_match.services.roles import NobodyNamed
from policy_match.services.supervise_cases import (
    escalate_cases,
    escalations,
    history_of_case,
    supervise,
    supervision_board,
)
from policy_match.storage.driver_errors import InvariantRefused
from policy_match.storage.unit_of_work import Database
from policy_match.supervision.colours import Colour
from policy_match.supervision.defects import NotALevel, NotAUnit, OwnDuty
from policy_match.supervision.escalation import Duty
from policy_match.supervision.orders import MOST_LETTERS
from policy_match.supervision.stages import Stage
from tests.support.cases import CALENDAR, MovableClock
from tests.support.payment_flow import app_connection
from tests.support.prepared import wording
from tests.support.waiting_cases import DEPARTMENTS, Hall, Waiting

TUESDAY = datetime(2025, 7, 1, 1, tzinfo=UTC)
MATCHED = Waiting(route=Route.DIRECT, status=Status.MATCHED, since=TUESDAY)
UNIT = DEPARTMENTS[Route.DIRECT]
TOLD = date(2025, 7, 7)
"""A Monday: the limit of three working days ended on the Friday, and nobody is told on a weekend."""


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(TUESDAY)


def give(database: Database, clock: MovableClock, person: str, level: int = 1, unit: str = UNIT) -> None:
    assert grant_duty(database, clock, unit=unit, level=level, person=person, by="admin")


def notices(hall: Hall) -> list[tuple[str, str, Any]]:
    with app_connection(hall.url) as connection:
        rows = connection.execute(
            "SELECT recipient, about, fields FROM notice JOIN notice_fields USING (notice_id)"
            " WHERE kind = 'escalation' ORDER BY notice_id"
        ).fetchall()
    return [(row["recipient"], row["about"], row["fields"]) for row in rows]


def test_a_red_stage_is_told_to_the_first_level_at_once_and_once(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    give(database, clock, "li.ming")
    hall.add(*[MATCHED] * 40)
    told = []
    for _ in range(12):
        made = escalate_cases(database, CALENDAR, clock)
        told += [(clock.now().date(), each.level, each.cases) for each in made]
        clock.move(1)
    assert told == [(TOLD, 1, 40)]
    ((recipient, about, fields),) = notices(hall)
    assert (recipient, about) == ("li.ming", "escalation:1")
    assert fields == {
        "matter": {"zh": "示例 direct-0", "en": "示例 direct-0"},
        "stage": {"zh": "审核", "en": "recheck and review"},
        "colour": {"zh": "红", "en": "red"},
        "department": UNIT,
        "cases": 40,
        "days_over": 1,
        "limit_days": 3,
        "level": 1,
    }


def test_the_next_levels_are_told_after_more_working_days_of_red(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    for level, person in ((1, "li.ming"), (2, "sun.li"), (3, "mayor")):
        give(database, clock, person, level)
    hall.add(MATCHED)
    told = []
    for _ in range(30):
        told += [(clock.now().date(), each.level, *each.told) for each in escalate_cases(database, CALENDAR, clock)]
        clock.move(1)
    assert told == [(TOLD, 1, "li.ming"), (date(2025, 7, 10), 2, "sun.li"), (date(2025, 7, 16), 3, "mayor")]
    assert [fields["days_over"] for _, _, fields in notices(hall)] == [1, 4, 8]


def test_a_case_that_moved_on_is_not_told_to_the_next_level(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    give(database, clock, "li.ming")
    give(database, clock, "sun.li", 2)
    (case,) = hall.add(MATCHED)
    clock.move(6)
    assert len(escalate_cases(database, CALENDAR, clock)) == 1
    hall.step(case, Event.REVIEW, clock.now())
    clock.move(3)
    assert escalate_cases(database, CALENDAR, clock) == []


def test_each_department_and_stage_and_person_has_one_message(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    for person in ("li.ming", "wang.fang"):
        give(database, clock, person)
    give(database, clock, "li.ming", unit="财政部门")
    hall.add(*[MATCHED] * 3, *[Waiting(route=Route.DIRECT, status=Status.OBJECTED, since=TUESDAY)] * 2)
    hall.add(*[Waiting(route=Route.DIRECT, status=Status.APPROVED, since=TUESDAY)] * 4)
    hall.add(*[Waiting(route=Route.CONFIRM, status=Status.CONFIRMED, since=TUESDAY)] * 5)
    clock.move(41)
    escalate_cases(database, CALENDAR, clock)
    found = sorted(
        (who, fields["department"], fields["stage"]["zh"], fields["cases"]) for who, _, fields in notices(hall)
    )
    assert found == sorted(
        [
            ("li.ming", UNIT, "审核", 3),
            ("li.ming", UNIT, "异议复核", 2),
            ("wang.fang", UNIT, "审核", 3),
            ("wang.fang", UNIT, "异议复核", 2),
            ("li.ming", "财政部门", "下达支付令", 4),
        ]
    )
    assert escalate_cases(database, CALENDAR, clock) == []


def test_policies_and_limits_that_differ_are_summed_and_the_latest_is_named(
    database: Database, database_url: str, clock: MovableClock
) -> None:
    hall = Hall(database_url, {Route.LIST_THEN_COLLECT: {Stage.ORDER: 1}})
    give(database, clock, "zhao.lei", unit="财政部门")
    hall.add(
        Waiting(route=Route.DIRECT, status=Status.APPROVED, since=TUESDAY),
        Waiting(route=Route.LIST_THEN_COLLECT, status=Status.CONFIRMED, since=TUESDAY + timedelta(days=1)),
    )
    clock.move(15)
    escalate_cases(database, CALENDAR, clock)
    ((_, _, fields),) = notices(hall)
    assert fields["matter"] == {"zh": "2 项政策", "en": "2 policies"}
    assert (fields["cases"], fields["limit_days"], fields["days_over"]) == (2, 1, 9)


def test_what_nobody_was_told_is_told_as_soon_as_somebody_answers(
    database: Database, hall: Hall, clock: MovableClock
) -> None:
    hall.add(MATCHED)
    clock.move(21)
    assert escalate_cases(database, CALENDAR, clock) == []
    assert supervision_board(database, CALENDAR, clock).board.nobody == {UNIT: (1, 2, 3)}
    give(database, clock, "sun.li", 2)
    (made,) = escalate_cases(database, CALENDAR, clock)
    assert (made.level, list(made.told)) == (2, ["sun.li"])
    assert revoke_duty(database, clock, unit=UNIT, level=2, person="sun.li", by="admin")
    give(database, clock, "li.ming", 1)
    (made,) = escalate_cases(database, CALENDAR, clock)
    assert (made.level, list(made.told)) == (1, ["li.ming"])


def test_the_job_marks_and_tells_and_the_history_has_both(database: Database, hall: Hall, clock: MovableClock) -> None:
    give(database, clock, "li.ming")
    (case,) = hall.add(MATCHED)
    clock.move(10)
    done = supervise(database, CALENDAR, clock)
    assert done.marked == {Colour.YELLOW: 1, Colour.RED: 1}
    assert [each.cases for each in done.told] == [1]
    found = history_of_case(database, case)
    assert [mark.colour for mark in found.marks] == [Colour.YELLOW, Colour.RED]
    ((told, seq),) = found.escalations
    assert (seq, told.level, told.told, told.oldest_on, told.day) == (
        0,
        1,
        ("li.ming",),
        date(2025, 7, 1),
        date(2025, 7, 11),
    )
    assert list(escalations(database, unit=UNIT)) == [told]
    assert escalations(database, unit=UNIT, after=told.escalation_id) == []
    again = supervise(database, CALENDAR, clock)
    assert (sum(again.marked.values()), again.told) == (0, [])


def test_a_clock_that_jumps_back_tells_nobody_twice(database: Database, hall: Hall, clock: MovableClock) -> None:
    give(database, clock, "li.ming")
    hall.add(MATCHED)
    clock.move(10)
    assert len(escalate_cases(database, CALENDAR, clock)) == 1
    for days in (-9, 3, 6, 1):
        clock.move(days)
        assert escalate_cases(database, CALENDAR, clock) == []


def test_what_is_told_can_be_written(database: Database, hall: Hall, clock: MovableClock) -> None:
    give(database, clock, "li.ming")
    hall.add(MATCHED)
    clock.move(10)
    escalate_cases(database, CALENDAR, clock)
    ground = "长" * MOST_LETTERS
    issue_order(database, CALENDAR, clock, unit=UNIT, ground=ground, days=3, by="mayor", stage=Stage.REVIEW)
    assert prepare_notices(database, wording(), clock=clock) == NoticesPrepared(written=2, held=0, overtaken=0)


def test_the_last_word_on_a_duty_counts(database: Database, hall: Hall, clock: MovableClock) -> None:
    give(database, clock, "li.ming")
    assert not grant_duty(database, clock, unit=f" {UNIT} ", level=1, person="li.ming", by="admin")
    give(database, clock, "li.ming", 2)
    assert [(duty.level, duty.person) for duty in duties_held(database, unit=UNIT)] == [(1, "li.ming"), (2, "li.ming")]
    assert revoke_duty(database, clock, unit=UNIT, level=1, person="li.ming", by="admin")
    assert not revoke_duty(database, clock, unit=UNIT, level=1, person="li.ming", by="admin")
    assert [duty.level for duty in duties_held(database)] == [2]
    give(database, clock, "li.ming")
    assert [duty.level for duty in duties_held(database)] == [1, 2]
    with app_connection(hall.url) as connection:
        assert connection.execute("SELECT count(*) AS n FROM duty").fetchone() == {"n": 4}


@pytest.mark.parametrize(
    ("unit", "level", "person", "by", "refused"),
    [
        (UNIT, 1, "li.ming", "li.ming", OwnDuty),
        (UNIT, 1, " li.ming ", "li.ming", OwnDuty),
        (UNIT, 0, "li.ming", "admin", NotALevel),
        (UNIT, 4, "li.ming", "admin", NotALevel),
        (" ", 1, "li.ming", "admin", NotAUnit),
        ("字" * 101, 1, "li.ming", "admin", NotAUnit),
        (UNIT, 1, " ", "admin", NobodyNamed),
        (UNIT, 1, "system", "admin", NotAPerson),
        (UNIT, 1, "firm:91370000MA00000001", "admin", NotAPerson),
    ],
)
def test_a_duty_is_given_to_a_person_by_somebody_else(
    database: Database,
    clock: MovableClock,
    unit: str,
    level: int,
    person: str,
    by: str,
    refused: type[InputError],
) -> None:
    with pytest.raises(refused):
        grant_duty(database, clock, unit=unit, level=level, person=person, by=by)
    assert duties_held(database) == []


def test_the_database_too_refuses_a_duty_given_to_oneself(database: Database, clock: MovableClock) -> None:
    duty = Duty(unit=UNIT, level=1, person="li.ming", granted=True, at=clock.now(), by="li.ming")
    with database.unit_of_work() as work, pytest.raises(InvariantRefused, match="nobody_gives_himself_a_duty"):
        work.supervision.duties.add(duty)
