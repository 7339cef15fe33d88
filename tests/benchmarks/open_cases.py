"""The benchmark of deadlines: `python -m tests.benchmarks.open_cases` prints its table as Markdown.

Guarantees that all cases are open while they are looked at: half of them wait for the firm's answer, half for review.
First nothing has changed, then every limit of staff is over. Each size is a process of its own with a PostgreSQL of
its own whose settings are those of production; nothing is asserted about time.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import psycopg

from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.engines.arrow import ArrowEngine
from policy_match.ports import Database as DatabasePort
from policy_match.services.due_dates import due_groups
from policy_match.services.duties import grant_duty
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.notify_cases import close_windows, notify_cases
from policy_match.services.open_cases import open_cases
from policy_match.services.promises import promises
from policy_match.services.remind_firms import remind_firms
from policy_match.services.supervise_cases import escalate_cases, mark_cases, supervision_board
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from tests.benchmarks.payment_measure import CLERK, REVIEWER, Stage, Watch
from tests.benchmarks.payment_path import HEADER, RULER, stage_row
from tests.benchmarks.payment_use import ServerUse
from tests.benchmarks.payment_world import AS_OF, firms_for, write_rules, write_snapshot
from tests.benchmarks.sweep import say
from tests.support.cases import MovableClock

CASES = (100_000, 1_000_000)
DAYS_UNTIL_RED = 6
"""Calendar days after which what waits for staff is red, and the firms' windows still stand open."""

Look = Callable[[], object]


def measure(cases: int, folder: Path) -> list[Stage]:
    """Open so many cases below an empty folder, look at them, and return what each look took."""
    data, clock, calendar = folder / "data", MovableClock(), WorkingDays()
    rules = write_rules(folder / "rules")
    snapshot = write_snapshot(folder / "snapshots", rules, firms_for(cases))
    with (
        EmbeddedPostgres(data) as server,
        Database(server.url) as database,
        ServerUse(data / "postgres") as use,
    ):
        watch = Watch(use)
        truth = TruthFiles(folder / "truth")
        sweep = keep_sweep(rules, snapshot, ArrowEngine(), database, truth, as_of=AS_OF).sweep
        opened = open_cases(database, lambda _, __: snapshot, sweep, clock=clock, by=CLERK).cases
        notify_cases(database, calendar, clock=clock, by=CLERK)
        for unit in {policy.department for policy in rules.policies.values()}:
            grant_duty(database, clock, unit=unit, level=1, person=REVIEWER, by=CLERK)
        _reach_all(server.url, clock)
        clock.move(1)
        for when, days in (("nothing to do", 0), ("staff are late", DAYS_UNTIL_RED)):
            clock.move(days)
            for name, look in _looks(database, calendar, clock).items():
                with watch.stage(f"{name}, {when}"):
                    look()
                watch.moved(f"{name}, {when}", opened)
        with psycopg.connect(server.url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM policy_match.case_state WHERE status IN ('matched', 'notified')"
            ).fetchone()
        assert row == (opened,), "every case is open to the end"
    return list(watch.stages)


def _reach_all(url: str, clock: MovableClock) -> None:
    """Let every notice have reached its firm, as sending a million of them is another benchmark's."""
    with psycopg.connect(url) as connection:
        for seq, event, before, after in ((1, "prepare", "due", "open"), (2, "reach", "open", "reached")):
            connection.execute(
                "INSERT INTO policy_match.notice_event (notice_id, seq, event, before, after, at, by)"
                " SELECT notice_id, %s, %s, %s, %s, %s, %s FROM policy_match.notice ORDER BY notice_id",
                [seq, event, before, after, clock.now(), CLERK],
            )


def _looks(database: DatabasePort, calendar: WorkingDays, clock: MovableClock) -> Mapping[str, Look]:
    return {
        "mark colours": lambda: mark_cases(database, calendar, clock),
        "escalate": lambda: escalate_cases(database, calendar, clock),
        "board": lambda: supervision_board(database, calendar, clock),
        "extend and end windows": lambda: close_windows(database, calendar, clock=clock),
        "remind": lambda: remind_firms(
            database, calendar, clock=clock, cut_off=china_day(clock.now()).replace(month=12, day=20)
        ),
        "list what is due": lambda: due_groups(database, calendar, clock=clock, within=5),
        "promises": lambda: promises(database, clock),
    }


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark, or one size of it in this process."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.open_cases", description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=CASES, help="how many cases are open")
    parser.add_argument("--here", type=Path, help="measure one size below this folder and print JSON")
    options = parser.parse_args(arguments)
    if options.here is not None:
        sys.stdout.write(json.dumps([asdict(stage) for stage in measure(options.cases[0], options.here)]))
        return
    say(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()} {platform.system()}")
    for count in options.cases:
        with tempfile.TemporaryDirectory(prefix="policy-match-bench-") as folder:
            command = [sys.executable, "-m", "tests.benchmarks.open_cases", "--cases", str(count), "--here", folder]
            printed = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        say("", f"### {count:,} open cases", "", HEADER, RULER)
        say(*(stage_row(Stage(**each), "") for each in printed))


if __name__ == "__main__":
    main(sys.argv[1:])
