"""What a firm may do with its case is exactly what `apply` lets pass."""

from datetime import date, timedelta

import pytest

from policy_match.cases.apply import UNTIL_DEADLINE, apply, open_to_firm
from policy_match.cases.defects import CaseRefused
from policy_match.cases.model import Case, Event, Route, Status
from tests.unit.cases.examples import DEADLINE, a_case, an_event, at


def passes(case: Case, event: Event, day: date) -> bool:
    try:
        apply(case, an_event(case, event, day))
    except CaseRefused:
        return False
    return True


@pytest.mark.parametrize("day", [DEADLINE, DEADLINE + timedelta(days=1)], ids=["last day", "day after"])
@pytest.mark.parametrize("route", Route)
def test_what_is_open_to_a_firm_is_what_its_step_would_pass(route: Route, day: date) -> None:
    for status in Status:
        case = a_case(route, status)
        found = open_to_firm(route, status, case.deadline, at(day))
        assert set(found) == {event for event in UNTIL_DEADLINE if passes(case, event, day)}, status
