"""督办单: an order to act, from a named person to a department, and its one table of steps.

Guarantees that only somebody of the department answers, never who issued it, and that only the issuer accepts the
answer or sends it back. Who answers for a department is `escalation.Duty`; keeping orders is `storage`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from policy_match.cases.words import Words
from policy_match.supervision.defects import NotOfTheUnit, NotTheIssuer, OrderSaysNothing, OwnOrder, WrongOrderStep
from policy_match.supervision.stages import Stage
from policy_match.values import PolicyId

MOST_NAMED_CASES = 1_000
"""How many cases one order names at most; more are meant by a stage or a policy."""

MOST_ORDER_DAYS = 60
"""The latest an order may be due, in working days."""

MOST_LETTERS = 800
"""The longest ground or answer: a notice says it on one line, with what it is about."""


class OrderStatus(StrEnum):
    """Where an order to act stands."""

    ISSUED = "issued"
    ANSWERED = "answered"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"


class OrderStep(StrEnum):
    """What happens to an order to act."""

    ANSWER = "answer"
    ACCEPT = "accept"
    SEND_BACK = "send_back"


WAITS_FOR_THE_UNIT = frozenset({OrderStatus.ISSUED, OrderStatus.SENT_BACK})
"""Overdue after its last day; an answered order waits for its issuer."""

ORDER_AFTER: Mapping[tuple[OrderStatus, OrderStep], OrderStatus] = {
    (OrderStatus.ISSUED, OrderStep.ANSWER): OrderStatus.ANSWERED,
    (OrderStatus.SENT_BACK, OrderStep.ANSWER): OrderStatus.ANSWERED,
    (OrderStatus.ANSWERED, OrderStep.ACCEPT): OrderStatus.ACCEPTED,
    (OrderStatus.ANSWERED, OrderStep.SEND_BACK): OrderStatus.SENT_BACK,
}
"""All steps of an order to act."""

ORDER_STEP_WORDS: Mapping[OrderStep, Words] = {
    OrderStep.ANSWER: Words("答复", "answer"),
    OrderStep.ACCEPT: Words("认定办结", "accept"),
    OrderStep.SEND_BACK: Words("退回重办", "send back"),
}

ORDER_STATUS_WORDS: Mapping[OrderStatus, Words] = {
    OrderStatus.ISSUED: Words("待答复", "waits for an answer"),
    OrderStatus.ANSWERED: Words("已答复，待签发人认定", "answered, waits for its issuer"),
    OrderStatus.SENT_BACK: Words("已退回，待重新答复", "sent back, waits for another answer"),
    OrderStatus.ACCEPTED: Words("已办结", "accepted"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOrder:
    """An order to be issued: to whom, about a stage, a policy or cases (at least one), why, and until when."""

    unit: str
    stage: Stage | None
    policy_id: PolicyId | None
    cases: tuple[int, ...]
    ground: str
    due: date
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderToAct:
    """An order as it stands; `due` is the last day of the answer that it waits for, or waited for last."""

    order_id: int
    unit: str
    stage: Stage | None
    policy_id: PolicyId | None
    cases: int
    ground: str
    issued_at: datetime
    issued_by: str
    status: OrderStatus
    seq: int
    due: date
    since: datetime

    def is_overdue(self, today: date) -> bool:
        """Return whether the department should have answered before `today`."""
        return self.status in WAITS_FOR_THE_UNIT and self.due < today


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderEvent:
    """One step of an order: an answer with its text, an acceptance, a return with its reason and the new last day."""

    step: OrderStep
    text: str
    due: date | None
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptOrderEvent:
    """A step as it is kept."""

    seq: int
    event: OrderEvent
    after: OrderStatus


def check_new(order: NewOrder) -> None:
    """Check that an order says what it is about and why. Raises `OrderSaysNothing`."""
    if order.stage is None and order.policy_id is None and not order.cases:
        raise OrderSaysNothing(
            detail="name a stage, a policy or cases that it is about", detail_zh="请写明环节、政策或事项编号"
        )
    if len(order.cases) > MOST_NAMED_CASES:
        raise OrderSaysNothing(
            detail=f"it names more than {MOST_NAMED_CASES} cases; name their stage or policy instead",
            detail_zh=f"所列事项超过 {MOST_NAMED_CASES} 个；请改为写明环节或政策",
        )
    check_text(order.ground)


def check_text(text: str) -> None:
    """Check that a ground, an answer or a reason is there. Raises `OrderSaysNothing`."""
    if not 0 < len(text.strip()) <= MOST_LETTERS:
        raise OrderSaysNothing(
            detail=f"give a ground, an answer or a reason of at most {MOST_LETTERS} characters",
            detail_zh=f"请写明理由、答复或意见，不超过 {MOST_LETTERS} 个字符",
        )


def check_days(days: int) -> None:
    """Check a number of working days until an answer is due. Raises `OrderSaysNothing`."""
    if not 0 < days <= MOST_ORDER_DAYS:
        raise OrderSaysNothing(
            detail=f"it is due in 1 to {MOST_ORDER_DAYS} working days, not in {days}",
            detail_zh=f"期限应为 1 至 {MOST_ORDER_DAYS} 个工作日，而不是 {days}",
        )


def take_step(order: OrderToAct, event: OrderEvent, answer_for_unit: Collection[str]) -> OrderStatus:
    """Return where the order stands after the step. `answer_for_unit` are those who hold a duty of its unit now.

    Raises `WrongOrderStep`, `OwnOrder`, `NotOfTheUnit`, `NotTheIssuer` or `OrderSaysNothing`.
    """
    after = ORDER_AFTER.get((order.status, event.step))
    if after is None:
        possible = [step for status, step in ORDER_AFTER if status is order.status]
        raise WrongOrderStep(
            order_id=order.order_id, status=order.status, step=event.step, possible=", ".join(possible) or "-"
        )
    check_text(event.text)
    if event.step is OrderStep.ANSWER:
        if event.by == order.issued_by:
            raise OwnOrder(order_id=order.order_id, person=event.by, unit=order.unit)
        if event.by not in answer_for_unit:
            raise NotOfTheUnit(person=event.by, unit=order.unit)
    elif event.by != order.issued_by:
        raise NotTheIssuer(order_id=order.order_id, issuer=order.issued_by, step=event.step, person=event.by)
    assert (event.due is not None) == (event.step is OrderStep.SEND_BACK), "only what is sent back is due again"
    return after
