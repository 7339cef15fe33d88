"""When each job is due, its runs, and who carries them out, as services need them.

Guarantees that services know no adapter. The store is in `storage`, and so is what makes a process known as alive;
what a job does is `services.standing_jobs`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

JobName = NewType("JobName", str)
RunId = NewType("RunId", int)
RunnerId = NewType("RunnerId", int)

Figures = Mapping[str, int]
"""What a run did, as counts."""


class RunStatus(StrEnum):
    """How far a run got. *Covered* is a missed occurrence for which another run does the work."""

    DUE = "due"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    COVERED = "covered"


class JobOrder(StrEnum):
    """What is said about a job as a whole. The program says `begin`, once; persons say the others."""

    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    REPLAN = "replan"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobPlan:
    """How far a job is planned: every occurrence up to `planned_to` has its row. `idle`: no run is due or on."""

    job: JobName
    planned_to: datetime
    paused: bool
    idle: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenRun:
    """A run that was started by this process. `tries` counts this start; `covered` the missed occurrences it covers."""

    run_id: RunId
    job: JobName
    due_at: datetime
    tries: int
    covered: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LostRun:
    """A run that nobody carries out any more."""

    run_id: RunId
    job: JobName
    tries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRow:
    """One run as it stands. `code` and `detail` are of its last mishap, in English; empty when there was none."""

    run_id: RunId
    job: JobName
    due_at: datetime
    by: str
    status: RunStatus
    tries: int
    started_at: datetime | None
    ended_at: datetime | None
    next_try_at: datetime | None
    covered_by: RunId | None
    covers: int
    runner: RunnerId | None
    code: str
    detail: str
    figures: Figures = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class JobStanding:
    """How a job stands: its last success, its newest run that was started, and whether it is paused, by whom and why.

    `since` is when it was first planned, or planned anew.
    """

    job: JobName
    since: datetime
    planned_to: datetime
    waiting: int
    last_success: RunRow | None
    last_run: RunRow | None
    paused_at: datetime | None
    paused_by: str
    paused_why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RunnerRow:
    """A process that is alive and carries out jobs; one of them leads."""

    runner_id: RunnerId
    host: str
    process: int
    since: datetime
    leads: bool


class JobStore(Protocol):
    """When each job is due, and its runs."""

    def begin(self, jobs: Sequence[JobName], at: datetime) -> None:
        """Let jobs be planned from now on; those that are planned already are left alone."""

    def plans(self, jobs: Sequence[JobName]) -> Sequence[JobPlan]:
        """Return how far jobs are planned."""

    def plan(self, job: JobName, due_at: Sequence[datetime], at: datetime) -> None:
        """Write occurrences of a job, each once."""

    def take(self, jobs: Sequence[JobName], runner: RunnerId, at: datetime) -> TakenRun | None:
        """Start what is due of the first of these jobs that is free, and let that run cover what was missed."""

    def take_by_hand(self, job: JobName, runner: RunnerId, at: datetime, by: str) -> TakenRun | None:
        """Start a run that a person asked for, which covers all that is due; `None` when the job is running."""

    def ask(self, job: JobName, at: datetime, by: str) -> RunId:
        """Write a run that a person asks for, due now; whoever carries out jobs starts it."""

    def hold(self, run_id: RunId, runner: RunnerId) -> bool:
        """Return whether the run is still this runner's; until the transaction ends nobody can take it away."""

    def finish(self, run_id: RunId, runner: RunnerId, figures: Figures, at: datetime) -> None:
        """Write that a run is done."""

    def retry(self, run_id: RunId, runner: RunnerId, code: str, detail: str, *, due_at: datetime, at: datetime) -> None:
        """Write what went wrong with a run, and when it is tried again."""

    def fail(self, run_ids: Sequence[RunId], runner: RunnerId, code: str, detail: str, at: datetime) -> None:
        """Write what went wrong with runs that are not tried again."""

    def abandon(
        self, run_ids: Sequence[RunId], runner: RunnerId, code: str, detail: str, *, due_at: datetime, at: datetime
    ) -> None:
        """Write that runs were broken off, and when they may start again."""

    def lost(self, runner: RunnerId, in_hand: Collection[RunId], most: int) -> Sequence[LostRun]:
        """Return runs that nobody carries out, locked: of dead runners, and of this one but those it has in hand."""

    def order(self, job: JobName, kind: JobOrder, at: datetime, by: str, reason: str) -> None:
        """Keep what a person says about a job that is planned."""

    def standings(self, jobs: Sequence[JobName], at: datetime) -> Sequence[JobStanding]:
        """Return how jobs stand, those that were planned before."""

    def runs(self, job: JobName | None, *, before: int | None, most: int) -> Sequence[RunRow]:
        """Return runs, the latest first, before a given one; of one job or of all."""

    def run(self, run_id: RunId) -> RunRow | None:
        """Return one run."""

    def forget(self, after: int, before: datetime, most: int) -> tuple[int, int | None]:
        """Forget, of so many runs after one that are done since before a moment, those that did nothing.

        Return how many went, with what they covered, and the last that was looked at; `None` when there is none.
        """

    def runners(self) -> Sequence[RunnerRow]:
        """Return the processes that are alive."""


class RunnerLease(Protocol):
    """Makes this process known as one that carries out jobs, for as long as its connection lives.

    When the process or the connection dies, the database knows at once; the next `hold` is another runner.
    """

    @property
    def leads(self) -> bool:
        """Whether this process led when it was last asked."""

    def hold(self, at: datetime) -> RunnerId:
        """Make sure that the process is known, connecting when it must. Raises a `StorageError`."""

    def lead(self) -> bool:
        """Return whether this process leads, becoming the leader when nobody is. Only after `hold`."""

    def close(self) -> None:
        """Be no runner any more."""
