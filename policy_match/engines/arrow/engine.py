"""The production engine: batches of rows, read, decided and handed over at the same time.

Guarantees batches in row order and a bounded number of them in memory, however many rows there are. One thread
decides: a batch takes thousands of calls of a few microseconds, and a second thread that decides was measured to lose
in handing the interpreter's lock to and fro what it gains (the same time, half as much processor again). Reading and
writing are long calls and do run beside it.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from policy_match.engines.arrow.batches import CompiledGrain
from policy_match.ports import FactTables, Progress
from policy_match.sweep.decision import SweepBatch
from policy_match.sweep.plan import SweepPlan

LARGE_BLOCK_BYTES = 31 << 20
"""Just below 32 MB, up to which the allocator learns."""

BATCH_ROWS = 262_144
"""Rows per batch at which a sweep of 200 policies was fastest: columns stay within the third-level cache."""


DECIDED_AHEAD = 1
"""Batches decided, or in the making, while the caller is busy with one."""


class ArrowEngine:
    """Evaluates a plan with numpy and Arrow."""

    name = "arrow"

    def __init__(self, batch_rows: int = BATCH_ROWS) -> None:
        self._batch_rows = batch_rows

    def sweep(self, plan: SweepPlan, tables: FactTables, progress: Progress | None = None) -> Iterator[SweepBatch]:
        """Yield the decisions on consecutive rows, grain by grain. Raises `NodeNotCompiled` before any row is read."""
        grains = [grain for grain in plan.grains if grain in tables.grains]
        compiled = {grain: CompiledGrain(plan, grain) for grain in grains}
        for grain in grains:
            total = tables.rows(grain)
            for batch in self._sweep_grain(compiled[grain], plan, grain, tables):
                yield batch
                if progress is not None:
                    progress(batch.first_row + batch.rows, total)

    def _sweep_grain(
        self, compiled: CompiledGrain, plan: SweepPlan, grain: str, tables: FactTables
    ) -> Iterator[SweepBatch]:
        _keep_freed_memory()
        batches = tables.batches(grain, plan.facts_of(grain), plan.as_of, self._batch_rows)
        waiting: deque[Future[SweepBatch]] = deque()
        first_row = 0
        reader = ThreadPoolExecutor(1, thread_name_prefix="read")
        decider = ThreadPoolExecutor(1, thread_name_prefix="decide")
        try:
            reading = reader.submit(next, batches, None)
            while (batch := reading.result()) is not None:
                reading = reader.submit(next, batches, None)
                if batch.num_rows:
                    waiting.append(decider.submit(compiled.decide, first_row, batch))
                    first_row += batch.num_rows
                if len(waiting) > DECIDED_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            reader.shutdown(cancel_futures=True)
            decider.shutdown(cancel_futures=True)


def _keep_freed_memory() -> None:
    # glibc hands freed memory back to the system at once until it has seen a large block freed; after that it keeps
    # up to 64 MB for reuse. Fresh pages cost more than the arithmetic done in them. Elsewhere this does nothing.
    np.empty(LARGE_BLOCK_BYTES, np.uint8)
