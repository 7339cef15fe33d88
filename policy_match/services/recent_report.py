"""Gives the report as it was counted a short while ago, and counts it when that is too long ago.

Guarantees the same figures to everybody for as long as they are kept, whichever process answers, with the moment at
which they were counted; and that of many who ask at once one counts. Counting is `report`.
"""

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy_match.cases.working_days import china_day
from policy_match.ports import Clock, Database
from policy_match.reports.encoding import decoded, encoded
from policy_match.reports.model import Cut, Span
from policy_match.reports.report import Report
from policy_match.services.firm_groups import FirmFacts
from policy_match.services.report import OF_FIRMS, make_report
from policy_match.values import Digest

KEPT_FOR = timedelta(minutes=10)
MOST_KEPT = 200
"""So many reports are kept, of other days and other rules; of more, the oldest go."""

WITHOUT_FACTS = tuple(cut for cut in Cut if cut not in OF_FIRMS)


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedReport:
    """A report, and the moment as of which it was counted."""

    report: Report
    at: datetime


def recent_report(
    database: Database,
    clock: Clock,
    *,
    span: Span,
    facts: Callable[[], FirmFacts],
    rules: Digest,
    internal: bool,
    cuts: Collection[Cut],
    promising: Collection[str],
) -> CountedReport:
    """Return a report with at least these cuts, counted at most `KEPT_FOR` ago by the rules with this fingerprint.

    `facts` is asked only when it is counted. Raises as `make_report`.
    """
    now = clock.now()
    counted = WITHOUT_FACTS if internal and OF_FIRMS.isdisjoint(cuts) else tuple(Cut)
    name = _name(span, now, rules, internal, counted, promising)
    with database.unit_of_work() as work:
        kept = work.reports.kept(name, since=now - KEPT_FOR, until=now + KEPT_FOR)
    if kept is not None:
        return CountedReport(report=decoded(kept.report), at=kept.at)
    with database.unit_of_work() as work:
        work.reports.claim(name)
        # Whoever had the claim before us may have counted meanwhile.
        kept = work.reports.kept(name, since=now - KEPT_FOR, until=now + KEPT_FOR)
        if kept is not None:
            return CountedReport(report=decoded(kept.report), at=kept.at)
        report = make_report(
            database, clock, span=span, facts=facts(), internal=internal, cuts=counted, promising=promising
        )
        work.reports.keep(name, encoded(report), at=now, most=MOST_KEPT)
        work.commit()
    return CountedReport(report=report, at=now)


def _name(
    span: Span, now: datetime, rules: Digest, internal: bool, cuts: Collection[Cut], promising: Collection[str]
) -> Digest:
    """Return what a report is kept under: the hash of all that it was asked for with, and of the day."""
    asked = [
        *(day.isoformat() for day in (span.first, span.last, china_day(now))),
        rules,
        internal,
        sorted(cuts),
        sorted(promising),
    ]
    return Digest(hashlib.sha256(json.dumps(asked).encode()).hexdigest())
