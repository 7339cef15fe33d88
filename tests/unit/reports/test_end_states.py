"""Every case is in exactly one end state, whatever its route and status."""

from itertools import product

import pytest

from policy_match.cases.model import DEAD, Route, Status
from policy_match.cases.transitions import TRANSITIONS
from policy_match.reports.counts import COUNTS, PLACES, RELATIONS, vector_of
from policy_match.reports.model import EndState, end_state
from tests.unit.reports.profiles import CLAIMED_BACK, DECLINED, PAID, UNDER_WAY, WAIVED, WITHDRAWN

REACHABLE = sorted({(step.route, status) for step in TRANSITIONS for status in (step.before, step.after)})
FLAGS = [
    dict(zip(("amount_zero", "display_over", "owed"), each, strict=True)) for each in product((False, True), repeat=3)
]


@pytest.mark.parametrize(("route", "status"), REACHABLE)
def test_every_case_is_in_an_end_state(route: Route, status: Status) -> None:
    found = {end_state(route, status, **flags) for flags in FLAGS}
    if status in DEAD:
        assert found == {EndState(status.value)}
    assert found <= set(EndState)


@pytest.mark.parametrize(
    ("route", "status", "flags", "expected"),
    [
        (Route.DIRECT, Status.PAID, {"owed": True}, EndState.PAID),
        (Route.DIRECT, Status.CLOSED, {"owed": True}, EndState.PAID),
        (Route.DIRECT, Status.CLOSED, {"owed": True, "amount_zero": True}, EndState.GIVEN_UP),
        (Route.DIRECT, Status.RECOVERED, {"owed": True}, EndState.CLAIMED_BACK),
        (Route.DIRECT, Status.RETURNED, {"owed": True}, EndState.UNDER_WAY),
        (Route.DIRECT, Status.APPROVED, {"amount_zero": True, "display_over": True}, EndState.GRANTED),
        (Route.DIRECT, Status.APPROVED, {"amount_zero": True}, EndState.UNDER_WAY),
        (Route.DIRECT, Status.APPROVED, {"owed": True, "display_over": True}, EndState.UNDER_WAY),
        (Route.CONTRACT, Status.CLOSED, {}, EndState.GRANTED),
        (Route.CONTRACT, Status.CONTRACTED, {}, EndState.UNDER_WAY),
        (Route.INFORM, Status.NOTIFIED, {}, EndState.TOLD),
        (Route.INFORM, Status.CLOSED, {"amount_zero": True}, EndState.TOLD),
        (Route.INFORM, Status.MATCHED, {}, EndState.UNDER_WAY),
    ],
)
def test_the_end_state_says_what_became_of_it(
    route: Route, status: Status, flags: dict[str, bool], expected: EndState
) -> None:
    known = {"amount_zero": False, "display_over": False, "owed": False, **flags}
    assert end_state(route, status, **known) is expected


@pytest.mark.parametrize("case", [PAID, DECLINED, WAIVED, UNDER_WAY, WITHDRAWN, CLAIMED_BACK])
def test_a_total_counts_a_case_as_often_as_its_parts(case: object) -> None:
    vector = vector_of(case)  # type: ignore[arg-type]
    for whole, parts in RELATIONS.items():
        assert vector[PLACES[whole]] == sum(vector[PLACES[part]] for part in parts), whole


def test_every_figure_has_a_name_of_its_own_and_words_in_both_languages() -> None:
    names = [count.name for count in COUNTS]
    assert len(set(names)) == len(names)
    for count in COUNTS:
        assert count.words.zh and count.words.en
        assert count.meaning.zh and count.meaning.en
