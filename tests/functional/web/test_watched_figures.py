"""What operators watch is told as it is: jobs that are late, schedulers that are there, payments in doubt."""

import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from policy_match.ports.jobs import JobName
from policy_match.storage.unit_of_work import Database
from tests.functional.web.conftest import as_url
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import cases, fill
from tests.support.web_server import running_web

LATE = [JobName("supervise"), JobName("close-windows")]


def lose_replies(database: Database, url: str, count: int) -> None:
    """Send so many payments to a bank that does not answer, until nobody knows whether money moved."""
    desk = Desk(database, fill(database, url, cases(*(10_000 - number for number in range(count)))))
    desk.order()
    desk.batch()
    desk.send(Inbox(lost_before=True))
    desk.clock.move(1)
    assert desk.lose(timedelta(minutes=15)) == count


def test_what_is_late_and_what_is_in_doubt_is_counted(database: Database, database_url: str, rules: Path) -> None:
    now = datetime.now(UTC)
    lose_replies(database, database_url, 3)
    with database.unit_of_work() as work:
        work.jobs.begin(LATE, now - timedelta(days=30))
        work.commit()
    with (
        closing(database.runner_lease("bench", 1)) as lease,
        tempfile.TemporaryDirectory(prefix="policy-match-web-") as folder,
        running_web(Path(folder), rules, database_url=as_url(database_url)) as web,
    ):
        lease.hold(now)
        figures = web.figures()
    assert figures["policy_match_payments_in_doubt"] == 3
    assert figures["policy_match_jobs_late"] == len(LATE)
    assert figures["policy_match_jobs_failed"] == 0
    assert figures["policy_match_runners"] == 1
