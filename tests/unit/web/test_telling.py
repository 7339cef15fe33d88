"""How values and formulas are told to a firm."""

import pytest

from policy_match.web.enterprise.telling import in_words, value_in_words
from policy_match.web.portal.saying import Saying


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (None, "人", "尚无数据", "not known"),
        (True, "", "是", "yes"),
        (False, "", "否", "no"),
        ("1234567.50", "元", "1,234,567.50 元", "1,234,567.50 元"),
        ("-3", "", "-3", "-3"),
        ("-0.5", "", "-0.5", "-0.5"),
        ("2025-06-30", "", "2025年6月30日", "30 June 2025"),
        (["C", "F"], "", "C、F", "C, F"),
        ([], "", "无", "none"),
        ("高新技术企业", "", "高新技术企业", "高新技术企业"),
        ("1/3", "", "1/3", "1/3"),
    ],
)
def test_a_value_is_written_for_people(value: object, unit: str, zh: str, en: str) -> None:
    assert value_in_words(value, unit, Saying("zh")) == zh
    assert value_in_words(value, unit, Saying("en")) == en


def test_a_formula_has_the_labels_of_its_facts() -> None:
    labels = {"premium": "缴纳失业保险费", "rate": "返还比例"}
    assert in_words("min(premium * rate, 100) / premium_2", labels) == "min(缴纳失业保险费 × 返还比例, 100) ÷ premium_2"
