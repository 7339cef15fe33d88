"""Objections during the publicity: lodged by anyone who is named, answered in time, decided by somebody new.

Guarantees that one decision answers every open objection on the case, and that nobody who took part in the case or
who objected decides. Keeping objections and checking the facts again is left to `services`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from policy_match.cases.apply import apply
from policy_match.cases.approval import Act, Stage, Task, check_may_take
from policy_match.cases.defects import OwnObjection, ReasonMissing
from policy_match.cases.model import Case, CaseEvent, Event, Status
from policy_match.cases.working_days import WorkingDays, china_day


class ObjectionOutcome(StrEnum):
    """What comes of an objection: nothing, the end of the case, or another amount. The values are those of `Event`."""

    DISMISS = "dismiss"
    UPHOLD = "uphold"
    AMEND = "amend"


@dataclass(frozen=True, kw_only=True, slots=True)
class Objection:
    """One objection; `answer_due` is the last day for the answer."""

    case_id: int
    lodged_by: str
    lodged_at: datetime
    grounds: str
    answer_due: date

    def is_overdue(self, day: date) -> bool:
        """Return whether an answer on `day`, or none until then, is late; it must be given all the same."""
        return day > self.answer_due


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectionDecision:
    """The answer to the open objections on a case; `amount_fen` is there exactly when the outcome is `amend`."""

    case_id: int
    outcome: ObjectionOutcome
    decided_by: str
    decided_at: datetime
    grounds: str
    amount_fen: int | None = None


def lodge(
    case: Case, *, by: str, at: datetime, grounds: str, recheck_days: int, calendar: WorkingDays
) -> tuple[Objection, CaseEvent | None]:
    """Return the objection and the case's event; no event when the case already waits for a decision on another.

    Raises what `apply` raises: the case must be on display, its publicity not over, a name and grounds given. Raises
    `WorkingDaysUnknown` too.
    """
    event = CaseEvent(event=Event.OBJECT, at=at, by=by, reason=grounds, deadline=case.deadline)
    waits = case.status is Status.OBJECTED
    # A second objection must pass the same test as the first: within the publicity, with a name and grounds.
    apply(replace(case, status=Status.PUBLISHED) if waits else case, event)
    objection = Objection(
        case_id=case.case_id,
        lodged_by=by,
        lodged_at=at,
        grounds=grounds,
        answer_due=calendar.add_working_days(china_day(at), recheck_days),
    )
    return objection, None if waits else event


def decide(case: Case, objections: Sequence[Objection], decision: ObjectionDecision, acts: Iterable[Act]) -> CaseEvent:
    """Return the event that the decision is to the case; `objections` are all that are open on it.

    `acts` are all acts ever done on the case: who reviewed, approved or ordered may not decide. Raises `NotAPerson`,
    `TwoStages`, `OwnObjection`, `ReasonMissing`, and what `apply` raises.
    """
    assert objections and {decision.case_id, *(objection.case_id for objection in objections)} == {case.case_id}
    check_may_take(decision.decided_by, Stage(task=Task.OBJECTION), acts)
    if any(objection.lodged_by == decision.decided_by for objection in objections):
        raise OwnObjection(person=decision.decided_by, case_id=case.case_id)
    if not decision.grounds.strip():
        raise ReasonMissing(case_id=case.case_id, event=decision.outcome)
    event = CaseEvent(
        event=Event(decision.outcome),
        at=decision.decided_at,
        by=decision.decided_by,
        reason=decision.grounds,
        amount_fen=decision.amount_fen,
        deadline=case.deadline if decision.outcome is ObjectionOutcome.DISMISS else None,
    )
    apply(case, event)
    return event
