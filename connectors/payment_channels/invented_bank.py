"""A bank that pays nobody, for rehearsals: it takes a channel's files and answers with reports and statements.

Guarantees the same answers to the same files on every run, whatever was answered before: all that it knows is in its
folder. Its very first reply is lost and its report on that file late. What an account number says of the account is up
to whoever invented it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from connectors.payment_channels.folder_bank import FolderBank
from connectors.payment_channels.rehearsal_files import (
    ACCEPTED,
    REJECTED,
    Answer,
    Movement,
    ReceivedBatch,
    ReceivedPayment,
    read_outgoing,
    statement,
    status_report,
)
from policy_match.payments.messages import OutgoingFile

PAYER: Mapping[str, str] = {
    "payer_name": "虚构市财政局（演练）",
    "payer_account": "9999000000000000",
    "payer_bank": "990452000018",
}
"""The settings of the ISO 20022 channel that this bank reads."""

CHINA = timezone(timedelta(hours=8))
OPENING_FEN = 100_000_000_000_00
"""What was on the account that pays before the first movement."""

DAYS_TO_RETURN = 2
LATE_ONE_IN = 700
"""One payment in so many comes after the bank's cut-off time at the first try."""

DAYS_LATE = 3
"""So long after its day the report on the batch comes whose receipt was lost; the statement is earlier."""

HANDED_OVER, PAID_IN, UNANSWERED = "handed-over", "paid-in", "unanswered"


class ReplyLost(OSError):
    """The bank has the file, and its reply was lost."""


class InventedBank:
    """Accepts what is handed over but for closed accounts: half of those it rejects, half it pays and returns."""

    def __init__(self, folder: Path, is_closed: Callable[[str], bool]) -> None:
        """`is_closed` says of an account number whether the account is closed."""
        self._folder = folder
        self._outbox = FolderBank(folder / HANDED_OVER)
        self._is_closed = is_closed
        self._given: set[str] = set()
        self._read: dict[str, ReceivedBatch] = {}

    def hand_over(self, file: OutgoingFile) -> str:
        """Take a file and return a receipt. Raises `ReplyLost` for the first file of all, although it has it."""
        first = not self._names(HANDED_OVER)
        receipt = self._outbox.hand_over(file)
        if first:
            self._put(UNANSWERED, file.name, "")
            raise ReplyLost
        return receipt

    def receive(self, reference: str, amount_fen: int, at: datetime) -> None:
        """Let somebody pay money into the account; the same reference does so once."""
        if reference not in self._names(PAID_IN):
            self._put(PAID_IN, reference, f"{amount_fen} {at.astimezone(CHINA).date()}")

    def answers(self, at: datetime) -> Sequence[tuple[str, bytes]]:
        """Return name and content of the files that are there by `at` and were not given in this run, oldest first.

        A batch is reported on its day, or late; a day's statement comes on the next.
        """
        today = at.astimezone(CHINA).date()
        for name in self._names(HANDED_OVER):
            if name not in self._read:
                self._read[name] = self._batch(name)
        found = [*self._reports(today), *self._statements(today)]
        new = [(name, content) for _, name, content in sorted(found)]
        self._given.update(name for name, _ in new)
        return new

    def _reports(self, today: date) -> Iterator[tuple[date, str, bytes]]:
        late = self._names(UNANSWERED)
        for file, batch in self._read.items():
            name = f"pain002-{batch.message_id}.xml"
            day = batch.execute_on + timedelta(days=DAYS_LATE if file in late else 0)
            if day <= today and name not in self._given:
                yield day, name, self._report(batch, day)

    def _report(self, batch: ReceivedBatch, day: date) -> bytes:
        answers = [
            Answer(attempt_id=each.attempt_id, amount_fen=each.amount_fen, code=code, reason_code=reason)
            for each in batch.payments
            for code, reason in [self._fate(each)]
        ]
        return status_report(f"RPT-{batch.message_id}", _moment(day, 11), batch.message_id, answers)

    def _fate(self, payment: ReceivedPayment) -> tuple[str, str]:
        """Return status and reason code that the report gives a payment."""
        drawn = _drawn(payment)
        if self._is_closed(payment.account_number):
            return (REJECTED, "AC04") if drawn % 2 else (ACCEPTED, "")
        return (REJECTED, "TM01") if drawn % LATE_ONE_IN == 0 else (ACCEPTED, "")

    def _statements(self, today: date) -> Iterator[tuple[date, str, bytes]]:
        by_day: defaultdict[date, list[Movement]] = defaultdict(list)
        for batch in self._read.values():
            for movement in self._movements(batch):
                by_day[movement.booked_on].append(movement)
        for reference in self._names(PAID_IN):
            movement = self._paid_in(reference)
            by_day[movement.booked_on].append(movement)
        opening = OPENING_FEN
        for day in sorted(by_day):
            name = f"camt053-{day}.xml"
            if day < today and name not in self._given:
                account, days = PAYER["payer_account"], (day, day)
                yield day, name, statement(f"STM-{day}", _moment(day, 23), account, days, opening, by_day[day])
            opening += sum(each.amount_fen if each.credit else -each.amount_fen for each in by_day[day])

    def _movements(self, batch: ReceivedBatch) -> Iterator[Movement]:
        for each in batch.payments:
            code, _ = self._fate(each)
            if code != ACCEPTED:
                continue
            yield Movement(
                line_ref=f"B{each.attempt_id[2:]}",
                attempt_id=each.attempt_id,
                amount_fen=each.amount_fen,
                credit=False,
                booked_on=batch.execute_on,
            )
            if self._is_closed(each.account_number):
                yield Movement(
                    line_ref=f"R{each.attempt_id[2:]}",
                    attempt_id=each.attempt_id,
                    amount_fen=each.amount_fen,
                    credit=True,
                    booked_on=batch.execute_on + timedelta(days=DAYS_TO_RETURN),
                    reason_code="AC04",
                )

    def _paid_in(self, reference: str) -> Movement:
        fen, day = (self._folder / PAID_IN / reference).read_text(encoding="utf-8").split()
        return Movement(
            line_ref=f"IN-{reference}",
            attempt_id=None,
            amount_fen=int(fen),
            credit=True,
            booked_on=date.fromisoformat(day),
            text=reference,
        )

    def _batch(self, name: str) -> ReceivedBatch:
        content = (self._folder / HANDED_OVER / name).read_bytes()
        return read_outgoing(OutgoingFile(name=name, content=content, count=0, total_fen=0))

    def _names(self, part: str) -> Sequence[str]:
        folder = self._folder / part
        return sorted(path.name for path in folder.glob("[!.]*")) if folder.is_dir() else []

    def _put(self, part: str, name: str, text: str) -> None:
        folder = self._folder / part
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _drawn(payment: ReceivedPayment) -> int:
    return int.from_bytes(hashlib.sha256(payment.attempt_id.encode()).digest()[:4], "big")


def _moment(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), CHINA)
