"""What Hypothesis generates: a world of facts and parameters, policies over it, rows of facts.

Guarantees that everything generated is well typed, that every kind of node can come up, and that values crowd around
the places where engines go wrong: nulls, bounds, halves, int64, the first and last day, empty texts and lists.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

from policy_match.expressions import nodes
from policy_match.expressions.calls import ALWAYS
from policy_match.expressions.nodes import Function, Node, Scalar, ValueType, literal
from policy_match.expressions.vocabulary import (
    FACT_VALUE_TYPES,
    DatedCodes,
    DatedTable,
    DatedValue,
    ParameterValues,
    Vocabulary,
)
from policy_match.facts.canonical import NUMBER_LIMIT
from policy_match.facts.catalogue import FIRM, KEY, Fact, FactCatalogue, FactType
from policy_match.policy.model import Policy, PolicyVersion
from policy_match.values import FactName
from tests.support.policies import YES, make_policy
from tests.support.tables import Cell, FactRow, MemoryTables

LOAN = "loan"
MAX_NODES = 16
"""How large a generated expression grows."""

TEXTS = ("", "1", "13", "131", "65", "6513", "C", "C13", "b", "B", "青岛", "岛", "é", "e\u0301", "ß", "😀", "a'b\\c")
LABELS = ("甲", "乙")
ENTRIES = (
    "甲",
    "甲 2024-01-01/2024-12-31",
    "甲 2025-01-01/..",
    "乙 0001-01-01/9999-12-31",
    "乙 2023-02-28/2024-02-29",
    "2024-02-29/2024-02-29",
    "2025-06-30/..",
    "甲 乙 2024-01-01/..",
)
UNREADABLE = ("", "2025-02-30/..", "2025-01-01/2024-01-01", "甲 20250101/..", "/", "x/y")
DAYS = (
    date.min,
    date(1, 12, 31),
    date(1969, 12, 31),
    date(2000, 2, 29),
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2025, 6, 30),
    date(9999, 1, 31),
    date.max,
)
NUMBERS = tuple(
    Decimal(text)
    for text in (
        *("0", "1", "-1", "2", "3", "7", "10", "12", "30", "100", "-100", "1000000"),
        *("0.5", "-0.5", "0.005", "0.015", "2.675", "0.06", "1.2", "0.000001", "0.333333", "99.995", "-0.125"),
    )
)
LARGE = tuple(
    Decimal(text)
    for text in (
        *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "4611686018427387904"),
        *("9007199254740993", "999999999999999999", "92233720368547758.07", "1e17", "1e18", "1e35", "1e36", "-1e36"),
        *("0.000000000001", "0.123456789012", "1e-18", "123456789012345678.123456789"),
    )
)

days = st.one_of(
    st.sampled_from(DAYS),
    st.dates(date(2019, 1, 1), date(2028, 12, 31)),
    st.dates(),
)
texts = st.sampled_from(TEXTS)
codes = st.sampled_from([text for text in TEXTS if text])
numbers = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(NUMBERS),
    st.sampled_from(LARGE),
    st.builds(lambda digits, scale: Decimal(digits).scaleb(-scale), st.integers(-(10**9), 10**9), st.integers(0, 9)),
)
entries = st.one_of(st.sampled_from(ENTRIES), st.sampled_from(ENTRIES), st.sampled_from(UNREADABLE))
SCALARS: dict[ValueType, st.SearchStrategy[Scalar]] = {
    ValueType.NUMBER: numbers,
    ValueType.STRING: texts,
    ValueType.BOOLEAN: st.booleans(),
    ValueType.DATE: days,
}


# Built once: building a strategy takes longer than drawing from it.
EITHER = st.booleans()
TYPES = st.sampled_from(ValueType)
SIDES = st.sampled_from((ValueType.NUMBER, ValueType.NUMBER, *SCALARS))
COMPARATORS = st.sampled_from(nodes.Comparator)
EQUALITY = st.sampled_from((nodes.Comparator.EQ, nodes.Comparator.NE))
OPERATORS = st.sampled_from(nodes.Operator)
OPTIONS = {kind: st.lists(SCALARS[kind], min_size=1, max_size=3) for kind in SCALARS}
PREFIXES = st.lists(codes, min_size=1, max_size=3)
BOUNDS = st.one_of(st.none(), st.integers(-4, 4), st.sampled_from((1_000, -1_000)))
FEW_OR_TWELVE = st.one_of(st.integers(0, 3), st.integers(0, 12))
ONE_TO_THREE = st.integers(1, 3)
VARIADIC = st.sampled_from((Function.MINIMUM, Function.MAXIMUM, Function.MEAN))
OF_ONE_NUMBER = st.sampled_from((Function.ABSOLUTE, Function.FLOOR, Function.CEILING))
OF_A_DATE = st.sampled_from((Function.YEAR, Function.MONTH))
BETWEEN = st.sampled_from((Function.MONTHS_BETWEEN, Function.DAYS_BETWEEN))
LATER = st.sampled_from((Function.ADD_MONTHS, Function.ADD_DAYS))
SHIFTS = st.integers(-40, 40)
BAND_BOUNDS = st.sets(numbers, min_size=1, max_size=4)
BAND_RULES = st.sampled_from(nodes.BandRule)
STEPS = numbers.filter(lambda number: number > 0)
ROUNDINGS = st.sampled_from(nodes.StepRounding)
MINIMA = st.sampled_from((Decimal(0), Decimal(0), Decimal("0.01"), Decimal(100), Decimal(30_000)))
LABEL = st.one_of(st.none(), st.sampled_from(LABELS))


@cache
def one_of_names(names: tuple[FactName, ...]) -> st.SearchStrategy[FactName]:
    """One of the names."""
    return st.sampled_from(names)


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """The names that generated policies may use; `without` are ways to grow a node that may not be taken."""

    catalogue: FactCatalogue
    parameters: dict[str, ParameterValues]
    definitions: dict[str, Node]
    without: frozenset[str] = frozenset()

    @property
    def vocabulary(self) -> Vocabulary:
        """The names as the parser wants them."""
        return Vocabulary(catalogue=self.catalogue, parameters=self.parameters, definitions=self.definitions)


@st.composite
def catalogues(draw: st.DrawFn) -> FactCatalogue:
    """Facts of every type for firms and for loans. Decimals differ in scale."""
    facts: list[Fact] = []
    for grain, count in ((FIRM, 2), (LOAN, 1)):
        for kind in FactType:
            for number in range(count):
                name = FactName(f"{kind}_{number}" if grain == FIRM else f"{LOAN}_{kind}")
                scale = {FactType.DECIMAL: draw(st.integers(0, 9)), FactType.MONEY: 2}.get(kind, 0)
                facts.append(Fact(name=name, label=name, type=kind, grain=grain, scale=scale))
    return FactCatalogue({fact.name: fact for fact in facts})


def worlds(without: Collection[str] = ()) -> st.SearchStrategy[World]:
    """A catalogue; parameters and definitions are drawn when the first expression uses them."""
    return catalogues().map(
        lambda catalogue: World(catalogue=catalogue, parameters={}, definitions={}, without=frozenset(without))
    )


def dated(value: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[tuple[date, Any], ...]]:
    """One to three values, each from a day on."""
    return st.lists(
        st.tuples(st.sampled_from(DAYS), value), min_size=1, max_size=3, unique_by=lambda pair: pair[0]
    ).map(lambda pairs: tuple(sorted(pairs, key=lambda pair: pair[0])))


def table_rows(kind: ValueType) -> st.SearchStrategy[tuple[tuple[str, Scalar], ...]]:
    """The rows of a table by prefix."""
    return st.dictionaries(texts, SCALARS[kind], min_size=1, max_size=4).map(lambda rows: tuple(sorted(rows.items())))


code_lists = st.lists(codes, max_size=3, unique=True).map(tuple)


def expressions(world: World, kind: ValueType, grain: str = FIRM, size: int = MAX_NODES) -> st.SearchStrategy[Node]:
    """Nodes of one type over the facts of a grain."""
    return _grown(world, kind, grain, size)


@st.composite
def _grown(draw: st.DrawFn, world: World, kind: ValueType, grain: str, size: int) -> Node:
    return _Growth(draw, world, grain).grow(kind, draw(st.sampled_from((2, 6, 10, size))))


class _Growth:
    """Grows one expression from the top; `size` limits how many nodes are still to come."""

    def __init__(self, draw: st.DrawFn, world: World, grain: str, *, with_definitions: bool = True) -> None:
        self._draw = draw
        self._world = world
        self._grain = grain
        self._without = world.without if with_definitions else world.without | {"definition"}

    def grow(self, kind: ValueType, size: int) -> Node:
        """Return a node of the type."""
        way = self._draw(ways(kind, size, self._without))
        return way(self, kind, size - 1)

    def split(self, size: int, kinds: Sequence[ValueType]) -> list[Node]:
        """Return one node per type, sharing the size."""
        return [self.grow(kind, max(1, size // len(kinds))) for kind in kinds]

    # -- leaves --------------------------------------------------------------------------------------------------

    def fact(self, kind: ValueType, size: int) -> Node:
        names = [
            fact.name
            for fact in self._world.catalogue.values()
            if FACT_VALUE_TYPES[fact.type] is kind and fact.grain in (FIRM, self._grain)
        ]
        return nodes.FactValue(name=self._draw(one_of_names(tuple(names))))

    def constant(self, kind: ValueType, size: int) -> Node:
        return literal(self._draw(SCALARS[kind]))

    def as_of(self, kind: ValueType, size: int) -> Node:
        return nodes.AsOf()

    def parameter(self, kind: ValueType, size: int) -> Node:
        name, parameters = f"p_{kind}", self._world.parameters
        if name not in parameters:
            parameters[name] = DatedValue(type=kind, dated=self._draw(dated(SCALARS[kind])))
        values = parameters[name]
        assert isinstance(values, DatedValue)
        return nodes.Parameter(name=name, dated=values.dated, day=self.day(size))

    def definition(self, kind: ValueType, size: int) -> Node:
        name, definitions = f"d_{kind}", self._world.definitions
        if name not in definitions:
            # A definition uses no other one, and only facts that every grain can read.
            definitions[name] = _Growth(self._draw, self._world, FIRM, with_definitions=False).grow(kind, 5)
        return nodes.Definition(name=name, body=definitions[name])

    # -- branches ------------------------------------------------------------------------------------------------

    def day(self, size: int) -> Node:
        return self.grow(ValueType.DATE, size) if size > 0 and self._draw(EITHER) else nodes.AsOf()

    def lookup(self, kind: ValueType, size: int) -> Node:
        name, parameters = f"t_{kind}", self._world.parameters
        if name not in parameters:
            parameters[name] = DatedTable(result=kind, dated=self._draw(dated(table_rows(kind))))
        values = parameters[name]
        assert isinstance(values, DatedTable)
        return nodes.Lookup(
            name=name, dated=values.dated, key=self.grow(ValueType.STRING, size // 2), day=self.day(size // 2)
        )

    def conditional(self, kind: ValueType, size: int) -> Node:
        condition, when_true, when_false = self.split(size, (ValueType.BOOLEAN, kind, kind))
        return nodes.Conditional(condition=condition, when_true=when_true, when_false=when_false)

    def negation(self, kind: ValueType, size: int) -> Node:
        return nodes.Not(operand=self.grow(ValueType.BOOLEAN, size))

    def logic(self, kind: ValueType, size: int) -> Node:
        left, right = self.split(size, (ValueType.BOOLEAN, ValueType.BOOLEAN))
        return nodes.And(left=left, right=right) if self._draw(EITHER) else nodes.Or(left=left, right=right)

    def is_unknown(self, kind: ValueType, size: int) -> Node:
        return nodes.IsUnknown(operand=self.grow(self._draw(TYPES), size))

    def comparison(self, kind: ValueType, size: int) -> Node:
        side = self._draw(SIDES)
        comparator = self._draw(EQUALITY if side is ValueType.BOOLEAN else COMPARATORS)
        left, right = self.split(size, (side, side))
        return nodes.Compare(comparator=comparator, left=left, right=right)

    def one_of(self, kind: ValueType, size: int) -> Node:
        side = self._draw(SIDES)
        options = tuple(self._draw(OPTIONS[side]))
        return nodes.OneOf(operand=self.grow(side, size), options=options)

    def contains(self, kind: ValueType, size: int) -> Node:
        text, part = self.split(size, (ValueType.STRING, ValueType.STRING))
        return nodes.Contains(text=text, part=part)

    def in_list(self, kind: ValueType, size: int) -> Node:
        item = literal(self._draw(entries)) if self._draw(EITHER) else self.grow(ValueType.STRING, size // 2)
        return nodes.InList(item=item, list=self.grow(ValueType.STRING_LIST, size // 2))

    def has_prefix(self, kind: ValueType, size: int) -> Node:
        operand, day = self.grow(ValueType.STRING, size // 2), self.day(size // 2)
        if self._draw(EITHER):
            listed = self._world.parameters.setdefault("codes", DatedCodes(dated=self._draw(dated(code_lists))))
            assert isinstance(listed, DatedCodes)
            return nodes.HasPrefix(operand=operand, dated=listed.dated, day=day, name="codes")
        prefixes = tuple(self._draw(PREFIXES))
        return nodes.HasPrefix(operand=operand, dated=((ALWAYS, prefixes),), day=day)

    def slice(self, kind: ValueType, size: int) -> Node:
        return nodes.Slice(operand=self.grow(ValueType.STRING, size), start=self._draw(BOUNDS), stop=self._draw(BOUNDS))

    def negative(self, kind: ValueType, size: int) -> Node:
        operand = self.grow(ValueType.NUMBER, size)
        # A constant would be written as a negative constant.
        return operand if isinstance(operand, nodes.Literal) else nodes.Negate(operand=operand)

    def arithmetic(self, kind: ValueType, size: int) -> Node:
        left, right = self.split(size, (ValueType.NUMBER, ValueType.NUMBER))
        return nodes.Arithmetic(operator=self._draw(OPERATORS), left=left, right=right)

    def power(self, kind: ValueType, size: int) -> Node:
        exponent = self._draw(FEW_OR_TWELVE)
        return nodes.Power(base=self.grow(ValueType.NUMBER, size), exponent=exponent)

    def variadic(self, kind: ValueType, size: int) -> Node:
        function = self._draw(VARIADIC)
        count = self._draw(ONE_TO_THREE)
        return nodes.Call(function=function, arguments=tuple(self.split(size, (ValueType.NUMBER,) * count)))

    def of_one_number(self, kind: ValueType, size: int) -> Node:
        function = self._draw(OF_ONE_NUMBER)
        return nodes.Call(function=function, arguments=(self.grow(ValueType.NUMBER, size),))

    def rounding(self, kind: ValueType, size: int) -> Node:
        digits = self._draw(FEW_OR_TWELVE)
        return nodes.Call(
            function=Function.ROUND_HALF_UP,
            arguments=(self.grow(ValueType.NUMBER, size), literal(Decimal(digits))),
        )

    def growth(self, kind: ValueType, size: int) -> Node:
        return nodes.Call(
            function=Function.GROWTH, arguments=tuple(self.split(size, (ValueType.NUMBER, ValueType.NUMBER)))
        )

    def of_a_date(self, kind: ValueType, size: int) -> Node:
        function = self._draw(OF_A_DATE)
        return nodes.Call(function=function, arguments=(self.grow(ValueType.DATE, size),))

    def between(self, kind: ValueType, size: int) -> Node:
        function = self._draw(BETWEEN)
        return nodes.Call(function=function, arguments=tuple(self.split(size, (ValueType.DATE, ValueType.DATE))))

    def later(self, kind: ValueType, size: int) -> Node:
        function = self._draw(LATER)
        day, count = self.grow(ValueType.DATE, size // 2), self.grow(ValueType.NUMBER, size // 2)
        if self._draw(EITHER):
            count = literal(Decimal(self._draw(SHIFTS)))
        return nodes.Call(function=function, arguments=(day, count))

    def bands(self, kind: ValueType, size: int) -> Node:
        lower = tuple(sorted(self._draw(BAND_BOUNDS)))
        values = tuple(self._draw(st.lists(numbers, min_size=len(lower), max_size=len(lower))))
        return nodes.Bands(
            rule=self._draw(BAND_RULES),
            operand=self.grow(ValueType.NUMBER, size),
            lower=lower,
            values=values,
        )

    def per_step(self, kind: ValueType, size: int) -> Node:
        operand, award = self.split(size, (ValueType.NUMBER, ValueType.NUMBER))
        return nodes.PerStep(
            operand=operand,
            step=self._draw(STEPS),
            award=award,
            rounding=self._draw(ROUNDINGS),
        )

    def list_count(self, kind: ValueType, size: int) -> Node:
        first = self.day(size // 3)
        return nodes.ListCount(
            list=self.grow(ValueType.STRING_LIST, size // 3),
            first=first,
            last=first if self._draw(EITHER) else self.day(size // 3),
            label=self._draw(LABEL),
        )


Way = Callable[[_Growth, ValueType, int], Node]
_FACTS: tuple[Way, ...] = (_Growth.fact, _Growth.fact, _Growth.fact)

LEAVES: dict[ValueType, tuple[Way, ...]] = {
    ValueType.NUMBER: (*_FACTS, _Growth.constant, _Growth.parameter, _Growth.definition),
    ValueType.STRING: (*_FACTS, _Growth.constant, _Growth.parameter),
    ValueType.BOOLEAN: (*_FACTS, _Growth.constant, _Growth.parameter, _Growth.definition),
    ValueType.DATE: (*_FACTS, _Growth.constant, _Growth.parameter, _Growth.as_of),
    ValueType.STRING_LIST: _FACTS,
}

BRANCHES: dict[ValueType, tuple[Way, ...]] = {
    ValueType.NUMBER: (
        _Growth.arithmetic,
        _Growth.arithmetic,
        _Growth.negative,
        _Growth.power,
        _Growth.variadic,
        _Growth.of_one_number,
        _Growth.rounding,
        _Growth.growth,
        _Growth.of_a_date,
        _Growth.between,
        _Growth.bands,
        _Growth.per_step,
        _Growth.list_count,
        _Growth.lookup,
        _Growth.conditional,
    ),
    ValueType.STRING: (_Growth.slice, _Growth.lookup, _Growth.conditional),
    ValueType.BOOLEAN: (
        _Growth.comparison,
        _Growth.comparison,
        _Growth.comparison,
        _Growth.logic,
        _Growth.logic,
        _Growth.negation,
        _Growth.is_unknown,
        _Growth.one_of,
        _Growth.contains,
        _Growth.in_list,
        _Growth.has_prefix,
        _Growth.lookup,
        _Growth.conditional,
    ),
    ValueType.DATE: (_Growth.later, _Growth.lookup, _Growth.conditional),
    ValueType.STRING_LIST: (_Growth.conditional,),
}


@cache
def ways(kind: ValueType, size: int, without: frozenset[str]) -> st.SearchStrategy[Way]:
    """The ways to grow a node of the type: leaves when nothing more is to come, branches while much is."""
    chosen = LEAVES[kind] if size <= 1 else BRANCHES[kind] if size > 4 else (*LEAVES[kind], *BRANCHES[kind])
    return st.sampled_from([way for way in chosen if way.__name__ not in without])


# -- facts -----------------------------------------------------------------------------------------------------------


@cache
def cells(fact: Fact) -> st.SearchStrategy[Cell]:
    """Values that a column of the fact can hold, a fifth of them unknown."""
    known = known_cells(fact)
    return st.one_of(known, known, known, known, st.none())


@cache
def known_cells(fact: Fact) -> st.SearchStrategy[Cell]:
    """Values that a column of the fact can hold."""
    limit = NUMBER_LIMIT - 1
    match fact.type:
        case FactType.STRING:
            return texts
        case FactType.BOOLEAN:
            return st.booleans()
        case FactType.DATE:
            return days
        case FactType.STRING_LIST:
            return st.lists(entries, max_size=3).map(tuple)
        case _:
            shared = [Fraction(number) * 10**fact.scale for number in NUMBERS]
            whole = [number.numerator for number in shared if number.denominator == 1]
            bounds = (0, 1, -1, limit, -limit)
            units = st.one_of(
                st.sampled_from(whole),
                st.sampled_from(bounds),
                st.integers(-(10**7), 10**7),
                st.integers(-limit, limit),
            )
            return units.map(lambda unit: Fraction(unit, 10**fact.scale))


@st.composite
def fact_rows(draw: st.DrawFn, facts: Sequence[Fact], least: int = 1, most: int = 8) -> list[FactRow]:
    """Rows over some facts."""
    count = draw(st.integers(least, most))
    return [{fact.name: draw(cells(fact)) for fact in facts} for _ in range(count)]


@st.composite
def tables(draw: st.DrawFn, catalogue: FactCatalogue, read: Collection[FactName]) -> MemoryTables:
    """Firms, and loans of theirs (one may be of a firm that is not there), with the facts that are read."""
    by_grain = {grain: [fact for fact in catalogue.of_grain(grain) if fact.name in read] for grain in (FIRM, LOAN)}
    firms = [{**row, KEY: f"F{place}"} for place, row in enumerate(draw(fact_rows(by_grain[FIRM])))]
    loans = [
        {**row, KEY: f"F{draw(st.integers(0, len(firms)))}"} for row in draw(fact_rows(by_grain[LOAN], least=0, most=4))
    ]
    return MemoryTables(catalogue, {FIRM: firms, LOAN: loans})


# -- policies --------------------------------------------------------------------------------------------------------


@st.composite
def policies(draw: st.DrawFn, world: World, policy_id: str) -> tuple[Policy, PolicyVersion]:
    """A policy with one to three conditions and an amount, often with cap and minimum."""
    grain = draw(st.sampled_from((FIRM, FIRM, LOAN)))
    booleans, amounts = expressions(world, ValueType.BOOLEAN, grain), expressions(world, ValueType.NUMBER, grain)
    positive = amounts.map(lambda node: nodes.Call(function=Function.ABSOLUTE, arguments=(node,)))
    return make_policy(
        policy_id,
        # A third has no condition to speak of, so that the amount is often looked at.
        conditions=draw(st.one_of(st.just([YES]), st.lists(booleans, min_size=1, max_size=3))),
        amount=draw(st.one_of(amounts, positive)),
        cap=draw(st.one_of(st.none(), st.none(), positive, amounts, numbers.map(literal))),
        minimum=draw(MINIMA),
        grain=grain,
    )
