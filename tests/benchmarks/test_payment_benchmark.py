"""The benchmark of payments on a handful of cases, so that only its working is tested; nothing is timed."""

from pathlib import Path

import pytest

from tests.benchmarks.payment_measure import PATH
from tests.benchmarks.payment_path import main
from tests.benchmarks.payment_world import OUTSIDERS, firms_for, stated_accounts, write_rules, write_snapshot


def test_the_benchmark_carries_every_case_to_its_payment(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--cases", "42"])
    printed = capsys.readouterr().out
    assert "### 42 cases, fsync on" in printed
    for stage in PATH:
        assert f"| {stage} |" in printed
    assert "| **match to posted payment** | 42 |" in printed
    assert "| close | 42 |" in printed


@pytest.mark.parametrize("cases", [40, 42, 44, 10_000])
def test_there_are_as_many_firms_as_the_cases_need(cases: int) -> None:
    firms = firms_for(cases)
    assert firms - firms // OUTSIDERS == cases // 2
    assert len(list(stated_accounts(firms))) == cases // 2


def test_the_same_firms_are_made_every_time(tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules")
    first, second = (write_snapshot(tmp_path / name, rules, 30) for name in ("one", "two"))
    assert first.snapshot_id == second.snapshot_id
