"""Does requested work in a process of its own, which kills itself at a stated point.

Run as `python -m tests.fault.work_child URL FOLDER POINT`, over a world that was made below FOLDER from the same firms.
The points are counted over the run: before and after each commit.
"""

import sys
from pathlib import Path

from policy_match.storage.unit_of_work import Database
from tests.fault.payments.killing import Fuse, KillingDatabase
from tests.support.api import WorldDesk
from tests.support.cases import make_world
from tests.support.requests import do_requests

FIRMS = 2


def work_until_killed(url: str, folder: Path, point: int) -> None:
    """Do what waits, and die at the point."""
    with Database(url) as database:
        desk = WorldDesk(make_world(database, folder, firms_or_count=FIRMS), folder)
    with KillingDatabase(url, Fuse(point)) as killing:
        desk.database = killing
        do_requests(desk, killing, folder / "rules", process=2)


if __name__ == "__main__":
    work_until_killed(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
