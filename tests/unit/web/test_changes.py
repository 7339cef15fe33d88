"""What would have to change, as the page says it: a fact as it is, and what is computed from one as that."""

from datetime import date
from fractions import Fraction

import pytest

from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import FactualValue, Row
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import Fact, FactCatalogue, FactType
from policy_match.services.decision_json import plain_value
from policy_match.sweep.change import SingleChange, changes_needed
from policy_match.values import FactName
from policy_match.web.enterprise.changes import ChangeLine, changes_of, compared_facts
from policy_match.web.portal.saying import Saying

CATALOGUE = FactCatalogue(
    {
        FactName(name): Fact(name=FactName(name), label=label, type=kind, unit=unit)
        for name, label, kind, unit in (
            ("founded", "成立日期", FactType.DATE, ""),
            ("code", "行业小类代码", FactType.STRING, ""),
            ("staff", "从业人员", FactType.INTEGER, "人"),
            ("income", "应纳税所得额", FactType.MONEY, "元"),
            ("listed", "失信名单", FactType.STRING_LIST, ""),
            ("dishonest", "严重失信", FactType.BOOLEAN, ""),
        )
    }
)
VOCABULARY = Vocabulary(catalogue=CATALOGUE)


def line(text: str, **facts: FactualValue) -> ChangeLine:
    """Return the only thing that must change for a condition to hold."""
    node = parse(text, VOCABULARY)
    change = changes_needed(node, Row({FactName(name): value for name, value in facts.items()}, date(2025, 6, 30)))
    assert isinstance(change, SingleChange)
    written = {
        "facts": list(change.facts),
        "current": plain_value(change.current),
        "need": change.need.value,
        "target": [plain_value(each) for each in change.target],
        "gap": plain_value(change.gap),
    }
    (found,) = changes_of(written, CATALOGUE, compared_facts(node), Saying("zh")).lines
    return found


def test_a_fact_that_is_compared_is_shown_as_it_is() -> None:
    found = line("staff >= 1200", staff=Fraction(1000))
    assert (found.what, found.current, found.need, found.gap) == (
        "从业人员",
        "1,000 人",
        "不少于 1,200 人",
        "还差 200 人",
    )
    assert (found.now, found.target) == (1000, 1200)


def test_a_day_that_is_compared_is_called_early_or_late() -> None:
    found = line("founded >= d'2025-01-01'", founded=date(2013, 2, 6))
    assert (found.what, found.current, found.need) == ("成立日期", "2013年2月6日", "不早于 2025年1月1日")


def test_a_day_that_is_computed_from_a_fact_is_not_shown_as_the_fact() -> None:
    found = line("add_months(founded, 3) >= d'2025-12-31'", founded=date(2013, 2, 6))
    assert (found.what, found.current) == ("由成立日期算出的数值", "2013年5月6日")


def test_a_part_of_a_code_is_not_shown_as_the_code() -> None:
    found = line("code[0:4] <= '4399'", code="75190")
    assert (found.what, found.current, found.need) == ("由行业小类代码算出的数值", "7519", "不超过 4399")
    assert (found.gap, found.now, found.target) == ("", None, None)


def test_codes_are_no_way_to_go_upwards() -> None:
    found = line("code >= '1300'", code="0111")
    assert (found.what, found.current, found.now, found.target) == ("行业小类代码", "0111", None, None)


def test_how_often_a_list_names_the_firm_is_not_shown_as_the_list() -> None:
    found = line("not on_list(listed, as_of)", listed=("2024-04-29/..",))
    assert (found.what, found.current, found.need) == ("由失信名单算出的数值", "1", "不超过 0")


def test_an_amount_too_much_has_its_unit() -> None:
    found = line("income <= 3000000", income=Fraction("4000000.5"))
    assert (found.current, found.need, found.gap) == ("4,000,000.50 元", "不超过 3,000,000 元", "超出 1,000,000.50 元")


def test_a_conditional_value_is_not_shown_as_the_fact_that_it_looks_at() -> None:
    found = line("(staff > 30 ? 1 : 0) == 1", staff=Fraction(7))
    assert (found.what, found.current) == ("由从业人员算出的数值", "0")


def test_a_condition_on_no_fact_is_about_the_day_of_the_decision() -> None:
    found = line("as_of >= d'2026-01-01'")
    assert (found.what, found.current, found.need) == (
        "由判定日期算出的数值",
        "2025年6月30日",
        "不早于 2026年1月1日",
    )


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("not dishonest", {"dishonest"}),
        ("code in ['a'] or has_prefix(code, ['37'])", {"code"}),
        ("code in ['a'] or code[0:2] == '37'", set()),
        ("staff == 0 ? income > 0 : income / staff >= 5", {"staff", "income"}),
        ("20 <= staff and staff * 2 > 1", set()),
        ("staff == null", set()),
    ],
)
def test_a_condition_compares_some_facts_as_they_are(text: str, compared: set[str]) -> None:
    assert compared_facts(parse(text, VOCABULARY)) == compared
