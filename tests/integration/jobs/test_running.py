"""A run ends in one finish or in a failure that is told; who lost it can do nothing more; nobody runs one twice."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Event, Thread

import psycopg
import pytest

from policy_match.errors import QuestionError, StorageError
from policy_match.ports.jobs import Figures
from policy_match.services.job_desk import Cron, Lane, RunningJob
from policy_match.services.job_reports import JobIsRunning, live_runners, run_by_hand
from policy_match.services.jobs import MOST_TRIES, RETRY_AFTER, take_run
from tests.support.job_bench import MINUTE, Bench, job, look
from tests.support.payment_flow import rows

Make = Callable[..., Bench]
HOUR = 60 * MINUTE


class Unreachable(StorageError):
    """Something that a later try may reach."""

    code = "invented.unreachable"
    english = "the invented thing does not answer; try again"
    chinese = "虚构系统无响应；请重试"


class Undecided(QuestionError):
    """Something that a person must decide."""

    code = "invented.undecided"
    english = "somebody must decide; decide"
    chinese = "须由人员决定"


class Script:
    """The work of a job that fails as often as it is told, and counts how often it was done."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.done = 0

    def __call__(self, run: RunningJob) -> Figures:
        if self.errors:
            raise self.errors.pop(0)
        self.done += 1
        return {"done": self.done}


def leader(made: Bench) -> "Callable[[], None]":
    """Return what lets one runner look, after an hour since it first did."""
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    return lambda: look(runner)


def test_a_run_that_is_done_says_what_it_did_and_how_long_it_took(bench: Make) -> None:
    def work(run: RunningJob) -> Figures:
        made.clock.move(MINUTE)
        assert run.due_at.hour == 2
        return {"notified": 3}

    made = bench(job("a", work))
    leader(made)()
    (run,) = made.runs()
    assert (run.status, run.tries, run.figures, run.code) == ("done", 1, {"notified": 3}, "")
    assert run.started_at is not None
    assert run.ended_at is not None
    assert (run.ended_at - run.started_at).total_seconds() == pytest.approx(60)
    report = made.report("a")
    assert report.standing is not None
    assert report.standing.last_success == run
    assert not report.needs_a_person


def test_a_run_that_fails_is_tried_again_with_growing_pauses_up_to_a_limit(bench: Make) -> None:
    script = Script(*(Unreachable() for _ in range(MOST_TRIES)))
    made = bench(job("a", script, cron=Cron(hour="10"), late_hours=100))
    again = leader(made)
    again()
    for tries, pause in enumerate(RETRY_AFTER, 1):
        (run,) = made.runs()
        assert (run.status, run.tries, run.code) == ("due", tries, "invented.unreachable")
        assert run.detail == "the invented thing does not answer; try again"
        assert run.next_try_at == made.clock.now() + pause
        again()
        assert made.runs() == [run]
        made.clock.move(pause.total_seconds() / 86_400)
        again()
    (run,) = made.runs()
    assert (run.status, run.tries, run.next_try_at) == ("failed", MOST_TRIES, None)
    report = made.report("a")
    assert report.failed
    assert report.needs_a_person
    made.clock.move(1)
    again()
    assert made.told() == [("01 10:00", "failed", MOST_TRIES), ("02 10:00", "done", 1)]
    assert not made.report("a").failed


def test_a_question_for_a_person_is_not_tried_again_before_the_next_occurrence(bench: Make) -> None:
    made = bench(job("a", Script(Undecided())))
    again = leader(made)
    again()
    (run,) = made.runs()
    assert (run.status, run.tries, run.code, run.detail) == (
        "failed",
        1,
        "invented.undecided",
        "somebody must decide; decide",
    )
    made.clock.move(HOUR)
    again()
    assert made.told()[1:] == [("01 11:00", "done", 1)]


def test_of_a_defect_only_its_kind_and_place_are_told(bench: Make) -> None:
    made = bench(job("a", Script(KeyError("91370000MA00000001 示例有限公司"))))
    leader(made)()
    (run,) = made.runs()
    assert run.code == "bug"
    assert run.detail.startswith("KeyError")
    assert "9137" not in run.detail + repr(made.lines.found)
    assert run.status == "due"


def test_what_falls_due_while_a_run_waits_to_be_tried_again_is_covered_by_it(bench: Make) -> None:
    made = bench(job("a", Script(Unreachable(), Unreachable()), cron=Cron(minute="*")))
    again = leader(made)
    again()
    made.clock.move(MINUTE)
    again()
    made.clock.move(3 * MINUTE)
    again()
    waiting = [run for run in made.runs() if run.status == "due"]
    assert [run.tries for run in waiting] == [2, 0, 0, 0]
    made.clock.move(2 * MINUTE)
    again()
    done = [run for run in made.runs() if run.status == "done"]
    assert [(run.run_id, run.tries) for run in done] == [(waiting[0].run_id, 3)]
    assert not [run for run in made.runs() if run.status == "due"]


def test_jobs_of_a_lane_run_in_the_order_of_the_table(bench: Make) -> None:
    order: list[str] = []

    def named(name: str) -> Callable[[RunningJob], Figures]:
        def work(_: RunningJob) -> Figures:
            order.append(name)
            return {}

        return work

    made = bench(*(job(name, named(name), cron=Cron(minute=minute)) for name, minute in (("b", "5"), ("a", "10"))))
    leader(made)()
    assert order == ["b", "a"]


def test_one_failing_job_stops_no_other(bench: Make) -> None:
    made = bench(job("a", Script(RuntimeError())), job("b"), job("c", lane=Lane.REPORTS))
    leader(made)()
    assert [made.told(name)[0][1] for name in "abc"] == ["due", "done", "done"]


def test_two_takers_at_once_start_a_run_once(bench: Make) -> None:
    made = bench(*(job(f"j{number}") for number in range(10)))
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    runner.tick()
    database, together = made.application.database, Barrier(4)
    (alive,) = live_runners(database)
    taken: list[str] = []

    def take() -> None:
        together.wait()
        for _ in made.jobs:
            run = take_run(database, made.jobs, alive.runner_id, made.clock)
            if run is not None:
                taken.append(run.job)

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(job.name for job in made.jobs)


def test_a_run_of_a_dead_process_starts_again_in_the_next(bench: Make, database_url: str) -> None:
    made = bench(job("a", cron=Cron(hour="10"), late_hours=100))
    first = made.runner()
    look(first)
    made.clock.move(HOUR)
    first.tick()
    with made.application.database.unit_of_work() as work:
        (alive,) = live_runners(made.application.database)
        work.jobs.take([made.jobs[0].name], alive.runner_id, made.clock.now())
        work.commit()
    second = made.runner()
    look(second)
    assert made.told() == [("01 10:00", "running", 1)]
    made.lose(first)
    look(second)
    assert made.told() == [("01 10:00", "done", 2)]
    assert ("run.abandoned", {"job": "a", "run": 1, "tries": 1}) in made.lines.found
    events = rows(database_url, "SELECT event::text FROM job_run_event ORDER BY run_id, seq")
    assert [row["event"] for row in events] == ["start", "abandon", "start", "finish"]


def test_a_run_in_which_processes_keep_dying_fails_at_last(bench: Make) -> None:
    made = bench(job("a", cron=Cron(hour="10"), late_hours=100))
    look(made.runner())
    made.clock.move(HOUR)
    made.lose(made.processes[0])
    for _ in range(MOST_TRIES):
        runner = made.runner()
        runner.tick()
        (alive,) = live_runners(made.application.database)
        with made.application.database.unit_of_work() as work:
            assert work.jobs.take([made.jobs[0].name], alive.runner_id, made.clock.now()) is not None
            work.commit()
        made.lose(runner)
    last = made.runner()
    look(last)
    (run,) = made.runs()
    assert (run.status, run.tries, run.code) == ("failed", MOST_TRIES, "jobs.abandoned")


def test_a_run_that_was_taken_away_can_do_nothing_more(bench: Make) -> None:
    effects: list[str] = []

    def work(run: RunningJob) -> Figures:
        if not effects:
            effects.append("first")
            made.lose(first)  # the connection of its process is lost, as it would see only later
            look(second)
            with run.database.unit_of_work():
                effects.append("too late")
        else:
            effects.append("second")
        return {}

    made = bench(job("a", work, cron=Cron(hour="10"), late_hours=100))
    first, second = made.runner(), made.runner()
    look(first)
    made.clock.move(HOUR)
    look(first)
    assert effects == ["first", "second"]
    assert made.told() == [("01 10:00", "done", 2)]
    assert made.lines.events.count("run.taken") == 1
    assert made.lines.events.count("run.done") == 1


def test_a_run_is_not_taken_away_in_the_middle_of_a_transaction(bench: Make) -> None:
    seen: list[str] = []

    def work(run: RunningJob) -> Figures:
        if run.due_at and not seen:
            with run.database.unit_of_work():
                made.lose(first)
                look(second)
                seen.append(made.told()[0][1])
        return {}

    made = bench(job("a", work, cron=Cron(hour="10"), late_hours=100))
    first, second = made.runner(), made.runner()
    look(first)
    made.clock.move(HOUR)
    look(first)
    assert seen == ["running"]
    assert made.told() == [("01 10:00", "done", 1)]


def test_a_run_that_is_broken_off_starts_again_elsewhere(bench: Make) -> None:
    tries: list[int] = []

    def work(run: RunningJob) -> Figures:
        tries.append(1)
        if len(tries) == 1:
            first.stop()
            assert run.stopping()
            first.break_off()
        with run.database.unit_of_work():
            return {"tries": len(tries)}

    made = bench(job("a", work, cron=Cron(hour="10"), late_hours=100))
    first, second = made.runner(), made.runner()
    look(first)
    made.clock.move(HOUR)
    look(first)
    assert made.told() == [("01 10:00", "due", 1)]
    made.lose(first)
    look(second)
    assert made.told() == [("01 10:00", "done", 2)]


def test_a_process_that_is_told_to_end_starts_nothing_more(bench: Make) -> None:
    made = bench(job("a"), job("b"))
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    runner.tick()
    runner.stop()
    assert not runner.tick()
    assert runner.work(Lane.CASES) == 0
    assert {run.status for run in made.runs()} == {"due"}


def test_a_run_whose_end_could_not_be_written_is_found_again(bench: Make, database_url: str) -> None:
    def work(run: RunningJob) -> Figures:
        done.append(1)
        if len(done) == 1:
            with psycopg.connect(database_url, autocommit=True) as connection:
                connection.execute("ALTER TABLE policy_match.job_run_event RENAME TO job_run_event_elsewhere")
        return {}

    done: list[int] = []
    made = bench(job("a", work, cron=Cron(hour="10"), late_hours=100))
    again = leader(made)
    again()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE policy_match.job_run_event_elsewhere RENAME TO job_run_event")
    assert made.lines.events[-1] == "lane.failed"
    again()
    assert made.told() == [("01 10:00", "done", 2)]


def test_by_hand_a_job_runs_once_and_covers_what_is_due(bench: Make) -> None:
    script = Script()
    made = bench(job("a", script))
    runner = made.runner()
    look(runner)
    made.clock.move(3 * HOUR)
    runner.tick()
    lease = made.application.runner_lease
    taken, ended = run_by_hand(made.application, made.jobs[0], lease, by="wang.fang", rules_folder=Path("rules"))
    assert (taken.covered, ended.figures, script.done) == (3, {"done": 1}, 1)
    look(runner)
    assert script.done == 1
    assert made.runs()[-1].by == "wang.fang"


def test_by_hand_a_job_runs_before_any_scheduler_did(bench: Make) -> None:
    made = bench(job("a", Script()))
    lease = made.application.runner_lease
    _, ended = run_by_hand(made.application, made.jobs[0], lease, by="wang.fang", rules_folder=Path("rules"))
    assert ended.figures == {"done": 1}


def test_what_a_person_started_is_not_tried_again(bench: Make) -> None:
    made = bench(job("a", Script(Unreachable())))
    lease = made.application.runner_lease
    _, ended = run_by_hand(made.application, made.jobs[0], lease, by="wang.fang", rules_folder=Path("rules"))
    assert isinstance(ended.error, Unreachable)
    assert [run.status for run in made.runs()] == ["failed"]


def test_nobody_starts_a_job_that_is_running(bench: Make) -> None:
    begun, end = Event(), Event()

    def work(_: RunningJob) -> Figures:
        begun.set()
        assert end.wait(30)
        return {}

    made = bench(job("a", work))
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    busy = Thread(target=look, args=(runner,))
    busy.start()
    assert begun.wait(30)
    lease = made.application.runner_lease
    with pytest.raises(JobIsRunning):
        run_by_hand(made.application, made.jobs[0], lease, by="wang.fang", rules_folder=Path("rules"))
    end.set()
    busy.join()
    assert made.told() == [("01 10:00", "done", 1)]


def test_looking_while_runs_begin_takes_none_of_them_for_lost(bench: Make) -> None:
    def work(run: RunningJob) -> Figures:
        with run.database.unit_of_work():
            return {}

    made = bench(*(job(f"j{number}", work) for number in range(100)))
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    runner.tick()
    working = Thread(target=runner.work, args=(Lane.CASES,))
    working.start()
    while working.is_alive():
        runner.tick()
    working.join()
    assert {(run.status, run.tries) for run in made.runs()} == {("done", 1)}
