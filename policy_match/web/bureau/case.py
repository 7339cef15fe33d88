"""One case for staff: where it stands, what comes next, why it qualifies, how the amount came about, what was done.

Guarantees that each part is shown to whoever may see it, and that a step is offered only where it may be taken.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

from policy_match.cases.model import Route, Status
from policy_match.cases.words import Words
from policy_match.errors import InputError
from policy_match.values import Truth
from policy_match.web.api.v1 import case_steps, notices, objections, payments, supervision, sweeps
from policy_match.web.api.v1 import cases as api
from policy_match.web.api.v1.decisions import DecisionAnswer
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.cases import outcomes
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View

PAGES = Pages(Door.BUREAU)

MOST_NOTICES = 50
"""So many notices of a case are shown; the others are in the list of notices."""

NEXT: dict[Status, Words] = {
    Status.MATCHED: Words("通知企业；直接兑付的先复核。", "Tell the firm; on the direct route recheck first."),
    Status.NOTIFIED: Words(
        "等企业在期限内答复；可在柜台代录答复或延长期限。",
        "The firm answers in time; take its answer at the counter, or give more time.",
    ),
    Status.CONFIRMED: Words(
        "做审批前复核，合格即转为已审核。", "Recheck before approval; a good one makes it reviewed."
    ),
    Status.REVIEWED: Words("分配预算后列入审批名单，逐级签署。", "Share the budget, then list it and have it signed."),
    Status.APPROVED: Words(
        "需要公示的上网公示，其余做支付前复核。",
        "Put it on display where the policy asks for it, or recheck before payment.",
    ),
    Status.PUBLISHED: Words("公示期内受理异议，期满后下达支付令。", "Objections until the last day, then the order."),
    Status.OBJECTED: Words("在期限内答复异议。", "Answer the objection in time."),
    Status.ORDERED: Words("组成批次送交银行，等银行回执。", "Batches go to the bank, which says what it paid."),
    Status.PAID: Words("对账后办结。", "Reconcile, then it is closed."),
    Status.RETURNED: Words("更正收款账户后重新支付。", "Correct the account, then pay again."),
    Status.RECOVERING: Words("等退款到账并对应。", "Assign the money when it is back."),
    Status.CONTRACTED: Words("履约完成后办结。", "Close it when the contract is fulfilled."),
}
"""What comes next, by status; at the others nothing does."""


class ContractForm(Form):
    """The number of the contract that was signed."""

    reference: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ObjectionForm(Form):
    """What somebody says against a case."""

    lodged_by: objections.Objector
    ground: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class PlainForm(Form):
    """Nothing but the wish."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """Why the firm qualifies, or that it cannot be shown, and why not."""

    decision: DecisionAnswer | None
    refused: str = ""


@PAGES.shows("/bureau/cases/{case_id}", "事项", "Case", like="show_case")
def case(call: Call, path: api.CaseId) -> View:
    """Show everything about a case."""
    file = api.show_case(call, path)
    row = file.case
    contract = row.route is Route.CONTRACT
    return View(
        "bureau/case.html",
        {
            "file": file,
            "case": row,
            "named": Named(call),
            "next_step": NEXT.get(row.status),
            "explained": _explained(call, file),
            "truths": {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "unknown"},
            "money": payments.show_payment_trail(call, path) if may(call, "show_payment_trail") else None,
            "notices": _notices(call, path.case_id),
            "turned": supervision.show_case_supervision(call, path),
            "outcomes": dict(outcomes(call)),
            "may_step": may(call, "withdraw_cases"),
            "may_sign_contract": contract
            and may(call, "sign_contract")
            and row.status in (Status.APPROVED, Status.PUBLISHED),
            "may_close_contract": may(call, "close_contract") and row.status is Status.CONTRACTED,
            "may_object": may(call, "lodge_objection") and row.status in (Status.PUBLISHED, Status.OBJECTED),
        },
    )


@PAGES.takes("/bureau/cases/{case_id}/contract", "登记合同", "Record the contract", like="sign_contract", again="case")
def sign_contract(call: Call, path: api.CaseId, form: ContractForm) -> Redirect:
    """Record the contract with the firm."""
    case_steps.sign_contract(call, path, case_steps.NewContract(reference=form.reference))
    return Redirect(f"/bureau/cases/{path.case_id}", "contract-signed")


@PAGES.takes(
    "/bureau/cases/{case_id}/contract/close", "合同办结", "Close the contract", like="close_contract", again="case"
)
def close_contract(call: Call, path: api.CaseId, form: PlainForm) -> Redirect:
    """Close a case whose contract is fulfilled."""
    case_steps.close_contract(call, path)
    return Redirect(f"/bureau/cases/{path.case_id}", "contract-closed")


@PAGES.takes("/bureau/cases/{case_id}/objection", "登记异议", "Keep an objection", like="lodge_objection", again="case")
def lodge_objection(call: Call, path: api.CaseId, form: ObjectionForm) -> Redirect:
    """Keep what somebody says against a case on public display."""
    made = objections.lodge_objection(
        call,
        objections.ObjectedCase(case_id=path.case_id),
        objections.NewObjection(lodged_by=form.lodged_by, ground=form.ground),
    )
    return Redirect(f"/bureau/objections/{made.body.objection_id}", "objection-kept")


def _explained(call: Call, file: api.CaseAnswer) -> Explained | None:
    """Return the decision that the case rests on, made again from its sweep's facts and rules."""
    if not may(call, "explain_decision"):
        return None
    row = sweeps.RowQuery(policy=file.case.policy_id, firm=file.case.uscc, record=file.case.record_id)
    try:
        found = sweeps.explain_decision(call, sweeps.SweepPath(sweep_id=file.sweep_id), row)
    except InputError as error:
        return Explained(decision=None, refused=error.message(call.language))
    return Explained(decision=found)


def _notices(call: Call, case_id: int) -> list[notices.NoticeItem]:
    if not may(call, "list_notices"):
        return []
    return notices.list_notices(call, notices.NoticesQuery(case=case_id, limit=MOST_NOTICES)).items
