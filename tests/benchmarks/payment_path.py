"""The benchmark of payments: `python -m tests.benchmarks.payment_path` prints its tables as Markdown.

Guarantees that each size is a process of its own with a PostgreSQL of its own in a temporary folder, whose settings are
those of production, fsync included; nothing is asserted about time. `--cases` chooses the sizes; a million takes long.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.payment_measure import PATH, PathMeasured, Stage
from tests.benchmarks.sweep import megabytes, say

CASES = (10_000, 100_000)

HEADER = "| stage | cases | seconds | cases/s | share | Python CPU | PostgreSQL CPU | Python peak | PostgreSQL peak |"
RULER = "|:--|--:|--:|--:|--:|--:|--:|--:|--:|"
GROWTH_HEADER = (
    "| cases | opening, s | match to posted payment, s | cases/s | CPU, s | Python | PostgreSQL | database |"
)
GROWTH_RULER = "|--:|--:|--:|--:|--:|--:|--:|--:|"


def run(cases: Sequence[int], below: Path | None) -> None:
    """Measure every size and print the tables."""
    say(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()} {platform.system()}")
    measured = []
    for count in cases:
        with tempfile.TemporaryDirectory(prefix="policy-match-bench-", dir=below) as folder:
            measured.append(measure(count, Path(folder)))
        say("", f"### {measured[-1].cases:,} cases, fsync {measured[-1].fsync}", "", *stage_table(measured[-1]))
    say("", "### How it grows", "", GROWTH_HEADER, GROWTH_RULER, *map(growth_row, measured))


def measure(cases: int, folder: Path) -> PathMeasured:
    """Return what a process of its own measures; what it says of errors goes to stderr."""
    command = [sys.executable, "-m", "tests.benchmarks.payment_measure", str(cases), str(folder)]
    printed = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return PathMeasured(**{**printed, "stages": tuple(Stage(**stage) for stage in printed["stages"])})


def stage_table(measured: PathMeasured) -> list[str]:
    """Return the table of one size: what leads to the match, the path with its sum, and what comes afterwards."""
    path = [stage for stage in measured.stages if stage.name in PATH]
    assert len(path) == len(PATH), "every stage was run"
    seconds = sum(stage.seconds for stage in path)
    rows = [HEADER, RULER]
    for stage in measured.stages:
        rows.append(stage_row(stage, f"{stage.seconds / seconds:.0%}" if stage.name in PATH else ""))
        if stage.name == PATH[-1]:
            rows.append(stage_row(whole(measured), "100%"))
    return rows


def whole(measured: PathMeasured) -> Stage:
    """Return the path from the match to the posted payment as one stage."""
    path = [stage for stage in measured.stages if stage.name in PATH]
    server = [stage.server_cpu_seconds for stage in path if stage.server_cpu_seconds is not None]
    return Stage(
        name="**match to posted payment**",
        cases=measured.cases,
        seconds=sum(stage.seconds for stage in path),
        cpu_seconds=sum(stage.cpu_seconds for stage in path),
        server_cpu_seconds=sum(server) if server else None,
        peak_bytes=max((stage.peak_bytes for stage in path if stage.peak_bytes is not None), default=None),
        server_bytes=max((stage.server_bytes for stage in path if stage.server_bytes is not None), default=None),
    )


def stage_row(stage: Stage, share: str) -> str:
    """Return one line of a table of stages."""
    return (
        f"| {stage.name} | {stage.cases:,} | {stage.seconds:.2f} | {stage.cases / stage.seconds:,.0f} | {share} "
        f"| {stage.cpu_seconds:.2f} | {_seconds(stage.server_cpu_seconds)} "
        f"| {_size(stage.peak_bytes)} | {_size(stage.server_bytes)} |"
    )


def growth_row(measured: PathMeasured) -> str:
    """Return the line of one size in the table of all sizes."""
    path = whole(measured)
    (opening,) = [stage for stage in measured.stages if stage.name == PATH[0]]
    return (
        f"| {measured.cases:,} | {opening.seconds:.2f} | {path.seconds:.2f} | {path.cases / path.seconds:,.0f} "
        f"| {path.cpu_seconds + (path.server_cpu_seconds or 0):.2f} | {_size(path.peak_bytes)} "
        f"| {_size(path.server_bytes)} | {megabytes(measured.database_bytes)} |"
    )


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _size(value: int | None) -> str:
    return "" if value is None else megabytes(value)


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.payment_path", description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=CASES, help="how many cases are opened and paid")
    parser.add_argument("--folder", type=Path, help="where the databases are made; a million cases need some 10 GB")
    options = parser.parse_args(arguments)
    run(options.cases, options.folder)


if __name__ == "__main__":
    main(sys.argv[1:])
