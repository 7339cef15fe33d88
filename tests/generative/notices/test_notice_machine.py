"""Notices and deliveries under everything that can happen to them, in any order; the laws hold after each step.

Guarantees that what is played ends: at the end providers work, time passes, and nothing is left on its way. Hypothesis
looks for the short way to a broken law, seeded lives are long ones. HYPOTHESIS_PROFILE=nightly plays thousands of each.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from psycopg.conninfo import make_conninfo

from policy_match.cases.model import NoticeKind
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.model import Channel, DeliveryStatus, NoticeEvent, NoticeId, NoticeStatus
from policy_match.services.notice_inbox import read_messages
from policy_match.services.settle_deliveries import NotInDoubt, Settlement, deliveries_in_doubt, settle_delivery
from policy_match.storage.embedded import SUPERUSER
from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock
from tests.support.delivery_desk import DeliveryDesk, letter_channel, letters
from tests.support.delivery_flow import ADDRESS, CLERK, MORNING, give_addresses, open_notices, recipient
from tests.support.mail_server import MailFault, MailServer
from tests.support.message_gateway import GatewayFault, MessageGateway, ReceiptHabits
from tests.support.notice_laws import broken
from tests.support.payment_run import empty

Fault = TypeVar("Fault")

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = 1_000 if NIGHTLY else 6
STEPS = 30 if NIGHTLY else 8
SEEDS = 2_000 if NIGHTLY else 4
SEEDED_STEPS = 30
HOUR = 1 / 24
HOURS = (0.1, 1, 7, 13, 80)

FIRMS = 3
KINDS = (NoticeKind.PAID, NoticeKind.CONFIRMATION_ASKED)
MAIL_FAULTS = [each for each in MailFault if not each.name.startswith("SILENT")]
GATEWAY_FAULTS = [each for each in GatewayFault if not each.name.startswith(("SILENT", "HUGE"))]
RECEIPTS = ReceiptHabits(failed=0.2, missing=0.2, late=0.2, twice=0.2, forged=0.1, foreign=0.1)

LOSSES = (MailFault.HANG_UP_TAKEN, MailFault.HANG_UP_NOT_TAKEN)
RULES = DeliveryRules(order=(Channel.EMAIL, Channel.SMS, Channel.LETTER), quiet={})
"""Mail first, where nobody promises anything; without quiet hours, which have tests of their own."""

ROUNDS_TO_THE_END = 16


class NoticeMachine(RuleBasedStateMachine):
    """One life of some notices."""

    def __init__(self, database: Database, url: str) -> None:
        super().__init__()
        empty(make_conninfo(url, user=SUPERUSER))
        self.database = database
        self.url = url
        self.opened = 0
        self.deaths = 0
        self.clock = MovableClock(MORNING)
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(TemporaryDirectory(prefix="invented-letters-")))

    @initialize(
        seed=st.integers(0, 10**6),
        channels=st.lists(st.sets(st.sampled_from(list(ADDRESS)), min_size=1), min_size=FIRMS, max_size=FIRMS),
    )
    def begin(self, seed: int, channels: list[set[Channel]]) -> None:
        """Open the providers and owe every firm something; what receipts the gateway gives is drawn from the seed."""
        self.mail = self.stack.enter_context(MailServer(seed))
        self.gateway = self.stack.enter_context(MessageGateway(self.clock, seed, receipts=RECEIPTS))
        self.all_channels = [
            self.gateway.channel("sms_gateway", "gate"),
            self.gateway.channel("sms_gateway", "gate-2"),
            self.mail.channel(self.clock, "mail"),
            letter_channel(self.folder / "letters", self.clock),
        ]
        self.desk = DeliveryDesk(self.database, self.url, self.all_channels, self.clock, RULES)
        for firm, chosen in enumerate(channels, 1):
            for channel in sorted({*chosen, Channel.EMAIL} if firm == 1 else chosen):
                self.give_address(firm, channel, 0)
        self.owe(1, NoticeKind.CONFIRMATION_ASKED, FIRMS)

    def teardown(self) -> None:
        """Let everything work and time pass; then nothing is on its way, and the counts add up."""
        try:
            if hasattr(self, "desk"):
                self._end()
        finally:
            self.stack.close()

    def _end(self) -> None:
        self.mail.faults.forget()
        self.gateway.faults.forget()
        self.desk = replace(self.desk, channels=self.all_channels)
        for _ in range(ROUNDS_TO_THE_END):
            self.desk.go()
            self.desk.fetch()
            self.clock.move(13 * HOUR)
            self.desk.repair()
        self._judge()
        ends = Counter(self.desk.notices())
        assert ends.total() == self.opened
        assert ends.keys() <= {NoticeStatus.REACHED, NoticeStatus.UNREACHED, NoticeStatus.OVERTAKEN}, ends
        alive = {DeliveryStatus.WAITING, DeliveryStatus.SENDING}
        assert not [each for each in self.desk.deliveries() if each[1] in alive]

    @invariant()
    def laws(self) -> None:
        """Every law holds, and every second message is known."""
        if hasattr(self, "desk"):
            self._judge()

    def _judge(self) -> None:
        assert broken(self.url) == []
        assert self.gateway.duplicates() == 0
        found = letters(self.folder / "letters")
        assert len(found) == len(set(found))
        with self.database.unit_of_work() as work:
            repeats, _ = work.deliveries.repairs.possible_duplicates().get("mail", (0, 0))
        assert self.mail.duplicates() <= repeats

    @rule(
        firm=st.integers(1, FIRMS),
        kind=st.sampled_from(KINDS),
        more=st.integers(1, 3),
    )
    def owe(self, firm: int, kind: NoticeKind, more: int) -> None:
        """Some firms are to be told something."""
        open_notices(
            self.url, min(more, FIRMS + 1 - firm), first=firm, kind=kind, about=f"x{self.opened}", at=self.clock.now()
        )
        self.opened += min(more, FIRMS + 1 - firm)

    @rule(firm=st.integers(1, FIRMS), channel=st.sampled_from(list(ADDRESS)), version=st.integers(0, 2))
    def give_address(self, firm: int, channel: Channel, version: int) -> None:
        """A firm gets an address."""
        text = ADDRESS[channel](firm + 100 * version)
        give_addresses(self.database, [(recipient(firm), channel, text)], self.clock)

    @rule(hours=st.sampled_from(HOURS), hear=st.booleans(), repair=st.booleans())
    def work(self, hours: float, hear: bool, repair: bool) -> None:
        """Ways are chosen, what is due is sent, and time passes."""
        self.desk.go()
        if hear:
            self.desk.fetch()
        self.clock.move(hours * HOUR)
        if repair:
            self.desk.repair()

    @rule(hours=st.sampled_from(HOURS))
    def work_on(self, hours: float) -> None:
        """The same, twice: what is repeated is repeated now."""
        self.work(hours, hear=False, repair=True)
        self.work(hours, hear=True, repair=False)

    @rule(
        faults=st.lists(st.sampled_from(MAIL_FAULTS), min_size=1, max_size=4),
        others=st.lists(st.sampled_from(GATEWAY_FAULTS), min_size=1, max_size=4),
        hours=st.sampled_from(HOURS),
    )
    def work_badly(self, faults: list[MailFault], others: list[GatewayFault], hours: float) -> None:
        """Providers fail while there is something to send."""
        self.mail.faults.plan(*faults)
        self.gateway.faults.plan(*others)
        self.owe(1, NoticeKind.PAID, FIRMS)
        self.work(hours, hear=True, repair=False)

    @rule(first=st.sampled_from(LOSSES), second=st.sampled_from(LOSSES), hours=st.sampled_from(HOURS))
    def lose_mails(self, first: MailFault, second: MailFault, hours: float) -> None:
        """A mail is lost on its way, and again."""
        self.mail.faults.plan(first)
        self.work(hours, hear=False, repair=False)
        self.mail.faults.plan(second)
        self.work(hours, hear=False, repair=False)

    @rule(provider=st.sampled_from(["gate", "gate-2", "mail", "post"]), most=st.integers(1, 20))
    def send(self, provider: str, most: int) -> None:
        """What is due is sent."""
        if provider in [each.name for each in self.desk.channels]:
            self.desk.send(provider, most)

    @rule(provider=st.sampled_from(["gate", "mail", "post"]), count=st.integers(1, 3))
    def die_before_asking(self, provider: str, count: int) -> None:
        """A sender takes messages and dies before it asks the provider."""
        with self.database.unit_of_work() as work:
            work.deliveries.sending.take(provider, self.clock.now(), count if provider != "mail" else 1)
            work.commit()

    @rule(number=st.integers(0, 20))
    def bounce(self, number: int) -> None:
        """A mail comes back."""
        if self.mail.received:
            self.mail.bounce(self.mail.received[number % len(self.mail.received)])

    @rule(hours=st.sampled_from([-30, -1, 500]))
    def jump(self, hours: float) -> None:
        """The clock jumps."""
        self.clock.move(hours * HOUR)

    @rule(gone=st.sampled_from(["gate", "mail", "post"]))
    def remove_provider(self, gone: str) -> None:
        """A provider is taken out of the settings."""
        left = [each for each in self.desk.channels if each.name != gone]
        self.desk = replace(self.desk, channels=left or self.desk.channels)

    @rule()
    def restore_providers(self) -> None:
        """All providers are in the settings again."""
        self.desk = replace(self.desk, channels=self.all_channels)

    @rule(number=st.integers(0, 20))
    def overtake(self, number: int) -> None:
        """A notice is no longer so."""
        if self.opened:
            with self.database.unit_of_work() as work:
                notice = NoticeId(1 + number % self.opened)
                work.notices.step({notice: "meanwhile"}, NoticeEvent.OVERTAKE, self.clock.now(), "system")
                work.commit()

    @rule(number=st.integers(0, 20), firm=st.integers(1, FIRMS))
    def read_in_the_portal(self, number: int, firm: int) -> None:
        """Somebody looks into the portal."""
        if self.opened:
            notice = NoticeId(1 + number % self.opened)
            read_messages(self.database, self.clock, recipient=recipient(firm), notices=[notice])

    @rule(settlement=st.sampled_from(Settlement))
    def settle(self, settlement: Settlement) -> None:
        """A person finds out what became of a message."""
        for each in deliveries_in_doubt(self.database, after=0, most=1):
            try:
                settle_delivery(
                    self.database,
                    self.clock,
                    delivery_id=each.delivery_id,
                    settlement=settlement,
                    by=CLERK,
                    reason="telephoned",
                )
            except NotInDoubt:
                raise AssertionError("it was listed as in doubt") from None


def test_the_laws_hold_whatever_happens(database: Database, database_url: str) -> None:
    run_state_machine_as_test(
        lambda: NoticeMachine(database, database_url),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def live(machine: NoticeMachine, chance: Random) -> None:
    """Let anything happen, so many times, and check the laws after each."""
    machine.begin(chance.randint(0, 10**6), [set(chance.sample(list(ADDRESS), chance.randint(1, 3))) for _ in range(3)])
    providers = ["gate", "mail", "post"]
    can_happen: list[tuple[int, Callable[[], None]]] = [
        (8, lambda: machine.work(chance.choice(HOURS), hear=chance.random() < 0.7, repair=chance.random() < 0.5)),
        (
            4,
            lambda: machine.work_badly(_some(chance, MAIL_FAULTS), _some(chance, GATEWAY_FAULTS), chance.choice(HOURS)),
        ),
        (2, lambda: machine.lose_mails(chance.choice(LOSSES), chance.choice(LOSSES), chance.choice(HOURS))),
        (2, lambda: machine.owe(chance.randint(1, FIRMS), chance.choice(KINDS), chance.randint(1, 3))),
        (1, lambda: machine.give_address(chance.randint(1, FIRMS), chance.choice(list(ADDRESS)), chance.randint(0, 2))),
        (2, lambda: machine.send(chance.choice(providers), chance.randint(1, 5))),
        (2, lambda: machine.die_before_asking(chance.choice(providers), chance.randint(1, 3))),
        (2, lambda: machine.bounce(chance.randint(0, 20))),
        (1, lambda: machine.jump(chance.choice((-30, -1, 500)))),
        (1, lambda: machine.remove_provider(chance.choice(providers))),
        (1, machine.restore_providers),
        (1, lambda: machine.overtake(chance.randint(0, 20))),
        (1, lambda: machine.read_in_the_portal(chance.randint(0, 20), chance.randint(1, FIRMS))),
        (2, lambda: machine.settle(chance.choice(list(Settlement)))),
    ]
    for _ in range(SEEDED_STEPS):
        (step,) = chance.choices([each for _, each in can_happen], [weight for weight, _ in can_happen])
        step()
        machine.laws()


def _some(chance: Random, faults: Sequence[Fault]) -> list[Fault]:
    return [chance.choice(faults) for _ in range(chance.randint(1, 4))]


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_the_laws_hold_in_every_seeded_life(database: Database, database_url: str, seed: int) -> None:
    machine = NoticeMachine(database, database_url)
    try:
        live(machine, Random(seed))
    finally:
        machine.teardown()
