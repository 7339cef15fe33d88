"""How formulas are told to a firm."""

import pytest

from policy_match.web.enterprise.formulas import in_words
from policy_match.web.portal.saying import Saying

LABELS = {
    "premium": "缴纳失业保险费",
    "rate": "返还比例",
    "small": "小微企业",
    "large": "大型企业",
    "power": "用电量",
}


@pytest.mark.parametrize(
    ("formula", "zh", "en"),
    [
        (
            "min(premium * rate, 100) / premium_2",
            "min（缴纳失业保险费 × 返还比例，100）÷ premium_2",
            "min(缴纳失业保险费 × 返还比例, 100) ÷ premium_2",
        ),
        (
            "premium * (small ? 0.60 : (large ? 0.30 : 0.60))",
            "缴纳失业保险费 ×（若“小微企业”成立，则0.60，否则若“大型企业”成立，则0.30，否则0.60）",
            "缴纳失业保险费 × (if “小微企业” holds then 0.60, otherwise if “大型企业” holds then 0.30, otherwise 0.60)",
        ),
        (
            "power == 0 ? premium : premium - (rate - 1)",
            "若用电量 = 0，则缴纳失业保险费，否则缴纳失业保险费 −（返还比例 − 1）",
            "if 用电量 = 0 then 缴纳失业保险费, otherwise 缴纳失业保险费 − (返还比例 − 1)",
        ),
        (
            "(small or large) and not small ? (large ? 1 : 2) : -rate ** 2",
            "若（“小微企业”成立或“大型企业”成立）且“小微企业”不成立，"
            "则（若“大型企业”成立，则1，否则2），否则−返还比例 ^ 2",
            "if (“小微企业” holds or “大型企业” holds) and “小微企业” does not hold then "
            "(if “大型企业” holds then 1, otherwise 2), otherwise −返还比例 ^ 2",
        ),
        (
            "max(kind in ['a', 'b'] ? 1 : 2, code[0:2] == null ? 3 : 4)",
            "max（（若kind 属于 [“a”，“b”]，则1，否则2），（若code[0:2] = 未知，则3，否则4））",
            "max((if kind is in [“a”, “b”] then 1, otherwise 2), (if code[0:2] = unknown then 3, otherwise 4))",
        ),
        ("premium * (", "premium * (", "premium * ("),
    ],
)
def test_a_formula_has_labels_signs_and_its_conditions_in_words(formula: str, zh: str, en: str) -> None:
    assert in_words(formula, LABELS, Saying("zh")) == zh
    assert in_words(formula, LABELS, Saying("en")) == en
