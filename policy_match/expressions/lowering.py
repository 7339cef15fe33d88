"""From the form of an expression to its meaning: names are resolved, and what the language refuses is refused.

Guarantees that a node holds constants wherever the language asks for constants. Types are checked by `checker`.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import NoReturn

from policy_match.expressions import nodes
from policy_match.expressions.calls import SPECIAL
from policy_match.expressions.checker import type_of
from policy_match.expressions.defects import (
    ArgumentDefect,
    BuiltinRefused,
    ClockRefused,
    FeatureRefused,
    RandomRefused,
    UnknownFunction,
    UnknownName,
)
from policy_match.expressions.nodes import Node, Scalar, ValueType, literal
from policy_match.expressions.syntax import (
    CallOf,
    Constant,
    DayText,
    Infix,
    ListOf,
    Membership,
    Name,
    Null,
    NumberText,
    Prefix,
    SliceOf,
    Syntax,
    Ternary,
    Unsupported,
)
from policy_match.expressions.vocabulary import DatedCodes, DatedTable, DatedValue, Vocabulary
from policy_match.values import FactName

MAX_EXPONENT = 12
MAX_BOUND = 1_000
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DECIMAL_LITERAL = re.compile(r"\d+(\.\d*)?([eE][+-]?\d{1,2})?|\.\d+([eE][+-]?\d{1,2})?")

FUNCTION_NAMES = frozenset([*SPECIAL, *(function.value for function in nodes.Function)])
"""Every function of the language."""

REFUSED: dict[Unsupported, tuple[str, str, str, str]] = {
    Unsupported.REGULAR_EXPRESSION: (
        "a regular expression",
        "正则表达式",
        "write `'part' in text`, a slice or has_prefix(…)",
        "请用 'part' in text、切片或 has_prefix(…)",
    ),
    Unsupported.COALESCE: (
        "`??`",
        "“??”",
        "an unknown fact must stay unknown; ask `x == null`",
        "未知必须保持未知；请用 x == null 判断",
    ),
    Unsupported.COMPREHENSION: (
        "a comprehension",
        "列表推导",
        "use list_count(…) or a record policy (`per`)",
        "请用 list_count(…) 或按记录的政策（per）",
    ),
    Unsupported.ATTRIBUTE: ("`.attribute`", "“.属性”", "use a function of the language", "请用本语言的函数"),
    Unsupported.ITEM: (
        "`x[item]`",
        "“x[项]”",
        "use a slice `code[0:2]`, lookup(…) or parameter_at(…)",
        "请用切片 code[0:2]、lookup(…) 或 parameter_at(…)",
    ),
    Unsupported.BITWISE: ("a bitwise operator", "位运算", "use `and`, `or`, `not`", "请用 and、or、not"),
    Unsupported.SHIFT: ("a bitwise operator", "位运算", "use `*` or `/`", "请用 * 或 /"),
    Unsupported.BYTES: ("a bytes literal", "字节文本", "write a string", "请写成文本"),
    Unsupported.DURATION: (
        "a duration",
        "时长",
        "use add_days(…) or add_months(…)",
        "请用 add_days(…) 或 add_months(…)",
    ),
    Unsupported.SET: ("a set", "集合", "write a list `[…]`", "请写成列表 […]"),
    Unsupported.MAPPING: ("a mapping", "映射", "write a table under parameters/", "请在 parameters/ 中写成表"),
}
"""What is refused, and what to write instead, each in English and Chinese."""


class Lowering:
    """Gives the nodes of expressions over one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def lower(self, form: Syntax) -> Node:
        """Return what `form` means. Raises an `ExpressionDefect`."""
        match form:
            case Name():
                return self._name(form)
            case NumberText(text):
                return _number(text)
            case DayText(text):
                return _day(text)
            case Constant(value):
                return _constant(value)
            case Prefix(operator, operand):
                return _prefixed(operator, self.lower(operand))
            case Infix():
                return self._infix(form)
            case Membership():
                return self._membership(form)
            case Ternary(condition, when_true, when_false):
                return nodes.Conditional(
                    condition=self.lower(condition),
                    when_true=self.lower(when_true),
                    when_false=self.lower(when_false),
                )
            case SliceOf(text, start, stop):
                return nodes.Slice(operand=self.lower(text), start=self._bound(start), stop=self._bound(stop))
            case CallOf():
                return self._call(form)
            case ListOf() | Null() | Unsupported():
                _refuse(form)

    def _name(self, form: Name) -> Node:
        """A fact, a parameter as of the decision's date, a definition or `as_of`."""
        name, known = form.name, self.vocabulary
        if form.builtin:
            refuse_builtin(name)
        if name == "as_of":
            return nodes.AsOf()
        if name in known.catalogue:
            return nodes.FactValue(name=FactName(name))
        if name in known.definitions:
            return nodes.Definition(name=name, body=known.definitions[name])
        match known.parameters.get(name):
            case DatedValue(dated=dated):
                return nodes.Parameter(name=name, dated=dated, day=nodes.AsOf())
            case DatedTable():
                raise ArgumentDefect.of(name, "is a table; write lookup(table, key)", "是一张表；请写 lookup(表, 键)")
            case DatedCodes():
                raise ArgumentDefect.of(
                    name, "is a code list; write has_prefix(code, list)", "是代码清单；请写 has_prefix(代码, 清单)"
                )
            case None if name in FUNCTION_NAMES:
                raise ArgumentDefect.of(name, "is a function; write its arguments in ( )", "是函数；请在括号中写出参数")
            case None:
                raise UnknownName(name, known.names())

    def _infix(self, form: Infix) -> Node:
        """Logic, comparison or arithmetic. A comparison with `null` asks whether the other side is unknown."""
        operator = form.operator
        null_at = [isinstance(side, Null) for side in (form.left, form.right)]
        if any(null_at) and operator in ("==", "!="):
            asked = nodes.IsUnknown(operand=self.lower(form.left if null_at[1] else form.right))
            return asked if operator == "==" else nodes.Not(operand=asked)
        left, right = self.lower(form.left), self.lower(form.right)
        if operator == "and":
            return nodes.And(left=left, right=right)
        if operator == "or":
            return nodes.Or(left=left, right=right)
        if operator == "**":
            return nodes.Power(base=left, exponent=_exponent(right))
        if operator in list(nodes.Comparator):
            return nodes.Compare(comparator=nodes.Comparator(operator), left=left, right=right)
        return nodes.Arithmetic(operator=nodes.Operator(operator), left=left, right=right)

    def _membership(self, form: Membership) -> Node:
        """`x in […]`, `'part' in text` and `'entry' in list`."""
        operand = self.lower(form.item)
        if isinstance(form.container, ListOf):
            return nodes.OneOf(operand=operand, options=self.constants("in", form.container))
        holder = self.lower(form.container)
        if type_of(holder, self.vocabulary.catalogue) is ValueType.STRING_LIST:
            return nodes.InList(item=operand, list=holder)
        return nodes.Contains(text=holder, part=operand)

    def _bound(self, form: Syntax | None) -> int | None:
        """A constant whole bound of a slice."""
        if form is None:
            return None
        node = self.lower(form)
        if isinstance(node, nodes.Literal) and node.value in range(-MAX_BOUND, MAX_BOUND + 1):
            return int(node.value)  # type: ignore[arg-type]
        raise ArgumentDefect.of(
            "[…:…]",
            f"the bounds must be whole numbers from -{MAX_BOUND} to {MAX_BOUND}",
            f"切片的界限必须是 -{MAX_BOUND} 到 {MAX_BOUND} 的整数",
        )

    def _call(self, form: CallOf) -> Node:
        if not isinstance(form.function, Name):
            raise FeatureRefused(
                what="a computed function",
                what_zh="计算得出的函数",
                instead="write its name",
                instead_zh="请写出函数名",
            )
        name = form.function.name
        if form.function.builtin:
            refuse_builtin(name)
        if name in SPECIAL:
            return SPECIAL[name](self, name, form.arguments)
        if name not in FUNCTION_NAMES:
            raise UnknownFunction(name, FUNCTION_NAMES)
        return nodes.Call(
            function=nodes.Function(name), arguments=tuple(self.lower(argument) for argument in form.arguments)
        )

    def constants(self, where: str, form: Syntax) -> tuple[Scalar, ...]:
        """Return the members of a list of constants, at least one."""
        if not isinstance(form, ListOf):
            raise ArgumentDefect.of(where, "needs a list of constants `[…]`", "需要常量列表 […]")
        members = [self.lower(member) for member in form.members]
        values = [member.value for member in members if isinstance(member, nodes.Literal)]
        if len(values) != len(members) or not values:
            raise ArgumentDefect.of(where, "the list must hold constants, at least one", "列表必须由常量组成，至少一个")
        return tuple(values)


def refuse_builtin(name: str) -> NoReturn:
    """Raise the defect of a `$name`."""
    if name in ("now", "today"):
        raise ClockRefused(name=name)
    if name == "random":
        raise RandomRefused()
    raise BuiltinRefused(name, FUNCTION_NAMES)


def _refuse(form: ListOf | Null | Unsupported) -> NoReturn:
    match form:
        case ListOf():
            raise FeatureRefused(
                what="a list here",
                what_zh="此处的列表",
                instead="a list stands after `in`, or as bands or prefixes",
                instead_zh="列表只能出现在 in 之后，或作为分档、前缀",
            )
        case Null():
            raise FeatureRefused(
                what="`null` here",
                what_zh="此处的 null",
                instead="unknown is asked with `x == null` or `x != null`",
                instead_zh="请用 x == null 或 x != null 判断未知",
            )
        case Unsupported():
            what, what_zh, instead, instead_zh = REFUSED[form]
            raise FeatureRefused(what=what, what_zh=what_zh, instead=instead, instead_zh=instead_zh)


def _constant(value: str | bool) -> Node:
    if isinstance(value, str) and any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise FeatureRefused(
            what="a string with a control character",
            what_zh="含控制字符的文本",
            instead="write letters as they are",
            instead_zh="请直接书写文字",
        )
    return literal(value)


def _number(text: str) -> Node:
    if not DECIMAL_LITERAL.fullmatch(text):
        raise FeatureRefused(
            what=f"the number `{text}`",
            what_zh=f"数字“{text}”",
            instead="write it in decimal digits",
            instead_zh="请用十进制数字书写",
        )
    return literal(Decimal(text))


def _day(text: str) -> Node:
    try:
        return literal(date.fromisoformat(text if DAY.fullmatch(text) else "not a day"))
    except ValueError:
        raise FeatureRefused(
            what=f"the date `{text}`",
            what_zh=f"日期“{text}”",
            instead="write a day as d'2025-01-31', without a time",
            instead_zh="日期请写作 d'2025-01-31'，不带时间",
        ) from None


def _prefixed(operator: str, operand: Node) -> Node:
    """`not x` or `-x`; a negative constant is a constant."""
    if operator == "not":
        return nodes.Not(operand=operand)
    if isinstance(operand, nodes.Literal) and isinstance(operand.value, Decimal):
        return literal(-operand.value)
    return nodes.Negate(operand=operand)


def _exponent(node: Node) -> int:
    exponent = node.value if isinstance(node, nodes.Literal) else None
    if not isinstance(exponent, Decimal) or exponent not in range(MAX_EXPONENT + 1):
        raise ArgumentDefect.of(
            "**",
            f"the exponent must be a whole number from 0 to {MAX_EXPONENT}",
            f"指数必须是 0 到 {MAX_EXPONENT} 的整数",
        )
    return int(exponent)
