"""Checks a rules repository, and runs its cases.

Guarantees that `check` finds everything that can be found without facts of real firms: loading defects and
missing cases; and that `run_cases` judges by the reference semantics alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_match.errors import PolicyMatchError
from policy_match.expressions.semantics import Row, evaluate
from policy_match.policy.cases import Case, Expected, load_cases, missing_outcomes
from policy_match.policy.defects import RuleDefect, RulesDefective
from policy_match.policy.loader import load_rules
from policy_match.policy.model import Policy, RuleBook
from policy_match.sweep.decide import decide
from policy_match.values import Money, Outcome, PolicyId


@dataclass(frozen=True, kw_only=True, slots=True)
class CasesRun:
    """How many cases of how many policies were run; all passed."""

    policies: int
    cases: int


class CaseFailed(PolicyMatchError):
    """A case expects something else than the rules give."""

    code = "rules.case-failed"
    english = "case '{name}': expected {expected}, but the rules give {found}"
    chinese = "用例“{name}”：期望 {expected}，规则给出 {found}"


def check_rules(folder: Path) -> RuleBook:
    """Return the rules of `folder`. Raises `RulesDefective` with every defect, missing cases included."""
    rules = load_rules(folder)
    load_all_cases(rules)
    return rules


def load_all_cases(rules: RuleBook) -> Mapping[PolicyId, Sequence[Case]]:
    """Return the cases of every policy. Raises `RulesDefective` when some are missing or cannot be read."""
    defects: list[RuleDefect] = []
    cases: dict[PolicyId, Sequence[Case]] = {}
    for policy in rules.policies.values():
        before = len(defects)
        cases[policy.id] = load_cases(policy, rules.catalogue, defects)
        if len(defects) == before:
            defects.extend(missing_outcomes(policy, cases[policy.id]))
    if defects:
        raise RulesDefective(defects)
    return cases


def run_cases(folder: Path) -> CasesRun:
    """Run every case under `folder`. Raises `RulesDefective` with each case that fails."""
    rules = load_rules(folder)
    cases = load_all_cases(rules)
    failures = [run_case(rules.policies[policy_id], case) for policy_id in cases for case in cases[policy_id]]
    defects = [failure for failure in failures if failure is not None]
    if defects:
        raise RulesDefective(defects)
    return CasesRun(policies=len(rules.policies), cases=len(failures))


def run_case(policy: Policy, case: Case) -> RuleDefect | None:
    """Return the defect of a case whose expectation the rules do not meet, or `None`."""
    expected = _words(case.expected.value, case.amount, sorted(case.missing))
    found = _found(policy, case)
    if found == expected or (case.expected is Expected.INELIGIBLE and found.startswith(f"{expected} (")):
        return None
    return RuleDefect(case.path, case.line, CaseFailed(name=case.name, expected=expected, found=found))


def _found(policy: Policy, case: Case) -> str:
    """Return what the rules give, in words; an ineligible firm with the conditions that are false."""
    version = policy.version_at(case.as_of)
    if version is None:
        return Expected.NOT_IN_FORCE.value
    row = Row(case.facts, case.as_of)
    values = [evaluate(condition.when.node, row) for condition in version.conditions]
    cap = None if version.cap is None else version.cap.node
    verdict = decide(values, version.amount.node, cap, version.minimum, row)
    if verdict.outcome is Outcome.INELIGIBLE:
        false = [condition.id for condition, value in zip(version.conditions, values, strict=True) if value is False]
        return f"{verdict.outcome} (false: {', '.join(false)})"
    amount = None if verdict.steps is None else verdict.steps.paid
    return _words(verdict.outcome.value, amount, sorted(verdict.missing))


def _words(outcome: str, amount: Money | None, missing: Sequence[str]) -> str:
    if amount is not None:
        return f"{outcome} {amount}"
    return f"{outcome}, missing {', '.join(missing)}" if missing else outcome
