"""Writes a node as the text of a rule, so that what was generated can be parsed, shown and given to rule-engine.

Guarantees that parsing the text gives an equal node, for every node that a text can give.
"""

from datetime import date
from decimal import Decimal
from functools import singledispatch

from policy_match.expressions import nodes
from policy_match.expressions.calls import ALWAYS
from policy_match.expressions.nodes import Node, Scalar


def scalar_text(value: Scalar) -> str:
    """Return a constant as written in a rule."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
            return f"'{escaped}'"
        case Decimal():
            return f"{value:f}" if value >= 0 else f"-{-value:f}"
        case date():
            return f"d'{value.isoformat()}'"


def constants(values: tuple[Scalar, ...]) -> str:
    """Return a list of constants."""
    return "[" + ", ".join(map(scalar_text, values)) + "]"


def call(name: str, *arguments: str) -> str:
    """Return a function call."""
    return f"{name}({', '.join(arguments)})"


@singledispatch
def rule_text(node: Node) -> str:
    """Return the text of `node`, with brackets around every operator."""
    raise NotImplementedError(type(node).__name__)


@rule_text.register
def _(node: nodes.Literal) -> str:
    text = scalar_text(node.value)
    return f"({text})" if text.startswith("-") else text


@rule_text.register(nodes.FactValue)
@rule_text.register(nodes.Definition)
def _(node: nodes.FactValue | nodes.Definition) -> str:
    return node.name


@rule_text.register
def _(node: nodes.AsOf) -> str:
    return "as_of"


@rule_text.register
def _(node: nodes.Parameter) -> str:
    return node.name if node.day == nodes.AsOf() else call("parameter_at", node.name, rule_text(node.day))


@rule_text.register
def _(node: nodes.Lookup) -> str:
    return call("lookup", node.name, rule_text(node.key), rule_text(node.day))


@rule_text.register
def _(node: nodes.Not) -> str:
    return f"(not {rule_text(node.operand)})"


@rule_text.register
def _(node: nodes.And) -> str:
    return f"({rule_text(node.left)} and {rule_text(node.right)})"


@rule_text.register
def _(node: nodes.Or) -> str:
    return f"({rule_text(node.left)} or {rule_text(node.right)})"


@rule_text.register
def _(node: nodes.IsUnknown) -> str:
    return f"({rule_text(node.operand)} == null)"


@rule_text.register
def _(node: nodes.Compare) -> str:
    return f"({rule_text(node.left)} {node.comparator} {rule_text(node.right)})"


@rule_text.register
def _(node: nodes.OneOf) -> str:
    return f"({rule_text(node.operand)} in {constants(node.options)})"


@rule_text.register
def _(node: nodes.Contains) -> str:
    return f"({rule_text(node.part)} in {rule_text(node.text)})"


@rule_text.register
def _(node: nodes.InList) -> str:
    return f"({rule_text(node.item)} in {rule_text(node.list)})"


@rule_text.register
def _(node: nodes.HasPrefix) -> str:
    prefixes = node.name or constants(node.dated[0][1])
    assert node.name or node.dated[0][0] == ALWAYS
    return call("has_prefix", rule_text(node.operand), prefixes, rule_text(node.day))


@rule_text.register
def _(node: nodes.Slice) -> str:
    start, stop = ("" if bound is None else str(bound) for bound in (node.start, node.stop))
    return f"({rule_text(node.operand)})[{start}:{stop}]"


@rule_text.register
def _(node: nodes.Negate) -> str:
    return f"(-{rule_text(node.operand)})"


@rule_text.register
def _(node: nodes.Arithmetic) -> str:
    return f"({rule_text(node.left)} {node.operator} {rule_text(node.right)})"


@rule_text.register
def _(node: nodes.Power) -> str:
    return f"({rule_text(node.base)} ** {node.exponent})"


@rule_text.register
def _(node: nodes.Conditional) -> str:
    return f"({rule_text(node.condition)} ? {rule_text(node.when_true)} : {rule_text(node.when_false)})"


@rule_text.register
def _(node: nodes.Call) -> str:
    return call(node.function, *map(rule_text, node.arguments))


@rule_text.register
def _(node: nodes.Bands) -> str:
    return call(node.rule, rule_text(node.operand), constants(node.lower), constants(node.values))


@rule_text.register
def _(node: nodes.PerStep) -> str:
    return call(
        "per_step", rule_text(node.operand), scalar_text(node.step), rule_text(node.award), f"'{node.rounding}'"
    )


@rule_text.register
def _(node: nodes.ListCount) -> str:
    label = [] if node.label is None else [scalar_text(node.label)]
    return call("list_count", rule_text(node.list), rule_text(node.first), rule_text(node.last), *label)
