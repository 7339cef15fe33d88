"""Steps of single cases that a member of staff takes with a reason: more time for a firm, and taking a case back.

Guarantees that neither a firm nor the program takes them, that what cannot be taken is refused with its reason while
the others are taken, and that a last day is a working day still ahead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.cases.apply import apply
from policy_match.cases.model import Case, CaseEvent, Event
from policy_match.cases.working_days import WorkingDays
from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.services.answer_cases import MovedMeanwhile, NoSuchCase
from policy_match.services.roles import staff

MOST_CASES = 10_000
"""How many cases one call takes; they are in one transaction."""


class NotAWorkingDay(InputError):
    """A window would end on a day on which no office is open."""

    code = "case.not-a-working-day"
    english = "{day} is no working day; name a working day, for example {next}"
    chinese = "{day} 不是工作日；请指定工作日，如 {next}"


class TooManyCases(InputError):
    """One call names too many cases."""

    code = "case.too-many"
    english = "{count} cases in one call; name at most {most}"
    chinese = "一次列出了 {count} 项；请至多列出 {most} 项"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedStep:
    """A case that did not take the step, and why."""

    case_id: int
    error: InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class StepsTaken:
    """How many cases took the step, and those that did not."""

    taken: int
    refused: tuple[RefusedStep, ...]


def check_working_day(calendar: WorkingDays, day: date) -> None:
    """Refuse a day on which no office is open. Raises `NotAWorkingDay` or `WorkingDaysUnknown`."""
    if not calendar.is_workday(day):
        raise NotAWorkingDay(day=day, next=calendar.add_working_days(day, 1))


def extend_cases(
    database: Database,
    calendar: WorkingDays,
    case_ids: Sequence[int],
    *,
    until: date,
    reason: str,
    by: str,
    clock: Clock,
) -> StepsTaken:
    """Give the firms of these cases until the end of a working day to answer; the firms are told.

    A window that is over may be extended as long as nobody closed it. Each case is refused as `apply` says, or with
    `NoSuchCase` or `MovedMeanwhile`. Raises `NotAWorkingDay`, `WorkingDaysUnknown`, `NotAPerson`, `NobodyNamed` and
    `TooManyCases` before any step.
    """
    check_working_day(calendar, until)
    return _take(database, case_ids, Event.EXTEND, reason=reason, by=by, clock=clock, deadline=until)


def withdraw_cases(database: Database, case_ids: Sequence[int], *, reason: str, by: str, clock: Clock) -> StepsTaken:
    """Take cases back before any money was ordered: of each exactly the case named, not its later instalments.

    The firms are told the reason. Each case is refused as `apply` says, or with `NoSuchCase` or `MovedMeanwhile`.
    Raises `NotAPerson`, `NobodyNamed` and `TooManyCases` before any step.
    """
    return _take(database, case_ids, Event.WITHDRAW, reason=reason, by=by, clock=clock, deadline=None)


def _take(
    database: Database,
    case_ids: Sequence[int],
    event: Event,
    *,
    reason: str,
    by: str,
    clock: Clock,
    deadline: date | None,
) -> StepsTaken:
    by, wanted = staff(by, event), list(dict.fromkeys(case_ids))
    if len(wanted) > MOST_CASES:
        raise TooManyCases(count=len(wanted), most=MOST_CASES)
    with database.unit_of_work() as work:
        cases = {case.case_id: case for case in work.cases.steps.cases(wanted)}
        happening = CaseEvent(event=event, at=clock.now(), by=by, reason=reason, deadline=deadline)
        steps, refused = _allowed(wanted, cases, happening)
        taken = work.cases.steps.add(steps)
        work.commit()
    refused += [
        RefusedStep(case_id=case.case_id, error=MovedMeanwhile(case_id=case.case_id))
        for case, _ in steps
        if case.case_id not in taken
    ]
    return StepsTaken(taken=len(taken), refused=tuple(refused))


def _allowed(
    wanted: Sequence[int], cases: Mapping[int, Case], happening: CaseEvent
) -> tuple[list[tuple[Case, CaseEvent]], list[RefusedStep]]:
    steps, refused = [], []
    for case_id in wanted:
        try:
            case = cases.get(case_id)
            if case is None:
                raise NoSuchCase(case_id=case_id)
            apply(case, happening)
            steps.append((case, happening))
        except InputError as error:
            refused.append(RefusedStep(case_id=case_id, error=error))
    return steps, refused
