"""Every expression of the language page over many random firms: what small examples do not reach in an engine.

Guarantees the same rows every time. Where small cases disagree is `test_engines_agree`.
"""

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from policy_match.engines.arrow import ArrowEngine
from policy_match.engines.reference import ReferenceEngine
from policy_match.expressions.checker import type_of
from policy_match.expressions.nodes import ValueType
from policy_match.expressions.parser import parse
from policy_match.facts.catalogue import Fact, FactType
from policy_match.sweep.plan import plan_sweep
from policy_match.values import FactName
from tests.generative.strategies import DAYS, ENTRIES, NUMBERS, TEXTS, UNREADABLE
from tests.spec.model import AS_OF, Table
from tests.spec.page import examples
from tests.spec.vocabulary import CATALOGUE, VOCABULARY
from tests.support.engines import sweep_all
from tests.support.policies import make_policy
from tests.support.tables import Cell, FactRow, MemoryTables

ROWS = 600
SHOWN = {text for part in examples() if isinstance(part, Table) for text in part.expressions}


def cell(chance: random.Random, fact: Fact) -> Cell:
    """Return a value for a column, one in eight unknown."""
    if chance.random() < 1 / 8:
        return None
    match fact.type:
        case FactType.BOOLEAN:
            return chance.random() < 0.5
        case FactType.STRING:
            return chance.choice(fact.values or (*TEXTS, "5131", "1610", "软件开发", "9000"))
        case FactType.DATE:
            return chance.choice((*DAYS, date(2020, 1, 1), date(2022, 6, 30), date(2025, 5, 20)))
        case FactType.STRING_LIST:
            pool = (*ENTRIES, *ENTRIES, *ENTRIES, *UNREADABLE)
            return tuple(chance.choice(pool) for _ in range(chance.randrange(4)))
        case _:
            if chance.random() < 0.1:
                return Fraction(chance.randrange(-(10**17), 10**17), 10**fact.scale)
            number = Fraction(chance.choice(NUMBERS)) * chance.choice((1, 1, 100, 1_000_000))
            return Fraction(int(number * 10**fact.scale), 10**fact.scale)


def rows(chance: random.Random, count: int) -> list[FactRow]:
    """Return firms with every fact of the page."""
    facts = CATALOGUE.of_grain("firm")
    return [{fact.name: cell(chance, fact) for fact in facts} for _ in range(count)]


def test_the_engines_agree_on_every_expression_of_the_page() -> None:
    nodes = {text: parse(text, VOCABULARY) for text in sorted(SHOWN)}
    kinds = {text: type_of(node, CATALOGUE) for text, node in nodes.items()}
    policies = [
        make_policy(text, conditions=[node])
        if kinds[text] is ValueType.BOOLEAN
        else make_policy(text, amount=node, minimum=Decimal(1))
        for text, node in nodes.items()
        if kinds[text] in (ValueType.BOOLEAN, ValueType.NUMBER)
    ]
    assert len(policies) > 100
    plan = plan_sweep(policies, CATALOGUE, AS_OF)
    tables = MemoryTables(CATALOGUE, {"firm": rows(random.Random(20250630), ROWS)})
    judged = sweep_all(ReferenceEngine(), plan, tables)
    found = sweep_all(ArrowEngine(batch_rows=ROWS // 4), plan, tables)
    assert {text for text in judged.decisions if judged.decisions[text] != found.decisions[text]} == set()
    assert found == judged


def test_the_engines_agree_on_what_is_missing_among_very_many_facts() -> None:
    """Twenty conditions, each lacking facts of its own: far more sets of missing facts than rows."""
    firm_facts = [fact.name for fact in CATALOGUE.of_grain("firm")][:24]
    conditions = [f"{name} == null or {other} == {other}" for name, other in pairwise(firm_facts)]
    conditions = [text for text in conditions if "marks" not in text]
    policy = make_policy("p", conditions=conditions, vocabulary=VOCABULARY)
    plan = plan_sweep([policy], CATALOGUE, AS_OF)
    chance = random.Random(7)
    sparse: list[FactRow] = [
        {name: row[name] if chance.random() < 0.4 else None for name in row} for row in rows(chance, ROWS)
    ]
    tables = MemoryTables(CATALOGUE, {"firm": sparse})
    judged = sweep_all(ReferenceEngine(), plan, tables)
    assert len({decision.missing for decision in judged.decisions["p"]}) > ROWS / 2
    assert sweep_all(ArrowEngine(), plan, tables) == judged
    assert all(FactName(name) in CATALOGUE for decision in judged.decisions["p"] for name in decision.missing)
