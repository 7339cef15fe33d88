"""Recovery after fraud and after honest overpayment."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.payments.recovery import (
    Recovery,
    RecoveryKind,
    SameHands,
    WrongRecovery,
    decide_recovery,
    excluded_until,
)
from policy_match.values import MONEY_LIMIT_FEN, Uscc

FIRM = Uscc("91370212MA3C4E5F6X")


def decided(kind: str, **changes: Any) -> Recovery:
    fields: dict[str, Any] = {
        "case_id": 12,
        "uscc": FIRM,
        "paid_fen": 1_000,
        "right_fen": 0 if kind == "fraud" else 400,
        "decided_on": date(2025, 6, 30),
        "decided_by": "wang.fang",
        "approved_by": ("li.ming", "zhao.yun"),
        "reason": "审计发现",
    }
    return decide_recovery(kind=RecoveryKind(kind), **{**fields, **changes})


def test_of_an_honest_overpayment_only_the_difference_is_asked_back() -> None:
    recovery = decided("overpayment")
    assert (recovery.asked_fen, recovery.excluded_until) == (600, None)


def test_after_fraud_all_is_asked_back_and_the_firm_is_excluded() -> None:
    recovery = decided("fraud", decided_by=" wang.fang ")
    assert (recovery.asked_fen, recovery.excluded_until) == (1_000, date(2028, 6, 30))
    assert recovery.decided_by == "wang.fang"


def test_the_exclusion_ends_on_the_corresponding_day() -> None:
    assert decided("fraud", decided_on=date(2024, 2, 29)).excluded_until == date(2027, 2, 28)
    assert decided("fraud", exclusion_years=5).excluded_until == date(2030, 6, 30)


@pytest.mark.parametrize("kind", ["fraud", "overpayment"])
@pytest.mark.parametrize("by", ["li.ming", "zhao.yun", " Li.Ming "])
def test_who_approved_does_not_decide(kind: str, by: str) -> None:
    with pytest.raises(SameHands, match="somebody else must decide") as caught:
        decided(kind, decided_by=by)
    assert caught.value.code == "recovery.same-hands"


@pytest.mark.parametrize(
    ("kind", "changes", "defect"),
    [
        ("fraud", {"decided_by": " "}, "nobody is named"),
        ("overpayment", {"reason": " "}, "a reason is needed"),
        ("fraud", {"paid_fen": 0}, "0 fen cannot have been paid"),
        ("fraud", {"paid_fen": MONEY_LIMIT_FEN}, "cannot have been paid"),
        ("overpayment", {"right_fen": 1_000}, "1000 fen paid is not more than 1000 fen"),
        ("overpayment", {"right_fen": 1_001}, "is not more than"),
        ("overpayment", {"right_fen": -1}, "is not more than"),
        ("fraud", {"right_fen": 1}, "nothing is right of what was got by fraud"),
        ("fraud", {"exclusion_years": 0}, "an exclusion of 0 years is none"),
        ("fraud", {"exclusion_years": 9_000}, "an exclusion of 9000 years is none"),
    ],
)
def test_what_makes_no_decision_is_refused(kind: str, changes: dict[str, Any], defect: str) -> None:
    with pytest.raises(WrongRecovery) as caught:
        decided(kind, **changes)
    assert caught.value.code == "recovery.wrong"
    assert defect in caught.value.message("en")
    assert "事项 12：" in caught.value.message("zh")


def test_a_firm_is_excluded_from_the_decision_to_the_last_day() -> None:
    recoveries = [decided("fraud"), decided("fraud", exclusion_years=1), decided("overpayment")]
    for day, until in (
        (date(2025, 6, 29), None),
        (date(2025, 6, 30), date(2028, 6, 30)),
        (date(2028, 6, 30), date(2028, 6, 30)),
        (date(2028, 7, 1), None),
    ):
        assert excluded_until(recoveries, FIRM, day) == until
    assert excluded_until(recoveries, Uscc("91370212MA3C4E5F7X"), date(2025, 7, 1)) is None


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_never_more_is_asked_back_than_was_paid(paid_fen: int, right_fen: int) -> None:
    assert decided("fraud", paid_fen=paid_fen).asked_fen == paid_fen
    if right_fen < paid_fen:
        assert decided("overpayment", paid_fen=paid_fen, right_fen=right_fen).asked_fen == paid_fen - right_fen
