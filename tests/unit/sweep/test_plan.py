"""Policies compiled together: equal conditions are evaluated once."""

from datetime import date

import pyarrow as pa

from policy_match.expressions.nodes import FactValue, Not
from policy_match.sweep.decision import encode_missing
from policy_match.sweep.plan import plan_sweep
from tests.spec.vocabulary import CATALOGUE, VOCABULARY, fact
from tests.support.policies import make_policy

AS_OF = date(2025, 6, 30)


def test_an_equal_condition_has_one_place_whichever_policy_wrote_it() -> None:
    one = make_policy("one", conditions=["x > 1", "a"], vocabulary=VOCABULARY)
    two = make_policy("two", conditions=["a", "x > 1.0", "not a"], vocabulary=VOCABULARY)
    plan = plan_sweep([one, two], CATALOGUE, AS_OF)
    assert [policy.conditions for policy in plan.policies] == [(0, 1), (1, 0, 2)]
    assert plan.conditions[2].node == Not(operand=FactValue(name=fact("a").name))
    assert [condition.text for condition in plan.conditions] == ["x > 1", "a", "not a"]


def test_conditions_of_different_grains_do_not_share() -> None:
    firm = make_policy("firm", conditions=["a"], vocabulary=VOCABULARY)
    loan = make_policy("loan", conditions=["a"], grain="loan", vocabulary=VOCABULARY)
    plan = plan_sweep([firm, loan], CATALOGUE, AS_OF)
    assert plan.grains == ("firm", "loan")
    assert [condition.grain for condition in plan.conditions] == ["firm", "loan"]
    assert [policy.policy_id for policy in plan.policies_of("loan")] == ["loan"]
    assert [condition.index for condition in plan.conditions_of("loan")] == [1]


def test_the_facts_of_a_grain_are_all_that_its_policies_read_in_catalogue_order() -> None:
    firm = make_policy("firm", conditions=["y > 1"], amount="x", cap="money", vocabulary=VOCABULARY)
    loan = make_policy(
        "loan", conditions=["mean_staff > 1"], amount="loan_principal", grain="loan", vocabulary=VOCABULARY
    )
    plan = plan_sweep([firm, loan], CATALOGUE, AS_OF)
    assert plan.facts_of("firm") == ("x", "y", "money")
    assert plan.facts_of("loan") == ("staff_q1", "staff_q2", "staff_q3", "staff_q4", "loan_principal")


def test_a_plan_without_policies_has_nothing() -> None:
    plan = plan_sweep([], CATALOGUE, AS_OF)
    assert (plan.grains, plan.conditions, plan.policies) == ((), (), ())


def test_missing_facts_are_held_once_each() -> None:
    encoded = encode_missing([("a",), ("a", "b"), ("a",), ()])
    assert encoded.to_pylist() == [["a"], ["a", "b"], ["a"], []]
    assert len(encoded.dictionary) == 3
    assert encode_missing([]).type == pa.dictionary(pa.int32(), pa.list_(pa.string()))
