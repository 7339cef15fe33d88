"""`policy-match sweep --engine spark` as a person types it: it starts a Spark of its own and ends it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support import spark as _needs_spark  # noqa: F401
from tests.support.registry import code

ROOT = Path(__file__).parents[2]


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """Invented firms."""
    firms = {
        "uscc": [code(each) for each in range(20)],
        "entity_type": ["company"] * 20,
        "annual_taxable_income": [each * 400_000 for each in range(20)],
        "avg_employees_tax": [30 if each % 5 else None for each in range(20)],
        "avg_total_assets_tax": [8_000_000] * 20,
    }
    pq.write_table(pa.table(firms), tmp_path / "facts.parquet")
    return tmp_path / "facts.parquet"


def sweep(facts: Path, out: Path, engine: str = "spark", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder that is not the repository's."""
    command = [sys.executable, "-m", "policy_match", "sweep", "--facts", str(facts), "--as-of", "2025-06-30"]
    command += ["--out", str(out), "--rules", str(ROOT / "rules"), "--engine", engine, "--all", "--lang", "en"]
    variables: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        command, cwd=facts.parent, env=variables, capture_output=True, text=True, timeout=300, check=False
    )


def test_it_is_quiet_obeys_the_configuration_of_spark_and_ends_it(facts: Path, tmp_path: Path) -> None:
    log, configuration = tmp_path / "log", tmp_path / "conf"
    log.mkdir()
    configuration.mkdir()
    (configuration / "spark-defaults.conf").write_text(
        f"spark.master local[1]\nspark.eventLog.enabled true\nspark.eventLog.dir {log.as_uri()}\n"
        "spark.eventLog.rolling.enabled false\nspark.eventLog.compress false\n"
    )
    ended = sweep(facts, tmp_path / "spark", SPARK_CONF_DIR=str(configuration))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sweep(facts, tmp_path / "arrow", "arrow").returncode == 0
    left, right = (pq.read_table(tmp_path / engine / "decisions.parquet") for engine in ("spark", "arrow"))
    assert left.num_rows and left.equals(right)
    (events,) = log.iterdir()
    told = [json.loads(line) for line in events.read_text().splitlines()]
    properties = next(event["Spark Properties"] for event in told if "Spark Properties" in event)
    assert (properties["spark.master"], properties["spark.ui.enabled"]) == ("local[1]", "false")
    assert told[-1]["Event"] == "SparkListenerApplicationEnd"


def test_without_java_it_is_one_line(facts: Path, tmp_path: Path) -> None:
    ended = sweep(facts, tmp_path / "out", JAVA_HOME=str(tmp_path / "no-java"))
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "Java 17" in ended.stderr and "policy-match[spark]" in ended.stderr
    assert ended.stdout == ""
    assert list((tmp_path / "out").glob("*")) == []


def test_a_wrong_value_is_the_line_of_the_arrow_engine(facts: Path, tmp_path: Path) -> None:
    firms = pq.read_table(facts).to_pydict()
    firms["avg_employees_tax"][7] = -1
    pq.write_table(pa.table(firms), facts)
    told = [sweep(facts, tmp_path / engine, engine) for engine in ("arrow", "spark")]
    assert [ended.returncode for ended in told] == [2, 2]
    assert told[0].stderr == told[1].stderr
    assert len(told[0].stderr.splitlines()) == 1
    assert list((tmp_path / "spark").glob("*")) == []


def test_a_csv_file_is_one_line_that_says_what_to_do(facts: Path, tmp_path: Path) -> None:
    text = facts.with_suffix(".csv")
    text.write_text(f"uscc,avg_employees_tax\n{code(1)},3\n", encoding="utf-8")
    ended = sweep(text, tmp_path / "out")
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "Parquet" in ended.stderr and "policy-match import" in ended.stderr
