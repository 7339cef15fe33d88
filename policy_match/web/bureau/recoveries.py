"""Money that is asked back: decisions, and what came in.

Guarantees that who approved a case does not decide on it; that is the service's to say, and is shown as it says it.
"""

from typing import Annotated

from pydantic import Field

from policy_match.payments.recovery import RecoveryKind
from policy_match.web.api.v1 import recoveries as api
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import Name, Number, PageQuery, Text
from policy_match.web.portal.forms import Form, Yuan
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)


class RecoveryForm(Form):
    """Of which case, what would have been right, and why money is asked back."""

    case_id: Number
    kind: RecoveryKind
    right: Yuan
    reason: Annotated[Text, Field(min_length=1)]


class ReceiptForm(Form):
    """The bank's reference of the movement."""

    line_ref: Name


@PAGES.shows(
    "/bureau/payments/recoveries",
    "追回",
    "Recoveries",
    like="list_recoveries",
    tables=(Table("recoveries", api.list_recoveries),),
)
def recoveries(call: Call, query: PageQuery) -> View:
    """List decisions to ask money back."""
    return View(
        "bureau/recoveries.html",
        {
            "found": api.list_recoveries(call, query),
            "named": Named(call),
            "kinds": list(RecoveryKind),
            "may_decide": may(call, "decide_recovery"),
        },
    )


@PAGES.takes("/bureau/payments/recoveries", "决定追回", "Decide a recovery", like="decide_recovery", again="recoveries")
def decide_recovery(call: Call, form: RecoveryForm) -> Redirect:
    """Ask money of a paid case back."""
    body = api.NewRecovery(kind=form.kind, right_fen=form.right, reason=form.reason)
    made = api.decide_recovery(call, CaseId(case_id=form.case_id), body)
    return Redirect(f"/bureau/payments/recoveries/{made.body.recovery_id}", "recovery-decided")


@PAGES.shows("/bureau/payments/recoveries/{recovery_id}", "追回决定", "A recovery", like="show_recovery")
def recovery(call: Call, path: api.RecoveryId) -> View:
    """Show one decision, and what came in."""
    return View(
        "bureau/recovery.html",
        {
            "found": api.show_recovery(call, path),
            "named": Named(call),
            "may_assign": may(call, "assign_recovery_receipt"),
        },
    )


@PAGES.takes(
    "/bureau/payments/recoveries/{recovery_id}",
    "对应到账款项",
    "Assign a receipt",
    like="assign_recovery_receipt",
    again="recovery",
)
def assign_receipt(call: Call, path: api.RecoveryId, form: ReceiptForm) -> Redirect:
    """Assign money that came in."""
    api.assign_recovery_receipt(call, path, api.NewReceipt(line_ref=form.line_ref))
    return Redirect(f"/bureau/payments/recoveries/{path.recovery_id}", "receipt-assigned")
