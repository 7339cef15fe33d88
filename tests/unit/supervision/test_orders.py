"""The state machine of orders to act: every status, step and person, and what an order must say."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from policy_match.errors import InputError
from policy_match.supervision.defects import NotOfTheUnit, NotTheIssuer, OrderSaysNothing, OwnOrder, WrongOrderStep
from policy_match.supervision.orders import (
    MOST_LETTERS,
    MOST_NAMED_CASES,
    MOST_ORDER_DAYS,
    ORDER_AFTER,
    NewOrder,
    OrderEvent,
    OrderStatus,
    OrderStep,
    OrderToAct,
    check_days,
    check_new,
    take_step,
)
from policy_match.supervision.stages import Stage

AT = datetime(2025, 7, 1, 1, tzinfo=UTC)
DUE = date(2025, 7, 4)
ISSUER, OFFICER, HEAD, STRANGER = "mayor", "zhao.lei", "sun.li", "qian.wu"
PEOPLE = (ISSUER, OFFICER, HEAD, STRANGER)
OF_THE_UNIT = frozenset({OFFICER, HEAD})
ORDER = OrderToAct(
    order_id=1,
    unit="财政部门",
    stage=Stage.ORDER,
    policy_id=None,
    cases=0,
    ground="红榜",
    issued_at=AT,
    issued_by=ISSUER,
    status=OrderStatus.ISSUED,
    seq=0,
    due=DUE,
    since=AT,
)
NEW = NewOrder(unit="财政部门", stage=Stage.ORDER, policy_id=None, cases=(), ground="红榜", due=DUE, at=AT, by=ISSUER)


def event(step: OrderStep, by: str, text: str = "示例") -> OrderEvent:
    return OrderEvent(step=step, text=text, due=DUE if step is OrderStep.SEND_BACK else None, at=AT, by=by)


def refusal(status: OrderStatus, step: OrderStep, by: str, unit: frozenset[str]) -> type[InputError] | None:
    """Return why a step is refused, said once more in other words than the program's."""
    if (status, step) not in ORDER_AFTER:
        return WrongOrderStep
    if step is not OrderStep.ANSWER:
        return None if by == ISSUER else NotTheIssuer
    if by == ISSUER:
        return OwnOrder
    return None if by in unit else NotOfTheUnit


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("step", OrderStep)
@pytest.mark.parametrize("by", PEOPLE)
@pytest.mark.parametrize("unit", [OF_THE_UNIT, frozenset(), frozenset({ISSUER}), frozenset(PEOPLE)])
def test_only_the_unit_answers_and_only_the_issuer_decides(
    status: OrderStatus, step: OrderStep, by: str, unit: frozenset[str]
) -> None:
    refused = refusal(status, step, by, unit)
    order = replace(ORDER, status=status)
    if refused is None:
        assert take_step(order, event(step, by), unit) is ORDER_AFTER[status, step]
    else:
        with pytest.raises(refused):
            take_step(order, event(step, by), unit)


@pytest.mark.parametrize("text", ["", "  ", "字" * (MOST_LETTERS + 1)])
def test_an_answer_says_something(text: str) -> None:
    with pytest.raises(OrderSaysNothing):
        take_step(ORDER, event(OrderStep.ANSWER, OFFICER, text), OF_THE_UNIT)


@pytest.mark.parametrize(
    "order",
    [
        replace(NEW, stage=None),
        replace(NEW, ground=" "),
        replace(NEW, ground="字" * (MOST_LETTERS + 1)),
        replace(NEW, cases=tuple(range(1, MOST_NAMED_CASES + 2))),
    ],
)
def test_an_order_says_what_it_is_about_and_why(order: NewOrder) -> None:
    with pytest.raises(OrderSaysNothing):
        check_new(order)


def test_an_order_may_be_about_cases_alone() -> None:
    check_new(replace(NEW, stage=None, cases=(7,)))


@pytest.mark.parametrize("days", [0, -1, MOST_ORDER_DAYS + 1])
def test_an_order_is_due_in_some_days(days: int) -> None:
    with pytest.raises(OrderSaysNothing):
        check_days(days)


@pytest.mark.parametrize("status", OrderStatus)
def test_only_what_waits_for_the_department_is_overdue_and_only_after_its_last_day(status: OrderStatus) -> None:
    waits = status in (OrderStatus.ISSUED, OrderStatus.SENT_BACK)
    assert not replace(ORDER, status=status).is_overdue(DUE)
    assert replace(ORDER, status=status).is_overdue(date(2025, 7, 5)) is waits


@pytest.mark.parametrize(
    "defect",
    [
        WrongOrderStep(order_id=1, status="issued", step="accept", possible="answer"),
        OwnOrder(order_id=1, person="a", unit="b"),
        NotOfTheUnit(person="a", unit="b"),
        NotTheIssuer(order_id=1, issuer="a", step="accept", person="b"),
        OrderSaysNothing(detail="x", detail_zh="y"),
    ],
)
def test_a_refusal_is_one_line_in_both_languages(defect: InputError) -> None:
    for language in ("zh", "en"):
        message = defect.message(language)
        assert message
        assert "{" not in message
        assert "\n" not in message
