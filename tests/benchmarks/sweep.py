"""The benchmark: `python -m tests.benchmarks.sweep` prints its tables as Markdown, ready for the README.

Guarantees that everything is measured in one run on synthetic data made for it in a temporary folder. `--firms` and
`--policies` choose the largest size; nothing is asserted.
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

from policy_match.services.sweep_file import plan_for
from tests.benchmarks.measure import Measurement
from tests.benchmarks.rule_engine_rate import decisions_per_second
from tests.benchmarks.synthetic_facts import AS_OF
from tests.benchmarks.synthetic_rules import POLICIES, write_rules
from tests.benchmarks.synthetic_snapshot import open_synthetic, write_facts_file, write_snapshot

FIRMS = (10_000, 100_000, 1_000_000, 2_000_000)
POLICY_COUNTS = (20, 100, POLICIES)
MAIN_FIRMS = 1_000_000
RULE_ENGINE_ROWS = 300

HEADER = "| firms | policies | distinct conditions | seconds | decisions/s | CPU seconds | peak memory |"
RULER = "|--:|--:|--:|--:|--:|--:|--:|"


def run(firms: Sequence[int], policy_counts: Sequence[int], folder: Path) -> None:
    """Measure every size and print the tables."""
    most_policies = max(policy_counts)
    main_firms = MAIN_FIRMS if MAIN_FIRMS in firms else max(firms)
    rules = {count: folder / f"rules-{count}" for count in policy_counts}
    books = {count: write_rules(path, count) for count, path in rules.items()}
    snapshots = {count: write_snapshot(folder / f"snapshot-{count}", count) for count in firms}
    facts_file = folder / "facts.parquet"
    write_facts_file(facts_file, main_firms)
    sizes = [(count, most_policies) for count in firms]
    sizes += [(main_firms, count) for count in policy_counts if count != most_policies]

    say(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()} {platform.system()}")
    held = {size: measure(snapshots[size[0]], rules[size[1]], folder, "--held") for size in sizes}
    main = held[main_firms, most_policies]
    pairs = main.rows * main.policies
    say("", f"{main.eligible / pairs:.1%} of {pairs:,} pairs are eligible, {main.undetermined / pairs:.1%} open.")
    say("", "### Tables in memory: every truth, all amounts, all missing facts", "", HEADER, RULER)
    say(*(table_row(held[size]) for size in sizes))

    say("", "### From a snapshot to `decisions.parquet` and `summary.json`", "", HEADER, RULER)
    say(*(table_row(measure(snapshots[size[0]], rules[size[1]], folder)) for size in sizes))

    from_file = measure(facts_file, rules[most_policies], folder)
    say(
        "",
        "### From a facts file, every value checked, to `decisions.parquet`",
        "",
        HEADER,
        RULER,
        table_row(from_file),
    )
    say(
        "",
        f"`decisions.parquet`: {from_file.eligible + from_file.undetermined:,} rows, {megabytes(from_file.file_bytes)}",
    )

    plan = plan_for(books[most_policies], open_synthetic(snapshots[main_firms]), AS_OF).plan
    rate, conditions = decisions_per_second(plan, min(RULE_ENGINE_ROWS, main_firms))
    say(
        "",
        f"rule-engine, row by row, on the {conditions} conditions that it can evaluate: {rate:,.0f} decisions/s. "
        f"The sweep makes {main.decisions_per_second / rate:,.0f} times as many.",
    )


def measure(tables: Path, rules: Path, folder: Path, *options: str) -> Measurement:
    """Return what a process of its own measures."""
    command = [sys.executable, "-m", "tests.benchmarks.measure", str(tables), str(rules), str(folder / "out"), *options]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Measurement(**json.loads(printed))


def table_row(measured: Measurement) -> str:
    """Return one line of a table."""
    return (
        f"| {measured.rows:,} | {measured.policies} | {measured.conditions} | {measured.seconds:.2f} "
        f"| {measured.decisions_per_second / 1e6:,.0f} million | {measured.cpu_seconds:.2f} "
        f"| {megabytes(measured.peak_bytes)} |"
    )


def megabytes(size: int) -> str:
    """Return a size for a person."""
    return f"{size / 1e6:,.0f} MB"


def say(*lines: str) -> None:
    """Print lines at once, so that a long run shows how far it is."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sweep", description=__doc__)
    parser.add_argument("--firms", type=int, nargs="+", default=FIRMS, help="sizes of the registry")
    parser.add_argument("--policies", type=int, nargs="+", default=POLICY_COUNTS, help="numbers of policies")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="policy-match-bench-") as folder:
        run(options.firms, options.policies, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
