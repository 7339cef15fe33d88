"""One Spark for all tests of this folder but those that look at how the command starts its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_match.ports import SweepEngine

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def spark() -> Iterator[object]:
    """A Spark on two cores, which the engine finds and leaves running."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .appName("tests")
        .config("spark.ui.enabled", "false")
        .config("spark.executorEnv.PYTHONPATH", str(ROOT))
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def small_ranges(spark: object) -> SweepEngine:
    """The Spark engine with few rows per range."""
    from policy_match.engines.spark import SparkEngine

    return SparkEngine(range_rows=3)
