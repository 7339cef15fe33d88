"""Writes notices in a process that dies at a given commit."""

from datetime import datetime

from policy_match.services.prepare_notices import prepare_notices
from tests.fault.payments.killing import Fuse, KillingDatabase
from tests.support.cases import MovableClock
from tests.support.prepared import wording


def write_until_killed(url: str, now: datetime, point: int) -> None:
    """Write what is due in this process, which dies at the point."""
    with KillingDatabase(url, Fuse(point)) as database:
        prepare_notices(database, wording(), clock=MovableClock(now))
