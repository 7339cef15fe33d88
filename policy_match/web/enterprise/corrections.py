"""A firm corrects a wrong fact: the request with its evidence, the list, and what the department answered."""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.errors import InputError
from policy_match.facts.catalogue import FIRM
from policy_match.values import FactName
from policy_match.web.api.v1 import firm_cases, firm_corrections, firm_decisions
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.api.v1.firm_corrections import (
    BYTES,
    CorrectionId,
    FirmCorrectionQuery,
    NewFactCorrection,
    fact_words,
)
from policy_match.web.api.v1.registry import UploadPath
from policy_match.web.call import Call
from policy_match.web.enterprise.telling import FactLine, fact_line
from policy_match.web.models import BLANK, Name, Number, Query
from policy_match.web.operation import File, Upload
from policy_match.web.portal.forms import Attached, Form
from policy_match.web.portal.page import Door, Pages, Redirect, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.ENTERPRISE)

PER_PAGE = 50


class ListQuery(FirmCorrectionQuery):
    """Which requests."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class AboutQuery(Query):
    """Which fact, the case that rests on it, and the record."""

    fact: Name | None = None
    case: Number | None = None
    record: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""


class CorrectionForm(Form):
    """What is wrong, what is right, and the file that proves it."""

    fact: Name
    case: Number | None = None
    record: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    claim: Annotated[str, StringConstraints(max_length=500, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]
    reason: Annotated[str, StringConstraints(max_length=2000, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]
    evidence: Attached


class WithdrawForm(Form):
    """Nothing but the wish to take it back."""


@PAGES.shows("/enterprise/corrections", "数据更正", "Corrections", like="list_firm_corrections", nav=True)
def list_corrections(call: Call, query: ListQuery) -> View:
    """List the firm's requests, the newest first."""
    return View("enterprise/corrections.html", {"found": firm_corrections.list_firm_corrections(call, query)})


@PAGES.shows("/enterprise/corrections/new", "申请更正数据", "Correct a fact", like="ask_firm_correction")
def correction_form(call: Call, query: AboutQuery) -> View:
    """Ask what is wrong; where a case rests on the fact, what is known of it is shown."""
    say = Saying(call.language)
    facts = call.desk.rules.catalogue
    options = [(name, f"{fact_words(call, name)[0]} · {fact.source}") for name, fact in facts.items() if fact.source]
    known = None if query.fact is None or query.case is None else _known(call, query.case, query.fact, say)
    fact = None if query.fact is None else facts.get(FactName(query.fact))
    given = {"query": query, "options": options, "known": known, "of_firm": fact is not None and fact.grain == FIRM}
    return View("enterprise/correction_form.html", given)


@PAGES.takes(
    "/enterprise/corrections/new",
    "申请更正数据",
    "Correct a fact",
    like="ask_firm_correction",
    again="correction_form",
    uploads=True,
)
def ask_correction(call: Call, form: CorrectionForm) -> Redirect:
    """Keep the file, and send the request to the department that the fact comes from."""
    digest = form.evidence.digest
    upload = Upload(media_type=BYTES, stream=form.evidence.stream)
    firm_corrections.put_firm_evidence(call, UploadPath(digest=digest), upload)
    asked = NewFactCorrection(
        fact=form.fact,
        record_id=form.record,
        case_id=form.case,
        claim=form.claim,
        reason=form.reason,
        evidence=digest,
    )
    made = firm_corrections.ask_firm_correction(call, asked)
    return Redirect(f"/enterprise/corrections/{made.body.correction_id}", "correction-asked")


@PAGES.shows("/enterprise/corrections/{correction_id}", "更正申请", "One correction", like="show_firm_correction")
def show_correction(call: Call, path: CorrectionId) -> View:
    """Show one request, and what the department answered."""
    return View("enterprise/correction.html", {"found": firm_corrections.show_firm_correction(call, path)})


@PAGES.takes(
    "/enterprise/corrections/{correction_id}/withdrawal",
    "撤回更正申请",
    "Take a correction back",
    like="withdraw_firm_correction",
    again="show_correction",
)
def withdraw_correction(call: Call, path: CorrectionId, form: WithdrawForm) -> Redirect:
    """Take a request back."""
    firm_corrections.withdraw_firm_correction(call, path)
    return Redirect(f"/enterprise/corrections/{path.correction_id}", "correction-withdrawn")


@PAGES.shows("/enterprise/corrections/{correction_id}/evidence", "证明材料", "Evidence", like="fetch_firm_evidence")
def fetch_evidence(call: Call, path: CorrectionId) -> File:
    """Give the file of a request."""
    found: File = firm_corrections.fetch_firm_evidence(call, path)
    return found


def _known(call: Call, case_id: int, fact: str, say: Saying) -> FactLine | None:
    """Return what the decision of a case read of a fact; none where that cannot be told any more."""
    try:
        firm_cases.show_firm_case(call, CaseId(case_id=case_id))
        decision = firm_decisions.show_firm_reasons(call, CaseId(case_id=case_id)).decision
    except InputError:
        return None
    lines = [fact_line(each, call.desk.rules.catalogue, say) for each in decision.facts if each.name == fact]
    return lines[0] if lines else None
