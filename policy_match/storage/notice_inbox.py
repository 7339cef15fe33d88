"""The inbox of the portal: what lies in it for a recipient, and that it was read.

Guarantees that only the recipient's own messages are given or marked, and that reading again changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from policy_match.cases.model import NoticeKind
from policy_match.notices.history import InboxMessage
from policy_match.notices.model import DeliveryEvent, NoticeId
from policy_match.storage.session import Session


class NoticeInboxStore:
    """Messages of the inbox."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def messages(
        self, recipient: str, *, unread: bool, case_id: int | None, before: NoticeId | None, most: int
    ) -> Sequence[InboxMessage]:
        """Return a page of a recipient's messages, the newest first, from before a notice.

        Of all, of those not read, of those about one case.
        """
        return [
            InboxMessage(
                notice_id=row["notice_id"],
                kind=NoticeKind(row["kind"]),
                case_id=row["case_id"],
                at=row["at"],
                read_at=row["read_at"],
                is_over=row["is_over"],
                subject=row["subject"],
                body=row["body"],
            )
            for row in self._session.all(
                "inbox_messages", recipient=recipient, unread=unread, case_id=case_id, before=before, most=most
            )
        ]

    def which(self, recipient: str, notices: Sequence[NoticeId]) -> Mapping[NoticeId, bool]:
        """Return those of some notices that lie in the recipient's inbox, each with whether it is read."""
        rows = self._session.all("inbox_of_notices", recipient=recipient, notice_ids=list(notices))
        return {row["notice_id"]: row["is_read"] for row in rows}

    def read(self, notices: Sequence[NoticeId], at: datetime) -> Sequence[NoticeId]:
        """Mark messages as read; return those that were not."""
        rows = self._session.all(
            "step_inbox_deliveries", notice_ids=list(notices), event=DeliveryEvent.READ.value, at=at
        )
        return [row["notice_id"] for row in rows]
