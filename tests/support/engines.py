"""The engines under test, and what a sweep of one gives as plain values.

Guarantees that every engine is asked the same way, and that the shapes promised by `sweep.decision` hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from policy_match.engines.arrow import ArrowEngine
from policy_match.engines.reference import ReferenceEngine
from policy_match.ports import FactTables, SweepEngine
from policy_match.sweep.decision import PolicyResult, SweepBatch
from policy_match.sweep.plan import SweepPlan
from policy_match.values import Outcome, Truth

ENGINES: tuple[SweepEngine, ...] = (ReferenceEngine(), ArrowEngine(batch_rows=7))

each_engine = pytest.mark.parametrize("engine", ENGINES, ids=[engine.name for engine in ENGINES])
"""Marks a test that every engine must pass."""

OUTCOMES = {True: Outcome.ELIGIBLE, False: Outcome.INELIGIBLE, None: Outcome.UNDETERMINED}


@dataclass(frozen=True, slots=True)
class RowDecision:
    """What one policy says of one row."""

    outcome: Outcome
    amount_fen: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """A whole sweep: decisions by policy id, and truths by index of `SweepPlan.conditions`, in row order."""

    decisions: dict[str, list[RowDecision]]
    truths: dict[int, list[Truth]]


def sweep_all(engine: SweepEngine, plan: SweepPlan, tables: FactTables) -> Swept:
    """Return everything that the engine decides."""
    decisions: dict[str, list[RowDecision]] = {policy.policy_id: [] for policy in plan.policies}
    truths: dict[int, list[Truth]] = {condition.index: [] for condition in plan.conditions}
    reached: dict[str, int] = {}
    for batch in engine.sweep(plan, tables):
        assert batch.first_row == reached.get(batch.grain, 0), "batches are consecutive"
        reached[batch.grain] = batch.first_row + batch.rows
        for result in batch.results:
            decisions[result.policy.policy_id] += _decisions(batch, result)
        for condition, values in zip(plan.conditions_of(batch.grain), batch.conditions, strict=True):
            assert len(values) == batch.rows
            truths[condition.index] += [Truth.of(value) for value in values.to_pylist()]
    assert reached == {
        grain: tables.rows(grain) for grain in plan.grains if grain in tables.grains and tables.rows(grain)
    }
    return Swept(decisions=decisions, truths=truths)


def _decisions(batch: SweepBatch, result: PolicyResult) -> list[RowDecision]:
    outcomes = [OUTCOMES[value] for value in result.truth.to_pylist()]
    assert len(outcomes) == batch.rows
    amounts = iter(result.amount_fen.to_pylist())
    missing = iter(result.missing.to_pylist())
    rows = [_decision(outcome, amounts, missing) for outcome in outcomes]
    assert next(amounts, None) is None, "an amount without its row"
    assert next(missing, None) is None, "missing facts without their row"
    return rows


def _decision(outcome: Outcome, amounts: Iterator[int], missing: Iterator[Sequence[str]]) -> RowDecision:
    match outcome:
        case Outcome.ELIGIBLE:
            return RowDecision(outcome, amount_fen=next(amounts))
        case Outcome.UNDETERMINED:
            return RowDecision(outcome, missing=tuple(next(missing)))
        case Outcome.INELIGIBLE:
            return RowDecision(outcome)
