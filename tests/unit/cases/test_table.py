"""Every route, status and event: the step that the independent ways expect, or a refusal."""

from itertools import product

import pytest

from policy_match.cases.apply import apply
from policy_match.cases.defects import WrongStep
from policy_match.cases.model import DEAD, Event, Route, Status
from policy_match.cases.transitions import TRANSITIONS, possible
from tests.unit.cases.examples import a_case, an_event, ready
from tests.unit.cases.expected_paths import EXPECTED, PATHS, expected_steps


def test_the_expected_ways_contradict_each_other_nowhere() -> None:
    for route in PATHS:
        steps = set(expected_steps(route))
        assert len({(before, event) for before, event, _ in steps}) == len(steps)


def test_the_table_is_exactly_the_expected_ways() -> None:
    table = {(str(t.route), str(t.before), str(t.event)): str(t.after) for t in TRANSITIONS}
    assert table == EXPECTED


@pytest.mark.parametrize(("route", "status"), list(product(Route, Status)))
def test_every_event_gives_the_expected_status_or_is_refused(route: Route, status: Status) -> None:
    for event in Event:
        case, happening = ready(route, status, event)
        expected = EXPECTED.get((route.value, status.value, event.value))
        if expected is None:
            with pytest.raises(WrongStep) as refused:
                apply(case, happening)
            assert refused.value.code == "case.step"
            assert event.value in str(refused.value)
        else:
            after, _ = apply(case, happening)
            assert (after.status, after.seq) == (expected, case.seq + 1)


def test_a_refusal_names_the_status_the_event_and_what_is_possible() -> None:
    case = a_case(Route.CONFIRM, Status.PAID)
    with pytest.raises(WrongStep) as refused:
        apply(case, an_event(case, Event.CONFIRM))
    assert str(refused.value) == "case 7 is paid: confirm is not possible; possible: bounce, close, claim_back"
    assert refused.value.message("zh") == "事项 7 当前为“已支付”，不能办理“确认”；可以：退票、办结、要求退还"


def test_a_refusal_where_nothing_is_possible_says_so() -> None:
    case = a_case(Route.INFORM, Status.CLOSED)
    with pytest.raises(WrongStep, match="possible: -"):
        apply(case, an_event(case, Event.CLOSE))


@pytest.mark.parametrize("route", Route)
def test_only_reconsidering_leads_out_of_a_dead_status(route: Route) -> None:
    assert {event for status in DEAD for event in possible(route, status)} <= {Event.RECONSIDER}


@pytest.mark.parametrize("route", [Route.INFORM, Route.CONTRACT])
def test_no_money_is_ordered_where_it_may_not_be_paid(route: Route) -> None:
    money = {Status.ORDERED, Status.PAID, Status.RETURNED, Status.RECOVERING, Status.RECOVERED}
    assert not money & {t.after for t in TRANSITIONS if t.route is route}


@pytest.mark.parametrize("route", Route)
def test_every_status_of_a_route_is_reached_from_matched_and_leads_to_an_end(route: Route) -> None:
    edges = {(t.before, t.after) for t in TRANSITIONS if t.route is route}
    reached, grown = {Status.MATCHED}, set[Status]()
    while grown != reached:
        grown = set(reached)
        reached |= {after for before, after in edges if before in reached}
    assert {before for before, _ in edges} <= reached
    assert {Status.CLOSED, Status.WITHDRAWN} <= reached
