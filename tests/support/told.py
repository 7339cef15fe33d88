"""Notices as if they had been handed to the firms, for tests that are not about sending.

Guarantees, by the schema's own triggers, that a notice got there step by step; its text is not written. Sending is
tested where channels are.
"""

from collections.abc import Collection
from datetime import datetime

from policy_match.cases.model import NoticeKind
from policy_match.notices.model import NoticeEvent, NoticeId
from policy_match.notices.transitions import NOTICE_TRANSITIONS
from policy_match.storage.unit_of_work import Database
from tests.support.cases import World

MOST = 100_000
BY = "invented.messenger"


def move_notices(
    database: Database,
    at: datetime,
    event: NoticeEvent,
    *,
    cases: Collection[int] | None = None,
    kinds: Collection[NoticeKind] | None = None,
) -> int:
    """Take a step with every notice that allows it, of these cases and kinds or of all; return how many took it."""
    moved = 0
    for before in [each.before for each in NOTICE_TRANSITIONS if each.event is event]:
        with database.unit_of_work() as work:
            wanted = [
                notice.notice_id
                for notice in work.notices.waiting(work.notices.take(before, NoticeId(0), MOST))
                if (cases is None or (notice.matter is not None and notice.matter.case_id in cases))
                and (kinds is None or notice.kind in kinds)
            ]
            moved += len(work.notices.step(dict.fromkeys(wanted, "invented"), event, at, BY))
            work.commit()
    return moved


def tell(database: Database, at: datetime, *, cases: Collection[int] | None = None) -> int:
    """Hand over every notice that reached nobody yet, of these cases or of all; return how many."""
    move_notices(database, at, NoticeEvent.PREPARE, cases=cases)
    return move_notices(database, at, NoticeEvent.REACH, cases=cases)


def tell_world(world: World, *, cases: Collection[int] | None = None) -> int:
    """Hand the notices of a world over, at the time of its clock."""
    return tell(world.database, world.clock.now(), cases=cases)
