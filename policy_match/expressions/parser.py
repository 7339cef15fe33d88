"""From the text of a rule to nodes: rule-engine's grammar, our own meaning.

Guarantees that what comes back is typed and means what `semantics` says; every part of the grammar that this
language does not have is refused by name. The only module that imports rule-engine.

rule-engine builds its tree in two steps: the grammar gives deferred nodes, which are then built and folded with its
own null handling and decimal precision. We read the deferred nodes, so that no constant is folded by a semantics
that is not ours, and build afterwards only to have its type checker as a second opinion.
"""

import itertools
import re
import threading
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import rule_engine
from rule_engine import ast
from rule_engine.parser import Parser

from policy_match.expressions import nodes
from policy_match.expressions.checker import type_of
from policy_match.expressions.defects import (
    ArgumentDefect,
    BuiltinRefused,
    ClockRefused,
    FeatureRefused,
    RandomRefused,
    SyntaxDefect,
    TooDeep,
    UnknownFunction,
    UnknownName,
)
from policy_match.expressions.nodes import Node, Scalar, ValueType, literal
from policy_match.expressions.vocabulary import (
    FACT_VALUE_TYPES,
    DatedCodes,
    DatedTable,
    DatedValue,
    Vocabulary,
)
from policy_match.values import FactName

MAX_DEPTH = 100
MAX_TEXT = 4_000
MAX_EXPONENT = 12
DECIMAL_LITERAL = re.compile(r"\d+(\.\d*)?([eE][+-]?\d{1,2})?|\.\d+([eE][+-]?\d{1,2})?")
ALWAYS = date.min
"""The `effective_from` of a constant list of prefixes."""

ENGINE_TYPES = {
    ValueType.NUMBER: rule_engine.DataType.FLOAT,
    ValueType.STRING: rule_engine.DataType.STRING,
    ValueType.BOOLEAN: rule_engine.DataType.BOOLEAN,
    ValueType.DATE: rule_engine.DataType.DATETIME,
    ValueType.STRING_LIST: rule_engine.DataType.ARRAY(rule_engine.DataType.STRING),
}

COMPARATORS = {
    "EQ": nodes.Comparator.EQ,
    "NE": nodes.Comparator.NE,
    "LT": nodes.Comparator.LT,
    "LE": nodes.Comparator.LE,
    "GT": nodes.Comparator.GT,
    "GE": nodes.Comparator.GE,
}
OPERATORS = {
    "ADD": nodes.Operator.ADD,
    "SUB": nodes.Operator.SUBTRACT,
    "MUL": nodes.Operator.MULTIPLY,
    "TDIV": nodes.Operator.DIVIDE,
    "FDIV": nodes.Operator.WHOLE_DIVIDE,
    "MOD": nodes.Operator.REMAINDER,
}

REFUSED: dict[type, tuple[str, str, str, str]] = {
    ast.FuzzyComparisonExpression: (
        "a regular expression",
        "正则表达式",
        "write `'part' in text`, a slice or has_prefix(…)",
        "请用 'part' in text、切片或 has_prefix(…)",
    ),
    ast.CoalesceExpression: (
        "`??`",
        "“??”",
        "an unknown fact must stay unknown; ask `x == null`",
        "未知必须保持未知;请用 x == null 判断",
    ),
    ast.ComprehensionExpression: (
        "a comprehension",
        "列表推导",
        "use list_count(…) or a record policy (`per`)",
        "请用 list_count(…) 或按记录的政策(per)",
    ),
    ast.GetAttributeExpression: ("`.attribute`", "“.属性”", "use a function of the language", "请用本语言的函数"),
    ast.GetItemExpression: (
        "`x[item]`",
        "“x[项]”",
        "use a slice `code[0:2]`, lookup(…) or parameter_at(…)",
        "请用切片 code[0:2]、lookup(…) 或 parameter_at(…)",
    ),
    ast.BitwiseExpression: ("a bitwise operator", "位运算", "use `and`, `or`, `not`", "请用 and、or、not"),
    ast.BitwiseShiftExpression: ("a bitwise operator", "位运算", "use `*` or `/`", "请用 * 或 /"),
    ast.BytesExpression: ("a bytes literal", "字节文本", "write a string", "请写成文本"),
    ast.TimedeltaExpression: (
        "a duration",
        "时长",
        "use add_days(…) or add_months(…)",
        "请用 add_days(…) 或 add_months(…)",
    ),
    ast.SetExpression: ("a set", "集合", "write a list `[…]`", "请写成列表 […]"),
    ast.MappingExpression: ("a mapping", "映射", "write a table under parameters/", "请在 parameters/ 中写成表"),
    ast.ArrayExpression: (
        "a list here",
        "此处的列表",
        "a list stands after `in`, or as bands or prefixes",
        "列表只能出现在 in 之后,或作为分档、前缀",
    ),
    ast.NullExpression: (
        "`null` here",
        "此处的 null",
        "unknown is asked with `x == null` or `x != null`",
        "请用 x == null 或 x != null 判断未知",
    ),
}


class _Grammar(Parser):
    """rule-engine's grammar, stopped before its own nodes are built."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def deferred(self, text: str) -> Any:
        """Return the tree of deferred nodes of `text`."""
        with self._lock:
            self.context = None
            return self._parser.parse(text, lexer=self._lexer)


_GRAMMAR = _Grammar()


def parse(text: str, vocabulary: Vocabulary) -> Node:
    """Return the typed nodes of `text`. Raises a subclass of `ExpressionDefect` that names what is wrong."""
    if len(text) > MAX_TEXT:
        raise SyntaxDefect(
            text=text[:40] + "…", detail=f"longer than {MAX_TEXT} characters; write parts as definitions"
        )
    try:
        statement = _GRAMMAR.deferred(text)
    except rule_engine.errors.EngineError as error:
        raise SyntaxDefect(text=text, detail=error.message) from None
    if statement is None:
        raise SyntaxDefect(text=text, detail="it is empty")
    node = _Lowering(vocabulary).lower(statement.args[1], 0)
    type_of(node, vocabulary.catalogue)
    _second_opinion(text, vocabulary)
    return node


def _second_opinion(text: str, vocabulary: Vocabulary) -> None:
    def resolve(name: str) -> Any:
        if name in vocabulary.catalogue:
            return ENGINE_TYPES[FACT_VALUE_TYPES[vocabulary.catalogue[FactName(name)].type]]
        parameter = vocabulary.parameters.get(name)
        if isinstance(parameter, DatedValue):
            return ENGINE_TYPES[parameter.type]
        if name in vocabulary.definitions:
            return ENGINE_TYPES[type_of(vocabulary.definitions[name], vocabulary.catalogue)]
        return rule_engine.DataType.DATETIME if name == "as_of" else rule_engine.DataType.UNDEFINED

    context = rule_engine.Context(type_resolver=resolve, default_timezone="utc")
    try:
        rule_engine.Rule(text, context=context)
    except (rule_engine.errors.EngineError, ArithmeticError) as error:
        raise SyntaxDefect(text=text, detail=getattr(error, "message", str(error))) from None


class _Lowering:
    """One walk over the deferred tree of one expression."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def lower(self, item: Any, depth: int) -> Node:
        """Return the node that `item`, a deferred node, means."""
        if depth > MAX_DEPTH:
            raise TooDeep(limit=MAX_DEPTH)
        if item.cls in REFUSED:
            what, what_zh, instead, instead_zh = REFUSED[item.cls]
            raise FeatureRefused(what=what, what_zh=what_zh, instead=instead, instead_zh=instead_zh)
        return VISITS[item.cls](self, item, depth + 1)

    def symbol(self, item: Any, depth: int) -> Node:
        """A name: a fact, a parameter as of the decision's date, a definition or `as_of`."""
        name = item.args[1]
        known = self._vocabulary
        if item.kwargs.get("scope") == "built-in":
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
                raise argument(name, "is a table; write lookup(table, key)", "是一张表;请写 lookup(表, 键)")
            case DatedCodes():
                raise argument(
                    name, "is a code list; write has_prefix(code, list)", "是代码清单;请写 has_prefix(代码, 清单)"
                )
            case None:
                if name in FUNCTION_NAMES:
                    raise argument(name, "is a function; write its arguments in ( )", "是函数;请在括号中写出参数")
                raise UnknownName(name, known.names())

    def number(self, item: Any, depth: int) -> Node:
        """A number in decimal notation."""
        text = item.args[1]
        if not DECIMAL_LITERAL.fullmatch(text):
            raise FeatureRefused(
                what=f"the number `{text}`",
                what_zh=f"数字“{text}”",
                instead="write it in decimal digits",
                instead_zh="请用十进制数字书写",
            )
        return literal(Decimal(text))

    def day(self, item: Any, depth: int) -> Node:
        """A date, without a time of day."""
        text = item.args[1]
        try:
            return literal(date.fromisoformat(text if len(text) == 10 else "not a date"))
        except ValueError:
            raise FeatureRefused(
                what=f"the date `{text}`",
                what_zh=f"日期“{text}”",
                instead="write a day as d'2025-01-31', without a time",
                instead_zh="日期请写作 d'2025-01-31',不带时间",
            ) from None

    def constant(self, item: Any, depth: int) -> Node:
        """A string or a boolean."""
        return literal(item.args[1])

    def unary(self, item: Any, depth: int) -> Node:
        """`not x` or `-x`; a negative constant is a constant."""
        operand = self.lower(item.args[2], depth)
        if item.args[1] == "NOT":
            return nodes.Not(operand=operand)
        if isinstance(operand, nodes.Literal) and operand.type is ValueType.NUMBER:
            return literal(-Decimal(str(operand.value)))
        return nodes.Negate(operand=operand)

    def logic(self, item: Any, depth: int) -> Node:
        """`and` and `or`."""
        left, right = self.lower(item.args[2], depth), self.lower(item.args[3], depth)
        return nodes.And(left=left, right=right) if item.args[1] == "AND" else nodes.Or(left=left, right=right)

    def arithmetic(self, item: Any, depth: int) -> Node:
        """The arithmetic operators; a power needs a constant whole exponent."""
        left, right = self.lower(item.args[2], depth), self.lower(item.args[3], depth)
        if item.args[1] != "POW":
            return nodes.Arithmetic(operator=OPERATORS[item.args[1]], left=left, right=right)
        exponent = right.value if isinstance(right, nodes.Literal) else None
        if not isinstance(exponent, Decimal) or exponent not in range(MAX_EXPONENT + 1):
            raise argument(
                "**",
                f"the exponent must be a whole number from 0 to {MAX_EXPONENT}",
                f"指数必须是 0 到 {MAX_EXPONENT} 的整数",
            )
        return nodes.Power(base=left, exponent=int(exponent))

    def comparison(self, item: Any, depth: int) -> Node:
        """A comparison; with `null` it asks whether the other side is unknown."""
        _, name, left, right = item.args
        if ast.NullExpression in (left.cls, right.cls) and name in ("EQ", "NE"):
            asked = self.lower(left if right.cls is ast.NullExpression else right, depth)
            unknown = nodes.IsUnknown(operand=asked)
            return unknown if name == "EQ" else nodes.Not(operand=unknown)
        return nodes.Compare(comparator=COMPARATORS[name], left=self.lower(left, depth), right=self.lower(right, depth))

    def membership(self, item: Any, depth: int) -> Node:
        """`x in […]`, `'part' in text` and `'entry' in list`."""
        _, container, member = item.args
        operand = self.lower(member, depth)
        if container.cls is ast.ArrayExpression:
            return nodes.OneOf(operand=operand, options=self.constants("in", container, depth))
        holder = self.lower(container, depth)
        if type_of(holder, self._vocabulary.catalogue) is ValueType.STRING_LIST:
            return nodes.InList(item=operand, list=holder)
        return nodes.Contains(text=holder, part=operand)

    def conditional(self, item: Any, depth: int) -> Node:
        """`c ? a : b`."""
        condition, when_true, when_false = (self.lower(part, depth) for part in item.args[1:4])
        return nodes.Conditional(condition=condition, when_true=when_true, when_false=when_false)

    def slice(self, item: Any, depth: int) -> Node:
        """`text[start:stop]` with constant bounds."""
        _, text, start, stop = item.args
        return nodes.Slice(
            operand=self.lower(text, depth), start=self.bound(start, depth), stop=self.bound(stop, depth)
        )

    def bound(self, item: Any, depth: int) -> int | None:
        """A constant whole bound of a slice."""
        if item is None:
            return None
        node = self.lower(item, depth)
        if isinstance(node, nodes.Literal) and isinstance(node.value, Decimal) and node.value == int(node.value):
            return int(node.value)
        raise argument("[…:…]", "the bounds must be whole numbers", "切片的界限必须是整数")

    def call(self, item: Any, depth: int) -> Node:
        """A function call."""
        _, function, arguments = item.args
        if function.cls is not ast.SymbolExpression:
            raise FeatureRefused(
                what="a computed function",
                what_zh="计算得出的函数",
                instead="write its name",
                instead_zh="请写出函数名",
            )
        name = function.args[1]
        if function.kwargs.get("scope") == "built-in":
            refuse_builtin(name)
        if name in SPECIAL:
            return SPECIAL[name](self, name, list(arguments), depth)
        if name not in FUNCTION_NAMES:
            raise UnknownFunction(name, FUNCTION_NAMES)
        return nodes.Call(
            function=nodes.Function(name), arguments=tuple(self.lower(argument, depth) for argument in arguments)
        )

    def constants(self, where: str, item: Any, depth: int) -> tuple[Scalar, ...]:
        """The members of a list of constants, all of one type."""
        if item.cls is not ast.ArrayExpression:
            raise argument(where, "needs a list of constants `[…]`", "需要常量列表 […]")
        members = [self.lower(member, depth) for member in item.args[1]]
        values = [member.value for member in members if isinstance(member, nodes.Literal)]
        if len(values) != len(members) or not values:
            raise argument(where, "the list must hold constants, at least one", "列表必须由常量组成,至少一个")
        return tuple(values)

    def numbers(self, where: str, item: Any, depth: int) -> tuple[Decimal, ...]:
        """The members of a list of numbers."""
        values = self.constants(where, item, depth)
        numbers = tuple(value for value in values if isinstance(value, Decimal))
        if len(numbers) != len(values):
            raise argument(where, "the list must hold numbers", "列表必须由数字组成")
        return numbers

    def optional_day(self, arguments: Sequence[Any], place: int, depth: int) -> Node:
        """The day at which a dated value is read: the argument given, else the decision's date."""
        return self.lower(arguments[place], depth) if len(arguments) > place else nodes.AsOf()

    def bands(self, name: str, arguments: list[Any], depth: int) -> Node:
        """`whole_bands(x, lower, rates)` and its two relatives."""
        count(name, arguments, 3, 3)
        lower = self.numbers(name, arguments[1], depth)
        values = self.numbers(name, arguments[2], depth)
        if len(lower) != len(values):
            raise argument(
                name,
                f"{len(lower)} lower bounds but {len(values)} values; give one value for each band",
                f"有 {len(lower)} 个下限却有 {len(values)} 个值;每档一个值",
            )
        if any(later <= earlier for earlier, later in itertools.pairwise(lower)):
            raise argument(name, "the lower bounds must rise", "下限必须递增")
        return nodes.Bands(
            rule=nodes.BandRule(name), operand=self.lower(arguments[0], depth), lower=lower, values=values
        )

    def per_step(self, name: str, arguments: list[Any], depth: int) -> Node:
        """`per_step(x, step, award, 'floor')`."""
        count(name, arguments, 4, 4)
        step, rounding = self.lower(arguments[1], depth), self.lower(arguments[3], depth)
        size = step.value if isinstance(step, nodes.Literal) else None
        if not isinstance(size, Decimal) or size <= 0:
            raise argument(name, "the step must be a constant above 0", "步长必须是大于 0 的常量")
        word = rounding.value if isinstance(rounding, nodes.Literal) else None
        if word not in [member.value for member in nodes.StepRounding]:
            raise argument(
                name,
                "the rounding must be stated: 'floor', 'ceiling' or 'proportional'",
                "必须写明取整方式:'floor'、'ceiling' 或 'proportional'",
            )
        return nodes.PerStep(
            operand=self.lower(arguments[0], depth),
            step=size,
            award=self.lower(arguments[2], depth),
            rounding=nodes.StepRounding(str(word)),
        )

    def has_prefix(self, name: str, arguments: list[Any], depth: int) -> Node:
        """`has_prefix(code, ['C', '65'])`, or with the name of a code list and optionally a day."""
        count(name, arguments, 2, 3)
        operand, prefixes = self.lower(arguments[0], depth), arguments[1]
        if prefixes.cls is not ast.SymbolExpression:
            constants = self.constants(name, prefixes, depth)
            texts = tuple(value for value in constants if isinstance(value, str))
            if len(texts) != len(constants) or "" in texts:
                raise argument(name, "the prefixes must be strings that are not empty", "前缀必须是非空文本")
            return nodes.HasPrefix(
                operand=operand, dated=((ALWAYS, texts),), day=self.optional_day(arguments, 2, depth)
            )
        codes = self._vocabulary.parameters.get(prefixes.args[1])
        if not isinstance(codes, DatedCodes):
            raise argument(name, f"`{prefixes.args[1]}` is not a code list", f"“{prefixes.args[1]}”不是代码清单")
        return nodes.HasPrefix(
            operand=operand,
            dated=codes.dated,
            day=self.optional_day(arguments, 2, depth),
            name=prefixes.args[1],
        )

    def lookup(self, name: str, arguments: list[Any], depth: int) -> Node:
        """`lookup(table, key)`, optionally with a day."""
        count(name, arguments, 2, 3)
        table = arguments[0].args[1] if arguments[0].cls is ast.SymbolExpression else ""
        parameter = self._vocabulary.parameters.get(table)
        if not isinstance(parameter, DatedTable):
            raise argument(name, f"`{table}` is not a table under parameters/", f"“{table}”不是 parameters/ 中的表")
        return nodes.Lookup(
            name=table,
            dated=parameter.dated,
            key=self.lower(arguments[1], depth),
            day=self.optional_day(arguments, 2, depth),
        )

    def parameter_at(self, name: str, arguments: list[Any], depth: int) -> Node:
        """`parameter_at(parameter, day)`: the value at an event date."""
        count(name, arguments, 2, 2)
        parameter_name = arguments[0].args[1] if arguments[0].cls is ast.SymbolExpression else ""
        parameter = self._vocabulary.parameters.get(parameter_name)
        if not isinstance(parameter, DatedValue):
            raise argument(name, f"`{parameter_name}` is not a parameter", f"“{parameter_name}”不是参数")
        return nodes.Parameter(name=parameter_name, dated=parameter.dated, day=self.lower(arguments[1], depth))

    def list_count(self, name: str, arguments: list[Any], depth: int) -> Node:
        """`list_count(list, first, last)`, optionally with a label."""
        count(name, arguments, 3, 4)
        return nodes.ListCount(
            list=self.lower(arguments[0], depth),
            first=self.lower(arguments[1], depth),
            last=self.lower(arguments[2], depth),
            label=self.label(name, arguments, 3, depth),
        )

    def on_list(self, name: str, arguments: list[Any], depth: int) -> Node:
        """`on_list(list, day)`: whether an entry is in force on that day."""
        count(name, arguments, 2, 3)
        day = self.lower(arguments[1], depth)
        counted = nodes.ListCount(
            list=self.lower(arguments[0], depth), first=day, last=day, label=self.label(name, arguments, 2, depth)
        )
        return nodes.Compare(comparator=nodes.Comparator.GT, left=counted, right=literal(Decimal(0)))

    def label(self, name: str, arguments: Sequence[Any], place: int, depth: int) -> str | None:
        """The optional label of the entries to count."""
        if len(arguments) <= place:
            return None
        node = self.lower(arguments[place], depth)
        if isinstance(node, nodes.Literal) and isinstance(node.value, str):
            return node.value
        raise argument(name, "the label must be a constant string", "标签必须是常量文本")


def argument(function: str, problem: str, problem_zh: str) -> ArgumentDefect:
    """Return the defect of a call or a name used wrongly."""
    return ArgumentDefect(function=function, problem=problem, problem_zh=problem_zh)


def count(name: str, arguments: Sequence[Any], least: int, most: int) -> None:
    """Raise `ArgumentDefect` unless the number of arguments is between the two."""
    if not least <= len(arguments) <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise argument(name, f"takes {expected} arguments, not {len(arguments)}", f"需要 {expected} 个参数")


def refuse_builtin(name: str) -> None:
    """Raise the defect of a `$name`."""
    if name in ("now", "today"):
        raise ClockRefused(name=name)
    if name == "random":
        raise RandomRefused()
    raise BuiltinRefused(name, FUNCTION_NAMES)


SPECIAL: dict[str, Callable[[_Lowering, str, list[Any], int], Node]] = {
    **{rule.value: _Lowering.bands for rule in nodes.BandRule},
    "per_step": _Lowering.per_step,
    "has_prefix": _Lowering.has_prefix,
    "lookup": _Lowering.lookup,
    "parameter_at": _Lowering.parameter_at,
    "list_count": _Lowering.list_count,
    "on_list": _Lowering.on_list,
}
"""Functions with arguments that must be constants or names."""

FUNCTION_NAMES = frozenset([*SPECIAL, *(function.value for function in nodes.Function)])
"""Every function of the language."""

VISITS: dict[type, Callable[[_Lowering, Any, int], Node]] = {
    ast.SymbolExpression: _Lowering.symbol,
    ast.FloatExpression: _Lowering.number,
    ast.DatetimeExpression: _Lowering.day,
    ast.StringExpression: _Lowering.constant,
    ast.BooleanExpression: _Lowering.constant,
    ast.UnaryExpression: _Lowering.unary,
    ast.LogicExpression: _Lowering.logic,
    ast.ArithmeticExpression: _Lowering.arithmetic,
    ast.AddExpression: _Lowering.arithmetic,
    ast.SubtractExpression: _Lowering.arithmetic,
    ast.ComparisonExpression: _Lowering.comparison,
    ast.ArithmeticComparisonExpression: _Lowering.comparison,
    ast.ContainsExpression: _Lowering.membership,
    ast.TernaryExpression: _Lowering.conditional,
    ast.GetSliceExpression: _Lowering.slice,
    ast.FunctionCallExpression: _Lowering.call,
}
"""What each part of the grammar means; a part that stands neither here nor in `REFUSED` raises `KeyError`."""
