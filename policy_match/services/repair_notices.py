"""Looks for every known way to lose a message, and repairs what may be repaired.

Guarantees that each way has a query and a line in the report; that deliveries of a sender who is alive are not touched;
and that nothing is sent from here: what is repaired waits for its turn. What only a person can settle is counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from policy_match.cases.model import NoticeKind
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.model import DeliveryEvent, DeliveryId, NoticeEvent, NoticeStatus
from policy_match.notices.outcomes import DeliveryStep, Sending, step_after_crash
from policy_match.notices.overtaking import ASKS_IN_TIME
from policy_match.notices.receipts import Judge, ReceiptVerdict
from policy_match.notices.result_codes import ResultCode
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.notices import NotificationChannel
from policy_match.services.plan_deliveries import Planner, plan_deliveries, reopen_where_possible
from policy_match.services.take_receipts import apply_receipts

PATIENCE = timedelta(minutes=5)
"""So long a sender may be at one page; channels give up on a message far sooner."""

OVERDUE_AFTER = timedelta(days=1)
"""What should have been prepared or sent so long ago has been forgotten."""

STEPS_LOOKED_AT = timedelta(days=7)
"""Steps of cases so far back are compared with the notices that they should have."""

RECEIPTS_LOOKED_AT = timedelta(days=7)
"""So long a receipt may wait for the message that it names to be recorded."""

NO_RECEIPT = "no_receipt"

PAGE = 1_000
MOST_PAGES = 10_000

ASKS = ASKS_IN_TIME | {NoticeKind.ACCOUNT_CORRECTION_ASKED, NoticeKind.ORDER_TO_ACT}
"""What asks for an answer: without a receipt in time it goes another way too."""


class FindingKind(StrEnum):
    """Each known way to lose a message.

    `lost_send`: its sender died. `receipt_overdue`: handed over, and no word since. `clock_went_back`: it would wait
    for longer than any rule says. `needless`: its notice needs no delivery any more. `late_match`: a receipt came
    before its message was recorded. `reach_unrecorded`: a delivery shows what the notice does not. `step_untold`: a
    step of a case without its notice. `way_again`: unreached, and there is a way now. `without_way`: nobody chose one.
    `not_prepared`, `held`, `unreached`, `send_overdue`: counted, for a person or for the clock that did not run.
    """

    LOST_SEND = "lost_send"
    RECEIPT_OVERDUE = "receipt_overdue"
    CLOCK_WENT_BACK = "clock_went_back"
    NEEDLESS = "needless"
    LATE_MATCH = "late_match"
    REACH_UNRECORDED = "reach_unrecorded"
    STEP_UNTOLD = "step_untold"
    WAY_AGAIN = "way_again"
    WITHOUT_WAY = "without_way"
    NOT_PREPARED = "not_prepared"
    HELD = "held"
    UNREACHED = "unreached"
    SEND_OVERDUE = "send_overdue"


FINDING_WORDS: Mapping[FindingKind, tuple[str, str]] = {
    FindingKind.LOST_SEND: ("发送中断", "its sender died"),
    FindingKind.LATE_MATCH: ("回执早于登记", "a receipt came before its message was recorded"),
    FindingKind.RECEIPT_OVERDUE: ("回执超时", "no receipt in time"),
    FindingKind.CLOCK_WENT_BACK: ("时钟曾回拨", "the clock was set back"),
    FindingKind.REACH_UNRECORDED: ("送达未登记", "arrived, and the notice did not say so"),
    FindingKind.NEEDLESS: ("已无须发送", "waits although nothing need be said"),
    FindingKind.STEP_UNTOLD: ("步骤缺通知", "a step of a case without its notice"),
    FindingKind.WAY_AGAIN: ("又有渠道", "unreached, and there is a way again"),
    FindingKind.WITHOUT_WAY: ("未选渠道", "nobody had chosen a way"),
    FindingKind.NOT_PREPARED: ("久未拟写", "not written for a day"),
    FindingKind.HELD: ("暂缓", "held: a person must see to the reason"),
    FindingKind.UNREACHED: ("未送达", "unreached: a person must act"),
    FindingKind.SEND_OVERDUE: ("久未发送", "due for a day and not sent"),
}
"""Each kind in Chinese and English."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """How many were found and how many of them repaired; `provider` is empty where none is meant."""

    kind: FindingKind
    provider: str = ""
    found: int
    repaired: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeRepair:
    """What one run found, every kind at least once. A lost send that is not repaired may be with a sender right now.

    `possible_duplicates` counts by provider, since the beginning, messages that were sent again although they may have
    arrived, where the provider does not promise that this makes no second message.
    """

    findings: Sequence[Finding]
    possible_duplicates: Mapping[str, int]


def repair_notices(
    database: Database, channels: Sequence[NotificationChannel], rules: DeliveryRules, clock: Clock
) -> NoticeRepair:
    """Look for everything once, in an order in which what one repair uncovers the next one finds."""
    repair = _Repair(database, channels, rules, clock)
    findings = [
        *(repair.lost_sends() or [Finding(kind=FindingKind.LOST_SEND, found=0, repaired=0)]),
        repair.pages(FindingKind.LATE_MATCH, repair.late_matches),
        repair.pages(FindingKind.RECEIPT_OVERDUE, repair.receipts_overdue),
        repair.pages(FindingKind.CLOCK_WENT_BACK, repair.too_far_ahead),
        repair.pages(FindingKind.REACH_UNRECORDED, repair.reach_by_evidence),
        repair.pages(FindingKind.NEEDLESS, repair.needless),
        repair.pages(FindingKind.STEP_UNTOLD, repair.steps_untold),
        *repair.without_way(),
        *repair.standing(),
    ]
    return NoticeRepair(findings=findings, possible_duplicates=repair.possible_duplicates())


class _Repair:
    def __init__(
        self, database: Database, channels: Sequence[NotificationChannel], rules: DeliveryRules, clock: Clock
    ) -> None:
        self._database = database
        self._channels = {each.name: each for each in channels}
        self._planner = Planner(channels, rules)
        self._rules = rules
        self._clock = clock
        self._last_receipt = 0

    def pages(self, kind: FindingKind, page: Callable[[UnitOfWork, datetime], int | None]) -> Finding:
        """Repair page after page, each in its transaction, until one is empty (`None`). What is found is repaired."""
        repaired = 0
        for _ in range(MOST_PAGES):
            with self._database.unit_of_work() as work:
                done = page(work, self._clock.now())
                work.commit()
            if done is None:
                break
            repaired += done
        return Finding(kind=kind, found=repaired, repaired=repaired)

    def lost_sends(self) -> Sequence[Finding]:
        """Settle what was being sent when its sender died; leave alone what somebody may be sending now."""
        now = self._clock.now()
        with self._database.unit_of_work() as work:
            lost = work.deliveries.repairs.providers_with_lost_sends(now - PATIENCE, now + PATIENCE)
        return [
            Finding(kind=FindingKind.LOST_SEND, provider=provider, found=found, repaired=self._settle(provider))
            for provider, found in lost.items()
        ]

    def _settle(self, provider: str) -> int:
        settled = 0
        for _ in range(MOST_PAGES):
            with self._database.unit_of_work() as work:
                if not work.deliveries.sending.hold_alone(provider):
                    break
                now = self._clock.now()
                page = work.deliveries.repairs.lost_sends(provider, now - PATIENCE, now + PATIENCE, PAGE)
                steps = [self._after_crash(provider, sending, now) for sending in page]
                taken = work.deliveries.sending.add_steps(steps, now)
                work.commit()
            settled += len(taken)
            if not taken:
                break
        return settled

    def _after_crash(self, provider: str, sending: Sending, now: datetime) -> DeliveryStep:
        channel = self._channels.get(provider)
        if channel is None:  # nobody can send it again with the same promise
            return DeliveryStep(delivery_id=sending.delivery_id, event=DeliveryEvent.GIVE_UP, code=ResultCode.NO_REPLY)
        terms = self._rules.terms(
            channel.channel, promises_once=channel.promises_once, gives_receipts=channel.gives_receipts
        )
        return step_after_crash(sending, terms, now)

    def late_matches(self, work: UnitOfWork, now: datetime) -> int | None:
        """Apply receipts that named a message by an id which the provider gave us only afterwards."""
        work.deliveries.receipts.lock()
        page = work.deliveries.receipts.that_match_now(now - RECEIPTS_LOOKED_AT, self._last_receipt, PAGE)
        if not page:
            return None
        self._last_receipt = page[-1].receipt_id
        judge = Judge(work.deliveries.receipts.hold({each.delivery_id for each in page}))
        applied = [
            each for each in page if judge.verdict(each.delivery_id, each.provider, each.kind) is ReceiptVerdict.APPLIED
        ]
        apply_receipts(work, applied, now)
        return len(applied)

    def receipts_overdue(self, work: UnitOfWork, now: datetime) -> int | None:
        """Stop waiting for receipts; what asks for an answer goes another way."""
        overdue = work.deliveries.repairs.receipts_overdue(now, PAGE)
        if not overdue:
            return None
        taken = self._step(work, overdue, DeliveryEvent.EXPIRE, NO_RECEIPT, now)
        work.deliveries.sending.relapse(taken, now, "system", NO_RECEIPT, ASKS)
        return len(taken)

    def too_far_ahead(self, work: UnitOfWork, now: datetime) -> int | None:
        """Take back what would wait for longer than any rule says; it is planned anew."""
        ahead = work.deliveries.repairs.too_far_ahead(now + self._rules.backoff.longest_wait, PAGE)
        return len(self._step(work, ahead, DeliveryEvent.CANCEL, "clock_went_back", now)) if ahead else None

    def needless(self, work: UnitOfWork, now: datetime) -> int | None:
        """Take back what need not be said any more."""
        waiting = work.deliveries.repairs.for_nothing(PAGE)
        return len(self._step(work, waiting, DeliveryEvent.CANCEL, "needless", now)) if waiting else None

    def reach_by_evidence(self, work: UnitOfWork, now: datetime) -> int | None:
        """Say of notices what their deliveries show."""
        found = work.deliveries.repairs.with_evidence(PAGE)
        if not found:
            return None
        work.deliveries.planning.hold(found)
        return len(work.notices.step(dict.fromkeys(found, "repair"), NoticeEvent.REACH, now, "system"))

    def steps_untold(self, work: UnitOfWork, now: datetime) -> int | None:
        """Write the notices that steps of cases lack."""
        return work.deliveries.repairs.add_missing_notices(now - STEPS_LOOKED_AT, PAGE) or None

    def without_way(self) -> Sequence[Finding]:
        """Reopen what has a way again, and choose ways for all that has none."""
        again = reopen_where_possible(self._database, self._planner, self._clock)
        planned = plan_deliveries(self._database, self._planner, self._clock)
        without = sum(planned.ways.values()) + sum(planned.none_left.values()) - again
        return [
            Finding(kind=FindingKind.WAY_AGAIN, found=again, repaired=again),
            Finding(kind=FindingKind.WITHOUT_WAY, found=max(without, 0), repaired=max(without, 0)),
        ]

    def standing(self) -> Sequence[Finding]:
        """Count what a person or another job must see to."""
        now = self._clock.now()
        long_ago = now - OVERDUE_AFTER
        with self._database.unit_of_work() as work:
            due = work.deliveries.repairs.standing((NoticeStatus.DUE,), long_ago)
            waiting = work.deliveries.repairs.standing((NoticeStatus.HELD, NoticeStatus.UNREACHED), now)
            overdue = work.deliveries.repairs.overdue(long_ago)
        counts = {
            FindingKind.NOT_PREPARED: due.get(NoticeStatus.DUE, 0),
            FindingKind.HELD: waiting.get(NoticeStatus.HELD, 0),
            FindingKind.UNREACHED: waiting.get(NoticeStatus.UNREACHED, 0),
        }
        late = [
            Finding(kind=FindingKind.SEND_OVERDUE, provider=provider, found=found, repaired=0)
            for provider, found in overdue.items()
        ]
        return [
            *(Finding(kind=kind, found=found, repaired=0) for kind, found in counts.items()),
            *(late or [Finding(kind=FindingKind.SEND_OVERDUE, found=0, repaired=0)]),
        ]

    def possible_duplicates(self) -> Mapping[str, int]:
        """Count what may have been said twice, by provider."""
        with self._database.unit_of_work() as work:
            found = work.deliveries.repairs.possible_duplicates()
        counts = {
            provider: settled + (0 if self._promises(provider) else repeats)
            for provider, (repeats, settled) in found.items()
        }
        return {provider: count for provider, count in counts.items() if count}

    def _promises(self, provider: str) -> bool:
        channel = self._channels.get(provider)
        return channel is not None and channel.promises_once

    def _step(
        self, work: UnitOfWork, deliveries: Sequence[DeliveryId], event: DeliveryEvent, code: str, now: datetime
    ) -> frozenset[DeliveryId]:
        steps = [DeliveryStep(delivery_id=each, event=event, code=code) for each in deliveries]
        return work.deliveries.sending.add_steps(steps, now)
