"""Notifies the firms whose turn it is, ends windows that are over, and puts approved cases on public display.

Guarantees that a deadline is counted in working days from the day in China, that a later instalment waits for its
day, and that running again changes nothing. Sending the notices is a later step; these are the events they rest on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from policy_match.cases.model import Event
from policy_match.cases.working_days import CHINA, WorkingDays, china_day
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.values import PolicyId

MOST_CASES = 50_000
"""How many cases are moved in one transaction."""

MOST_PAGES = 10_000
"""How many transactions one run has at most; far more cases than there are firms."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowsClosed:
    """How many cases lapsed, were accepted by silence, and were closed because the firm was only informed."""

    lapsed: int
    accepted: int
    closed: int


def notify_cases(
    database: Database, calendar: WorkingDays, *, clock: Clock, by: str, policy: PolicyId | None = None
) -> int:
    """Notify the firms whose turn it is, of one policy or of all; return how many cases.

    That is: cases just opened on the routes that ask or inform, and on the list-then-collect route those whose
    publicity is over. An instalment is left until its day. Raises `WorkingDaysUnknown` before any step.
    """

    def page(work: UnitOfWork, at: datetime) -> int:
        deadlines = _deadlines(work, calendar, china_day(at))
        return work.cases.steps.notify(deadlines, today=china_day(at), at=at, by=by, policy=policy, most=MOST_CASES)

    return _all_pages(database, clock, page)


def publish_cases(
    database: Database, calendar: WorkingDays, *, clock: Clock, by: str, policy: PolicyId | None = None
) -> int:
    """Put approved cases on public display where the policy asks for it; return how many.

    The last day of the display is `publicity_days` working days after today. Raises `WorkingDaysUnknown`.
    """

    def page(work: UnitOfWork, at: datetime) -> int:
        return work.cases.steps.publish(
            _deadlines(work, calendar, china_day(at)), at=at, by=by, policy=policy, most=MOST_CASES
        )

    return _all_pages(database, clock, page)


def close_windows(database: Database, *, clock: Clock, by: str = "system") -> WindowsClosed:
    """Let silence do what each policy says where the last day is over, and close what was only to be told.

    Firms that were only informed are closed on the day after. The end of a publicity needs no step: what comes next
    asks for it.
    """
    events = {Event.LAPSE: 0, Event.ACCEPT_SILENCE: 0}

    def silent(work: UnitOfWork, at: datetime) -> int:
        taken = work.cases.steps.end_silence(today=china_day(at), at=at, by=by, most=MOST_CASES)
        for event, count in taken.items():
            events[event] += count
        return sum(taken.values())

    def informed(work: UnitOfWork, at: datetime) -> int:
        today = datetime.combine(china_day(at), time.min, CHINA)
        return work.cases.steps.close_informed(before=today, at=at, by=by, most=MOST_CASES)

    _all_pages(database, clock, silent)
    closed = _all_pages(database, clock, informed)
    return WindowsClosed(lapsed=events[Event.LAPSE], accepted=events[Event.ACCEPT_SILENCE], closed=closed)


def _deadlines(work: UnitOfWork, calendar: WorkingDays, today: date) -> Mapping[int, date]:
    """Return the last day of each window that begins today, by its number of working days."""
    return {days: calendar.add_working_days(today, days) for days in sorted(work.cases.steps.windows())}


def _all_pages(database: Database, clock: Clock, page: Callable[[UnitOfWork, datetime], int]) -> int:
    """Run a page after the other, each in its transaction, until one moves nothing; return how many moved in all.

    One run at a time: who waits for the lock sees what the other did.
    """
    total = 0
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            work.cases.steps.claim()
            taken = page(work, clock.now())
            work.commit()
        total += taken
        if taken == 0:
            break
    return total
