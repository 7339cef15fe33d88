"""What would have to change for a condition to hold, told in plain words, with how far the firm is.

Guarantees that a number that is missing is named with its unit, and that nothing is promised by it. What must change
is found by `sweep.change`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from policy_match.expressions.nodes import Comparator
from policy_match.facts.catalogue import FactCatalogue, FactType
from policy_match.sweep.change import Combination, Need
from policy_match.values import FactName
from policy_match.web.enterprise.telling import value_in_words
from policy_match.web.portal.saying import Saying

AT_LEAST = (Comparator.GE, Comparator.GT)
AT_MOST = (Comparator.LE, Comparator.LT)


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


def changes_of(change: Mapping[str, Any] | None, catalogue: FactCatalogue, say: Saying) -> Changes:
    """Return what must change, of the record's own form; nothing where the record cannot say."""
    if change is None:
        return Changes(lines=(), any_one=False)
    for combination in Combination:
        if combination.value in change:
            parts = [changes_of(part, catalogue, say) for part in change[combination.value]]
            lines = tuple(line for part in parts for line in part.lines)
            return Changes(lines=lines, any_one=combination is Combination.ANY and len(lines) > 1)
    return Changes(lines=(_line(change, catalogue, say),), any_one=False)


def _line(change: Mapping[str, Any], catalogue: FactCatalogue, say: Saying) -> ChangeLine:
    facts = [catalogue.get(FactName(name)) for name in change["facts"]]
    labels = [
        name if fact is None else say(fact.label, fact.label_en or fact.label)
        for name, fact in zip(change["facts"], facts, strict=True)
    ]
    unit = ""
    if len(facts) == 1 and facts[0] is not None:
        unit = facts[0].unit or (say("元", "yuan") if facts[0].type is FactType.MONEY else "")
    joined = say("、", ", ").join(labels)
    what = joined if len(labels) == 1 else say(f"由{joined}算出的数值", f"what follows from {joined}")
    target = [value_in_words(each, unit, say) for each in change["target"]]
    now, wanted = _number(change["current"]), _number(change["target"][0]) if len(change["target"]) == 1 else None
    upwards = change["need"] in AT_LEAST and now is not None and wanted is not None and 0 <= now < wanted
    return ChangeLine(
        what=what,
        current=value_in_words(change["current"], unit, say),
        need=_need(change["need"], say("、", ", ").join(target), say),
        gap=_gap(change, unit, say),
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


def _need(need: str, target: str, say: Saying) -> str:
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
    return say(*words[need])


def _gap(change: Mapping[str, Any], unit: str, say: Saying) -> str:
    gap = _number(change["gap"])
    if gap is None or gap == 0:
        return ""
    far = value_in_words(change["gap"], unit, say)
    if change["need"] in AT_LEAST:
        return say(f"还差 {far}", f"{far} short")
    return say(f"超出 {far}", f"{far} too much") if change["need"] in AT_MOST else ""
