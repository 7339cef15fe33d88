"""The type of every expression, found once at load.

Guarantees that an engine never meets operands of the wrong type: a rule that mixes them is refused with the
operand named. Whether a value is unknown is not a matter of type.
"""

from decimal import Decimal
from functools import singledispatch

from policy_match.expressions import nodes
from policy_match.expressions.defects import ArgumentDefect, NotAllowedValue, TooDeep, TooLarge, TypeDefect
from policy_match.expressions.nodes import Comparator, Function, Node, ValueType, scalar_type
from policy_match.expressions.vocabulary import FACT_VALUE_TYPES
from policy_match.facts.catalogue import FactCatalogue

CHINESE_TYPES = {
    ValueType.NUMBER: "数字",
    ValueType.STRING: "文本",
    ValueType.BOOLEAN: "是否（真假）",
    ValueType.DATE: "日期",
    ValueType.STRING_LIST: "文本列表",
}

SIGNATURES: dict[Function, tuple[tuple[ValueType, ...], ValueType]] = {
    Function.ABSOLUTE: ((ValueType.NUMBER,), ValueType.NUMBER),
    Function.FLOOR: ((ValueType.NUMBER,), ValueType.NUMBER),
    Function.CEILING: ((ValueType.NUMBER,), ValueType.NUMBER),
    Function.ROUND_HALF_UP: ((ValueType.NUMBER, ValueType.NUMBER), ValueType.NUMBER),
    Function.GROWTH: ((ValueType.NUMBER, ValueType.NUMBER), ValueType.NUMBER),
    Function.YEAR: ((ValueType.DATE,), ValueType.NUMBER),
    Function.MONTH: ((ValueType.DATE,), ValueType.NUMBER),
    Function.ADD_MONTHS: ((ValueType.DATE, ValueType.NUMBER), ValueType.DATE),
    Function.ADD_DAYS: ((ValueType.DATE, ValueType.NUMBER), ValueType.DATE),
    Function.MONTHS_BETWEEN: ((ValueType.DATE, ValueType.DATE), ValueType.NUMBER),
    Function.DAYS_BETWEEN: ((ValueType.DATE, ValueType.DATE), ValueType.NUMBER),
}
"""Arguments and result of each function with a fixed number of arguments."""

VARIADIC = frozenset({Function.MINIMUM, Function.MAXIMUM, Function.MEAN})
"""Functions of one or more numbers."""

MAX_DIGITS = 12
MAX_DEPTH = 100
MAX_SIZE = 10_000
ORDERED = frozenset({ValueType.NUMBER, ValueType.STRING, ValueType.DATE})


UNNAMED = ("the operand", "该运算对象")


def describe(node: Node) -> tuple[str, str]:
    """Return a short name of an operand for a message, in English and in Chinese."""
    match node:
        case nodes.FactValue(name=name):
            return f"`{name}`", f"“{name}”"
        case nodes.Parameter(name=name) | nodes.Lookup(name=name) | nodes.Definition(name=name):
            return f"`{name}`", f"“{name}”"
        case nodes.Literal(value=value):
            return f"`{value}`", f"“{value}”"
        case nodes.Call(function=function):
            return f"`{function}(…)`", f"“{function}(…)”"
        case _:
            return UNNAMED


def require(node: Node, expected: ValueType, where: str, catalogue: FactCatalogue) -> None:
    """Raise `TypeDefect` unless `node` has the expected type."""
    found = type_of(node, catalogue)
    if found is not expected:
        operand, operand_zh = describe(node)
        raise TypeDefect(
            where=where,
            expected=f"a {expected.replace('_', ' ')}",
            expected_zh=CHINESE_TYPES[expected],
            operand=operand,
            operand_zh=operand_zh,
            found=f"a {found.replace('_', ' ')}",
            found_zh=CHINESE_TYPES[found],
        )


def check_size(node: Node) -> None:
    """Raise `TooDeep` or `TooLarge` when `node`, its definitions written out, is larger than any rule needs."""
    depth, size = _measure(node, {})
    if depth > MAX_DEPTH:
        raise TooDeep(limit=MAX_DEPTH)
    if size > MAX_SIZE:
        raise TooLarge(limit=MAX_SIZE)


def _measure(node: Node, known: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Return how deep and how large `node` is. A definition is measured once: one used twice at each level doubles."""
    name = node.name if isinstance(node, nodes.Definition) else None
    if name is not None and name in known:
        return known[name]
    measured = [_measure(child, known) for child in node.children()]
    result = 1 + max((depth for depth, _ in measured), default=0), 1 + sum(size for _, size in measured)
    if name is not None:
        known[name] = result
    return result


@singledispatch
def type_of(node: Node, catalogue: FactCatalogue) -> ValueType:
    """Return the type of `node` after checking everything below it. Raises `ExpressionDefect`."""
    raise NotImplementedError(type(node).__name__)


@type_of.register
def _(node: nodes.Literal, catalogue: FactCatalogue) -> ValueType:
    return node.type


@type_of.register
def _(node: nodes.FactValue, catalogue: FactCatalogue) -> ValueType:
    return FACT_VALUE_TYPES[catalogue[node.name].type]


@type_of.register
def _(node: nodes.AsOf, catalogue: FactCatalogue) -> ValueType:
    return ValueType.DATE


@type_of.register
def _(node: nodes.Parameter, catalogue: FactCatalogue) -> ValueType:
    require(node.day, ValueType.DATE, "parameter_at", catalogue)
    return scalar_type(node.dated[0][1])


@type_of.register
def _(node: nodes.Lookup, catalogue: FactCatalogue) -> ValueType:
    require(node.key, ValueType.STRING, "lookup", catalogue)
    require(node.day, ValueType.DATE, "lookup", catalogue)
    return scalar_type(node.dated[0][1][0][1])


@type_of.register
def _(node: nodes.Definition, catalogue: FactCatalogue) -> ValueType:
    return type_of(node.body, catalogue)


@type_of.register
def _(node: nodes.Not, catalogue: FactCatalogue) -> ValueType:
    require(node.operand, ValueType.BOOLEAN, "not", catalogue)
    return ValueType.BOOLEAN


@type_of.register(nodes.And)
@type_of.register(nodes.Or)
def _(node: nodes.And | nodes.Or, catalogue: FactCatalogue) -> ValueType:
    where = "and" if isinstance(node, nodes.And) else "or"
    require(node.left, ValueType.BOOLEAN, where, catalogue)
    require(node.right, ValueType.BOOLEAN, where, catalogue)
    return ValueType.BOOLEAN


@type_of.register
def _(node: nodes.IsUnknown, catalogue: FactCatalogue) -> ValueType:
    type_of(node.operand, catalogue)
    return ValueType.BOOLEAN


@type_of.register
def _(node: nodes.Compare, catalogue: FactCatalogue) -> ValueType:
    left = type_of(node.left, catalogue)
    require(node.right, left, node.comparator, catalogue)
    equality = node.comparator in (Comparator.EQ, Comparator.NE)
    if left not in ORDERED and not (equality and left is ValueType.BOOLEAN):
        operand, operand_zh = describe(node.left)
        raise TypeDefect(
            where=node.comparator,
            expected="numbers, strings or dates",
            expected_zh="数字、文本或日期",
            operand=operand,
            operand_zh=operand_zh,
            found=f"a {left.replace('_', ' ')}",
            found_zh=CHINESE_TYPES[left],
        )
    for fact, constant in ((node.left, node.right), (node.right, node.left)):
        if isinstance(fact, nodes.FactValue) and isinstance(constant, nodes.Literal):
            _check_allowed(fact, constant.value, catalogue)
    return ValueType.BOOLEAN


def _check_allowed(fact: nodes.FactValue, value: object, catalogue: FactCatalogue) -> None:
    allowed = catalogue[fact.name].values
    if allowed and value not in allowed:
        raise NotAllowedValue(name=fact.name, value=value, values=", ".join(allowed))


@type_of.register
def _(node: nodes.OneOf, catalogue: FactCatalogue) -> ValueType:
    operand = type_of(node.operand, catalogue)
    for option in node.options:
        require(nodes.literal(option), operand, "in", catalogue)
        if isinstance(node.operand, nodes.FactValue):
            _check_allowed(node.operand, option, catalogue)
    return ValueType.BOOLEAN


@type_of.register
def _(node: nodes.Contains, catalogue: FactCatalogue) -> ValueType:
    require(node.text, ValueType.STRING, "in", catalogue)
    require(node.part, ValueType.STRING, "in", catalogue)
    return ValueType.BOOLEAN


@type_of.register
def _(node: nodes.InList, catalogue: FactCatalogue) -> ValueType:
    require(node.item, ValueType.STRING, "in", catalogue)
    require(node.list, ValueType.STRING_LIST, "in", catalogue)
    return ValueType.BOOLEAN


@type_of.register
def _(node: nodes.HasPrefix, catalogue: FactCatalogue) -> ValueType:
    require(node.operand, ValueType.STRING, "has_prefix", catalogue)
    require(node.day, ValueType.DATE, "has_prefix", catalogue)
    return ValueType.BOOLEAN


@type_of.register
def _(node: nodes.Slice, catalogue: FactCatalogue) -> ValueType:
    require(node.operand, ValueType.STRING, "[…:…]", catalogue)
    return ValueType.STRING


@type_of.register
def _(node: nodes.Negate, catalogue: FactCatalogue) -> ValueType:
    require(node.operand, ValueType.NUMBER, "-", catalogue)
    return ValueType.NUMBER


@type_of.register
def _(node: nodes.Arithmetic, catalogue: FactCatalogue) -> ValueType:
    require(node.left, ValueType.NUMBER, node.operator, catalogue)
    require(node.right, ValueType.NUMBER, node.operator, catalogue)
    return ValueType.NUMBER


@type_of.register
def _(node: nodes.Power, catalogue: FactCatalogue) -> ValueType:
    require(node.base, ValueType.NUMBER, "**", catalogue)
    return ValueType.NUMBER


@type_of.register
def _(node: nodes.Conditional, catalogue: FactCatalogue) -> ValueType:
    require(node.condition, ValueType.BOOLEAN, "? :", catalogue)
    when_true = type_of(node.when_true, catalogue)
    require(node.when_false, when_true, "? :", catalogue)
    return when_true


@type_of.register
def _(node: nodes.Call, catalogue: FactCatalogue) -> ValueType:
    if node.function in VARIADIC:
        if not node.arguments:
            raise ArgumentDefect(
                function=node.function,
                problem="needs at least one number",
                problem_zh="至少需要一个数字",
            )
        for argument in node.arguments:
            require(argument, ValueType.NUMBER, node.function, catalogue)
        return ValueType.NUMBER
    expected, result = SIGNATURES[node.function]
    if len(node.arguments) != len(expected):
        raise ArgumentDefect(
            function=node.function,
            problem=f"takes {len(expected)} argument{'s' if len(expected) > 1 else ''}, not {len(node.arguments)}",
            problem_zh=f"需要 {len(expected)} 个参数，而不是 {len(node.arguments)} 个",
        )
    for argument, argument_type in zip(node.arguments, expected, strict=True):
        require(argument, argument_type, node.function, catalogue)
    if node.function is Function.ROUND_HALF_UP:
        _check_digits(node.arguments[1])
    return result


def _check_digits(node: Node) -> None:
    digits = node.value if isinstance(node, nodes.Literal) else None
    if not isinstance(digits, Decimal) or digits not in range(MAX_DIGITS + 1):
        raise ArgumentDefect(
            function="round_half_up",
            problem=f"the number of digits must be a whole number from 0 to {MAX_DIGITS}",
            problem_zh=f"小数位数必须是 0 到 {MAX_DIGITS} 的整数",
        )


@type_of.register
def _(node: nodes.Bands, catalogue: FactCatalogue) -> ValueType:
    require(node.operand, ValueType.NUMBER, node.rule, catalogue)
    return ValueType.NUMBER


@type_of.register
def _(node: nodes.PerStep, catalogue: FactCatalogue) -> ValueType:
    require(node.operand, ValueType.NUMBER, "per_step", catalogue)
    require(node.award, ValueType.NUMBER, "per_step", catalogue)
    return ValueType.NUMBER


@type_of.register
def _(node: nodes.ListCount, catalogue: FactCatalogue) -> ValueType:
    require(node.list, ValueType.STRING_LIST, "list_count", catalogue)
    require(node.first, ValueType.DATE, "list_count", catalogue)
    require(node.last, ValueType.DATE, "list_count", catalogue)
    return ValueType.NUMBER
