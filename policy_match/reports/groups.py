"""The groups of each cut: by which facts firms are put into them, and what they are called.

Guarantees that a group has a name in both languages; a code that nobody named stands for itself. Reading facts is a
service's; which firms there are is a store's.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from policy_match.cases.words import Words
from policy_match.expressions.nodes import Node, facts_read, literal
from policy_match.expressions.parser import parse
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import FIRM, FactCatalogue
from policy_match.notices.model import Channel
from policy_match.notices.words import CHANNEL_WORDS
from policy_match.reports.model import NOT_REACHED, UNKNOWN, Cut
from policy_match.sweep.plan import PlannedCondition, PlannedPolicy, SweepPlan
from policy_match.values import FactName, Money, PolicyId

DISTRICT_FACT = FactName("reg_division_code")
INDUSTRY_FACT = FactName("industry_section")
SIZE_DEFINITION = "size_class"
SIZES = ("large", "medium", "small", "micro")
BY_HAND = "person"
"""The channel of a notice that a person gave by hand."""

CUT_WORDS: Mapping[Cut, Words] = {
    Cut.POLICY: Words("政策", "policy"),
    Cut.DISTRICT: Words("登记地", "district of registration"),
    Cut.INDUSTRY: Words("行业门类", "industry section"),
    Cut.SIZE: Words("企业规模", "size class"),
    Cut.CHANNEL: Words("送达渠道", "channel that reached the firm"),
    Cut.MONTH: Words("到期月份", "month in which it fell due"),
}

SIZE_WORDS: Mapping[str, Words] = {
    "large": Words("大型", "large"),
    "medium": Words("中型", "medium"),
    "small": Words("小型", "small"),
    "micro": Words("微型", "micro"),
}

INDUSTRY_WORDS: Mapping[str, Words] = {
    "A": Words("农、林、牧、渔业", "agriculture, forestry, fishing"),
    "B": Words("采矿业", "mining"),
    "C": Words("制造业", "manufacturing"),
    "D": Words("电力、热力、燃气及水生产和供应业", "electricity, heat, gas, water"),
    "E": Words("建筑业", "construction"),
    "F": Words("批发和零售业", "wholesale and retail"),
    "G": Words("交通运输、仓储和邮政业", "transport, storage, post"),
    "H": Words("住宿和餐饮业", "hotels and catering"),
    "I": Words("信息传输、软件和信息技术服务业", "information, software"),
    "J": Words("金融业", "finance"),
    "K": Words("房地产业", "real estate"),
    "L": Words("租赁和商务服务业", "leasing and business services"),
    "M": Words("科学研究和技术服务业", "research and technical services"),
    "N": Words("水利、环境和公共设施管理业", "water, environment, public facilities"),
    "O": Words("居民服务、修理和其他服务业", "household services, repair"),
    "P": Words("教育", "education"),
    "Q": Words("卫生和社会工作", "health and social work"),
    "R": Words("文化、体育和娱乐业", "culture, sports, entertainment"),
    "S": Words("公共管理、社会保障和社会组织", "public administration, social organisations"),
    "T": Words("国际组织", "international organisations"),
}
"""Sections of GB/T 4754-2017."""


def group_words(cut: Cut, group: str) -> Words:
    """Return what a group is called; a policy or a district is called by its id or code."""
    if group == UNKNOWN and cut is not Cut.POLICY:
        return Words("未知", "unknown")
    found: Words | None = None
    if cut is Cut.INDUSTRY:
        found = INDUSTRY_WORDS.get(group)
    elif cut is Cut.SIZE:
        found = SIZE_WORDS.get(group)
    elif cut is Cut.CHANNEL:
        other = {NOT_REACHED: Words("尚未送达", "not reached yet"), BY_HAND: Words("当面告知", "told by a person")}
        found = other[group] if group in other else CHANNEL_WORDS[Channel(group)]
    elif cut is Cut.MONTH:
        first = date.fromisoformat(f"{group}-01")
        found = Words(f"{first.year}年{first.month}月", f"{first:%B %Y}")
    return found or Words(group, group)


def size_conditions(vocabulary: Vocabulary) -> Mapping[str, Node]:
    """Return the condition of each size class, by the definition of the rules; none when they define no sizes."""
    if SIZE_DEFINITION not in vocabulary.definitions:
        return {}
    return {size: parse(f"{SIZE_DEFINITION} == '{size}'", vocabulary) for size in SIZES}


def readable(conditions: Mapping[str, Node], now: FactCatalogue, then: FactCatalogue) -> bool:
    """Return whether an older catalogue has the facts that the conditions read, in the form of today's."""
    read = {fact for node in conditions.values() for fact in facts_read(node)}
    return all(
        fact in then
        and (then[fact].type, then[fact].scale, then[fact].grain) == (now[fact].type, now[fact].scale, now[fact].grain)
        for fact in read
    )


def size_plan(conditions: Mapping[str, Node], catalogue: FactCatalogue, as_of: date) -> SweepPlan:
    """Return a plan whose conditions say of each firm which size it has; its one policy pays nothing."""
    planned = tuple(
        PlannedCondition(index=index, grain=FIRM, node=node, text=f"{SIZE_DEFINITION} == '{size}'")
        for index, (size, node) in enumerate(conditions.items())
    )
    policy = PlannedPolicy(
        index=0,
        policy_id=PolicyId(SIZE_DEFINITION),
        version="",
        grain=FIRM,
        conditions=tuple(range(len(planned))),
        amount=literal(Decimal(0)),
        cap=None,
        minimum=Money(0),
    )
    return SweepPlan(as_of=as_of, catalogue=catalogue, conditions=planned, policies=(policy,))
