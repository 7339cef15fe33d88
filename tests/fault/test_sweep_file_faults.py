"""A file sweep that cannot be finished leaves nothing under a final name, and says why in one line."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEADER = "uscc,entity_type,vat_taxpayer_type,annual_taxable_income,avg_employees_tax,avg_total_assets_tax"
FIRMS = 60_000
LIMIT_BYTES = 200_000


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Invented firms, enough that their decisions are larger than the limit on file size."""
    path = tmp_path_factory.mktemp("facts") / "facts.csv"
    rows = (
        f"91370268WWW{number:06d}X,company,general,{number}.{number % 100:02d},30,8000000" for number in range(FIRMS)
    )
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return path


def sweep(facts: Path, out: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "policy_match", "sweep", "--facts", str(facts), "--as-of", "2025-06-30"]
    return [*command, "--out", str(out), "--all", "--lang", "en", *more]


def limit_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, LIMIT_BYTES))


def test_a_file_that_may_not_grow_is_one_line_and_leaves_nothing(facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = subprocess.run(
        sweep(facts, out), cwd=ROOT, capture_output=True, text=True, preexec_fn=limit_files, timeout=120, check=False
    )
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == 1
    assert "decisions.parquet could not be written" in ended.stderr
    assert list(out.iterdir()) == []


def test_an_earlier_result_stays_when_the_next_cannot_be_written(facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "decisions.parquet").write_bytes(b"earlier")
    ended = subprocess.run(
        sweep(facts, out), cwd=ROOT, capture_output=True, text=True, preexec_fn=limit_files, timeout=120, check=False
    )
    assert ended.returncode == 3
    assert (out / "decisions.parquet").read_bytes() == b"earlier"
    assert [path.name for path in out.iterdir()] == ["decisions.parquet"]


def test_a_killed_sweep_leaves_nothing_under_a_final_name_and_can_be_run_again(facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(sweep(facts, out, "--engine", "reference"), cwd=ROOT, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(out.glob(".decisions.parquet.*")) and time.monotonic() < deadline:
        os.sched_yield()
    process.kill()
    process.wait()
    assert [path.name for path in out.iterdir() if not path.name.startswith(".")] == []
    again = subprocess.run(
        sweep(facts, out, "--json"), cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert json.loads(again.stdout)["rows"] == {"firm": FIRMS}
    assert (out / "decisions.parquet").is_file()


def test_an_output_folder_that_is_a_file_is_one_line(facts: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    ended = subprocess.run(
        sweep(facts, blocked / "out"), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == 1
