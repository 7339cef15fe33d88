"""The benchmark of deadlines on a handful of cases, so that only its working is tested; nothing is timed."""

import pytest

from tests.benchmarks.open_cases import main


def test_the_benchmark_looks_at_every_open_case(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--cases", "42"])
    printed = capsys.readouterr().out
    assert "### 42 open cases" in printed
    assert "| mark colours, staff are late | 42 |" in printed
    assert "| promises, nothing to do | 42 |" in printed
