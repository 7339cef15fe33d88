"""Makes the report on how well the service does, of benefits that fell due in some days.

Guarantees that what became of cases is of one moment, also while they move on, that figures add up, and that what may
be published hides every figure of too few firms as if all cuts were published together. Writing it to files is
`publish_report`.
"""

from collections.abc import Collection, Iterable

from policy_match.cases.working_days import china_day
from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.ports.reports import DeliveryTally, NoticeTally
from policy_match.reports.model import FEWEST_FIRMS, Cut, Span, StageTime
from policy_match.reports.notice_figures import DELIVERY_COUNTS, NOTICE_COUNTS
from policy_match.reports.report import Report, StageLine
from policy_match.reports.tables import Table, Tally, figure_tables, tally_table
from policy_match.services.firm_groups import FirmFacts, keep_groups

OF_FIRMS = frozenset({Cut.DISTRICT, Cut.INDUSTRY, Cut.SIZE})
"""The cuts for which facts of firms are read."""


class WrongSpan(InputError):
    """The last day of the report is before the first, or the first is still to come."""

    code = "report.days"
    english = "there is nothing to report from {first} to {last} on {today}; begin on a day before both"
    chinese = "{today} 时没有 {first} 至 {last} 的内容可报告；起始日应早于截止日和今日"


def make_report(
    database: Database,
    clock: Clock,
    *,
    span: Span,
    facts: FirmFacts,
    internal: bool = False,
    cuts: Collection[Cut] = tuple(Cut),
    promising: Collection[str] = (),
) -> Report:
    """Return the report. `promising` names the providers that never make a second message of one.

    For publication all cuts are counted, whichever are wanted; an internal report counts only those. Raises
    `WrongSpan`, or an `InputError` when a snapshot with facts of firms cannot be read.
    """
    now = clock.now()
    if not span.first <= min(span.last, china_day(now)):
        raise WrongSpan(first=span.first, last=span.last, today=china_day(now))
    counted = tuple(cut for cut in Cut if cut in cuts) if internal else tuple(Cut)
    with database.unit_of_work() as work:
        work.reports.collect(span, now)
        if not OF_FIRMS.isdisjoint(counted):
            keep_groups(work.reports, facts)
        counts = {cut: work.reports.counts(cut) for cut in counted}
        stages = work.reports.stages()
        notices = work.reports.notices()
        deliveries = work.reports.deliveries()
    tables = figure_tables(counts, internal=internal)
    return Report(
        span=span,
        as_of=china_day(now),
        internal=internal,
        tables={cut: tables[cut] for cut in counted if cut in cuts},
        stages=[_stage_line(each, internal=internal) for each in stages],
        notices=_notice_table(notices, internal=internal),
        deliveries=tally_table(
            _delivery_tallies(deliveries, promising), [count.name for count in DELIVERY_COUNTS], internal=internal
        ),
    )


def _stage_line(stage: StageTime, *, internal: bool) -> StageLine:
    hidden = not internal and stage.firms < FEWEST_FIRMS
    return StageLine(
        policy_id=stage.policy_id,
        status=stage.status,
        median_days=None if hidden else stage.median_days,
        slow_days=None if hidden else stage.slow_days,
        hidden=hidden,
    )


def _notice_table(found: Iterable[NoticeTally], *, internal: bool) -> Table:
    """Return the notices by kind; for publication of all kinds together.

    As many notices of a kind are written as cases took a step, so they would tell what another table hides.
    """
    tallies = (
        Tally(
            group=each.kind.value if internal else "all",
            columns=frozenset({"notices", each.status.value}),
            number=each.notices,
            firms=each.firms,
        )
        for each in found
    )
    table = tally_table(tallies, [name for name, _ in NOTICE_COUNTS], internal=internal)
    return table if internal else Table(rows=(), total=table.total)


def _delivery_tallies(found: Iterable[DeliveryTally], promising: Collection[str]) -> Iterable[Tally]:
    for each in found:
        twice = each.repeated and each.provider not in promising
        columns = {count.name for count in DELIVERY_COUNTS if each.status in count.statuses or (count.twice and twice)}
        yield Tally(
            group=f"{each.channel}/{each.provider}",
            columns=frozenset(columns),
            number=each.deliveries,
            firms=each.firms,
        )
