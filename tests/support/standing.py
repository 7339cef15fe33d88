"""In which stage a case waits on a day, and since when: the slow and obvious way, which judges the database's.

Guarantees one answer for one case and day. The database finds the same for all cases at once (`case_stages`).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from policy_match.cases.model import Route, Status
from policy_match.cases.working_days import WorkingDays
from policy_match.supervision.colours import Colour
from policy_match.supervision.promises import BUCKETS
from policy_match.supervision.stages import ENDS_WITHOUT_MONEY, STAGES_OF, Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What is known of a case. Days are days in China.

    `since` is the day of its last step, `granted_on` the day on which a budget of this year or later granted it
    something at this very step, `sent_on` the day on which its payment was sent to the bank.
    """

    route: Route
    status: Status
    since: date
    due_from: date
    amount_fen: int
    publicity_days: int
    deadline: date | None = None
    granted_on: date | None = None
    sent_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StageBegun:
    """A stage, and the day on which it began; its limit is counted from the day after."""

    stage: Stage
    started_on: date


def stage_on(case: Standing, today: date) -> StageBegun | None:
    """Return the stage in which the case waits on `today`; `None` when nothing is to be done with it any more.

    A window or display is over after its last day, and what follows is counted from that day. An instalment begins
    to wait on the day on which it is due.
    """
    pair = STAGES_OF.get((case.route, case.status))
    if pair is None:
        return None
    first, then = pair
    passed_on = _passed_on(case, today)
    stage = first if passed_on is None else then
    if case.amount_fen == 0 and passed_on is not None and (case.route, case.status) in ENDS_WITHOUT_MONEY:
        return None
    return StageBegun(stage=stage, started_on=max(passed_on or case.since, case.due_from))


def _passed_on(case: Standing, today: date) -> date | None:
    """Return the day on which the first stage of the case's status was over; `None` while it waits there."""
    match case.status:
        case Status.NOTIFIED | Status.PUBLISHED:
            return case.deadline if case.deadline is not None and case.deadline < today else None
        case Status.APPROVED:
            return case.since if case.publicity_days == 0 else None
        case Status.REVIEWED:
            return case.since if case.amount_fen == 0 else case.granted_on
        case Status.ORDERED:
            return case.sent_on
        case _:
            return None


def bucket_of(days: int) -> int:
    """Return the place of the bucket of an age in calendar days."""
    return sum(days >= first for first in BUCKETS)


def colour_by_walking(calendar: WorkingDays, started_on: date, limit: int | None, today: date) -> Colour:
    """Walk through the days of the limit: red after the last, yellow after those before its last third."""
    day, left, colour = started_on, limit or 0, Colour.BLUE
    if limit is None:
        return colour
    while left > 0:
        if left == (limit + 2) // 3 and day < today:
            colour = Colour.YELLOW
        day += timedelta(days=1)
        left -= calendar.is_workday(day)
    return Colour.RED if day < today else colour
