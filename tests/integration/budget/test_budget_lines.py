"""Budget lines: added once, money booked onto them by appending, in their year."""

import pytest

from policy_match.ledger.accounts import LineAccount, LineId, WrongLine, WrongTransfer
from policy_match.services.budget_lines import (
    LineExists,
    NoSuchLine,
    NotAFund,
    add_line,
    appropriate,
    budget_lines,
)
from policy_match.services.ledger_report import transfers
from policy_match.services.roles import NobodyNamed
from tests.support.reviewed_cases import Office

LINE = LineId("jobs-2025")


def add(office: Office, fund: str = "jobs", year: int = 2025, label: str = "就业补助") -> bool:
    return add_line(office.database, office.clock, fund=fund, year=year, label=label, by="admin").new


def book(office: Office, amount_fen: int, line: LineId = LINE) -> int:
    booked = appropriate(office.database, office.clock, line=line, amount_fen=amount_fen, by="treasury", about="文件1")
    return booked.free_fen


def test_a_new_line_has_empty_accounts(office: Office) -> None:
    assert add(office)
    (line,) = budget_lines(office.database, office.clock)
    assert (line.line, line.label, line.free_fen) == (LINE, "就业补助", 0)
    assert dict(line.balances) == dict.fromkeys(LineAccount, 0)


def test_adding_a_line_again_changes_nothing(office: Office) -> None:
    assert add(office)
    assert not add(office)
    with pytest.raises(LineExists, match="就业补助"):
        add(office, label="别的")


def test_money_is_added_to_what_is_there(office: Office) -> None:
    add(office)
    assert [book(office, 100), book(office, 50)] == [100, 150]
    (line,) = budget_lines(office.database, office.clock)
    assert line.balances[LineAccount.APPROPRIATION] == -150
    assert [(each.kind, each.amount_fen, each.about, each.by) for each in transfers(office.database)] == [
        ("appropriate", 100, "文件1", "treasury"),
        ("appropriate", 50, "文件1", "treasury"),
    ]


def test_lines_are_listed_by_year(office: Office) -> None:
    add(office)
    add(office, year=2026)
    assert [each.line for each in budget_lines(office.database, office.clock, year=2026)] == ["jobs-2026"]
    assert len(budget_lines(office.database, office.clock)) == 2


@pytest.mark.parametrize("amount_fen", [0, -1, 10**18])
def test_what_is_no_amount_is_not_booked(office: Office, amount_fen: int) -> None:
    add(office)
    with pytest.raises(WrongTransfer, match="no amount"):
        book(office, amount_fen)


def test_nothing_is_booked_onto_a_line_that_is_not_there_or_whose_year_is_over(office: Office) -> None:
    with pytest.raises(NoSuchLine, match="jobs-2025"):
        book(office, 100)
    add(office, year=2024)
    with pytest.raises(WrongTransfer, match="the budget year is over"):
        book(office, 100, LineId("jobs-2024"))
    with pytest.raises(WrongLine):
        book(office, 100, LineId("jobs"))


@pytest.mark.parametrize("fund", ["", "Jobs", "-jobs", "就业", "a b"])
def test_a_fund_has_a_plain_name(office: Office, fund: str) -> None:
    with pytest.raises(NotAFund):
        add(office, fund=fund)


def test_a_line_has_a_year_of_four_digits_and_somebody_who_added_it(office: Office) -> None:
    with pytest.raises(WrongLine):
        add(office, year=25)
    with pytest.raises(NobodyNamed):
        add_line(office.database, office.clock, fund="jobs", year=2025, label="", by="")
