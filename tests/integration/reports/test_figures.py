"""The figures are what happened: every case once, in one end state, in one group of each cut."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from policy_match.ports.reports import ReportSweep
from policy_match.reports.counts import COUNTS
from policy_match.reports.model import Cut, EndState, Span
from policy_match.reports.notice_figures import DELIVERY_COUNTS, NOTICE_COUNTS
from policy_match.reports.tables import figure_tables
from policy_match.services.firm_groups import MOST_SWEEPS, TooManySweeps, keep_groups
from policy_match.services.report import WrongSpan, make_report
from policy_match.storage.report_store import ReportStore
from policy_match.storage.session import Connection, Session
from policy_match.storage.unit_of_work import Database
from tests.support.cases import DAY, firm, make_world, open_world
from tests.support.payment_flow import app_connection, rows
from tests.support.report_world import DISTRICTS, EMPLOYEES, INDUSTRIES, STORIES, YEAR, Worked, firm_facts

LAST_STEPS = {
    "paid": EndState.PAID,
    "recovering": EndState.CLAIMED_BACK,
    "declined": EndState.DECLINED,
    "waived": EndState.WAIVED,
    "withdrawn": EndState.WITHDRAWN,
    "rejected": EndState.REJECTED,
}


def end_of(policy: str, story: str) -> EndState:
    """Return in what a story ends, read from its last step."""
    before, _, after = story.split()[-1].partition(":")[2].partition(">") if story else ("", "", "matched")
    if policy == "reminder":
        return EndState.TOLD if story else EndState.UNDER_WAY
    if (before, after) == ("returned", "closed"):
        return EndState.GIVEN_UP
    if after == "closed":
        return EndState.GRANTED if policy == "equity" else EndState.PAID
    if policy == "title" and after == "approved":
        return EndState.GRANTED
    return LAST_STEPS.get(after, EndState.UNDER_WAY)


def expected(policy: str, count: int) -> Counter[str]:
    """Return how many of so many cases end in which state."""
    return Counter(end_of(policy, STORIES[policy][number % len(STORIES[policy])]) for number in range(count))


def test_every_case_ends_as_its_story_says(worked: Worked) -> None:
    table = worked.report(internal=True).tables[Cut.POLICY]
    assert {row.group for row in table.rows} == set(STORIES)
    for row in table.rows:
        assert row.figures["eligible"] == 60
        found = {state: row.figures[state] for state in EndState}
        assert found == {state: expected(row.group, 60)[state] for state in EndState}, row.group


def test_the_counts_add_up_in_every_row_and_every_cut(worked: Worked) -> None:
    report = worked.report(internal=True)
    totals = [table.total for table in report.tables.values()]
    names = [count.name for count in COUNTS]
    for cut, table in report.tables.items():
        for name in names:
            assert table.total.figures[name] == sum(row.figures[name] or 0 for row in table.rows), (cut, name)
        assert {name: table.total.figures[name] for name in names} == {name: totals[0].figures[name] for name in names}
        for row in (*table.rows, table.total):
            assert row.figures["eligible"] == sum(row.figures[state] or 0 for state in EndState)
    assert totals[0].figures["eligible"] == len(rows(worked.url, "SELECT case_id FROM benefit_case"))


def test_money_is_what_was_owed_and_what_the_bank_paid(worked: Worked) -> None:
    total = worked.report(internal=True, cuts=(Cut.POLICY,)).tables[Cut.POLICY].total.figures
    (owed,) = rows(
        worked.url,
        "SELECT sum(entitled_fen) AS fen FROM benefit_case WHERE route NOT IN ('inform', 'contract')",
    )
    (settled,) = rows(
        worked.url,
        "SELECT sum(a.amount_fen) AS fen FROM payment_attempt AS a JOIN attempt_state AS s USING (attempt_id)"
        " JOIN case_state AS c ON c.case_id = a.case_id"
        " WHERE s.status = 'settled' AND c.status IN ('paid', 'closed')",
    )
    assert total["owed_fen"] == owed["fen"]
    assert total["paid_fen"] == settled["fen"]


def test_attempts_that_came_back_are_counted_with_all_attempts(worked: Worked) -> None:
    total = worked.report(internal=True, cuts=(Cut.POLICY,)).tables[Cut.POLICY].total.figures
    (found,) = rows(
        worked.url,
        "SELECT count(*) AS made, count(*) FILTER (WHERE status = 'rejected') AS back FROM attempt_state",
    )
    assert (total["attempts"], total["came_back"]) == (found["made"], found["back"])


def test_a_firm_that_thought_again_confirmed_and_gave_no_reason(worked: Worked) -> None:
    table = worked.report(internal=True).tables[Cut.POLICY]
    for row in table.rows:
        reasons = sum(value or 0 for name, value in row.figures.items() if name.startswith("reason_"))
        assert reasons == row.figures["declined"]
    total = table.total.figures
    (found,) = rows(
        worked.url,
        "SELECT count(*) AS stated FROM decline_reason AS r JOIN case_state AS s ON s.case_id = r.case_id"
        " AND s.seq = r.seq AND s.status = 'declined'",
    )
    assert (total["declined"] or 0) - (total["reason_not_stated"] or 0) == found["stated"] > 0


def test_silence_is_what_the_policy_says(worked: Worked) -> None:
    figures = {row.group: row.figures for row in worked.report(internal=True).tables[Cut.POLICY].rows}
    assert figures["silent"]["accepted"] and not figures["silent"]["waived"]
    assert figures["confirm"]["waived"] and not figures["confirm"]["accepted"]
    assert figures["direct"]["asked"] == figures["reminder"]["asked"] == 0


def test_firms_are_in_the_groups_that_the_snapshot_gives(worked: Worked) -> None:
    tables = worked.report(internal=True).tables
    numbers = range(1, 61)
    districts = Counter(DISTRICTS[n * 7 % len(DISTRICTS) if n % 5 else 0] or "unknown" for n in numbers)
    industries = Counter(INDUSTRIES[n * n % len(INDUSTRIES)] or "unknown" for n in numbers)
    sizes = Counter(
        "unknown" if staff is None else "large" if staff >= 300 else "small" if staff >= 20 else "micro"
        for staff in (EMPLOYEES[n // 3 % len(EMPLOYEES)] for n in numbers)
    )
    for cut, firms in ((Cut.DISTRICT, districts), (Cut.INDUSTRY, industries), (Cut.SIZE, sizes)):
        assert {row.group: row.figures["firms"] for row in tables[cut].rows} == dict(firms)
        assert tables[cut].total.figures["firms"] == 60
    assert "unknown" in districts and "unknown" in sizes


def test_rules_without_districts_and_sizes_leave_every_firm_unknown(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    world = make_world(database, tmp_path, ("direct",), 4)
    open_world(world)
    found = Worked(world, tmp_path, database_url).report(internal=True)
    for cut in (Cut.DISTRICT, Cut.INDUSTRY, Cut.SIZE):
        assert [(row.group, row.figures["eligible"]) for row in found.tables[cut].rows] == [("unknown", 4)]


def test_notices_are_in_one_status_and_deliveries_in_one_place(worked: Worked) -> None:
    report = worked.report(internal=True)
    (notices,) = rows(worked.url, "SELECT count(*) AS number FROM notice")
    (deliveries,) = rows(
        worked.url, "SELECT count(*) AS number, count(*) FILTER (WHERE repeats > 0) AS twice FROM delivery_state"
    )
    total = report.notices.total.figures
    assert total["notices"] == notices["number"] == sum(total[name] or 0 for name, _ in NOTICE_COUNTS[1:])
    assert total["unreached"] and total["reached"]
    delivered = report.deliveries.total.figures
    assert delivered["deliveries"] == deliveries["number"]
    assert delivered["possible_duplicates"] == deliveries["twice"] > 0
    assert {row.group for row in report.deliveries.rows} == {"inbox/inbox", "email/mail0", "email/mail1", "sms/gateway"}
    parts = ("handed_over", "failed", "unknown", "cancelled", "on_the_way")
    for row in report.deliveries.rows:
        assert row.figures["deliveries"] == sum(row.figures[name] or 0 for name in parts)
    assert set(delivered) == {count.name for count in DELIVERY_COUNTS}


def test_a_provider_that_promises_makes_no_duplicates(worked: Worked) -> None:
    report = make_report(
        worked.world.database,
        worked.world.clock,
        span=YEAR,
        facts=firm_facts(worked.world, worked.folder),
        internal=True,
        promising=("gateway",),
    )
    twice = {row.group: row.figures["possible_duplicates"] for row in report.deliveries.rows}
    assert twice["sms/gateway"] == 0
    assert sum(number or 0 for number in twice.values()) == report.deliveries.total.figures["possible_duplicates"]


def test_the_channel_is_the_first_that_took_a_notice(worked: Worked) -> None:
    table = worked.report(internal=True).tables[Cut.CHANNEL]
    for row in table.rows:
        reached = 0 if row.group == "none" else row.figures["eligible"]
        assert row.figures["reached"] == reached, row.group
    assert {row.group for row in table.rows} == {"email", "sms", "none"}


def test_days_run_from_the_opening_to_the_money_of_what_stands_paid(worked: Worked) -> None:
    total = worked.report(internal=True).tables[Cut.POLICY].total.figures
    (found,) = rows(
        worked.url,
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS median, max(days) AS longest"
        " FROM (SELECT max(e.at::date) - date '2025-07-01' AS days FROM case_event AS e JOIN case_state AS s"
        "  USING (case_id) WHERE e.event = 'settle' AND s.status IN ('paid', 'closed') AND s.amount_fen > 0"
        "  GROUP BY case_id) AS d",
    )
    assert total["median_days"] == found["median"]
    assert total["median_days"] <= (total["slow_days"] or 0) <= found["longest"]


def test_stages_are_the_days_between_two_steps(worked: Worked) -> None:
    stages = {(stage.policy_id, stage.status): stage for stage in worked.report(internal=True).stages}
    assert ("", "matched") in stages
    matched = stages["confirm", "matched"]
    assert matched.median_days is not None and 2 <= matched.median_days <= 6
    assert not any(status in ("paid", "closed") for _, status in stages)


def test_only_what_fell_due_in_the_days_is_counted(worked: Worked) -> None:
    opened = date(2025, 7, 1)
    on_the_day = worked.report(internal=True, span=Span(first=opened, last=opened), cuts=(Cut.POLICY,))
    assert on_the_day.tables[Cut.POLICY].total.figures["eligible"] == 60 * len(STORIES)
    before = worked.report(internal=True, span=Span(first=DAY, last=DAY), cuts=tuple(Cut))
    for table in before.tables.values():
        assert table.rows == ()
        assert table.total.figures["eligible"] == 0
    assert before.stages == []


@pytest.mark.parametrize(
    "span", [Span(first=date(2025, 5, 2), last=date(2025, 5, 1)), Span(first=date(2026, 1, 1), last=date(2026, 12, 31))]
)
def test_days_that_are_none_or_to_come_are_refused(worked: Worked, span: Span) -> None:
    with pytest.raises(WrongSpan):
        worked.report(span=span)


def test_a_benefit_that_was_opened_again_counts_once(worked: Worked) -> None:
    before = worked.report(internal=True, cuts=(Cut.POLICY,)).tables[Cut.POLICY].total.figures
    again = worked.world.again([firm(number, premium=3000) for number in range(1, 61)])
    opened = open_world(again).cases
    after = worked.report(internal=True, cuts=(Cut.POLICY,)).tables[Cut.POLICY].total.figures
    assert opened > 0
    assert after["eligible"] == before["eligible"]
    assert after["under_way"] == (before["under_way"] or 0) + opened


class Interrupted(Session):
    """A conversation with the database during which cases move on, right after they were collected."""

    def __init__(self, connection: Connection, url: str) -> None:
        super().__init__(connection)
        self._url = url

    def run(self, name: str, /, **parameters: object) -> None:
        """Run a query for its effect."""
        super().run(name, **parameters)
        if name == "fill_report_case":
            with app_connection(self._url) as other:
                other.execute(
                    "INSERT INTO case_event (case_id, seq, event, before, after, at, by)"
                    " SELECT case_id, seq + 1, 'confirm', 'notified', 'confirmed', '2025-12-01', 'firm' FROM case_state"
                    "  WHERE status = 'notified' AND route <> 'inform'"
                )


def test_a_case_that_moves_on_meanwhile_counts_as_it_was_collected(worked: Worked) -> None:
    before = worked.report(internal=True, cuts=(Cut.POLICY,)).tables[Cut.POLICY].total.figures
    with app_connection(worked.url) as connection:
        reports = ReportStore(Interrupted(connection, worked.url))
        reports.collect(YEAR, worked.world.clock.now())
        table = figure_tables({Cut.POLICY: reports.counts(Cut.POLICY)}, internal=True)[Cut.POLICY]
    assert before["unanswered"]
    assert {name: table.total.figures[name] for name in ("unanswered", "confirmed", "asked")} == {
        name: before[name] for name in ("unanswered", "confirmed", "asked")
    }
    after = worked.report(internal=True, cuts=(Cut.POLICY,)).tables[Cut.POLICY].total.figures
    assert (after["confirmed"] or 0) > (before["confirmed"] or 0)


class ManySweeps(ReportStore):
    """A store whose cases come from more sweeps than a report reads."""

    def sweeps(self) -> Sequence[ReportSweep]:
        """Return the one sweep again and again."""
        return list(super().sweeps()) * (MOST_SWEEPS + 1)


def test_more_sweeps_than_are_read_are_refused(worked: Worked) -> None:
    with app_connection(worked.url) as connection:
        reports = ManySweeps(Session(connection))
        reports.collect(YEAR, worked.world.clock.now())
        with pytest.raises(TooManySweeps, match="report fewer days"):
            keep_groups(reports, firm_facts(worked.world, worked.folder))
