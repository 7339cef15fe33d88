"""An expression written out with the values of one row, so that a person can do the sum again.

Guarantees that only what was used is shown: the branch that was chosen, the bands that were reached, and known
values as exact decimals. The value itself is `semantics.evaluate`.
"""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import singledispatch

from policy_match.expressions import nodes
from policy_match.expressions.nodes import BandRule, Node, Operator
from policy_match.expressions.semantics import FactualValue, Row, Unknown, evaluate

SHOWN_DIGITS = 12
SYMBOLS = {Operator.MULTIPLY: "×", Operator.DIVIDE: "÷", Operator.SUBTRACT: "−"}
SUM, PRODUCT, ATOM = 1, 2, 3
"""How tightly a written form holds together."""


def shown(value: FactualValue | Unknown) -> str:
    """Return a value as a person writes it; a number that does not end is cut and marked with `…`."""
    match value:
        case Unknown():
            return "?"
        case bool():
            return "true" if value else "false"
        case Fraction():
            return _shown_number(value)
        case date():
            return value.isoformat()
        case tuple():
            return "[" + ", ".join(value) + "]"
        case str():
            return f"'{value}'"


def _shown_number(number: Fraction) -> str:
    with localcontext() as context:
        context.prec = 60
        quotient = Decimal(number.numerator) / Decimal(number.denominator)
        ends = Fraction(quotient) == number and -int(quotient.as_tuple().exponent) <= SHOWN_DIGITS
        text = format(quotient if ends else quotient.quantize(Decimal(1).scaleb(-SHOWN_DIGITS)), ",f")
    if "." in text:
        text = text.rstrip("0").rstrip(".") if ends else text
    return text if ends else text + "…"


@singledispatch
def written_out(node: Node, row: Row) -> str:
    """Return `node` with values put in; what is not arithmetic is shown as its value."""
    return shown(evaluate(node, row))


@written_out.register
def _(node: nodes.Arithmetic, row: Row) -> str:
    symbol = SYMBOLS.get(node.operator, node.operator.value)
    left, right = _operand(node.left, node, row), _operand(node.right, node, row, right=True)
    return f"{left} {symbol} {right}"


def _operand(operand: Node, around: nodes.Arithmetic, row: Row, right: bool = False) -> str:
    outside = SUM if around.operator in (Operator.ADD, Operator.SUBTRACT) else PRODUCT
    return _bracketed(operand, outside, row, right=right)


def _bracketed(operand: Node, outside: int, row: Row, right: bool = False) -> str:
    """Return an operand, in brackets where it binds looser than what stands around it."""
    text, inside = written_out(operand, row), _binding(_chosen(operand, row))
    loose = inside < outside or (right and inside == outside)
    return f"({text})" if loose and text != "?" else text


def _binding(node: Node) -> int:
    match node:
        case nodes.Arithmetic(operator=Operator.ADD | Operator.SUBTRACT) | nodes.Bands(rule=BandRule.MARGINAL):
            return SUM
        case nodes.Arithmetic() | nodes.PerStep() | nodes.Bands(rule=BandRule.WHOLE):
            return PRODUCT
        case _:
            return ATOM


def _chosen(node: Node, row: Row) -> Node:
    """Return what a conditional or a definition stands for on this row."""
    while isinstance(node, nodes.Conditional | nodes.Definition):
        if isinstance(node, nodes.Definition):
            node = node.body
        else:
            node = node.when_true if evaluate(node.condition, row) is True else node.when_false
    return node


@written_out.register
def _(node: nodes.Conditional, row: Row) -> str:
    condition = evaluate(node.condition, row)
    if isinstance(condition, Unknown):
        return "?"
    return written_out(node.when_true if condition else node.when_false, row)


@written_out.register
def _(node: nodes.Definition, row: Row) -> str:
    return written_out(node.body, row)


@written_out.register
def _(node: nodes.Negate, row: Row) -> str:
    return f"−({written_out(node.operand, row)})"


@written_out.register
def _(node: nodes.Power, row: Row) -> str:
    return f"({written_out(node.base, row)}) ^ {node.exponent}"


@written_out.register
def _(node: nodes.Call, row: Row) -> str:
    return f"{node.function}({', '.join(written_out(argument, row) for argument in node.arguments)})"


@written_out.register
def _(node: nodes.PerStep, row: Row) -> str:
    steps = f"{_bracketed(node.operand, PRODUCT, row)} ÷ {shown(Fraction(node.step))}"
    if node.rounding is not nodes.StepRounding.PROPORTIONAL:
        steps = f"{node.rounding}({steps})"
    return f"{steps} × {_bracketed(node.award, PRODUCT, row, right=True)}"


@written_out.register
def _(node: nodes.Bands, row: Row) -> str:
    operand = evaluate(node.operand, row)
    if isinstance(operand, Unknown):
        return "?"
    assert isinstance(operand, Fraction)
    reached = [index for index, bound in enumerate(node.lower) if Fraction(bound) <= operand]
    if not reached:
        return "?"
    last = reached[-1]
    match node.rule:
        case BandRule.VALUE:
            return shown(Fraction(node.values[last]))
        case BandRule.WHOLE:
            return f"{_bracketed(node.operand, PRODUCT, row)} × {shown(Fraction(node.values[last]))}"
        case BandRule.MARGINAL:
            ends = [*(Fraction(bound) for bound in node.lower[1 : last + 1]), operand]
            return " + ".join(
                f"({shown(end)} − {shown(Fraction(start))}) × {shown(Fraction(rate))}"
                for start, end, rate in zip(node.lower, ends, node.values, strict=False)
            )
