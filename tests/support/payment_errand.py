"""The whole way of some payments, which may be begun again wherever it was broken off, with a bank behind a folder.

Guarantees that the bank is a function of the files in its folder: it survives whoever writes there, and what it pays
can be read from the folder at any time. First attempts are paid, refused or given back by turns; later ones are paid.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from connectors.payment_channels.folder_bank import FolderBank
from connectors.payment_channels.rehearsal_files import (
    REJECTED,
    Answer,
    Movement,
    ReceivedPayment,
    read_outgoing,
    statement,
    status_report,
)
from policy_match.payments.messages import OutgoingFile
from policy_match.ports import Database
from policy_match.ports.payments import Bank
from tests.support.cases import MovableClock
from tests.support.payment_desk import PAYER, Desk
from tests.support.payment_flow import FlowCase, recheck, rows, state_accounts
from tests.support.simulated_bank import BookEntry, Deed

ROUNDS = 3
FIRST_DAY = datetime.fromisoformat("2025-07-01T10:00:00+08:00")
OPENING_FEN = 10**13
CASES = tuple(FlowCase(case_id=number, amount_fen=1_000 * number + number, place=number % 2) for number in range(1, 6))


def errand(database: Database, url: str, outbox: Path, bank: Bank | None = None) -> None:
    """Order, send, hear the bank, correct, send again, and close; what is done already is not done again."""
    desk = Desk(database, MovableClock(FIRST_DAY + timedelta(minutes=1)))  # type: ignore[arg-type]
    for _ in range(ROUNDS):
        desk.order()
        desk.batch(2)
        desk.send(bank or FolderBank(outbox))
        desk.clock.move(1)
        desk.lose()
        for content in answers(outbox, _unheard(url)):
            desk.take(content)
        _correct(desk, url)
        desk.again()
    desk.reconcile(close=True)


def received(outbox: Path) -> Sequence[ReceivedPayment]:
    """Return all payments that the bank has, in the order of the files."""
    found: list[ReceivedPayment] = []
    for path in sorted(outbox.glob("PMB*")):
        file = OutgoingFile(name=path.name, content=path.read_bytes(), count=0, total_fen=0)
        found += read_outgoing(file).payments
    return found


def book(outbox: Path) -> Sequence[BookEntry]:
    """Return the bank's book."""
    entries, seen = [], set[str]()
    for payment in received(outbox):
        for deed in _deeds(payment, payment.payee_name in seen):
            entries.append(
                BookEntry(
                    attempt_id=payment.attempt_id,
                    payee_name=payment.payee_name,
                    amount_fen=payment.amount_fen,
                    deed=deed,
                    day=FIRST_DAY.date(),
                )
            )
        seen.add(payment.payee_name)
    return entries


def paid_fen(outbox: Path) -> int:
    """Return what the bank paid and did not get back."""
    return sum({Deed.PAID: 1, Deed.RETURNED: -1, Deed.REFUSED: 0}[each.deed] * each.amount_fen for each in book(outbox))


def answers(outbox: Path, unheard: Sequence[str]) -> Iterator[bytes]:
    """Yield everything that the bank ever said, and its word on batches that never arrived."""
    balance_fen, seen = OPENING_FEN, set[str]()
    for number, path in enumerate(sorted(outbox.glob("PMB*")), 1):
        batch = read_outgoing(OutgoingFile(name=path.name, content=path.read_bytes(), count=0, total_fen=0))
        refused, movements = [], []
        for payment in batch.payments:
            for deed in _deeds(payment, payment.payee_name in seen):
                if deed is Deed.REFUSED:
                    refused.append(
                        Answer(
                            attempt_id=payment.attempt_id,
                            amount_fen=payment.amount_fen,
                            code=REJECTED,
                            reason_code="AM04",
                        )
                    )
                    continue
                movements.append(
                    Movement(
                        line_ref=f"{deed[0].upper()}{payment.attempt_id}",
                        attempt_id=payment.attempt_id,
                        amount_fen=payment.amount_fen,
                        credit=deed is Deed.RETURNED,
                        booked_on=FIRST_DAY.date(),
                        reason_code="AC04" if deed is Deed.RETURNED else "",
                    )
                )
            seen.add(payment.payee_name)
        if refused:
            yield status_report(f"RPT{number}", FIRST_DAY, batch.message_id, refused)
        if movements:
            days = (FIRST_DAY.date(), FIRST_DAY.date())
            yield statement(f"STM{number}", FIRST_DAY, PAYER["payer_account"], days, balance_fen, movements)
            balance_fen += sum(each.amount_fen if each.credit else -each.amount_fen for each in movements)
    arrived = {path.stem for path in outbox.glob("PMB*")}
    for message_id in unheard:
        if message_id not in arrived:
            reason = b"</GrpSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>"
            content = status_report(f"INQ{message_id[-6:]}", FIRST_DAY, message_id, (), group=REJECTED)
            yield content.replace(b"</GrpSts>", reason)


def _deeds(payment: ReceivedPayment, again: bool) -> Sequence[Deed]:
    if again or payment.amount_fen % 3 == 0:
        return (Deed.PAID,)
    return (Deed.REFUSED,) if payment.amount_fen % 3 == 1 else (Deed.PAID, Deed.RETURNED)


def _unheard(url: str) -> Sequence[str]:
    found = rows(
        url,
        "SELECT DISTINCT b.message_id FROM payment_batch AS b JOIN batch_attempt USING (batch_id)"
        " JOIN attempt_state AS s USING (attempt_id) WHERE s.status = 'unknown' ORDER BY 1",
    )
    return [row["message_id"] for row in found]


def _correct(desk: Desk, url: str) -> None:
    """Give every firm whose payment came back an account that it never gave, unless it gave one since."""
    found = rows(
        url,
        "SELECT s.case_id, a.number, EXISTS (SELECT FROM payee_account AS y"
        "                           WHERE y.uscc = s.uscc AND y.account_id > a.account_id) AS corrected"
        "  FROM case_state AS s JOIN LATERAL (SELECT * FROM payment_attempt AS a WHERE a.case_id = s.case_id"
        "                                      ORDER BY number DESC LIMIT 1) AS a ON true"
        " WHERE s.status = 'returned' ORDER BY 1",
    )
    for case in CASES:
        for row in found:
            if row["case_id"] == case.case_id and not row["corrected"]:
                state_accounts(desk.database, [case], desk.clock, version=row["number"] + 1)
    if found:
        recheck(url, [row["case_id"] for row in found], at=desk.clock.now())
