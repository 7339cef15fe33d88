"""How values are told to people: by the type of the fact, with words for codes, days for periods, units in English."""

import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policy_match.expressions.semantics import FactualValue
from policy_match.facts.catalogue import Fact, FactType
from policy_match.values import FactName
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.telling import computed_in_words, money_in_words, named_in_words, value_in_words
from policy_match.web.portal.value_words import SHARE, UNITS, VALUES, YEAR

FACTS = tomllib.loads((Path(__file__).parents[3] / "rules/facts.toml").read_text(encoding="utf-8"))
ZH, EN = Saying("zh"), Saying("en")


def fact(kind: FactType, name: str = "any", unit: str = "") -> Fact:
    return Fact(name=FactName(name), label="示例", type=kind, unit=unit)


@pytest.mark.parametrize(
    ("value", "fact", "zh", "en"),
    [
        (None, fact(FactType.INTEGER, unit="人"), "尚无数据", "not known"),
        (True, fact(FactType.BOOLEAN), "是", "yes"),
        (False, fact(FactType.BOOLEAN), "否", "no"),
        ("1234567.5", fact(FactType.MONEY), "1,234,567.50 元", "1,234,567.50 yuan"),
        ("33712137.29", fact(FactType.MONEY, unit="元"), "33,712,137.29 元", "33,712,137.29 yuan"),
        ("3000000", fact(FactType.MONEY), "3,000,000 元", "3,000,000 yuan"),
        ("-3", fact(FactType.INTEGER), "-3", "-3"),
        ("1200", fact(FactType.INTEGER, unit="人"), "1,200 人", "1,200 people"),
        ("1", fact(FactType.INTEGER, unit="月"), "1 月", "1 month"),
        ("12", fact(FactType.INTEGER, unit="月"), "12 月", "12 months"),
        ("0.625", fact(FactType.DECIMAL, unit="比例"), "62.5%", "62.5%"),
        ("1", fact(FactType.DECIMAL, unit="比例"), "100%", "100%"),
        ("7.5", fact(FactType.DECIMAL, unit="吨"), "7.5 吨", "7.5 吨"),
        ("2024", fact(FactType.INTEGER, unit="年"), "2024年", "2024"),
        ("0", fact(FactType.INTEGER, "hnte_first_year", "年"), "从未认定", "never certified"),
        ("370268", fact(FactType.STRING), "370268", "370268"),
        ("7519", fact(FactType.STRING), "7519", "7519"),
        ("2025-06-30", fact(FactType.STRING), "2025-06-30", "2025-06-30"),
        ("law_firm", fact(FactType.STRING, "entity_type"), "律师事务所", "law firm"),
        ("山东省", fact(FactType.STRING, "hnte_first_authority"), "山东省", "Shandong Province"),
        ("2025-06-30", fact(FactType.DATE), "2025年6月30日", "30 June 2025"),
        (["C", "F"], fact(FactType.STRING_LIST), "C、F", "C, F"),
        ([], fact(FactType.STRING_LIST), "无", "none"),
        (
            ["2024-04-29/2025-02-08", "2026-01-01/.."],
            fact(FactType.STRING_LIST),
            "2024年4月29日 至 2025年2月8日、2026年1月1日起",
            "29 April 2024 to 8 February 2025, since 1 January 2026",
        ),
        (
            ["central 2026-01-01/2026-12-31"],
            fact(FactType.STRING_LIST, "other_interest_subsidy_on_loan"),
            "中央 2026年1月1日 至 2026年12月31日",
            "central 1 January 2026 to 31 December 2026",
        ),
        (["no/day"], fact(FactType.STRING_LIST), "no/day", "no/day"),
        ("1234", None, "1234", "1234"),
    ],
)
def test_a_value_is_written_by_the_type_of_its_fact(value: object, fact: Fact | None, zh: str, en: str) -> None:
    assert (value_in_words(value, fact, ZH), value_in_words(value, fact, EN)) == (zh, en)


@pytest.mark.parametrize(
    ("value", "is_text", "zh"),
    [
        ("2013-05-06", False, "2013年5月6日"),
        ("1234.5", False, "1,234.5"),
        ("1/3", False, "1/3"),
        ("3702", True, "3702"),
        (True, False, "是"),
    ],
)
def test_a_part_of_a_code_is_no_number(value: object, is_text: bool, zh: str) -> None:
    assert computed_in_words(value, ZH, is_text=is_text) == zh


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("limit", Fraction(3_000_000), "3,000,000", "3,000,000"),
        ("rate", Fraction(1, 3), "1/3", "1/3"),
        ("is_manufacturing", False, "否", "no"),
        ("is_manufacturing", None, "尚无数据", "not known"),
        ("start", date(2026, 1, 1), "2026年1月1日", "1 January 2026"),
        ("size_class", "micro", "微型", "micro"),
        ("size_groups", "other_services", "其他未列明行业", "other services"),
        ("size_indicators", "XY", "XY", "XY"),
    ],
)
def test_a_parameter_or_definition_is_written_by_its_value(
    name: str, value: FactualValue | None, zh: str, en: str
) -> None:
    assert (named_in_words(name, value, ZH), named_in_words(name, value, EN)) == (zh, en)


def test_an_amount_has_its_fen() -> None:
    assert (money_in_words("51360.31", ZH), money_in_words("51360.31", EN)) == ("51,360.31 元", "51,360.31 yuan")


def test_every_listed_value_and_every_unit_of_the_catalogue_has_words() -> None:
    unsaid = [
        (name, value)
        for name, each in FACTS.items()
        for value in each.get("values", [])
        if value not in VALUES.get(name, {}) and not (len(value) == 1 and value.isascii() and value.isupper())
    ]
    assert unsaid == []
    assert {each["unit"] for each in FACTS.values() if "unit" in each} <= {*UNITS, YEAR, SHARE}
