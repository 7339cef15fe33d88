"""Requested work in tests: an application over a world, in whose name a run of the job does what waits.

Guarantees that the run is a real one, with a lease of its own.
"""

from pathlib import Path

from policy_match.scheduler.timetable import JOBS
from policy_match.services.job_desk import JobDesk
from policy_match.services.job_reports import find_job, run_by_hand
from policy_match.services.jobs import Ending
from policy_match.services.requested_work import REQUESTED_WORK
from policy_match.storage.unit_of_work import Database


def do_requests(desk: JobDesk, database: Database, rules_folder: Path, process: int = 1) -> dict[str, int]:
    """Do what waits, in a run by hand; return how many were done, failed, and wait again."""
    lease = database.runner_lease("test", process)
    try:
        _, ended = run_by_hand(desk, find_job(JOBS, REQUESTED_WORK), lease, by="op", rules_folder=rules_folder)
    finally:
        lease.close()
    assert ended.ending is Ending.DONE, ended
    return dict(ended.figures)
