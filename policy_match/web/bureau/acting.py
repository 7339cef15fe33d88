"""Orders to act (督办单) on pages: issue, answer, accept, send back; and who answers for a department.

Guarantees that what a person may do next is offered where it is shown; whether he may is the service's to say.
"""

from typing import Annotated

from pydantic import Field

from policy_match.identity.principal import Staff
from policy_match.supervision.escalation import LEVEL_WORDS
from policy_match.supervision.orders import ORDER_AFTER, OrderStep
from policy_match.supervision.stages import Stage
from policy_match.web.api.v1 import orders_to_act as api
from policy_match.web.api.v1.deadlines import Department
from policy_match.web.api.v1.supervision import DepartmentQuery
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.bureau.supervision import stage_options
from policy_match.web.call import Call
from policy_match.web.models import Name, Query, Text
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.problems import Place, WrongFields

PAGES = Pages(Door.BUREAU)


class AboutQuery(Query):
    """What a new order is about, as the board led here."""

    department: Department | None = None
    stage: Stage | None = None
    policy: Name | None = None


class OrderForm(Form):
    """To which department, about what, why, and until when; cases are numbers between spaces or commas."""

    department: Department
    ground: Annotated[Text, Field(min_length=1)]
    days: api.Days
    stage: Stage | None = None
    policy: Name | None = None
    case_ids: Annotated[str, Field(max_length=12_000)] = ""


class TextForm(Form):
    """What is said."""

    text: Annotated[Text, Field(min_length=1)]


class BackForm(Form):
    """Why, and until when another answer is due."""

    text: Annotated[Text, Field(min_length=1)]
    days: api.Days


class DutyForm(Form):
    """Which duty of whom, given or taken back."""

    department: Department
    level: api.Level
    person: Name
    withdraw: bool = False


@PAGES.shows(
    "/bureau/supervision/orders",
    "督办单",
    "Orders to act",
    like="list_orders_to_act",
    tables=(Table("orders-to-act", api.list_orders_to_act),),
)
def orders_to_act(call: Call, query: api.OrdersQuery) -> View:
    """List orders."""
    named = Named(call)
    return View(
        "bureau/orders_to_act.html",
        {
            "found": api.list_orders_to_act(call, query),
            "query": query,
            "named": named,
            "departments": [(each, named.unit(each)) for each in named.departments()],
            "may_issue": may(call, "issue_order_to_act"),
        },
    )


@PAGES.shows("/bureau/supervision/orders/new", "签发督办单", "Issue an order", like="issue_order_to_act")
def new_order(call: Call, query: AboutQuery) -> View:
    """Offer a form for an order."""
    named = Named(call)
    return View(
        "bureau/new_order.html",
        {
            "query": query,
            "departments": [(each, named.unit(each)) for each in named.departments()],
            "stages": stage_options(call),
            "policies": named.policies(),
        },
    )


@PAGES.takes(
    "/bureau/supervision/orders/new", "签发督办单", "Issue an order", like="issue_order_to_act", again="new_order"
)
def issue_order(call: Call, form: OrderForm) -> Redirect:
    """Issue an order."""
    made = api.issue_order_to_act(
        call,
        api.NewOrder(
            department=form.department,
            ground=form.ground,
            days=form.days,
            stage=form.stage,
            policy=form.policy,
            case_ids=_numbers(form.case_ids, call),
        ),
    )
    return Redirect(f"/bureau/supervision/orders/{made.body.order_id}", "order-issued")


@PAGES.shows("/bureau/supervision/orders/{order_id}", "督办单", "An order to act", like="show_order_to_act")
def order_to_act(call: Call, path: api.OrderKey) -> View:
    """Show an order with every step, and what may be done next."""
    found = api.show_order_to_act(call, path)
    possible = {step for status, step in ORDER_AFTER if status is found.order.status}
    is_issuer = isinstance(call.who, Staff) and call.who.person == found.order.issued_by
    return View(
        "bureau/order_to_act.html",
        {
            "order": found.order,
            "case_ids": found.case_ids,
            "steps": found.steps,
            "named": Named(call),
            "may_answer": OrderStep.ANSWER in possible and not is_issuer,
            "may_decide": OrderStep.ACCEPT in possible and is_issuer and may(call, "accept_order_answer"),
        },
    )


@PAGES.takes(
    "/bureau/supervision/orders/{order_id}/answer",
    "答复督办单",
    "Answer an order",
    like="answer_order_to_act",
    again="order_to_act",
)
def answer_order(call: Call, path: api.OrderKey, form: TextForm) -> Redirect:
    """Answer for the department."""
    api.answer_order_to_act(call, path, api.Saying(text=form.text))
    return Redirect(f"/bureau/supervision/orders/{path.order_id}", "order-answered")


@PAGES.takes(
    "/bureau/supervision/orders/{order_id}/acceptance",
    "认定办结",
    "Accept the answer",
    like="accept_order_answer",
    again="order_to_act",
)
def accept_order(call: Call, path: api.OrderKey, form: TextForm) -> Redirect:
    """Accept the answer."""
    api.accept_order_answer(call, path, api.Saying(text=form.text))
    return Redirect(f"/bureau/supervision/orders/{path.order_id}", "order-accepted")


@PAGES.takes(
    "/bureau/supervision/orders/{order_id}/return",
    "退回重办",
    "Send the answer back",
    like="send_order_back",
    again="order_to_act",
)
def return_order(call: Call, path: api.OrderKey, form: BackForm) -> Redirect:
    """Send the answer back."""
    api.send_order_back(call, path, api.SendingBack(text=form.text, days=form.days))
    return Redirect(f"/bureau/supervision/orders/{path.order_id}", "order-sent-back")


@PAGES.shows(
    "/bureau/supervision/duties", "责任人", "Duties", like="list_duties", tables=(Table("duties", api.list_duties),)
)
def duties(call: Call, query: DepartmentQuery) -> View:
    """List who answers for what."""
    named = Named(call)
    return View(
        "bureau/duties.html",
        {
            "found": api.list_duties(call, query),
            "named": named,
            "departments": [(each, named.unit(each)) for each in named.departments()],
            "levels": LEVEL_WORDS,
            "may_change": may(call, "grant_duty"),
        },
    )


@PAGES.takes("/bureau/supervision/duties", "更新责任人", "Change a duty", like="grant_duty", again="duties")
def change_duty(call: Call, form: DutyForm) -> Redirect:
    """Give a duty, or take it back."""
    body = api.ChangedDuty(department=form.department, level=form.level, person=form.person)
    if form.withdraw:
        api.withdraw_duty(call, body)
    else:
        api.grant_duty(call, body)
    return Redirect("/bureau/supervision/duties", "duty-changed")


def _numbers(text: str, call: Call) -> list[int]:
    """Return the numbers that were written, each once. Raises `WrongFields`."""
    words = text.replace(",", " ").replace("，", " ").replace("、", " ").split()
    if not all(word.isascii() and word.isdecimal() and 0 < int(word) < 2**53 for word in words):
        told = "请填写事项编号，用空格或逗号隔开" if call.language == "zh" else "write numbers of cases between spaces"
        raise WrongFields([Place(where="case_ids", detail=told)])
    return sorted({int(word) for word in words})
