"""督办单: issued to a department with a ground and a last day, answered by its people, accepted or sent back.

Guarantees that everybody who answers for the department is told in the transaction of the order itself, and that an
order and each of its steps stay as they were written. Who may do what is `supervision.orders`, which the database
checks again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from policy_match.cases.model import NoticeKind
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.notices.fields import NewNotice
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.duties import the_unit
from policy_match.services.roles import staff
from policy_match.supervision.defects import NobodyOnDuty, NoSuchOrder
from policy_match.supervision.orders import (
    KeptOrderEvent,
    NewOrder,
    OrderEvent,
    OrderStatus,
    OrderStep,
    OrderToAct,
    check_days,
    check_new,
    take_step,
)
from policy_match.supervision.stages import STAGES, Stage
from policy_match.values import PolicyId

MOST_LISTED = 10_000
MOST_DUTIES = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderFile:
    """Everything about one order."""

    order: OrderToAct
    cases: Sequence[int]
    events: Sequence[KeptOrderEvent]


def issue_order(
    database: Database,
    calendar: WorkingDays,
    clock: Clock,
    *,
    unit: str,
    ground: str,
    days: int,
    by: str,
    stage: Stage | None = None,
    policy: PolicyId | None = None,
    cases: Sequence[int] = (),
) -> OrderToAct:
    """Issue an order that is to be answered within so many working days, and tell all who answer for the unit.

    Raises `NotAUnit`, `NotAPerson`, `OrderSaysNothing`, `NobodyOnDuty`, `NoSuchCase` or `WorkingDaysUnknown`.
    """
    unit, by = the_unit(unit), staff(by, "order to act")
    check_days(days)
    now = clock.now()
    order = NewOrder(
        unit=unit,
        stage=stage,
        policy_id=policy,
        cases=tuple(sorted(set(cases))),
        ground=_one_line(ground),
        due=calendar.add_working_days(china_day(now), days),
        at=now,
        by=by,
    )
    check_new(order)
    with database.unit_of_work() as work:
        people = sorted(_answer_for(work, unit) - {by})
        if not people:
            raise NobodyOnDuty(unit=unit)
        number, there = work.supervision.orders.issue(order)
        if there < len(order.cases):
            known = work.supervision.orders.cases_of(number)
            raise NoSuchCase(case_id=min(set(order.cases) - set(known)))
        issued = _found(work, number)
        _tell(work, issued, people, f"{_about(issued)}:{issued.ground}")
        work.commit()
    return issued


def answer_order(database: Database, clock: Clock, order_id: int, *, text: str, by: str) -> OrderToAct:
    """Keep the department's answer; it waits for the issuer.

    Raises `NoSuchOrder`, `WrongOrderStep`, `OwnOrder`, `NotOfTheUnit` or `OrderSaysNothing`.
    """
    event = OrderEvent(
        step=OrderStep.ANSWER, text=text.strip(), due=None, at=clock.now(), by=staff(by, "answer to an order to act")
    )
    with database.unit_of_work() as work:
        return _take(work, order_id, event)


def accept_answer(database: Database, clock: Clock, order_id: int, *, text: str, by: str) -> OrderToAct:
    """Accept the answer; the order is done. Raises `NoSuchOrder`, `WrongOrderStep` or `NotTheIssuer`."""
    event = OrderEvent(step=OrderStep.ACCEPT, text=text.strip(), due=None, at=clock.now(), by=staff(by, "order to act"))
    with database.unit_of_work() as work:
        return _take(work, order_id, event)


def send_back(
    database: Database, calendar: WorkingDays, clock: Clock, order_id: int, *, text: str, days: int, by: str
) -> OrderToAct:
    """Send the answer back: another is due within so many working days, and all who answer for the unit are told.

    Raises `NoSuchOrder`, `WrongOrderStep`, `NotTheIssuer`, `OrderSaysNothing` or `WorkingDaysUnknown`.
    """
    check_days(days)
    now = clock.now()
    event = OrderEvent(
        step=OrderStep.SEND_BACK,
        text=_one_line(text),
        due=calendar.add_working_days(china_day(now), days),
        at=now,
        by=staff(by, "order to act"),
    )
    with database.unit_of_work() as work:
        return _take(work, order_id, event)


def list_orders(
    database: Database,
    clock: Clock,
    *,
    unit: str | None = None,
    units: Collection[str] | None = None,
    only_open: bool = False,
    overdue: bool = False,
    after: int = 0,
    most: int = 100,
) -> Sequence[OrderToAct]:
    """Return a page of orders by number after a given one: of one unit, of some, or of all.

    The overdue wait for an answer since before today.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} orders"
    with database.unit_of_work() as work:
        return work.supervision.orders.orders(
            unit=unit,
            units=units,
            only_open=only_open,
            due_before=china_day(clock.now()) if overdue else None,
            after=after,
            most=most,
        )


def show_order(database: Database, order_id: int) -> OrderFile:
    """Return everything about one order. Raises `NoSuchOrder`."""
    with database.unit_of_work() as work:
        order = _found(work, order_id)
        return OrderFile(
            order=order,
            cases=work.supervision.orders.cases_of(order_id),
            events=work.supervision.orders.events_of(order_id),
        )


def _take(work: UnitOfWork, order_id: int, event: OrderEvent) -> OrderToAct:
    """Take a step, tell the department of what was sent back, and commit."""
    work.supervision.orders.claim(order_id)
    order = _found(work, order_id)
    people = _answer_for(work, order.unit)
    after = take_step(order, event, people)
    work.supervision.orders.take_step(order, event, after)
    moved = _found(work, order_id)
    if after is OrderStatus.SENT_BACK:
        _tell(work, moved, sorted(people - {event.by}), f"{_about(moved)}:{event.text}")
    work.commit()
    return moved


def _tell(work: UnitOfWork, order: OrderToAct, people: Sequence[str], subject: str) -> None:
    about = f"order:{order.order_id}" if order.seq == 0 else f"order:{order.order_id}:{order.seq}"
    notices = [
        NewNotice(
            recipient=person,
            kind=NoticeKind.ORDER_TO_ACT,
            about=about,
            fields={
                "order": order.order_id,
                "department": order.unit,
                "subject": subject,
                "given_by": order.issued_by,
                "given_on": china_day(order.since),
                "due": order.due,
            },
        )
        for person in people
    ]
    work.notices.add(notices, order.since)


def _about(order: OrderToAct) -> str:
    """Return what an order is about, in the words that people use; the same in both languages."""
    parts = [] if order.stage is None else [f"{STAGES[order.stage].words.zh} {order.stage}"]
    if order.policy_id is not None:
        parts.append(order.policy_id)
    if order.cases:
        parts.append(f"{order.cases} 个事项 / cases")
    return " · ".join(parts)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _answer_for(work: UnitOfWork, unit: str) -> frozenset[str]:
    return frozenset(duty.person for duty in work.supervision.duties.held(unit=unit, most=MOST_DUTIES))


def _found(work: UnitOfWork, order_id: int) -> OrderToAct:
    order = work.supervision.orders.order(order_id)
    if order is None:
        raise NoSuchOrder(order_id=order_id)
    return order
