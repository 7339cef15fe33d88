"""The process dies at any commit while notices are written; the next run writes the rest, and none twice."""

import multiprocessing
import signal
from pathlib import Path

from psycopg.conninfo import make_conninfo

from policy_match.services.notify_cases import notify_cases
from policy_match.storage.embedded import SUPERUSER
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.fault.notices.writing_killing import write_until_killed
from tests.support.cases import CALENDAR, World, answer, make_world, notify_world, open_world
from tests.support.payment_flow import rows
from tests.support.payment_run import empty
from tests.support.prepared import lines, prepare_world

FIRMS = 3
MOST_POINTS = 10

WHOLE = """
SELECT s.status, (SELECT count(*) FROM notice_text AS t WHERE t.notice_id = n.notice_id) AS texts,
       (SELECT count(*) FROM delivery_state AS d WHERE d.notice_id = n.notice_id AND d.status = 'handed_over') AS inbox
  FROM notice AS n JOIN notice_state AS s USING (notice_id) ORDER BY n.notice_id
"""


def half_done(database: Database, folder: Path) -> World:
    """Return a world with a notice to be overtaken and others to be written."""
    world = make_world(database, folder, ("confirm", "silent"), FIRMS)
    open_world(world)
    notify_cases(database, CALENDAR, clock=world.clock, by="system", policy=PolicyId("confirm"))
    prepare_world(world)
    first = lines(world)[0].case_id
    assert first is not None
    answer(world, first)
    notify_world(world)
    return world


def test_notices_survive_a_kill_at_any_commit(database: Database, database_url: str, tmp_path: Path) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.fault.notices.writing_killing"])
    killed = 0
    for point in range(1, MOST_POINTS + 1):
        empty(make_conninfo(database_url, user=SUPERUSER))
        world = half_done(database, tmp_path / str(point))
        child = processes.Process(target=write_until_killed, args=(database_url, world.clock.now(), point))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL), f"point {point}: exit {child.exitcode}"
        for row in rows(database_url, WHOLE):
            written = row["status"] != "due"
            assert (row["texts"], row["inbox"]) == (written, written), f"killed at {point}: {row}"
        prepare_world(world)
        ends = [row["status"] for row in rows(database_url, WHOLE)]
        assert ends == ["overtaken", *["open"] * (2 * FIRMS - 1)], f"killed at {point}: {ends}"
        assert len(rows(database_url, "SELECT FROM notice_event WHERE event = 'overtake'")) == 1
        if child.exitcode == 0:
            break
        killed += 1
    assert killed == 4
