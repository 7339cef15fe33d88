"""The order of the steps: up to the answers, then, after a second look at the facts, up to the last fen.

Guarantees that money which comes free goes to whoever waits first, round by round, and that the number of rounds is
bounded. Playing again finds everything done.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from policy_match.cases.history import CaseFilter
from policy_match.cases.working_days import china_day
from policy_match.ports import Database
from policy_match.services.allocate_budget import budget_queue
from policy_match.services.rehearsal import asking, deciding, paying, recovering, telling, watching
from policy_match.services.rehearsal.asking import lines_of
from policy_match.services.rehearsal.stage import Stage, Told
from policy_match.services.sample_region.credit_codes import SERIES

MAX_ROUNDS = 4
"""Later rounds pay what came free from cases that ended after the budget was shared."""

SERIES_AT = slice(8, 8 + len(SERIES))
"""Where the series of an organisation's number stands in a credit code."""

Step = Callable[[Stage], Iterator[Told]]
"""A chapter of the story. What it tells has happened when it is told."""

ROUND: tuple[Step, ...] = (
    deciding.approve,
    deciding.publish,
    telling.tell_and_visit,
    paying.order,
    paying.send,
    watching.supervise,
    paying.pay_returned,
    paying.close,
)
"""From the budget to the closed case. Who is paid is told when the returned payments are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What stands in a database before a rehearsal. `last_day` is that of the newest step, `None` without a case."""

    only_invented: bool
    last_day: date | None


def look_around(database: Database) -> Found:
    """Return whether no case of a firm that may be real is there, since a rehearsal acts on all, and how far it is."""
    only_invented, last = True, None
    for line in lines_of(database, CaseFilter()):
        only_invented = only_invented and line.uscc[SERIES_AT] == SERIES
        last = line.since if last is None else max(last, line.since)
    return Found(only_invented=only_invented, last_day=None if last is None else china_day(last))


BEGINNING: tuple[Step, ...] = (asking.open_and_notify, asking.take_answers, asking.end_windows)
"""The steps up to the end of the time to answer."""


def play_rest(stage: Stage) -> Iterator[Step]:
    """Yield the steps after the second look at the facts; each must be played before the next is asked for."""
    yield watching.supervise
    yield deciding.recheck_for_approval
    yield telling.tell_and_visit
    yield deciding.make_budget
    for number in range(MAX_ROUNDS):
        if number and not _may_grant(stage):
            break
        yield from ROUND
    yield recovering.recover
    yield watching.supervise_last


def _may_grant(stage: Stage) -> bool:
    """Return whether the first in a queue would get something now."""
    queues = [budget_queue(stage.database, stage.clock, policy_id=policy.id, most=1) for policy in stage.funded]
    return any(entry.short_fen == 0 for queue in queues for entry in queue.entries)
