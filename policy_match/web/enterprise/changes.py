"""What would have to change for a condition to hold, told in plain words, with how far the firm is.

Guarantees that a number that is missing is named with its unit, that what is computed from a fact is not shown as the
fact, and that nothing is promised by it. What must change is found by `sweep.change`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from policy_match.expressions import nodes
from policy_match.expressions.nodes import Comparator, Node, facts_read
from policy_match.facts.catalogue import FactCatalogue, FactType
from policy_match.sweep.change import Combination, Need
from policy_match.values import FactName
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.telling import ISO_DAY, computed_in_words, value_in_words

AT_LEAST = (Comparator.GE, Comparator.GT)
AT_MOST = (Comparator.LE, Comparator.LT)
TEXTS = (FactType.STRING, FactType.STRING_LIST, FactType.BOOLEAN)
"""Facts from which no number of many digits is computed: what looks like one is part of a code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeLine:
    """One value that must differ: what it is, what it is now, what is needed, and how far it is; empty without a gap.

    `now` and `target` are there as numbers where there is a way to go upwards, for a bar.
    """

    what: str
    current: str
    need: str
    gap: str
    now: float | None = None
    target: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """All values that must differ; with `any_one` one of them is enough."""

    lines: tuple[ChangeLine, ...]
    any_one: bool


def compared_facts(node: Node) -> frozenset[FactName]:
    """Return the facts that a condition compares as they are, never by something computed from one of them alone."""
    return facts_read(node) - _computed_from(node)


def _computed_from(node: Node) -> frozenset[FactName]:
    match node:
        case nodes.Not() | nodes.And() | nodes.Or() | nodes.Conditional() | nodes.Definition():
            return frozenset().union(*(_computed_from(child) for child in node.children()))
        case nodes.Compare(left=left, right=right):
            return _only_fact(left) | _only_fact(right)
        case nodes.OneOf(operand=operand) | nodes.HasPrefix(operand=operand):
            return _only_fact(operand)
        case _:
            return _only_fact(node)


def _only_fact(operand: Node) -> frozenset[FactName]:
    """Return the one fact from which an operand is computed; none where it is the fact, or there are several."""
    while isinstance(operand, nodes.Definition):
        operand = operand.body
    facts = facts_read(operand)
    return facts if len(facts) == 1 and not isinstance(operand, nodes.FactValue) else frozenset()


def changes_of(
    change: Mapping[str, Any] | None, catalogue: FactCatalogue, compared: Collection[FactName], say: Saying
) -> Changes:
    """Return what must change, of the record's own form; nothing where the record cannot say.

    `compared` are the facts that the condition compares as they are, by `compared_facts`.
    """
    if change is None:
        return Changes(lines=(), any_one=False)
    for combination in Combination:
        if combination.value in change:
            parts = [changes_of(part, catalogue, compared, say) for part in change[combination.value]]
            lines = tuple(line for part in parts for line in part.lines)
            return Changes(lines=lines, any_one=combination is Combination.ANY and len(lines) > 1)
    return Changes(lines=(_line(change, catalogue, compared, say),), any_one=False)


def _line(
    change: Mapping[str, Any], catalogue: FactCatalogue, compared: Collection[FactName], say: Saying
) -> ChangeLine:
    facts = [catalogue.get(FactName(name)) for name in change["facts"]]
    labels = [
        name if fact is None else say(fact.label, fact.label_en or fact.label)
        for name, fact in zip(change["facts"], facts, strict=True)
    ]
    joined = say("、", ", ").join(labels) or say("判定日期", "the day of the decision")
    plain = facts[0] if len(facts) == 1 and change["facts"][0] in compared else None
    is_text = bool(facts) and all(fact is None or fact.type in TEXTS for fact in facts)

    def told(value: object) -> str:
        return value_in_words(value, plain, say) if plain else computed_in_words(value, say, is_text=is_text)

    gap = _number(change["gap"])
    targets = change["target"]
    is_day = not is_text and all(isinstance(each, str) and ISO_DAY.fullmatch(each) for each in targets)
    now, wanted = _number(change["current"]), _number(targets[0]) if len(targets) == 1 else None
    upwards = gap and change["need"] in AT_LEAST and now is not None and wanted is not None and 0 <= now < wanted
    return ChangeLine(
        what=joined if plain else say(f"由{joined}算出的数值", f"what follows from {joined}"),
        current=told(change["current"]),
        need=_need(change["need"], say("、", ", ").join(told(each) for each in targets), is_day, say),
        gap=_gap(change["need"], told(change["gap"]), say) if gap else "",
        now=float(now) if upwards and now is not None else None,
        target=float(wanted) if upwards and wanted is not None else None,
    )


def _number(value: object) -> Decimal | None:
    if not isinstance(value, str):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _need(need: str, target: str, is_day: bool, say: Saying) -> str:
    days: Mapping[str, Sequence[str]] = {
        Comparator.GE: (f"不早于 {target}", f"not before {target}"),
        Comparator.GT: (f"晚于 {target}", f"after {target}"),
        Comparator.LE: (f"不晚于 {target}", f"not after {target}"),
        Comparator.LT: (f"早于 {target}", f"before {target}"),
    }
    words: Mapping[str, Sequence[str]] = {
        Comparator.GE: (f"不少于 {target}", f"at least {target}"),
        Comparator.GT: (f"多于 {target}", f"more than {target}"),
        Comparator.LE: (f"不超过 {target}", f"at most {target}"),
        Comparator.LT: (f"少于 {target}", f"less than {target}"),
        Comparator.EQ: (f"为 {target}", f"{target}"),
        Comparator.NE: (f"不为 {target}", f"not {target}"),
        Need.ONE_OF: (f"为以下之一：{target}", f"one of {target}"),
        Need.NOT_ONE_OF: (f"不为以下任何一项：{target}", f"none of {target}"),
        Need.STARTS_WITH: (f"以下列之一开头：{target}", f"begins with one of {target}"),
        Need.STARTS_NOT_WITH: (f"不以下列任何一项开头：{target}", f"begins with none of {target}"),
        Need.TRUE: ("为“是”", "yes"),
        Need.FALSE: ("为“否”", "no"),
    }
    return say(*(days.get(need, words[need]) if is_day else words[need]))


def _gap(need: str, far: str, say: Saying) -> str:
    if need in AT_LEAST:
        return say(f"还差 {far}", f"{far} short")
    return say(f"超出 {far}", f"{far} too much") if need in AT_MOST else ""
