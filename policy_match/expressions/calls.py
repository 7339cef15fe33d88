"""Functions whose arguments must be constants or names: bands, steps, prefixes, tables, dated parameters, lists.

Guarantees that a wrong argument is named before anything is evaluated. Functions of plain expressions are
`nodes.Function`.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from policy_match.expressions import nodes
from policy_match.expressions.defects import ArgumentDefect
from policy_match.expressions.nodes import Node, Scalar, literal
from policy_match.expressions.syntax import Name, Syntax
from policy_match.expressions.vocabulary import DatedCodes, DatedTable, DatedValue, Vocabulary

ALWAYS = date.min
"""The `effective_from` of a constant list of prefixes."""

Arguments = Sequence[Syntax]


class Lowers(Protocol):
    """What gives the meaning of an argument."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The names that may be used."""

    def lower(self, form: Syntax) -> Node:
        """Return the node of an argument."""

    def constants(self, where: str, form: Syntax) -> tuple[Scalar, ...]:
        """Return the members of a list of constants."""


def bands(lowering: Lowers, name: str, arguments: Arguments) -> Node:
    """`whole_bands(x, lower, rates)` and its two relatives."""
    _count(name, arguments, 3, 3)
    lower = _numbers(lowering, name, arguments[1])
    values = _numbers(lowering, name, arguments[2])
    if len(lower) != len(values):
        raise ArgumentDefect.of(
            name,
            f"{len(lower)} lower bounds but {len(values)} values; give one value for each band",
            f"有 {len(lower)} 个下限却有 {len(values)} 个值；每档一个值",
        )
    if any(later <= earlier for earlier, later in pairwise(lower)):
        raise ArgumentDefect.of(name, "the lower bounds must rise", "下限必须递增")
    operand = lowering.lower(arguments[0])
    return nodes.Bands(rule=nodes.BandRule(name), operand=operand, lower=lower, values=values)


def per_step(lowering: Lowers, name: str, arguments: Arguments) -> Node:
    """`per_step(x, step, award, 'floor')`."""
    _count(name, arguments, 4, 4)
    step, rounding = _constant(lowering, arguments[1]), _constant(lowering, arguments[3])
    if not isinstance(step, Decimal) or step <= 0:
        raise ArgumentDefect.of(name, "the step must be a constant above 0", "步长必须是大于 0 的常量")
    if rounding not in list(nodes.StepRounding):
        raise ArgumentDefect.of(
            name,
            "the rounding must be stated: 'floor', 'ceiling' or 'proportional'",
            "必须写明取整方式：'floor'、'ceiling' 或 'proportional'",
        )
    return nodes.PerStep(
        operand=lowering.lower(arguments[0]),
        step=step,
        award=lowering.lower(arguments[2]),
        rounding=nodes.StepRounding(str(rounding)),
    )


def has_prefix(lowering: Lowers, name: str, arguments: Arguments) -> Node:
    """`has_prefix(code, ['C', '65'])`, or with the name of a code list and optionally a day."""
    _count(name, arguments, 2, 3)
    operand, day = lowering.lower(arguments[0]), _optional_day(lowering, arguments, 2)
    listed = _named(arguments[1])
    if not listed:
        constants = lowering.constants(name, arguments[1])
        texts = tuple(value for value in constants if isinstance(value, str))
        if len(texts) != len(constants) or "" in texts:
            raise ArgumentDefect.of(name, "the prefixes must be strings that are not empty", "前缀必须是非空文本")
        return nodes.HasPrefix(operand=operand, dated=((ALWAYS, texts),), day=day)
    codes = lowering.vocabulary.parameters.get(listed)
    if not isinstance(codes, DatedCodes):
        raise ArgumentDefect.of(name, f"`{listed}` is not a code list", f"“{listed}”不是代码清单")
    return nodes.HasPrefix(operand=operand, dated=codes.dated, day=day, name=listed)


def lookup(lowering: Lowers, name: str, arguments: Arguments) -> Node:
    """`lookup(table, key)`, optionally with a day."""
    _count(name, arguments, 2, 3)
    table = _named(arguments[0])
    parameter = lowering.vocabulary.parameters.get(table)
    if not isinstance(parameter, DatedTable):
        raise ArgumentDefect.of(
            name, f"`{table}` is not a table under parameters/", f"“{table}”不是 parameters/ 中的表"
        )
    key, day = lowering.lower(arguments[1]), _optional_day(lowering, arguments, 2)
    return nodes.Lookup(name=table, dated=parameter.dated, key=key, day=day)


def parameter_at(lowering: Lowers, name: str, arguments: Arguments) -> Node:
    """`parameter_at(parameter, day)`: the value at an event date."""
    _count(name, arguments, 2, 2)
    parameter_name = _named(arguments[0])
    parameter = lowering.vocabulary.parameters.get(parameter_name)
    if not isinstance(parameter, DatedValue):
        raise ArgumentDefect.of(name, f"`{parameter_name}` is not a parameter", f"“{parameter_name}”不是参数")
    return nodes.Parameter(name=parameter_name, dated=parameter.dated, day=lowering.lower(arguments[1]))


def list_count(lowering: Lowers, name: str, arguments: Arguments) -> Node:
    """`list_count(list, first, last)`, optionally with a label."""
    _count(name, arguments, 3, 4)
    entries, first, last = (lowering.lower(argument) for argument in arguments[:3])
    return nodes.ListCount(list=entries, first=first, last=last, label=_label(lowering, name, arguments, 3))


def on_list(lowering: Lowers, name: str, arguments: Arguments) -> Node:
    """`on_list(list, day)`, optionally with a label: whether an entry is in force on that day."""
    _count(name, arguments, 2, 3)
    entries, day = lowering.lower(arguments[0]), lowering.lower(arguments[1])
    counted = nodes.ListCount(list=entries, first=day, last=day, label=_label(lowering, name, arguments, 2))
    return nodes.Compare(comparator=nodes.Comparator.GT, left=counted, right=literal(Decimal(0)))


def _named(form: Syntax) -> str:
    """Return the name that an argument is, or nothing; `$name` is a name that no parameter has."""
    return "" if not isinstance(form, Name) else f"${form.name}" if form.builtin else form.name


def _label(lowering: Lowers, name: str, arguments: Arguments, place: int) -> str | None:
    if len(arguments) <= place:
        return None
    label = _constant(lowering, arguments[place])
    if not isinstance(label, str):
        raise ArgumentDefect.of(name, "the label must be a constant string", "标签必须是常量文本")
    return label


def _optional_day(lowering: Lowers, arguments: Arguments, place: int) -> Node:
    """Return the day at which a dated value is read: the argument given, else the decision's date."""
    return lowering.lower(arguments[place]) if len(arguments) > place else nodes.AsOf()


def _constant(lowering: Lowers, form: Syntax) -> Scalar | None:
    node = lowering.lower(form)
    return node.value if isinstance(node, nodes.Literal) else None


def _numbers(lowering: Lowers, where: str, form: Syntax) -> tuple[Decimal, ...]:
    values = lowering.constants(where, form)
    numbers = tuple(value for value in values if isinstance(value, Decimal))
    if len(numbers) != len(values):
        raise ArgumentDefect.of(where, "the list must hold numbers", "列表必须由数字组成")
    return numbers


def _count(name: str, arguments: Arguments, least: int, most: int) -> None:
    if not least <= len(arguments) <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise ArgumentDefect.of(name, f"takes {expected} arguments, not {len(arguments)}", f"需要 {expected} 个参数")


SPECIAL: dict[str, Callable[[Lowers, str, Arguments], Node]] = {
    **{rule.value: bands for rule in nodes.BandRule},
    "per_step": per_step,
    "has_prefix": has_prefix,
    "lookup": lookup,
    "parameter_at": parameter_at,
    "list_count": list_count,
    "on_list": on_list,
}
"""The functions by name."""
