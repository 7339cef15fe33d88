"""Which route a policy's cases take, and which period they belong to."""

from datetime import date, timedelta
from itertools import product

import pytest

from policy_match.cases.model import Event, Route
from policy_match.cases.period import period_of
from policy_match.cases.routes import event_of_silence, route_of
from policy_match.policy.model import Benefit, Delivery, Rhythm, Silence
from tests.unit.cases.examples import a_policy


@pytest.mark.parametrize(
    ("delivery", "route"),
    [
        (Delivery.DIRECT, Route.DIRECT),
        (Delivery.BANK, Route.DIRECT),
        (Delivery.BILL_OFFSET, Route.DIRECT),
        (Delivery.CONFIRM, Route.CONFIRM),
        (Delivery.LIST_THEN_COLLECT, Route.LIST_THEN_COLLECT),
        (Delivery.SELF_DECLARE, Route.INFORM),
        (Delivery.APPLY, Route.INFORM),
        (Delivery.NONE, Route.INFORM),
    ],
)
def test_a_grant_takes_the_route_of_its_delivery(delivery: Delivery, route: Route) -> None:
    assert route_of(a_policy(Benefit.GRANT, delivery)) is route


@pytest.mark.parametrize(("benefit", "delivery", "grade"), list(product(Benefit, Delivery, "BC")))
def test_below_grade_a_nothing_is_ever_paid(benefit: Benefit, delivery: Delivery, grade: str) -> None:
    assert route_of(a_policy(benefit, delivery, grade)) is Route.INFORM


@pytest.mark.parametrize("delivery", Delivery)
def test_a_reminder_only_informs(delivery: Delivery) -> None:
    assert route_of(a_policy(Benefit.REMINDER, delivery)) is Route.INFORM


@pytest.mark.parametrize("delivery", Delivery)
def test_equity_is_never_paid_without_a_contract(delivery: Delivery) -> None:
    informs = delivery in (Delivery.SELF_DECLARE, Delivery.APPLY, Delivery.NONE)
    assert route_of(a_policy(Benefit.EQUITY, delivery)) is (Route.INFORM if informs else Route.CONTRACT)


@pytest.mark.parametrize(("route", "silence"), list(product(Route, Silence)))
def test_silence_accepts_only_on_the_confirm_route_and_when_the_policy_says_so(route: Route, silence: Silence) -> None:
    accepts = (route, silence) == (Route.CONFIRM, Silence.ACCEPTED)
    assert event_of_silence(route, silence) is (Event.ACCEPT_SILENCE if accepts else Event.LAPSE)


@pytest.mark.parametrize(
    ("rhythm", "day", "period"),
    [
        (Rhythm.ONCE, date(2025, 6, 30), "once"),
        (Rhythm.EVENT, date(2025, 6, 30), "event"),
        (Rhythm.YEAR, date(2025, 6, 30), "2025"),
        (Rhythm.HALF_YEAR, date(2025, 6, 30), "2025-H1"),
        (Rhythm.HALF_YEAR, date(2025, 7, 1), "2025-H2"),
        (Rhythm.QUARTER, date(2025, 3, 31), "2025-Q1"),
        (Rhythm.QUARTER, date(2025, 4, 1), "2025-Q2"),
        (Rhythm.QUARTER, date(2025, 12, 31), "2025-Q4"),
        (Rhythm.MONTH, date(2025, 6, 30), "2025-06"),
    ],
)
def test_the_period_is_that_of_the_day(rhythm: Rhythm, day: date, period: str) -> None:
    assert period_of(rhythm, Benefit.GRANT, day) == period


@pytest.mark.parametrize(
    ("rhythm", "period"), [(Rhythm.EVENT, "2025-06"), (Rhythm.YEAR, "2025"), (Rhythm.ONCE, "once")]
)
def test_a_reminder_of_an_event_may_come_every_month(rhythm: Rhythm, period: str) -> None:
    assert period_of(rhythm, Benefit.REMINDER, date(2025, 6, 30)) == period


@pytest.mark.parametrize(
    ("rhythm", "count"), [(Rhythm.YEAR, 1), (Rhythm.HALF_YEAR, 2), (Rhythm.QUARTER, 4), (Rhythm.MONTH, 12)]
)
def test_a_year_has_so_many_periods(rhythm: Rhythm, count: int) -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    periods = [period_of(rhythm, Benefit.GRANT, day) for day in days]
    assert len(set(periods)) == count
    assert periods == sorted(periods)
