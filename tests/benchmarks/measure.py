"""One measurement in a process of its own, so that its memory is its own: prints one line of JSON.

`python -m tests.benchmarks.measure TABLES RULES OUT` sweeps a snapshot directory or a facts file into OUT, as
`policy-match sweep` does; with `--held` the tables are read first and only the sweep is timed.
"""

import argparse
import json
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from policy_match.engines.arrow import ArrowEngine
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.services.sweep_file import plan_for, sweep_file
from policy_match.storage.atomic_file import write_file
from policy_match.storage.decision_files import write_decisions
from policy_match.storage.facts_file import open_facts_file
from policy_match.wiring.parts import SystemClock
from tests.benchmarks.synthetic_facts import AS_OF
from tests.benchmarks.synthetic_snapshot import HeldTables

HELD_RUNS = 3
"""A sweep of held tables is run so often, and the fastest counts: the first also fills memory for the first time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """What one process measured. Eligible and undetermined count decisions; `peak_bytes` is of the whole process."""

    rows: int
    policies: int
    conditions: int
    eligible: int
    undetermined: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    file_bytes: int = 0

    @property
    def decisions_per_second(self) -> float:
        """Policies × firms ÷ seconds."""
        return self.rows * self.policies / self.seconds


def measure_file(rules: RuleBook, path: Path, out: Path) -> Measurement:
    """Open Parquet and sweep it into `decisions.parquet` and `summary.json`, once."""
    started, cpu = time.perf_counter(), time.process_time()
    tables = open_facts_file(path, rules.catalogue)
    summary = sweep_file(
        rules,
        tables,
        ArrowEngine(),
        write_decisions,
        write_file,
        SystemClock(),
        as_of=AS_OF,
        out=out,
        include_ineligible=False,
    )
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    totals = summary.totals.policies
    return Measurement(
        rows=tables.rows("firm"),
        policies=len(totals),
        conditions=len(plan_for(rules, tables, AS_OF).plan.conditions),
        eligible=sum(policy.eligible for policy in totals),
        undetermined=sum(policy.undetermined for policy in totals),
        seconds=seconds,
        cpu_seconds=cpu,
        peak_bytes=peak_bytes(),
        file_bytes=(out / "decisions.parquet").stat().st_size,
    )


def measure_held(rules: RuleBook, path: Path) -> Measurement:
    """Sweep tables that are in memory: conditions, amounts of all eligible pairs, missing facts of all open ones."""
    tables = open_facts_file(path, rules.catalogue)
    plan = plan_for(rules, tables, AS_OF).plan
    held = HeldTables(tables, plan.facts_of("firm"), AS_OF)
    runs = []
    for _ in range(HELD_RUNS):
        eligible = undetermined = 0
        started, cpu = time.perf_counter(), time.process_time()
        for batch in ArrowEngine().sweep(plan, held):
            eligible += sum(len(result.amount_fen) for result in batch.results)
            undetermined += sum(len(result.missing) for result in batch.results)
        runs.append((time.perf_counter() - started, time.process_time() - cpu))
    seconds, cpu = min(runs)
    return Measurement(
        rows=held.rows("firm"),
        policies=len(plan.policies),
        conditions=len(plan.conditions),
        eligible=eligible,
        undetermined=undetermined,
        seconds=seconds,
        cpu_seconds=cpu,
        peak_bytes=peak_bytes(),
    )


def peak_bytes() -> int:
    """Return the largest resident size that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage also remembers the process that started this one
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(arguments: list[str]) -> None:
    """Measure once and print the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", type=Path)
    parser.add_argument("rules", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--held", action="store_true")
    options = parser.parse_args(arguments)
    rules = load_rules(options.rules)
    measured = measure_held(rules, options.tables) if options.held else measure_file(rules, options.tables, options.out)
    sys.stdout.write(json.dumps(asdict(measured)) + os.linesep)


if __name__ == "__main__":
    main(sys.argv[1:])
