"""Orders, batches and handing over: who is ordered, what stops an order, and what a lost reply leaves behind."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone

import pytest

from policy_match.services.order_payments import Blocked, YearIsClosed
from policy_match.storage.driver_errors import BudgetExceeded, InvariantRefused
from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock
from tests.support.payment_desk import Desk, Inbox, channel_named
from tests.support.payment_flow import (
    READY,
    FlowCase,
    account_number,
    add_base,
    add_cases,
    app_connection,
    appropriate,
    cases,
    fill,
    recheck,
    rows,
    state_accounts,
)

TOTAL_FEN = 10_000 + 20_001 + 30_003 + 40_007 + 50_009 + 1


def statuses(url: str) -> Mapping[str, int]:
    return {row["status"]: row["n"] for row in rows(url, "SELECT status, count(*) AS n FROM attempt_state GROUP BY 1")}


def balances(url: str, line: str = "county-2025") -> Mapping[str, int]:
    found = rows(url, "SELECT account, balance_fen FROM ledger_balance WHERE line = %s", line)
    return {row["account"]: row["balance_fen"] for row in found}


def test_every_due_case_is_ordered_once_and_its_money_reserved(desk: Desk, database_url: str) -> None:
    made = desk.order()
    assert (made.orders, made.total_fen, made.blocked) == (6, TOTAL_FEN, {})
    assert desk.order().orders == 0
    reserved = balances(database_url)["reserved"] + balances(database_url, "city-2025")["reserved"]
    assert reserved == TOTAL_FEN
    assert rows(database_url, "SELECT DISTINCT status FROM case_state") == [{"status": "ordered"}]


def test_a_case_without_a_fresh_recheck_is_not_ordered(database: Database, database_url: str) -> None:
    clock = fill(database, database_url, cases(100))
    with app_connection(database_url) as connection:
        connection.execute("INSERT INTO snapshot VALUES (encode(sha256('other'), 'hex'), '{}')")
        connection.execute(
            "INSERT INTO sweep (number, sweep_id, snapshot_id, rules, as_of, engine, truth)"
            " SELECT nextval('sweep_number'), encode(sha256('later'), 'hex'), encode(sha256('other'), 'hex'), rules,"
            "        as_of, engine, truth FROM sweep"
        )
        connection.execute(
            "INSERT INTO sweep_policy (sweep_number, place, version, total, eligible, ineligible, undetermined,"
            " amount_fen) SELECT 2, place, version, total, eligible, ineligible, undetermined, amount_fen"
            "   FROM sweep_policy"
        )
    assert Desk(database, clock).order().blocked == {Blocked.NOT_RECHECKED: 1}


@pytest.mark.parametrize("outcome", ["undetermined", "excluded", "ineligible"])
def test_a_case_that_is_not_eligible_now_is_not_ordered(database: Database, database_url: str, outcome: str) -> None:
    clock = fill(database, database_url, cases(100))
    recheck(database_url, outcome=outcome)
    assert Desk(database, clock).order().blocked == {Blocked.NOT_ELIGIBLE_NOW: 1}


def test_an_excluded_firm_is_not_ordered(database: Database, database_url: str) -> None:
    clock = fill(database, database_url, cases(100, 200))
    with app_connection(database_url) as connection:
        connection.execute(
            "INSERT INTO exclusion (uscc, since, reason, at, by) VALUES (%s, '2025-06-01', 'fraud', %s, 'system')",
            [cases(100)[0].uscc, READY],
        )
    made = Desk(database, clock).order()
    assert (made.orders, made.blocked) == (1, {Blocked.EXCLUDED: 1})


def test_a_firm_without_an_account_waits_until_it_gives_one(database: Database, database_url: str) -> None:
    add_base(database_url)
    appropriate(database_url)
    add_cases(database_url, cases(100))
    clock = MovableClock(READY)
    desk = Desk(database, clock)
    found = desk.order()
    assert (found.blocked, found.waiting[0].detail) == ({Blocked.ACCOUNT: 1}, "no_account")
    state_accounts(database, cases(100), clock)
    assert desk.order().orders == 1


def test_more_than_the_line_holds_is_refused_whole(database: Database, database_url: str) -> None:
    clock = fill(database, database_url, cases(600, 500), budget_fen=1_000)
    with pytest.raises(BudgetExceeded):
        Desk(database, clock).order()
    assert rows(database_url, "SELECT * FROM payment_order") == []
    assert balances(database_url)["available"] == 1_000


def test_no_order_is_made_after_the_cut_off_of_the_year(desk: Desk) -> None:
    desk.clock.move_to(date(2025, 12, 21))
    with pytest.raises(YearIsClosed):
        desk.order()


def test_a_grant_of_last_year_is_not_ordered_this_year(desk: Desk, database_url: str) -> None:
    desk.clock.move_to(date(2026, 1, 5))
    desk.cut_off = date(2026, 12, 20)
    recheck(database_url, at=desk.clock.now())
    made = desk.order()
    assert (made.orders, made.blocked) == (0, {Blocked.BUDGET_YEAR_OVER: 6})


def test_an_order_of_other_than_the_granted_money_is_refused(database: Database, database_url: str) -> None:
    clock = fill(database, database_url, cases(100))
    with app_connection(database_url) as connection:
        connection.execute(
            "INSERT INTO case_share (allocation, case_id, line, amount_fen) VALUES (1, 1, 'city-2025', 1)"
        )
    with pytest.raises(InvariantRefused):
        Desk(database, clock).order()
    assert rows(database_url, "SELECT * FROM payment_attempt") == []


def test_batches_hold_what_they_declare_and_are_split(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.order()
    assert len(desk.batch(batch_size=4)) == 2
    assert desk.batch() == []
    sent = desk.send(bank)
    assert [each.count for each in sent] == [4, 2]
    assert sum(each.total_fen for each in sent) == TOTAL_FEN == sum(each.amount_fen for each in bank.payments)
    assert desk.send(bank) == []
    assert statuses(database_url) == {"sent": 6}


def test_the_bank_is_asked_to_pay_into_the_firms_own_account(desk: Desk, bank: Inbox) -> None:
    desk.pay(bank)
    smallest = bank.payments[0]
    firm = FlowCase(case_id=6, amount_fen=1, place=1)
    assert (smallest.account_number, smallest.payee_name) == (account_number(firm), firm.name)
    assert account_number(firm) not in repr(bank.received)


@pytest.mark.parametrize("arrived", [False, True])
def test_a_lost_reply_leaves_the_outcome_unknown_and_nothing_is_sent_again(
    desk: Desk, database_url: str, arrived: bool
) -> None:
    lost = Inbox(lost_before=not arrived, lost_after=arrived)
    desk.order()
    desk.batch()
    (sent,) = desk.send(lost)
    assert sent.receipt is None
    assert len(lost.received) == arrived
    assert desk.lose(timedelta(minutes=15)) == 0
    desk.clock.move(1)
    assert desk.lose(timedelta(minutes=15)) == 6
    assert statuses(database_url) == {"unknown": 6}
    later = Inbox()
    desk.pay(later)
    assert later.received == []


def test_a_batch_is_made_again_to_the_byte_whatever_zone_the_clock_has(desk: Desk, bank: Inbox) -> None:
    beijing = MovableClock(desk.clock.now().astimezone(timezone(timedelta(hours=8))))
    desk.clock = beijing
    desk.pay(bank)
    assert len(bank.payments) == 6


def test_a_batch_is_named_by_the_day_in_china(database: Database, database_url: str, bank: Inbox) -> None:
    fill(database, database_url, cases(100))
    Desk(database, MovableClock(datetime(2025, 7, 1, 17, tzinfo=READY.tzinfo))).pay(bank)
    assert bank.batches[0].message_id.startswith("PMB20250702")


def test_the_treasurys_file_carries_the_same_payments(desk: Desk, bank: Inbox) -> None:
    desk.channel = channel_named("treasury_file")
    desk.pay(bank)
    assert [each.amount_fen for each in bank.payments] == sorted([10_000, 20_001, 30_003, 40_007, 50_009, 1])


def test_account_numbers_are_not_readable_in_the_database(desk: Desk, database_url: str) -> None:
    found = rows(database_url, "SELECT sealed, tail, fingerprint FROM payee_account")
    numbers = [account_number(case) for case in cases(1, 1, 1, 1, 1, 1)]
    assert all(number.encode() not in bytes(row["sealed"]) for row in found for number in numbers)
    assert len(found) == 6
