"""Reminds firms: of a window before it ends, and of the account that a returned payment waits for before the year ends.

Guarantees that each point is told once, that after a pause only the nearest is, and that nobody is reminded on the day
on which he was told, or after he answered. The notices are written here; sending them is `send_notices`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.cases.deadlines import Point, working_day_points
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.payments.returns import FollowUp, WayBack
from policy_match.policy.model import PayeeKind
from policy_match.ports import Clock, Database
from policy_match.ports.deadlines import FIRST_WINDOW
from policy_match.services.returned_payments import Returned, returned_payments

PAGE = 50_000
"""How many firms are reminded in one transaction."""

RETURNED_PAGE = 20_000
MAX_PAGES = 10_000
"""How many pages one run has at most; far more windows than there are firms."""

ACCOUNT_DAYS = (10, 3)
"""Working days before the year's last day of orders at which a firm is reminded to correct its account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmsReminded:
    """How many reminders were written: of windows, and of accounts."""

    windows: int
    accounts: int


def remind_firms(database: Database, calendar: WorkingDays, *, clock: Clock, cut_off: date | None) -> FirmsReminded:
    """Remind the firms for which a point has come; running again on the same day writes nothing more.

    Of a window: firms that were told of it and have not answered, when as many working days are left as the policy's
    `remind_days` say. Of an account: firms whose payment came back and that have stated no other account, at
    `ACCOUNT_DAYS` before `cut_off`, the last day of the year on which orders are made; without it nobody is. Raises
    `WorkingDaysUnknown` before any reminder.
    """
    today = china_day(clock.now())
    of_accounts = () if cut_off is None else working_day_points([cut_off], ACCOUNT_DAYS, calendar, today)
    with database.unit_of_work() as work:
        of_windows = working_day_points(
            work.deadlines.last_days(today), work.deadlines.reminder_days(), calendar, today
        )
    return FirmsReminded(
        windows=_remind_of_windows(database, clock, of_windows),
        accounts=_remind_of_accounts(database, clock, of_accounts),
    )


def _remind_of_windows(database: Database, clock: Clock, points: Sequence[Point]) -> int:
    if not points:
        return 0
    added, after = 0, FIRST_WINDOW
    for _ in range(MAX_PAGES):
        with database.unit_of_work() as work:
            reminded = work.deadlines.remind(points, after=after, at=clock.now(), most=PAGE)
            work.commit()
        added += reminded.added
        if reminded.last is None:
            break
        after = reminded.last
    return added


def _remind_of_accounts(database: Database, clock: Clock, points: Sequence[Point]) -> int:
    """Write the reminders of points before the year's last day of orders; return how many."""
    if not points:
        return 0
    added, after = 0, 0
    for _ in range(MAX_PAGES):
        page = returned_payments(database, clock, cut_off=points[0].last, after=after, most=RETURNED_PAGE)
        waiting = [each.case.case_id for each in page if _waits_for_an_account(each)]
        if waiting:
            with database.unit_of_work() as work:
                added += work.deadlines.remind_of_accounts(waiting, points, at=clock.now())
                work.commit()
        if len(page) < RETURNED_PAGE:
            break
        after = page[-1].case.case_id
    return added


def _waits_for_an_account(returned: Returned) -> bool:
    """Return whether the firm can still have its money this year by stating another account."""
    mine = returned.case.kind is PayeeKind.FIRM and returned.follow_up is not FollowUp.BANK_RETRIES
    return mine and returned.way is WayBack.CORRECT and not returned.case.newer_accounts
