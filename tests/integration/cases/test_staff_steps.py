"""What staff do to single cases: more time for a firm, and taking a case back; each with a reason and a name."""

from datetime import date
from pathlib import Path

import pytest

from policy_match.cases.defects import NotAPerson, ReasonMissing, WorkingDaysUnknown, WrongDeadline, WrongStep
from policy_match.cases.model import Event, Status
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.case_history import show_case
from policy_match.services.roles import NobodyNamed
from policy_match.services.staff_steps import (
    NotAWorkingDay,
    StepsTaken,
    TooManyCases,
    extend_cases,
    withdraw_cases,
)
from policy_match.storage.unit_of_work import Database
from tests.support.cases import (
    CALENDAR,
    World,
    answer,
    approve_world,
    make_world,
    notify_world,
    open_world,
    recheck_world,
    statuses,
)
from tests.support.payment_flow import rows

UNTIL = date(2025, 7, 18)


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    """Three firms that were asked on 1 July, until 8 July."""
    made = make_world(database, data_dir, ["confirm"], 3)
    open_world(made)
    notify_world(made)
    return made


def _extend(
    world: World, *case_ids: int, until: date = UNTIL, reason: str = "企业停业整顿", by: str = "li.ming"
) -> StepsTaken:
    return extend_cases(world.database, CALENDAR, case_ids, until=until, reason=reason, by=by, clock=world.clock)


def _withdraw(world: World, *case_ids: int, reason: str = "企业已迁出", by: str = "li.ming") -> StepsTaken:
    return withdraw_cases(world.database, case_ids, reason=reason, by=by, clock=world.clock)


def _errors(taken: StepsTaken) -> list[type]:
    return [type(each.error) for each in taken.refused]


def test_a_person_gives_a_firm_more_time_and_the_firm_is_told(world: World, database_url: str) -> None:
    assert _extend(world, 1, 2, 1) == StepsTaken(taken=2, refused=())
    file = show_case(world.database, 1)
    assert (file.case.status, file.case.deadline) == (Status.NOTIFIED, UNTIL)
    assert (file.events[-1].event, file.events[-1].reason, file.events[-1].by) == (
        Event.EXTEND,
        "企业停业整顿",
        "li.ming",
    )
    told = rows(database_url, "SELECT case_id, seq FROM notice WHERE kind = 'window_extended' ORDER BY case_id")
    assert told == [{"case_id": 1, "seq": 2}, {"case_id": 2, "seq": 2}]
    world.clock.move_to(UNTIL)
    answer(world, 1)


def test_a_window_that_nobody_closed_is_extended_after_its_last_day(world: World) -> None:
    world.clock.move_to(date(2025, 7, 16))
    assert _errors(_extend(world, 1, until=date(2025, 7, 15))) == [WrongDeadline]
    assert _extend(world, 1).taken == 1


def test_what_cannot_be_extended_is_refused_and_the_others_are(world: World) -> None:
    answer(world, 2)
    found = _extend(world, 1, 2, 99)
    assert found.taken == 1
    assert _errors(found) == [WrongStep, NoSuchCase]
    assert _errors(_extend(world, 3, until=date(2025, 7, 8))) == [WrongDeadline]
    assert _errors(_extend(world, 3, reason=" ")) == [ReasonMissing]


def test_a_window_ends_on_a_working_day_of_a_year_that_is_known(world: World) -> None:
    with pytest.raises(NotAWorkingDay, match="2025-07-21"):
        _extend(world, 1, until=date(2025, 7, 19))
    with pytest.raises(WorkingDaysUnknown):
        _extend(world, 1, until=date(2199, 1, 4))


@pytest.mark.parametrize("by", ["system", "firm:91370000MA00000001"])
def test_neither_the_program_nor_a_firm_takes_these_steps(world: World, by: str) -> None:
    with pytest.raises(NotAPerson):
        _extend(world, 1, by=by)
    with pytest.raises(NotAPerson):
        _withdraw(world, 1, by=by)
    with pytest.raises(NobodyNamed):
        _withdraw(world, 1, by=" ")
    assert statuses(world) == [Status.NOTIFIED] * 3


def test_one_call_takes_a_bounded_number_of_cases(world: World) -> None:
    with pytest.raises(TooManyCases):
        _withdraw(world, *range(1, 10_002))


def test_a_case_is_withdrawn_by_hand_and_the_firm_is_told_why(world: World, database_url: str) -> None:
    assert _withdraw(world, 1) == StepsTaken(taken=1, refused=())
    event = show_case(world.database, 1).events[-1]
    assert (event.event, event.after, event.reason) == (Event.WITHDRAW, Status.WITHDRAWN, "企业已迁出")
    told = rows(database_url, "SELECT case_id, seq FROM notice WHERE kind = 'withdrawn'")
    assert told == [{"case_id": 1, "seq": 2}]
    assert _errors(_withdraw(world, 1)) == [WrongStep]


def test_a_case_is_withdrawn_until_its_payment_is_ordered(world: World) -> None:
    answer(world, 1)
    answer(world, 2)
    recheck_world(world)
    assert _withdraw(world, 1).taken == 1
    approve_world(world)
    assert _withdraw(world, 2).taken == 1
    assert _errors(_withdraw(world, 3, reason="")) == [ReasonMissing]
