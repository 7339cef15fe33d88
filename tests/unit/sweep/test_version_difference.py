"""What two versions of a policy differ in: every field of the model is told, and nothing where both say the same."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from policy_match.policy.loader import load_rules
from policy_match.policy.model import (
    Allocation,
    ApprovalStage,
    Basis,
    Benefit,
    Budget,
    CostShare,
    Delivery,
    Instalment,
    LimitedStage,
    Limits,
    PayeeKind,
    Policy,
    PolicyVersion,
    PriorAid,
    Process,
    RetainedTax,
    Rhythm,
    SharedLimit,
    Silence,
    Stacking,
    StackingRule,
    StageLimit,
)
from policy_match.sweep.version_difference import ChangeKind, Part, VersionChange, version_changes
from policy_match.values import FactName, Money, Period, PolicyId
from tests.support.kept import PARAMETERS, write_rules

Side = tuple[Policy, PolicyVersion]


def side(folder: Path, **texts: object) -> Side:
    """Return the policy `refund` as it is written with these texts."""
    policy = write_rules(folder, **texts).policies[PolicyId("refund")]  # type: ignore[arg-type]
    return policy, policy.versions[0]


@pytest.fixture
def before(tmp_path: Path) -> Side:
    return side(tmp_path / "before")


def told(before: Side, after: Side) -> list[tuple[Part, ChangeKind, str]]:
    return [(each.part, each.kind, each.name) for each in version_changes(before, after)]


def the_one(before: Side, after: Side) -> VersionChange:
    (change,) = version_changes(before, after)
    return change


def test_the_same_text_has_no_difference(before: Side, tmp_path: Path) -> None:
    assert version_changes(before, side(tmp_path / "again")) == []


def test_another_threshold_is_the_rule_of_its_condition(before: Side, tmp_path: Path) -> None:
    change = the_one(before, side(tmp_path / "after", headcount=30))
    assert (change.part, change.name, change.articles) == (Part.CONDITION, "size", ("一",))
    assert change.before is not None
    assert change.after is not None
    assert (change.before.zh, change.after.zh) == ("insured_headcount >= 20", "insured_headcount >= 30")
    assert change.what.zh == "条件“参保人数达到要求”的规则"


def test_another_value_is_told_by_its_day_and_not_as_another_rule(before: Side, tmp_path: Path) -> None:
    change = the_one(before, side(tmp_path / "after", parameters=PARAMETERS.replace("value = 0.6", "value = 0.7")))
    assert (change.part, change.name) == (Part.PARAMETER, "refund_rate")
    assert change.what.zh == "“refund_rate”自 2026-01-01 起"
    assert (change.before, change.after) == (("0.6", "0.6"), ("0.7", "0.7"))


def test_another_way_to_compute_is_told(before: Side, tmp_path: Path) -> None:
    change = the_one(before, side(tmp_path / "after", amount="premium_paid * refund_rate * 2"))
    assert (change.part, change.name) == (Part.AMOUNT, "amount")


def test_a_condition_that_came_or_went_is_told_whole(before: Side) -> None:
    policy, version = before
    less = (policy, replace(version, conditions=version.conditions[:1]))
    gone = the_one(before, less)
    assert (gone.kind, gone.name, gone.after) == (ChangeKind.REMOVED, "age", None)
    assert gone.before is not None
    assert "二" in gone.before.zh
    assert the_one(less, before).kind is ChangeKind.ADDED


def test_words_and_article_of_a_condition_are_told_apart(before: Side) -> None:
    policy, version = before
    other = replace(version.conditions[0], text="另一种表述", article="第九条")
    changed = (policy, replace(version, conditions=(other, version.conditions[1])))
    changes = version_changes(before, changed)
    assert [(each.part, each.articles) for each in changes] == [(Part.CONDITION, ("一", "第九条"))] * 2


POLICY: dict[str, Callable[[Policy], Policy]] = {
    "title": lambda policy: replace(policy, title="另一名称"),
    "title_en": lambda policy: replace(policy, title_en="another title"),
    "department": lambda policy: replace(policy, department="财政局"),
    "jurisdiction": lambda policy: replace(policy, jurisdiction="110000"),
    "benefit": lambda policy: replace(policy, benefit=Benefit.EQUITY),
    "delivery": lambda policy: replace(policy, delivery=Delivery.DIRECT),
    "rhythm": lambda policy: replace(policy, rhythm=Rhythm.MONTH),
    "grain": lambda policy: replace(policy, grain="loan"),
    "encoding_grade": lambda policy: replace(policy, encoding_grade="B"),
    "basis": lambda policy: replace(policy, basis=(Basis(document="文件", number="1号"),)),
    "stacking": lambda policy: replace(policy, stacking=Stacking(group="x", rule=StackingRule.TOP_UP)),
    "budget": lambda policy: replace(policy, budget=Budget(fund="x", allocation=Allocation.RANK)),
    "prior_aid": lambda policy: replace(policy, prior_aid=PriorAid(matters=("equipment",))),
    "instalments": lambda policy: replace(policy, instalments=(Instalment(share=Decimal(1)),)),
    "cost_shares": lambda policy: replace(policy, cost_shares=(CostShare(line="city", share=Decimal("0.4")),)),
    "process": lambda policy: replace(policy, process=replace(policy.process, confirm_days=99)),
    "limits": lambda policy: replace(policy, limits=replace(policy.limits, item_fen=99)),
}
PROCESS: dict[str, Callable[[Process], Process]] = {
    "confirm_days": lambda process: replace(process, confirm_days=99),
    "silence": lambda process: replace(process, silence=Silence.ACCEPTED),
    "publicity_days": lambda process: replace(process, publicity_days=99),
    "approvals": lambda process: replace(process, approvals=(ApprovalStage(role="x", count=2, from_fen=100),)),
    "recheck_days": lambda process: replace(process, recheck_days=99),
    "payee": lambda process: replace(process, payee=PayeeKind.BANK),
    "remind_days": lambda process: replace(process, remind_days=()),
    "limits": lambda process: replace(process, limits=(StageLimit(stage=LimitedStage.SEND, days=9),)),
    "commitment": lambda process: replace(process, commitment=True),
}
LIMITS: dict[str, Callable[[Limits], Limits]] = {
    "item_fen": lambda limits: replace(limits, item_fen=1),
    "year_fen": lambda limits: replace(limits, year_fen=1),
    "lifetime_fen": lambda limits: replace(limits, lifetime_fen=1),
    "minimum_payout_fen": lambda limits: replace(limits, minimum_payout_fen=1),
    "shared": lambda limits: replace(limits, shared=SharedLimit(name="x", year_fen=1)),
    "retained_tax": lambda limits: replace(
        limits, retained_tax=RetainedTax(fact=FactName("premium_paid"), share=Decimal("0.5"))
    ),
}
VERSION: dict[str, Callable[[PolicyVersion], PolicyVersion]] = {
    "label": lambda version: replace(version, label="另一版"),
    "in_force": lambda version: replace(version, in_force=Period(date(2020, 1, 1), date(2030, 1, 1))),
    "minimum": lambda version: replace(version, minimum=Money(500)),
    "cap": lambda version: replace(version, cap=version.amount),
}
CHANGED: dict[str, Callable[[Side], Side]] = {
    **{f"policy.{name}": (lambda side, do=do: (do(side[0]), side[1])) for name, do in POLICY.items()},  # type: ignore[misc]
    **{
        f"process.{name}": (lambda side, do=do: (replace(side[0], process=do(side[0].process)), side[1]))  # type: ignore[misc]
        for name, do in PROCESS.items()
    },
    **{
        f"limits.{name}": (lambda side, do=do: (replace(side[0], limits=do(side[0].limits)), side[1]))  # type: ignore[misc]
        for name, do in LIMITS.items()
    },
    **{f"version.{name}": (lambda side, do=do: (side[0], do(side[1]))) for name, do in VERSION.items()},  # type: ignore[misc]
}


@pytest.mark.parametrize("name", CHANGED)
def test_every_field_is_told_both_ways(before: Side, name: str) -> None:
    after = CHANGED[name](before)
    assert version_changes(before, after)
    assert len(version_changes(before, after)) == len(version_changes(after, before))


def test_no_field_of_the_model_is_left_out() -> None:
    beside = {"id", "versions", "path", "review_on"}
    assert {each.name for each in fields(Policy)} - beside == set(POLICY)
    assert {each.name for each in fields(Process)} == set(PROCESS)
    assert {each.name for each in fields(Limits)} == set(LIMITS)
    assert {each.name for each in fields(PolicyVersion)} - {"conditions", "amount", "fingerprint"} == set(VERSION)


def test_all_shipped_policies_are_compared_with_themselves_and_each_other() -> None:
    policies = list(load_rules(Path(__file__).parents[3] / "rules").policies.values())
    assert policies
    for policy in policies:
        for version in policy.versions:
            assert version_changes((policy, version), (policy, version)) == []
            other = policies[0], policies[0].versions[0]
            assert bool(version_changes((policy, version), other)) is (version != other[1])
