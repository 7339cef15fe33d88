"""What every engine does besides deciding: order, batches, progress, grains that are not there."""

from dataclasses import dataclass
from datetime import date

import pytest

from policy_match.engines.arrow import ArrowEngine, NodeNotCompiled
from policy_match.engines.reference import BATCH_ROWS, ReferenceEngine
from policy_match.expressions.nodes import Node
from policy_match.ports import SweepEngine
from policy_match.sweep.plan import plan_sweep
from policy_match.values import Outcome, Truth
from tests.spec.vocabulary import CATALOGUE, VOCABULARY
from tests.support.engines import RowDecision, each_engine, sweep_all
from tests.support.policies import make_policy
from tests.support.tables import FactRow, MemoryTables

AS_OF = date(2025, 6, 30)
BOTH = plan_sweep(
    [
        make_policy("firm", conditions=["a"], amount="x", vocabulary=VOCABULARY),
        make_policy("loan", conditions=["a", "loan_principal > 10"], amount="x", grain="loan", vocabulary=VOCABULARY),
    ],
    CATALOGUE,
    AS_OF,
)


@pytest.mark.parametrize("engine", [ReferenceEngine(), ArrowEngine(batch_rows=1_000)], ids=lambda it: it.name)
def test_rows_keep_their_order_over_many_batches(engine: SweepEngine) -> None:
    count = BATCH_ROWS + 7
    rows: list[FactRow] = [{"a": (None, True, False)[place % 3], "x": place} for place in range(count)]
    plan = plan_sweep([make_policy("p", conditions=["a"], amount="x", vocabulary=VOCABULARY)], CATALOGUE, AS_OF)
    seen: list[tuple[int, int]] = []
    tables = MemoryTables(CATALOGUE, {"firm": rows})
    firms = [
        code
        for batch in engine.sweep(plan, tables, lambda done, total: seen.append((done, total)))
        for code in batch.keys.column("uscc").to_pylist()
    ]
    assert firms == sorted(firms)
    assert seen[-1] == (count, count)
    decided = sweep_all(engine, plan, tables)
    assert decided.decisions["p"][1::3] == [
        RowDecision(Outcome.ELIGIBLE, amount_fen=place * 100) for place in range(1, count, 3)
    ]
    assert decided.truths[0] == [(Truth.UNKNOWN, Truth.TRUE, Truth.FALSE)[place % 3] for place in range(count)]


@each_engine
def test_records_have_their_own_keys_and_read_facts_of_their_firm(engine: SweepEngine) -> None:
    tables = MemoryTables(
        CATALOGUE,
        {
            "firm": [{"uscc": "F1", "a": True, "x": 5}, {"uscc": "F2", "a": None, "x": 6}],
            "loan": [
                {"uscc": "F1", "loan_id": "L1", "loan_principal": 11},
                {"uscc": "F2", "loan_id": "L2", "loan_principal": 11},
                {"uscc": "F1", "loan_id": "L3", "loan_principal": 10},
                {"uscc": "F9", "loan_id": "L4", "loan_principal": 11},
            ],
        },
    )
    batches = [batch for batch in engine.sweep(BOTH, tables) if batch.grain == "loan"]
    keys = [row for batch in batches for row in batch.keys.to_pylist()]
    assert [(row["uscc"], row["loan_id"]) for row in keys] == [("F1", "L1"), ("F2", "L2"), ("F1", "L3"), ("F9", "L4")]
    assert sweep_all(engine, BOTH, tables).decisions["loan"] == [
        RowDecision(Outcome.ELIGIBLE, amount_fen=500),
        RowDecision(Outcome.UNDETERMINED, missing=("a",)),
        RowDecision(Outcome.INELIGIBLE),
        RowDecision(Outcome.UNDETERMINED, missing=("a",)),
    ]


@each_engine
def test_a_grain_that_the_tables_lack_is_left_out(engine: SweepEngine) -> None:
    swept = sweep_all(engine, BOTH, MemoryTables(CATALOGUE, {"firm": [{"a": True, "x": 1}]}))
    assert swept.decisions == {"firm": [RowDecision(Outcome.ELIGIBLE, amount_fen=100)], "loan": []}


@each_engine
def test_tables_without_rows_give_no_decisions(engine: SweepEngine) -> None:
    swept = sweep_all(engine, BOTH, MemoryTables(CATALOGUE, {"firm": [], "loan": []}))
    assert swept.decisions == {"firm": [], "loan": []}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stranger(Node):
    """A node that nobody taught the engines."""


@each_engine
def test_a_node_that_the_engine_does_not_know_raises_before_any_row_is_decided(engine: SweepEngine) -> None:
    plan = plan_sweep([make_policy("p", conditions=[Stranger()])], CATALOGUE, AS_OF)
    with pytest.raises((NodeNotCompiled, NotImplementedError), match="Stranger"):
        next(iter(engine.sweep(plan, MemoryTables(CATALOGUE, {"firm": [{"a": True}]}))))


@each_engine
def test_a_plan_without_policies_gives_nothing(engine: SweepEngine) -> None:
    plan = plan_sweep([], CATALOGUE, AS_OF)
    assert list(engine.sweep(plan, MemoryTables(CATALOGUE, {"firm": [{"a": True}]}))) == []


@each_engine
def test_policies_that_read_no_fact_at_all_decide_every_row(engine: SweepEngine) -> None:
    plan = plan_sweep([make_policy("p", conditions=["true"], amount="1.005", vocabulary=VOCABULARY)], CATALOGUE, AS_OF)
    swept = sweep_all(engine, plan, MemoryTables(CATALOGUE, {"firm": [{}, {}, {}]}))
    assert swept.decisions["p"] == [RowDecision(Outcome.ELIGIBLE, amount_fen=101)] * 3
