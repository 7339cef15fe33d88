"""The benchmark of the web on a handful of cases, so that only its working is tested; nothing is timed."""

import pytest

from tests.benchmarks.web_load import main, percentile

PAGES = (
    *("statistics", "statistics, internal", "days in each stage", "notices", "displays"),
    *("public lists", "public list", "public list, API"),
)


def test_the_benchmark_asks_for_cases_and_pages_without_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--cases", "42", "--minutes", "0.03", "--processes"])
    printed = capsys.readouterr().out
    assert "### 42 cases" in printed
    rows = [line for line in printed.splitlines() if line.startswith("| all |")]
    assert [row.split("|")[2].strip() for row in rows] == ["180", "180"]
    assert all(row.rstrip("| ").endswith(" 0") for row in rows)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines()]
    pages = [row for row in cells if row[0] in PAGES]
    assert [row[0] for row in pages] == list(PAGES)
    assert {row[-1] for row in pages} == {"0"}


def test_a_percentile_is_a_delay_that_was_measured() -> None:
    delays = [each / 100 for each in range(1, 101)]
    assert percentile(delays, 0.5) == pytest.approx(0.51)
    assert percentile(delays, 0.99) == pytest.approx(1.0)
    assert percentile([0.3], 0.99) == pytest.approx(0.3)
