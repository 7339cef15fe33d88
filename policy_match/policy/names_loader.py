"""Reads what an expression may name: facts.toml, parameters/ and definitions/.

Guarantees one meaning per name, a reference for every parameter and definition, dated values in order, and
definitions without cycles. Policies are read by `policy_loader`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from policy_match.errors import PolicyMatchError
from policy_match.expressions.checker import MAX_DEPTH
from policy_match.expressions.defects import TooDeep
from policy_match.expressions.lowering import FUNCTION_NAMES
from policy_match.expressions.nodes import Node, Scalar, ValueType
from policy_match.expressions.parser import parse
from policy_match.expressions.vocabulary import DatedCodes, DatedTable, DatedValue, ParameterValues, Vocabulary
from policy_match.facts.canonical import record_column
from policy_match.facts.catalogue import (
    DEFAULT_SCALE,
    FIRM,
    KEY,
    MAX_SCALE,
    NUMERIC,
    Fact,
    FactCatalogue,
    FactType,
)
from policy_match.policy.defects import (
    CyclicDefinition,
    DuplicateName,
    MissingKey,
    UndatedOrder,
    WrongName,
    WrongType,
)
from policy_match.policy.model import ParameterSource
from policy_match.policy.table import Table
from policy_match.values import FactName

NAME = re.compile(r"[a-z][a-z0-9_]*")
LOGIC = frozenset({"and", "or", "not", "in", "if", "elif", "else", "for", "while"})
CONSTANTS = frozenset({"null", "true", "false", "inf", "nan", "as_of"})
RESERVED = LOGIC | CONSTANTS | {KEY}
STRING = re.compile(r"'(\\.|[^'\\])*'|\"(\\.|[^\"\\])*\"")
WORD = re.compile(r"[a-z_][a-z0-9_]*")
SCALES = {FactType.MONEY: 2}


class ParameterType(StrEnum):
    """What a parameter holds."""

    DECIMAL = "decimal"
    MONEY = "money"
    INTEGER = "integer"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    CODE_LIST = "code_list"
    TABLE = "table"


class ResultType(StrEnum):
    """What a table holds."""

    DECIMAL = "decimal"
    MONEY = "money"
    INTEGER = "integer"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"


class Sensitivity(StrEnum):
    """Who may see a fact: public, internal to government, or sensitive for the firm."""

    PUBLIC = "P"
    INTERNAL = "I"
    SENSITIVE = "S"


PYTHON_TYPES: dict[ParameterType, tuple[type, ...]] = {
    ParameterType.DECIMAL: (int, Decimal),
    ParameterType.MONEY: (int, Decimal),
    ParameterType.INTEGER: (int,),
    ParameterType.STRING: (str,),
    ParameterType.BOOLEAN: (bool,),
    ParameterType.DATE: (date,),
}
VALUE_TYPES = {
    ParameterType.STRING: ValueType.STRING,
    ParameterType.BOOLEAN: ValueType.BOOLEAN,
    ParameterType.DATE: ValueType.DATE,
}


@dataclass(kw_only=True, slots=True)
class Names:
    """What has been read so far, and where each name was defined."""

    places: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, ParameterValues] = field(default_factory=dict)
    definitions: dict[str, Node] = field(default_factory=dict)
    sources: dict[str, ParameterSource] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    """Names whose own defect is reported, so that what uses them is not reported as well."""

    def claim(self, name: str, table: Table) -> bool:
        """Record that `name` is defined in `table`, or the defect that it cannot be."""
        if not is_name(name):
            table.report(wrong_name(name))
            return False
        if name in self.places:
            table.report(DuplicateName(name=name, other=self.places[name]))
            return False
        self.places[name] = f"{table.path}:{table.line()}"
        return True


def is_name(word: str) -> bool:
    """Return whether an expression could use the word as a name."""
    return NAME.fullmatch(word) is not None and word not in RESERVED and word not in FUNCTION_NAMES


def wrong_name(name: str) -> WrongName:
    """Return the defect of a word that cannot be a name."""
    return WrongName(
        name=name,
        problem="cannot be a name: use lower-case letters, digits and _, and no word of the language",
        problem_zh="不能作名称：请用小写字母、数字和下划线，且不与语言中的词相同",
    )


def read_facts(root: Table, names: Names) -> FactCatalogue:
    """Return the catalogue of facts.toml."""
    facts: dict[FactName, Fact] = {}
    for name in root.names():
        table = root.table(name)
        if table is not None and names.claim(name, table):
            facts[FactName(name)] = _read_fact(FactName(name), table)
    root.close()
    catalogue = FactCatalogue(facts)
    columns = {fact.observed_column for fact in facts.values()} | {record_column(grain) for grain in catalogue.grains}
    for name in columns & facts.keys():
        root.report(
            WrongName(
                name=name,
                problem="cannot be a name: it is the name of a column that a table of facts has anyway",
                problem_zh="不能作名称：事实表中已有同名的列",
            ),
            name,
        )
    return catalogue


def _read_fact(name: FactName, table: Table) -> Fact:
    fact_type = table.word("type", FactType)
    fresh_days = table.integer("fresh_days", -1, least=1)
    scale = table.integer("scale", DEFAULT_SCALE) if fact_type is FactType.DECIMAL else SCALES.get(fact_type, 0)
    if scale > MAX_SCALE:
        most = (f"at most {MAX_SCALE}", f"至多 {MAX_SCALE}")
        table.report(WrongType(key="scale", expected=most, found=(str(scale), f" {scale}")), "scale")
    grain = table.text("grain", FIRM)
    if not is_name(grain):
        table.report(wrong_name(grain), "grain")
    fact = Fact(
        name=name,
        label=table.text("label"),
        label_en=table.text("label_en", ""),
        type=fact_type,
        unit=table.text("unit", ""),
        source=table.text("source", ""),
        fresh_days=None if fresh_days < 0 else fresh_days,
        sensitivity=table.word("sensitivity", Sensitivity, Sensitivity.INTERNAL),
        grain=grain,
        scale=scale,
        values=table.texts("values") if fact_type is FactType.STRING else (),
        minimum=table.number("minimum") if fact_type in NUMERIC else None,
        maximum=table.number("maximum") if fact_type in NUMERIC else None,
    )
    table.close()
    return fact


def read_parameters(root: Table, names: Names) -> None:
    """Add the parameters of one file to `names`."""
    for name in root.names():
        table = root.table(name)
        if table is None or not names.claim(name, table):
            continue
        kind = table.word("type", ParameterType)
        names.sources[name] = _read_source(name, table)
        values = _read_dated(table, kind)
        table.close()
        if values is None:
            names.failed.add(name)
        else:
            names.parameters[name] = values
    root.close()


def _read_source(name: str, table: Table) -> ParameterSource:
    return ParameterSource(
        name=name,
        label=table.text("label"),
        label_en=table.text("label_en", ""),
        reference=table.text("reference"),
    )


def _read_dated(table: Table, kind: ParameterType) -> ParameterValues | None:
    """Return the dated values, or `None` when one of them has a defect."""
    before = len(table.defects)
    result = ParameterType(table.word("result", ResultType)) if kind is ParameterType.TABLE else kind
    match kind:
        case ParameterType.TABLE:
            rows = _dated(table, lambda item: _read_rows(item, result))
            return (
                DatedTable(result=VALUE_TYPES.get(result, ValueType.NUMBER), dated=rows)
                if _sound(table, before)
                else None
            )
        case ParameterType.CODE_LIST:
            codes = _dated(table, _read_codes)
            return DatedCodes(dated=codes) if _sound(table, before) else None
        case _:
            scalars = _dated(table, lambda item: _read_scalar(item, "value", kind))
            return (
                DatedValue(type=VALUE_TYPES.get(kind, ValueType.NUMBER), dated=scalars)
                if _sound(table, before)
                else None
            )


def _sound(table: Table, before: int) -> bool:
    return len(table.defects) == before


def _dated(table: Table, read: Callable[[Table], Any]) -> tuple[tuple[date, Any], ...]:
    dated: list[tuple[date, Any]] = []
    for item in table.tables("value"):
        day = item.day("effective_from", required=True)
        value = read(item)
        item.close()
        if day is not None:
            if dated and day <= dated[-1][0]:
                item.report(UndatedOrder(day=day), "effective_from")
            dated.append((day, value))
    if not table.raw("value"):
        table.report(MissingKey("value", "give at least one dated value `[[….value]]`", "请至少给出一个带日期的值"))
    return tuple(dated)


def _read_scalar(table: Table, key: str, kind: ParameterType) -> Scalar:
    value = table.typed(key, *PYTHON_TYPES[kind], required=True)
    return Decimal(value) if type(value) is int else value


def _read_codes(table: Table) -> tuple[str, ...]:
    """Return the prefixes of a code list; the empty one would match every code."""
    codes = table.texts("value")
    if "" in codes:
        wanted = ("a list of strings that are not empty", "非空文本的列表")
        table.report(WrongType("value", wanted, ("one that is empty", "含空文本的列表")), "value")
    return codes


def _read_rows(table: Table, result: ParameterType) -> tuple[tuple[str, Scalar], ...]:
    rows = table.table("rows")
    if rows is None or not rows.names():
        table.report(MissingKey("rows", 'give rows = { "prefix" = value }', '请给出 rows = { "前缀" = 值 }'))
        return ()
    return tuple((prefix, _read_scalar(rows, prefix, result)) for prefix in sorted(rows.names()))


def read_definitions(roots: Iterable[Table], names: Names, catalogue: FactCatalogue) -> None:
    """Add the definitions of all files to `names`, each after those that it uses."""
    pending: dict[str, tuple[Table, str]] = {}
    for root in roots:
        for name in root.names():
            table = root.table(name)
            if table is None or not names.claim(name, table):
                continue
            names.sources[name] = _read_source(name, table)
            pending[name] = (table, table.text("formula"))
            table.close()
        root.close()
    resolver = _DefinitionResolver(pending, names, catalogue)
    for name in pending:
        resolver.resolve(name, ())


class _DefinitionResolver:
    """Parses definitions in the order in which they use one another."""

    def __init__(self, pending: Mapping[str, tuple[Table, str]], names: Names, catalogue: FactCatalogue) -> None:
        self._pending = pending
        self._names = names
        self._catalogue = catalogue
        self._failed = names.failed

    def resolve(self, name: str, users: tuple[str, ...]) -> None:
        """Parse the definition and, before it, those that its text names."""
        if name in self._names.definitions or name in self._failed:
            return
        _, text = self._pending[name]
        if name in users:
            self._fail(name, CyclicDefinition(name=name, path=" → ".join([*users[users.index(name) :], name])))
            return
        if len(users) >= MAX_DEPTH:
            self._fail(name, TooDeep(limit=MAX_DEPTH))
            return
        words = WORD.findall(STRING.sub("", text))
        for used in words:
            if used in self._pending:
                self.resolve(used, (*users, name))
        if self._failed.intersection([name, *words]):
            self._failed.add(name)
            return
        vocabulary = Vocabulary(
            catalogue=self._catalogue, parameters=self._names.parameters, definitions=self._names.definitions
        )
        try:
            body = parse(text, vocabulary)
        except PolicyMatchError as error:
            self._fail(name, error)
        else:
            self._names.definitions[name] = body

    def _fail(self, name: str, error: PolicyMatchError) -> None:
        table, _ = self._pending[name]
        self._failed.add(name)
        table.report(error, "formula")
