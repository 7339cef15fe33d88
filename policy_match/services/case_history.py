"""Finds cases for people: pages of a list, counts, and the whole file of one.

Guarantees that nothing is written and that a page has a limit.
"""

from collections.abc import Sequence

from policy_match.cases.history import CaseFile, CaseFilter, CaseLine
from policy_match.cases.model import Status
from policy_match.ports import Database
from policy_match.services.answer_cases import NoSuchCase
from policy_match.values import PolicyId

MOST_LISTED = 10_000
"""The largest page."""


def list_cases(
    database: Database, wanted: CaseFilter | None = None, *, after: int = 0, most: int = 100
) -> Sequence[CaseLine]:
    """Return a page of the cases that the filter lets through, by number, after a given one."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} cases"
    with database.unit_of_work() as work:
        return work.cases.history.lines(wanted or CaseFilter(), after=after, most=most)


def count_cases(database: Database, wanted: CaseFilter | None = None) -> Sequence[tuple[PolicyId, Status, int, int]]:
    """Return policy, status, number of cases and fen in all, for what the filter lets through."""
    with database.unit_of_work() as work:
        return work.cases.history.counts(wanted or CaseFilter())


def policies_of_cases(database: Database, case_ids: Sequence[int]) -> frozenset[PolicyId]:
    """Return the policies of those of the cases that there are."""
    with database.unit_of_work() as work:
        return work.cases.history.policies_of(case_ids)


def show_case(database: Database, case_id: int) -> CaseFile:
    """Return everything about one case: events, entitlement with its steps, alternatives, rechecks, objections.

    Raises `NoSuchCase`.
    """
    with database.unit_of_work() as work:
        found = work.cases.history.file(case_id)
    if found is None:
        raise NoSuchCase(case_id=case_id)
    return found
