"""What a firm said and how it is told: its suggestions, and the addresses that are known of it, masked.

Guarantees that only the firm's own are given, and that nothing is written.
"""

from collections.abc import Sequence

from policy_match.cases.firm_view import StatedContact
from policy_match.ports import Database
from policy_match.reports.reviews import Suggestion
from policy_match.values import Uscc

MOST_LISTED = 1_000
"""The largest page."""


def list_firm_suggestions(database: Database, uscc: Uscc, *, after: int = 0, most: int = 100) -> Sequence[Suggestion]:
    """Return a page of what a firm suggested, by number."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} suggestions"
    with database.unit_of_work() as work:
        return work.firm.suggestions(uscc, after=after, most=most)


def firm_contacts(database: Database, uscc: Uscc) -> Sequence[StatedContact]:
    """Return the newest address of each channel and source, masked."""
    with database.unit_of_work() as work:
        return work.firm.contacts(uscc)
