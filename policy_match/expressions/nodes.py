"""The meaning of a rule: a small frozen tree that every engine evaluates.

Guarantees that equal trees mean the same and hash the same, that every number is an exact rational, and that
nothing here depends on the library that parsed the text. What each node gives for unknown operands is written in
`semantics`; types are checked in `checker`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from policy_match.values import FactName


class ValueType(StrEnum):
    """The type of an expression. Integers, decimals and money (in yuan) are all numbers."""

    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    STRING_LIST = "string_list"


Scalar = Decimal | str | bool | date
"""A value written in a rule or a parameter file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """Base of all nodes."""

    def children(self) -> "Iterator[Node]":
        """Yield the operands in the order in which they are written."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Node))

    def walk(self) -> "Iterator[Node]":
        """Yield this node and everything below it, operands last."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal(Node):
    """A constant written in the rule. Its type is part of it: in Python `True == Decimal(1)`."""

    value: Scalar
    type: ValueType


def literal(value: Scalar) -> Literal:
    """Return the constant with the type of its value."""
    return Literal(value=value, type=scalar_type(value))


def scalar_type(value: Scalar) -> ValueType:
    """Return the type of a constant."""
    match value:
        case bool():
            return ValueType.BOOLEAN
        case str():
            return ValueType.STRING
        case Decimal():
            return ValueType.NUMBER
        case date():
            return ValueType.DATE


@dataclass(frozen=True, kw_only=True, slots=True)
class FactValue(Node):
    """The value of a fact; unknown when it is missing or stale."""

    name: FactName


@dataclass(frozen=True, kw_only=True, slots=True)
class AsOf(Node):
    """The date for which the decision is made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter(Node):
    """A dated parameter: the value whose `effective_from` is the latest on or before `day`; unknown before the first.

    `dated` is sorted by date. Numbers, strings, booleans and dates; a list of code prefixes is a `HasPrefix`.
    """

    name: str
    dated: tuple[tuple[date, Scalar], ...]
    day: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup(Node):
    """A dated table looked up by the longest prefix of `key`; unknown where no prefix fits.

    `dated` pairs each `effective_from` with its rows of (prefix, value).
    """

    name: str
    dated: tuple[tuple[date, tuple[tuple[str, Scalar], ...]], ...]
    key: Node
    day: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition(Node):
    """A derived fact written once in `rules/definitions`; it means what its body means."""

    name: str
    body: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Not(Node):
    """Kleene negation."""

    operand: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class And(Node):
    """Kleene conjunction: false if any operand is false."""

    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Or(Node):
    """Kleene disjunction: true if any operand is true."""

    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class IsUnknown(Node):
    """`x == null`: whether x is unknown; itself never unknown."""

    operand: Node


class Comparator(StrEnum):
    """The six comparisons."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, kw_only=True, slots=True)
class Compare(Node):
    """A comparison of two values of one type; strings by code point, booleans and lists not ordered."""

    comparator: Comparator
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class OneOf(Node):
    """`x in [a, b]` over constants of x's type."""

    operand: Node
    options: tuple[Scalar, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contains(Node):
    """`'part' in text`: whether the text contains the part; the empty part is in every text."""

    text: Node
    part: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class InList(Node):
    """`'entry' in list`: whether the string list holds exactly this entry."""

    item: Node
    list: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class HasPrefix(Node):
    """`has_prefix(code, …)`: whether the text starts with one of the prefixes (dated, as in `Parameter`)."""

    operand: Node
    dated: tuple[tuple[date, tuple[str, ...]], ...]
    day: Node
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice(Node):
    """`text[start:stop]` with constant bounds as in Python; a short text gives what is there."""

    operand: Node
    start: int | None
    stop: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Negate(Node):
    """Arithmetic negation."""

    operand: Node


class Operator(StrEnum):
    """Arithmetic on exact rationals. `//` and `%` truncate towards zero, as in rule-engine."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    WHOLE_DIVIDE = "//"
    REMAINDER = "%"


@dataclass(frozen=True, kw_only=True, slots=True)
class Arithmetic(Node):
    """Two numbers; division by zero and a result of 10**36 or more are unknown."""

    operator: Operator
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Power(Node):
    """`x ** n` with a constant whole n from 0 to 12."""

    base: Node
    exponent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditional(Node):
    """`c ? a : b`: unknown when c is unknown; the branch that is not chosen does not matter."""

    condition: Node
    when_true: Node
    when_false: Node


class Function(StrEnum):
    """Functions whose arguments are all expressions."""

    MINIMUM = "min"
    MAXIMUM = "max"
    MEAN = "mean"
    ABSOLUTE = "abs"
    FLOOR = "floor"
    CEILING = "ceiling"
    ROUND_HALF_UP = "round_half_up"
    GROWTH = "growth"
    YEAR = "year"
    MONTH = "month"
    ADD_MONTHS = "add_months"
    ADD_DAYS = "add_days"
    MONTHS_BETWEEN = "months_between"
    DAYS_BETWEEN = "days_between"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call(Node):
    """A function of `Function`; unknown when an argument is unknown."""

    function: Function
    arguments: tuple[Node, ...]


class BandRule(StrEnum):
    """The two ways in which a banded rate applies, and the plain value of the band."""

    WHOLE = "whole_bands"
    MARGINAL = "marginal_bands"
    VALUE = "band_value"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bands(Node):
    """Bands `lower[i] <= x < lower[i+1]`; below `lower[0]` the result is unknown.

    `whole_bands` gives x × the rate of its band; `marginal_bands` adds each part of x at the rate of its own band;
    `band_value` gives the value of the band.
    """

    rule: BandRule
    operand: Node
    lower: tuple[Decimal, ...]
    values: tuple[Decimal, ...]


class StepRounding(StrEnum):
    """What happens to a part of a step."""

    FLOOR = "floor"
    CEILING = "ceiling"
    PROPORTIONAL = "proportional"


@dataclass(frozen=True, kw_only=True, slots=True)
class PerStep(Node):
    """`per_step(x, step, award, 'floor')`: the award for each step of x, with the rounding stated."""

    operand: Node
    step: Decimal
    award: Node
    rounding: StepRounding


@dataclass(frozen=True, kw_only=True, slots=True)
class ListCount(Node):
    """`list_count(list, first, last[, label])`: entries in force on at least one day from `first` to `last`.

    An entry is `[label ]FROM/TO` with ISO dates, both included, and `..` for an open end. An entry without dates
    is in force always. An entry that cannot be read makes the result unknown. `first` after `last` is unknown.
    """

    list: Node
    first: Node
    last: Node
    label: str | None


def facts_read(node: Node) -> frozenset[FactName]:
    """Return the names of all facts below `node`."""
    return frozenset(item.name for item in node.walk() if isinstance(item, FactValue))
