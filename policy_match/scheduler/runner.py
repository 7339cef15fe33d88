"""One process that may carry out jobs: it asks for the lead, plans what is due, and runs it lane by lane.

Guarantees that only the leader plans and starts runs, that runs of dead processes start again, and that no call here
raises: what goes wrong is told and tried again with growing pauses. When it is called is `clock`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event, Lock

from policy_match.errors import PolicyMatchError
from policy_match.ports.jobs import JobName, RunId, RunnerId, RunnerLease, TakenRun
from policy_match.scheduler.log import Log
from policy_match.services.job_desk import Job, JobDesk, Lane, Timetable
from policy_match.services.jobs import Ending, RunEnded, carry_out, give_back_lost, plan_jobs, take_run, told

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""So long the next look waits after one that failed; it doubles each time."""

MOST_RUNS = 10_000
"""So many runs one call carries out at most; the next call goes on."""

LEVELS: Mapping[Ending, str] = {
    Ending.DONE: "run.done",
    Ending.RETRY: "run.retry",
    Ending.FAILED: "run.failed",
    Ending.STOPPED: "run.stopped",
    Ending.TAKEN: "run.taken",
}


class Runner:
    """The lead, the plan and the lanes of this process. Each lane may have a thread of its own."""

    def __init__(
        self,
        desk: JobDesk,
        jobs: Sequence[Job],
        timetable: Timetable,
        lease: RunnerLease,
        log: Log,
        *,
        rules_folder: Path,
    ) -> None:
        self._desk = desk
        self._jobs = [job for job in jobs if job.wanted(desk)]
        self._by_name: Mapping[JobName, Job] = {job.name: job for job in self._jobs}
        self._timetable = timetable
        self._lease = lease
        self._log = log
        self._rules_folder = rules_folder
        self._runner: RunnerId | None = None
        self._led = False
        self._failures = 0
        self._look_at = 0.0
        self._guard = Lock()
        self._in_hand: set[RunId] = set()
        self._stopping = Event()
        self._stopped = Event()

    @property
    def leads(self) -> bool:
        """Whether this process leads."""
        return self._led

    @property
    def in_hand(self) -> Sequence[RunId]:
        """The runs that are on in this process."""
        with self._guard:
            return sorted(self._in_hand)

    def tick(self) -> bool:
        """Ask for the lead; as leader take back lost runs and plan what fell due. Return whether this process leads."""
        if self._stopping.is_set() or self._desk.clock.seconds() < self._look_at:
            return False
        try:
            self._look()
        except Exception as error:
            self._pause(error)
            return False
        self._failures = 0
        return self._led

    def _look(self) -> None:
        now = self._desk.clock.now()
        runner = self._lease.hold(now)
        if runner != self._runner:
            self._follow()
            self._log("runner", runner=runner)
            self._runner = runner
        if not self._lease.lead():
            self._follow()
            return
        if not self._led:
            self._log("lead", runner=runner)
            self._led = True
        with self._guard:  # no lane starts a run that this look does not know of
            again, failed = give_back_lost(self._desk.database, runner, self._in_hand, self._desk.clock)
        for lost in again:
            self._log("run.abandoned", job=lost.job, run=lost.run_id, tries=lost.tries)
        for lost in failed:
            self._log("run.failed", job=lost.job, run=lost.run_id, tries=lost.tries, code="jobs.abandoned")
        for name, count in plan_jobs(self._desk.database, self._timetable, self._jobs, self._desk.clock).items():
            if count > 1:
                self._log("missed", job=name, occurrences=count)

    def _pause(self, error: Exception) -> None:
        pause = min(FIRST_PAUSE_SECONDS * 2**self._failures, LONGEST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 10)
        self._look_at = self._desk.clock.seconds() + pause
        self._follow()
        code = error.code if isinstance(error, PolicyMatchError) else "bug"
        place = None if isinstance(error, PolicyMatchError) else told(error)
        self._log("look.failed", code=code, detail=place, pause_seconds=pause)

    def _follow(self) -> None:
        if self._led:
            self._log("lead.lost", runner=self._runner)
            self._led = False

    def work(self, lane: Lane) -> int:
        """Carry out what is due in a lane, one run after the other, until nothing is; return how many ended."""
        jobs = [job for job in self._jobs if job.lane is lane]
        for count in range(MOST_RUNS):
            runner = self._runner
            if self._stopping.is_set() or not self._led or runner is None or not jobs:
                return count
            try:
                taken = self._take(jobs, runner)
                if taken is None:
                    return count
                self._carry_out(taken, runner)
            except Exception as error:  # written nowhere: the run is found lost and starts again
                code = error.code if isinstance(error, PolicyMatchError) else told(error)
                self._log("lane.failed", lane=lane, code=code)
                return count
        return MOST_RUNS

    def _take(self, jobs: Sequence[Job], runner: RunnerId) -> TakenRun | None:
        with self._guard:  # no look comes between: it would take the run for lost
            taken = take_run(self._desk.database, jobs, runner, self._desk.clock)
            if taken is not None:
                self._in_hand.add(taken.run_id)
        return taken

    def _carry_out(self, taken: TakenRun, runner: RunnerId) -> None:
        job = self._by_name[taken.job]
        self._log(
            "run.start",
            job=job.name,
            run=taken.run_id,
            due=taken.due_at,
            tries=taken.tries,
            covers=taken.covered or None,
        )
        try:
            ended = carry_out(
                self._desk,
                job,
                taken,
                runner,
                rules_folder=self._rules_folder,
                stopping=self._stopping.is_set,
                stopped=self._stopped.is_set,
            )
        finally:
            with self._guard:
                self._in_hand.discard(taken.run_id)
        self._tell(taken, ended)

    def _tell(self, taken: TakenRun, ended: RunEnded) -> None:
        self._log(
            LEVELS[ended.ending],
            job=taken.job,
            run=taken.run_id,
            tries=taken.tries,
            seconds=ended.seconds,
            code=ended.code or None,
            again_at=ended.next_try_at,
            did=ended.figures or None,
        )

    def stop(self) -> None:
        """Start nothing more."""
        self._stopping.set()

    def break_off(self) -> None:
        """Break off what is on at its next transaction; it starts again in another process."""
        self._stopped.set()

    def close(self) -> None:
        """Give up the lead."""
        self._led = False
        self._lease.close()
