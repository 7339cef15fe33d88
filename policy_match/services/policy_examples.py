"""The worked examples of a policy: its test cases, each with what the rules give for it now.

Guarantees that an example is judged as `policy-match rules test` judges it. Reading cases is `policy.cases`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.policy.cases import Case, cases_path, load_cases
from policy_match.policy.defects import RuleDefect, RulesDefective
from policy_match.policy.model import RuleBook
from policy_match.services.explain import NoSuchPolicy
from policy_match.services.rule_checks import CaseFailed, run_case
from policy_match.values import PolicyId


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One case; `found` is what the rules give where that is not what the case expects, else empty."""

    case: Case
    found: str


def policy_examples(rules: RuleBook, policy_id: PolicyId) -> Sequence[Example]:
    """Return the examples of a policy, none when it has no file of cases. Raises `NoSuchPolicy`, `RulesDefective`."""
    policy = rules.policies.get(policy_id)
    if policy is None:
        raise NoSuchPolicy(policy_id, sorted(rules.policies))
    if not cases_path(policy).is_file():
        return ()
    defects: list[RuleDefect] = []
    cases = load_cases(policy, rules.catalogue, defects)
    if defects:
        raise RulesDefective(defects)
    return [Example(case=case, found=_found(run_case(policy, case))) for case in cases]


def _found(defect: RuleDefect | None) -> str:
    if defect is None:
        return ""
    assert isinstance(defect.error, CaseFailed), "a case that was read can only fail"
    return str(defect.error.fields["found"])
