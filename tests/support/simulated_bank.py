"""A bank that does everything that banks do to senders of files, by a seed; it knows what it really paid.

Guarantees that one payment is executed at most once for each end-to-end id it took, as banks promise, and that in the
end every file was delivered. It loses replies, answers late, twice and in the wrong order, and pays back days later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from connectors.payment_channels.rehearsal_files import (
    ACCEPTED,
    REJECTED,
    SETTLED,
    Answer,
    Movement,
    ReceivedBatch,
    ReceivedPayment,
    notification,
    read_outgoing,
    statement,
    status_report,
    treasury_results,
)
from policy_match.cases.working_days import CHINA
from policy_match.payments.messages import OutgoingFile

ACCOUNT = "9900000000000000"
OPENING_FEN = 10**13
REFUSALS = ("AC04", "BE01", "AM04", "XX99")
RETURNS = ("AC04", "AC06", "MS03")
NOT_THERE = "AM04"
"""What the bank says of a batch that never arrived: nothing is wrong with the accounts."""


class LostReply(OSError):
    """The line went dead before, or after, the bank took the file."""


class Deed(StrEnum):
    """What the bank did with a payment."""

    PAID = "paid"
    RETURNED = "returned"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class BookEntry:
    """One line of the bank's own book."""

    attempt_id: str
    payee_name: str
    amount_fen: int
    deed: Deed
    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How often, of 1, the bank does what."""

    loses_before: float = 0.1
    loses_after: float = 0.1
    refuses: float = 0.15
    returns: float = 0.2
    reports: float = 0.7
    repeats: float = 0.2
    notifies: float = 0.3
    splits: float = 0.3
    strangers: float = 0.3
    longest_delay: int = 3


@dataclass(order=True, slots=True)
class _Letter:
    due: date
    place: float
    content: bytes = field(compare=False)


@dataclass(kw_only=True, slots=True)
class _Job:
    payment: ReceivedPayment
    batch: ReceivedBatch
    pay_on: date
    return_on: date | None


class SimulatedBank:
    """One bank with one account of ours. `book` is the truth."""

    def __init__(self, random: Random, day: date, habits: Habits | None = None, *, speaks_xml: bool = True) -> None:
        self._random = random
        self._day = day
        self._habits = habits or Habits()
        self._speaks_xml = speaks_xml
        self._received: dict[str, str] = {}
        self._barred: set[str] = set()
        self._jobs: list[_Job] = []
        self._mail: list[_Letter] = []
        self._numbers = 0
        self._balance_fen = OPENING_FEN
        self.book: list[BookEntry] = []
        self.unrelated_fen = 0

    @property
    def paid_fen(self) -> int:
        """What was paid and did not come back."""
        return sum(
            {Deed.PAID: 1, Deed.RETURNED: -1, Deed.REFUSED: 0}[each.deed] * each.amount_fen for each in self.book
        )

    def hand_over(self, file: OutgoingFile) -> str:
        """Take a file, once by its message id. Raises `LostReply` before or after."""
        if self._chance(self._habits.loses_before):
            raise LostReply
        batch = read_outgoing(file)
        receipt = self.take(batch)
        if self._chance(self._habits.loses_after):
            raise LostReply
        return receipt

    def take(self, batch: ReceivedBatch) -> str:
        """Take a batch and decide what becomes of it; the same message again is only acknowledged."""
        if batch.message_id in self._received:
            return self._received[batch.message_id]
        if batch.message_id in self._barred:
            raise LostReply
        self._received[batch.message_id] = receipt = self._id("RCT")
        answers = []
        for payment in batch.payments:
            if self._chance(self._habits.refuses):
                self._enter(payment, Deed.REFUSED)
                answers.append(self._answer(payment, REJECTED, self._random.choice(REFUSALS)))
                continue
            pay_on = self._day + timedelta(days=self._random.randint(0, 2))
            back = pay_on + timedelta(days=self._random.randint(0, 4)) if self._chance(self._habits.returns) else None
            self._jobs.append(_Job(payment=payment, batch=batch, pay_on=pay_on, return_on=back))
            if self._chance(self._habits.reports):
                answers.append(self._answer(payment, ACCEPTED))
        if answers:
            self._report(batch, answers)
        return receipt

    def says_of(self, message_id: str) -> bool:
        """Answer an inquiry: a batch that never arrived is refused as a whole, and can no longer arrive."""
        if message_id in self._received:
            return True
        self._barred.add(message_id)
        self._post(
            status_report(self._id("INQ"), self._now(), message_id, (), group=REJECTED).replace(
                b"</GrpSts>", f"</GrpSts><StsRsnInf><Rsn><Cd>{NOT_THERE}</Cd></Rsn></StsRsnInf>".encode()
            )
        )
        return False

    def work(self, day: date) -> None:
        """Do the business of a day: pay, give back, and write statements."""
        assert day >= self._day
        self._day = day
        moved = []
        for job in list(self._jobs):
            moved += list(self._due(job))
        self._random.shuffle(moved)
        moved.sort(key=lambda each: each[1].credit)
        movements = [each[1] for each in moved]
        if self._speaks_xml and self._chance(self._habits.strangers):
            movements.append(self._stranger())
        treasury = [each for each in moved if not each[0].batch.xml]
        if treasury:
            self._post(
                treasury_results(
                    self._id("TRS"),
                    self._now(),
                    treasury[0][0].batch.message_id,
                    (),
                    [movement for _, movement in treasury],
                )
            )
        xml = [each for each in movements if each not in [movement for _, movement in treasury]]
        self._state(xml)

    def mail(self) -> Sequence[bytes]:
        """Return what is delivered now: what is due, in the order of chance, some of it again later."""
        due = sorted(letter for letter in self._mail if letter.due <= self._day)
        self._mail = [letter for letter in self._mail if letter.due > self._day]
        for letter in due:
            if self._chance(self._habits.repeats):
                self._post(letter.content, again=True)
        return [letter.content for letter in due]

    @property
    def busy(self) -> bool:
        """Whether there is something to do or to deliver."""
        return bool(self._jobs or self._mail)

    def _due(self, job: _Job) -> Iterator[tuple[_Job, Movement]]:
        if job.pay_on <= self._day and not self._was_paid(job):
            self._enter(job.payment, Deed.PAID)
            yield job, self._movement(job, credit=False)
            if job.return_on is None:
                self._jobs.remove(job)
                if job.batch.xml and self._chance(self._habits.reports / 2):
                    self._report(job.batch, [self._answer(job.payment, SETTLED)])
        if job.return_on is not None and job.return_on <= self._day:
            self._enter(job.payment, Deed.RETURNED)
            self._jobs.remove(job)
            yield job, self._movement(job, credit=True)

    def _was_paid(self, job: _Job) -> bool:
        return any(each.attempt_id == job.payment.attempt_id and each.deed is Deed.PAID for each in self.book)

    def _movement(self, job: _Job, *, credit: bool) -> Movement:
        return Movement(
            line_ref=self._id("REF"),
            attempt_id=job.payment.attempt_id,
            amount_fen=job.payment.amount_fen,
            credit=credit,
            booked_on=self._day,
            reason_code=self._random.choice(RETURNS) if credit else "",
        )

    def _stranger(self) -> Movement:
        fen, credit = self._random.randint(1, 500), self._chance(0.5)
        self.unrelated_fen += fen if credit else -fen
        return Movement(
            line_ref=self._id("OTH"), attempt_id=None, amount_fen=fen, credit=credit, booked_on=self._day, text="费用"
        )

    def _state(self, movements: Sequence[Movement]) -> None:
        """Write the statements of the day, one or two, and perhaps a notification of the same movements before."""
        if movements and self._chance(self._habits.notifies):
            days = (self._day, self._day)
            self._post(notification(self._id("NTF"), self._now(), ACCOUNT, days, movements))
        cut = self._random.randint(0, len(movements)) if self._chance(self._habits.splits) else 0
        for part in (movements[:cut], movements[cut:]):
            if part:
                days = (self._day, self._day)
                self._post(statement(self._id("STM"), self._now(), ACCOUNT, days, self._balance_fen, part))
                self._balance_fen += sum(each.amount_fen if each.credit else -each.amount_fen for each in part)

    def _report(self, batch: ReceivedBatch, answers: Sequence[Answer]) -> None:
        if batch.xml:
            self._post(status_report(self._id("RPT"), self._now(), batch.message_id, answers))
        else:
            self._post(treasury_results(self._id("TRS"), self._now(), batch.message_id, answers, ()))

    def _answer(self, payment: ReceivedPayment, code: str, reason_code: str = "") -> Answer:
        return Answer(attempt_id=payment.attempt_id, amount_fen=payment.amount_fen, code=code, reason_code=reason_code)

    def _enter(self, payment: ReceivedPayment, deed: Deed) -> None:
        self.book.append(
            BookEntry(
                attempt_id=payment.attempt_id,
                payee_name=payment.payee_name,
                amount_fen=payment.amount_fen,
                deed=deed,
                day=self._day,
            )
        )

    def _post(self, content: bytes, *, again: bool = False) -> None:
        delay = self._random.randint(1 if again else 0, self._habits.longest_delay)
        self._mail.append(_Letter(self._day + timedelta(days=delay), self._random.random(), content))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _id(self, prefix: str) -> str:
        self._numbers += 1
        return f"{prefix}{self._day:%Y%m%d}{self._numbers:06d}"

    def _now(self) -> datetime:
        return datetime.combine(self._day, time(18), CHINA)
