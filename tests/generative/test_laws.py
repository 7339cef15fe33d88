"""Laws that the meaning of the language obeys, whatever the rule: checked on the reference alone."""

from datetime import date
from fractions import Fraction

from hypothesis import assume, given, note
from hypothesis import strategies as st

from policy_match.expressions import nodes
from policy_match.expressions.checker import type_of
from policy_match.expressions.nodes import Node, ValueType, facts_read
from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import MAGNITUDE_LIMIT, Row, Unknown, Value, evaluate
from policy_match.facts.catalogue import FIRM
from policy_match.facts.column_values import rule_value
from policy_match.policy.fingerprint import canonical
from policy_match.values import FactName, add_months, months_between
from tests.generative import strategies
from tests.support.rule_text import rule_text
from tests.support.tables import column_value

KINDS = st.sampled_from((ValueType.BOOLEAN, ValueType.BOOLEAN, ValueType.NUMBER, ValueType.STRING, ValueType.DATE))


@st.composite
def grown(
    draw: st.DrawFn, kind: ValueType | None = None, without: tuple[str, ...] = ()
) -> tuple[strategies.World, Node, Row]:
    """A world, an expression and one row."""
    world = draw(strategies.worlds(without))
    node = draw(strategies.expressions(world, draw(KINDS) if kind is None else kind))
    return world, node, draw(rows(world, node))


@st.composite
def rows(draw: st.DrawFn, world: strategies.World, *read_by: Node) -> Row:
    """The facts of one firm that the nodes read, and a date."""
    read = frozenset[FactName]().union(*map(facts_read, read_by))
    facts = [fact for fact in world.catalogue.of_grain(FIRM) if fact.name in read]
    cells = draw(strategies.fact_rows(facts, most=1))[0]
    values = {fact.name: rule_value(fact, column_value(fact, cells[fact.name])) for fact in facts}
    return Row(values, draw(strategies.days))


def negated(node: Node) -> Node:
    return nodes.Not(operand=node)


@given(grown())
def test_the_text_of_a_node_parses_to_the_same_node(case: tuple[strategies.World, Node, Row]) -> None:
    world, node, _ = case
    text = rule_text(node)
    assume(len(text) < 4_000)
    note(text)
    assert parse(text, world.vocabulary) == node
    assert canonical(parse(text, world.vocabulary)) == canonical(node)


@given(grown())
def test_a_value_has_the_type_that_was_checked(case: tuple[strategies.World, Node, Row]) -> None:
    world, node, row = case
    python_type = {
        ValueType.BOOLEAN: bool,
        ValueType.NUMBER: Fraction,
        ValueType.STRING: str,
        ValueType.DATE: date,
    }[type_of(node, world.catalogue)]
    assert isinstance(evaluate(node, row), python_type | Unknown)


@given(grown())
def test_only_facts_that_the_rule_reads_are_missing(case: tuple[strategies.World, Node, Row]) -> None:
    _, node, row = case
    value = evaluate(node, row)
    assert not isinstance(value, Unknown) or value.missing <= facts_read(node)


@given(grown(without=("is_unknown",)), st.data())
def test_hiding_a_known_fact_never_changes_a_known_result_into_another(
    case: tuple[strategies.World, Node, Row], data: st.DataObject
) -> None:
    """Unknown never becomes true or false by chance: a result stays, or becomes unknown and names the fact."""
    _, node, row = case
    known = sorted(name for name in facts_read(node) if row.facts.get(name) is not None)
    assume(known)
    hidden = data.draw(st.sampled_from(known), label="hidden")
    before, after = evaluate(node, row), evaluate(node, Row({**row.facts, hidden: None}, row.as_of))
    if isinstance(before, Unknown):
        assert isinstance(after, Unknown)
    elif isinstance(after, Unknown):
        assert hidden in after.missing
    else:
        assert after == before


PAIRS = st.data()


def two_truths(data: st.DataObject) -> tuple[Node, Node, Row]:
    """Two conditions over one row."""
    world = data.draw(strategies.worlds())
    truths = strategies.expressions(world, ValueType.BOOLEAN, size=6)
    a, b = data.draw(truths), data.draw(truths)
    return a, b, data.draw(rows(world, a, b))


@given(PAIRS)
def test_de_morgan(data: st.DataObject) -> None:
    a, b, row = two_truths(data)
    assert evaluate(negated(nodes.And(left=a, right=b)), row) == evaluate(
        nodes.Or(left=negated(a), right=negated(b)), row
    )
    assert evaluate(negated(nodes.Or(left=a, right=b)), row) == evaluate(
        nodes.And(left=negated(a), right=negated(b)), row
    )


@given(PAIRS)
def test_and_and_or_do_not_mind_the_order(data: st.DataObject) -> None:
    a, b, row = two_truths(data)
    assert evaluate(nodes.And(left=a, right=b), row) == evaluate(nodes.And(left=b, right=a), row)
    assert evaluate(nodes.Or(left=a, right=b), row) == evaluate(nodes.Or(left=b, right=a), row)


@given(grown(ValueType.BOOLEAN))
def test_not_not_is_the_same(case: tuple[strategies.World, Node, Row]) -> None:
    _, node, row = case
    assert evaluate(negated(negated(node)), row) == evaluate(node, row)


def two_numbers(data: st.DataObject) -> tuple[Node, Node, Row]:
    """Two numbers over one row."""
    world = data.draw(strategies.worlds())
    numbers = strategies.expressions(world, ValueType.NUMBER, size=5)
    a, b = data.draw(numbers), data.draw(numbers)
    return a, b, data.draw(rows(world, a, b))


def compared(left: Node, comparator: nodes.Comparator, right: Node) -> Node:
    return nodes.Compare(comparator=comparator, left=left, right=right)


@given(PAIRS)
def test_each_comparison_has_its_opposite_and_its_mirror(data: st.DataObject) -> None:
    a, b, row = two_numbers(data)
    word = nodes.Comparator
    for one, opposite in ((word.EQ, word.NE), (word.LT, word.GE), (word.GT, word.LE)):
        assert evaluate(compared(a, one, b), row) == evaluate(negated(compared(a, opposite, b)), row)
    for one, mirror in ((word.EQ, word.EQ), (word.NE, word.NE), (word.LT, word.GT), (word.LE, word.GE)):
        assert evaluate(compared(a, one, b), row) == evaluate(compared(b, mirror, a), row)


@given(PAIRS)
def test_quotient_and_remainder_make_up_the_number(data: st.DataObject) -> None:
    a, b, row = two_numbers(data)
    left, right = evaluate(a, row), evaluate(b, row)
    whole = evaluate(nodes.Arithmetic(operator=nodes.Operator.WHOLE_DIVIDE, left=a, right=b), row)
    rest = evaluate(nodes.Arithmetic(operator=nodes.Operator.REMAINDER, left=a, right=b), row)
    match left, right, whole, rest:
        case Fraction(), Fraction(), Fraction(), Fraction():
            assert whole * right + rest == left
            assert abs(rest) < abs(right)
            assert rest == 0 or (rest > 0) == (left > 0)
            assert whole.denominator == 1


@given(PAIRS)
def test_smallest_and_largest_are_one_of_the_numbers(data: st.DataObject) -> None:
    a, b, row = two_numbers(data)
    left, right = evaluate(a, row), evaluate(b, row)
    smallest = evaluate(nodes.Call(function=nodes.Function.MINIMUM, arguments=(a, b)), row)
    largest = evaluate(nodes.Call(function=nodes.Function.MAXIMUM, arguments=(a, b)), row)
    if isinstance(left, Fraction) and isinstance(right, Fraction) and max(abs(left), abs(right)) < MAGNITUDE_LIMIT:
        assert (smallest, largest) == (min(left, right), max(left, right))


@given(PAIRS)
def test_marginal_bands_do_not_jump(data: st.DataObject) -> None:
    """At each bound the marginal amount is that of the bands below it, unlike the whole amount."""
    number = strategies.numbers.filter(lambda value: abs(value) < 10**9)
    lower = tuple(sorted(data.draw(st.sets(number, min_size=2, max_size=4))))
    rates = tuple(data.draw(st.lists(number, min_size=len(lower), max_size=len(lower))))

    def amount(at: Fraction, count: int) -> Value:
        fact = nodes.FactValue(name=FactName("x"))
        bands = nodes.Bands(rule=nodes.BandRule.MARGINAL, operand=fact, lower=lower[:count], values=rates[:count])
        return evaluate(bands, Row({fact.name: at}, date(2025, 1, 1)))

    for place, bound in enumerate(lower[1:], start=1):
        assert amount(Fraction(bound), place) == amount(Fraction(bound), len(lower))


@given(strategies.days, strategies.days)
def test_months_between_is_the_largest_number_of_months_that_fits(start: date, end: date) -> None:
    months = months_between(start, end)
    reached, beyond = add_months(start, months), add_months(start, months + 1)
    assert reached is None or reached <= end
    assert beyond is None or beyond > end
