"""A firm's own cases: the figures of its home page, its list, and the whole file of one.

Guarantees that a case of another firm is not there for it, and that nothing is written. That the database shows a
firm's requests no other rows either, is left to the transaction in which these are called.
"""

from collections.abc import Sequence
from datetime import date

from policy_match.cases.firm_view import FirmCase, FirmFigures, FirmFile, FirmObjection
from policy_match.cases.model import Status
from policy_match.errors import InputError
from policy_match.payments.attempts import AttemptStatus
from policy_match.ports import Database
from policy_match.services.answer_cases import NoSuchCase
from policy_match.values import Uscc

MOST_LISTED = 1_000
"""The largest page."""


class NoReceipt(InputError):
    """There is no receipt, as the bank has not said that it paid."""

    code = "firm.no-receipt"
    http_status = 404
    english = "case {case_id} was not paid, so there is no receipt; look at its progress"
    chinese = "事项 {case_id} 尚未支付，没有回执；请查看办理进度"


def firm_figures(database: Database, uscc: Uscc, today: date) -> FirmFigures:
    """Return what a firm is owed, what waits for it today, and what was paid to it."""
    with database.unit_of_work() as work:
        return work.firm.figures(uscc, today)


def list_firm_cases(
    database: Database,
    uscc: Uscc,
    *,
    status: Status | None = None,
    waiting_on: date | None = None,
    after: int = 0,
    most: int = 100,
) -> Sequence[FirmCase]:
    """Return a page of a firm's cases by number, after a given one; of all, of one status, or those that wait for it.

    A case waits for its firm on a day when an answer is asked for that can still be given on it, or another account
    after a return.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} cases"
    with database.unit_of_work() as work:
        return work.firm.cases(uscc, status=status, after=after, most=most, waiting_on=waiting_on)


def show_firm_case(database: Database, uscc: Uscc, case_id: int) -> FirmFile:
    """Return everything about one case of a firm. Raises `NoSuchCase`, also for a case of another firm."""
    with database.unit_of_work() as work:
        found = work.firm.file(uscc, case_id)
    if found is None:
        raise NoSuchCase(case_id=case_id)
    return found


def paid_case(database: Database, uscc: Uscc, case_id: int) -> FirmFile:
    """Return the file of a case that the bank paid. Raises `NoSuchCase` or `NoReceipt`."""
    found = show_firm_case(database, uscc, case_id)
    if not any(attempt.status is AttemptStatus.SETTLED for attempt in found.attempts):
        raise NoReceipt(case_id=case_id)
    return found


def firm_objections(database: Database, uscc: Uscc, *, after: int = 0, most: int = 100) -> Sequence[FirmObjection]:
    """Return a page of the objections to a firm's cases, by number."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} objections"
    with database.unit_of_work() as work:
        return work.firm.objections(uscc, after=after, most=most)
