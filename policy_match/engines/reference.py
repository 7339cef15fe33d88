"""The reference engine: one row at a time, exactly as `expressions.semantics` and `sweep.decide` are written.

Guarantees to be obvious. It is slow, and it is the judge: where another engine differs, the other one is wrong.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from policy_match.expressions.semantics import Row, Value, evaluate
from policy_match.facts.catalogue import FIRM, KEY
from policy_match.facts.column_values import rule_value
from policy_match.ports import FactTables, Progress
from policy_match.sweep.decide import Verdict, decide
from policy_match.sweep.decision import PolicyResult, SweepBatch, encode_missing
from policy_match.sweep.plan import PlannedPolicy, SweepPlan
from policy_match.values import FactName, Outcome

BATCH_ROWS = 4_096

TRUTHS = {Outcome.ELIGIBLE: True, Outcome.INELIGIBLE: False, Outcome.UNDETERMINED: None}


class ReferenceEngine:
    """Decides every row of every grain in plain Python."""

    name = "reference"

    def sweep(self, plan: SweepPlan, tables: FactTables, progress: Progress | None = None) -> Iterator[SweepBatch]:
        """Yield the decisions on consecutive rows, grain by grain."""
        for grain in (grain for grain in plan.grains if grain in tables.grains):
            facts = plan.facts_of(grain)
            first_row = 0
            for batch in tables.batches(grain, facts, plan.as_of, BATCH_ROWS):
                yield _decide_batch(plan, grain, first_row, batch)
                first_row += batch.num_rows
                if progress is not None:
                    progress(first_row, tables.rows(grain))


def _decide_batch(plan: SweepPlan, grain: str, first_row: int, batch: pa.RecordBatch) -> SweepBatch:
    rows = read_rows(plan, plan.facts_of(grain), batch)
    values: dict[int, list[Value]] = {
        condition.index: [evaluate(condition.node, row) for row in rows] for condition in plan.conditions_of(grain)
    }
    key_names = [KEY] if grain == FIRM else [KEY, f"{grain}_id"]
    return SweepBatch(
        grain=grain,
        first_row=first_row,
        keys=batch.select(key_names),
        results=[_decide_policy(policy, values, rows) for policy in plan.policies_of(grain)],
        conditions=[
            pa.array([value if isinstance(value, bool) else None for value in column], pa.bool_())
            for column in values.values()
        ],
    )


def read_rows(plan: SweepPlan, facts: Sequence[FactName], batch: pa.RecordBatch) -> list[Row]:
    """Return the rows of a batch as a rule sees them."""
    columns = {
        name: [rule_value(plan.catalogue[name], value) for value in batch.column(name).to_pylist()] for name in facts
    }
    return [
        Row({name: column[place] for name, column in columns.items()}, plan.as_of) for place in range(batch.num_rows)
    ]


def _decide_policy(policy: PlannedPolicy, values: dict[int, list[Value]], rows: list[Row]) -> PolicyResult:
    verdicts: list[Verdict] = []
    for place, row in enumerate(rows):
        conditions = [values[index][place] for index in policy.conditions]
        verdicts.append(decide(conditions, policy.amount, policy.cap, policy.minimum, row))
    return PolicyResult(
        policy=policy,
        truth=pa.array([TRUTHS[verdict.outcome] for verdict in verdicts], pa.bool_()),
        amount_fen=pa.array([verdict.steps.paid.fen for verdict in verdicts if verdict.steps is not None], pa.int64()),
        missing=encode_missing(
            [tuple(sorted(verdict.missing)) for verdict in verdicts if verdict.outcome is Outcome.UNDETERMINED]
        ),
    )
