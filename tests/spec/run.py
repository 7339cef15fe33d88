"""Turns a table of the page into policies and facts that an engine can sweep, with what must come out.

Guarantees that each result is asked for in the ways in which an engine can say it: as the truth of a condition, as
an outcome with its missing facts, and, for numbers, as an amount.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from policy_match.expressions.checker import type_of
from policy_match.expressions.nodes import Comparator, Compare, Node, ValueType, facts_read, literal
from policy_match.expressions.parser import parse
from policy_match.policy.model import Policy, PolicyVersion
from policy_match.sweep.plan import SweepPlan, plan_sweep
from policy_match.values import MONEY_LIMIT_FEN, Money, Outcome
from tests.spec.model import NOT_PAID, Award, Given, Gives, Missing, Question, Table, Words
from tests.spec.page import all_questions, examples
from tests.spec.vocabulary import CATALOGUE, VOCABULARY, fact
from tests.support.engines import RowDecision
from tests.support.policies import make_policy
from tests.support.tables import MemoryTables


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What one policy must decide on every row."""

    policy_id: str
    decisions: tuple[RowDecision, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweepable:
    """A table ready for any engine."""

    plan: SweepPlan
    tables: MemoryTables
    expectations: tuple[Expectation, ...]


def question_table(question: Question) -> Table:
    """Return the table of one line that proves the answer to a question."""
    assert not isinstance(question.gives, Words)
    return Table(
        title=question.words,
        columns=tuple(question.facts),
        expressions=(question.expression,),
        lines=((tuple(question.facts.values()), (question.gives,)),),
    )


TABLES = [*examples(), *(question_table(line) for line in all_questions() if not isinstance(line.gives, Words))]
"""Every table and award of the page, those of the questions included."""


def texts_of(part: Table | Award) -> list[str]:
    """Return every expression of a table or award."""
    if isinstance(part, Table):
        return list(part.expressions)
    return [*part.conditions, part.amount, *([] if part.cap is None else [part.cap])]


def result_node(gives: Decimal | int | str | bool | date) -> Node:
    """Return the constant, or the expression, that a line states as its result."""
    if isinstance(gives, str) and gives.startswith("="):
        return parse(gives[1:], VOCABULARY)
    return literal(gives if isinstance(gives, bool | str | date) else Decimal(gives))


def exact_number(gives: Decimal | int | str) -> Fraction:
    """Return the number that a line states: decimal digits, or `=` and a quotient."""
    return Fraction(gives[1:].replace(" ", "")) if isinstance(gives, str) else Fraction(gives)


def sweepable(part: Table | Award) -> Sweepable:
    """Return the plan, the facts and the expected decisions of a table or an award."""
    policies = list(_table_policies(part) if isinstance(part, Table) else _award_policies(part))
    grain = "firm" if isinstance(part, Table) else part.grain
    return Sweepable(
        plan=plan_sweep([pair for pair, _ in policies], CATALOGUE, part.as_of),
        tables=_facts(part.columns, [given for given, _ in part.lines], grain),
        expectations=tuple(expectation for _, expectation in policies),
    )


def _facts(columns: Sequence[str], lines: Sequence[Sequence[Given]], grain: str) -> MemoryTables:
    rows = [dict(zip(columns, line, strict=True)) for line in lines]
    if grain == "firm":
        return MemoryTables(CATALOGUE, {"firm": rows})
    firm_facts = [{name: row[name] for name in row if fact(name).grain == "firm"} for row in rows]
    record_facts = [{name: row[name] for name in row if fact(name).grain == grain} for row in rows]
    return MemoryTables(CATALOGUE, {"firm": firm_facts, grain: record_facts})


Pair = tuple[Policy, PolicyVersion]


def _table_policies(table: Table) -> Iterator[tuple[Pair, Expectation]]:
    for place, text in enumerate(table.expressions):
        node = parse(text, VOCABULARY)
        kind = type_of(node, CATALOGUE)
        results = [gives[place] for _, gives in table.lines]
        if kind is ValueType.BOOLEAN:
            yield _condition(f"e{place}", node, results)
            continue
        for number, value in enumerate(_distinct(results)):
            equal = Compare(comparator=Comparator.EQ, left=node, right=result_node(value))
            yield _condition(
                f"e{place}v{number}",
                equal,
                [gives if isinstance(gives, Missing) else gives == value for gives in results],
            )
        if kind is ValueType.NUMBER:
            pair = make_policy(f"e{place}amount", amount=node)
            yield (
                pair,
                Expectation(policy_id=f"e{place}amount", decisions=tuple(_paid(gives, node) for gives in results)),
            )


def _distinct(results: Sequence[Gives]) -> list[Decimal | int | str | bool | date]:
    return list(dict.fromkeys(value for value in results if not isinstance(value, Missing))) or [Decimal(0)]


def _condition(policy_id: str, node: Node, results: Sequence[Gives]) -> tuple[Pair, Expectation]:
    decisions = []
    for gives in results:
        if isinstance(gives, Missing):
            decisions.append(RowDecision(Outcome.UNDETERMINED, missing=gives.facts))
        else:
            decisions.append(RowDecision(Outcome.ELIGIBLE, amount_fen=0) if gives else RowDecision(Outcome.INELIGIBLE))
    return make_policy(policy_id, conditions=[node]), Expectation(policy_id=policy_id, decisions=tuple(decisions))


def _paid(gives: Gives, node: Node) -> RowDecision:
    if isinstance(gives, Missing):
        return RowDecision(Outcome.UNDETERMINED, missing=gives.facts)
    assert isinstance(gives, Decimal | int | str)
    fen = max(0, Money.from_yuan_half_up(exact_number(gives)).fen)
    if fen >= MONEY_LIMIT_FEN:
        return RowDecision(Outcome.UNDETERMINED, missing=tuple(sorted(facts_read(node))))
    return RowDecision(Outcome.ELIGIBLE, amount_fen=fen)


def _award_policies(award: Award) -> Iterator[tuple[Pair, Expectation]]:
    pair = make_policy(
        "award",
        conditions=award.conditions,
        amount=award.amount,
        cap=award.cap,
        minimum=award.minimum,
        grain=award.grain,
        vocabulary=VOCABULARY,
    )
    yield pair, Expectation(policy_id="award", decisions=tuple(_awarded(gives) for _, gives in award.lines))


def _awarded(gives: Decimal | str | Missing) -> RowDecision:
    if isinstance(gives, Missing):
        return RowDecision(Outcome.UNDETERMINED, missing=gives.facts)
    if gives == NOT_PAID:
        return RowDecision(Outcome.INELIGIBLE)
    return RowDecision(Outcome.ELIGIBLE, amount_fen=Money.from_yuan(gives).fen)
