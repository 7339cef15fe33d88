"""Where deliveries are kept: choosing ways, sending, receipts, repair.

Guarantees nothing by itself; these are the shapes that services ask for. Every page has the size that is asked for.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from policy_match.cases.model import NoticeKind
from policy_match.notices.deliveries import (
    Circumstances,
    MessageToSend,
    NewDelivery,
    ProviderCount,
    UncertainDelivery,
    WaitingDelivery,
    WaylessNotice,
)
from policy_match.notices.health import Demotion, Outcomes
from policy_match.notices.model import DeliveryId, DeliveryStatus, NoticeEvent, NoticeId, NoticeStatus
from policy_match.notices.outcomes import DeliveryStep, Sending
from policy_match.notices.receipts import KeptReceipt, MatchedReceipt, NamedDelivery, ReceiptVerdict
from policy_match.values import Digest


class AddressOpener(Protocol):
    """Opens the address of a message right before it is sent."""

    def __call__(self, message: MessageToSend, /) -> str | None:
        """Return the address; `None` when its seal is broken. Raises a `StorageError` when its key is not there."""


class PlanningStore(Protocol):
    """Choosing ways."""

    def lock(self) -> None:
        """Wait for the right to choose ways, until the transaction ends."""

    def wayless(self, after: NoticeId, most: int) -> Sequence[WaylessNotice]:
        """Return a page of open notices of which nothing is on its way, after a notice."""

    def unreached(self, after: NoticeId, most: int) -> Sequence[WaylessNotice]:
        """Return a page of notices that reached nobody, after a notice."""

    def circumstances(self, notices: Mapping[NoticeId, str]) -> Circumstances:
        """Return what the choice of ways rests on for notices and their recipients."""

    def add(self, deliveries: Sequence[NewDelivery], at: datetime) -> None:
        """Write deliveries; they wait."""

    def hold(self, notices: Collection[NoticeId]) -> None:
        """Lock notices until the transaction ends."""

    def at_strangers(self, providers: Collection[str], after: DeliveryId, most: int) -> Sequence[DeliveryId]:
        """Return a page of deliveries that wait at a provider other than these."""

    def before_demotion(self, demotion: Demotion, after: DeliveryId, most: int) -> Sequence[WaitingDelivery]:
        """Return a page of deliveries that wait at a demoted provider since before that, none sent perhaps."""


class SendingStore(Protocol):
    """Handing messages over, and what became of them."""

    def hold(self, provider: str) -> None:
        """Say, until the transaction ends, that somebody sends through a provider; many may."""

    def hold_alone(self, provider: str) -> bool:
        """Keep senders away until the transaction ends; return whether none is at work."""

    def count_due(self, provider: str, now: datetime) -> int:
        """Return how many deliveries are due."""

    def take(self, provider: str, now: datetime, most: int) -> tuple[Sequence[MessageToSend], int]:
        """Record that a page of due deliveries is being sent; return them, and how many were cancelled instead.

        Cancelled is what need not be said any more. Nobody else takes the same.
        """

    def add_steps(self, steps: Sequence[DeliveryStep], at: datetime) -> frozenset[DeliveryId]:
        """Take a step with each delivery; return those that had not moved elsewhere meanwhile."""

    def step_notices(
        self, deliveries: Collection[DeliveryId], event: NoticeEvent, at: datetime, by: str, reason: str
    ) -> int:
        """Take a step with the notices of deliveries where it is possible; return how many."""

    def relapse(
        self,
        deliveries: Collection[DeliveryId],
        at: datetime,
        by: str,
        reason: str,
        kinds: Collection[NoticeKind] | None = None,
    ) -> int:
        """Say of reached notices, of some kinds or all, that what was handed over did not arrive; return how many.

        Those that something else reached stay reached.
        """

    def suppress(self, codes: Mapping[DeliveryId, str], at: datetime) -> None:
        """Suppress the addresses of deliveries in their channels; `codes` say why."""

    def demotions(self, now: datetime) -> Mapping[str, Demotion]:
        """Return the demotions that hold, by provider."""

    def outcomes(self, provider: str, now: datetime, within: timedelta) -> Outcomes:
        """Return what became of a provider's messages lately, or since its last demotion ended."""

    def demote(self, demotion: Demotion) -> None:
        """Keep a demotion."""

    def counts(self) -> Sequence[ProviderCount]:
        """Return how many deliveries of each provider stand where."""


class NoticeReceiptStore(Protocol):
    """What providers say afterwards."""

    def lock(self) -> None:
        """Wait for the right to take receipts, until the transaction ends."""

    def verdicts(
        self, provider: str, digests: Collection[Digest]
    ) -> Mapping[tuple[Digest, bool], Counter[ReceiptVerdict]]:
        """Return what became of contents that were taken before; the flag is set where one was refused as a whole."""

    def by_reference(self, provider: str, references: Collection[str]) -> Mapping[str, DeliveryId]:
        """Return the deliveries that a provider took under its own ids."""

    def hold(self, deliveries: Collection[DeliveryId]) -> Mapping[DeliveryId, NamedDelivery]:
        """Lock deliveries until the transaction ends; return those that there are, as they stand."""

    def add(self, provider: str, receipts: Sequence[KeptReceipt], at: datetime) -> Mapping[tuple[Digest, int], int]:
        """Keep receipts; return their ids by digest and number."""

    def that_match_now(self, since: datetime, after: int, most: int) -> Sequence[MatchedReceipt]:
        """Return a page of receipts whose message was unknown and is known now, after a receipt."""


class RepairStore(Protocol):
    """Looking for every known way to lose a message."""

    def providers_with_lost_sends(self, before: datetime, beyond: datetime) -> Mapping[str, int]:
        """Return by provider how many deliveries are being sent since before, or since a time after `beyond`."""

    def lost_sends(self, provider: str, before: datetime, beyond: datetime, most: int) -> Sequence[Sending]:
        """Return a page of those of one provider."""

    def receipts_overdue(self, now: datetime, most: int) -> Sequence[DeliveryId]:
        """Return a page of deliveries whose receipt should be there."""

    def too_far_ahead(self, beyond: datetime, most: int) -> Sequence[DeliveryId]:
        """Return a page of deliveries that would wait for longer than any rule lets them."""

    def for_nothing(self, most: int) -> Sequence[DeliveryId]:
        """Return a page of waiting deliveries whose notice needs none any more."""

    def overdue(self, before: datetime) -> Mapping[str, int]:
        """Return by provider how many deliveries should have been sent before then."""

    def with_evidence(self, most: int) -> Sequence[NoticeId]:
        """Return a page of notices that did not reach their recipient, while a delivery shows that they did."""

    def standing(self, statuses: Collection[NoticeStatus], before: datetime) -> Mapping[NoticeStatus, int]:
        """Return how many notices stand at some statuses since before then."""

    def add_missing_notices(self, since: datetime, most: int) -> int:
        """Write a page of notices that steps since then should have and have not; return how many."""

    def possible_duplicates(self) -> Mapping[str, tuple[int, int]]:
        """Return by provider how often a message was sent again that may have arrived: by itself, and by a person."""

    def in_doubt(self, status: DeliveryStatus, after: DeliveryId, most: int) -> Sequence[UncertainDelivery]:
        """Return a page of deliveries that are unknown, or unconfirmed."""


class DeliveryStore(Protocol):
    """Every try to reach somebody, and what providers say of it."""

    @property
    def planning(self) -> PlanningStore:
        """Choosing ways."""

    @property
    def sending(self) -> SendingStore:
        """Handing messages over."""

    @property
    def receipts(self) -> NoticeReceiptStore:
        """What providers say afterwards."""

    @property
    def repairs(self) -> RepairStore:
        """Looking for what was lost."""
