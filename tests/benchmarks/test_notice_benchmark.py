"""The benchmark of notices on a handful of notices, so that only its working is tested; nothing is timed."""

import pytest

from tests.benchmarks.notice_sending import main


def test_the_benchmark_writes_and_hands_every_notice_over(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--notices", "12"])
    printed = capsys.readouterr().out
    assert "| write texts | 36 |" in printed
    assert "| write texts | 144 |" in printed
    for stage in ("choose a way | 36 |", "hand over by smtp | 12 |", "take receipts of the gateway | 12 |"):
        assert f"| {stage}" in printed
    assert "arrived: 12 texts, 12 mails, 0 twice" in printed
