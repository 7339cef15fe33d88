"""The benchmark on a registry so small that only its working is tested; nothing is timed."""

import pytest

from tests.benchmarks.sweep import main
from tests.benchmarks.synthetic_facts import blocks, catalogue
from tests.benchmarks.synthetic_rules import policy_texts


def test_the_benchmark_prints_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--firms", "300", "600", "--policies", "3", "7"])
    printed = capsys.readouterr().out
    assert "| 300 | 7 |" in printed
    assert "| 600 | 3 |" in printed
    assert "rule-engine, row by row" in printed


def test_the_same_firms_are_made_every_time() -> None:
    first, second = next(blocks(50)), next(blocks(200))
    assert second.slice(0, 50).equals(first)


def test_five_to_fifteen_percent_of_every_fact_are_missing() -> None:
    block = next(blocks(10_000))
    assert len(catalogue()) == 60
    assert all(0.04 < block.column(name).null_count / block.num_rows < 0.16 for name in catalogue())


def test_the_same_policies_are_written_every_time() -> None:
    assert list(policy_texts()) == list(policy_texts())
    assert len(set(policy_texts())) == 209
