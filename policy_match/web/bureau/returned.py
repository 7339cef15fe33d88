"""Returned payments of the bureau: why each came back, for how long it has waited, and the ways on.

Guarantees that money goes out again only as the service lets it: to a corrected account, after another recheck. No
account number is ever shown again.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.rechecking import RECHECK_WORDS, RecheckOutcome, RecheckPurpose
from policy_match.cases.working_days import china_day
from policy_match.payments.accounts import AccountSource
from policy_match.policy.model import PayeeKind
from policy_match.services import returned_payments
from policy_match.services.returned_payments import NotReturned
from policy_match.web.api.v1 import payments as api
from policy_match.web.api.v1 import requests
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.bureau.allowed import everywhere, may
from policy_match.web.bureau.named import Named
from policy_match.web.bureau.payments import NothingForm
from policy_match.web.call import Call
from policy_match.web.models import PageQuery, Text
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.problems import Place, WrongFields

PAGES = Pages(Door.BUREAU)


STATED_BY = (AccountSource.FIRM, AccountSource.DEPARTMENT)
"""Who may state an account here; what the tax and social insurance offices know comes by file."""


class AccountForm(Form):
    """The corrected account of a payee. The number is not shown again."""

    source: AccountSource
    holder: Annotated[Text, Field(min_length=1, max_length=200)]
    number: Annotated[Text, Field(min_length=1, max_length=60)]
    bank_code: Annotated[Text, Field(min_length=1, max_length=20)]


class ReasonForm(Form):
    """Why."""

    reason: Annotated[Text, Field(min_length=1)]


@PAGES.shows(
    "/bureau/payments/returned",
    "退票",
    "Returned payments",
    like="list_returned_payments",
    tables=(Table("returned", api.list_returned_payments),),
)
def returned(call: Call, query: PageQuery) -> View:
    """List what came back."""
    return View(
        "bureau/returned.html",
        {
            "returned": api.list_returned_payments(call, query),
            "ages": api.show_returned_ages(call).ages,
            "named": Named(call),
            "today": china_day(call.now),
            "recheck": _recheck_words,
            "may_pay": everywhere(call, "pay_returned_again"),
        },
    )


@PAGES.takes("/bureau/payments/returned", "重新支付", "Pay again", like="pay_returned_again", again="returned")
def pay_returned(call: Call, form: NothingForm) -> Redirect:
    """Pay again what was corrected."""
    api.pay_returned_again(call)
    return Redirect("/bureau/payments/returned", "paid-again")


@PAGES.shows("/bureau/payments/returned/{case_id}", "办理退票", "A returned payment", like="list_returned_payments")
def returned_payment(call: Call, path: CaseId) -> View:
    """Show one returned payment, with the ways on."""
    found = _find(call, path.case_id)
    return View(
        "bureau/returned_payment.html",
        {
            "found": found,
            "case": found.case,
            "named": Named(call),
            "days": (china_day(call.now) - found.case.booked_on).days,
            "recheck": _recheck_words,
            "sources": STATED_BY,
            "may_state": everywhere(call, "take_payee_accounts"),
            "may_pay": everywhere(call, "pay_returned_again"),
            "may_give_up": may(call, "give_up_returned_payment"),
            "may_recheck": may(call, "request_recheck"),
        },
    )


@PAGES.takes(
    "/bureau/payments/returned/{case_id}/account",
    "更正账户",
    "Correct the account",
    like="take_payee_accounts",
    again="returned_payment",
)
def correct_account(call: Call, path: CaseId, form: AccountForm) -> Redirect:
    """Keep the corrected account that the firm stated to the department."""
    case = _find(call, path.case_id).case
    stated = api.NewPayeeAccount(
        uscc=case.uscc,
        holder=form.holder,
        number=form.number,
        bank_code=form.bank_code,
        source=form.source.value,
        kind=PayeeKind(case.kind),
    )
    answer = api.take_payee_accounts(call, api.NewPayeeAccounts(accounts=[stated]))
    if answer.refused:
        why = answer.refusals[0]
        raise WrongFields([Place(where="number", detail=why.reason_zh if call.language == "zh" else why.reason_en)])
    return Redirect(f"/bureau/payments/returned/{path.case_id}", "account-kept")


@PAGES.takes(
    "/bureau/payments/returned/{case_id}/recheck",
    "支付前复核",
    "Recheck before payment",
    like="request_recheck",
    again="returned_payment",
)
def recheck_returned(call: Call, path: CaseId, form: NothingForm) -> Redirect:
    """Ask for the policy's cases to be rechecked before payment."""
    policy = _find(call, path.case_id).case.policy_id
    requests.request_recheck(call, requests.WantedRecheck(purpose=RecheckPurpose.PAYMENT, policy_id=policy))
    return Redirect(f"/bureau/payments/returned/{path.case_id}", "work-asked")


@PAGES.takes(
    "/bureau/payments/returned/{case_id}/giving-up",
    "不再支付",
    "Give up",
    like="give_up_returned_payment",
    again="returned_payment",
)
def give_up_returned(call: Call, path: CaseId, form: ReasonForm) -> Redirect:
    """Close the case unpaid."""
    api.give_up_returned_payment(call, path, api.GivingUp(reason=form.reason))
    return Redirect("/bureau/payments/returned", "given-up")


def _find(call: Call, case_id: int) -> api.ReturnedItem:
    """Return a payment that came back. Raises `NotAllowed`, or `NotReturned` when it has gone on since."""
    call.check_cases([case_id])
    found = returned_payments.returned_payments(
        call.database, call.clock, cut_off=_cut_off(call), policies=call.policies, after=case_id - 1, most=1
    )
    if not found or found[0].case.case_id != case_id:
        raise NotReturned(case_id=case_id)
    return api.ReturnedItem.model_validate(found[0])


def _cut_off(call: Call) -> date:
    return call.desk.payment_cut_off(china_day(call.now).year)


def _recheck_words(call: Call, outcome: str | None) -> str:
    """Return what the last recheck found."""
    if outcome is None:
        return "退回后尚未复核" if call.language == "zh" else "not rechecked since"
    english, chinese = RECHECK_WORDS[RecheckOutcome(outcome)]
    return chinese if call.language == "zh" else english
