"""The inbox of the portal: what lies in it for a recipient, and that he read it.

Guarantees that only the recipient's own messages are given or marked, that reading them again changes nothing, and that
a notice that was read has reached its recipient, in the same transaction. Who the recipient is, the entry points know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.notices.contacts import recipient_of
from policy_match.notices.history import InboxMessage
from policy_match.notices.model import NoticeEvent, NoticeId
from policy_match.ports import Clock, Database

MOST_LISTED = 1_000
"""The largest page."""

MOST_READ = 10_000
"""How many messages are marked at once."""

READ = "在平台阅读 / read in the portal"


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagesRead:
    """How many messages were marked, how many were read before, and which are none of the recipient's."""

    read: int
    before: int
    not_there: tuple[NoticeId, ...]


def inbox(
    database: Database,
    recipient: str,
    *,
    unread: bool = False,
    case_id: int | None = None,
    before: NoticeId | None = None,
    most: int = 50,
) -> Sequence[InboxMessage]:
    """Return a page of a recipient's messages, the newest first, from before a notice.

    Of all, of those not read, of those about one case. Raises `NoSuchRecipient`.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} messages"
    with database.unit_of_work() as work:
        return work.notices.inbox.messages(
            recipient_of(recipient), unread=unread, case_id=case_id, before=before, most=most
        )


def read_messages(database: Database, clock: Clock, *, recipient: str, notices: Sequence[NoticeId]) -> MessagesRead:
    """Mark messages of a recipient as read; their notices have reached him. Raises `NoSuchRecipient`."""
    assert len(notices) <= MOST_READ, f"at most {MOST_READ} messages at once"
    named = recipient_of(recipient)
    wanted = sorted(set(notices))
    with database.unit_of_work() as work:
        mine = work.notices.inbox.which(named, wanted)
        at = clock.now()
        read = work.notices.inbox.read([notice for notice, is_read in mine.items() if not is_read], at)
        work.notices.step(dict.fromkeys(read, READ), NoticeEvent.REACH, at, named)
        work.commit()
    return MessagesRead(
        read=len(read),
        before=len(mine) - len(read),
        not_there=tuple(notice for notice in wanted if notice not in mine),
    )
