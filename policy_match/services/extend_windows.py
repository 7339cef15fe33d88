"""Gives a firm that was told late its full time to answer, counted from the day on which it was told.

Guarantees that a window is extended once for each day on which its notice arrived: a notice that bounced and arrives
later, by another channel, gives the full time anew. A window that silence accepts is left as it is, as nobody loses
anything by it. What a person extends is `staff_steps`.
"""

from collections.abc import Sequence

from policy_match.cases.working_days import WorkingDays
from policy_match.ports import Clock, Database
from policy_match.ports.deadlines import FIRST_WINDOW, Extension, LateWindow

PAGE = 50_000
"""How many windows are looked at in one transaction."""

MAX_PAGES = 10_000
"""How many pages one run has at most; far more windows than there are firms."""


def extend_windows(database: Database, calendar: WorkingDays, *, clock: Clock, by: str = "system") -> int:
    """Extend the windows whose firm was first told on a later day than that of their notice; return how many.

    The new last day is `confirm_days` working days after the day on which the firm was told. A window that lasts longer
    already, or was extended so before, is left alone. Raises `WorkingDaysUnknown` before any step of its page.
    """
    extended, after = 0, FIRST_WINDOW
    for _ in range(MAX_PAGES):
        with database.unit_of_work() as work:
            work.cases.steps.claim()
            windows = work.deadlines.late_windows(after=after, most=PAGE)
            shorter = _extensions(windows, calendar)
            if shorter:
                extended += work.deadlines.extend(shorter, at=clock.now(), by=by)
                work.commit()
        if len(windows) < PAGE:
            break
        after = windows[-1].key
    return extended


def _extensions(windows: Sequence[LateWindow], calendar: WorkingDays) -> list[Extension]:
    """Return those that end before the firm had its full time; the calendar is asked once for each day and length."""
    kinds = {(window.told_on, window.confirm_days) for window in windows}
    full = {(told_on, days): calendar.add_working_days(told_on, days) for told_on, days in sorted(kinds)}
    return [
        Extension(
            case_id=window.key.case_id,
            until=full[window.told_on, window.confirm_days],
            reason=f"通知于 {window.told_on} 送达，期限自该日起算 / the notice arrived on {window.told_on}: the time "
            "to answer runs from that day",
        )
        for window in windows
        if window.key.deadline < full[window.told_on, window.confirm_days]
    ]
