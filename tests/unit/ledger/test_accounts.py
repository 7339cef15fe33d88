"""Budget lines and transfers."""

from datetime import date
from pathlib import Path

import pytest

from policy_match.ledger.accounts import (
    DIRECTIONS,
    LineAccount,
    LineId,
    Transfer,
    TransferKind,
    WrongLine,
    WrongTransfer,
    line_id,
    year_of,
)
from policy_match.ledger.sql_rules import insert_transfer_kinds
from policy_match.values import MONEY_LIMIT_FEN

STORAGE = Path(__file__).parents[3] / "policy_match" / "storage"
LINE = LineId("city-industry-2025")
SPEC = """
appropriate: appropriation -> available
reserve: available -> reserved
post: reserved -> paid
void: reserved -> available
return: paid -> returned
restore: returned -> available
lapse: returned -> appropriation
recover: paid -> recovered
repay: recovered -> appropriation
"""


def transfer(
    kind: str, day: str, *, amount_fen: int = 1, line: LineId = LINE, attempt_id: str | None = "PM7"
) -> Transfer:
    attempt = None if kind == "appropriate" else attempt_id
    return Transfer(
        kind=TransferKind(kind), line=line, amount_fen=amount_fen, booked_on=date.fromisoformat(day), attempt_id=attempt
    )


def test_every_kind_of_transfer_has_its_direction() -> None:
    assert "\n".join(f"{kind}: {way.debit} -> {way.credit}" for kind, way in DIRECTIONS.items()) == SPEC.strip()
    assert set(DIRECTIONS) == set(TransferKind)
    assert {account for way in DIRECTIONS.values() for account in (way.debit, way.credit)} == set(LineAccount)


@pytest.mark.parametrize("file", ["schema.sql", "migrations/0003_cases_and_payments.sql"])
def test_the_migration_holds_this_table(file: str) -> None:
    assert insert_transfer_kinds() in (STORAGE / file).read_text(encoding="utf-8")


def test_the_database_gets_the_same_table() -> None:
    statement = insert_transfer_kinds()
    assert statement.startswith("INSERT INTO ledger_transfer_kind (kind, debit, credit) VALUES\n")
    assert statement.endswith("    ('repay', 'recovered', 'appropriation');\n")
    assert [tuple(row.strip(" (),;").replace("'", "").split(", ")) for row in statement.splitlines()[1:]] == [
        (kind, way.debit, way.credit) for kind, way in DIRECTIONS.items()
    ]


@pytest.mark.parametrize("fund", ["city-industry", "unemployment-insurance", "a", "a-2024"])
def test_a_line_says_its_year(fund: str) -> None:
    assert line_id(fund, 2025) == f"{fund}-2025"
    assert year_of(line_id(fund, 2025)) == 2025


@pytest.mark.parametrize(
    "line",
    [
        "",
        "2025",
        "-2025",
        "fund",
        "fund-25",
        "fund-0025",
        "a b-2025",
        "fund-2025 ",
        "Fund-2025",
        "失业保险-2025",
        "f-202\uff15",
    ],
)
def test_a_name_without_fund_or_year_is_no_line(line: str) -> None:
    with pytest.raises(WrongLine) as caught:
        year_of(LineId(line))
    assert (caught.value.code, repr(line) in caught.value.message("zh")) == ("ledger.line", True)


@pytest.mark.parametrize("amount_fen", [0, -1, MONEY_LIMIT_FEN])
def test_a_transfer_has_an_amount(amount_fen: int) -> None:
    with pytest.raises(WrongTransfer, match=r"reserve on city-industry-2025: .* fen is no amount to transfer"):
        transfer("reserve", "2025-06-30", amount_fen=amount_fen)


def test_payments_name_their_attempt_and_an_appropriation_none() -> None:
    for kind in set(TransferKind) - {TransferKind.APPROPRIATE, TransferKind.LAPSE, TransferKind.REPAY}:
        with pytest.raises(WrongTransfer, match="it must name its attempt"):
            transfer(kind, "2026-01-01", attempt_id=None)
    for kind in (TransferKind.LAPSE, TransferKind.REPAY):
        assert transfer(kind, "2026-01-01", attempt_id=None).attempt_id is None
    with pytest.raises(WrongTransfer, match="it must name no attempt"):
        Transfer(kind=TransferKind.APPROPRIATE, line=LINE, amount_fen=1, booked_on=date(2025, 1, 1), attempt_id="PM7")


@pytest.mark.parametrize(
    ("kind", "before", "first_day", "last_day", "after"),
    [
        ("appropriate", True, True, True, False),
        ("reserve", False, True, True, False),
        ("post", True, True, True, True),
        ("void", True, True, True, True),
        ("return", True, True, True, True),
        ("restore", False, True, True, False),
        ("lapse", False, False, False, True),
        ("recover", True, True, True, True),
        ("repay", True, True, True, True),
    ],
)
def test_the_budget_year_limits_what_is_booked(
    kind: str, before: bool, first_day: bool, last_day: bool, after: bool
) -> None:
    days = ("2024-12-31", "2025-01-01", "2025-12-31", "2026-01-01")
    for day, lawful in zip(days, (before, first_day, last_day, after), strict=True):
        if lawful:
            assert transfer(kind, day).booked_on == date.fromisoformat(day)
        else:
            with pytest.raises(WrongTransfer) as caught:
                transfer(kind, day)
            assert day in caught.value.message("zh")
            assert caught.value.code == "ledger.transfer"
