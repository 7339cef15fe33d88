"""The connection to Spark: the one that the process has already, or one of its own that ends with the sweep.

Guarantees that Spark's own configuration decides (spark-defaults.conf, SPARK_CONF_DIR, spark-submit), and that what
Spark prints does not mix with our output. Without any configuration Spark runs on all cores of this machine.
"""

import sys
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryFile

from py4j.java_gateway import JavaGateway
from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException, PySparkRuntimeError
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from policy_match.engines.defects import SparkNotStarted
from policy_match.engines.spark.failures import cause

PYTHON = "python3"
"""What Spark starts for Python where PYSPARK_PYTHON says nothing; it need not be the one that has our packages."""


@contextmanager
def spark_context() -> Iterator[SparkContext]:
    """Give the running context, or start one and stop it at the end. Raises `SparkNotStarted`."""
    running = _running()
    if running is not None:
        yield running
        return
    # In the main thread pyspark would take over Ctrl-C, and py4j would print pages about it.
    with ThreadPoolExecutor(1, "spark-start") as starter:
        context = starter.submit(_started).result()
    try:
        yield context
    finally:
        context.stop()


def _running() -> SparkContext | None:
    try:
        return SparkSession.active().sparkContext
    except PySparkException:
        return None


def _started() -> SparkContext:
    gateway = _gateway()
    try:
        with warnings.catch_warnings():
            # With its first call pyspark says that it does not know our pandas; what it does with pandas is not used.
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
            conf = SparkConf(_jvm=gateway.jvm).setAppName("policy-match").setIfMissing("spark.ui.enabled", "false")
            context = SparkContext(conf=conf, gateway=gateway)
    except (Py4JError, PySparkException) as error:
        raise SparkNotStarted(detail=cause(error)) from None
    if context.pythonExec == PYTHON and context.master.startswith("local"):
        context.pythonExec = sys.executable
    return context


@cache
def _gateway() -> JavaGateway:
    """Return Spark's process, which stays until this one ends. What it prints is shown only if it does not start."""
    with TemporaryFile() as printed:
        try:
            return launch_gateway(popen_kwargs={"stdout": printed, "stderr": printed})
        except PySparkRuntimeError:
            printed.seek(0)
            raise SparkNotStarted(detail=_first_line(printed)) from None


def _first_line(printed: Iterable[bytes]) -> str:
    lines = (line.decode(errors="replace").strip() for line in printed)
    return next((line for line in lines if line and not line.startswith("WARNING")), "it did not say why")
