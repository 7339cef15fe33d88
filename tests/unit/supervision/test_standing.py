"""In which stage a case waits, and since when."""

from dataclasses import replace
from datetime import date

import pytest

from policy_match.cases.model import Route, Status
from policy_match.supervision.stages import Stage
from tests.support.standing import Standing, stage_on

SINCE, DUE, TODAY = date(2025, 7, 1), date(2025, 6, 30), date(2025, 7, 20)
CASE = Standing(route=Route.CONFIRM, status=Status.MATCHED, since=SINCE, due_from=DUE, amount_fen=100, publicity_days=0)


def found(**changes: object) -> tuple[Stage, date] | None:
    begun = stage_on(replace(CASE, **changes), TODAY)  # type: ignore[arg-type]
    return None if begun is None else (begun.stage, begun.started_on)


@pytest.mark.parametrize(
    ("deadline", "stage", "started_on"),
    [
        (date(2025, 7, 20), Stage.ANSWER, SINCE),
        (date(2025, 7, 21), Stage.ANSWER, SINCE),
        (date(2025, 7, 19), Stage.WINDOW_END, date(2025, 7, 19)),
    ],
)
def test_the_firms_window_is_the_firms_until_its_last_day_is_over(
    deadline: date, stage: Stage, started_on: date
) -> None:
    assert found(status=Status.NOTIFIED, deadline=deadline) == (stage, started_on)


@pytest.mark.parametrize(
    ("route", "then"),
    [
        (Route.DIRECT, Stage.ORDER),
        (Route.CONFIRM, Stage.ORDER),
        (Route.LIST_THEN_COLLECT, Stage.NOTIFY),
        (Route.CONTRACT, Stage.CONTRACT),
    ],
)
def test_after_the_display_the_route_says_what_is_next(route: Route, then: Stage) -> None:
    shown = {"route": route, "status": Status.PUBLISHED, "publicity_days": 5}
    assert found(**shown, deadline=TODAY) == (Stage.PUBLICITY, SINCE)
    assert found(**shown, deadline=date(2025, 7, 10)) == (then, date(2025, 7, 10))
    assert found(route=route, status=Status.APPROVED, publicity_days=5) == (Stage.PUBLISH, SINCE)
    assert found(route=route, status=Status.APPROVED) == (then, SINCE)


def test_approval_waits_for_the_budget_and_is_counted_from_its_grant() -> None:
    assert found(status=Status.REVIEWED) == (Stage.BUDGET, SINCE)
    assert found(status=Status.REVIEWED, granted_on=date(2025, 7, 9)) == (Stage.APPROVAL, date(2025, 7, 9))
    assert found(status=Status.REVIEWED, amount_fen=0) == (Stage.APPROVAL, SINCE)
    assert found(status=Status.REVIEWED, route=Route.CONTRACT) == (Stage.APPROVAL, SINCE)


def test_the_bank_is_counted_from_the_day_on_which_it_got_the_payment() -> None:
    assert found(status=Status.ORDERED) == (Stage.SEND, SINCE)
    assert found(status=Status.ORDERED, sent_on=date(2025, 7, 3)) == (Stage.BANK, date(2025, 7, 3))


def test_an_instalment_begins_to_wait_on_the_day_on_which_it_is_due() -> None:
    assert found(due_from=date(2026, 7, 1)) == (Stage.NOTIFY, date(2026, 7, 1))


@pytest.mark.parametrize("route", [Route.DIRECT, Route.CONFIRM, Route.LIST_THEN_COLLECT])
def test_a_title_is_done_once_it_is_approved_and_shown(route: Route) -> None:
    assert found(route=route, status=Status.APPROVED, amount_fen=0) is None
    shown = {"route": route, "status": Status.PUBLISHED, "publicity_days": 5, "amount_fen": 0}
    assert found(**shown, deadline=TODAY) == (Stage.PUBLICITY, SINCE)
    assert found(**shown, deadline=date(2025, 7, 10)) is None


def test_a_contract_of_no_amount_is_still_to_be_signed() -> None:
    assert found(route=Route.CONTRACT, status=Status.APPROVED, amount_fen=0) == (Stage.CONTRACT, SINCE)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DECLINED, Status.WAIVED, Status.WITHDRAWN, Status.RECOVERED])
def test_what_is_over_waits_for_nobody(status: Status) -> None:
    assert found(status=status) is None
