"""The fingerprint of a version changes with whatever can change a decision or its explanation, with nothing else."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from policy_match.policy.fingerprint import canonical, canonical_version, digest, plain
from policy_match.policy.loader import load_rules
from policy_match.policy.model import CostShare
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


def test_values_have_one_plain_form_that_says_their_type() -> None:
    values = [Decimal("1.50"), date(2025, 1, 31), Money(5), Outcome.ELIGIBLE, (1, None), {"a": True}, "1.5"]
    assert plain(values) == [
        {"decimal": "1.5"},
        {"date": "2025-01-31"},
        {"money_fen": "5"},
        "eligible",
        [1, None],
        {"a": True},
        "1.5",
    ]
    assert canonical({"b": 1, "a": "岛"}) == '{"a":"岛","b":1}'.encode()


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("1E+2", "100"),
        ("100.00", "100"),
        ("-0.0", "0"),
        ("0.10", "0.1"),
        ("1e-7", "0.0000001"),
        (
            "123456789012345678901234567890123456.1234567890123456",
            "123456789012345678901234567890123456.1234567890123456",
        ),
    ],
)
def test_a_number_keeps_all_its_digits_and_is_written_one_way(written: str, digits: str) -> None:
    assert plain(Decimal(written)) == {"decimal": digits}


def test_an_integer_beyond_the_exact_numbers_of_json_is_written_as_text() -> None:
    assert [plain(2**53 - 1), plain(2**53), plain(-(2**53))] == [
        2**53 - 1,
        {"integer": "9007199254740992"},
        {"integer": "-9007199254740992"},
    ]


def test_where_a_rule_is_written_is_left_out_but_a_budget_line_is_not() -> None:
    assert plain(CostShare(line="city-industry", share=Decimal("0.6"))) == {
        "kind": "CostShare",
        "line": "city-industry",
        "share": {"decimal": "0.6"},
    }


@pytest.mark.parametrize(
    "value", [object(), datetime(2025, 1, 1, tzinfo=UTC), Decimal("NaN"), Decimal("Infinity"), 0.5]
)
def test_what_has_no_canonical_form_is_a_bug(value: object) -> None:
    with pytest.raises(TypeError, match="has no canonical form"):
        plain(value)
