"""Tables of figures: they add up, and what rests on a hidden count is hidden with it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.model import Route
from policy_match.notices.model import DeliveryStatus
from policy_match.reports.figure_kinds import Unit
from policy_match.reports.figures import AMOUNTS, FIGURES, SHARES
from policy_match.reports.model import Answer, Cut
from policy_match.reports.notice_figures import DELIVERY_COUNTS
from policy_match.reports.tables import Tally, figure_tables, tally_table
from tests.unit.reports.profiles import (
    CLAIMED_BACK,
    DECLINED,
    PAID,
    UNDER_WAY,
    WAIVED,
    WITHDRAWN,
    bundle,
    counts,
    every_cut,
)

MANY = (
    bundle("a", PAID, 60),
    bundle("a", DECLINED, 10),
    bundle("a", WAIVED, 10),
    bundle("a", UNDER_WAY, 20),
    bundle("b", PAID, 30),
    bundle("b", DECLINED, 10),
    bundle("b", WAIVED, 10),
)


def test_figures_are_what_was_counted() -> None:
    (first, second), total = (
        (table := figure_tables(every_cut(*MANY), internal=False)[Cut.POLICY]).rows,
        table.total,
    )
    assert (first.group, first.figures["eligible"], first.figures["paid"]) == ("a", 100, 60)
    assert first.figures["coverage"] == Fraction(3, 5)
    assert first.figures["confirm_rate"] == Fraction(60, 80)
    assert second.figures["silence_rate"] == Fraction(1, 5)
    assert total.figures["owed_fen"] == 150 * 1000
    assert total.figures["paid_fen"] == 90 * 1000
    assert total.figures["reason_not_stated"] == 20
    assert total.figures["median_days"] == 10
    assert not total.hidden


def test_every_figure_of_the_table_is_there() -> None:
    table = figure_tables({Cut.SIZE: counts(*MANY)}, internal=True)[Cut.SIZE]
    assert {figure.name for figure in FIGURES} == set(table.total.figures)


def test_the_rates_of_answers_and_silence_add_up_to_one() -> None:
    table = figure_tables(every_cut(*MANY), internal=False)[Cut.POLICY]
    for row in (*table.rows, table.total):
        rates = [row.figures[name] for name in ("confirm_rate", "decline_rate", "silence_rate")]
        assert sum(rate for rate in rates if rate is not None) == 1


def test_a_share_of_nothing_is_not_there() -> None:
    table = figure_tables(every_cut(bundle("a", UNDER_WAY, 10)), internal=False)[Cut.POLICY]
    assert table.total.figures["confirm_rate"] is None
    assert "confirm_rate" not in table.total.hidden


def test_what_rests_on_a_hidden_count_is_hidden() -> None:
    few = (*MANY, bundle("a", CLAIMED_BACK, 2), bundle("b", CLAIMED_BACK, 5))
    table = figure_tables(every_cut(*few), internal=False)[Cut.POLICY]
    first = table.rows[0]
    assert {"claimed_back", "claimed_back_fen", "corrected", "error_rate"} <= first.hidden
    assert first.figures["claimed_back"] is None
    for share in SHARES:
        if not first.hidden.isdisjoint((*share.numerator, *share.denominator)):
            assert share.name in first.hidden
    for amount in AMOUNTS:
        if amount.beside in first.hidden:
            assert amount.name in first.hidden


def test_an_internal_table_hides_nothing() -> None:
    few = (*MANY, bundle("a", CLAIMED_BACK, 1))
    table = figure_tables({Cut.POLICY: counts(*few)}, internal=True)[Cut.POLICY]
    assert not any(row.hidden for row in (*table.rows, table.total))
    assert table.rows[0].figures["claimed_back"] == 1


def test_one_cut_alone_is_never_published() -> None:
    with pytest.raises(AssertionError, match="every cut"):
        figure_tables({Cut.POLICY: counts(*MANY)}, internal=False)


def test_what_is_hidden_of_one_cut_does_not_depend_on_which_is_shown() -> None:
    few = every_cut(*MANY, bundle("a", WITHDRAWN, 1))
    tables = figure_tables(few, internal=False)
    assert tables[Cut.SIZE].total.hidden == tables[Cut.POLICY].total.hidden
    assert "withdrawn" in tables[Cut.SIZE].total.hidden


def test_days_of_fewer_than_three_paid_firms_are_hidden() -> None:
    table = figure_tables(every_cut(*MANY, bundle("c", PAID, 2), bundle("c", DECLINED, 9)), internal=False)[Cut.POLICY]
    assert {"median_days", "slow_days", "paid", "paid_fen"} <= table.rows[2].hidden


def test_a_policy_that_asks_is_not_mistaken_for_one_that_does_not() -> None:
    unasked = replace(PAID, route=Route.DIRECT, answer=Answer.NOT_ASKED)
    cases = (bundle("a", unasked, 50), bundle("b", PAID, 50), bundle("b", DECLINED, 2), bundle("c", DECLINED, 30))
    table = figure_tables(every_cut(*cases), internal=False)[Cut.POLICY]
    assert "declined" in table.rows[1].hidden
    assert not table.rows[0].hidden


def test_decline_reasons_are_parts_of_what_was_declined() -> None:
    reasons = [bundle("a", replace(DECLINED, reason=reason), 4) for reason in DeclineReason]
    table = figure_tables(every_cut(*MANY, *reasons), internal=False)[Cut.POLICY]
    first = table.rows[0].figures
    assert first["declined"] == 30
    assert first["reason_too_small"] == 4
    assert first["reason_not_stated"] == 10


def test_deliveries_are_in_one_status_each() -> None:
    parts = ("handed_over", "failed", "unknown", "cancelled", "on_the_way")
    for status in DeliveryStatus:
        named = {count.name for count in DELIVERY_COUNTS if status in count.statuses}
        assert "deliveries" in named
        assert len(named & set(parts)) == 1


def test_small_tallies_are_hidden_and_cannot_be_computed() -> None:
    def tally(group: str, column: str, number: int) -> Tally:
        firms = frozenset(f"{group}{column}{each}" for each in range(min(number, 3)))
        return Tally(group=group, columns=frozenset({"all", column}), number=number, firms=firms)

    tallies = [tally("x", "one", 50), tally("x", "two", 1), tally("y", "one", 40), tally("y", "two", 30)]
    table = tally_table(tallies, ("all", "one", "two"), internal=False)
    assert table.rows[0].hidden == table.rows[1].hidden == {"one", "two"}
    assert table.total.figures == {"all": 121, "one": 90, "two": 31}
    assert tally_table(tallies, ("all", "one", "two"), internal=True).rows[0].figures["two"] == 1


def test_figures_in_fen_are_those_of_money() -> None:
    assert {figure.name for figure in FIGURES if figure.unit is Unit.FEN} == {amount.name for amount in AMOUNTS}


def test_too_few_firms_that_were_not_paid_are_not_told_either() -> None:
    table = figure_tables(
        every_cut(bundle("a", PAID, 50), bundle("b", PAID, 50), bundle("b", UNDER_WAY, 2)), internal=False
    )
    alone, rest = table[Cut.POLICY].rows
    assert {"paid_firms", "firm_coverage"} <= rest.hidden
    assert alone.figures["firm_coverage"] == 1


@pytest.mark.parametrize(("cut", "both"), [(Cut.DISTRICT, True), (Cut.POLICY, False)])
def test_where_firms_add_up_no_number_of_them_is_hidden_alone(cut: Cut, both: bool) -> None:
    many = (bundle("a", PAID, 50), bundle("a", UNDER_WAY, 50), bundle("b", PAID, 40), bundle("b", UNDER_WAY, 40))
    cuts = {**every_cut(*many), cut: counts(*many)}
    if cut is not Cut.POLICY:
        cuts[Cut.POLICY] = counts(*(replace(each, group="a") for each in many))
    (found,) = (each for each in cuts[cut].times if each.group == "b")
    times = [replace(each, paid_firms=79) if each is found else each for each in cuts[cut].times]
    rows = figure_tables({**cuts, cut: replace(cuts[cut], times=times)}, internal=False)[cut].rows
    assert ["paid_firms" in row.hidden for row in rows] == [both, True]
