"""The fingerprint of a version changes with whatever can change a decision or its explanation, with nothing else."""

from datetime import date
from decimal import Decimal

import pytest

from policy_match.policy.fingerprint import canonical, digest, plain
from policy_match.policy.loader import load_rules
from policy_match.policy.policy_loader import canonical_version
from policy_match.values import Digest, Money, Outcome, PolicyId
from tests.support.rules_folder import DEFINITIONS_FILE, FACTS_FILE, PARAMETERS_FILE, POLICY_FILE, RulesFolder


def fingerprints(rules: RulesFolder) -> tuple[Digest, ...]:
    """Return those of the two versions, then that of the whole repository."""
    book = load_rules(rules.path)
    return (*(version.fingerprint for version in book.policies[PolicyId("some-grant")].versions), book.fingerprint)


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        (POLICY_FILE, 'when = "growth_rate >= target"', 'when = "growth_rate > target"', (True, False, True)),
        (POLICY_FILE, "cap = 50000", "cap = 50001", (True, False, True)),
        (POLICY_FILE, "minimum = 100.50", "minimum = 100.51", (True, False, True)),
        (POLICY_FILE, 'article = "二"', 'article = "三"', (True, False, True)),
        (POLICY_FILE, "增速不低于控制目标", "增速达到控制目标", (True, False, True)),
        (POLICY_FILE, "effective_to = 2025-12-31", "effective_to = 2025-12-30", (True, False, True)),
        (POLICY_FILE, 'delivery = "confirm"', 'delivery = "direct"', (True, True, True)),
        (POLICY_FILE, "confirm_days = 10", "confirm_days = 11", (True, True, True)),
        (POLICY_FILE, 'number = "某发〔2025〕1号"', 'number = "某发〔2025〕2号"', (True, True, True)),
        (PARAMETERS_FILE, "value = 0.05\n", "value = 0.051\n", (True, False, True)),
        (PARAMETERS_FILE, '"13" = 1000', '"13" = 999', (True, True, True)),
        (PARAMETERS_FILE, '["16", "90"]', '["16", "91"]', (True, True, True)),
        (DEFINITIONS_FILE, "employees >=", "employees >", (True, True, True)),
        (DEFINITIONS_FILE, 'reference = "某目录"', 'reference = "某新目录"', (False, False, True)),
        (FACTS_FILE, "fresh_days = 400", "fresh_days = 399", (False, False, True)),
        (POLICY_FILE, 'id = "some-grant"', '# why\nid = "some-grant"', (False, False, False)),
        (POLICY_FILE, "cap = 50000", "cap  =  50_000", (False, False, False)),
        (POLICY_FILE, "minimum = 100.50", "minimum = 100.5", (False, False, False)),
        (PARAMETERS_FILE, "value = 0.055", "value = 0.0550", (False, False, False)),
    ],
)
def test_the_fingerprint_changes_with_the_rule(
    rules: RulesFolder, file: str, old: str, new: str, changed: tuple[bool, ...]
) -> None:
    before = fingerprints(rules)
    rules.spoil(file, old, new)
    assert tuple(one != other for one, other in zip(before, fingerprints(rules), strict=True)) == changed


def test_where_the_repository_lies_does_not_matter(rules: RulesFolder) -> None:
    before = fingerprints(rules)
    assert fingerprints(RulesFolder(rules.path.parent / "elsewhere")) == before


def test_the_fingerprint_is_the_digest_of_the_canonical_text(rules: RulesFolder) -> None:
    policy = load_rules(rules.path).policies[PolicyId("some-grant")]
    for version in policy.versions:
        assert digest(canonical_version(policy, version)) == version.fingerprint


def test_values_have_one_plain_form() -> None:
    values = [Decimal("1.50"), Decimal("1E+2"), date(2025, 1, 31), Money(5), Outcome.ELIGIBLE, (1, None), {"a": True}]
    assert plain(values) == ["1.5", "100", "2025-01-31", {"fen": "5"}, "eligible", [1, None], {"a": True}]
    assert canonical({"b": 1, "a": "岛"}) == '{"a":"岛","b":1}'.encode()


def test_what_has_no_canonical_form_is_a_bug() -> None:
    with pytest.raises(TypeError, match="object has no canonical form"):
        plain(object())
