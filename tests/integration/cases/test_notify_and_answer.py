"""Firms are notified in time, answer until the last day, and silence does what the policy says."""

from datetime import date
from pathlib import Path

import pytest

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.defects import ReasonMissing, TooLate, WorkingDaysUnknown, WrongStep
from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Event, Status
from policy_match.errors import PolicyMatchError
from policy_match.services.answer_cases import (
    Answer,
    AnswerKind,
    MovedMeanwhile,
    NoSuchCase,
    NotYourCase,
    OpenedAgain,
    answer_cases,
)
from policy_match.services.case_history import list_cases, show_case
from policy_match.services.notify_cases import WindowsClosed, close_windows, notify_cases
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import (
    CALENDAR,
    POLICIES,
    World,
    amended,
    answer,
    approve_world,
    firms,
    make_world,
    notify_world,
    open_world,
    publish_world,
    recheck_world,
    statuses,
    uscc,
)
from tests.support.told import tell_world

LAST_DAY = date(2025, 7, 8)
"""Five working days after Tuesday, 1 July 2025."""


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    made = make_world(database, data_dir, ["confirm", "direct", "reminder", "silent"], 2)
    open_world(made)
    return made


def _refusals(world: World, *answers: Answer) -> list[PolicyMatchError]:
    return [each.error for each in answer_cases(world.database, CALENDAR, answers, clock=world.clock).refused]


def _by_firm(case_id: int, kind: AnswerKind = AnswerKind.CONFIRM, number: int = 1, reason: str = "") -> Answer:
    return Answer(case_id=case_id, kind=kind, by=f"{FIRM_PREFIX}{uscc(number)}", reason=reason)


def _first(world: World, policy: str) -> int:
    return list_cases(world.database, CaseFilter(policy_id=PolicyId(policy)))[0].case_id


def test_those_who_are_asked_get_a_last_day_in_working_days(world: World) -> None:
    assert notify_world(world) == 6
    assert statuses(world, "direct") == [Status.MATCHED] * 2
    asked = list_cases(world.database, CaseFilter(policy_id=PolicyId("confirm")))
    assert {(line.status, line.deadline) for line in asked} == {(Status.NOTIFIED, LAST_DAY)}
    assert show_case(world.database, _first(world, "reminder")).case.deadline is None


def test_only_the_policy_asked_for_is_notified(world: World) -> None:
    assert notify_cases(world.database, CALENDAR, clock=world.clock, by="li.ming", policy=PolicyId("confirm")) == 2
    assert statuses(world, "silent") == [Status.MATCHED] * 2


def test_notifying_again_changes_nothing(world: World) -> None:
    notify_world(world)
    assert notify_world(world) == 0


def test_a_day_that_no_calendar_knows_notifies_nobody(world: World) -> None:
    world.clock.move_to(date(2199, 1, 1))
    with pytest.raises(WorkingDaysUnknown, match="working days of 2199"):
        notify_world(world)
    assert set(statuses(world)) == {Status.MATCHED}


def test_a_later_instalment_is_not_notified_before_its_day(database: Database, data_dir: Path) -> None:
    asked = {"halves": amended("halves", head=POLICIES["confirm"].head)}
    world = make_world(database, data_dir, asked, 1)
    open_world(world)
    assert notify_world(world) == 1
    world.clock.move_to(date(2026, 6, 29))
    assert notify_world(world) == 0
    world.clock.move_to(date(2026, 6, 30))
    assert notify_world(world) == 1


def test_a_firm_confirms_on_the_last_day(world: World) -> None:
    notify_world(world)
    world.clock.move_to(LAST_DAY)
    answer(world, _first(world, "confirm"))
    assert statuses(world, "confirm") == [Status.CONFIRMED, Status.NOTIFIED]


def test_an_answer_after_the_last_day_is_refused(world: World) -> None:
    notify_world(world)
    world.clock.move_to(LAST_DAY)
    world.clock.move(1)
    with pytest.raises(TooLate):
        answer(world, _first(world, "confirm"))


def test_declining_needs_a_reason_and_can_be_reconsidered_until_the_last_day(world: World) -> None:
    notify_world(world)
    case_id = _first(world, "confirm")
    with pytest.raises(ReasonMissing):
        answer(world, case_id, AnswerKind.DECLINE)
    answer(world, case_id, AnswerKind.DECLINE, "不需要")
    answer(world, case_id, AnswerKind.RECONSIDER)
    assert show_case(world.database, case_id).case.deadline == LAST_DAY
    answer(world, case_id)
    events = [(each.event, each.reason) for each in show_case(world.database, case_id).events]
    assert events == [
        (Event.NOTIFY, ""),
        (Event.DECLINE, "不需要"),
        (Event.RECONSIDER, ""),
        (Event.CONFIRM, ""),
    ]


def test_who_declined_and_was_opened_again_answers_the_new_case(world: World) -> None:
    notify_world(world)
    case_id = _first(world, "confirm")
    answer(world, case_id, AnswerKind.DECLINE, "不需要")
    open_world(world.again(firms(2, premium=5000)))
    with pytest.raises(OpenedAgain):
        answer(world, case_id, AnswerKind.RECONSIDER)


def test_one_refused_answer_does_not_stop_the_others(world: World) -> None:
    notify_world(world)
    first, second = [line.case_id for line in list_cases(world.database, CaseFilter(policy_id=PolicyId("confirm")))]
    found = _refusals(
        world,
        _by_firm(first),
        _by_firm(first),
        _by_firm(second, number=1),
        _by_firm(999_999),
        _by_firm(_first(world, "direct")),
        Answer(case_id=_first(world, "silent"), kind=AnswerKind.CONFIRM, by="system"),
        Answer(case_id=_first(world, "silent"), kind=AnswerKind.CONFIRM, by="wang.fang"),
    )
    assert [type(error) for error in found] == [MovedMeanwhile, NotYourCase, NoSuchCase, WrongStep, NotYourCase]
    assert statuses(world, "confirm") == [Status.CONFIRMED, Status.NOTIFIED]
    assert statuses(world, "silent") == [Status.CONFIRMED, Status.NOTIFIED]


def test_the_same_answer_again_changes_nothing(world: World) -> None:
    notify_world(world)
    case_id = _first(world, "confirm")
    answer(world, case_id)
    before = show_case(world.database, case_id)
    assert [type(error) for error in _refusals(world, _by_firm(case_id))] == [WrongStep]
    assert show_case(world.database, case_id) == before


def test_silence_does_what_the_policy_says_after_the_last_day(world: World) -> None:
    notify_world(world)
    tell_world(world)
    world.clock.move_to(LAST_DAY)
    assert close_windows(world.database, CALENDAR, clock=world.clock).lapsed == 0
    world.clock.move(1)
    assert close_windows(world.database, CALENDAR, clock=world.clock) == WindowsClosed(lapsed=2, accepted=2, closed=0)
    assert statuses(world, "confirm") == [Status.WAIVED] * 2
    assert statuses(world, "silent") == [Status.CONFIRMED] * 2
    assert close_windows(world.database, CALENDAR, clock=world.clock) == WindowsClosed(lapsed=0, accepted=0, closed=0)


def test_what_was_only_told_is_closed_the_day_after(world: World) -> None:
    notify_world(world)
    assert close_windows(world.database, CALENDAR, clock=world.clock).closed == 0
    world.clock.move(1)
    assert close_windows(world.database, CALENDAR, clock=world.clock).closed == 2
    assert statuses(world, "reminder") == [Status.CLOSED] * 2


def test_the_list_route_asks_for_accounts_after_the_publicity(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["collect"], 1)
    open_world(world)
    recheck_world(world)
    approve_world(world)
    publish_world(world)
    world.clock.move_to(LAST_DAY)
    assert notify_world(world) == 0
    world.clock.move(1)
    assert notify_world(world) == 1
    answer(world, 1)
    assert statuses(world) == [Status.CONFIRMED]


def test_silence_on_the_list_route_gives_no_account(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["collect"], 1)
    open_world(world)
    recheck_world(world)
    approve_world(world)
    publish_world(world)
    world.clock.move(8)
    notify_world(world)
    tell_world(world)
    world.clock.move(8)
    assert close_windows(world.database, CALENDAR, clock=world.clock).lapsed == 1
