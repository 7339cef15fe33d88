"""Two schedulers on one database, one of them killed in the middle of each kind of job: all is done, and done once.

The default suite kills each job at one seeded point, HYPOTHESIS_PROFILE=nightly at every one.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from policy_match.cli.app import run
from policy_match.scheduler.occurrences import CronTimetable
from policy_match.scheduler.timetable import JOBS
from tests.fault.scheduler.children import Place, SharedClock, serve
from tests.fault.scheduler.life import FIRMS, busy, live, prepare, write_settings, wrong_runs
from tests.functional.region import Ended, Region
from tests.support.payment_flow import rows
from tests.support.payment_laws import broken
from tests.support.waiting import until

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
ROOT = Path(__file__).parents[3]
POINTS: Mapping[str, int] = {
    "sweep": 6,
    "notify": 6,
    "remind": 4,
    "check-dates": 4,
    "supervise": 10,
    "recheck-approval": 4,
    "share-budgets": 4,
    "report": 2,
    "publish": 6,
    "prepare-notices": 4,
    "send-notices": 8,
    "fetch-receipts": 2,
    "recheck-payment": 4,
    "repair-notices": 14,
    "order-payments": 4,
    "order-again": 2,
    "send-payments": 10,
    "lose-replies": 4,
    "take-bank-files": 6,
    "reconcile": 8,
    "close-windows": 8,
    "requested-work": 8,
    "send-webhooks": 4,
    "forget-answers": 6,
}
"""So many points each job passes in this life when nobody dies, in the order in which they are killed."""

ROUNDS = range(1, max(POINTS.values()) + 2) if NIGHTLY else (0,)
"""By night, in each round every job is killed at the point of that number; round 0 takes a seeded point of each."""


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Where schedulers come from: a server that has everything imported and no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.fault.scheduler.children"])
    return context


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The address of a fresh database, which is also that of the commands that people type."""
    parts = conninfo_to_dict(database_url)
    name = parts.pop("dbname")
    found = f"postgresql:///{name}?{urlencode(parts)}"
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", found)
    monkeypatch.setenv("POLICY_MATCH_LANG", "en")
    monkeypatch.chdir(ROOT)
    return found


class Pair:
    """Two schedulers: the first leads, the second stands by. Who died is followed by a new one that stands by."""

    def __init__(self, processes: ForkServerContext, place: Place) -> None:
        self._processes = processes
        self._place = place
        self._children: list[ForkServerProcess] = []
        self.fill()

    def fill(self) -> None:
        """Let there be two again."""
        while len(self._children) < 2:
            child = self._processes.Process(target=serve, args=(self._place,))
            self._children.append(child)
            child.start()
            alive = len(self._children)
            until(lambda: len(runners(self._place.url)) == alive, f"{alive} schedulers are there")  # noqa: B023

    def somebody_died(self) -> bool:
        """Return whether one of them is dead."""
        return any(child.exitcode is not None for child in self._children)

    def bury(self) -> bool:
        """Forget who was killed, which is the one that led; return whether it was."""
        dead = [child for child in self._children if child.exitcode is not None]
        assert [child.exitcode for child in dead] in ([], [-signal.SIGKILL])
        assert dead in ([], self._children[:1])
        self._children = [child for child in self._children if child not in dead]
        return bool(dead)

    def end(self) -> None:
        """Tell both to end."""
        for child in self._children:
            child.terminate()
        for child in self._children:
            child.join(60)
        assert [child.exitcode for child in self._children] == [0, 0]


def runners(url: str) -> list[object]:
    """Return the schedulers that are alive."""
    return list(
        rows(
            url,
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = 1886218850 AND objid <> 0 AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
    )


def quiet(place: Place, clock: SharedClock) -> bool:
    """Return whether everything that fell due up to now is planned and has ended."""
    begun = {
        row["job"]: (row["begun_at"], row["planned_to"])
        for row in rows(place.url, "SELECT job, begun_at, planned_to FROM job_state")
    }
    for job in JOBS:
        since, planned_to = begun[job.name]
        if CronTimetable().due(job.cron, after=max(since, planned_to), up_to=clock.now(), most=1):
            return False
    return not busy(place.url, clock.now().isoformat())


def play(
    processes: ForkServerContext,
    region: Region,
    clock: SharedClock,
    place: Place,
    point_of: Callable[[str], int],
) -> list[str]:
    """Let the life go by, killing each job at its point; return the jobs that were killed."""
    killed: list[str] = []
    prepare(region)
    pair = Pair(processes, place)
    until(lambda: len(rows(place.url, "SELECT job FROM job_state")) == len(JOBS), "all jobs are planned")
    for step in live(region):
        pair.fill()
        place.doom.write_text(f"{step.job or '-'} {point_of(step.job)}")
        clock.move_on(step.at)
        until(lambda: pair.somebody_died() or quiet(place, clock), f"{step.job} is killed, or done")
        until(lambda: quiet(place, clock), f"everything due at {step.at} is done")
        if pair.bury():
            killed.append(step.job)
        assert broken(place.url) == [], step
        assert wrong_runs(place.url) == [], step
    pair.fill()
    pair.end()
    return killed


def check_end(region: Region, place: Place, killed: list[str]) -> None:
    """Check that everything was done, and done once."""
    assert region.statuses() == {"closed": 2 * len(FIRMS) - 1 + len(FIRMS), "waived": 1}
    payments = [payment for batch in region.received() for payment in batch.payments]
    assert len(payments) == len({payment.attempt_id for payment in payments}) == 2 * len(FIRMS) - 1
    settled = rows(place.url, "SELECT attempt_id FROM attempt_state WHERE status = 'settled'")
    assert {payment.attempt_id for payment in payments} == {row["attempt_id"] for row in settled}
    assert rows(place.url, "SELECT count(*) AS n FROM sweep") == [{"n": 1}]
    broken_off = rows(place.url, "SELECT job FROM job_run_event JOIN job_run USING (run_id) WHERE event = 'abandon'")
    assert set(killed) <= {row["job"] for row in broken_off}
    assert [path.name for path in (region.folder / "inbox").iterdir()] == ["taken"]
    assert rows(place.url, "SELECT status::text FROM notice_state WHERE status NOT IN ('reached', 'overtaken')") == []
    sent = rows(place.url, "SELECT notice_id, status::text FROM delivery_state WHERE provider = 'print-shop'")
    assert {row["status"] for row in sent} == {"handed_over"}
    assert len({row["notice_id"] for row in sent}) == len(sent) == len(list((region.folder / "letters").iterdir()))
    assert list((place.data_dir / "report").iterdir())
    assert rows(place.url, "SELECT status::text FROM work_request_state") == [{"status": "done"}]
    for job in JOBS:
        (state,) = rows(place.url, "SELECT begun_at, planned_to FROM job_state WHERE job = %s", job.name)
        wanted = CronTimetable().due(job.cron, after=state["begun_at"], up_to=region.clock.now(), most=100_000)
        found = rows(place.url, "SELECT due_at FROM job_run WHERE job = %s ORDER BY due_at", job.name)
        assert [row["due_at"] for row in found] == list(wanted), job.name


def point_of(job: str, number: int) -> int:
    """Return the point at which a job is killed in a round; 0 is never."""
    if job not in POINTS:
        return 0
    return number or Random(f"11 {job}").randint(1, POINTS[job])


def test_every_standing_job_is_killed() -> None:
    assert {job.name for job in JOBS} == set(POINTS)


@pytest.mark.slow
@pytest.mark.parametrize("number", ROUNDS)
def test_every_job_survives_a_kill_in_its_middle(
    number: int,
    processes: ForkServerContext,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = SharedClock(tmp_path / "clock")

    def typed(*arguments: object) -> Ended:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments], clock)
        written = capsys.readouterr()
        return Ended(code, written.out, written.err)

    region = Region(folder=tmp_path / "region", clock=clock, command=typed, database_url=url)
    payments, notices = write_settings(region)
    monkeypatch.setenv("POLICY_MATCH_PAYMENTS", str(payments))
    monkeypatch.setenv("POLICY_MATCH_NOTICES", str(notices))
    monkeypatch.setenv("POLICY_MATCH_DATA_DIR", str(tmp_path / "data"))
    place = Place(
        url=url,
        data_dir=tmp_path / "data",
        rules=region.folder / "rules",
        payments=payments,
        notices=notices,
        clock=tmp_path / "clock",
        doom=tmp_path / "doom",
        log=tmp_path / "log",
    )
    killed = play(processes, region, clock, place, lambda job: point_of(job, number))
    check_end(region, place, killed)
    assert killed == [job for job, points in POINTS.items() if number <= points]
