"""The production engine's kernel on Spark: ranges of rows, each read and decided by a task where Spark runs it.

Guarantees the decisions of the arrow engine, in row order, with a bounded number of ranges in memory. No facts are
sent: a task opens the snapshot or the Parquet file by its path and reads its own rows. Each range is a job of its own,
and a stated number of jobs is under way. Refused: `toLocalIterator`, which also keeps the order but runs one
partition at a time, two with prefetch, whatever the size of the cluster; one `collect` of all ranges, which has no
bound; and `mapInArrow`, which exchanges rows with Spark's own tables: here no row comes from Spark or stays there, an
answer is one value, and pyspark's pandas layer, through which it goes, does not know pandas 3.
"""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from uuid import uuid4

from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.errors import PySparkException

from policy_match.engines.arrow.engine import BATCH_ROWS
from policy_match.engines.defects import SparkStopped
from policy_match.engines.spark.context import spark_context
from policy_match.engines.spark.errand import Errand, RowRange, decide_ranges, read_answer
from policy_match.engines.spark.failures import cause
from policy_match.facts.defects import WrongValue
from policy_match.ports import FactTables, Progress
from policy_match.sweep.decision import SweepBatch
from policy_match.sweep.plan import SweepPlan

UNDER_WAY = 8
"""Ranges being decided, or waiting for the caller with some 35 MB each. One caller does not write faster than that."""


class SparkEngine:
    """Evaluates a plan with the arrow engine's kernel, on Spark."""

    name = "spark"

    def __init__(self, range_rows: int = BATCH_ROWS) -> None:
        self._range_rows = range_rows

    def sweep(self, plan: SweepPlan, tables: FactTables, progress: Progress | None = None) -> Iterator[SweepBatch]:
        """Yield the decisions on consecutive rows, grain by grain.

        Raises `NotReadInParts` and `SparkNotStarted` before any row is read; an error of a value as the arrow engine
        does, after the last range before it; `SparkStopped` when Spark gives up.
        """
        grains = [grain for grain in plan.grains if grain in tables.grains]
        errands = {
            grain: Errand(plan=plan, grain=grain, table=tables.address(grain, plan.facts_of(grain), plan.as_of))
            for grain in grains
        }
        with spark_context() as context:
            for grain in grains:
                total = tables.rows(grain)
                with closing(_answers(context, errands[grain].packed(), self._ranges(total))) as answers:
                    for answer in answers:
                        batch = _decided(answer, plan, grain, tables)
                        yield batch
                        if progress is not None:
                            progress(batch.first_row + batch.rows, total)

    def _ranges(self, total: int) -> list[RowRange]:
        step = self._range_rows
        return [RowRange(first_row=first, rows=min(step, total - first)) for first in range(0, total, step)]


def _answers(context: SparkContext, errand: bytes, ranges: Sequence[RowRange]) -> Generator[bytes, None, None]:
    """Yield the answer to each range, in order. Raises `SparkStopped`."""
    spread = context.parallelize(ranges, max(len(ranges), 1))
    decide = partial(decide_ranges, errand)
    tag = f"policy-match-{uuid4().hex}"
    waiting: deque[Future[list[bytes]]] = deque()
    askers = ThreadPoolExecutor(UNDER_WAY, "spark-job", initializer=context.addJobTag, initargs=(tag,))
    try:
        for place in range(len(ranges)):
            waiting.append(askers.submit(context.runJob, spread, decide, [place]))
            if len(waiting) == UNDER_WAY:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except (Py4JError, PySparkException, OSError) as error:
        raise SparkStopped(detail=cause(error)) from None
    finally:
        askers.shutdown(wait=False, cancel_futures=True)
        with suppress(Py4JError, OSError):
            context.cancelJobsWithTag(tag)
        askers.shutdown()


def _decided(answer: bytes, plan: SweepPlan, grain: str, tables: FactTables) -> SweepBatch:
    """Return the decisions in an answer, or raise the error in it."""
    decided = read_answer(answer, plan)
    if isinstance(decided, SweepBatch):
        return decided
    if isinstance(decided, WrongValue):
        # A task counts the wrong values of its own rows. Reading the table here raises the error of the whole file.
        for _ in tables.batches(grain, plan.facts_of(grain), plan.as_of, BATCH_ROWS):
            pass
    raise decided
