"""A scheduler as a process of its own, on a clock that the test moves, which kills itself in the middle of one job.

The points are counted while that job is on: its beginning and end, before and after each commit, each call to the bank,
and each file put away.
"""

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Event, get_ident

from policy_match.bootstrap import Application
from policy_match.config import Config
from policy_match.ports.jobs import Figures
from policy_match.ports.payments import Bank, BankInbox
from policy_match.scheduler.clock import keep_time
from policy_match.scheduler.log import LineLog, hear_libraries
from policy_match.scheduler.runner import Runner
from policy_match.services.job_desk import Job, RunningJob
from policy_match.storage.unit_of_work import Database
from tests.fault.payments.killing import Fuse, KillingBank, KillingDatabase
from tests.support.cases import MovableClock

TICK = timedelta(seconds=0.1)


class SharedClock(MovableClock):
    """A clock whose time is in a file, which other processes read."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._write()

    def move(self, days: float) -> None:
        """Move on by so many days."""
        super().move(days)
        self._write()

    def move_on(self, to: str) -> None:
        """Move to a moment in China time."""
        self._now = datetime.fromisoformat(f"{to}+08:00")
        self._write()

    def _write(self) -> None:
        draft = self._file.with_suffix(".draft")
        draft.write_text(self._now.isoformat())
        draft.replace(self._file)


class FileClock:
    """Reads the time from that file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """Return the time at which the test stands."""
        return datetime.fromisoformat(self._file.read_text())

    def seconds(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()


class Doom(Fuse):
    """Burns while the job runs that the file of the test names, in the thread of that job; it counts the points.

    Who begins that job first takes the file, so that one process dies.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(0)
        self._file = file
        self._passed = 0
        self._thread = 0

    def burn(self) -> None:
        """Pass one point, if the job is on."""
        if get_ident() == self._thread:
            self._passed += 1
            super().burn()

    def over(self, job: Job, told: Callable[[str, int], None]) -> Callable[[RunningJob], Figures]:
        """Return the work of a job with the fuse lit, if the file names it."""

        def doomed(run: RunningJob) -> Figures:
            if not self._taken(job.name):
                return job.work(run)
            self._thread, self._passed = get_ident(), 0
            self.burn()
            figures = job.work(run)
            self.burn()
            self._thread = 0
            told(job.name, self._passed)
            return figures

        return doomed

    def _taken(self, job: str) -> bool:
        try:
            name, point = self._file.read_text().split()
            if name != job:
                return False
            self._file.unlink()
        except FileNotFoundError:
            return False
        self._left = int(point)
        return True


class KillingInbox:
    """The bank's inbox, which burns the fuse around putting a file away."""

    def __init__(self, inbox: BankInbox, doom: Doom) -> None:
        self._inbox = inbox
        self._doom = doom

    def waiting(self, most: int) -> Sequence[str]:
        """Return what lies there."""
        return self._inbox.waiting(most)

    def read(self, name: str) -> bytes:
        """Return a file."""
        return self._inbox.read(name)

    def put_away(self, name: str, *, refused: bool) -> None:
        """Put it away, if nobody dies."""
        self._doom.burn()
        self._inbox.put_away(name, refused=refused)
        self._doom.burn()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the schedulers of one test work."""

    url: str
    data_dir: Path
    rules: Path
    payments: Path
    notices: Path
    clock: Path
    doom: Path
    log: Path


class DoomedApplication(Application):
    """The application of a process that may die in one job."""

    def __init__(self, place: Place, doom: Doom, told: Callable[[str, int], None]) -> None:
        config = Config(
            data_dir=place.data_dir,
            database_url=place.url,
            payments_file=place.payments,
            notices_file=place.notices,
        )
        super().__init__(config, FileClock(place.clock))
        self._doom = doom
        self._told = told

    @cached_property
    def database(self) -> Database:
        """The database, with the fuse around each commit."""
        assert self.config.database_url is not None
        return self._open.enter_context(KillingDatabase(self.config.database_url, self._doom))

    @cached_property
    def bank(self) -> Bank:
        """The bank, with the fuse around each call."""
        return KillingBank(self.config.payments.outbox, self._doom)

    @property
    def bank_inbox(self) -> BankInbox:
        """The inbox, with the fuse around each file."""
        inbox = super().bank_inbox
        assert inbox is not None
        return KillingInbox(inbox, self._doom)

    @cached_property
    def jobs(self) -> Sequence[Job]:
        """The standing jobs, each of which may be doomed."""
        return [replace(job, work=self._doom.over(job, self._told)) for job in super().jobs]


def serve(place: Place) -> None:
    """Keep the clock until told to end, or until doom."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with place.log.open("a", encoding="utf-8") as stream:

        def told(name: str, points: int) -> None:
            stream.write(f"points job={name} passed={points}\n")
            stream.flush()

        with DoomedApplication(place, Doom(place.doom), told) as application:
            log = LineLog(stream, application.clock, as_json=False)
            hear_libraries(log)
            runner = Runner(
                application,
                application.jobs,
                application.timetable,
                application.runner_lease,
                log,
                rules_folder=place.rules,
            )
            ended = keep_time(runner, stop, log, tick=TICK)
    os._exit(0 if ended else 3)
