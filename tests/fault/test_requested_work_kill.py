"""A process that is killed while it does requested work: another one does it again, and nothing is done twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from policy_match.ports.requested_work import WorkStatus
from policy_match.services.ask_for_work import ask_for_opening, show_request
from policy_match.services.case_history import list_cases
from policy_match.services.job_reports import live_runners
from policy_match.storage.unit_of_work import Database
from tests.fault.work_child import FIRMS
from tests.support.api import WorldDesk
from tests.support.cases import make_world
from tests.support.requests import do_requests
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]

POINTS = {
    "before it is taken": 3,
    "after it is taken": 4,
    "before its cases are there": 7,
    "after its cases are there": 8,
    "after it is done": 10,
}
"""The first two points are the run's own; progress is told at 5 and 6."""


def killed_at(point: int, url: str, folder: Path) -> None:
    command = [sys.executable, "-m", "tests.fault.work_child", url, str(folder), str(point)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS.keys())
def test_a_killed_request_is_done_once(database: Database, database_url: str, tmp_path: Path, point: int) -> None:
    world = make_world(database, tmp_path, firms_or_count=FIRMS)
    asked = ask_for_opening(database, world.clock, "latest", by="wang.fang")
    killed_at(point, database_url, tmp_path)
    until(lambda: not live_runners(database), "the server knows that the process is gone")
    do_requests(WorldDesk(world, tmp_path), database, tmp_path / "rules")
    found = show_request(database, asked.request_id)
    assert found.status is WorkStatus.DONE
    assert found.tries == (1 if point in (3, 10) else 2)
    cases = list_cases(database)
    assert len(cases) == len({(case.policy_id, case.uscc) for case in cases}) == 2 * FIRMS
