"""Hands messages that are due to their providers, and records what becomes of each.

Guarantees that a message is recorded as being sent, and committed, before its provider is asked; that through a
channel which cannot promise otherwise at most one message per sender is ever in doubt; and that an address is opened
right before it is used and written nowhere. What was in doubt when a sender died is settled by `repair_notices`.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from policy_match.errors import InputError, StorageError
from policy_match.notices.deliveries import MessageToSend
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.health import MOST_IN_A_ROW, Demotion
from policy_match.notices.messages import OutgoingMessage
from policy_match.notices.model import FIRM_PREFIX, DeliveryEvent, NoticeEvent
from policy_match.notices.outcomes import DeliveryStep, Sending, step_after
from policy_match.notices.receipts import message_key
from policy_match.ports import Clock, Database, Progress, UnitOfWork
from policy_match.ports.deliveries import AddressOpener
from policy_match.ports.notices import NotificationChannel, Sender
from policy_match.services.provider_health import demote_if_failing

PROMISED_PAGE = 200
"""How many messages are taken at once where sending again makes no second one: so many are in doubt after a crash."""

FIRST_PAGE = 10
"""How many are taken first, to see whether the provider works."""

MOST_MESSAGES = 100_000
"""How many messages one run takes of each provider, unless the caller says otherwise."""

RECORD_TRIES = 3
"""How often outcomes are written when the database is busy; what is not written counts as lost."""

ADDRESS_UNREADABLE = "address_unreadable"


class UnknownProvider(InputError):
    """A provider that is not in the settings."""

    code = "notices.unknown-provider"
    http_status = 404
    english = "`{provider}` is no provider of the settings; known: {known}"
    chinese = "“{provider}”不是设置中的服务商；已有：{known}"


class RunEnd(StrEnum):
    """Why a run stopped. *Faults*: too many messages in a row failed by the provider's fault."""

    DONE = "done"
    QUIET = "quiet"
    LIMIT = "limit"
    FAULTS = "faults"
    DEMOTED = "demoted"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderRun:
    """What one run did at one provider: how many messages by what became of them."""

    provider: str
    events: Mapping[DeliveryEvent, int]
    end: RunEnd
    demotion: Demotion | None


def named_channels(channels: Sequence[NotificationChannel], provider: str | None) -> Sequence[NotificationChannel]:
    """Return the channel of a provider, or all. Raises `UnknownProvider`."""
    chosen = [each for each in channels if provider in (None, each.name)]
    if provider is not None and not chosen:
        raise UnknownProvider(provider=provider, known=", ".join(each.name for each in channels) or "-")
    return chosen


def send_notices(
    database: Database,
    channels: Sequence[NotificationChannel],
    open_address: AddressOpener,
    rules: DeliveryRules,
    clock: Clock,
    *,
    provider: str | None = None,
    most: int = MOST_MESSAGES,
    progress: Progress | None = None,
) -> Sequence[ProviderRun]:
    """Send what is due through one provider or all, at most so many messages each. Raises `UnknownProvider`."""
    chosen = named_channels(channels, provider)
    with database.unit_of_work() as work:
        total = sum(min(most, work.deliveries.sending.count_due(each.name, clock.now())) for each in chosen)
    done = 0

    def tell(messages: int) -> None:
        nonlocal done
        done += messages
        if progress is not None:
            progress(done, max(done, total))

    return [_Run(database, each, open_address, rules, clock, most, tell).go() for each in chosen]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Opened:
    message: MessageToSend
    address: str | None = field(repr=False)


class _Run:
    """One run at one provider."""

    def __init__(
        self,
        database: Database,
        channel: NotificationChannel,
        open_address: AddressOpener,
        rules: DeliveryRules,
        clock: Clock,
        most: int,
        tell: Callable[[int], None],
    ) -> None:
        self._database = database
        self._channel = channel
        self._open_address = open_address
        self._rules = rules
        self._clock = clock
        self._tell = tell
        self._terms = rules.terms(
            channel.channel, promises_once=channel.promises_once, gives_receipts=channel.gives_receipts
        )
        self._left = most
        self._page = FIRST_PAGE if channel.promises_once else 1
        self._in_a_row = 0
        self._events = Counter[DeliveryEvent]()
        self._end = RunEnd.DONE
        self._demotion: Demotion | None = None

    def go(self) -> ProviderRun:
        """Send page after page; there are no more pages than messages that the run may take."""
        # The transaction stays open and does nothing: as long as it does, repair knows that somebody is sending.
        with self._database.unit_of_work() as guard:
            guard.deliveries.sending.hold(self._channel.name)
            page = self._turn(())
            if page:
                self._send_all(page)
        return ProviderRun(
            provider=self._channel.name, events=dict(self._events), end=self._end, demotion=self._demotion
        )

    def _send_all(self, page: deque[_Opened]) -> None:
        done: list[DeliveryStep] = []
        try:
            with self._channel.open() as sender:
                while page:
                    self._hand_over(sender, page, done)
                    page = self._turn(done)
                    done = []
        except BaseException:
            # The message that was with the channel may have arrived, and stays in doubt; the others were not sent.
            with suppress(StorageError):
                self._record_alone([*done, *(_release(opened.message) for opened in page)])
            raise

    def _hand_over(self, sender: Sender, page: deque[_Opened], done: list[DeliveryStep]) -> None:
        """Send the messages of a page, each taken off it first; add to `done` what follows for each."""
        while page:
            opened = page.popleft()
            message = opened.message
            if self._in_a_row >= MOST_IN_A_ROW:
                done.append(_release(message))
            elif opened.address is None:
                done.append(
                    DeliveryStep(delivery_id=message.delivery_id, event=DeliveryEvent.FAIL, code=ADDRESS_UNREADABLE)
                )
            else:
                result = sender.send(_outgoing(message, opened.address))
                self._in_a_row = self._in_a_row + 1 if result.provider_at_fault else 0
                sending = Sending(delivery_id=message.delivery_id, tries=message.tries, repeats=message.repeats)
                done.append(step_after(result, sending, self._terms, self._clock.now()))

    def _turn(self, done: Sequence[DeliveryStep]) -> deque[_Opened]:
        """Record what became of a page and take the next, in one transaction; empty when the run is over."""
        for tries_left in reversed(range(RECORD_TRIES)):
            try:
                return self._turn_once(done)
            except StorageError as error:
                if not (error.retry_helps and tries_left):
                    raise
        raise AssertionError("the last try returns or raises")

    def _turn_once(self, done: Sequence[DeliveryStep]) -> deque[_Opened]:
        now = self._clock.now()
        made = None
        page: deque[_Opened] = deque()
        cancelled = 0
        with self._database.unit_of_work() as work:
            self._record(work, done, now)
            if any(step.provider_at_fault for step in done):
                made = demote_if_failing(work, self._channel.name, self._rules.demotion, now)
            end = self._end_now(now, made)
            if end is None:
                page, cancelled = self._take(work, now)
            work.commit()
        self._events.update(step.event for step in done)
        self._events.update({DeliveryEvent.CANCEL: cancelled} if cancelled else {})
        self._left -= len(page) + cancelled
        self._page = PROMISED_PAGE if self._terms.promises_once else 1
        self._demotion = made or self._demotion
        self._end = end or RunEnd.DONE
        self._tell(len(done) + cancelled)
        return page

    def _end_now(self, now: datetime, made: Demotion | None) -> RunEnd | None:
        if made is not None:
            return RunEnd.DEMOTED
        if self._in_a_row >= MOST_IN_A_ROW:
            return RunEnd.FAULTS
        if self._terms.quiet is not None and self._terms.quiet.covers(now):
            return RunEnd.QUIET
        return RunEnd.LIMIT if self._left <= 0 else None

    def _take(self, work: UnitOfWork, now: datetime) -> tuple[deque[_Opened], int]:
        """Take the next page, passing over what is cancelled; each round takes from what the run may take."""
        cancelled = 0
        messages: Sequence[MessageToSend] = ()
        while not messages and cancelled < self._left:
            messages, dropped = work.deliveries.sending.take(
                self._channel.name, now, min(self._page, self._left - cancelled)
            )
            cancelled += dropped
            if not dropped:
                break
        return deque(_Opened(message=each, address=self._open_address(each)) for each in messages), cancelled

    def _record_alone(self, done: Sequence[DeliveryStep]) -> None:
        with self._database.unit_of_work() as work:
            self._record(work, done, self._clock.now())
            work.commit()

    def _record(self, work: UnitOfWork, done: Sequence[DeliveryStep], now: datetime) -> None:
        """Record steps, but of deliveries of which a receipt told more meanwhile; reach notices, suppress addresses."""
        if not done:
            return
        sending = work.deliveries.sending
        taken = sending.add_steps(done, now)
        handed = [each.delivery_id for each in done if each.event is DeliveryEvent.HAND_OVER]
        reached = taken.intersection(handed)
        if reached:
            sending.step_notices(reached, NoticeEvent.REACH, now, "system", self._channel.name)
        bad = {each.delivery_id: each.code for each in done if each.bad_address and each.delivery_id in taken}
        if bad:
            sending.suppress(bad, now)


def _release(message: MessageToSend) -> DeliveryStep:
    return DeliveryStep(delivery_id=message.delivery_id, event=DeliveryEvent.RELEASE, due_at=message.at)


def _outgoing(message: MessageToSend, address: str) -> OutgoingMessage:
    return OutgoingMessage(
        key=message_key(message.delivery_id),
        address=address,
        recipient_name=message.name or message.recipient.removeprefix(FIRM_PREFIX),
        subject=message.subject,
        body=message.body,
        short=message.short,
        language=message.language,
        at=message.at,
    )
