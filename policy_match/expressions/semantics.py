"""What every node means, written to be read: the judge of all engines.

Guarantees exact arithmetic and Kleene logic: a value is known, or it is `Unknown` and says which facts keep it so.
Speed is left to the engines; the tables in tests/spec state each rule by example.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import singledispatch
from math import ceil, floor, trunc
from typing import TypeVar

from policy_match.expressions import nodes
from policy_match.expressions.nodes import Comparator, Function, Node, Operator, Scalar, facts_read
from policy_match.values import FactName, Period, add_months, months_between, round_half_up

MAGNITUDE_LIMIT = 10**36
"""A number of this size or more is an overflow, and an overflow is unknown."""

FactualValue = Fraction | str | bool | date | tuple[str, ...]
"""A known value. Numbers are exact; money is in yuan."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An unknown value and the facts that keep it unknown."""

    missing: frozenset[FactName]


Value = FactualValue | Unknown
Facts = Mapping[FactName, FactualValue | None]
"""The facts of one row; a fact that is absent or `None` is unknown."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """What an expression is evaluated on."""

    facts: Facts
    as_of: date


def unknown_of(operands: Sequence[Value]) -> Unknown | None:
    """Return the union of what is missing in the unknown operands, or `None` if all are known."""
    missing = [operand.missing for operand in operands if isinstance(operand, Unknown)]
    return Unknown(frozenset().union(*missing)) if missing else None


def impossible(node: Node) -> Unknown:
    """Return the unknown of a calculation that cannot be done: every fact that it read is to be looked at."""
    return Unknown(facts_read(node))


def known_scalar(value: Scalar) -> FactualValue:
    """Return a constant as a value; numbers become exact rationals."""
    return Fraction(value) if isinstance(value, Decimal) else value


def dated_value(dated: Sequence[tuple[date, T]], day: date) -> T | None:
    """Return the value whose `effective_from` is the latest on or before `day`; `dated` is sorted."""
    found = None
    for effective_from, value in dated:
        if effective_from <= day:
            found = value
    return found


@singledispatch
def evaluate(node: Node, row: Row) -> Value:
    """Return the value of `node` on one row. Total: it never raises on a typed node."""
    raise NotImplementedError(type(node).__name__)


@evaluate.register
def _(node: nodes.Literal, row: Row) -> Value:
    return known_scalar(node.value)


@evaluate.register
def _(node: nodes.FactValue, row: Row) -> Value:
    value = row.facts.get(node.name)
    return Unknown(frozenset({node.name})) if value is None else value


@evaluate.register
def _(node: nodes.AsOf, row: Row) -> Value:
    return row.as_of


@evaluate.register
def _(node: nodes.Parameter, row: Row) -> Value:
    day = evaluate(node.day, row)
    if isinstance(day, Unknown):
        return day
    assert isinstance(day, date)
    found = dated_value(node.dated, day)
    return impossible(node) if found is None else known_scalar(found)


@evaluate.register
def _(node: nodes.Lookup, row: Row) -> Value:
    key, day = evaluate(node.key, row), evaluate(node.day, row)
    unknown = unknown_of([key, day])
    if unknown:
        return unknown
    assert isinstance(key, str) and isinstance(day, date)
    rows = dated_value(node.dated, day) or ()
    fitting = [(prefix, value) for prefix, value in rows if key.startswith(prefix)]
    return known_scalar(max(fitting, key=lambda row: len(row[0]))[1]) if fitting else impossible(node)


@evaluate.register
def _(node: nodes.Definition, row: Row) -> Value:
    return evaluate(node.body, row)


@evaluate.register
def _(node: nodes.Not, row: Row) -> Value:
    operand = evaluate(node.operand, row)
    return operand if isinstance(operand, Unknown) else not operand


@evaluate.register
def _(node: nodes.And, row: Row) -> Value:
    left, right = evaluate(node.left, row), evaluate(node.right, row)
    if left is False or right is False:
        return False
    return unknown_of([left, right]) or True


@evaluate.register
def _(node: nodes.Or, row: Row) -> Value:
    left, right = evaluate(node.left, row), evaluate(node.right, row)
    if left is True or right is True:
        return True
    return unknown_of([left, right]) or False


@evaluate.register
def _(node: nodes.IsUnknown, row: Row) -> Value:
    return isinstance(evaluate(node.operand, row), Unknown)


COMPARISONS: dict[Comparator, Callable[[FactualValue, FactualValue], bool]] = {
    Comparator.EQ: lambda left, right: left == right,
    Comparator.NE: lambda left, right: left != right,
    Comparator.LT: lambda left, right: left < right,  # type: ignore[operator]
    Comparator.LE: lambda left, right: left <= right,  # type: ignore[operator]
    Comparator.GT: lambda left, right: left > right,  # type: ignore[operator]
    Comparator.GE: lambda left, right: left >= right,  # type: ignore[operator]
}
"""The checker has made sure that both sides have one type, and that it is ordered."""


@evaluate.register
def _(node: nodes.Compare, row: Row) -> Value:
    left, right = evaluate(node.left, row), evaluate(node.right, row)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return unknown_of([left, right]) or False
    return COMPARISONS[node.comparator](left, right)


@evaluate.register
def _(node: nodes.OneOf, row: Row) -> Value:
    operand = evaluate(node.operand, row)
    if isinstance(operand, Unknown):
        return operand
    return operand in [known_scalar(option) for option in node.options]


@evaluate.register
def _(node: nodes.Contains, row: Row) -> Value:
    text, part = evaluate(node.text, row), evaluate(node.part, row)
    unknown = unknown_of([text, part])
    if unknown:
        return unknown
    assert isinstance(text, str) and isinstance(part, str)
    return part in text


@evaluate.register
def _(node: nodes.InList, row: Row) -> Value:
    item, entries = evaluate(node.item, row), evaluate(node.list, row)
    unknown = unknown_of([item, entries])
    if unknown:
        return unknown
    assert isinstance(entries, tuple)
    return item in entries


@evaluate.register
def _(node: nodes.HasPrefix, row: Row) -> Value:
    operand, day = evaluate(node.operand, row), evaluate(node.day, row)
    unknown = unknown_of([operand, day])
    if unknown:
        return unknown
    assert isinstance(operand, str) and isinstance(day, date)
    prefixes = dated_value(node.dated, day)
    return impossible(node) if prefixes is None else operand.startswith(prefixes)


@evaluate.register
def _(node: nodes.Slice, row: Row) -> Value:
    operand = evaluate(node.operand, row)
    if isinstance(operand, Unknown):
        return operand
    assert isinstance(operand, str)
    return operand[node.start : node.stop]


@evaluate.register
def _(node: nodes.Negate, row: Row) -> Value:
    operand = evaluate(node.operand, row)
    if isinstance(operand, Unknown):
        return operand
    assert isinstance(operand, Fraction)
    return -operand


def remainder(left: Fraction, right: Fraction) -> Fraction:
    """Return what truncating division leaves; it has the sign of `left`."""
    return left - right * trunc(left / right)


OPERATIONS: dict[Operator, Callable[[Fraction, Fraction], Fraction]] = {
    Operator.ADD: lambda left, right: left + right,
    Operator.SUBTRACT: lambda left, right: left - right,
    Operator.MULTIPLY: lambda left, right: left * right,
    Operator.DIVIDE: lambda left, right: left / right,
    Operator.WHOLE_DIVIDE: lambda left, right: Fraction(trunc(left / right)),
    Operator.REMAINDER: remainder,
}
DIVISIONS = frozenset({Operator.DIVIDE, Operator.WHOLE_DIVIDE, Operator.REMAINDER})


def bounded(number: Fraction, node: Node) -> Value:
    """Return `number`, or unknown where it overflows."""
    return impossible(node) if abs(number) >= MAGNITUDE_LIMIT else number


@evaluate.register
def _(node: nodes.Arithmetic, row: Row) -> Value:
    left, right = evaluate(node.left, row), evaluate(node.right, row)
    unknown = unknown_of([left, right])
    if unknown:
        return unknown
    assert isinstance(left, Fraction) and isinstance(right, Fraction)
    if node.operator in DIVISIONS and right == 0:
        return impossible(node)
    return bounded(OPERATIONS[node.operator](left, right), node)


@evaluate.register
def _(node: nodes.Power, row: Row) -> Value:
    base = evaluate(node.base, row)
    if isinstance(base, Unknown):
        return base
    assert isinstance(base, Fraction)
    return bounded(base**node.exponent, node)


@evaluate.register
def _(node: nodes.Conditional, row: Row) -> Value:
    condition = evaluate(node.condition, row)
    if isinstance(condition, Unknown):
        return condition
    return evaluate(node.when_true if condition else node.when_false, row)


@evaluate.register
def _(node: nodes.Call, row: Row) -> Value:
    arguments = [evaluate(argument, row) for argument in node.arguments]
    unknown = unknown_of(arguments)
    if unknown:
        return unknown
    result = FUNCTIONS[node.function](*arguments)
    if isinstance(result, Fraction):
        return bounded(result, node)
    return impossible(node) if result is None else result


def growth(current: Fraction, base: Fraction) -> Fraction | None:
    """Return current / base - 1; growth from nothing or from a loss has no rate."""
    return current / base - 1 if base > 0 else None


def add_days(day: date, days: Fraction) -> date | None:
    """Return the day `days` later; `None` for a part of a day or outside the years 1 to 9999."""
    if days.denominator != 1:
        return None
    try:
        return day + timedelta(days=days.numerator)
    except OverflowError:
        return None


def add_whole_months(day: date, months: Fraction) -> date | None:
    """Return `values.add_months`; `None` for a part of a month."""
    return add_months(day, months.numerator) if months.denominator == 1 else None


FUNCTIONS: dict[Function, Callable[..., FactualValue | None]] = {
    Function.MINIMUM: lambda *numbers: min(numbers),
    Function.MAXIMUM: lambda *numbers: max(numbers),
    Function.MEAN: lambda *numbers: Fraction(sum(numbers), len(numbers)),
    Function.ABSOLUTE: abs,
    Function.FLOOR: lambda number: Fraction(floor(number)),
    Function.CEILING: lambda number: Fraction(ceil(number)),
    Function.ROUND_HALF_UP: lambda number, digits: Fraction(round_half_up(number * 10**digits), 10 ** int(digits)),
    Function.GROWTH: growth,
    Function.YEAR: lambda day: Fraction(day.year),
    Function.MONTH: lambda day: Fraction(day.month),
    Function.ADD_MONTHS: add_whole_months,
    Function.ADD_DAYS: add_days,
    Function.MONTHS_BETWEEN: lambda start, end: Fraction(months_between(start, end)),
    Function.DAYS_BETWEEN: lambda start, end: Fraction((end - start).days),
}
"""Each function on known arguments; `None` where it cannot be calculated."""


@evaluate.register
def _(node: nodes.Bands, row: Row) -> Value:
    operand = evaluate(node.operand, row)
    if isinstance(operand, Unknown):
        return operand
    assert isinstance(operand, Fraction)
    lower = [Fraction(bound) for bound in node.lower]
    values = [Fraction(value) for value in node.values]
    if operand < lower[0]:
        return impossible(node)
    band = max(index for index, bound in enumerate(lower) if bound <= operand)
    if node.rule is nodes.BandRule.VALUE:
        return values[band]
    if node.rule is nodes.BandRule.WHOLE:
        return bounded(operand * values[band], node)
    ends = [*lower[1 : band + 1], operand]
    parts = zip(lower, ends, values, strict=False)
    return bounded(sum(((end - start) * rate for start, end, rate in parts), Fraction(0)), node)


@evaluate.register
def _(node: nodes.PerStep, row: Row) -> Value:
    operand, award = evaluate(node.operand, row), evaluate(node.award, row)
    unknown = unknown_of([operand, award])
    if unknown:
        return unknown
    assert isinstance(operand, Fraction) and isinstance(award, Fraction)
    steps = operand / Fraction(node.step)
    match node.rounding:
        case nodes.StepRounding.FLOOR:
            steps = Fraction(floor(steps))
        case nodes.StepRounding.CEILING:
            steps = Fraction(ceil(steps))
        case nodes.StepRounding.PROPORTIONAL:
            pass
    return bounded(steps * award, node)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list fact: an optional label and the days on which it is in force."""

    label: str | None
    in_force: Period


def read_entry(text: str) -> Entry | None:
    """Read `[label ]FROM/TO`; `None` where the dates cannot be read. Without dates it is always in force."""
    label, _, dates = text.rpartition(" ")
    if "/" not in dates:
        return Entry(text, Period(date.min)) if text else None
    first_text, _, last_text = dates.partition("/")
    try:
        first, last = iso_day(first_text), None if last_text == ".." else iso_day(last_text)
    except ValueError:
        return None
    return None if last is not None and last < first else Entry(label or None, Period(first, last))


def iso_day(text: str) -> date:
    """Return the day of `YYYY-MM-DD`. Raises `ValueError` for any other form."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text)
    return day


def count_entries(entries: Sequence[str], window: Period, label: str | None) -> int | None:
    """Return how many entries are in force on a day of `window`; `None` if one cannot be read.

    With a label, only entries that have it count.
    """
    counted = 0
    for text in entries:
        entry = read_entry(text)
        if entry is None:
            return None
        if entry.in_force.overlaps(window) and label in (None, entry.label):
            counted += 1
    return counted


@evaluate.register
def _(node: nodes.ListCount, row: Row) -> Value:
    entries, first, last = (evaluate(child, row) for child in (node.list, node.first, node.last))
    unknown = unknown_of([entries, first, last])
    if unknown:
        return unknown
    assert isinstance(entries, tuple) and isinstance(first, date) and isinstance(last, date)
    if first > last:
        return impossible(node)
    counted = count_entries(entries, Period(first, last), node.label)
    return impossible(node) if counted is None else Fraction(counted)
