"""Puts the parts of `wiring` together to the one application that every entry point is handed.

With `wiring` and `web_processes` the only modules that see every side. What is done with the parts is left to services.
"""

import os
import socket
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from typing import TextIO

from policy_match.config import Config
from policy_match.errors import InputError, all_of, raise_mistakes
from policy_match.ports import Clock
from policy_match.ports.jobs import RunnerLease
from policy_match.reports.charts import Chart
from policy_match.scheduler.clock import keep_time
from policy_match.scheduler.log import LineLog, hear_libraries
from policy_match.scheduler.occurrences import CronTimetable
from policy_match.scheduler.runner import Runner
from policy_match.scheduler.schedule_file import read_schedule
from policy_match.scheduler.timetable import JOBS
from policy_match.services.job_desk import Job
from policy_match.services.promises import PromiseFiles
from policy_match.services.publish_report import Plots
from policy_match.storage.atomic_file import write_file
from policy_match.storage.chart_folder import ChartFolder
from policy_match.storage.decision_files import write_decisions
from policy_match.storage.promise_files import promises_csv, unpaid_firms_csv
from policy_match.storage.report_page import report_page
from policy_match.wiring.registry import Registry
from policy_match.wiring.rehearsal import Rehearsal

REPORT = "report"
CHARTS = "charts"


class Application(Registry, Rehearsal):
    """Everything that an entry point needs, opened when first used; leave it to close what was opened."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        """Without a clock the machine's is used; a rehearsal brings its own."""
        super().__init__(config, clock)
        self.write_decisions = write_decisions
        self.write_file = write_file
        self.report_page = report_page
        self.promise_files = PromiseFiles(lines=promises_csv, firms=unpaid_firms_csv)
        self.timetable = CronTimetable()

    @property
    def report_plots(self) -> Plots:
        """Draws the report. matplotlib takes half a second to import, so only who draws pays for it."""
        from policy_match.storage.report_plots import report_plots

        return report_plots

    @property
    def charts(self) -> ChartFolder:
        """The charts that pages show, as they were drawn."""

        def draw(chart: Chart) -> bytes:
            from policy_match.storage.report_plots import chart_svg

            return chart_svg(chart)

        return ChartFolder(self.config.data_dir / CHARTS, draw)

    @property
    def report_folder(self) -> Path:
        """Where the scheduler publishes how well the service does."""
        return self.config.data_dir / REPORT

    @cached_property
    def jobs(self) -> Sequence[Job]:
        """The standing jobs, with what the schedule file says of them. Raises `ScheduleUnfit` or `SeveralMistakes`."""
        path = self.config.schedule_file
        return JOBS if path is None else read_schedule(path, JOBS)

    @cached_property
    def runner_lease(self) -> RunnerLease:
        """What makes this process known as one that carries out jobs."""
        lease = self.database.runner_lease(socket.gethostname(), os.getpid())
        self._open.callback(lease.close)
        return lease

    def keep_time(self, stop: Event, stream: TextIO, *, rules_folder: Path, as_json: bool) -> bool:
        """Carry out the standing jobs, or stand by, until `stop` is set; return whether no run was left in the middle.

        What happens is told on `stream`, one line each.
        """
        log = LineLog(stream, self.clock, as_json=as_json)
        hear_libraries(log)
        runner = Runner(self, self.jobs, self.timetable, self.runner_lease, log, rules_folder=rules_folder)
        return keep_time(runner, stop, log)

    def check_settings(self, before: Sequence[InputError] = ()) -> None:
        """Read everything that is set. Raises an `InputError`, `SeveralMistakes` when there is more than one.

        `before` is what is wrong in the environment; the data directory is left alone then, as it may be another's.
        """
        # Two of them may read one file: each of its mistakes is told once.
        checks: Sequence[Callable[[], object]] = (
            partial(raise_mistakes, before),
            lambda: self.identity_providers,
            lambda: self.courier,
            lambda: self.payment_channel if self.has_payments else None,
            lambda: self.notification_channels if self.has_channels else None,
            lambda: self.jobs,
            lambda: self.working_days,
            lambda: None if before else self.account_sealer,
        )
        all_of(checks)
