"""The file that changes when jobs run: what it may say, and one clear line for what it may not."""

from datetime import timedelta
from pathlib import Path

import pytest

from policy_match.errors import SeveralMistakes
from policy_match.scheduler.schedule_file import ScheduleUnfit, read_schedule
from policy_match.scheduler.timetable import JOBS
from policy_match.services.job_desk import Cron


def written(tmp_path: Path, text: str) -> Path:
    """Write a file of schedules."""
    path = tmp_path / "schedule.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_job_gets_other_times_and_another_limit(tmp_path: Path) -> None:
    text = '[notify]\nhour = 10\nday_of_week = "mon-fri"\n[sweep]\nlate_after_hours = 100\n'
    jobs = {job.name: job for job in read_schedule(written(tmp_path, text), JOBS)}
    before = {job.name: job for job in JOBS}
    assert jobs["notify"].cron == Cron(hour="10", minute="0", day_of_week="mon-fri")
    assert jobs["notify"].late_after == before["notify"].late_after
    assert (jobs["sweep"].cron, jobs["sweep"].late_after) == (before["sweep"].cron, timedelta(hours=100))
    assert [job.name for job in read_schedule(written(tmp_path, text), JOBS)] == [job.name for job in JOBS]


def test_a_job_that_is_switched_off_is_gone(tmp_path: Path) -> None:
    jobs = read_schedule(written(tmp_path, "[share-budgets]\noff = true\n"), JOBS)
    assert {job.name for job in JOBS} - {job.name for job in jobs} == {"share-budgets"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[notfy]\nhour = 9\n", "notify"),
        ("notify = 9\n", "not a table"),
        ("[notify]\nhours = 9\n", "`hours` is unknown"),
        ("[notify]\nhour = 24\n", "never occurs"),
        ("[notify]\nhour = true\n", "must be like"),
        ('[notify]\nmonth = "2"\nday = 30\n', "never occurs"),
        ("[notify]\nlate_after_hours = 0\n", "whole number"),
        ("[notify]\nlate_after_hours = 2.5\n", "whole number"),
        ('[notify]\noff = "yes"\n', "true or false"),
        ("[notify\n", "cannot be read"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ScheduleUnfit, match=told) as refused:
        read_schedule(written(tmp_path, text), JOBS)
    for language in ("zh", "en"):
        line = refused.value.message(language)  # type: ignore[arg-type]
        assert line.startswith("schedule.toml")
        assert "\n" not in line


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScheduleUnfit, match=r"none\.toml"):
        read_schedule(tmp_path / "none.toml", JOBS)


def test_every_mistake_is_a_line_of_its_own(tmp_path: Path) -> None:
    wrong = '[notfy]\nhour = 9\n[sweeep]\n[notify]\nhours = 9\nlate_after_hours = 0\noff = "yes"\n[report]\nhour = 24\n'
    with pytest.raises(SeveralMistakes) as refused:
        read_schedule(written(tmp_path, wrong), JOBS)
    lines = refused.value.message("en").splitlines()
    assert len(lines) == 6
    assert all(line.startswith("schedule.toml: ") for line in lines)
