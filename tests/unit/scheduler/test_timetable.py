"""The table of standing jobs: each occurs, with a limit that a punctual job never passes, and the manual has it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from policy_match.scheduler.occurrences import CronTimetable
from policy_match.scheduler.timetable import JOBS
from policy_match.services.job_desk import Job

MANUAL = Path(__file__).parents[3] / "docs" / "scheduler.md"
START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_punctual_job_is_never_late(job: Job) -> None:
    found = CronTimetable().due(job.cron, after=START, up_to=START + timedelta(days=60), most=100_000)
    gaps = [later - earlier for earlier, later in pairwise(found)]
    assert gaps
    assert max(gaps) < job.late_after


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_the_manual_has_each_job_with_its_time_and_limit(job: Job) -> None:
    limit = f"{job.late_after / timedelta(hours=1):g}"
    rows = [line for line in MANUAL.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{job.name}` ")]
    assert len(rows) == 1
    assert f"| `{job.cron}` | {limit} | {job.lane} |" in rows[0]
