"""Standing jobs on a bench: an application on a test's database, a clock that the test moves, jobs that it invents.

Guarantees nothing of its own: runners, plans and runs are the real ones. What jobs log is kept as a list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from policy_match.bootstrap import Application
from policy_match.config import Config
from policy_match.ports import UnitOfWork
from policy_match.ports.jobs import Figures, JobName, RunRow
from policy_match.scheduler.runner import Runner
from policy_match.services.job_desk import Cron, Job, Lane, RunningJob, nobody
from policy_match.services.job_reports import JobReport, job_runs, live_runners, report_jobs
from tests.support.cases import MovableClock
from tests.support.waiting import until

EVERY_HOUR = Cron()
MINUTE = 1 / (24 * 60)
"""In days, as the clock moves."""

Work = Callable[[RunningJob], Figures]


def nothing(_: RunningJob) -> Figures:
    """Do nothing, well."""
    return {}


def job(
    name: str,
    work: Work = nothing,
    *,
    cron: Cron = EVERY_HOUR,
    lane: Lane = Lane.CASES,
    late_hours: int = 2,
    waited_for: Callable[[UnitOfWork], bool] = nobody,
) -> Job:
    """Return an invented job."""
    return Job(
        name=JobName(name),
        chinese=f"任务 {name}",
        english=f"job {name}",
        cron=cron,
        late_after=timedelta(hours=late_hours),
        lane=lane,
        work=work,
        waited_for=waited_for,
    )


@dataclass
class Lines:
    """What was logged: the event of each line, and its fields."""

    found: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def __call__(self, event: str, /, **fields: Any) -> None:
        """Keep a line."""
        self.found.append((event, {name: value for name, value in fields.items() if value is not None}))

    @property
    def events(self) -> Sequence[str]:
        """The events in order."""
        return [event for event, _ in self.found]


class Bench:
    """An application, and as many runners on it as a test wants, each with a lease of its own."""

    def __init__(self, url: str, folder: Path, clock: MovableClock, jobs: Sequence[Job]) -> None:
        self.clock = clock
        self.jobs = jobs
        self.folder = folder
        self.application = Application(Config(data_dir=folder, database_url=url), clock)
        self.lines = Lines()
        self.processes: list[Runner] = []

    def close(self) -> None:
        """Close every runner and the database."""
        for runner in self.processes:
            runner.close()
        self.application.__exit__(None, None, None)

    def runner(self, jobs: Sequence[Job] | None = None) -> Runner:
        """Return a runner that is another process to all others."""
        lease = self.application.database.runner_lease("bench", len(self.processes) + 1)
        made = Runner(
            self.application,
            self.jobs if jobs is None else jobs,
            self.application.timetable,
            lease,
            self.lines,
            rules_folder=self.folder / "rules",
        )
        self.processes.append(made)
        return made

    def lose(self, runner: Runner) -> None:
        """Let a runner's connection end, as if its process were gone, and wait until the server knows."""
        before = len(live_runners(self.application.database))
        runner.close()
        until(lambda: len(live_runners(self.application.database)) < before, "the server knows that a runner is gone")

    def runs(self, name: str | None = None) -> Sequence[RunRow]:
        """Return all runs, the earliest first."""
        wanted = None if name is None else JobName(name)
        return job_runs(self.application.database, job=wanted, before=None, most=100_000)[::-1]

    def told(self, name: str | None = None) -> list[tuple[str, str, int]]:
        """Return due hour in China, status and tries of each run."""
        return [
            ((run.due_at + timedelta(hours=8)).strftime("%d %H:%M"), run.status.value, run.tries)
            for run in self.runs(name)
        ]

    def report(self, name: str) -> JobReport:
        """Return how a job stands."""
        reports = report_jobs(self.application.database, self.application, self.application.timetable, self.jobs)
        return next(report for report in reports if report.job.name == name)


def look(runner: Runner) -> None:
    """Let a runner look once and do all that is due, in this thread."""
    if runner.tick():
        for lane in Lane:
            runner.work(lane)
