"""What providers say afterwards, with what became of it.

Guarantees that a receipt is kept once for each content that holds it. What it means is `notices.receipts`.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from policy_match.notices.messages import ReceiptKind
from policy_match.notices.model import DeliveryId, DeliveryStatus
from policy_match.notices.receipts import KeptReceipt, MatchedReceipt, NamedDelivery, ReceiptVerdict
from policy_match.storage.session import Session
from policy_match.values import Digest

RECEIPT_LOCK = 0x706D_6E72


class NoticeReceiptStore:
    """What providers say afterwards."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Wait for the right to take receipts, until the transaction ends."""
        self._session.run("lock_receipts", purpose=RECEIPT_LOCK)

    def verdicts(
        self, provider: str, digests: Collection[Digest]
    ) -> Mapping[tuple[Digest, bool], Counter[ReceiptVerdict]]:
        """Return what became of contents that were taken before; the flag is set where one was refused as a whole."""
        found: dict[tuple[Digest, bool], Counter[ReceiptVerdict]] = {}
        for row in self._session.all("receipts_of_contents", provider=provider, digests=list(digests)):
            counts = found.setdefault((Digest(row["content_digest"]), row["refused"]), Counter())
            counts[ReceiptVerdict(row["verdict"])] = row["receipts"]
        return found

    def by_reference(self, provider: str, references: Collection[str]) -> Mapping[str, DeliveryId]:
        """Return the deliveries that a provider took under its own ids."""
        rows = self._session.all("deliveries_by_reference", provider=provider, refs=list(references))
        return {row["reference"]: DeliveryId(row["delivery_id"]) for row in rows}

    def hold(self, deliveries: Collection[DeliveryId]) -> Mapping[DeliveryId, NamedDelivery]:
        """Lock deliveries until the transaction ends; return those that there are, as they stand."""
        # In a statement of its own: the next one must see the rows as they were when they were locked.
        self._session.all("hold_named_deliveries", delivery_ids=list(deliveries))
        return {
            DeliveryId(row["delivery_id"]): NamedDelivery(
                delivery_id=DeliveryId(row["delivery_id"]),
                provider=row["provider"],
                status=DeliveryStatus(row["status"]),
                tries=row["tries"],
            )
            for row in self._session.all("named_deliveries", delivery_ids=list(deliveries))
        }

    def add(self, provider: str, receipts: Sequence[KeptReceipt], at: datetime) -> Mapping[tuple[Digest, int], int]:
        """Keep receipts; return their ids by digest and number."""
        rows = self._session.all(
            "add_receipts",
            provider=provider,
            digests=[each.digest for each in receipts],
            numbers=[each.number for each in receipts],
            kinds=[each.kind for each in receipts],
            refs=[each.reference for each in receipts],
            delivery_ids=[each.delivery_id for each in receipts],
            verdicts=[each.verdict.value for each in receipts],
            seals=[each.sealed for each in receipts],
            key_ids=[each.key_id for each in receipts],
            at=at,
        )
        return {(Digest(row["content_digest"]), row["number"]): row["receipt_id"] for row in rows}

    def that_match_now(self, since: datetime, after: int, most: int) -> Sequence[MatchedReceipt]:
        """Return a page of receipts whose message was unknown and is known now, after a receipt."""
        return [
            MatchedReceipt(
                receipt_id=row["receipt_id"],
                provider=row["provider"],
                delivery_id=DeliveryId(row["delivery_id"]),
                kind=ReceiptKind(row["kind"]),
            )
            for row in self._session.all("receipts_that_match_now", since=since, after=after, most=most)
        ]
