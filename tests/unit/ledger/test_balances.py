"""The ledger in memory: what it refuses, and what always holds."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.ledger.accounts import LineAccount, LineId, Transfer, TransferKind, WrongLine, WrongTransfer
from policy_match.ledger.balances import (
    AttemptExceeded,
    BrokenLaw,
    BudgetExceeded,
    Law,
    Ledger,
    MovedAlready,
    after_return,
    broken_laws,
)

LINE = LineId("city-2025")
OTHER = LineId("county-2025")
IN_YEAR = date(2025, 6, 30)
LATER = date(2026, 1, 4)


def transfer(
    kind: str, amount_fen: int, attempt: int | None = 1, *, line: LineId = LINE, booked_on: date = IN_YEAR
) -> Transfer:
    return Transfer(
        kind=TransferKind(kind),
        line=line,
        amount_fen=amount_fen,
        booked_on=booked_on,
        attempt_id=None if attempt is None else f"PM{attempt}",
    )


@pytest.fixture
def ledger() -> Ledger:
    """A line with a budget of 100 fen."""
    ledger = Ledger()
    ledger.post(transfer("appropriate", 100, None))
    return ledger


def shown(ledger: Ledger, line: LineId = LINE) -> str:
    return " ".join(f"{kind}={fen}" for kind in LineAccount if (fen := ledger.balance(line, kind)))


@pytest.mark.parametrize(
    ("steps", "balances"),
    [
        ("", "appropriation=-100 available=100"),
        ("reserve", "appropriation=-100 available=60 reserved=40"),
        ("reserve void", "appropriation=-100 available=100"),
        ("reserve post", "appropriation=-100 available=60 paid=40"),
        ("reserve post return", "appropriation=-100 available=60 returned=40"),
        ("reserve post return restore", "appropriation=-100 available=100"),
        ("reserve post return lapse", "appropriation=-60 available=60"),
        ("reserve post recover", "appropriation=-100 available=60 recovered=40"),
        ("reserve post recover repay", "appropriation=-60 available=60"),
    ],
)
def test_each_transfer_moves_money_to_one_place(ledger: Ledger, steps: str, balances: str) -> None:
    ledger.post_all(transfer(kind, 40, booked_on=LATER if kind == "lapse" else IN_YEAR) for kind in steps.split())
    assert shown(ledger) == balances
    assert broken_laws(ledger.balances) == ()


def test_more_than_the_budget_is_refused(ledger: Ledger) -> None:
    ledger.post(transfer("reserve", 100))
    with pytest.raises(BudgetExceeded) as caught:
        ledger.post(transfer("reserve", 1, 2))
    assert caught.value.code == "ledger.budget"
    assert caught.value.message("en") == (
        "city-2025: reserve of 0.01 yuan is refused, available holds 0.00; wait for budget, or correct the amount"
    )
    assert "可用额度余额为 0.00 元" in caught.value.message("zh")
    assert shown(ledger) == "appropriation=-100 reserved=100"


def test_a_line_has_its_own_budget(ledger: Ledger) -> None:
    with pytest.raises(BudgetExceeded):
        ledger.post(transfer("reserve", 1, line=OTHER))
    assert shown(ledger, OTHER) == ""


def test_an_attempt_cannot_be_settled_by_the_reservation_of_another(ledger: Ledger) -> None:
    ledger.post(transfer("reserve", 40, 1))
    ledger.post(transfer("reserve", 40, 2))
    with pytest.raises(AttemptExceeded) as caught:
        ledger.post(transfer("post", 41, 1))
    assert caught.value.code == "ledger.attempt"
    assert "of attempt PM1 reserved holds 0.40" in caught.value.message("en")
    assert ledger.balance_of_attempt(LINE, LineAccount.RESERVED, "PM1") == 40
    assert ledger.balance_of_attempt(LINE, LineAccount.RESERVED, "PM2") == 40


@pytest.mark.parametrize("kind", ["reserve", "post", "void", "return", "restore", "lapse"])
def test_an_attempt_moves_its_money_once_in_each_way(ledger: Ledger, kind: str) -> None:
    before = {"reserve": "", "post": "reserve", "void": "reserve", "return": "reserve post"}
    ledger.post_all(transfer(each, 20) for each in before.get(kind, "reserve post return").split())
    day = LATER if kind == "lapse" else IN_YEAR
    ledger.post(transfer(kind, 5, booked_on=day))
    with pytest.raises(MovedAlready, match=f"attempt PM1 did its {kind} before") as caught:
        ledger.post(transfer(kind, 5, booked_on=day))
    assert caught.value.code == "ledger.repeated"


def test_money_is_recovered_and_repaid_in_parts(ledger: Ledger) -> None:
    kinds = ["recover", "recover", "repay"]
    ledger.post_all([transfer("reserve", 40), transfer("post", 40), *(transfer(kind, 10) for kind in kinds)])
    ledger.post(transfer("repay", 10, None))
    assert shown(ledger) == "appropriation=-80 available=60 paid=20"


def test_of_several_transfers_all_are_posted_or_none(ledger: Ledger) -> None:
    with pytest.raises(BudgetExceeded):
        ledger.post_all([transfer("reserve", 60, 1), transfer("reserve", 60, 2)])
    assert shown(ledger) == "appropriation=-100 available=100"
    assert len(ledger.transfers) == 1
    ledger.post_all([transfer("reserve", 60, 1), transfer("reserve", 40, 2)])
    assert [each.kind for each in ledger.transfers] == ["appropriate", "reserve", "reserve"]


def test_a_returned_payment_restores_the_quota_of_its_year_only() -> None:
    assert after_return(LINE, date(2025, 12, 31)) is TransferKind.RESTORE
    assert after_return(LINE, date(2026, 1, 1)) is TransferKind.LAPSE
    with pytest.raises(WrongLine):
        after_return(LineId("city"), IN_YEAR)


def test_broken_laws_are_named() -> None:
    assert broken_laws(
        {
            (LINE, LineAccount.APPROPRIATION): -5,
            (LINE, LineAccount.AVAILABLE): 7,
            (LINE, LineAccount.RESERVED): -2,
            (OTHER, LineAccount.APPROPRIATION): -5,
            (OTHER, LineAccount.AVAILABLE): 4,
        }
    ) == (
        BrokenLaw(line=LINE, law=Law.NOT_NEGATIVE, account=LineAccount.RESERVED, fen=-2),
        BrokenLaw(line=OTHER, law=Law.SUM_IS_ZERO, account=None, fen=-1),
    )


@st.composite
def any_transfers(draw: st.DrawFn) -> list[Callable[[], Transfer]]:
    steps = st.tuples(
        st.sampled_from(TransferKind), st.integers(1, 60), st.integers(1, 3), st.sampled_from([LINE, OTHER]),
        st.sampled_from([IN_YEAR, LATER]),
    )  # fmt: skip
    return [
        lambda step=step: transfer(  # type: ignore[misc]
            step[0], step[1], None if step[0] == "appropriate" else step[2], line=step[3], booked_on=step[4]
        )
        for step in draw(st.lists(steps, max_size=30))
    ]


@given(any_transfers())
def test_whatever_is_posted_or_refused_the_laws_hold(steps: list[Callable[[], Transfer]]) -> None:
    ledger = Ledger()
    for make in steps:
        before = ledger.balances
        try:
            ledger.post(make())
        except (BudgetExceeded, AttemptExceeded, MovedAlready, WrongTransfer):
            assert ledger.balances == before
        assert broken_laws(ledger.balances) == ()
    for line in (LINE, OTHER):
        for kind in (LineAccount.RESERVED, LineAccount.PAID, LineAccount.RETURNED, LineAccount.RECOVERED):
            of_attempts = [ledger.balance_of_attempt(line, kind, f"PM{number}") for number in (1, 2, 3)]
            assert min(of_attempts) >= 0
            assert sum(of_attempts) == ledger.balance(line, kind)
