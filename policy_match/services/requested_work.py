"""Does the work that was asked for, one request after the other, oldest first, in a run of its standing job.

Guarantees that every request ends done, failed with a code, or cancelled; that one whose process died is begun again,
though not for ever; and that only one process does requested work at a time, as only one run of a job is on at a
time: whatever is in hand when a run begins was left by a process that is gone, or that may write nothing any more.
"""

from policy_match.errors import PolicyMatchError
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.jobs import Figures, JobName
from policy_match.ports.requested_work import WorkHappening, WorkId, WorkRow, WorkStep
from policy_match.services.job_desk import RunningJob
from policy_match.services.jobs import ABANDONED, BUG, DETAIL_LETTERS, told
from policy_match.services.requested_kinds import do_errand

REQUESTED_WORK = JobName("requested-work")
"""The job that does it."""

MOST_TRIES = 3
"""So often a request is begun; then it failed."""

MOST_REQUESTS = 1_000
"""So many requests one run does; the next run goes on."""

PROGRESS_SECONDS = 2.0
"""So long it takes at least until progress is told again."""


def somebody_asked(work: UnitOfWork) -> bool:
    """Say whether a request waits that nobody ever began; one that is to be tried again waits for the next minute."""
    return work.requested_work.any_new()


def do_requested_work(run: RunningJob) -> Figures:
    """Do every request that waits, and return how many were done, failed, and will be tried again.

    A request that a retry may help waits for the next run.
    """
    left = _give_back(run)
    figures = {"done": 0, "failed": left, "again": 0}
    tried: set[WorkId] = set()
    for _ in range(MOST_REQUESTS):
        if run.stopping():
            break
        with run.database.unit_of_work() as work:
            asked = work.requested_work.take(tried, at=run.clock.now(), by=run.by)
            if asked is None:
                break
            work.commit()
        tried.add(asked.request_id)
        ended = _do(run, asked)
        _write(run, [asked.request_id], ended)
        word = {WorkStep.FINISH: "done", WorkStep.FAIL: "failed", WorkStep.RELEASE: "again"}[ended.step]
        figures[word] += 1
    return {name: count for name, count in figures.items() if count}


def _give_back(run: RunningJob) -> int:
    """Let what others left in the middle wait again; return how many failed instead, as they were begun too often."""
    with run.database.unit_of_work() as work:
        left = work.requested_work.in_hand()
    again = [request_id for request_id, tries in left if tries < MOST_TRIES]
    lost = [request_id for request_id, tries in left if tries >= MOST_TRIES]
    _write(run, again, _abandoned(run, WorkStep.RELEASE))
    _write(run, lost, _abandoned(run, WorkStep.FAIL))
    return len(lost)


def _abandoned(run: RunningJob, step: WorkStep) -> WorkHappening:
    return WorkHappening(
        step=step,
        at=run.clock.now(),
        by=run.by,
        code=ABANDONED,
        detail="the process that did it is gone; see the log of that time if it happens again",
        detail_zh="执行该工作的进程已中断；如再次发生，请查看当时的日志",
    )


def _do(run: RunningJob, asked: WorkRow) -> WorkHappening:
    """Do one request, and return how it ended."""
    try:
        result = do_errand(run, asked, _Told(run.database, run.clock, asked.request_id, run.by))
    except Exception as error:
        return _mishap(run, asked, error)
    return WorkHappening(step=WorkStep.FINISH, at=run.clock.now(), by=run.by, result=result)


def _mishap(run: RunningJob, asked: WorkRow, error: Exception) -> WorkHappening:
    step, code, chinese = WorkStep.FAIL, BUG, told(error)
    if isinstance(error, PolicyMatchError):
        code, chinese = error.code, error.message("zh")[:DETAIL_LETTERS]
        if error.retry_helps and asked.tries < MOST_TRIES:
            step = WorkStep.RELEASE
    return WorkHappening(step=step, at=run.clock.now(), by=run.by, code=code, detail=told(error), detail_zh=chinese)


def _write(run: RunningJob, request_ids: list[WorkId], happening: WorkHappening) -> None:
    if request_ids:
        with run.database.unit_of_work() as work:
            work.requested_work.step(request_ids, happening)
            work.commit()


class _Told:
    """Writes how far a request is, now and then, in transactions beside those of the work."""

    def __init__(self, database: Database, clock: Clock, request_id: WorkId, by: str) -> None:
        self._database = database
        self._clock = clock
        self._request_id = request_id
        self._by = by
        self._last: float | None = None

    def __call__(self, done: int, total: int, /) -> None:
        seconds = self._clock.seconds()
        if self._last is not None and seconds - self._last < PROGRESS_SECONDS:
            return
        self._last = seconds
        happening = WorkHappening(
            step=WorkStep.PROGRESS, at=self._clock.now(), by=self._by, done=done, total=max(done, total)
        )
        with self._database.unit_of_work() as work:
            work.requested_work.step([self._request_id], happening)
            work.commit()
