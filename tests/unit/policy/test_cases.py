"""Cases beside a policy: what they may say, and what `rules check` asks of them."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest

from policy_match.policy.cases import Case, Expected, load_cases
from policy_match.policy.defects import RuleDefect, RulesDefective
from policy_match.policy.loader import load_rules
from policy_match.services.rule_checks import CasesRun, check_rules, run_cases
from policy_match.values import FactName, Money, PolicyId
from tests.support.rules_folder import CASES, CASES_FILE, POLICY_FILE, RulesFolder

CASE = """
[[case]]
name = "另一个"
as_of = 2025-06-30
outcome = "ineligible"
  [case.facts]
  growth_rate = 0
"""


def cases_of(rules: RulesFolder) -> Sequence[Case]:
    book = load_rules(rules.path)
    defects: list[RuleDefect] = []
    cases = load_cases(book.policies[PolicyId("some-grant")], book.catalogue, defects)
    assert defects == []
    return cases


def test_a_case_takes_the_base_facts_and_its_own(rules: RulesFolder) -> None:
    eligible, ineligible, undetermined, _ = cases_of(rules)
    assert eligible.facts == {
        "employees": Fraction(100),
        "industry": "1310",
        "growth_rate": Fraction(5, 100),
        "revenue": Fraction(1_000_000),
    }
    assert ineligible.facts[FactName("growth_rate")] == Fraction(499, 10_000)
    assert "industry" not in undetermined.facts
    assert (eligible.amount, undetermined.missing) == (Money(1_000_000), frozenset({FactName("industry")}))
    assert (eligible.line, eligible.as_of) == (rules.line(CASES_FILE, "[[case]]"), date(2025, 6, 30))


def test_every_type_of_fact_can_be_given(rules: RulesFolder) -> None:
    rules.write(
        CASES_FILE,
        CASES + CASE + "  arrears = true\n  founded = 2020-02-29\n  titles = ['甲', '乙 2020-01-01/..']\n"
        "  size_class = 'small'\n  revenue = 0.01\n",
    )
    facts = cases_of(rules)[-1].facts
    assert {
        name: facts[name] for name in facts if name in ("arrears", "founded", "titles", "size_class", "revenue")
    } == {
        "arrears": True,
        "founded": date(2020, 2, 29),
        "titles": ("甲", "乙 2020-01-01/.."),
        "size_class": "small",
        "revenue": Fraction(1, 100),
    }


def test_check_and_test_pass_on_a_sound_repository(rules: RulesFolder) -> None:
    assert list(check_rules(rules.path).policies) == ["some-grant"]
    assert run_cases(rules.path) == CasesRun(policies=1, cases=4)


def test_a_policy_without_cases_is_refused(rules: RulesFolder) -> None:
    (rules.path / CASES_FILE).unlink()
    assert rules.defects(load=check_rules) == [
        f"{POLICY_FILE}:1: there is no some-grant.cases.toml; write cases for eligible, ineligible and undetermined "
        "firms"
    ]
    assert rules.defects("zh", load=check_rules) == [
        f"{POLICY_FILE}:1: 缺少 some-grant.cases.toml；请为符合、不符合、无法判定各写用例"
    ]


@pytest.mark.parametrize("outcome", ["eligible", "ineligible", "undetermined"])
def test_a_policy_without_a_case_for_an_outcome_is_refused(rules: RulesFolder, outcome: str) -> None:
    head, *cases = CASES.split("[[case]]")
    kept = [case for case in cases if f'outcome = "{outcome}"' not in case]
    rules.write(CASES_FILE, "[[case]]".join([head, *kept]))
    assert rules.defects(load=check_rules) == [
        f"{CASES_FILE}:1: no case with outcome '{outcome}'; every policy shows a firm that is {outcome}"
    ]
    assert rules.defects("zh", load=check_rules) == [
        f"{CASES_FILE}:1: 没有 outcome 为“{outcome}”的用例；每项政策须有该结果的示例"
    ]


def test_cases_that_are_not_toml_are_one_defect(rules: RulesFolder) -> None:
    rules.write(CASES_FILE, "x = = 1")
    [defect] = rules.defects(load=check_rules)
    assert defect.startswith(f"{CASES_FILE}:1: not valid TOML: ")


@pytest.mark.parametrize(
    ("old", "new", "english", "chinese"),
    [
        (
            "employees = 100",
            "employes = 100",
            "unknown key `employes`; did you mean `employees`?",
            "未知的键“employes”",
        ),
        (
            "employees = 100",
            "loan_principal = 100",
            "unknown key `loan_principal`; known keys are arrears, employees, ",
            "未知的键“loan_principal”；可用的键：arrears, ",
        ),
        (
            "employees = 100",
            "employees = 100.5",
            "`employees` must be a whole number, not a number",
            "“employees”应为整数，而不是数字",
        ),
        (
            "employees = 100",
            "employees = -1",
            "`employees` must be within the fact's range, not -1",
            "“employees”应为该事实允许范围内的值，而不是 -1",
        ),
        (
            "growth_rate = 0.05",
            "growth_rate = 10.6",
            "`growth_rate` must be within the fact's range, not 10.6",
            "“growth_rate”应为该事实允许范围内的值，而不是 10.6",
        ),
        (
            "growth_rate = 0.05",
            "growth_rate = 0.05001",
            "`growth_rate` must be at most 4 decimals, not 0.05001",
            "“growth_rate”应为最多 4 位小数的数字，而不是 0.05001",
        ),
        (
            "growth_rate = 0.05",
            "growth_rate = nan",
            "`growth_rate` must be a number below 1e36 with at most 36 decimals, not NaN",
            "“growth_rate”应为小于 1e36、最多 36 位小数的数字，而不是 NaN",
        ),
        (
            'industry = "1310"',
            'size_class = "medium"',
            "`size_class` cannot be 'medium'; it is one of large, small",
            "“size_class”不能是“medium”；可选：large, small",
        ),
        (
            'industry = "1310"',
            "titles = [1]",
            "`titles` must be a list of strings, not other values",
            "“titles”应为文本列表",
        ),
        (
            "as_of = 2025-06-30",
            "as_of = 2025-06-30T00:00:00Z",
            "`as_of` must be a date, not a date with a time",
            "“as_of”应为日期，而不是带时刻的日期",
        ),
        ("as_of = 2025-06-30", "", "`as_of` is missing; it is required", "缺少“as_of”；此键必填"),
        (
            'outcome = "eligible"',
            'outcome = "elligible"',
            "`outcome` cannot be 'elligible', did you mean 'eligible'?; it is one of eligible, ineligible, "
            "undetermined, not_in_force",
            "“outcome”不能是“elligible”，是否想写“eligible”？",
        ),
        ("amount = 10000.00", "", "`amount` is missing; an eligible case states the amount in yuan", "缺少“amount”"),
        (
            "amount = 10000.00",
            "amount = 10000.005",
            "`amount` must be yuan with at most two decimals, not 10000.005",
            "“amount”应为最多两位小数的元数，而不是 10000.005",
        ),
        (
            'outcome = "ineligible"',
            'outcome = "ineligible"\namount = 1',
            "`amount` must be absent unless eligible, not 1",
            "“amount”应为仅在符合时填写的值，而不是 1",
        ),
        (
            'missing = ["industry"]',
            "",
            "`missing` is missing; an undetermined case names the missing facts",
            "缺少“missing”；无法判定的用例须写明缺少的事实",
        ),
        (
            'outcome = "ineligible"',
            'outcome = "ineligible"\nmissing = ["industry"]',
            "`missing` must be absent unless undetermined, not a list",
            "“missing”应为仅在无法判定时填写的值，而不是列表",
        ),
        (
            'missing = ["industry"]',
            'missing = ["industri"]',
            "unknown key `industri`; did you mean `industry`?",
            "未知的键",
        ),
        (
            'unknown = ["industry"]',
            'unknown = ["founded"]',
            "unknown key `founded`; known keys are ",
            "未知的键“founded”",
        ),
        ('name = "符合"', 'name = "符合"\nnote = 1', "unknown key `note`; known keys are amount, ", "未知的键“note”"),
        ('name = "增速不足"', 'name = "符合"', "`符合` is already defined in this file", "“符合”已在本文件中定义"),
        ("[base]", "[bases]", "unknown key `bases`; did you mean `base`?", "未知的键“bases”"),
    ],
)
def test_a_defect_of_a_case_is_named_at_its_place(
    rules: RulesFolder, old: str, new: str, english: str, chinese: str
) -> None:
    rules.spoil(CASES_FILE, old, new)
    found = [defect for defect in rules.defects(load=check_rules) if english in defect]
    assert len(found) == 1
    assert found[0].startswith(f"{CASES_FILE}:")
    if new and "name = " not in new:
        line = rules.line(CASES_FILE, new) + new.count("\n")
        assert found[0].startswith(f"{CASES_FILE}:{line}: ")
    assert any(chinese in defect for defect in rules.defects("zh", load=check_rules))


@pytest.mark.parametrize(
    ("old", "new", "english"),
    [
        (
            "amount = 10000.00",
            "amount = 10000.01",
            "case '符合': expected eligible 10,000.01, but the rules give eligible 10,000.00",
        ),
        (
            "growth_rate = 0.0499",
            "growth_rate = 0.0500",
            "case '增速不足': expected ineligible, but the rules give eligible 10,000.00",
        ),
        (
            'missing = ["industry"]',
            'missing = ["employees", "industry"]',
            "case '行业未知': expected undetermined, missing employees, industry, but the rules give undetermined, "
            "missing industry",
        ),
        (
            "as_of = 2024-12-31",
            "as_of = 2025-01-01",
            "case '施行前': expected not_in_force, but the rules give eligible 10,000.00",
        ),
        (
            "growth_rate = 0.05\n",
            "growth_rate = 0.04\n",
            "case '符合': expected eligible 10,000.00, but the rules give ineligible (false: growth)",
        ),
        (
            "as_of = 2025-06-30",
            "as_of = 2020-06-30",
            "case '符合': expected eligible 10,000.00, but the rules give not_in_force",
        ),
    ],
)
def test_a_case_that_the_rules_do_not_meet_names_both_results(
    rules: RulesFolder, old: str, new: str, english: str
) -> None:
    rules.spoil(CASES_FILE, old, new)
    with pytest.raises(RulesDefective) as refused:
        run_cases(rules.path)
    first = refused.value.defects[0]
    assert first.error.message("en") == english
    name = english.split("'")[1]
    assert first.line == rules.line(CASES_FILE, f'[[case]]\nname = "{name}"')
    assert "期望" in first.message("zh")


def test_a_case_expects_one_of_four_words() -> None:
    assert [word.value for word in Expected] == ["eligible", "ineligible", "undetermined", "not_in_force"]
