"""Notices, their texts and how far they got.

Guarantees that a text, its inbox delivery and the step of the notice are one transaction, and that every statement is
over a page, not over one notice. What is said and whether it still holds is decided by the services.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from policy_match.cases.model import Event, NoticeKind, Route
from policy_match.notices.fields import NewNotice, fields_to_keep
from policy_match.notices.model import DeliveryEvent, NoticeEvent, NoticeId, NoticeStatus
from policy_match.notices.saying import CaseMatter, WaitingNotice
from policy_match.notices.subscriptions import Subscription
from policy_match.notices.template import NoticeText
from policy_match.policy.model import PayeeKind, Silence
from policy_match.storage.notice_history import NoticeHistoryStore
from policy_match.storage.notice_inbox import NoticeInboxStore
from policy_match.storage.session import Row, Session
from policy_match.values import Digest, Uscc


class NoticeStore:
    """Notices, their texts and how far they got."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.history = NoticeHistoryStore(session)
        self.inbox = NoticeInboxStore(session)

    def add(self, notices: Sequence[NewNotice], at: datetime) -> int:
        """Write notices that tell of no step of a case; return how many. Those that there are already stay.

        Raises `WrongNoticeFields` before any write.
        """
        kept = [json.dumps(fields_to_keep(each), ensure_ascii=False) for each in notices]
        row = self._session.one(
            "add_notices",
            recipients=[each.recipient for each in notices],
            kinds=[each.kind.value for each in notices],
            abouts=[each.about for each in notices],
            fields=kept,
            at=at,
        )
        assert row is not None
        return int(row["added"])

    def take(self, status: NoticeStatus, after: NoticeId, most: int) -> Sequence[NoticeId]:
        """Lock a page of notices of a status, after a given one, until the transaction ends; what others hold is not
        in it.
        """
        rows = self._session.all("take_notices", status=status.value, after=after, most=most)
        return sorted(row["notice_id"] for row in rows)

    def waiting(self, notices: Sequence[NoticeId]) -> Sequence[WaitingNotice]:
        """Return what notices tell of, by number."""
        return [_waiting(row) for row in self._session.all("waiting_notices", notice_ids=list(notices))]

    def prepare(self, texts: Mapping[NoticeId, NoticeText], at: datetime, by: str) -> None:
        """Keep the texts of due or held notices, lay them into the inbox and open the notices."""
        self._session.copy_rows(
            "notice_text",
            ("notice_id", "language", "subject", "body", "short", "template", "at"),
            [
                (notice, text.language, text.subject, text.body, text.short, text.template, at)
                for notice, text in texts.items()
            ],
        )
        notices = list(texts)
        self._session.run("add_inbox_deliveries", notice_ids=notices, at=at)
        for event in (DeliveryEvent.SEND, DeliveryEvent.HAND_OVER):
            self._session.run("step_inbox_deliveries", notice_ids=notices, event=event.value, at=at)
        taken = self.step(dict.fromkeys(notices, ""), NoticeEvent.PREPARE, at, by)
        assert len(taken) == len(texts), "who locked them knows where they stand"

    def step(self, reasons: Mapping[NoticeId, str], event: NoticeEvent, at: datetime, by: str) -> Sequence[NoticeId]:
        """Take a step with notices, each for its reason, where it is possible; return those that took it."""
        rows = self._session.all(
            "step_notices",
            notice_ids=list(reasons),
            reasons=list(reasons.values()),
            event=event.value,
            at=at,
            by=by,
        )
        return [row["notice_id"] for row in rows]

    def overtaken(self, notices: Sequence[NoticeId]) -> frozenset[NoticeId]:
        """Return those of some notices that a later step made wrong or pointless."""
        return frozenset(row["notice_id"] for row in self._session.all("overtaken_notices", notice_ids=list(notices)))

    def written_and_overtaken(self, after: NoticeId, most: int) -> Mapping[NoticeId, Event]:
        """Return a page of notices that reached nobody and that a later step made pointless, each with that step."""
        rows = self._session.all("written_and_overtaken", after=after, most=most)
        return {row["notice_id"]: Event(row["event"]) for row in rows}


def _waiting(row: Row) -> WaitingNotice:
    return WaitingNotice(
        notice_id=row["notice_id"],
        recipient=row["recipient"],
        kind=NoticeKind(row["kind"]),
        status=NoticeStatus(row["status"]),
        language=row["language"],
        matter=None if row["case_id"] is None else _matter(row),
        fields=row["fields"],
        unwanted=frozenset(map(Subscription, row["unwanted"])),
    )


def _matter(row: Row) -> CaseMatter:
    return CaseMatter(
        case_id=row["case_id"],
        uscc=Uscc(row["uscc"]),
        name=row["name"],
        version=Digest(row["version"]),
        record_id=row["record_id"],
        period=row["period"],
        instalment=row["instalment"],
        instalments=row["instalments"],
        route=Route(row["route"]),
        silence=Silence(row["silence"]),
        payee=PayeeKind(row["payee"]),
        event=Event(row["event"]),
        at=row["at"],
        reason=row["reason"],
        step_fen=row["step_fen"],
        claimed_fen=row["claimed_fen"],
        amount_fen=row["amount_fen"],
        missed=row["missed"],
        deadline=row["deadline"],
        tail=row["tail"],
        later=tuple(map(Event, row["later"])),
    )
