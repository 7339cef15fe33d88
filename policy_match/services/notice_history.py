"""Finds notices for people: pages of a list, counts, and the whole story of one.

Guarantees that nothing is written, that a page has a limit, and that of an address only the masked form is read.
"""

from collections.abc import Sequence

from policy_match.errors import InputError
from policy_match.notices.history import NoticeCount, NoticeFilter, NoticeLine, NoticeStory
from policy_match.notices.model import NoticeId
from policy_match.ports import Database
from policy_match.values import PolicyId

MOST_LISTED = 10_000
"""The largest page."""


class NoSuchNotice(InputError):
    """There is no notice of that number."""

    code = "notice.unknown"
    http_status = 404
    english = "there is no notice {notice_id}; `policy-match notices list` lists them"
    chinese = "没有编号为 {notice_id} 的通知；请用 policy-match notices list 查看"


def list_notices(
    database: Database, wanted: NoticeFilter | None = None, *, after: int = 0, most: int = 100
) -> Sequence[NoticeLine]:
    """Return a page of the notices that the filter lets through, by number, after a given one."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} notices"
    with database.unit_of_work() as work:
        return work.notices.history.lines(wanted or NoticeFilter(), after=after, most=most)


def count_notices(database: Database, wanted: NoticeFilter | None = None) -> Sequence[NoticeCount]:
    """Return how many notices the filter lets through, by kind and status."""
    with database.unit_of_work() as work:
        return work.notices.history.counts(wanted or NoticeFilter())


def policies_of_notices(database: Database, notices: Sequence[NoticeId]) -> frozenset[PolicyId | None]:
    """Return the policies of notices; `None` is among them when one is of no case. Those there are not are left out."""
    with database.unit_of_work() as work:
        return work.notices.history.policies(notices)


def show_notice(database: Database, notice_id: NoticeId) -> NoticeStory:
    """Return everything about one notice: text, steps, deliveries, receipts. Raises `NoSuchNotice`."""
    with database.unit_of_work() as work:
        found = work.notices.history.story(notice_id)
    if found is None:
        raise NoSuchNotice(notice_id=notice_id)
    return found
