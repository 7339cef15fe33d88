"""A report is counted once for all who ask within some minutes, and says when; nothing else is ever given for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from policy_match.reports.model import Cut, Span
from policy_match.reports.report import Report
from policy_match.services.firm_groups import FirmFacts
from policy_match.services.recent_report import KEPT_FOR, CountedReport, recent_report
from policy_match.services.report import WrongSpan
from policy_match.storage.unit_of_work import Database
from policy_match.values import Digest
from tests.support.report_world import YEAR, Worked, firm_facts

RULES = Digest("a" * 64)


class Asking:
    """Asks for the report of a worked world, and counts how often it was counted."""

    def __init__(self, worked: Worked) -> None:
        self._worked = worked
        self.counted = 0

    def _facts(self) -> FirmFacts:
        self.counted += 1
        return firm_facts(self._worked.world, self._worked.folder)

    def __call__(
        self,
        *,
        span: Span = YEAR,
        rules: Digest = RULES,
        internal: bool = False,
        cut: Cut = Cut.POLICY,
        promising: tuple[str, ...] = (),
    ) -> CountedReport:
        world = self._worked.world
        return recent_report(
            world.database,
            world.clock,
            span=span,
            facts=self._facts,
            rules=rules,
            internal=internal,
            cuts=(cut,),
            promising=promising,
        )


@pytest.fixture
def ask(worked: Worked) -> Asking:
    return Asking(worked)


def test_every_view_of_some_minutes_shows_what_was_counted_once(worked: Worked, ask: Asking) -> None:
    first = ask()
    assert first.report == worked.report()
    assert first.at == worked.world.clock.now()
    worked.world.clock.move((KEPT_FOR - timedelta(seconds=1)) / timedelta(days=1))
    assert [ask(cut=cut) for cut in Cut] == [first] * len(Cut)
    assert ask.counted == 1


def test_after_that_it_is_counted_anew(worked: Worked, ask: Asking) -> None:
    before = ask()
    worked.world.clock.move(KEPT_FOR / timedelta(days=1))
    after = ask()
    assert (ask.counted, after.at - before.at) == (2, KEPT_FOR)
    assert ask() == after


def test_another_process_gives_the_same(worked: Worked, ask: Asking) -> None:
    first = ask()
    with Database(worked.url) as database:
        other = Asking(replace(worked, world=replace(worked.world, database=database)))
        assert other() == first
    assert other.counted == 0


@pytest.mark.parametrize(
    "asked",
    [
        lambda ask: ask(span=Span(first=date(2025, 7, 1), last=date(2025, 12, 31))),
        lambda ask: ask(rules=Digest("b" * 64)),
        lambda ask: ask(internal=True, cut=Cut.SIZE),
        lambda ask: ask(promising=("sms",)),
    ],
    ids=["days", "rules", "internal", "promising"],
)
def test_who_asks_for_something_else_is_not_given_it(ask: Asking, asked: Callable[[Asking], CountedReport]) -> None:
    ask()
    asked(ask)
    assert ask.counted == 2


def test_an_internal_report_without_facts_of_firms_reads_none(ask: Asking, worked: Worked) -> None:
    found = ask(internal=True)
    assert set(found.report.tables) == {Cut.POLICY, Cut.CHANNEL, Cut.MONTH}
    assert found.report == _of(worked.report(internal=True), found.report)
    assert set(ask(internal=True, cut=Cut.DISTRICT).report.tables) == set(Cut)


def test_days_that_are_none_are_refused(ask: Asking) -> None:
    with pytest.raises(WrongSpan):
        ask(span=Span(first=date(2025, 5, 2), last=date(2025, 5, 1)))


def test_of_many_reports_the_oldest_go(worked: Worked) -> None:
    database, at = worked.world.database, datetime(2025, 7, 1, tzinfo=UTC)
    for number in range(5):
        with database.unit_of_work() as work:
            work.reports.keep(Digest(f"{number:064}"), {}, at=at + timedelta(minutes=number), most=3)
            work.commit()
    with psycopg.connect(worked.url) as connection:
        rows = connection.execute("SELECT right(name, 1)::integer FROM policy_match.kept_report ORDER BY 1").fetchall()
    assert [number for (number,) in rows] == [2, 3, 4]


def _of(whole: Report, part: Report) -> Report:
    """Return a report with the tables that another one has."""
    return replace(whole, tables={cut: whole.tables[cut] for cut in part.tables})
