"""The bank of rehearsals: what it answers to files that the ISO 20022 channel wrote."""

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from connectors.payment_channels import open_channel
from connectors.payment_channels.invented_bank import DAYS_LATE, PAYER, InventedBank, ReplyLost
from policy_match.payments.attempt_id import attempt_id
from policy_match.payments.messages import (
    BankReport,
    LineKind,
    OutgoingFile,
    PaymentBatch,
    PaymentInstruction,
    ReportedStatus,
)
from policy_match.values import PolicyId, Uscc

CHANNEL = open_channel("iso20022", PAYER)
DAY = date(2026, 3, 2)
PAYMENTS = 40


def at(day: int, hour: int = 4) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def closed(number: str) -> bool:
    return number.endswith("9")


def batch(number: int) -> OutgoingFile:
    instructions = tuple(
        PaymentInstruction(
            attempt_id=attempt_id(case, PolicyId("demo"), Uscc("91370268WWWEXAMPLE"), "2025", 1, number),
            amount_fen=1_000 + case,
            payee_name="样例有限公司",
            account_number=f"99990000{case:08d}",
            bank_code="990452000018",
            line="jobs-2026",
            purpose="demo",
        )
        for case in range(1, PAYMENTS + 1)
    )
    return CHANNEL.write(
        PaymentBatch(
            batch_id=number,
            message_id=f"PMB2026030200000000{number:02d}",
            channel=CHANNEL.name,
            made_at=at(2),
            execute_on=DAY,
            instructions=instructions,
            count=PAYMENTS,
            total_fen=sum(each.amount_fen for each in instructions),
        )
    )


def read(bank: InventedBank, when: datetime) -> dict[str, BankReport]:
    return {name: CHANNEL.read(name, content) for name, content in bank.answers(when)}


@pytest.fixture
def bank(tmp_path: Path) -> InventedBank:
    """A bank that has lost its first reply."""
    bank = InventedBank(tmp_path, closed)
    with pytest.raises(ReplyLost):
        bank.hand_over(batch(1))
    return bank


def test_the_payments_of_the_lost_reply_are_on_the_statement_before_they_are_in_a_report(bank: InventedBank) -> None:
    assert read(bank, at(2)) == {}
    assert list(read(bank, at(3))) == ["camt053-2026-03-02.xml"]
    assert "pain002-PMB202603020000000001.xml" in read(bank, at(2 + DAYS_LATE))


def test_a_closed_account_is_rejected_or_paid_and_returned_and_every_other_is_paid(bank: InventedBank) -> None:
    files = read(bank, at(9))
    statuses = {line.attempt_id: line.status for each in files.values() for line in each.statuses}
    lines = [line for each in files.values() for statement in each.statements for line in statement.lines]
    booked = {line.attempt_id for line in lines if line.kind is LineKind.BOOKING}
    returned = {line.attempt_id for line in lines if line.kind is LineKind.RETURN}
    rejected = {attempt for attempt, status in statuses.items() if status is ReportedStatus.REJECTED}
    assert booked | rejected == statuses.keys()
    assert not booked & rejected
    assert returned <= booked
    assert len(returned | rejected) >= PAYMENTS // 10


def test_a_second_run_gives_the_same_files_again(bank: InventedBank, tmp_path: Path) -> None:
    bank.hand_over(batch(2))
    given = dict(bank.answers(at(9)))
    assert bank.answers(at(9)) == []
    assert dict(InventedBank(tmp_path, closed).answers(at(9))) == given


def test_money_that_a_firm_pays_in_is_on_a_statement_once(bank: InventedBank) -> None:
    for _ in range(2):
        bank.receive("recovery-1", 12_345, at(6))
    files = read(bank, at(9))
    (line,) = files["camt053-2026-03-06.xml"].statements[0].lines
    assert (line.amount_fen, line.credit, line.attempt_id) == (12_345, True, None)


def test_each_statement_begins_where_the_one_before_ended(bank: InventedBank) -> None:
    bank.receive("recovery-1", 12_345, at(6))
    statements = [statement for each in read(bank, at(9)).values() for statement in each.statements]
    assert all(before.closing_fen == after.opening_fen for before, after in pairwise(statements))
    assert len(statements) >= 2
