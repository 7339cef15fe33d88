"""What happens when Spark fails: one line that says why, and Spark goes on for whoever else uses it."""

import random

import pytest

from policy_match.engines.defects import SparkStopped
from policy_match.ports import SweepEngine
from policy_match.sweep.plan import plan_sweep
from tests.generative.test_many_rows import rows
from tests.spec.model import AS_OF
from tests.spec.vocabulary import CATALOGUE
from tests.support.engines import sweep_all
from tests.support.policies import make_policy
from tests.support.spark import BrokenTables
from tests.support.tables import MemoryTables

PLAN = plan_sweep([make_policy("p")], CATALOGUE, AS_OF)


@pytest.mark.parametrize(("dies", "why"), [(False, "RuntimeError: the disk is on fire"), (True, "worker exited")])
def test_a_task_that_fails_is_one_line_that_says_why(small_ranges: SweepEngine, dies: bool, why: str) -> None:
    tables = BrokenTables(CATALOGUE, {"firm": rows(random.Random(1), 9)})
    tables.dies = dies
    with pytest.raises(SparkStopped) as caught:
        sweep_all(small_ranges, PLAN, tables)
    assert why in caught.value.message("en")
    assert (caught.value.exit_code, caught.value.retry_helps) == (3, True)
    assert len(caught.value.message("zh").splitlines()) == 1


def test_a_session_that_is_there_is_used_and_left_running(small_ranges: SweepEngine, spark: object) -> None:
    tables = MemoryTables(CATALOGUE, {"firm": rows(random.Random(1), 9)})
    first = sweep_all(small_ranges, PLAN, tables)
    assert sweep_all(small_ranges, PLAN, tables) == first
    assert spark.sparkContext.parallelize([1, 2], 2).sum() == 3  # type: ignore[attr-defined]


def test_a_sweep_that_is_left_early_leaves_no_job(small_ranges: SweepEngine, spark: object) -> None:
    tables = MemoryTables(CATALOGUE, {"firm": rows(random.Random(1), 60)})
    batches = small_ranges.sweep(PLAN, tables)
    next(batches)
    batches.close()
    assert list(spark.sparkContext.statusTracker().getActiveJobsIds()) == []  # type: ignore[attr-defined]
