"""Invented cases and events for the tests of `policy_match.cases`.

Guarantees that an event made here is complete: name, reason, amount and deadline are what the step asks for.
"""

from datetime import date, datetime, timedelta
from typing import Any

from policy_match.cases.apply import deadline_after, gives_up
from policy_match.cases.model import Case, CaseEvent, Event, Route, Status
from policy_match.cases.working_days import CHINA, WorkingDays
from policy_match.policy.model import Benefit, Delivery, Policy, Process, Rhythm, Silence
from policy_match.values import Digest, PolicyId, Uscc

CALENDAR = WorkingDays()
DEADLINE = date(2025, 6, 20)
"""A Friday."""


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """Return an instant of a day in China."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)


def a_case(route: Route = Route.CONFIRM, status: Status = Status.MATCHED, **other: Any) -> Case:
    """Return a case; what is not given is invented. One that waits has a deadline."""
    waits = status in (Status.NOTIFIED, Status.DECLINED, Status.PUBLISHED, Status.OBJECTED)
    fields: dict[str, Any] = {
        "case_id": 7,
        "policy_id": PolicyId("invented-grant"),
        "version": Digest("a" * 64),
        "uscc": Uscc("91370200MA3CTEST01"),
        "record_id": "",
        "period": "2025",
        "instalment": 1,
        "seq": 3,
        "amount_fen": 100_000,
        "deadline": DEADLINE if waits and route is not Route.INFORM else None,
        "publicity_days": 5,
        "confirm_days": 10,
        "silence": Silence.WAIVED,
    }
    return Case(route=route, status=status, **(fields | other))


def an_event(case: Case, event: Event, day: date = DEADLINE, **other: Any) -> CaseEvent:
    """Return a complete event for a case."""
    moment = at(day)
    fields: dict[str, Any] = {
        "at": moment,
        "by": "li.ming",
        "reason": "invented",
        "deadline": deadline_after(case, event, moment, CALENDAR),
    }
    if event is Event.EXTEND and case.deadline is not None:
        fields["deadline"] = max(case.deadline + timedelta(days=1), day)
    if event is Event.AMEND:
        fields["amount_fen"] = 60_000
    if gives_up(case, event):
        fields["amount_fen"] = 0
    return CaseEvent(event=event, **(fields | other))


def ready(route: Route, status: Status, event: Event) -> tuple[Case, CaseEvent]:
    """Return a case and an event to which no time limit is opposed."""
    after = event in (Event.LAPSE, Event.ACCEPT_SILENCE) or (
        status is Status.PUBLISHED and event in (Event.ORDER, Event.NOTIFY, Event.CONTRACT)
    )
    case = a_case(
        route,
        status,
        publicity_days=0 if status is Status.APPROVED else 5,
        silence=Silence.ACCEPTED if event is Event.ACCEPT_SILENCE else Silence.WAIVED,
    )
    return case, an_event(case, event, DEADLINE + timedelta(days=1) if after else DEADLINE)


def a_policy(benefit: Benefit, delivery: Delivery, grade: str = "A") -> Policy:
    """Return a policy of which only the delivery matters."""
    return Policy(
        id=PolicyId("invented"),
        title="虚构政策",
        title_en="",
        department="虚构局",
        jurisdiction="370000",
        benefit=benefit,
        delivery=delivery,
        rhythm=Rhythm.YEAR,
        grain="firm",
        encoding_grade=grade,
        basis=(),
        stacking=None,
        budget=None,
        process=Process(),
        versions=(),
        path="invented.toml",
    )
