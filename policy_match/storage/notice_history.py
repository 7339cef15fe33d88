"""Notices as people read them: pages of lines, counts, and the whole story of one.

Guarantees that nothing is written and that of an address only the masked form is read. How it is shown is left to the
entry points.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from policy_match.cases.model import NoticeKind
from policy_match.notices.history import (
    DeliveryEventLine,
    DeliveryStory,
    KeptText,
    NoticeCount,
    NoticeEventLine,
    NoticeFilter,
    NoticeLine,
    NoticeStory,
    ReceiptLine,
)
from policy_match.notices.model import (
    Channel,
    DeliveryEvent,
    DeliveryId,
    DeliveryStatus,
    NoticeEvent,
    NoticeId,
    NoticeStatus,
)
from policy_match.storage.session import Row, Session
from policy_match.values import Digest, PolicyId


class NoticeHistoryStore:
    """Lines and stories of notices."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lines(self, wanted: NoticeFilter, *, after: int, most: int) -> Sequence[NoticeLine]:
        """Return a page of notices by number, after a given one."""
        return [_line(row) for row in self._session.all("notice_lines", **_given(wanted), after=after, most=most)]

    def counts(self, wanted: NoticeFilter) -> Sequence[NoticeCount]:
        """Return how many notices the filter lets through, by kind and status."""
        return [
            NoticeCount(
                kind=NoticeKind(row["kind"]),
                status=NoticeStatus(row["status"]),
                notices=row["notices"],
                oldest=row["oldest"],
            )
            for row in self._session.all("notice_counts", **_given(wanted))
        ]

    def story(self, notice_id: NoticeId) -> NoticeStory | None:
        """Return everything about one notice."""
        rows = self._session.all("notice_lines", **_given(NoticeFilter()), after=notice_id - 1, most=1)
        if not rows or rows[0]["notice_id"] != notice_id:
            return None
        content = self._session.one("notice_content", notice_id=notice_id)
        assert content is not None
        return NoticeStory(
            line=_line(rows[0]),
            step=rows[0]["seq"],
            fields=content["fields"],
            text=None if content["subject"] is None else _text(content),
            events=tuple(_event(row) for row in self._session.all("notice_steps", notice_id=notice_id)),
            deliveries=self._deliveries(notice_id),
        )

    def statuses(self, notices: Sequence[NoticeId]) -> Mapping[NoticeId, NoticeStatus]:
        """Return where notices stand; those that there are not are left out."""
        rows = self._session.all("notice_statuses", notice_ids=list(notices))
        return {row["notice_id"]: NoticeStatus(row["status"]) for row in rows}

    def policies(self, notices: Sequence[NoticeId]) -> frozenset[PolicyId | None]:
        """Return the policies of notices; `None` is among them when one is of no case."""
        return frozenset(row["policy_id"] for row in self._session.all("policies_of_notices", notice_ids=list(notices)))

    def _deliveries(self, notice_id: NoticeId) -> tuple[DeliveryStory, ...]:
        events: dict[DeliveryId, list[DeliveryEventLine]] = defaultdict(list)
        for row in self._session.all("delivery_steps_of_notice", notice_id=notice_id):
            events[row["delivery_id"]].append(_delivery_event(row))
        receipts: dict[DeliveryId, list[ReceiptLine]] = defaultdict(list)
        for row in self._session.all("receipts_of_notice", notice_id=notice_id):
            receipts[row["delivery_id"]].append(
                ReceiptLine(receipt_id=row["receipt_id"], kind=row["kind"], verdict=row["verdict"], at=row["at"])
            )
        return tuple(
            DeliveryStory(
                delivery_id=row["delivery_id"],
                number=row["number"],
                channel=Channel(row["channel"]),
                provider=row["provider"],
                masked=row["masked"],
                status=DeliveryStatus(row["status"]),
                tries=row["tries"],
                repeats=row["repeats"],
                due_at=row["due_at"],
                at=row["at"],
                events=tuple(events[row["delivery_id"]]),
                receipts=tuple(receipts[row["delivery_id"]]),
            )
            for row in self._session.all("deliveries_of_notice", notice_id=notice_id)
        )


def _given(wanted: NoticeFilter) -> Mapping[str, object]:
    return {
        "recipient": wanted.recipient,
        "kind": None if wanted.kind is None else wanted.kind.value,
        "status": None if wanted.status is None else wanted.status.value,
        "case_id": wanted.case_id,
        "policy_id": wanted.policy_id,
        "policies": None if wanted.policies is None else list(wanted.policies),
    }


def _line(row: Row) -> NoticeLine:
    return NoticeLine(
        notice_id=row["notice_id"],
        recipient=row["recipient"],
        kind=NoticeKind(row["kind"]),
        case_id=row["case_id"],
        policy_id=row["policy_id"],
        about=row["about"],
        status=NoticeStatus(row["status"]),
        at=row["at"],
        since=row["since"],
        subject=row["subject"],
        reason=row["reason"],
    )


def _text(row: Row) -> KeptText:
    return KeptText(
        language=row["language"],
        subject=row["subject"],
        body=row["body"],
        short=row["short"],
        template=Digest(row["template"]),
        at=row["at"],
    )


def _event(row: Row) -> NoticeEventLine:
    return NoticeEventLine(
        seq=row["seq"],
        event=NoticeEvent(row["event"]),
        before=NoticeStatus(row["before"]),
        after=NoticeStatus(row["after"]),
        at=row["at"],
        by=row["by"],
        reason=row["reason"],
    )


def _delivery_event(row: Row) -> DeliveryEventLine:
    return DeliveryEventLine(
        seq=row["seq"],
        event=DeliveryEvent(row["event"]),
        after=DeliveryStatus(row["after"]),
        due_at=row["due_at"],
        code=row["code"],
        detail=row["detail"],
        reference=row["reference"],
        at=row["at"],
    )
