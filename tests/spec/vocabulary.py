"""The facts, parameters and definitions that the examples of the page may name. All invented.

Guarantees that each has a Chinese label, which the page shows above the column.
"""

from datetime import date
from decimal import Decimal

from policy_match.expressions.nodes import Node, ValueType
from policy_match.expressions.parser import parse
from policy_match.expressions.vocabulary import DatedCodes, DatedTable, DatedValue, Vocabulary
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue, FactType
from policy_match.values import FactName


def _fact(name: str, kind: FactType, label: str, *, values: tuple[str, ...] = (), grain: str = FIRM) -> Fact:
    scale = {FactType.DECIMAL: 6, FactType.MONEY: 2}.get(kind, 0)
    return Fact(name=FactName(name), label=label, type=kind, scale=scale, values=values, grain=grain)


B, D, I, M, S, T, L = (
    FactType.BOOLEAN,
    FactType.DECIMAL,
    FactType.INTEGER,
    FactType.MONEY,
    FactType.STRING,
    FactType.DATE,
    FactType.STRING_LIST,
)

CATALOGUE = FactCatalogue(
    {
        fact.name: fact
        for fact in (
            _fact("a", B, "甲"),
            _fact("b", B, "乙"),
            _fact("x", D, "数一"),
            _fact("y", D, "数二"),
            _fact("n", I, "整数"),
            _fact("money", M, "金额"),
            _fact("text", S, "文本"),
            _fact("part", S, "片段"),
            _fact("day", T, "日期一"),
            _fact("day2", T, "日期二"),
            _fact("marks", L, "清单"),
            _fact("employees", I, "员工人数"),
            _fact("insured_headcount", I, "参保人数"),
            _fact("full_months", I, "足额缴费月数"),
            _fact("layoff_rate", D, "裁员率"),
            _fact("revenue", M, "本年营业收入"),
            _fact("revenue_y1", M, "上年营业收入"),
            _fact("revenue_y2", M, "前年营业收入"),
            _fact("rd_spend", M, "研发费用"),
            _fact("contract_amount", M, "合同金额"),
            _fact("power_q", D, "本季用电量"),
            _fact("power_q_prev", D, "上年同季用电量"),
            _fact("industry", S, "行业代码"),
            _fact("size_class", S, "规模", values=("large", "medium", "small", "micro")),
            _fact("tax_rating", S, "纳税信用", values=("A", "B", "C", "D", "M")),
            _fact("small_scale", B, "小规模纳税人"),
            _fact("low_profit", B, "小型微利企业"),
            _fact("sole_trader", B, "个体工商户"),
            _fact("little_giant", B, "小巨人称号"),
            _fact("provincial_title", B, "省级专精特新称号"),
            _fact("founded", T, "成立日期"),
            _fact("certificate_to", T, "证书到期日"),
            _fact("title_dates", L, "称号期间"),
            _fact("dishonesty", L, "失信名单期间"),
            _fact("hires_3m", I, "参保满 3 个月的新招人数"),
            _fact("staff_q1", I, "一季度人数"),
            _fact("staff_q2", I, "二季度人数"),
            _fact("staff_q3", I, "三季度人数"),
            _fact("staff_q4", I, "四季度人数"),
            _fact("offset_quota", M, "可抵减额度"),
            _fact("vat_due", M, "应缴增值税"),
            _fact("tax_paid_local", M, "地方留成税收"),
            _fact("expert_score", I, "专家评分"),
            _fact("premium", M, "缴纳保费"),
            _fact("loan_principal", M, "贷款本金", grain="loan"),
            _fact("loan_days", I, "计息天数", grain="loan"),
            _fact("loan_signed", T, "贷款合同日期", grain="loan"),
        )
    }
)

PARAMETERS = {
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
