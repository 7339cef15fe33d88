"""The ledger in the database against the pure one: the same transfers are taken and refused, the same balances left."""

from datetime import UTC, datetime
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_match.ledger.accounts import REPEATABLE, LineId, Transfer, TransferKind
from policy_match.ledger.balances import AttemptExceeded, Law, Ledger, MovedAlready
from policy_match.ledger.balances import BudgetExceeded as Overdrawn
from policy_match.services.ledger_report import ledger_report, transfers
from policy_match.storage.driver_errors import BudgetExceeded, InvariantRefused, translated
from tests.support.reviewed_cases import Office

LINES = ("city", "county")
AT = datetime(2025, 7, 1, 4, tzinfo=UTC)
AFTER_YEAR_END = datetime(2026, 1, 5, 4, tzinfo=UTC)
_examples = count(1)

steps = st.lists(
    st.tuples(
        st.sampled_from(TransferKind),
        st.sampled_from(LINES),
        st.integers(min_value=1, max_value=6),
        st.sampled_from(("PM00000001", "PM00000002")),
    ),
    max_size=25,
)


def moment(kind: TransferKind) -> datetime:
    return AFTER_YEAR_END if kind is TransferKind.LAPSE else AT


def booked(connection: psycopg.Connection[tuple[object, ...]], transfer: Transfer, number: int = 1) -> bool:
    try:
        with translated(), connection.transaction():
            connection.execute(
                "INSERT INTO ledger_transfer (kind, line, amount_fen, attempt_id, about, at, by)"
                " VALUES (%s, %s, %s, %s, %s, %s, 'system')",
                (
                    transfer.kind.value,
                    transfer.line,
                    transfer.amount_fen,
                    transfer.attempt_id,
                    str(number) if transfer.kind in REPEATABLE else "",
                    moment(transfer.kind),
                ),
            )
    except (BudgetExceeded, InvariantRefused):
        return False
    return True


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=steps)
def test_the_triggers_take_and_refuse_what_the_pure_ledger_does(
    office: Office, steps: list[tuple[TransferKind, str, int, str]]
) -> None:
    example = next(_examples)
    judge = Ledger()
    for fund in LINES:
        office.money(0, f"{fund}-{example}")
    first = [(TransferKind.APPROPRIATE, fund, 6, "") for fund in LINES]
    with office.connection() as connection:
        for number, (kind, fund, fen, attempt_id) in enumerate(first + steps):
            transfer = Transfer(
                kind=kind,
                line=LineId(f"{fund}-{example}-2025"),
                amount_fen=fen,
                booked_on=moment(kind).date(),
                attempt_id=None if kind is TransferKind.APPROPRIATE else attempt_id,
            )
            try:
                judge.post(transfer)
                taken = True
            except AttemptExceeded:
                continue  # whose money it is, the steps of attempts decide
            except (Overdrawn, MovedAlready):
                taken = False
            assert booked(connection, transfer, number) == taken
    report = ledger_report(office.database, office.clock)
    assert report.in_order
    mine = [line for line in report.lines if line.line.split("-")[1] == str(example)]
    balances = {(line.line, account): fen for line in mine for account, fen in line.balances.items()}
    assert {key: fen for key, fen in balances.items() if key in judge.balances} == judge.balances
    assert not any(fen for key, fen in balances.items() if key not in judge.balances)


def test_a_page_of_transfers_follows_the_last_and_is_of_one_line_or_of_all(office: Office) -> None:
    office.money(100)
    office.money(50, "city")
    office.money(25)
    assert [each.amount_fen for each in transfers(office.database)] == [100, 50, 25]
    assert [each.amount_fen for each in transfers(office.database, line=LineId("jobs-2025"))] == [100, 25]
    assert [each.amount_fen for each in transfers(office.database, after=1, most=1)] == [50]


def test_a_balance_that_its_transfers_do_not_explain_is_named(office: Office) -> None:
    office.money(100)
    with office.connection() as connection:
        connection.execute("UPDATE ledger_balance SET balance_fen = 99 WHERE account = 'available'")
    report = ledger_report(office.database, office.clock, year=2025)
    assert not report.in_order
    assert [(each.account, each.balance_fen, each.transferred_fen) for each in report.differences] == [
        ("available", 99, 100)
    ]
    assert [(each.law, each.fen) for each in report.broken] == [(Law.SUM_IS_ZERO, -1)]


def test_a_report_of_another_year_has_no_lines(office: Office) -> None:
    office.money(100)
    report = ledger_report(office.database, office.clock, year=2026)
    assert (report.lines, report.in_order) == ([], True)


def test_an_overdraft_is_refused_in_both_languages_and_nothing_is_kept(office: Office) -> None:
    office.money(100)
    with office.connection() as connection:
        line = LineId("jobs-2025")
        reserve = Transfer(kind=TransferKind.RESERVE, line=line, amount_fen=101, booked_on=AT.date(), attempt_id="PM1")
        assert not booked(connection, reserve)
    assert len(transfers(office.database)) == 1
    with pytest.raises(BudgetExceeded) as refused:
        raise BudgetExceeded
    assert "wait for budget" in refused.value.message("en")
    assert "请等待预算下达" in refused.value.message("zh")
