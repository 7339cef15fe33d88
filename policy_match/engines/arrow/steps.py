"""Expressions compiled to steps: each distinct sub-expression once, in the order in which it can be evaluated.

Guarantees that a node type which is not in `OPERATIONS` raises when it is compiled, and so never matches anything.
What an operation does is in the modules beside this one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa

from policy_match.engines.arrow import arithmetic, banding, calendar, comparisons, dated, lists, logic, texts
from policy_match.engines.arrow.columns import Column, Days, Numbers, Texts, Truths, scalar_column
from policy_match.engines.arrow.integers import Integers
from policy_match.engines.arrow.masks import both
from policy_match.errors import PolicyMatchError
from policy_match.expressions import nodes
from policy_match.expressions.nodes import Comparator, Function, Node, scalar_type
from policy_match.expressions.semantics import DIVISIONS
from policy_match.values import FactName

Compute = Callable[..., Column]
"""From the columns of the operands to the column of the result."""


class NodeNotCompiled(PolicyMatchError):
    """The engine has no operation for a kind of node; evaluating anything else would decide by accident."""

    code = "node-not-compiled"
    english = "the arrow engine cannot evaluate `{node}`; add it to engines/arrow/steps.py or use --engine reference"
    chinese = "arrow 引擎不能计算“{node}”；请在 engines/arrow/steps.py 中补充，或改用 --engine reference"


class Unknowns(Enum):
    """Which facts matter when a step is unknown."""

    ITSELF = "the fact"
    OF_OPERANDS = "the unknown operands; all facts where every operand is known"
    OF_AND = "the unknown operands, as no operand is false"
    OF_OR = "the unknown operands, as no operand is true"
    CHOSEN_BRANCH = "the condition, or the branch that it chose"
    NEVER = "none: the step is always known"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Step:
    """One operation on columns. `constant` is its value where no fact is read; `facts` are all facts below it.

    `fails` says that it may be unknown although every operand is known, even where int64 suffices.
    """

    number: int
    operands: "tuple[Step, ...]"
    facts: frozenset[FactName]
    compute: Compute
    unknowns: Unknowns = Unknowns.OF_OPERANDS
    fails: bool = False
    fact: FactName | None = None
    constant: Column | None = None


class Compiler:
    """Turns nodes into steps. Nodes of equal structure become one step, whichever policy wrote them."""

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self._steps: dict[object, Step] = {}

    def compile(self, node: Node) -> Step:
        """Return the step that evaluates `node`. Raises `NodeNotCompiled`."""
        if isinstance(node, nodes.Definition):
            return self.compile(node.body)
        operands = tuple(self.compile(child) for child in node.children())
        key = (type(node), _written(node), tuple(operand.number for operand in operands))
        if key not in self._steps:
            self._steps[key] = self._step(node, operands)
        return self._steps[key]

    def derived(self, compute: Compute, operands: tuple[Step, ...], facts: frozenset[FactName]) -> Step:
        """Return a step that no node stands for; where it is impossible, `facts` are to be looked at."""
        step = Step(number=len(self._steps), operands=operands, facts=facts, compute=compute, fails=True)
        self._steps[step] = step
        return step

    def _step(self, node: Node, operands: tuple[Step, ...]) -> Step:
        number = len(self._steps)
        match node:
            case nodes.FactValue(name=name):
                return Step(
                    number=number,
                    operands=(),
                    facts=frozenset({name}),
                    compute=_never,
                    unknowns=Unknowns.ITSELF,
                    fact=name,
                )
            case nodes.Literal(value=value, type=value_type):
                return _constant(number, scalar_column([value], value_type))
            case nodes.AsOf():
                return _constant(number, scalar_column([self._as_of], nodes.ValueType.DATE))
        operation = OPERATIONS.get(type(node))
        if operation is None:
            raise NodeNotCompiled(node=type(node).__name__)
        compute = operation(node)
        facts = frozenset[FactName]().union(*(operand.facts for operand in operands))
        if not facts:
            constants = [operand.constant for operand in operands]
            return _constant(number, compute(*(constant.widened() for constant in constants if constant is not None)))
        return Step(
            number=number,
            operands=operands,
            facts=facts,
            compute=compute,
            unknowns=UNKNOWNS.get(type(node), Unknowns.OF_OPERANDS),
            fails=_fails(node),
        )


def in_order(roots: Sequence[Step]) -> list[Step]:
    """Return every step below the roots, operands before what uses them."""
    ordered: dict[int, Step] = {}

    def visit(step: Step) -> None:
        if step.number not in ordered:
            for operand in step.operands:
                visit(operand)
            ordered[step.number] = step

    for root in roots:
        visit(root)
    return list(ordered.values())


def _written(node: Node) -> str:
    # repr tells True from Decimal(1) and '1', which are equal or alike as dictionary keys.
    own = [getattr(node, field.name) for field in fields(node) if not isinstance(getattr(node, field.name), Node)]
    return repr([value for value in own if not _holds_nodes(value)])


def _holds_nodes(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(item, Node) for item in value)


def _never(*_: Column) -> Column:
    raise AssertionError("facts and constants are read, not computed")


def _constant(number: int, column: Column) -> Step:
    match column:
        case Truths(array=pa.BooleanArray() as array):
            column = Truths(array[0])
        case Numbers(known=None):
            value = column.constant()
            assert value is not None, "Python integers lose nothing"
            column = Numbers.of(value)
        case Numbers(known=known) | Days(known=known) | Texts(known=known) if known is not None and known.all():
            return _constant(number, replace(column, known=None))
        case Numbers():
            column = Numbers(Integers.of(0), known=np.zeros(1, np.bool_))
    return Step(number=number, operands=(), facts=frozenset(), compute=_never, constant=column)


def _fails(node: Node) -> bool:
    match node:
        case nodes.Arithmetic(operator=operator):
            return operator in DIVISIONS
        case nodes.Call(function=function):
            return function in FAILING_FUNCTIONS
        case _:
            return type(node) in FAILING_NODES


def _call(node: nodes.Call) -> Compute:
    function = FUNCTIONS[node.function]

    def compute(*arguments: Column) -> Column:
        result = function(*arguments)
        return arithmetic.bounded(result) if isinstance(result, Numbers) else result

    return compute


def _extreme(comparator: Comparator) -> Compute:
    def preferred(left: Numbers, right: Numbers) -> Numbers:
        chosen, close = comparisons.compare_numbers(comparator, left, right)
        number = arithmetic.choose(chosen, left, right)
        return replace(number, known=both(left.known, right.known)).losing(close)

    return lambda *numbers: reduce(preferred, numbers)


FUNCTIONS: dict[Function, Compute] = {
    Function.MINIMUM: _extreme(Comparator.LE),
    Function.MAXIMUM: _extreme(Comparator.GE),
    Function.MEAN: lambda *numbers: arithmetic.mean(numbers),
    Function.ABSOLUTE: arithmetic.absolute,
    Function.FLOOR: arithmetic.floor,
    Function.CEILING: arithmetic.ceiling,
    Function.ROUND_HALF_UP: lambda number, digits: arithmetic.round_to(number, int(digits.constant())),
    Function.GROWTH: arithmetic.growth,
    Function.YEAR: calendar.year,
    Function.MONTH: calendar.month,
    Function.ADD_MONTHS: calendar.add_months,
    Function.ADD_DAYS: calendar.add_days,
    Function.MONTHS_BETWEEN: calendar.months_between,
    Function.DAYS_BETWEEN: calendar.days_between,
}

OPERATIONS: dict[type[Node], Callable[[Any], Compute]] = {
    nodes.Parameter: lambda node: dated.parameter(node.dated, scalar_type(node.dated[0][1])),
    nodes.Lookup: lambda node: lambda key, day: dated.lookup(key, node.dated, scalar_type(node.dated[0][1][0][1]), day),
    nodes.Not: lambda node: logic.negation,
    nodes.And: lambda node: logic.conjunction,
    nodes.Or: lambda node: logic.disjunction,
    nodes.IsUnknown: lambda node: logic.is_unknown,
    nodes.Compare: lambda node: lambda left, right: comparisons.compare(node.comparator, left, right),
    nodes.OneOf: lambda node: lambda operand: logic.one_of(operand, node.options),
    nodes.Contains: lambda node: texts.contains,
    nodes.InList: lambda node: lists.in_list,
    nodes.HasPrefix: lambda node: lambda operand, day: dated.has_prefix(operand, node.dated, day),
    nodes.Slice: lambda node: lambda operand: texts.slice_text(operand, node.start, node.stop),
    nodes.Negate: lambda node: arithmetic.negate,
    nodes.Arithmetic: lambda node: (
        lambda left, right: arithmetic.bounded(arithmetic.OPERATIONS[node.operator](left, right))
    ),
    nodes.Power: lambda node: lambda base: arithmetic.bounded(arithmetic.power(base, node.exponent)),
    nodes.Conditional: lambda node: logic.conditional,
    nodes.Call: _call,
    nodes.Bands: lambda node: banding.bands(node.rule, node.lower, node.values),
    nodes.PerStep: lambda node: lambda operand, award: banding.per_step(operand, node.step, award, node.rounding),
    nodes.ListCount: lambda node: lambda listed, first, last: lists.list_count(listed, first, last, node.label),
}
"""How each kind of node is evaluated. Facts, constants, `as_of` and definitions are the compiler's own."""

UNKNOWNS = {
    nodes.And: Unknowns.OF_AND,
    nodes.Or: Unknowns.OF_OR,
    nodes.Conditional: Unknowns.CHOSEN_BRANCH,
    nodes.IsUnknown: Unknowns.NEVER,
}
FAILING_NODES = frozenset({nodes.Parameter, nodes.Lookup, nodes.HasPrefix, nodes.Bands, nodes.ListCount})
FAILING_FUNCTIONS = frozenset({Function.GROWTH, Function.ADD_MONTHS, Function.ADD_DAYS})
"""What may be unknown on known operands: no date, row or band that fits, no such day, nothing to divide by."""
