"""Notices and deliveries under everything that can happen to them, in any order; the laws hold after each step.

Guarantees that what is played ends: at the end providers work, time passes, and nothing is left on its way. The default
suite plays a bounded slice, HYPOTHESIS_PROFILE=nightly plays thousands more.
"""

import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

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

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = 1_500 if NIGHTLY else 12
STEPS = 30 if NIGHTLY else 10
HOUR = 1 / 24
HOURS = (0.1, 1, 7, 13, 80)

FIRMS = 3
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
        kind=st.sampled_from([NoticeKind.PAID, NoticeKind.CONFIRMATION_ASKED]),
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
