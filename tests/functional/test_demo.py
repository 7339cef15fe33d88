"""What `make run` shows a newcomer: the whole main job on the embedded PostgreSQL, every firm invented."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.conftest import ROOT


@pytest.mark.slow
def test_the_main_job_runs_from_end_to_end_and_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = Path(tmp_path_factory.mktemp("demo"))
    environment = {**os.environ, "POLICY_MATCH_DATA_DIR": str(data), "POLICY_MATCH_LANG": "en"}
    environment.pop("POLICY_MATCH_DATABASE_URL", None)
    shown = []
    for _ in range(2):
        ended = subprocess.run(
            [sys.executable, "-m", "policy_match", "demo", "--as-of", "2025-12-31"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert ended.stderr == ""
        shown.append(ended.stdout)
    first, again = shown
    assert "every firm and figure is invented" in first
    assert "Which missing facts hold back most money" in first
    assert "What to try next:" in first
    assert "kept as sweep" in first
    assert "the same inputs were imported before" in again
    assert "the same facts, rules and day were swept before" in again
    explain = next(line.split("policy_match ")[1].split() for line in first.splitlines() if " explain " in line)
    told = subprocess.run(
        [sys.executable, "-m", "policy_match", *explain],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "eligible" in told.stdout
