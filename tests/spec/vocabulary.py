"""The facts, parameters and definitions that the examples of the page may name. All invented.

Guarantees that each has a Chinese label, which the page shows above the column.
"""

from datetime import date
from decimal import Decimal

from policy_match.expressions.nodes import Node, ValueType
from policy_match.expressions.parser import parse
from policy_match.expressions.vocabulary import DatedCodes, DatedTable, DatedValue, ParameterValues, Vocabulary
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue, FactType
from policy_match.facts.column_values import RuleValue, rule_value
from policy_match.values import FactName
from tests.support.tables import Cell, column_value


def _fact(name: str, kind: FactType, label: str, *, values: tuple[str, ...] = (), grain: str = FIRM) -> Fact:
    scale = {FactType.DECIMAL: 6, FactType.MONEY: 2}.get(kind, 0)
    return Fact(name=FactName(name), label=label, type=kind, scale=scale, values=values, grain=grain)


CATALOGUE = FactCatalogue(
    {
        fact.name: fact
        for fact in (
            _fact("a", FactType.BOOLEAN, "甲"),
            _fact("b", FactType.BOOLEAN, "乙"),
            _fact("x", FactType.DECIMAL, "数一"),
            _fact("y", FactType.DECIMAL, "数二"),
            _fact("n", FactType.INTEGER, "整数"),
            _fact("money", FactType.MONEY, "金额"),
            _fact("text", FactType.STRING, "文本"),
            _fact("part", FactType.STRING, "片段"),
            _fact("day", FactType.DATE, "日期一"),
            _fact("day2", FactType.DATE, "日期二"),
            _fact("marks", FactType.STRING_LIST, "清单"),
            _fact("employees", FactType.INTEGER, "员工人数"),
            _fact("insured_headcount", FactType.INTEGER, "参保人数"),
            _fact("full_months", FactType.INTEGER, "足额缴费月数"),
            _fact("layoff_rate", FactType.DECIMAL, "裁员率"),
            _fact("revenue", FactType.MONEY, "本年营业收入"),
            _fact("revenue_y1", FactType.MONEY, "上年营业收入"),
            _fact("revenue_y2", FactType.MONEY, "前年营业收入"),
            _fact("rd_spend", FactType.MONEY, "研发费用"),
            _fact("contract_amount", FactType.MONEY, "合同金额"),
            _fact("power_q", FactType.DECIMAL, "本季用电量"),
            _fact("power_q_prev", FactType.DECIMAL, "上年同季用电量"),
            _fact("industry", FactType.STRING, "行业代码"),
            _fact("size_class", FactType.STRING, "规模", values=("large", "medium", "small", "micro")),
            _fact("tax_rating", FactType.STRING, "纳税信用", values=("A", "B", "C", "D", "M")),
            _fact("small_scale", FactType.BOOLEAN, "小规模纳税人"),
            _fact("low_profit", FactType.BOOLEAN, "小型微利企业"),
            _fact("sole_trader", FactType.BOOLEAN, "个体工商户"),
            _fact("little_giant", FactType.BOOLEAN, "小巨人称号"),
            _fact("provincial_title", FactType.BOOLEAN, "省级专精特新称号"),
            _fact("founded", FactType.DATE, "成立日期"),
            _fact("certificate_to", FactType.DATE, "证书到期日"),
            _fact("title_dates", FactType.STRING_LIST, "称号期间"),
            _fact("dishonesty", FactType.STRING_LIST, "失信名单期间"),
            _fact("hires_3m", FactType.INTEGER, "参保满 3 个月的新招人数"),
            _fact("staff_q1", FactType.INTEGER, "一季度人数"),
            _fact("staff_q2", FactType.INTEGER, "二季度人数"),
            _fact("staff_q3", FactType.INTEGER, "三季度人数"),
            _fact("staff_q4", FactType.INTEGER, "四季度人数"),
            _fact("offset_quota", FactType.MONEY, "可抵减额度"),
            _fact("vat_due", FactType.MONEY, "应缴增值税"),
            _fact("tax_paid_local", FactType.MONEY, "地方留成税收"),
            _fact("expert_score", FactType.INTEGER, "专家评分"),
            _fact("premium", FactType.MONEY, "缴纳保费"),
            _fact("loan_principal", FactType.MONEY, "贷款本金", grain="loan"),
            _fact("loan_days", FactType.INTEGER, "计息天数", grain="loan"),
            _fact("loan_signed", FactType.DATE, "贷款合同日期", grain="loan"),
        )
    }
)


def fact(name: str) -> Fact:
    """Return a fact of the catalogue."""
    return CATALOGUE[FactName(name)]


def value_of(name: str, cell: Cell) -> RuleValue | None:
    """Return what a rule sees of a cell as a person writes it."""
    return rule_value(fact(name), column_value(fact(name), cell))


PARAMETERS: dict[str, ParameterValues] = {
    "control_target": DatedValue(
        type=ValueType.NUMBER, dated=((date(2024, 1, 1), Decimal("0.055")), (date(2026, 1, 1), Decimal("0.05")))
    ),
    "lpr_1y": DatedValue(
        type=ValueType.NUMBER,
        dated=((date(2025, 1, 1), Decimal("0.0310")), (date(2025, 5, 20), Decimal("0.0300"))),
    ),
    "large_employees": DatedTable(
        result=ValueType.NUMBER,
        dated=(
            (date(2018, 1, 1), (("51", Decimal(200)), ("52", Decimal(300)), ("6", Decimal(300)), ("65", Decimal(100)))),
            (date(2025, 7, 1), (("51", Decimal(250)),)),
        ),
    ),
    "restricted_codes": DatedCodes(dated=((date(2023, 1, 1), ("16", "61")), (date(2025, 1, 1), ("16", "90")))),
}

DEFINITION_TEXTS = {
    "firm_age_months": "months_between(founded, as_of)",
    "revenue_growth": "growth(revenue, revenue_y1)",
    "mean_staff": "mean(staff_q1, staff_q2, staff_q3, staff_q4)",
}


def _vocabulary() -> Vocabulary:
    names = Vocabulary(catalogue=CATALOGUE, parameters=PARAMETERS)
    bodies: dict[str, Node] = {name: parse(text, names) for name, text in DEFINITION_TEXTS.items()}
    return Vocabulary(catalogue=CATALOGUE, parameters=PARAMETERS, definitions=bodies)


VOCABULARY = _vocabulary()
