"""Every table of the language page, on every engine."""

import pytest

from policy_match.expressions.defects import ExpressionDefect
from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import Row, Unknown, evaluate
from policy_match.ports import SweepEngine
from policy_match.values import FactName
from tests.spec.model import Award, Missing, Question, Refusal, Table, Words
from tests.spec.page import all_questions, all_refusals, examples
from tests.spec.run import exact_number, question_table, result_node, sweepable
from tests.spec.vocabulary import VOCABULARY, value_of
from tests.support.engines import each_engine, sweep_all

ANSWERED = [question for question in all_questions() if not isinstance(question.gives, Words)]
REFUSED = [
    *all_refusals(),
    *(
        Refusal(expression=question.expression, message=question.gives)
        for question in all_questions()
        if isinstance(question.gives, Words)
    ),
]
TABLES = [*examples(), *(question_table(question) for question in ANSWERED)]


def name_of(part: Table | Award | Refusal | Question) -> str:
    match part:
        case Refusal():
            return part.expression
        case Question():
            return part.asked
        case _:
            return part.title.en


@each_engine
@pytest.mark.parametrize("part", TABLES, ids=name_of)
def test_the_table_holds(engine: SweepEngine, part: Table | Award) -> None:
    case = sweepable(part)
    swept = sweep_all(engine, case.plan, case.tables)
    for expectation in case.expectations:
        found = swept.decisions[expectation.policy_id]
        assert list(expectation.decisions) == found, expectation.policy_id


@pytest.mark.parametrize("table", [part for part in TABLES if isinstance(part, Table)], ids=name_of)
def test_the_meaning_gives_exactly_the_values_of_the_table(table: Table) -> None:
    for line, gives in table.lines:
        facts = {FactName(name): value_of(name, cell) for name, cell in zip(table.columns, line, strict=True)}
        for text, expected in zip(table.expressions, gives, strict=True):
            value = evaluate(parse(text, VOCABULARY), Row(facts, table.as_of))
            if isinstance(expected, Missing):
                assert value == Unknown(frozenset(map(FactName, expected.facts))), (text, line)
            else:
                stated = evaluate(result_node(expected), Row({}, table.as_of))
                assert (value, type(value)) == (stated, type(stated)), (text, line)
                if isinstance(expected, str) and expected.startswith("="):
                    assert value == exact_number(expected)


@pytest.mark.parametrize("refusal", REFUSED, ids=name_of)
def test_the_expression_is_refused_with_its_message(refusal: Refusal) -> None:
    with pytest.raises(ExpressionDefect) as refused:
        parse(refusal.expression, VOCABULARY)
    assert refused.value.message("en") == refusal.message.en
    assert refused.value.message("zh") == refusal.message.zh
