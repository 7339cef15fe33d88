"""Cases: small examples beside each policy that say what the law gives for stated facts.

Guarantees strict reading, as for policies. Whether the rules give what the cases expect is `services.rule_checks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from policy_match.expressions.semantics import FactualValue
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue, FactType
from policy_match.policy.defects import (
    DuplicateName,
    MissingKey,
    MissingOutcome,
    NoCases,
    NotOneOf,
    RuleDefect,
    Said,
    UnknownKey,
    WrongType,
)
from policy_match.policy.loader import CASES_SUFFIX
from policy_match.policy.model import Policy
from policy_match.policy.table import Table
from policy_match.policy.toml_document import read_toml
from policy_match.values import FactName, Money


class Expected(StrEnum):
    """What a case expects; outside every version's period the policy is not in force and decides nothing."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    UNDETERMINED = "undetermined"
    NOT_IN_FORCE = "not_in_force"


EACH_POLICY_SHOWS = (Expected.ELIGIBLE, Expected.INELIGIBLE, Expected.UNDETERMINED)

TOML_TYPES: Mapping[FactType, tuple[type, ...]] = {
    FactType.INTEGER: (int,),
    FactType.DECIMAL: (int, Decimal),
    FactType.MONEY: (int, Decimal),
    FactType.STRING: (str,),
    FactType.BOOLEAN: (bool,),
    FactType.DATE: (date,),
    FactType.STRING_LIST: (list,),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One example. `amount` is there exactly when eligible, `missing` exactly when undetermined."""

    name: str
    as_of: date
    facts: Mapping[FactName, FactualValue]
    expected: Expected
    amount: Money | None
    missing: frozenset[FactName]
    path: str
    line: int


def cases_path(policy: Policy) -> Path:
    """Return the path of the policy's cases file."""
    return Path(policy.path.removesuffix(".toml") + CASES_SUFFIX)


def load_cases(policy: Policy, catalogue: FactCatalogue, defects: list[RuleDefect]) -> Sequence[Case]:
    """Return the cases of a policy; what is wrong with them, a missing file included, goes to `defects`."""
    path = cases_path(policy)
    if not path.is_file():
        defects.append(RuleDefect(policy.path, 1, NoCases(file=path.name)))
        return ()
    try:
        document = read_toml(path, path.as_posix())
    except RuleDefect as defect:
        defects.append(defect)
        return ()
    root = Table.root(document, defects)
    base_table = root.table("base")
    base = {} if base_table is None else _read_facts(base_table, policy, catalogue)
    cases = [_read_case(item, policy, catalogue, base) for item in root.tables("case")]
    root.close(("base", "case"))
    seen: set[str] = set()
    for case in cases:
        if case.name in seen:
            defects.append(RuleDefect(case.path, case.line, DuplicateName(case.name, "this file", "本文件")))
        seen.add(case.name)
    return cases


def missing_outcomes(policy: Policy, cases: Sequence[Case]) -> list[RuleDefect]:
    """Return a defect for each outcome that no case shows."""
    shown = {case.expected for case in cases}
    path = cases_path(policy).as_posix()
    return [
        RuleDefect(path, 1, MissingOutcome(outcome=outcome)) for outcome in EACH_POLICY_SHOWS if outcome not in shown
    ]


def _read_case(table: Table, policy: Policy, catalogue: FactCatalogue, base: Mapping[FactName, FactualValue]) -> Case:
    before = len(table.defects)
    expected = table.word("outcome", Expected)
    outcome_known = len(table.defects) == before
    as_of = table.day("as_of", required=True)
    facts_table = table.table("facts")
    facts = {} if facts_table is None else _read_facts(facts_table, policy, catalogue)
    unknown = table.texts("unknown")
    case = Case(
        name=table.text("name"),
        as_of=as_of or date.min,
        facts={name: value for name, value in {**base, **facts}.items() if name not in unknown},
        expected=expected,
        amount=_read_amount(table, expected) if outcome_known else None,
        missing=_read_missing(table, expected, catalogue) if outcome_known else frozenset(),
        path=table.path,
        line=table.line(),
    )
    for name in unknown:
        if name not in base:
            table.report(UnknownKey(name, base), "unknown")
    table.close(("facts", "unknown", "amount", "missing"))
    return case


def _read_amount(table: Table, expected: Expected) -> Money | None:
    number = table.number("amount")
    if expected is Expected.ELIGIBLE:
        if number is None:
            table.report(
                MissingKey("amount", "an eligible case states the amount in yuan", "符合的用例须写明金额（元）")
            )
            return None
        try:
            return Money.from_yuan(number)
        except ValueError:
            whole_fen = ("yuan with at most two decimals", "最多两位小数的元数")
            table.report(WrongType("amount", whole_fen, said(number)), "amount")
    elif number is not None:
        table.report(WrongType("amount", ("absent unless eligible", "仅在符合时填写的值"), said(number)), "amount")
    return None


def _read_missing(table: Table, expected: Expected, catalogue: FactCatalogue) -> frozenset[FactName]:
    names = table.texts("missing")
    for name in names:
        if name not in catalogue:
            table.report(UnknownKey(name, catalogue), "missing")
    if expected is Expected.UNDETERMINED and not names:
        table.report(
            MissingKey("missing", "an undetermined case names the missing facts", "无法判定的用例须写明缺少的事实")
        )
    elif expected is not Expected.UNDETERMINED and names:
        wanted = ("absent unless undetermined", "仅在无法判定时填写的值")
        table.report(WrongType("missing", wanted, ("a list", "列表")), "missing")
    return frozenset(FactName(name) for name in names)


def _read_facts(table: Table, policy: Policy, catalogue: FactCatalogue) -> dict[FactName, FactualValue]:
    facts: dict[FactName, FactualValue] = {}
    usable = [name for name in catalogue if catalogue[name].grain in (FIRM, policy.grain)]
    for key in table.names():
        if key not in usable:
            table.report(UnknownKey(key, usable), key)
            continue
        fact = catalogue[FactName(key)]
        value = table.typed(key, *TOML_TYPES[fact.type])
        if value is not None:
            facts[fact.name] = _convert(value, fact, table)
    return facts


def _convert(value: object, fact: Fact, table: Table) -> FactualValue:
    match value:
        case bool() | date():
            return value
        case str():
            if fact.values and value not in fact.values:
                table.report(NotOneOf(fact.name, value, fact.values), fact.name)
            return value
        case int() | Decimal():
            number = Fraction(value)
            if (number * 10**fact.scale).denominator != 1:
                decimals = (f"at most {fact.scale} decimals", f"最多 {fact.scale} 位小数的数字")
                table.report(WrongType(fact.name, decimals, said(value)), fact.name)
            if _outside(number, fact):
                in_range = ("within the fact's range", "该事实允许范围内的值")
                table.report(WrongType(fact.name, in_range, said(value)), fact.name)
            return number
        case list():
            return table.texts(fact.name)
        case _:
            raise AssertionError(f"{fact.name}: {type(value).__name__}")


def said(number: int | Decimal) -> Said:
    """Return a number for a message."""
    return str(number), f" {number}"


def _outside(number: Fraction, fact: Fact) -> bool:
    too_small = fact.minimum is not None and number < Fraction(fact.minimum)
    return too_small or (fact.maximum is not None and number > Fraction(fact.maximum))
