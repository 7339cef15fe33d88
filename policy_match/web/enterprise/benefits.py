"""A firm's benefits: the list, the card of each with everything that explains it, its answer, and the receipt.

Guarantees that what cannot be explained any more leaves the rest of the card as it is. The answers themselves are
those of the API's handlers.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from policy_match.cases.decline_reasons import DECLINE_REASON_WORDS, DeclineReason
from policy_match.cases.model import Event, Status
from policy_match.errors import InputError
from policy_match.payments.attempts import AttemptStatus
from policy_match.values import PolicyId
from policy_match.web.api.v1 import firm_cases, firm_decisions, firm_inbox
from policy_match.web.api.v1.cases import AlternativeAnswer, CaseId
from policy_match.web.api.v1.firm_case_answers import FirmCaseAnswer
from policy_match.web.api.v1.firm_cases import FirmCaseQuery, Refusal
from policy_match.web.api.v1.firm_decisions import FirmReasons, SignedLetter
from policy_match.web.api.v1.firm_inbox import InboxQuery
from policy_match.web.call import Call
from policy_match.web.enterprise.outlook import after_the_last_day, is_told, to_do_by_itself
from policy_match.web.enterprise.telling import source_words, tell, title_teller, way
from policy_match.web.models import BLANK
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.ENTERPRISE)

PER_PAGE = 50
MOST_NOTICES = 20
"""How many of the notices about a case its card shows."""


class BenefitQuery(FirmCaseQuery):
    """Which benefits."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class ConfirmForm(Form):
    """Nothing but the wish to have it."""


class SignForm(Form):
    """The letter that was read, a tick, and the name of who signs for the firm."""

    letter: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    agreed: Literal["yes"]
    signatory: Annotated[str, StringConstraints(max_length=100, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]


class DeclineForm(Form):
    """The firm does without it."""

    because: DeclineReason
    words: Annotated[str, StringConstraints(max_length=1000, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")] | None = None


class ReconsiderForm(Form):
    """Nothing but the wish to have it after all."""


@PAGES.shows(
    "/enterprise/cases",
    "我的惠企资金",
    "My benefits",
    like="list_firm_cases",
    nav=True,
    tables=(Table("benefits", firm_cases.list_firm_cases),),
)
def list_benefits(call: Call, query: BenefitQuery) -> View:
    """List the firm's benefits."""
    found = firm_cases.list_firm_cases(call, query)
    say = Saying(call.language)
    options = [(each.value, say.word(each)) for each in Status]
    return View("enterprise/benefits.html", {"found": found, "query": query, "options": options})


@PAGES.shows("/enterprise/cases/{case_id}", "惠企资金详情", "One benefit", like="show_firm_case")
def show_benefit(call: Call, path: CaseId) -> View:
    """Show one benefit: amount, reasons, what is next, how far it is, and what can be done."""
    file = firm_cases.show_firm_case(call, path)
    reasons, unexplained = _reasons(call, path)
    letter = firm_decisions.show_firm_commitment(call, path) if file.wants_letter else None
    say = Saying(call.language)
    policy = call.desk.rules.policies.get(PolicyId(file.case.policy_id))
    return View(
        "enterprise/benefit.html",
        {
            "file": file,
            "case": file.case,
            "decision": None if reasons is None else reasons.decision,
            "told": None if reasons is None else tell(reasons.decision, call.desk.rules, say),
            "others": _others(file),
            "way": way(file, say),
            "to_do": to_do_by_itself(file.case, policy, say),
            "is_told": is_told(file.case),
            "over": after_the_last_day(file.case, policy, say),
            "unexplained": unexplained,
            "letter": letter,
            "accounts": firm_inbox.list_firm_accounts(call).items,
            "notices": firm_inbox.list_firm_messages(call, InboxQuery(case_id=path.case_id, limit=MOST_NOTICES)).items,
            "decline_reasons": [(each.value, say.words(words)) for each, words in DECLINE_REASON_WORDS.items()],
            "sources": source_words(say),
            "title": title_teller(call),
            "Event": Event,
            "is_paid": _is_paid(file),
            "Status": Status,
        },
    )


@PAGES.takes(
    "/enterprise/cases/{case_id}/confirm", "确认享受", "Confirm", like="confirm_firm_case", again="show_benefit"
)
def confirm_benefit(call: Call, path: CaseId, form: ConfirmForm) -> Redirect:
    """Take the benefit."""
    firm_cases.confirm_firm_case(call, path)
    return Redirect(f"/enterprise/cases/{path.case_id}", "benefit-confirmed")


@PAGES.takes(
    "/enterprise/cases/{case_id}/commitment",
    "签署承诺书",
    "Sign the letter",
    like="sign_firm_commitment",
    again="show_benefit",
)
def sign_letter(call: Call, path: CaseId, form: SignForm) -> Redirect:
    """Sign the letter of commitment, and take the benefit with it."""
    firm_decisions.sign_firm_commitment(call, path, SignedLetter(letter=form.letter, signatory=form.signatory))
    return Redirect(f"/enterprise/cases/{path.case_id}", "benefit-signed")


@PAGES.takes(
    "/enterprise/cases/{case_id}/decline", "放弃享受", "Decline", like="decline_firm_case", again="show_benefit"
)
def decline_benefit(call: Call, path: CaseId, form: DeclineForm) -> Redirect:
    """Do without the benefit, for a reason."""
    words = form.words or DECLINE_REASON_WORDS[form.because].zh
    firm_cases.decline_firm_case(call, path, Refusal(reason=words, because=form.because))
    return Redirect(f"/enterprise/cases/{path.case_id}", "benefit-declined")


@PAGES.takes(
    "/enterprise/cases/{case_id}/reconsider",
    "撤回放弃",
    "Take back a refusal",
    like="reconsider_firm_case",
    again="show_benefit",
)
def reconsider_benefit(call: Call, path: CaseId, form: ReconsiderForm) -> Redirect:
    """Take back a refusal."""
    firm_cases.reconsider_firm_case(call, path)
    return Redirect(f"/enterprise/cases/{path.case_id}", "benefit-reconsidered")


@PAGES.shows("/enterprise/cases/{case_id}/receipt", "兑付回执", "Receipt", like="show_firm_receipt")
def show_receipt(call: Call, path: CaseId) -> View:
    """Show the receipt, to be printed."""
    receipt = firm_cases.show_firm_receipt(call, path)
    policy = call.desk.rules.policies.get(PolicyId(receipt.policy_id))
    return View("enterprise/receipt.html", {"receipt": receipt, "department": policy.department if policy else ""})


def _reasons(call: Call, path: CaseId) -> tuple[FirmReasons | None, InputError | None]:
    """Return why the firm qualifies, or why that cannot be told any more."""
    try:
        return firm_decisions.show_firm_reasons(call, path), None
    except InputError as error:
        return None, error


def _others(file: FirmCaseAnswer) -> list[AlternativeAnswer]:
    """Return the combinations in which this benefit would be another."""
    own = (file.case.policy_id, file.case.record_id, file.entitlement.entitled_fen)
    return [
        each
        for each in file.alternatives
        if own not in [(one.policy_id, one.record_id, one.amount_fen) for one in each.chosen]
    ]


def _is_paid(file: FirmCaseAnswer) -> bool:
    return any(payment.status is AttemptStatus.SETTLED for payment in file.payments)
