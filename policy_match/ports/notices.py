"""Ports of notices: channels that hand messages over, and where notices, deliveries and contacts are kept.

Guarantees nothing by itself; these are the shapes that services ask for. Stores are `storage`, channels `connectors`.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from policy_match.cases.model import Event
from policy_match.errors import Language
from policy_match.notices.contacts import (
    ContactLine,
    KeptContact,
    NewContact,
    NewSuppression,
    Preference,
    SuppressionLine,
)
from policy_match.notices.fields import NewNotice
from policy_match.notices.history import InboxMessage, NoticeCount, NoticeFilter, NoticeLine, NoticeStory
from policy_match.notices.messages import DeliveryReceipt, OutgoingMessage, SendResult
from policy_match.notices.model import Channel, NoticeEvent, NoticeId, NoticeStatus
from policy_match.notices.saying import WaitingNotice
from policy_match.notices.subscriptions import Subscription
from policy_match.notices.template import NoticeText
from policy_match.values import PolicyId, Uscc


class Sender(Protocol):
    """An open way to a provider, for many messages."""

    def send(self, message: OutgoingMessage) -> SendResult:
        """Hand one message over. What can be expected to go wrong is a result, not an error."""


class NotificationChannel(Protocol):
    """One provider of one channel."""

    @property
    def name(self) -> str:
        """The provider's name, from the settings."""

    @property
    def channel(self) -> Channel:
        """What kind of channel it is."""

    @property
    def promises_once(self) -> bool:
        """Whether sending the same key again never makes a second message."""

    @property
    def gives_receipts(self) -> bool:
        """Whether a receipt says later what became of a message."""

    def open(self) -> AbstractContextManager[Sender]:
        """Return a way to the provider; what fails to open shows as the result of the first message."""

    def read_receipts(self, content: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Return the receipts in what a provider sent us. Raises `ReceiptRefused` for what cannot be trusted."""

    def fetch_receipts(self) -> Sequence[bytes]:
        """Return receipts that the provider keeps for us, each as `read_receipts` takes it; bounded, maybe none.

        Asking again may give the same ones again, byte for byte, until they are confirmed. Raises `ReceiptsNotFetched`.
        """

    def confirm_receipts(self, contents: Sequence[bytes]) -> None:
        """Tell the provider that these are stored and need not be given again; after the commit, never before.

        Raises `ReceiptsNotFetched`, after which they are given again.
        """


class NoticeHistoryStore(Protocol):
    """Notices as people read them."""

    def lines(self, wanted: NoticeFilter, *, after: int, most: int) -> Sequence[NoticeLine]:
        """Return a page of notices by number, after a given one."""

    def counts(self, wanted: NoticeFilter) -> Sequence[NoticeCount]:
        """Return how many notices the filter lets through, by kind and status."""

    def story(self, notice_id: NoticeId) -> NoticeStory | None:
        """Return everything about one notice."""

    def policies(self, notices: Sequence[NoticeId]) -> frozenset[PolicyId | None]:
        """Return the policies of notices; `None` is among them when one is of no case."""

    def statuses(self, notices: Sequence[NoticeId]) -> Mapping[NoticeId, NoticeStatus]:
        """Return where notices stand; those that there are not are left out."""


class NoticeInboxStore(Protocol):
    """The inbox of the portal."""

    def messages(
        self, recipient: str, *, unread: bool, case_id: int | None, before: NoticeId | None, most: int
    ) -> Sequence[InboxMessage]:
        """Return a page of a recipient's messages, the newest first, from before a notice.

        Of all, of those not read, of those about one case.
        """

    def which(self, recipient: str, notices: Sequence[NoticeId]) -> Mapping[NoticeId, bool]:
        """Return those of some notices that lie in the recipient's inbox, each with whether it is read."""

    def read(self, notices: Sequence[NoticeId], at: datetime) -> Sequence[NoticeId]:
        """Mark messages as read; return those that were not."""


class NoticeStore(Protocol):
    """Notices, their texts and how far they got."""

    @property
    def history(self) -> NoticeHistoryStore:
        """Lines and stories of notices."""

    @property
    def inbox(self) -> NoticeInboxStore:
        """Messages of the inbox."""

    def add(self, notices: Sequence[NewNotice], at: datetime) -> int:
        """Write notices that tell of no step of a case; return how many. Those that there are already stay.

        Raises `WrongNoticeFields` before any write.
        """

    def take(self, status: NoticeStatus, after: NoticeId, most: int) -> Sequence[NoticeId]:
        """Lock a page of notices of a status, after a given one, until the transaction ends.

        What others hold is not in it.
        """

    def waiting(self, notices: Sequence[NoticeId]) -> Sequence[WaitingNotice]:
        """Return what notices tell of, by number."""

    def prepare(self, texts: Mapping[NoticeId, NoticeText], at: datetime, by: str) -> None:
        """Keep the texts of due or held notices that are locked, lay them into the inbox and open the notices."""

    def step(self, reasons: Mapping[NoticeId, str], event: NoticeEvent, at: datetime, by: str) -> Sequence[NoticeId]:
        """Take a step with notices, each for its reason, where it is possible; return those that took it."""

    def overtaken(self, notices: Sequence[NoticeId]) -> frozenset[NoticeId]:
        """Return those of some notices that a later step made wrong or pointless."""

    def written_and_overtaken(self, after: NoticeId, most: int) -> Mapping[NoticeId, Event]:
        """Return a page of notices that reached nobody and that a later step made pointless, each with that step."""


class ContactStore(Protocol):
    """Where recipients are told, what they prefer, and who gets nothing."""

    def staff_among(self, names: Collection[str]) -> frozenset[str]:
        """Return those of some names that hold or held a role."""

    def firms_with_cases(self, usccs: Collection[Uscc]) -> frozenset[Uscc]:
        """Return those of some firms for which there is a case."""

    def latest_fingerprints(self, recipients: Collection[str]) -> Mapping[tuple[str, Channel, str], str]:
        """Return the fingerprint of the latest address by recipient, channel and source."""

    def add(self, contacts: Sequence[NewContact], at: datetime, by: str) -> None:
        """Keep addresses in this order; the last of a recipient, channel and source counts."""

    def carry_suppressions(self, renamed: Sequence[tuple[str, str]], at: datetime, by: str) -> None:
        """Suppress addresses under their new fingerprint where they are suppressed under the old one."""

    def unreached(self, recipients: Collection[str]) -> Sequence[NoticeId]:
        """Return the notices of some recipients that no way was left for."""

    def lines(
        self, *, recipient: str | None, channel: Channel | None, older: bool, after: int, most: int
    ) -> Sequence[ContactLine]:
        """Return a page of contacts by number, after a given one; with older ones too, or the latest alone."""

    def find(self, contact_id: int) -> KeptContact | None:
        """Return one contact with its sealed address."""

    def prefer(
        self,
        recipient: str,
        channels: Sequence[Channel],
        language: Language | None,
        at: datetime,
        by: str,
        *,
        unwanted: Collection[Subscription] = (),
    ) -> None:
        """Keep what a recipient asks for, and what it does not want to hear of; it replaces what was asked before."""

    def preferences(self, recipient: str) -> Sequence[Preference]:
        """Return what a recipient asked for, the latest first."""

    def suppress(self, new: NewSuppression, at: datetime, by: str) -> Sequence[int]:
        """Suppress a recipient or an address; return the numbers, none for what is suppressed so already."""

    def lift(self, suppression_id: int, reason: str, at: datetime, by: str) -> bool:
        """End a suppression; return whether there was one that was not ended before."""

    def suppressions(self, *, recipient: str | None, lifted: bool, after: int, most: int) -> Sequence[SuppressionLine]:
        """Return a page of suppressions by number, after a given one; with those that ended, or those in force."""
