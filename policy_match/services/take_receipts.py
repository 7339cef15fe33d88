"""Takes what providers say afterwards: that a message was delivered or read, or that it came back.

Guarantees that a content changes things once, that everything is kept sealed with what became of it, believed or not,
and that a receipt which comes before we recorded the sending counts. Reading and checking one is a channel's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policy_match.notices.messages import DeliveryReceipt
from policy_match.notices.model import DeliveryEvent, DeliveryId, NoticeEvent
from policy_match.notices.outcomes import CODE_LETTERS, REFERENCE_LETTERS, DeliveryStep, kept_text
from policy_match.notices.receipt_defects import ReceiptForged, ReceiptRefused, ReceiptsNotFetched
from policy_match.notices.receipts import EVENT_OF, Judge, KeptReceipt, MatchedReceipt, ReceiptVerdict, delivery_of
from policy_match.notices.result_codes import ADDRESS_IS_BAD
from policy_match.payments.records import SealedContent
from policy_match.policy.fingerprint import digest
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.notices import NotificationChannel
from policy_match.ports.payments import ContentSealer
from policy_match.values import Digest

PAGE = 200
"""How many contents are taken in one transaction."""

REFUSED_AS_A_WHOLE = 0
"""The number under which a content is kept in which no receipt was believed."""

COME_BACK = "came_back"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptContent:
    """What a provider sent us, with the headers that came with it."""

    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptsTaken:
    """What one content did. `repeated` when it had been taken before: then it did nothing now.

    `refused` says why a content was not believed as a whole.
    """

    digest: Digest
    repeated: bool
    verdicts: Mapping[ReceiptVerdict, int]
    refused: ReceiptRefused | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptsFetched:
    """What one provider had kept for us. `problem` says why it could not be fetched, or not confirmed."""

    provider: str
    taken: Sequence[ReceiptsTaken]
    problem: ReceiptsNotFetched | None = None


def take_receipts(
    database: Database,
    channel: NotificationChannel,
    sealer: ContentSealer,
    clock: Clock,
    contents: Sequence[ReceiptContent],
) -> Sequence[ReceiptsTaken]:
    """Keep what a provider sent and do what its receipts say, in order. A refusal is a result, and kept too."""
    taken: list[ReceiptsTaken] = []
    for start in range(0, len(contents), PAGE):
        read = [_read(channel, sealer, each) for each in contents[start : start + PAGE]]
        with database.unit_of_work() as work:
            work.deliveries.receipts.lock()
            taken += _take(work, channel.name, read, clock.now())
            work.commit()
    return taken


def fetch_receipts(
    database: Database, channels: Sequence[NotificationChannel], sealer: ContentSealer, clock: Clock
) -> Sequence[ReceiptsFetched]:
    """Take what providers keep for us; one that does not answer keeps nobody else from it.

    What is kept here is confirmed to the provider afterwards; if nobody gets so far it comes again and does nothing.
    """
    fetched = []
    for channel in channels:
        taken: list[ReceiptsTaken] = []
        problem = None
        try:
            contents = channel.fetch_receipts()
            for start in range(0, len(contents), PAGE):
                page = contents[start : start + PAGE]
                taken += take_receipts(
                    database, channel, sealer, clock, [ReceiptContent(content=each) for each in page]
                )
                channel.confirm_receipts(page)
        except ReceiptsNotFetched as error:
            problem = error
        fetched.append(ReceiptsFetched(provider=channel.name, taken=taken, problem=problem))
    return fetched


def apply_receipts(work: UnitOfWork, receipts: Sequence[MatchedReceipt], now: datetime) -> None:
    """Take the steps of receipts that apply, and what follows for notices and addresses. Their deliveries are held."""
    steps = [
        DeliveryStep(
            delivery_id=each.delivery_id,
            event=EVENT_OF[each.kind],
            code=kept_text(each.code, CODE_LETTERS),
            reference=f"receipt:{each.receipt_id}",
            bad_address=each.code in ADDRESS_IS_BAD,
        )
        for each in receipts
    ]
    sending = work.deliveries.sending
    for together in _rounds(steps):
        taken = sending.add_steps(together, now)
        assert len(taken) == len(together), "nobody else moves what is held"
    bounced = {each.delivery_id for each in steps if each.event is DeliveryEvent.BOUNCE}
    arrived = {each.delivery_id for each in steps} - bounced
    if arrived:
        sending.step_notices(arrived, NoticeEvent.REACH, now, "system", "receipt")
    if bounced:
        sending.suppress({each.delivery_id: each.code for each in steps if each.bad_address}, now)
        sending.relapse(bounced, now, "system", COME_BACK)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """A content as its channel understands it: receipts, or the reason for which none is believed."""

    digest: Digest
    sealed: SealedContent
    receipts: Sequence[DeliveryReceipt] = ()
    refused: ReceiptRefused | None = None

    @property
    def key(self) -> tuple[Digest, bool]:
        # What is refused today, for its signature or its time, must not stand in the way of the same bytes tomorrow.
        return self.digest, self.refused is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """One receipt of a content, what it means, and of which delivery. `number` counts from 1 within the content."""

    read: _Read
    number: int
    receipt: DeliveryReceipt
    delivery_id: DeliveryId | None
    verdict: ReceiptVerdict


def _read(channel: NotificationChannel, sealer: ContentSealer, given: ReceiptContent) -> _Read:
    key = digest(given.content)
    sealed = sealer.seal_content(given.content, key)
    try:
        return _Read(digest=key, sealed=sealed, receipts=channel.read_receipts(given.content, given.headers))
    except ReceiptRefused as error:
        return _Read(digest=key, sealed=sealed, refused=error)


def _take(work: UnitOfWork, provider: str, read: Sequence[_Read], now: datetime) -> Sequence[ReceiptsTaken]:
    verdicts = dict(work.deliveries.receipts.verdicts(provider, {each.digest for each in read}))
    fresh: dict[tuple[Digest, bool], _Read] = {}
    for each in read:
        if each.key not in verdicts:
            fresh.setdefault(each.key, each)
    judged = _judge(work, provider, list(fresh.values()))
    kept = [*_whole_contents(fresh.values()), *map(_kept, judged)]
    ids = work.deliveries.receipts.add(provider, kept, now)
    for row in kept:
        counts = verdicts.setdefault((row.digest, row.number == REFUSED_AS_A_WHOLE), Counter())
        counts[row.verdict] += 1
    applied = [
        MatchedReceipt(
            receipt_id=ids[each.read.digest, each.number],
            provider=provider,
            delivery_id=each.delivery_id,
            kind=each.receipt.kind,
            code=each.receipt.code,
        )
        for each in judged
        if each.verdict is ReceiptVerdict.APPLIED and each.delivery_id is not None
    ]
    if applied:
        apply_receipts(work, applied, now)
    return [
        ReceiptsTaken(
            digest=each.digest,
            repeated=fresh.get(each.key) is not each,
            verdicts=verdicts[each.key],
            refused=each.refused,
        )
        for each in read
    ]


def _judge(work: UnitOfWork, provider: str, read: Sequence[_Read]) -> Sequence[_Judged]:
    """Hold the deliveries that receipts name, by our key or by the provider's own id, and judge these in order."""
    receipts = [(each, number, receipt) for each in read for number, receipt in enumerate(each.receipts, 1)]
    by_key = [delivery_of(receipt.key) for _, _, receipt in receipts]
    references = {receipt.reference for (_, _, receipt), named in zip(receipts, by_key, strict=True) if named is None}
    by_reference = work.deliveries.receipts.by_reference(provider, references - {""})
    named = [
        by_reference.get(receipt.reference) if found is None else found
        for (_, _, receipt), found in zip(receipts, by_key, strict=True)
    ]
    standing = work.deliveries.receipts.hold({each for each in named if each is not None})
    judge = Judge(standing)
    return [
        _Judged(
            read=each,
            number=number,
            receipt=receipt,
            delivery_id=delivery_id if delivery_id in standing else None,
            verdict=judge.verdict(delivery_id, provider, receipt.kind),
        )
        for (each, number, receipt), delivery_id in zip(receipts, named, strict=True)
    ]


def _rounds(steps: Sequence[DeliveryStep]) -> Sequence[Sequence[DeliveryStep]]:
    """Return the steps so that each round has at most one of a delivery, in order."""
    rounds: list[list[DeliveryStep]] = []
    seen = Counter[DeliveryId]()
    for step in steps:
        if seen[step.delivery_id] == len(rounds):
            rounds.append([])
        rounds[seen[step.delivery_id]].append(step)
        seen[step.delivery_id] += 1
    return rounds


def _kept(judged: _Judged) -> KeptReceipt:
    """Return a receipt as it is stored; the first of a content holds the content."""
    sealed = judged.read.sealed
    return KeptReceipt(
        digest=judged.read.digest,
        number=judged.number,
        kind=judged.receipt.kind,
        reference=kept_text(judged.receipt.reference, REFERENCE_LETTERS),
        delivery_id=judged.delivery_id,
        verdict=judged.verdict,
        sealed=sealed.sealed if judged.number == 1 else b"",
        key_id=sealed.key_id,
    )


def _whole_contents(read: Iterable[_Read]) -> Iterator[KeptReceipt]:
    """Yield what is stored of contents that were refused as a whole, and of those that tell nothing."""
    for each in read:
        if each.refused is None and each.receipts:
            continue
        yield KeptReceipt(
            digest=each.digest,
            number=1 if each.refused is None else REFUSED_AS_A_WHOLE,
            kind="",
            reference="",
            delivery_id=None,
            verdict=_of_whole(each.refused),
            sealed=each.sealed.sealed,
            key_id=each.sealed.key_id,
        )


def _of_whole(refused: ReceiptRefused | None) -> ReceiptVerdict:
    if refused is None:
        return ReceiptVerdict.KNOWN
    return ReceiptVerdict.FORGED if isinstance(refused, ReceiptForged) else ReceiptVerdict.NOT_UNDERSTOOD
