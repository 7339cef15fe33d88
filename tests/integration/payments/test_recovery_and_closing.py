"""Money asked back, and the reconciliation that closes what agrees to the fen."""

import pytest

from connectors.payment_channels.rehearsal_files import SETTLED, Movement
from policy_match.payments.reconciliation import DifferenceStands
from policy_match.payments.recovery import RecoveryKind, SameHands, WrongRecovery
from policy_match.services.reconcile_payments import NoSuchBankLine, explain_line
from policy_match.services.recover_payments import (
    NoSuchCase,
    NoSuchRecovery,
    NotAReceipt,
    NotToBeAsked,
    assign_receipt,
    decide,
)
from policy_match.services.take_bank_file import FileTaken
from tests.support.payment_desk import Desk, Inbox, answer
from tests.support.payment_flow import APPROVER, CLERK, rows

PAID = "SELECT sum(balance_fen)::integer AS fen FROM ledger_balance WHERE account = 'paid'"
RECOVERED = "SELECT sum(balance_fen)::integer AS fen FROM ledger_balance WHERE account = 'recovered'"
CASE = 4
CASE_FEN = 40_007


@pytest.fixture
def paid(desk: Desk, bank: Inbox) -> Desk:
    """A desk where everything was booked by the bank."""
    desk.pay(bank)
    desk.take(desk.statement(*map(desk.booking, bank.payments)))
    return desk


def ask(desk: Desk, kind: RecoveryKind = RecoveryKind.OVERPAYMENT, right_fen: int = 40_000, by: str = CLERK) -> int:
    return decide(
        desk.database, desk.clock, case_id=CASE, kind=kind, right_fen=right_fen, reason="paid too much", by=by
    ).recovery_id


def came_in(desk: Desk, *amounts: int, attempt_id: str | None = None) -> FileTaken:
    opening = 10_000_000_000 - int(rows_of_net(desk))
    movements = [
        Movement(line_ref=f"IN{fen}", attempt_id=attempt_id, amount_fen=fen, credit=True, booked_on=desk.day)
        for fen in amounts
    ]
    return desk.take(desk.statement(*movements, opening_fen=opening))


def rows_of_net(desk: Desk) -> int:
    with desk.database.unit_of_work() as work:
        return work.bank_files.net_out_fen()


def test_everything_that_agrees_is_closed(paid: Desk, database_url: str) -> None:
    result = paid.reconcile(close=True)
    assert result.closed == 6
    assert rows(database_url, "SELECT DISTINCT status FROM case_state") == [{"status": "closed"}]
    assert paid.reconcile(close=True).closed == 0


def test_nothing_closes_while_a_line_is_unexplained(paid: Desk, database_url: str) -> None:
    taken = came_in(paid, 300)
    with pytest.raises(DifferenceStands):
        paid.reconcile(close=True)
    assert rows(database_url, "SELECT DISTINCT status FROM case_state") == [{"status": "paid"}]
    kept = rows(database_url, "SELECT closed, unmatched FROM reconciliation")
    assert kept == [{"closed": False, "unmatched": 1}]
    explain_line(paid.database, paid.clock, file=taken.digest, number=1, reason="interest", by=CLERK)
    assert paid.reconcile(close=True).closed == 6
    with pytest.raises(NoSuchBankLine):
        explain_line(paid.database, paid.clock, file=taken.digest, number=1, reason="again", by=CLERK)


def test_nothing_closes_on_the_banks_word_without_a_statement(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    desk.take(desk.report(bank.batches[0].message_id, *(answer(each, SETTLED) for each in bank.payments)))
    assert rows(database_url, "SELECT DISTINCT status FROM case_state") == [{"status": "paid"}]
    with pytest.raises(DifferenceStands):
        desk.reconcile(close=True)


def test_nothing_closes_while_a_statement_is_missing(desk: Desk, bank: Inbox) -> None:
    desk.pay(bank)
    one, *others = bank.payments
    desk.take(desk.statement(*map(desk.booking, others)))
    desk.clock.move(2)
    desk.take(desk.statement(desk.booking(one), opening_fen=5_000_000))
    with pytest.raises(DifferenceStands, match="1 missing statements"):
        desk.reconcile(close=True)


def test_an_overpayment_is_asked_back_in_parts(paid: Desk, database_url: str) -> None:
    recovery_id = ask(paid)
    came_in(paid, 3, 4)
    first = assign_receipt(paid.database, paid.clock, recovery_id=recovery_id, line_ref="IN3/CRDT", by=CLERK)
    assert (first.received_fen, first.status) == (3, "recovering")
    with pytest.raises(NotAReceipt):
        assign_receipt(paid.database, paid.clock, recovery_id=recovery_id, line_ref="IN3/CRDT", by=CLERK)
    second = assign_receipt(paid.database, paid.clock, recovery_id=recovery_id, line_ref="IN4/CRDT", by=CLERK)
    assert (second.received_fen, second.status) == (7, "recovered")
    assert rows(database_url, RECOVERED) == [{"fen": 7}]
    assert paid.reconcile(close=True).closed == 5


def test_more_than_was_asked_back_is_not_assigned(paid: Desk) -> None:
    recovery_id = ask(paid)
    came_in(paid, 8)
    with pytest.raises(NotAReceipt):
        assign_receipt(paid.database, paid.clock, recovery_id=recovery_id, line_ref="IN8/CRDT", by=CLERK)


def test_a_return_by_the_bank_while_money_is_asked_back_is_a_receipt(paid: Desk, bank: Inbox) -> None:
    recovery_id = ask(paid, RecoveryKind.FRAUD, 0)
    payment = next(each for each in bank.payments if each.amount_fen == CASE_FEN)
    net = rows_of_net(paid)
    paid.take(paid.statement(paid.returning(payment, ref="BACK"), opening_fen=10_000_000_000 - net))
    done = assign_receipt(paid.database, paid.clock, recovery_id=recovery_id, line_ref="BACK/CRDT", by=CLERK)
    assert done.status == "recovered"
    assert paid.reconcile().result.agrees


def test_money_is_asked_back_once(paid: Desk, database_url: str) -> None:
    ask(paid)
    with pytest.raises(NotToBeAsked):
        ask(paid, right_fen=30_000)
    assert len(rows(database_url, "SELECT * FROM recovery")) == 1


def test_what_was_not_paid_is_not_asked_back(desk: Desk) -> None:
    desk.order()
    with pytest.raises(WrongRecovery):
        ask(desk)
    with pytest.raises(NoSuchCase):
        decide(desk.database, desk.clock, case_id=99, kind=RecoveryKind.FRAUD, right_fen=0, reason="?", by=CLERK)
    with pytest.raises(NoSuchRecovery):
        assign_receipt(desk.database, desk.clock, recovery_id=99, line_ref="IN1/CRDT", by=CLERK)


def test_who_approved_does_not_decide_on_the_recovery(paid: Desk, database_url: str) -> None:
    with pytest.raises(SameHands):
        ask(paid, by=APPROVER)
    assert rows(database_url, "SELECT * FROM recovery") == []


def test_fraud_excludes_the_firm(paid: Desk, database_url: str) -> None:
    ask(paid, RecoveryKind.FRAUD, 0)
    assert len(rows(database_url, "SELECT * FROM exclusion WHERE until IS NOT NULL")) == 1
    assert rows(database_url, PAID)[0]["fen"] > 0
