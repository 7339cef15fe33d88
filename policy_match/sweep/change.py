"""What would have to change for a false condition to become true.

Guarantees that each suggestion names one comparison of the rule, its value now and the value that it needs; facts
that no firm can change are named all the same, since the reader must know why. It promises nothing about other
conditions, and none about what is lawful or possible to change.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from policy_match.expressions import nodes
from policy_match.expressions.nodes import Comparator, Node, facts_read
from policy_match.expressions.semantics import FactualValue, Row, Unknown, evaluate
from policy_match.values import FactName

OPPOSITE = {
    Comparator.EQ: Comparator.NE,
    Comparator.NE: Comparator.EQ,
    Comparator.LT: Comparator.GE,
    Comparator.GE: Comparator.LT,
    Comparator.GT: Comparator.LE,
    Comparator.LE: Comparator.GT,
}
MIRROR = {
    Comparator.LT: Comparator.GT,
    Comparator.GT: Comparator.LT,
    Comparator.LE: Comparator.GE,
    Comparator.GE: Comparator.LE,
    Comparator.EQ: Comparator.EQ,
    Comparator.NE: Comparator.NE,
}


class Combination(StrEnum):
    """Whether all parts must change or any one suffices."""

    ALL = "all"
    ANY = "any"


class Need(StrEnum):
    """What is needed of a value that is not simply compared."""

    ONE_OF = "one of"
    NOT_ONE_OF = "not one of"
    STARTS_WITH = "starts with one of"
    STARTS_NOT_WITH = "starts with none of"
    TRUE = "true"
    FALSE = "false"


@dataclass(frozen=True, kw_only=True, slots=True)
class SingleChange:
    """One value that must differ: `current` must become `need` `target`. `facts` are what it is computed from."""

    facts: tuple[FactName, ...]
    current: FactualValue | None
    need: Comparator | Need
    target: tuple[FactualValue, ...]
    node: Node

    @property
    def gap(self) -> Fraction | None:
        """How far a number is from its target; 0 when it must merely pass it."""
        if isinstance(self.current, Fraction) and len(self.target) == 1 and isinstance(self.target[0], Fraction):
            return abs(self.target[0] - self.current)
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class CombinedChange:
    """Several changes, all of them or any one."""

    combination: Combination
    parts: tuple["Change", ...]


Change = SingleChange | CombinedChange


def changes_needed(node: Node, row: Row, wanted: bool = True) -> Change:
    """Return what would give `node` the wanted truth on this row."""
    match node:
        case nodes.Definition():
            return changes_needed(node.body, row, wanted)
        case nodes.Not():
            return changes_needed(node.operand, row, not wanted)
        case nodes.And() | nodes.Or():
            return _of_both(node, row, wanted)
        case nodes.Conditional():
            return _of_branch(node, row, wanted)
        case nodes.Compare():
            return _of_comparison(node, row, wanted)
        case nodes.OneOf():
            options = tuple(Fraction(o) if isinstance(o, Decimal) else o for o in node.options)
            return _single(node.operand, Need.ONE_OF if wanted else Need.NOT_ONE_OF, options, row)
        case nodes.HasPrefix():
            prefixes = tuple(prefix for _, dated in node.dated for prefix in dated)
            return _single(node.operand, Need.STARTS_WITH if wanted else Need.STARTS_NOT_WITH, prefixes, row)
        case _:
            return _single(node, Need.TRUE if wanted else Need.FALSE, (), row)


def _of_both(node: nodes.And | nodes.Or, row: Row, wanted: bool) -> Change:
    all_needed = isinstance(node, nodes.And) is wanted
    open_parts = [part for part in _flat(node, type(node)) if evaluate(part, row) is not wanted]
    changes = tuple(changes_needed(part, row, wanted) for part in open_parts)
    if len(changes) == 1:
        return changes[0]
    return CombinedChange(combination=Combination.ALL if all_needed else Combination.ANY, parts=changes)


def _flat(node: Node, kind: type[nodes.And] | type[nodes.Or]) -> list[Node]:
    if isinstance(node, kind):
        return [*_flat(node.left, kind), *_flat(node.right, kind)]
    return [node]


def _of_branch(node: nodes.Conditional, row: Row, wanted: bool) -> Change:
    condition = evaluate(node.condition, row)
    if isinstance(condition, Unknown):
        return _single(node.condition, Need.TRUE, (), row)
    chosen, other = (node.when_true, node.when_false) if condition else (node.when_false, node.when_true)
    stay = changes_needed(chosen, row, wanted)
    if evaluate(other, row) is not wanted:
        return stay
    return CombinedChange(combination=Combination.ANY, parts=(stay, changes_needed(node.condition, row, not condition)))


def _of_comparison(node: nodes.Compare, row: Row, wanted: bool) -> Change:
    comparator = node.comparator if wanted else OPPOSITE[node.comparator]
    left, right = node.left, node.right
    if not facts_read(left) and facts_read(right):
        left, right, comparator = right, left, MIRROR[comparator]
    target = evaluate(right, row)
    return _single(left, comparator, () if isinstance(target, Unknown) else (target,), row)


def _single(node: Node, need: Comparator | Need, target: tuple[FactualValue, ...], row: Row) -> SingleChange:
    value = evaluate(node, row)
    return SingleChange(
        facts=tuple(sorted(facts_read(node))),
        current=None if isinstance(value, Unknown) else value,
        need=need,
        target=target,
        node=node,
    )
