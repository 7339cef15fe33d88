"""A job that somebody waits for occurs at once, once, and never instead of its own times."""

from collections.abc import Callable

import pytest

from policy_match.errors import StorageError
from policy_match.ports import UnitOfWork
from policy_match.ports.jobs import Figures
from policy_match.ports.requested_work import WorkHappening, WorkKind, WorkStatus, WorkStep
from policy_match.scheduler.timetable import JOBS
from policy_match.services.ask_for_work import ask_for_step, show_request
from policy_match.services.job_desk import RunningJob
from policy_match.services.job_reports import find_job, pause_job, resume_job
from policy_match.services.requested_work import REQUESTED_WORK
from tests.support.job_bench import MINUTE, Bench, job, look

Make = Callable[..., Bench]
WHY = {"by": "wang.fang", "reason": "演练"}


class Unreachable(StorageError):
    """What a retry may help."""

    code = "invented.unreachable"
    english = "the invented thing does not answer; try again"
    chinese = "虚构之物无应答；请重试"


class Bell:
    """Somebody who rings until the work was done so often."""

    def __init__(self) -> None:
        self.rings = 0
        self.done = 0

    def waits(self, _: UnitOfWork) -> bool:
        """Say whether somebody waits."""
        return self.rings > self.done

    def answer(self, _: RunningJob) -> Figures:
        """Do the work of all who rang."""
        self.done = self.rings
        return {}

    def fail(self, _: RunningJob) -> Figures:
        """Do nothing for anybody."""
        raise Unreachable


@pytest.fixture
def bell() -> Bell:
    return Bell()


def test_it_occurs_at_once_and_only_once(bench: Make, bell: Bell) -> None:
    made = bench(job("a", bell.answer, waited_for=bell.waits), job("b"))
    runner = made.runner()
    look(runner)
    bell.rings = 1
    made.clock.move(MINUTE)
    look(runner)
    look(runner)
    assert made.told() == [("01 09:01", "done", 1)]
    assert ("missed", {"job": "a", "occurrences": 1}) not in made.lines.found


def test_its_own_times_are_all_planned_too(bench: Make, bell: Bell) -> None:
    made = bench(job("a", bell.answer, waited_for=bell.waits))
    runner = made.runner()
    look(runner)
    bell.rings = 1
    made.clock.move(61 * MINUTE)
    look(runner)
    assert made.told() == [("01 10:00", "done", 1)]
    bell.rings = 2
    look(runner)
    made.clock.move(61 * MINUTE)
    look(runner)
    assert made.told() == [("01 10:00", "done", 1), ("01 10:01", "done", 1), ("01 11:00", "done", 1)]


def test_who_waits_longer_adds_no_second_run_while_one_is_due(bench: Make, bell: Bell) -> None:
    made = bench(job("a", bell.answer, waited_for=bell.waits))
    runner = made.runner()
    look(runner)
    bell.rings = 1
    for _ in range(3):
        made.clock.move(MINUTE)
        assert runner.tick()
    assert made.told() == [("01 09:01", "due", 0)]
    look(runner)
    assert made.told() == [("01 09:01", "done", 1)]


def test_a_run_that_is_to_be_tried_again_waits_for_its_time(bench: Make, bell: Bell) -> None:
    bell.rings = 1
    made = bench(job("a", bell.fail, waited_for=bell.waits))
    runner = made.runner()
    look(runner)
    look(runner)
    assert made.told() == [("01 09:00", "due", 1)]


def test_a_paused_job_lets_everybody_wait(bench: Make, bell: Bell) -> None:
    made = bench(job("a", bell.answer, waited_for=bell.waits))
    runner, database, clock = made.runner(), made.application.database, made.clock
    look(runner)
    pause_job(database, clock, made.jobs[0], **WHY)
    bell.rings = 1
    look(runner)
    assert made.runs() == []
    resume_job(database, clock, made.jobs[0], **WHY)
    look(runner)
    assert made.told() == [("01 09:00", "done", 1)]


def test_what_is_asked_for_over_the_web_is_begun_at_the_next_look(bench: Make) -> None:
    made = bench(find_job(JOBS, REQUESTED_WORK))
    runner, database = made.runner(), made.application.database
    look(runner)
    asked = ask_for_step(database, made.clock, WorkKind.CLOSE_WINDOWS, None, by="wang.fang")
    look(runner)
    assert show_request(database, asked.request_id).status is WorkStatus.DONE
    assert [(run.status, run.figures) for run in made.runs()] == [("done", {"done": 1})]


def test_a_request_that_was_begun_before_waits_for_the_next_minute(bench: Make) -> None:
    made = bench(find_job(JOBS, REQUESTED_WORK))
    runner, database, clock = made.runner(), made.application.database, made.clock
    look(runner)
    asked = ask_for_step(database, clock, WorkKind.CLOSE_WINDOWS, None, by="wang.fang")
    with database.unit_of_work() as work:
        work.requested_work.take((), at=clock.now(), by="system")
        released = WorkHappening(step=WorkStep.RELEASE, at=clock.now(), by="system", code="jobs.abandoned")
        work.requested_work.step([asked.request_id], released)
        work.commit()
    look(runner)
    assert made.runs() == []
    made.clock.move(MINUTE)
    look(runner)
    assert show_request(database, asked.request_id).status is WorkStatus.DONE
