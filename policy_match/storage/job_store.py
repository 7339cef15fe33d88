"""When each job is due, and its runs.

Guarantees, with the schema, that an occurrence has one row, that one run of a job is on at a time, and that a run
moves only by steps that there are. Which occurrences there are, and when a run is lost, is `services.jobs`.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from policy_match.ports.jobs import (
    Figures,
    JobName,
    JobOrder,
    JobPlan,
    JobStanding,
    LostRun,
    RunId,
    RunnerId,
    RunnerRow,
    RunRow,
    RunStatus,
    TakenRun,
)
from policy_match.storage.session import Session

RUNNER_LOCK = 0x706D_6A62
"""The class of the advisory locks: each runner holds that of its number, the leader also number 0."""

COVER_PAGE = 50_000
MOST_PAGES = 1_000


class JobStore:
    """When each job is due, and its runs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, jobs: Sequence[JobName], at: datetime) -> None:
        """Let jobs be planned from now on; those that are planned already are left alone."""
        self._session.run("begin_jobs", jobs=list(jobs), at=at)

    def plans(self, jobs: Sequence[JobName]) -> Sequence[JobPlan]:
        """Return how far jobs are planned."""
        return [JobPlan(**row) for row in self._session.all("job_plans", jobs=list(jobs))]

    def plan(self, job: JobName, due_at: Sequence[datetime], at: datetime) -> None:
        """Write occurrences of a job, each once."""
        self._session.run("plan_job_runs", job=job, due_at=list(due_at), at=at)

    def take(self, jobs: Sequence[JobName], runner: RunnerId, at: datetime) -> TakenRun | None:
        """Start what is due of the first of these jobs that is free, and let that run cover what was missed."""
        row = self._session.one("take_job_run", jobs=list(jobs), at=at)
        if row is None or row["run_id"] is None:
            return None
        return self._start(row["run_id"], runner, at)

    def take_by_hand(self, job: JobName, runner: RunnerId, at: datetime, by: str) -> TakenRun | None:
        """Start a run that a person asked for, which covers all that is due; `None` when the job is running."""
        row = self._session.one("take_job", job=job)
        if row is None or not row["free"]:
            return None
        added = self._session.one("add_job_run", job=job, at=at, by=by)
        assert added is not None, "the job was locked"
        return self._start(added["run_id"], runner, at)

    def ask(self, job: JobName, at: datetime, by: str) -> RunId:
        """Write a run that a person asks for, due now; whoever carries out jobs starts it."""
        added = self._session.one("add_job_run", job=job, at=at, by=by)
        assert added is not None, "the job is planned"
        return RunId(added["run_id"])

    def _start(self, run_id: RunId, runner: RunnerId, at: datetime) -> TakenRun:
        started = self._session.one("start_job_run", run_id=run_id, runner=runner, at=at)
        assert started is not None, "the run was locked"
        covered = 0
        for _ in range(MOST_PAGES):
            row = self._session.one(
                "cover_job_runs", run_id=run_id, job=started["job"], runner=runner, at=at, most=COVER_PAGE
            )
            assert row is not None
            covered += row["covered"]
            if row["covered"] < COVER_PAGE:
                break
        return TakenRun(**started, covered=covered)

    def hold(self, run_id: RunId, runner: RunnerId) -> bool:
        """Return whether the run is still this runner's; until the transaction ends nobody can take it away."""
        row = self._session.one("hold_job_run", run_id=run_id, runner=runner)
        return row is not None and bool(row["held"])

    def finish(self, run_id: RunId, runner: RunnerId, figures: Figures, at: datetime) -> None:
        """Write that a run is done."""
        self._session.run("finish_job_run", run_id=run_id, runner=runner, figures=json.dumps(figures), at=at)

    def retry(self, run_id: RunId, runner: RunnerId, code: str, detail: str, *, due_at: datetime, at: datetime) -> None:
        """Write what went wrong with a run, and when it is tried again."""
        self._session.run("retry_job_run", run_id=run_id, runner=runner, code=code, detail=detail, due_at=due_at, at=at)

    def fail(self, run_ids: Sequence[RunId], runner: RunnerId, code: str, detail: str, at: datetime) -> None:
        """Write what went wrong with runs that are not tried again."""
        self._session.run("fail_job_runs", run_ids=list(run_ids), runner=runner, code=code, detail=detail, at=at)

    def abandon(
        self, run_ids: Sequence[RunId], runner: RunnerId, code: str, detail: str, *, due_at: datetime, at: datetime
    ) -> None:
        """Write that runs were broken off, and when they may start again."""
        self._session.run(
            "abandon_job_runs", run_ids=list(run_ids), runner=runner, code=code, detail=detail, due_at=due_at, at=at
        )

    def lost(self, runner: RunnerId, in_hand: Collection[RunId], most: int) -> Sequence[LostRun]:
        """Return runs that nobody carries out, locked: of dead runners, and of this one but those it has in hand."""
        rows = self._session.all("lost_job_runs", purpose=RUNNER_LOCK, runner=runner, in_hand=list(in_hand), most=most)
        return [LostRun(**row) for row in rows]

    def order(self, job: JobName, kind: JobOrder, at: datetime, by: str, reason: str) -> None:
        """Keep what a person says about a job that is planned."""
        self._session.run("order_job", job=job, kind=kind, at=at, by=by, reason=reason)

    def standings(self, jobs: Sequence[JobName], at: datetime) -> Sequence[JobStanding]:
        """Return how jobs stand, those that were planned before."""
        rows = self._session.all("job_standings", jobs=list(jobs), at=at)
        ids = {row[key] for row in rows for key in ("success_id", "latest_id")} - {None}
        runs = {run.run_id: run for run in self._runs(run_ids=list(ids), job=None, before=None, most=len(ids))}
        return [
            JobStanding(
                job=row["job"],
                since=row["since"],
                planned_to=row["planned_to"],
                waiting=row["waiting"],
                last_success=runs.get(row["success_id"]),
                last_run=runs.get(row["latest_id"]),
                paused_at=row["paused_at"],
                paused_by=row["paused_by"] or "",
                paused_why=row["paused_why"] or "",
            )
            for row in rows
        ]

    def runs(self, job: JobName | None, *, before: int | None, most: int) -> Sequence[RunRow]:
        """Return runs, the latest first, before a given one; of one job or of all."""
        return self._runs(run_ids=None, job=job, before=before, most=most)

    def run(self, run_id: RunId) -> RunRow | None:
        """Return one run."""
        found = self._runs(run_ids=[run_id], job=None, before=None, most=1)
        return found[0] if found else None

    def forget(self, after: int, before: datetime, most: int) -> tuple[int, int | None]:
        """Forget, of so many runs after one that are done since before a moment, those that did nothing.

        Return how many went, with what they covered, and the last that was looked at; `None` when there is none.
        """
        row = self._session.one("forget_job_runs", after=after, before=before, most=most)
        assert row is not None, "a function gives a row"
        return row["forgotten"], row["last"]

    def _runs(
        self, *, run_ids: Sequence[int] | None, job: JobName | None, before: int | None, most: int
    ) -> Sequence[RunRow]:
        rows = self._session.all("job_runs", run_ids=run_ids, job=job, before=before, most=most)
        return [RunRow(**{**row, "status": RunStatus(row["status"])}) for row in rows]

    def runners(self) -> Sequence[RunnerRow]:
        """Return the processes that are alive."""
        return [RunnerRow(**row) for row in self._session.all("job_runners", purpose=RUNNER_LOCK)]
