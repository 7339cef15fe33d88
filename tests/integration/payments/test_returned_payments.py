"""Payments that come back: who must act, what goes out again, and what the end of the year changes."""

from datetime import date

import pytest

from connectors.payment_channels.rehearsal_files import REJECTED, ReceivedPayment
from policy_match.cases.defects import ReasonMissing
from policy_match.payments.returns import FollowUp, WayBack
from policy_match.services.returned_payments import NotReturned, PaidAgain, ageing, give_up, returned_payments
from policy_match.storage.unit_of_work import Database
from tests.support.payment_desk import Desk, Inbox, answer
from tests.support.payment_flow import READY, app_connection, cases, fill, recheck, rows, state_accounts

AVAILABLE = "SELECT balance_fen FROM ledger_balance WHERE account = 'available' AND line = 'county-2025'"


@pytest.fixture
def one(database: Database, database_url: str, bank: Inbox) -> Desk:
    """A desk with one case of 100 fen that was booked and came back because the account is closed."""
    desk = Desk(database, fill(database, database_url, cases(100), budget_fen=100))
    desk.pay(bank)
    (payment,) = bank.payments
    desk.clock.move(1)
    desk.take(desk.statement(desk.booking(payment)))
    desk.clock.move(3)
    desk.take(desk.statement(desk.returning(payment), opening_fen=10_000_000_000 - 100))
    return desk


def paid_into(bank: Inbox) -> list[ReceivedPayment]:
    return [each for batch in bank.batches for each in batch.payments]


def test_what_came_back_is_listed_with_its_reason_and_age(one: Desk) -> None:
    one.clock.move(20)
    (found,) = returned_payments(one.database, one.clock, cut_off=one.cut_off, most=10)
    assert (found.follow_up, found.way) == (FollowUp.FIRM_CORRECTS_ACCOUNT, WayBack.CORRECT)
    assert (found.case.reason_code, found.case.booked_on) == ("AC04", date(2025, 7, 5))
    assert [(each.first_day, each.count) for each in ageing(one.database, one.clock) if each.count] == [(11, 1)]


def test_the_quota_is_restored_in_the_same_year(one: Desk, database_url: str) -> None:
    assert rows(database_url, AVAILABLE) == [{"balance_fen": 100}]


def test_nothing_goes_out_again_into_the_account_that_failed(one: Desk, database_url: str) -> None:
    recheck(database_url, at=one.clock.now())
    assert one.again() == PaidAgain(attempts=0, requeued=0, waiting=1)


def test_the_same_account_stated_again_corrects_nothing(one: Desk, database_url: str) -> None:
    state_accounts(one.database, cases(100), one.clock, version=1)
    recheck(database_url, at=one.clock.now())
    assert one.again() == PaidAgain(attempts=0, requeued=0, waiting=1)


def test_a_corrected_account_is_paid_by_a_new_attempt_once(one: Desk, bank: Inbox, database_url: str) -> None:
    state_accounts(one.database, cases(100), one.clock, version=2)
    recheck(database_url, at=one.clock.now())
    assert one.again() == PaidAgain(attempts=1, requeued=0, waiting=0)
    assert one.again() == PaidAgain(attempts=0, requeued=0, waiting=0)
    one.pay(bank)
    first, second = paid_into(bank)
    assert first.attempt_id != second.attempt_id
    assert first.account_number != second.account_number
    found = rows(database_url, "SELECT number, order_id FROM payment_attempt ORDER BY number")
    assert [row["number"] for row in found] == [1, 2]
    assert len({row["order_id"] for row in found}) == 1


def test_a_firm_that_was_not_rechecked_since_is_not_paid_again(one: Desk, database_url: str) -> None:
    state_accounts(one.database, cases(100), one.clock, version=2)
    assert one.again().attempts == 0
    recheck(database_url, at=one.clock.now(), outcome="ineligible")
    assert one.again().attempts == 0


def test_a_firm_that_was_excluded_since_is_not_paid_again(one: Desk, database_url: str) -> None:
    state_accounts(one.database, cases(100), one.clock, version=2)
    recheck(database_url, at=one.clock.now())
    with app_connection(database_url) as connection:
        connection.execute(
            "INSERT INTO exclusion (uscc, since, reason, at, by) VALUES (%s, '2025-06-01', 'fraud', %s, 'system')",
            [cases(100)[0].uscc, READY],
        )
    assert one.again().attempts == 0


def test_a_reason_that_passes_by_itself_needs_no_other_account(
    database: Database, database_url: str, bank: Inbox
) -> None:
    desk = Desk(database, fill(database, database_url, cases(100)))
    desk.pay(bank)
    desk.take(desk.report(bank.batches[0].message_id, answer(bank.payments[0], REJECTED, "AM04")))
    recheck(database_url, at=desk.clock.now())
    assert desk.again().attempts == 1


def test_after_the_year_a_returned_case_waits_for_new_budget_and_approval(
    one: Desk, bank: Inbox, database_url: str
) -> None:
    one.clock.move_to(date(2026, 1, 5))
    assert one.again() == PaidAgain(attempts=0, requeued=1, waiting=0)
    assert rows(database_url, "SELECT status FROM case_state") == [{"status": "matched"}]


def test_what_comes_back_after_the_year_lapses(database: Database, database_url: str, bank: Inbox) -> None:
    desk = Desk(database, fill(database, database_url, cases(100)))
    desk.pay(bank)
    desk.take(desk.statement(desk.booking(bank.payments[0])))
    desk.clock.move_to(date(2026, 1, 5))
    desk.take(desk.statement(desk.returning(bank.payments[0]), opening_fen=10_000_000_000 - 100))
    kinds = rows(database_url, "SELECT kind FROM ledger_transfer WHERE attempt_id IS NOT NULL ORDER BY transfer_id")
    assert [row["kind"] for row in kinds] == ["reserve", "post", "return", "lapse"]
    assert desk.reconcile().result.agrees


def test_a_case_approved_again_gets_the_next_attempt_of_a_new_order(one: Desk, bank: Inbox, database_url: str) -> None:
    """Its first attempt's id is taken for ever."""
    one.clock.move_to(date(2026, 1, 5))
    one.again()
    one.cut_off = date(2026, 12, 20)
    approve_again(database_url, one.clock.now())
    assert one.order().orders == 1
    found = rows(database_url, "SELECT number FROM payment_attempt ORDER BY number")
    assert [row["number"] for row in found] == [1, 2]


def approve_again(url: str, at: object) -> None:
    """Review, fund and approve the only case anew, as the new year's services would."""
    with app_connection(url) as connection:
        parameters = {"at": at}
        for statement in (
            "INSERT INTO ledger_transfer (kind, line, amount_fen, about, at, by)"
            " VALUES ('appropriate', 'county-2026', 100, 'new', %(at)s, 'system')",
            "INSERT INTO case_event (case_id, seq, event, before, after, at, by)"
            " SELECT case_id, seq + 1, 'review', 'matched', 'reviewed', %(at)s, 'system' FROM case_state",
            "INSERT INTO allocation VALUES (900, 'flow-one', 2026, 'first_come', %(at)s, 'system')",
            "INSERT INTO case_allocation SELECT 900, case_id, seq, 1, amount_fen, amount_fen FROM case_state",
            "INSERT INTO case_share SELECT 900, case_id, 'county-2026', amount_fen FROM case_state",
            "INSERT INTO approval_list SELECT 900, policy_id, sweep_number, snapshot_id, cases, total_fen, stages,"
            " encode(sha256('again'), 'hex'), %(at)s, by FROM approval_list",
            "INSERT INTO listed_case SELECT 900, case_id, seq, amount_fen, 900 FROM case_state",
            "INSERT INTO list_end VALUES (900, 'complete', '', %(at)s, 'system')",
            "INSERT INTO case_event (case_id, seq, event, before, after, at, by)"
            " SELECT case_id, seq + 1, 'approve', 'reviewed', 'approved', %(at)s, 'li.ming' FROM case_state",
        ):
            connection.execute(statement, parameters)
    recheck(url, at=at)  # type: ignore[arg-type]


def test_a_returned_case_is_given_up_for_a_reason_only(one: Desk, database_url: str) -> None:
    with pytest.raises(ReasonMissing):
        give_up(one.database, one.clock, case_id=1, reason=" ", by="wang.fang")
    give_up(one.database, one.clock, case_id=1, reason="the firm is gone", by="wang.fang")
    assert rows(database_url, "SELECT status FROM case_state") == [{"status": "closed"}]
    with pytest.raises(NotReturned):
        give_up(one.database, one.clock, case_id=1, reason="again", by="wang.fang")
