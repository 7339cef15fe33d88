"""Instalments and cost shares: parts that add up to the whole, to the fen."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.entitlements.apportion import apportion
from policy_match.entitlements.cost_share import CostPart, shares_of, split_cost
from policy_match.entitlements.errors import NoBudgetLine
from policy_match.entitlements.instalments import DueInstalment, instalments
from policy_match.entitlements.model import terms_of
from policy_match.facts.catalogue import FIRM
from policy_match.policy.loader import load_rules
from policy_match.policy.model import Allocation as Rule
from policy_match.policy.model import (
    Budget,
    CostShare,
    Instalment,
    Limits,
    Policy,
    PriorAid,
    StillTest,
)
from policy_match.values import PolicyId
from tests.support.rules_folder import RulesFolder

AS_OF = date(2025, 8, 31)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """A policy with a budget and a stacking group."""
    return load_rules(RulesFolder(tmp_path / "rules").path).policies[PolicyId("some-grant")]


@pytest.mark.parametrize(
    ("fen", "weights", "parts"),
    [
        (100, ("0.6", "0.4"), (60, 40)),
        (101, ("0.5", "0.5"), (51, 50)),
        (100, ("0.333", "0.333", "0.334"), (33, 33, 34)),
        (1, ("0.3", "0.3", "0.4"), (0, 0, 1)),
        (0, ("0.3", "0.7"), (0, 0)),
        (7, ("1",), (7,)),
    ],
)
def test_what_is_left_goes_to_the_largest_remainders(fen: int, weights: tuple[str, ...], parts: tuple[int]) -> None:
    assert apportion(fen, [Decimal(weight) for weight in weights]) == parts


@given(st.integers(0, 10**17), st.lists(st.integers(0, 10**9), min_size=1, max_size=9).filter(any))
def test_the_parts_add_up_and_none_is_off_by_a_fen(fen: int, weights: list[int]) -> None:
    parts = apportion(fen, weights)
    assert sum(parts) == fen
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - fen * weight) < sum(weights)


def test_without_a_plan_everything_is_due_on_the_as_of_date() -> None:
    assert instalments(70, (), AS_OF) == (DueInstalment(number=1, fen=70, due_from=AS_OF),)


def test_instalments_fall_due_months_later_or_on_the_last_day_of_the_month() -> None:
    plan = (
        Instalment(share=Decimal("0.6")),
        Instalment(share=Decimal("0.3"), months=6),
        Instalment(share=Decimal("0.1"), months=12, still=StillTest.REGISTERED),
    )
    assert instalments(1001, plan, AS_OF) == (
        DueInstalment(number=1, fen=601, due_from=AS_OF),
        DueInstalment(number=2, fen=300, due_from=date(2026, 2, 28)),
        DueInstalment(number=3, fen=100, due_from=date(2026, 8, 31), still=StillTest.REGISTERED),
    )


def test_an_instalment_without_a_fen_is_left_out_and_the_others_keep_their_numbers() -> None:
    plan = (Instalment(share=Decimal("0.2")), Instalment(share=Decimal("0.8"), months=12))
    assert [(each.number, each.fen) for each in instalments(1, plan, AS_OF)] == [(2, 1)]


def test_budget_lines_bear_their_shares(policy: Policy) -> None:
    shared = replace(
        policy,
        cost_shares=(
            CostShare(line="city", share=Decimal("0.6")),
            CostShare(line="district", share=Decimal("0.4")),
        ),
    )
    assert split_cost(101, shares_of(shared), 2025) == (
        CostPart(line="city-2025", fen=61),
        CostPart(line="district-2025", fen=40),
    )


def test_without_cost_shares_the_fund_bears_everything(policy: Policy) -> None:
    funded = replace(policy, budget=Budget(fund="jobs", allocation=Rule.RANK))
    assert split_cost(101, shares_of(funded), 2026) == (CostPart(line="jobs-2026", fen=101),)


def test_a_policy_that_names_no_money_is_refused(policy: Policy) -> None:
    with pytest.raises(NoBudgetLine, match="policy some-grant names no budget") as refused:
        shares_of(replace(policy, budget=None))
    assert refused.value.message("zh").startswith("政策 some-grant 未写明资金来源")


def test_the_terms_of_a_policy_are_what_it_says_about_amounts(policy: Policy) -> None:
    limits = Limits(year_fen=5)
    found = terms_of(replace(policy, limits=limits, prior_aid=PriorAid(matters=("m", "n"))))
    assert (found.policy_id, found.grain, found.limits) == (policy.id, FIRM, limits)
    assert (found.matters, found.stacking, found.plain) == (frozenset({"m", "n"}), policy.stacking, False)
    assert terms_of(replace(policy, stacking=None)).plain
