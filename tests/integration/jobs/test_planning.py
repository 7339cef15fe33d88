"""Occurrences become rows once, whatever the clock does, and what was missed is caught up by one run that names it."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from policy_match.ports.jobs import RunnerId
from policy_match.services.job_desk import Cron
from policy_match.services.job_reports import NotAhead, pause_job, replan_job, resume_job
from policy_match.services.jobs import plan_jobs
from policy_match.storage.driver_errors import StepNotPossible
from tests.support.job_bench import MINUTE, Bench, job, look
from tests.support.payment_flow import rows

Make = Callable[..., Bench]
HOUR = 60 * MINUTE
WHY = {"by": "wang.fang", "reason": "演练"}


def test_the_first_look_begins_and_nothing_of_the_past_is_due(bench: Make) -> None:
    made = bench(job("a"))
    look(made.runner())
    assert made.runs() == []
    assert made.report("a").next_due is not None


def test_an_occurrence_is_run_once_however_often_one_looks(bench: Make) -> None:
    made = bench(job("a"))
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    for _ in range(3):
        look(runner)
    assert made.told() == [("01 10:00", "done", 1)]


def test_missed_occurrences_are_caught_up_by_one_run_that_each_of_them_names(bench: Make) -> None:
    made = bench(job("a"))
    runner = made.runner()
    look(runner)
    made.clock.move(5 * HOUR)
    look(runner)
    *missed, last = made.runs()
    assert [run.status for run in missed] == ["covered"] * 4
    assert {run.covered_by for run in missed} == {last.run_id}
    assert (last.status, last.covers, last.tries) == ("done", 4, 1)
    assert ("missed", {"job": "a", "occurrences": 5}) in made.lines.found


def test_a_year_of_missed_occurrences_is_written_in_pages_and_run_once(bench: Make, database_url: str) -> None:
    made = bench(job("a", cron=Cron(minute="*/15")))
    runner = made.runner()
    look(runner)
    made.clock.move(365)
    look(runner)
    found = rows(database_url, "SELECT status, count(*) FROM job_run_state GROUP BY 1 ORDER BY 1")
    assert found == [{"status": "done", "count": 1}, {"status": "covered", "count": 365 * 96 - 1}]


def test_two_planners_at_once_plan_each_occurrence_once(bench: Make, database_url: str) -> None:
    made = bench(job("a", cron=Cron(minute="*")))
    database, table, clock = made.application.database, made.application.timetable, made.clock
    plan_jobs(database, table, made.jobs, clock)
    clock.move(3 * HOUR)
    both, failures = Barrier(2), list[BaseException]()

    def plan() -> None:
        both.wait()
        try:
            plan_jobs(database, table, made.jobs, clock)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=plan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rows(database_url, "SELECT count(*) FROM job_run") == [{"count": 180}]


def test_a_clock_that_goes_back_runs_nothing_again(bench: Make) -> None:
    made = bench(job("a"))
    runner = made.runner()
    look(runner)
    made.clock.move(2 * HOUR)
    look(runner)
    made.clock.move(-1.5 * HOUR)
    for _ in range(8):
        look(runner)
        made.clock.move(HOUR / 4)
    look(runner)
    assert made.told() == [("01 10:00", "covered", 0), ("01 11:00", "done", 1)]
    made.clock.move(HOUR)
    look(runner)
    assert made.told()[2:] == [("01 12:00", "done", 1)]


def test_a_clock_that_was_a_year_ahead_is_seen_and_the_job_is_planned_anew(bench: Make) -> None:
    made = bench(job("a", cron=Cron(hour="9", minute="30")))
    runner = made.runner()
    look(runner)
    made.clock.move(365)
    look(runner)
    made.clock.move(-364)
    look(runner)
    report = made.report("a")
    assert report.ahead
    assert report.needs_a_person
    assert [run.status for run in made.runs()].count("done") == 1
    database, clock = made.application.database, made.clock
    replan_job(database, clock, made.jobs[0], by="wang.fang", reason="服务器时钟曾快一年")
    assert not made.report("a").ahead
    made.clock.move(1)
    look(runner)
    done = [run for run in made.runs() if run.status == "done"]
    assert [run.due_at.date().isoformat() for run in done] == ["2026-06-30", "2025-07-02"]
    with pytest.raises(NotAhead):
        replan_job(database, clock, made.jobs[0], **WHY)


def test_a_paused_job_waits_and_is_caught_up_once_when_resumed(bench: Make) -> None:
    made = bench(job("a"), job("b"))
    runner, database, clock = made.runner(), made.application.database, made.clock
    look(runner)
    assert pause_job(database, clock, made.jobs[0], **WHY)
    assert not pause_job(database, clock, made.jobs[0], **WHY)
    made.clock.move(3 * HOUR)
    look(runner)
    assert made.told("a") == []
    assert made.told("b")[-1] == ("01 12:00", "done", 1)
    report = made.report("a")
    assert report.standing is not None
    assert (report.standing.paused_by, report.standing.paused_why) == ("wang.fang", "演练")
    assert report.late
    assert resume_job(database, clock, made.jobs[0], **WHY)
    look(runner)
    assert made.told("a") == [("01 10:00", "covered", 0), ("01 11:00", "covered", 0), ("01 12:00", "done", 1)]


def test_what_was_due_when_the_job_was_paused_is_not_started(bench: Make) -> None:
    made = bench(job("a"))
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    assert runner.tick()
    pause_job(made.application.database, made.clock, made.jobs[0], **WHY)
    look(runner)
    assert made.told() == [("01 10:00", "due", 0)]


def test_a_job_that_is_new_begins_when_it_is_first_seen(bench: Make) -> None:
    made = bench(job("a"), job("b"))
    look(made.runner(made.jobs[:1]))
    made.clock.move(2 * HOUR)
    plan_jobs(made.application.database, made.application.timetable, made.jobs, made.clock)
    assert made.told("b") == []
    assert made.told("a") == [("01 10:00", "due", 0), ("01 11:00", "due", 0)]


def test_neither_the_program_nor_the_owner_changes_what_happened(bench: Make, database_url: str) -> None:
    made = bench(job("a"))
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    look(runner)
    for table in ("job_runner", "job_control", "job_run", "job_run_event"):
        with pytest.raises(Exception, match="permission denied"):
            rows(database_url, f"DELETE FROM {table} RETURNING 1")
    for table in ("job_state", "job_run_state"):
        with pytest.raises(Exception, match="permission denied"):
            rows(database_url, f"UPDATE {table} SET job = job RETURNING 1")


def test_a_step_out_of_turn_is_refused(bench: Make) -> None:
    made = bench(job("a"))
    runner = made.runner()
    look(runner)
    made.clock.move(HOUR)
    look(runner)
    (done,) = made.runs()
    with made.application.database.unit_of_work() as work, pytest.raises(StepNotPossible):
        work.jobs.retry(done.run_id, RunnerId(1), "x", "y", due_at=made.clock.now(), at=made.clock.now())
