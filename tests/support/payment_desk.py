"""The payment services at one desk: one database, one channel, one clock, and the names that the services ask for.

Guarantees nothing of its own: every call is the service's. Banks are `simulated_bank`, or `Inbox` here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from connectors.payment_channels import open_channel
from connectors.payment_channels.rehearsal_files import (
    Answer,
    Movement,
    ReceivedBatch,
    ReceivedPayment,
    read_outgoing,
    statement,
    status_report,
)
from policy_match.cases.working_days import china_day
from policy_match.payments.messages import OutgoingFile
from policy_match.ports.payments import Bank, PaymentChannel
from policy_match.services.order_payments import OrdersMade, order_payments
from policy_match.services.reconcile_payments import Reconciled, reconcile_payments
from policy_match.services.returned_payments import PaidAgain, pay_again
from policy_match.services.send_batches import SentBatch, lose_replies, make_batches, send_batches
from policy_match.services.take_bank_file import FileTaken, take_bank_file
from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock
from tests.support.payment_flow import CLERK, CUT_OFF, SEALER

PAYER = {"payer_name": "虚构市财政局", "payer_account": "9900000000000000", "payer_bank": "102452000017"}
SETTINGS = {"iso20022": PAYER, "treasury_file": {}}


def channel_named(name: str) -> PaymentChannel:
    """Return a channel with an invented payer."""
    return open_channel(name, SETTINGS[name])


class LostReply(OSError):
    """The line went dead."""


@dataclass
class Inbox:
    """A bank that takes every file and does nothing; it may lose its reply before or after taking one."""

    received: list[OutgoingFile] = field(default_factory=list)
    lost_before: bool = False
    lost_after: bool = False

    def hand_over(self, file: OutgoingFile) -> str:
        """Take a file."""
        if self.lost_before:
            raise LostReply
        self.received.append(file)
        if self.lost_after:
            raise LostReply
        return f"taken {len(self.received)}"

    @property
    def batches(self) -> Sequence[ReceivedBatch]:
        """What was received, read."""
        return [read_outgoing(file) for file in self.received]

    @property
    def payments(self) -> Sequence[ReceivedPayment]:
        """All payments asked for, in order of their amounts."""
        return sorted((each for batch in self.batches for each in batch.payments), key=lambda each: each.amount_fen)


@dataclass
class Desk:
    """Calls the services with what they need."""

    database: Database
    clock: MovableClock
    channel: PaymentChannel = field(default_factory=lambda: channel_named("iso20022"))
    by: str = CLERK
    cut_off: date = CUT_OFF
    files: int = 0

    @property
    def day(self) -> date:
        """The day in China."""
        return china_day(self.clock.now())

    def order(self) -> OrdersMade:
        """Order what is due."""
        return order_payments(self.database, self.clock, by=self.by, cut_off=self.cut_off)

    def batch(self, batch_size: int = 10_000) -> Sequence[int]:
        """Make batches to be executed today."""
        return make_batches(
            self.database,
            self.channel,
            SEALER,
            self.clock,
            by=self.by,
            execute_on=self.day,
            batch_size=batch_size,
        )

    def send(self, bank: Bank) -> Sequence[SentBatch]:
        """Send what was not sent."""
        return send_batches(self.database, self.channel, bank, SEALER, self.clock, by=self.by)

    def pay(self, bank: Bank) -> OrdersMade:
        """Order, batch and send."""
        made = self.order()
        self.batch()
        self.send(bank)
        return made

    def lose(self, patience: timedelta = timedelta()) -> int:
        """Give up waiting for the bank's word."""
        return lose_replies(self.database, self.clock, by=self.by, patience=patience)

    def take(self, content: bytes, name: str = "") -> FileTaken:
        """Take a file from the bank."""
        self.files += 1
        return take_bank_file(
            self.database,
            self.channel,
            SEALER,
            self.clock,
            name=name or f"bank-{self.files}",
            content=content,
            by=self.by,
        )

    def again(self) -> PaidAgain:
        """Pay returned payments again."""
        return pay_again(self.database, self.clock, by=self.by, cut_off=self.cut_off)

    def reconcile(self, *, close: bool = False) -> Reconciled:
        """Compare, and close if asked."""
        return reconcile_payments(self.database, self.clock, up_to=self.day, by=self.by, close=close)

    def report(self, message_id: str, *answers: Answer, group: str = "") -> bytes:
        """Return a bank's status report."""
        self.files += 1
        return status_report(f"RPT-{self.files}", self.clock.now(), message_id, answers, group=group)

    def statement(self, *movements: Movement, opening_fen: int = 10_000_000_000) -> bytes:
        """Return a bank's statement of today."""
        self.files += 1
        days = (self.day, self.day)
        account = PAYER["payer_account"]
        return statement(f"STMT-{self.files}", self.clock.now(), account, days, opening_fen, movements)

    def booking(self, payment: ReceivedPayment, *, ref: str = "", fen: int | None = None) -> Movement:
        """Return the movement that pays."""
        return Movement(
            line_ref=ref or f"B{payment.attempt_id[2:20]}",
            attempt_id=payment.attempt_id,
            amount_fen=payment.amount_fen if fen is None else fen,
            credit=False,
            booked_on=self.day,
        )

    def returning(self, payment: ReceivedPayment, *, ref: str = "", reason: str = "AC04") -> Movement:
        """Return the movement that gives back."""
        return Movement(
            line_ref=ref or f"R{payment.attempt_id[2:20]}",
            attempt_id=payment.attempt_id,
            amount_fen=payment.amount_fen,
            credit=True,
            booked_on=self.day,
            reason_code=reason,
        )


def answer(payment: ReceivedPayment, code: str, reason_code: str = "") -> Answer:
    """Return what a bank says of one payment."""
    return Answer(attempt_id=payment.attempt_id, amount_fen=payment.amount_fen, code=code, reason_code=reason_code)
