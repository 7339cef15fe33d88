"""Payments of the bureau: where the money is, orders, batches, and asking for payments to be made and sent.

Guarantees that what is long, or asks the bank, is requested and done in the background; pages show how far it is. What
came back is `returned`, the bank's files are `bank`.
"""

from policy_match.payments.attempts import AttemptStatus
from policy_match.ports.requested_work import WorkKind
from policy_match.web.api.v1 import payments as api
from policy_match.web.api.v1 import requests
from policy_match.web.bureau.allowed import everywhere, may, reaching
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)

KINDS = (WorkKind.ORDER_PAYMENTS, WorkKind.ORDER_AGAIN, WorkKind.SEND_PAYMENTS)
MOST_REQUESTS = 5
"""So many of the latest requests of each kind are shown."""

LONGEST_WAIT_MINUTES = 60 * 24
"""After a day without the bank's word an attempt is called unknown here; the API takes any number of minutes."""


class NothingForm(Form):
    """Nothing is to be filled in."""


@PAGES.shows("/bureau/payments", "支付", "Payments", like="show_returned_ages", nav=True)
def payments(call: Call) -> View:
    """Show where the money is, what came back, and what was asked for."""
    totals = None
    if everywhere(call, "show_payment_status"):
        totals = api.show_payment_status(reaching(call, "show_payment_status")).attempts
    asked = []
    if may(call, "list_requests"):
        seen = reaching(call, "list_requests")
        for kind in KINDS:
            found = requests.list_requests(seen, requests.RequestQuery(kind=kind, limit=MOST_REQUESTS))
            asked += found.items
    return View(
        "bureau/payments.html",
        {
            "totals": totals,
            "ages": api.show_returned_ages(call).ages,
            "asked": sorted(asked, key=lambda each: -each.request_id)[:MOST_REQUESTS],
            "may_pay": everywhere(call, "request_orders"),
            "lost": next((each.attempts for each in totals or () if each.status is AttemptStatus.SENT), 0),
        },
    )


@PAGES.takes("/bureau/payments/ordering", "生成支付令", "Make orders", like="request_orders", again="payments")
def ask_for_orders(call: Call, form: NothingForm) -> Redirect:
    """Ask for payment orders for what is due."""
    requests.request_orders(call, requests.OfPolicies())
    return Redirect("/bureau/payments", "work-asked")


@PAGES.takes("/bureau/payments/sending", "送交银行", "Send to the bank", like="request_sending", again="payments")
def ask_for_sending(call: Call, form: NothingForm) -> Redirect:
    """Ask for batches to be made and given to the bank."""
    requests.request_sending(call, requests.Nothing())
    return Redirect("/bureau/payments", "work-asked")


@PAGES.takes("/bureau/payments/lost", "标为结果未知", "No word of the bank", like="lose_bank_replies", again="payments")
def lose_replies(call: Call, form: NothingForm) -> Redirect:
    """Call unknown what has waited a day for the bank's word."""
    api.lose_bank_replies(call, api.Patience(minutes=LONGEST_WAIT_MINUTES))
    return Redirect("/bureau/payments", "replies-lost")


@PAGES.shows(
    "/bureau/payments/orders",
    "支付令",
    "Payment orders",
    like="list_payment_orders",
    tables=(Table("orders", api.list_payment_orders),),
)
def payment_orders(call: Call, query: api.OrdersQuery) -> View:
    """List orders."""
    found = api.list_payment_orders(call, query)
    named = Named(call)
    return View(
        "bureau/payment_orders.html",
        {
            "orders": found,
            "query": query,
            "named": named,
            "policies": named.policies(),
            "statuses": list(AttemptStatus),
        },
    )


@PAGES.shows(
    "/bureau/payments/batches",
    "支付批次",
    "Payment batches",
    like="list_payment_batches",
    tables=(Table("batches", api.list_payment_batches),),
)
def payment_batches(call: Call, query: PageQuery) -> View:
    """List batches."""
    return View("bureau/payment_batches.html", {"batches": api.list_payment_batches(call, query)})
