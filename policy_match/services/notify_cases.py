"""Notifies the firms whose turn it is, ends windows that are over, and puts approved cases on public display.

Guarantees that a deadline is counted in working days from the day in China, that a later instalment waits for its
day, that nobody gives up what he was not told of, and that running again changes nothing. The steps owe the notices;
sending them is `send_notices`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from policy_match.cases.working_days import CHINA, WorkingDays, china_day
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.deadlines import FIRST_WINDOW
from policy_match.services.extend_windows import extend_windows
from policy_match.services.large_steps import after_step
from policy_match.values import PolicyId

MOST_CASES = 50_000
"""How many cases are moved in one transaction."""

MOST_PAGES = 10_000
"""How many transactions one run has at most; far more cases than there are firms."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowsClosed:
    """How many cases lapsed, were accepted by silence, and were closed because the firm was only informed.

    `extended` windows end later, as the firm was told late. `not_reached` is how many windows are over of which the
    firm was never told: they give up nothing and wait for a person; `not_reached_fen` is their money.
    """

    lapsed: int
    accepted: int
    closed: int
    extended: int = 0
    not_reached: int = 0
    not_reached_fen: int = 0


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


def close_windows(database: Database, calendar: WorkingDays, *, clock: Clock, by: str = "system") -> WindowsClosed:
    """Let silence do what each policy says where the last day is over, and close what was only to be told.

    A firm that was told late gets its full time first (`extend_windows`), and one that was not told gives nothing up.
    Firms that were only informed are closed on the day after. The end of a publicity needs no step: what comes next
    asks for it. Raises `WorkingDaysUnknown` before any step.
    """
    # Who is told from now on is told on this day or later: after every last day that is over.
    today = china_day(clock.now())
    extended = extend_windows(database, calendar, clock=clock, by=by)
    lapsed, accepted = _end_silence(database, today, clock, by)

    def informed(work: UnitOfWork, at: datetime) -> int:
        before = datetime.combine(today, time.min, CHINA)
        return work.cases.steps.close_informed(before=before, at=at, by=by, most=MOST_CASES)

    closed = _all_pages(database, clock, informed)
    with database.unit_of_work() as work:
        not_reached, not_reached_fen = work.deadlines.not_reached(today)
    return WindowsClosed(
        lapsed=lapsed,
        accepted=accepted,
        closed=closed,
        extended=extended,
        not_reached=not_reached,
        not_reached_fen=not_reached_fen,
    )


def _end_silence(database: Database, today: date, clock: Clock, by: str) -> tuple[int, int]:
    """End the windows whose last day is before today; return how many lapsed and how many were accepted."""
    lapsed, accepted, after = 0, 0, FIRST_WINDOW
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            work.cases.steps.claim()
            ended = work.cases.steps.end_silence(today=today, after=after, at=clock.now(), by=by, most=MOST_CASES)
            work.commit()
        lapsed, accepted = lapsed + ended.lapsed, accepted + ended.accepted
        if ended.last is None:
            break
        after = ended.last
    return lapsed, accepted


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
    after_step(database, total)
    return total
