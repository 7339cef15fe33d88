"""督办单: orders to act with their answers, and the duties of those who answer for a department.

Guarantees that who is limited to some departments issues and sees orders to those alone. Who answers an order, and who
accepts the answer, is the service's to say.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.defects import NotAPerson, WorkingDaysUnknown
from policy_match.services import duties, orders_to_act
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.orders_to_act import OrderFile
from policy_match.supervision.defects import (
    NobodyOnDuty,
    NoSuchOrder,
    NotALevel,
    NotAUnit,
    NotOfTheUnit,
    NotTheIssuer,
    OrderSaysNothing,
    OwnDuty,
    OwnOrder,
    WrongOrderStep,
)
from policy_match.supervision.escalation import LEVELS
from policy_match.supervision.orders import MOST_NAMED_CASES, MOST_ORDER_DAYS, OrderStatus, OrderStep
from policy_match.supervision.stages import Stage
from policy_match.values import PolicyId
from policy_match.web.api.v1.deadlines import Department
from policy_match.web.api.v1.supervision import DepartmentQuery, Unit
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.SUPERVISION)
OPERATIONS = CHAPTER.operations

Days = Annotated[int, Field(ge=1, le=MOST_ORDER_DAYS, description="working days until an answer is due")]
Level = Annotated[int, Field(ge=min(LEVELS), le=max(LEVELS))]


class OrderKey(Query):
    """Which order to act."""

    order_id: Annotated[int, Field(ge=1, le=2**31 - 1)]


class OrdersQuery(PageQuery):
    """Which orders; the overdue wait for an answer since before today."""

    department: Unit | None = None
    open: bool = False
    overdue: bool = False


class OrderToActItem(Output):
    """One order as it stands; `due` is the last day of the answer that it waits for, or waited for last."""

    order_id: int
    unit: str
    stage: Stage | None
    policy_id: str | None
    cases: Annotated[int, Field(description="how many cases it names")]
    ground: str
    issued_at: Moment
    issued_by: str
    status: OrderStatus
    seq: int
    due: date
    since: Moment


class OrderStepItem(Output):
    """One step of an order."""

    seq: int
    step: OrderStep
    text: str
    due: date | None
    after: OrderStatus
    at: Moment
    by: str


class OrderAnswer(Output):
    """Everything about one order."""

    order: OrderToActItem
    case_ids: list[int]
    steps: list[OrderStepItem]


class NewOrder(Input):
    """To which department, about what (at least one of stage, policy and cases), why, and until when."""

    department: Department
    ground: Text
    days: Days
    stage: Stage | None = None
    policy: Name | None = None
    case_ids: Annotated[list[Number], Field(default_factory=list, max_length=MOST_NAMED_CASES)]


class Saying(Input):
    """What is said."""

    text: Text


class SendingBack(Input):
    """Why, and until when another answer is due."""

    text: Text
    days: Days


class DutyItem(Output):
    """Who answers for a department at a level, and since when."""

    unit: str
    level: int
    person: str
    at: Moment
    by: str


class ChangedDuty(Input):
    """Which duty of whom."""

    department: Department
    level: Level
    person: Annotated[Name, Field(description="a staff account")]


class DutyAnswer(Output):
    """Whether that changed anything."""

    changed: bool


@CHAPTER.operation(Method.GET, "/orders-to-act")
def list_orders_to_act(call: Call, query: OrdersQuery) -> Page[OrderToActItem]:
    """List orders to act by number."""
    found = orders_to_act.list_orders(
        call.database,
        call.clock,
        unit=query.department,
        units=call.departments,
        only_open=query.open,
        overdue=query.overdue,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[OrderToActItem], found, query.limit, "order_id")


@CHAPTER.operation(
    Method.POST,
    "/orders-to-act",
    raises=(NotAUnit, NotAPerson, OrderSaysNothing, NobodyOnDuty, NoSuchCase, WorkingDaysUnknown),
)
def issue_order_to_act(call: Call, body: NewOrder) -> Made[OrderToActItem]:
    """Issue an order that a department is to answer; all who answer for it are told."""
    call.check_department(body.department)
    call.check_cases(body.case_ids)
    if body.policy is not None:
        call.check_policy(PolicyId(body.policy))
    order = orders_to_act.issue_order(
        call.database,
        call.desk.working_days,
        call.clock,
        unit=body.department,
        ground=body.ground,
        days=body.days,
        by=call.by,
        stage=body.stage,
        policy=None if body.policy is None else PolicyId(body.policy),
        cases=body.case_ids,
    )
    return Made(OrderToActItem.model_validate(order), f"/orders-to-act/{order.order_id}")


@CHAPTER.operation(Method.GET, "/orders-to-act/{order_id}", raises=(NoSuchOrder,))
def show_order_to_act(call: Call, path: OrderKey) -> OrderAnswer:
    """Show an order with its cases and every step."""
    found = _found(call, path.order_id)
    return OrderAnswer(
        order=OrderToActItem.model_validate(found.order),
        case_ids=list(found.cases),
        steps=[
            OrderStepItem(
                seq=each.seq,
                step=each.event.step,
                text=each.event.text,
                due=each.event.due,
                after=each.after,
                at=each.event.at,
                by=each.event.by,
            )
            for each in found.events
        ],
    )


@CHAPTER.operation(
    Method.POST,
    "/orders-to-act/{order_id}/answers",
    raises=(NoSuchOrder, WrongOrderStep, OwnOrder, NotOfTheUnit, OrderSaysNothing, NotAPerson),
)
def answer_order_to_act(call: Call, path: OrderKey, body: Saying) -> OrderToActItem:
    """Answer an order for the department; the answer waits for the issuer."""
    order = orders_to_act.answer_order(call.database, call.clock, path.order_id, text=body.text, by=call.by)
    return OrderToActItem.model_validate(order)


@CHAPTER.operation(
    Method.POST,
    "/orders-to-act/{order_id}/acceptance",
    raises=(NoSuchOrder, WrongOrderStep, NotTheIssuer, OrderSaysNothing, NotAPerson),
)
def accept_order_answer(call: Call, path: OrderKey, body: Saying) -> OrderToActItem:
    """Accept the answer; the order is done."""
    _found(call, path.order_id)
    order = orders_to_act.accept_answer(call.database, call.clock, path.order_id, text=body.text, by=call.by)
    return OrderToActItem.model_validate(order)


@CHAPTER.operation(
    Method.POST,
    "/orders-to-act/{order_id}/return",
    raises=(NoSuchOrder, WrongOrderStep, NotTheIssuer, OrderSaysNothing, NotAPerson, WorkingDaysUnknown),
)
def send_order_back(call: Call, path: OrderKey, body: SendingBack) -> OrderToActItem:
    """Send the answer back: another is due, and all who answer for the department are told."""
    _found(call, path.order_id)
    order = orders_to_act.send_back(
        call.database,
        call.desk.working_days,
        call.clock,
        path.order_id,
        text=body.text,
        days=body.days,
        by=call.by,
    )
    return OrderToActItem.model_validate(order)


@CHAPTER.operation(Method.GET, "/duties")
def list_duties(call: Call, query: DepartmentQuery) -> Page[DutyItem]:
    """List who answers for what now, by department, level and person."""
    found = duties.duties_held(
        call.database,
        unit=query.department,
        units=call.departments,
        after=call.cursors.place(str, int, str),
        most=query.limit + 1,
    )
    kept = found[: query.limit]
    last = kept[-1] if len(found) > query.limit else None
    more = None if last is None else call.cursors.write(last.unit, last.level, last.person)
    return Page[DutyItem].model_validate({"items": kept, "next": more}, from_attributes=True)


@CHAPTER.operation(Method.POST, "/duties/grants", raises=(NotAUnit, NotALevel, OwnDuty, NotAPerson))
def grant_duty(call: Call, body: ChangedDuty) -> DutyAnswer:
    """Give somebody else the duty of a department at a level; doing so again changes nothing."""
    call.check_department(body.department)
    changed = duties.grant_duty(
        call.database, call.clock, unit=body.department, level=body.level, person=body.person, by=call.by
    )
    return DutyAnswer(changed=changed)


@CHAPTER.operation(Method.POST, "/duties/withdrawals", raises=(NotAUnit, NotALevel, NotAPerson))
def withdraw_duty(call: Call, body: ChangedDuty) -> DutyAnswer:
    """Take a duty back; what was told and answered with it stays."""
    call.check_department(body.department)
    changed = duties.revoke_duty(
        call.database, call.clock, unit=body.department, level=body.level, person=body.person, by=call.by
    )
    return DutyAnswer(changed=changed)


def _found(call: Call, order_id: int) -> OrderFile:
    """Return an order to a department within reach. Raises `NoSuchOrder` or `NotAllowed`."""
    found = orders_to_act.show_order(call.database, order_id)
    call.check_department(found.order.unit)
    return found
