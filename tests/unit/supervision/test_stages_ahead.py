"""The way ahead of a case: what is still to come from where it stands."""

import pytest

from policy_match.cases.model import Route, Status
from policy_match.cases.transitions import TRANSITIONS
from policy_match.supervision.stages import Stage
from policy_match.supervision.stages_ahead import WAYS, stages_ahead


def ahead(route: Route, status: Status, *, amount_fen: int = 100, publicity_days: int = 5) -> list[str]:
    return [stage.value for stage in stages_ahead(route, status, amount_fen=amount_fen, publicity_days=publicity_days)]


@pytest.mark.parametrize(
    ("route", "status", "expected"),
    [
        (Route.DIRECT, Status.MATCHED, ["review", "approval", "publicity", "order", "bank"]),
        (Route.CONFIRM, Status.NOTIFIED, ["answer", "review", "approval", "publicity", "order", "bank"]),
        (Route.LIST_THEN_COLLECT, Status.PUBLISHED, ["notify", "answer", "order", "bank"]),
        (Route.CONTRACT, Status.APPROVED, ["publicity", "contract"]),
        (Route.INFORM, Status.MATCHED, ["notify"]),
        (Route.CONFIRM, Status.OBJECTED, ["order", "bank"]),
        (Route.DIRECT, Status.RETURNED, ["bank"]),
        (Route.DIRECT, Status.PAID, []),
        (Route.CONFIRM, Status.DECLINED, []),
    ],
)
def test_what_is_to_come_follows_from_where_a_case_stands(route: Route, status: Status, expected: list[str]) -> None:
    assert ahead(route, status) == expected


def test_a_title_is_shown_and_not_paid() -> None:
    assert ahead(Route.DIRECT, Status.MATCHED, amount_fen=0) == ["review", "approval", "publicity"]


def test_a_policy_without_publicity_shows_no_list() -> None:
    assert Stage.PUBLICITY not in ahead(Route.DIRECT, Status.MATCHED, publicity_days=0)


@pytest.mark.parametrize("route", Route)
def test_a_way_has_only_statuses_of_its_route(route: Route) -> None:
    reached = {step.after for step in TRANSITIONS if step.route is route}
    assert {status for status, _ in WAYS[route]} <= reached
