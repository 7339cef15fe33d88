"""Objections: who may lodge one and when, who may decide, and what becomes of the case."""

from datetime import date, timedelta
from typing import Any

import pytest

from policy_match.cases.apply import apply
from policy_match.cases.approval import Act, Stage, Task
from policy_match.cases.defects import (
    ActorMissing,
    NotAPerson,
    OwnObjection,
    ReasonMissing,
    TooLate,
    TwoStages,
    WrongAmount,
    WrongStep,
)
from policy_match.cases.model import Case, CaseEvent, Event, Route, Status
from policy_match.cases.objection import Objection, ObjectionDecision, ObjectionOutcome, decide, lodge
from tests.unit.cases.examples import CALENDAR, DEADLINE, a_case, at

PUBLISHED = a_case(Route.DIRECT, Status.PUBLISHED)


def object_to(case: Case, day: date = DEADLINE, **other: Any) -> tuple[Objection, CaseEvent | None]:
    fields: dict[str, Any] = {"by": "zhao.lei", "grounds": "invented grounds", "recheck_days": 5}
    return lodge(case, at=at(day), calendar=CALENDAR, **(fields | other))


def objected() -> tuple[Case, Objection]:
    objection, event = object_to(PUBLISHED)
    assert event is not None
    return apply(PUBLISHED, event)[0], objection


def a_decision(outcome: ObjectionOutcome, **other: Any) -> ObjectionDecision:
    fields: dict[str, Any] = {
        "case_id": PUBLISHED.case_id,
        "decided_by": "wang.fang",
        "decided_at": at(DEADLINE + timedelta(days=4)),
        "grounds": "checked again",
        "amount_fen": 60_000 if outcome is ObjectionOutcome.AMEND else None,
    }
    return ObjectionDecision(outcome=outcome, **(fields | other))


def test_an_objection_stops_the_case_and_has_a_day_for_its_answer() -> None:
    objection, event = object_to(PUBLISHED)
    assert objection.answer_due == date(2025, 6, 27)
    assert event is not None and event.event is Event.OBJECT
    assert (event.by, event.reason) == ("zhao.lei", "invented grounds")
    assert apply(PUBLISHED, event)[0].status is Status.OBJECTED


def test_an_objection_is_overdue_after_its_day() -> None:
    objection, _ = object_to(PUBLISHED)
    assert not objection.is_overdue(date(2025, 6, 27))
    assert objection.is_overdue(date(2025, 6, 28))


@pytest.mark.parametrize("case", [PUBLISHED, objected()[0]], ids=["first", "second"])
def test_every_objection_needs_a_name_grounds_and_to_be_in_time(case: Case) -> None:
    with pytest.raises(ActorMissing):
        object_to(case, by=" ")
    with pytest.raises(ReasonMissing):
        object_to(case, grounds="")
    with pytest.raises(TooLate):
        object_to(case, DEADLINE + timedelta(days=1))


def test_a_second_objection_is_taken_while_the_first_is_open() -> None:
    case, _ = objected()
    objection, event = object_to(case, by="sun.yan")
    assert event is None
    assert objection.lodged_by == "sun.yan"


def test_nobody_objects_to_what_is_not_on_display() -> None:
    with pytest.raises(WrongStep):
        object_to(a_case(Route.DIRECT, Status.APPROVED))


@pytest.mark.parametrize(
    ("outcome", "status", "amount_fen"),
    [
        (ObjectionOutcome.DISMISS, Status.PUBLISHED, 100_000),
        (ObjectionOutcome.UPHOLD, Status.WITHDRAWN, 100_000),
        (ObjectionOutcome.AMEND, Status.MATCHED, 60_000),
    ],
)
def test_the_decision_moves_the_case(outcome: ObjectionOutcome, status: Status, amount_fen: int) -> None:
    case, objection = objected()
    event = decide(case, [objection], a_decision(outcome), [])
    after, _ = apply(case, event)
    assert (after.status, after.amount_fen) == (status, amount_fen)
    assert (event.by, event.reason) == ("wang.fang", "checked again")


@pytest.mark.parametrize(
    "stage",
    [Stage(task=Task.REVIEW), Stage(task=Task.APPROVAL, number=1), Stage(task=Task.ORDER)],
    ids=str,
)
def test_who_decided_the_case_does_not_decide_the_objection(stage: Stage) -> None:
    case, objection = objected()
    with pytest.raises(TwoStages):
        decide(case, [objection], a_decision(ObjectionOutcome.DISMISS), [Act(stage=stage, person="wang.fang")])


def test_who_objected_does_not_decide_whichever_objection_it_was() -> None:
    case, objection = objected()
    second, _ = object_to(case, by="wang.fang")
    with pytest.raises(OwnObjection, match="objected to case 7 and may not decide"):
        decide(case, [objection, second], a_decision(ObjectionOutcome.UPHOLD), [])


@pytest.mark.parametrize("by", ["system", "firm:91370200MA3CTEST01"])
def test_only_staff_decide(by: str) -> None:
    case, objection = objected()
    with pytest.raises(NotAPerson):
        decide(case, [objection], a_decision(ObjectionOutcome.DISMISS, decided_by=by), [])


@pytest.mark.parametrize("outcome", ObjectionOutcome)
def test_every_decision_gives_its_grounds(outcome: ObjectionOutcome) -> None:
    case, objection = objected()
    with pytest.raises(ReasonMissing):
        decide(case, [objection], a_decision(outcome, grounds=" "), [])


@pytest.mark.parametrize("outcome", ObjectionOutcome)
def test_exactly_an_amendment_has_an_amount(outcome: ObjectionOutcome) -> None:
    case, objection = objected()
    wrong = None if outcome is ObjectionOutcome.AMEND else 60_000
    with pytest.raises(WrongAmount):
        decide(case, [objection], a_decision(outcome, amount_fen=wrong), [])


def test_nothing_is_decided_where_nothing_is_open() -> None:
    _, objection = objected()
    with pytest.raises(WrongStep):
        decide(PUBLISHED, [objection], a_decision(ObjectionOutcome.DISMISS), [])


def test_a_decision_about_no_objection_or_another_case_is_a_bug() -> None:
    case, objection = objected()
    with pytest.raises(AssertionError):
        decide(case, [], a_decision(ObjectionOutcome.DISMISS), [])
    with pytest.raises(AssertionError):
        decide(case, [objection], a_decision(ObjectionOutcome.DISMISS, case_id=8), [])
