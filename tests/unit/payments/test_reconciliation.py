"""Orders, ledger and statement: what agrees closes, and every difference has a name."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from policy_match.ledger.accounts import LineAccount, LineId, TransferKind
from policy_match.payments.attempts import AttemptStatus
from policy_match.payments.reconciliation import (
    Difference,
    DifferenceStands,
    LineTotals,
    reconcile,
    statement_gaps,
)
from policy_match.payments.records import StatementRecord, UnexplainedLine, Verdict
from policy_match.values import Digest

LINE = LineId("city-2025")
AGREEING = LineTotals(
    line=LINE,
    unsent_fen=7,
    attempts={
        AttemptStatus.STORED: 1,
        AttemptStatus.SENT: 2,
        AttemptStatus.ACCEPTED: 3,
        AttemptStatus.UNKNOWN: 4,
        AttemptStatus.SETTLED: 50,
        AttemptStatus.REJECTED: 11,
        AttemptStatus.RETURNED: 20,
    },
    transfers={
        TransferKind.APPROPRIATE: 1_000,
        TransferKind.RESERVE: 98,
        TransferKind.VOID: 11,
        TransferKind.POST: 70,
        TransferKind.RETURN: 20,
        TransferKind.RESTORE: 15,
        TransferKind.LAPSE: 5,
        TransferKind.RECOVER: 9,
        TransferKind.REPAY: 8,
    },
    balances={
        LineAccount.APPROPRIATION: -987,
        LineAccount.AVAILABLE: 928,
        LineAccount.RESERVED: 17,
        LineAccount.PAID: 41,
        LineAccount.RECOVERED: 1,
    },
    booked_fen=70,
    returned_fen=20,
)
UNMATCHED = UnexplainedLine(
    digest=Digest("a" * 64),
    number=3,
    file_name="statement.xml",
    kind="other",
    attempt_id=None,
    line_ref="R9",
    amount_fen=300,
    out_fen=300,
    booked_on=date(2025, 7, 1),
    reason_code="",
    verdict=Verdict.NO_ATTEMPT,
)


def compared(totals: LineTotals) -> list[tuple[str, int, int]]:
    return [(each.comparison, each.expected_fen, each.found_fen) for each in reconcile([totals]).differences]


def test_what_agrees_closes() -> None:
    reconciliation = reconcile([AGREEING, LineTotals(line=LineId("a-2025"))])
    assert (reconciliation.differences, reconciliation.agrees) == ((), True)
    assert [each.line for each in reconciliation.lines] == ["a-2025", "city-2025"]
    reconciliation.require_agreement()


@pytest.mark.parametrize(
    ("changed", "differences"),
    [
        (replace(AGREEING, booked_fen=69), [("statement_bookings_are_posted", 70, 69)]),
        (replace(AGREEING, returned_fen=21), [("statement_returns_are_returns", 20, 21)]),
        (replace(AGREEING, unsent_fen=8), [("reserved_is_open_orders", 18, 17)]),
        (
            replace(AGREEING, attempts={**AGREEING.attempts, AttemptStatus.SETTLED: 51}),
            [("posted_is_booked_attempts", 71, 70)],
        ),
        (
            replace(AGREEING, attempts={**AGREEING.attempts, AttemptStatus.SETTLED: 51, AttemptStatus.RETURNED: 19}),
            [("returns_are_returned_attempts", 19, 20)],
        ),
        (
            replace(AGREEING, balances={**AGREEING.balances, LineAccount.AVAILABLE: 929}),
            [("account_is_its_transfers", 928, 929)],
        ),
    ],
)
def test_one_fen_is_a_difference(changed: LineTotals, differences: list[tuple[str, int, int]]) -> None:
    assert compared(changed) == differences


def test_a_booking_and_a_return_too_many_do_not_hide_each_other() -> None:
    assert len(compared(replace(AGREEING, booked_fen=75, returned_fen=25))) == 2


def test_a_rejected_attempt_counts_nowhere() -> None:
    assert compared(replace(AGREEING, attempts={**AGREEING.attempts, AttemptStatus.REJECTED: 999})) == []


def test_nothing_closes_while_a_difference_stands() -> None:
    reconciliation = reconcile([replace(AGREEING, booked_fen=69), LineTotals(line=LineId("z-2025"), unsent_fen=400)])
    assert [(each.line, each.fen) for each in reconciliation.differences] == [("city-2025", -1), ("z-2025", -400)]
    with pytest.raises(DifferenceStands) as caught:
        reconciliation.require_agreement()
    assert caught.value.code == "reconciliation.difference"
    assert caught.value.fields["reconciliation"] is reconciliation
    assert caught.value.message("en") == (
        "nothing was closed: 2 differences (4.01 yuan in all), 0 unmatched statement lines and 0 missing statements "
        "stand, the first on city-2025 (statement_bookings_are_posted); explain each, then reconcile again"
    )
    assert "2 处差异（合计 4.01 元）" in caught.value.message("zh")


@pytest.mark.parametrize(("unmatched", "gaps"), [([UNMATCHED], []), ([], ["S3"])])
def test_an_unmatched_line_or_a_missing_statement_keeps_it_open(
    unmatched: list[UnexplainedLine], gaps: list[str]
) -> None:
    reconciliation = reconcile([AGREEING], unmatched, gaps)
    assert (reconciliation.unmatched, reconciliation.gaps) == (tuple(unmatched), tuple(gaps))
    with pytest.raises(DifferenceStands, match=r"missing statements stand; explain each"):
        reconciliation.require_agreement()


def test_unmatched_lines_are_listed_in_order() -> None:
    lines = [replace(UNMATCHED, number=number) for number in (2, 1)]
    assert [each.number for each in reconcile([], lines).unmatched] == [1, 2]


def test_the_difference_of_an_account_names_it() -> None:
    (difference,) = reconcile([replace(LineTotals(line=LINE), balances={LineAccount.RETURNED: 5})]).differences
    assert isinstance(difference, Difference)
    assert (difference.account, difference.fen) == (LineAccount.RETURNED, 5)


def statement(name: str, day: int | None, opening: int | None, closing: int | None) -> StatementRecord:
    first = None if day is None else date(2025, 7, day)
    return StatementRecord(
        number=1, statement_id=name, first_day=first, last_day=first, opening_fen=opening, closing_fen=closing
    )


@pytest.mark.parametrize(
    ("statements", "gaps"),
    [
        ("", ""),
        ("a 1 100 80", ""),
        ("a 1 100 80, b 2 80 50, c 3 50 60", ""),
        ("a 1 100 80, c 3 50 60", "c"),
        ("b 1 100 80, a 1 80 50", ""),  # two of one day, in the order of neither name nor day
        ("a 1 100 80, b 2 80 100, c 3 100 90", ""),  # the same balance twice
        ("a 1 100 80, b 2 80 100, c 3 90 70", "c"),
        ("a 1 100 80, b 2 80 80, c 3 70 60, d 4 55 40", "c d"),
        ("a 1 100 80, n - - -, b 2 80 50", ""),  # a notification
        ("a - 100 80, b 2 80 50", ""),
    ],
)
def test_a_missing_statement_is_found_in_whatever_order_they_come(statements: str, gaps: str) -> None:
    made = [
        statement(name, *(None if word == "-" else int(word) for word in numbers))
        for name, *numbers in (each.split() for each in statements.split(", ") if each)
    ]
    for order in permutations(made):
        assert statement_gaps([*order, *made[:1]]) == tuple(gaps.split())
