"""The kinds of nodes of the language, so that a test can say that it left none out.

Guarantees that a node class, function, operator, band rule or rounding added later is asked for at once.
"""

from collections.abc import Iterator
from dataclasses import fields

from policy_match.expressions import nodes
from policy_match.expressions.nodes import Node


def kind_of(node: Node) -> str:
    """Return the class of the node, with its operator, function or rule."""
    match node:
        case nodes.Compare(comparator=word) | nodes.Arithmetic(operator=word) | nodes.Call(function=word):
            return f"{type(node).__name__} {word}"
        case nodes.Bands(rule=word) | nodes.PerStep(rounding=word):
            return f"{type(node).__name__} {word}"
        case _:
            return type(node).__name__


WORDS = {
    nodes.Compare: nodes.Comparator,
    nodes.Arithmetic: nodes.Operator,
    nodes.Call: nodes.Function,
    nodes.Bands: nodes.BandRule,
    nodes.PerStep: nodes.StepRounding,
}

NODE_CLASSES = tuple(
    kind for kind in vars(nodes).values() if isinstance(kind, type) and issubclass(kind, Node) and kind is not Node
)

ALL_KINDS = frozenset(
    name
    for kind in NODE_CLASSES
    for name in ([f"{kind.__name__} {word}" for word in WORDS[kind]] if kind in WORDS else [kind.__name__])
)
"""Every kind that there is."""


def operands(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield each operand with its name; the arguments of a call by their place."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            yield field.name, value
        elif isinstance(value, tuple):
            yield from ((str(place), item) for place, item in enumerate(value) if isinstance(item, Node))
