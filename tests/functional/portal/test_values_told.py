"""The values that firms and auditors read: on the card of a benefit, on "not yet", and on the trail of a case."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml.html import HtmlElement, fromstring

from policy_match.identity.principal import Principal, ServiceRole
from policy_match.policy.loader import load_rules
from policy_match.storage.unit_of_work import Database
from policy_match.web.portal.routes import LANGUAGE
from tests.support.api import firm_user, staff, world_client
from tests.support.cases import FACTS, World, amended, firm, make_world, open_world, uscc

MORE_FACTS = """
[entity_type]
label = "主体类型"
label_en = "Kind of entity"
type = "string"
values = ["company", "law_firm"]

[division]
label = "行政区划代码"
type = "string"

[certified]
label = "认定年度"
type = "integer"
unit = "年"

[months]
label = "缴费月数"
type = "integer"
unit = "月"

[listed]
label = "失信名单"
type = "string_list"

[named]
label = "经营异常名录"
type = "string_list"

[small]
label = "小微企业"
type = "boolean"

[founded]
label = "成立日期"
type = "date"
"""
QUALIFIES = (
    "entity_type == 'law_firm' and division == '370268' and certified == 2024 and months >= 12 "
    "and not on_list(listed, as_of) and not on_list(named, as_of)"
)
POLICIES = {
    "card": amended("direct", when=QUALIFIES, amount="premium * (small ? 0.60 : 0.30)"),
    "later": amended("direct", when="add_months(founded, 3) >= d'2025-12-31'", amount="months * 10"),
    "prefix": amended("direct", when="division[0:4] == '3501' and certified >= 2025", amount="months * 20"),
    "own": amended("direct", when="premium <= 1000", amount="premium * 0.50"),
    "capped": amended("direct", when="premium <= 1000", amount="min(months, premium)"),
}
FIRM: Mapping[str, object] = {
    "entity_type": "law_firm",
    "division": "370268",
    "certified": 2024,
    "months": 12,
    "listed": ["2024-04-29/2025-02-08"],
    "named": [],
    "small": False,
    "founded": date(2013, 2, 6),
    "premium": 33_712_137,
}


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """A firm with facts of every type, whose benefit is opened; four policies that do not find it."""
    rules = tmp_path / "typed"
    rules.mkdir()
    (rules / "facts.toml").write_text(FACTS + MORE_FACTS, encoding="utf-8")
    for name, policy in POLICIES.items():
        (rules / f"{name}.toml").write_text(policy.written(name), encoding="utf-8")
    base = make_world(database, tmp_path / "base", ("direct",), 1)
    made = replace(base, rules=load_rules(rules)).again([firm(1, **FIRM)])
    open_world(made)
    return made


def page(world: World, principal: Principal, path: str, language: str = "zh") -> HtmlElement:
    client = world_client(world, principal).client
    client.set_cookie(LANGUAGE, language)
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return fromstring(answer.get_data())


def words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "zh",
            [
                "主体类型：律师事务所",
                "行政区划代码：370268",
                "认定年度：2024年",
                "缴费月数：12 月",
                "失信名单：2024年4月29日 至 2025年2月8日",
                "经营异常名录：无",
                "小微企业：否",
                "缴纳失业保险费：33,712,137 元",
                "缴纳失业保险费 ×（若“小微企业”成立，则0.60，否则0.30）",
            ],
        ),
        (
            "en",
            [
                "Kind of entity: law firm",
                "认定年度: 2024",
                "缴费月数: 12 months",
                "失信名单: 29 April 2024 to 8 February 2025",
                "经营异常名录: none",
                "小微企业: no",
                "缴纳失业保险费: 33,712,137 yuan",
                "缴纳失业保险费 × (if “小微企业” holds then 0.60, otherwise 0.30)",
            ],
        ),
    ],
)
def test_the_card_tells_each_value_by_its_type_and_the_formula_in_words(
    world: World, language: str, told: list[str]
) -> None:
    card = words(page(world, firm_user(uscc(1)), "/enterprise/cases/1", language))
    assert [each for each in told if each not in card] == []


def test_the_auditor_reads_the_same_values_and_the_exact_formula(world: World) -> None:
    trail = page(world, staff(ServiceRole.AUDITOR), "/auditor/cases/1")
    values = {each.get("id"): words(each.findall("td")[0]) for each in trail.xpath("//tr[starts-with(@id, 'fact-')]")}
    assert values == {
        "fact-entity_type": "律师事务所",
        "fact-division": "370268",
        "fact-certified": "2024年",
        "fact-months": "12 月",
        "fact-listed": "2024年4月29日 至 2025年2月8日",
        "fact-named": "无",
        "fact-small": "否",
        "fact-premium": "33,712,137 元",
    }
    sums = words(trail.xpath("//section[@id='amount']")[0])
    assert "premium * (small ? 0.60 : 0.30)" in sums
    assert "10,113,641.10 元" in sums
    assert "10113641" not in sums


def test_not_yet_shows_a_fact_only_where_the_condition_compares_it(world: World) -> None:
    found = words(page(world, firm_user(uscc(1)), "/enterprise/not-yet"))
    assert "由成立日期算出的数值：现为 2013年5月6日，需不早于 2025年12月31日" in found
    assert "由行政区划代码算出的数值：现为 3702，需为 3501" in found
    assert "认定年度：现为 2024年，需不少于 2025年" in found


def test_not_yet_gives_no_amount_that_rests_on_what_must_change(world: World) -> None:
    cards = [
        words(each) for each in page(world, firm_user(uscc(1)), "/enterprise/not-yet").xpath("//li[@class='card']")
    ]
    assert [each.split()[1] for each in cards] == ["prefix", "later", "capped", "own"]
    assert ["240.00 元" in cards[0], "120.00 元" in cards[1]] == [True, True]
    assert all("满足条件后按届时数据计算" in each and "需不超过 1,000 元" in each for each in cards[2:])
    assert not any("约" in each for each in cards[2:])
