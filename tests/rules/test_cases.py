"""Does the law say so? Every case of every policy, one test each."""

from pathlib import Path

import pytest

from policy_match.policy.cases import Case
from policy_match.policy.loader import load_rules
from policy_match.policy.model import Policy
from policy_match.services.rule_checks import check_rules, load_all_cases, run_case

RULES = Path(__file__).parents[2] / "rules"
BOOK = load_rules(RULES)
CASES = [
    pytest.param(BOOK.policies[policy_id], case, id=f"{policy_id}: {case.name}")
    for policy_id, cases in load_all_cases(BOOK).items()
    for case in cases
]


@pytest.mark.parametrize(("policy", "case"), CASES)
def test_the_rules_give_what_the_case_expects(policy: Policy, case: Case) -> None:
    failure = run_case(policy, case)
    assert failure is None, failure.message("zh") if failure else ""


def test_the_repository_is_sound() -> None:
    assert len(check_rules(RULES).policies) >= 10
