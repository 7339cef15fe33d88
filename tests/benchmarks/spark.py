"""Spark on this machine against the arrow engine: `python -m tests.benchmarks.spark` prints one table as Markdown.

Guarantees that both decide the same synthetic snapshot with the same command, in turn, so that other work on the
machine meets both; of each the fastest run counts, start of the process and of Spark included. Nothing is asserted.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.sweep import say
from tests.benchmarks.synthetic_facts import AS_OF
from tests.benchmarks.synthetic_rules import POLICIES, write_rules
from tests.benchmarks.synthetic_snapshot import write_snapshot

ENGINES = ("arrow", "spark")
FIRMS = 1_000_000
RUNS = 3


def run(firms: int, runs: int, folder: Path) -> None:
    """Measure both engines and print the table."""
    rules, snapshot = folder / "rules", write_snapshot(folder / "snapshot", firms)
    write_rules(rules, POLICIES)
    fastest = dict.fromkeys(ENGINES, float("inf"))
    for number in range(runs):
        for engine in ENGINES:
            seconds = sweep_seconds(engine, snapshot, rules, folder / f"out-{engine}-{number}")
            fastest[engine] = min(fastest[engine], seconds)
    say(f"{firms:,} firms, {POLICIES} policies, the command from a snapshot to `decisions.parquet`, best of {runs}:")
    say("", "| engine | seconds | times arrow |", "|:--|--:|--:|")
    say(*(f"| {engine} | {fastest[engine]:.1f} | {fastest[engine] / fastest['arrow']:.1f} |" for engine in ENGINES))


def sweep_seconds(engine: str, snapshot: Path, rules: Path, out: Path) -> float:
    """Return how long one run of the command takes."""
    command = [sys.executable, "-m", "policy_match", "sweep", "--engine", engine, "--rules", str(rules)]
    command += ["--facts", str(snapshot), "--as-of", str(AS_OF), "--out", str(out)]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.spark", description=__doc__)
    parser.add_argument("--firms", type=int, default=FIRMS, help="size of the registry")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each engine runs")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="policy-match-bench-") as folder:
        run(options.firms, options.runs, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
