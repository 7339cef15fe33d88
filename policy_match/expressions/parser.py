"""From the text of a rule to nodes: rule-engine's grammar, our own meaning.

Guarantees that what comes back is typed and means what `semantics` says; every part of the grammar that this
language does not have is refused by name. The only module that imports rule-engine.

rule-engine builds its tree in two steps: the grammar gives deferred nodes, which are then built and folded with its
own null handling and decimal precision. We read the deferred nodes, so that no constant is folded by a semantics
that is not ours, and build afterwards only to have its type checker as a second opinion.
"""

import decimal
import threading
import warnings
from collections.abc import Callable
from copy import copy
from typing import Any

import rule_engine
from rule_engine import ast
from rule_engine.parser import Parser

from policy_match.expressions.checker import MAX_DEPTH, check_size, type_of
from policy_match.expressions.defects import SyntaxDefect, TooDeep
from policy_match.expressions.lowering import Lowering
from policy_match.expressions.nodes import Node, ValueType
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
from policy_match.expressions.vocabulary import FACT_VALUE_TYPES, DatedValue, Vocabulary
from policy_match.values import FactName

MAX_TEXT = 4_000
FOLDING_DIGITS = 250
"""Digits with which rule-engine folds constants, so that it refuses no sum that we can do."""

ENGINE_TYPES = {
    ValueType.NUMBER: rule_engine.DataType.FLOAT,
    ValueType.STRING: rule_engine.DataType.STRING,
    ValueType.BOOLEAN: rule_engine.DataType.BOOLEAN,
    ValueType.DATE: rule_engine.DataType.DATETIME,
    ValueType.STRING_LIST: rule_engine.DataType.ARRAY(rule_engine.DataType.STRING),
}

OPERATORS = {
    "ADD": "+",
    "SUB": "-",
    "MUL": "*",
    "TDIV": "/",
    "FDIV": "//",
    "MOD": "%",
    "POW": "**",
    "EQ": "==",
    "NE": "!=",
    "LT": "<",
    "LE": "<=",
    "GT": ">",
    "GE": ">=",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "UMINUS": "-",
}
"""rule-engine's names of the operators, and how they are written."""


class _Grammar:
    """rule-engine's grammar, stopped before its own nodes are built.

    The tables are those that rule-engine built for itself when it was imported, which takes a third of a second; what
    a parser and a lexer remember of a text is a copy of ours.
    """

    def __init__(self, built: Parser) -> None:
        self._parser, self._lexer = copy(built._parser), built._lexer.clone()
        self._lock = threading.Lock()

    def deferred(self, text: str) -> Any:
        """Return the tree of deferred nodes of `text`."""
        with self._lock, warnings.catch_warnings():
            # An escape such as `\d` in a string is only warned of by Python; the text is refused instead.
            warnings.simplefilter("error")
            self._lexer.lineno = 1
            return self._parser.parse(text, lexer=self._lexer)


GRAMMAR = _Grammar(rule_engine.Rule.parser)


def parse(text: str, vocabulary: Vocabulary) -> Node:
    """Return the typed nodes of `text`. Raises a subclass of `ExpressionDefect` that names what is wrong."""
    node = Lowering(vocabulary).lower(read(text))
    check_size(node)
    type_of(node, vocabulary.catalogue)
    _second_opinion(text, vocabulary)
    return node


def read(text: str) -> Syntax:
    """Return the form of `text`. Raises `SyntaxDefect` or `TooDeep`."""
    if len(text) > MAX_TEXT:
        raise SyntaxDefect(
            text,
            f"longer than {MAX_TEXT} characters; write parts as definitions",
            f"超过 {MAX_TEXT} 个字符；请把其中的部分写成定义",
        )
    if not text.strip():
        raise SyntaxDefect(text, "it is empty", "内容为空")
    try:
        statement = GRAMMAR.deferred(text)
    except rule_engine.errors.EngineError as error:
        raise SyntaxDefect(text, error.message) from None
    except Warning:
        raise SyntaxDefect(
            text, "unknown escape in a string; write \\\\ for a backslash", "文本中有未知的转义；反斜杠请写作 \\\\"
        ) from None
    return _form(statement.args[1], 0)


def _form(item: Any, depth: int) -> Syntax:
    """Return the form of a deferred node, which has the class of the node that it would become, and arguments."""
    if depth > MAX_DEPTH:
        raise TooDeep(limit=MAX_DEPTH)
    return FORMS[item.cls](item, lambda inner: _form(inner, depth + 1))


Inner = Callable[[Any], Syntax]


def _infix(item: Any, inner: Inner) -> Syntax:
    _, operator, left, right = item.args
    return Infix(OPERATORS[operator], inner(left), inner(right))


def _slice(item: Any, inner: Inner) -> Syntax:
    _, text, start, stop = item.args
    return SliceOf(inner(text), start and inner(start), stop and inner(stop))


def _unsupported(kind: Unsupported) -> Callable[[Any, Inner], Syntax]:
    return lambda item, inner: kind


FORMS: dict[type, Callable[[Any, Inner], Syntax]] = {
    ast.SymbolExpression: lambda item, inner: Name(item.args[1], item.kwargs.get("scope") == "built-in"),
    ast.FloatExpression: lambda item, inner: NumberText(item.args[1]),
    ast.DatetimeExpression: lambda item, inner: DayText(item.args[1]),
    ast.StringExpression: lambda item, inner: Constant(item.args[1]),
    ast.BooleanExpression: lambda item, inner: Constant(item.args[1]),
    ast.NullExpression: lambda item, inner: Null(),
    ast.UnaryExpression: lambda item, inner: Prefix(OPERATORS[item.args[1]], inner(item.args[2])),
    ast.LogicExpression: _infix,
    ast.ArithmeticExpression: _infix,
    ast.AddExpression: _infix,
    ast.SubtractExpression: _infix,
    ast.ComparisonExpression: _infix,
    ast.ArithmeticComparisonExpression: _infix,
    ast.ContainsExpression: lambda item, inner: Membership(inner(item.args[2]), inner(item.args[1])),
    ast.TernaryExpression: lambda item, inner: Ternary(*(inner(part) for part in item.args[1:4])),
    ast.GetSliceExpression: _slice,
    ast.FunctionCallExpression: lambda item, inner: CallOf(inner(item.args[1]), tuple(map(inner, item.args[2]))),
    ast.ArrayExpression: lambda item, inner: ListOf(tuple(map(inner, item.args[1]))),
    ast.FuzzyComparisonExpression: _unsupported(Unsupported.REGULAR_EXPRESSION),
    ast.CoalesceExpression: _unsupported(Unsupported.COALESCE),
    ast.ComprehensionExpression: _unsupported(Unsupported.COMPREHENSION),
    ast.GetAttributeExpression: _unsupported(Unsupported.ATTRIBUTE),
    ast.GetItemExpression: _unsupported(Unsupported.ITEM),
    ast.BitwiseExpression: _unsupported(Unsupported.BITWISE),
    ast.BitwiseShiftExpression: _unsupported(Unsupported.SHIFT),
    ast.BytesExpression: _unsupported(Unsupported.BYTES),
    ast.TimedeltaExpression: _unsupported(Unsupported.DURATION),
    ast.SetExpression: _unsupported(Unsupported.SET),
    ast.MappingExpression: _unsupported(Unsupported.MAPPING),
}
"""The form of each part of the grammar; a part that does not stand here raises `KeyError`."""


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
        with decimal.localcontext(prec=FOLDING_DIGITS):
            rule_engine.Rule(text, context=context)
    except (rule_engine.errors.EngineError, ArithmeticError) as error:
        raise SyntaxDefect(text, getattr(error, "message", str(error))) from None
