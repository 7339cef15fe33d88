"""Objections and appeals of a firm: how to lodge one, where each stands, and what was answered."""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.model import Event
from policy_match.web.api.v1 import firm_cases, firm_decisions
from policy_match.web.api.v1.appeals import AppealId
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.api.v1.firm_cases import FirmObjectionText
from policy_match.web.api.v1.firm_decisions import NewFirmAppeal
from policy_match.web.call import Call
from policy_match.web.enterprise.telling import title_teller
from policy_match.web.models import BLANK, PageQuery
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.telling import money_in_words

PAGES = Pages(Door.ENTERPRISE)

PER_PAGE = 50

Ground = Annotated[str, StringConstraints(max_length=2000, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]


class ChallengeQuery(PageQuery):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class GroundForm(Form):
    """What the firm says against a decision."""

    ground: Ground


@PAGES.shows("/enterprise/objections", "异议与申诉", "Objections and appeals", like="list_firm_objections", nav=True)
def list_objections(call: Call, query: ChallengeQuery) -> View:
    """List the objections to the firm's cases, with their answers."""
    return View("enterprise/objections.html", {"found": firm_cases.list_firm_objections(call, query), "Event": Event})


@PAGES.shows("/enterprise/appeals", "我的申诉", "My appeals", like="list_firm_appeals")
def list_appeals(call: Call, query: ChallengeQuery) -> View:
    """List the firm's appeals."""
    return View(
        "enterprise/appeals.html", {"found": firm_decisions.list_firm_appeals(call, query), "title": title_teller(call)}
    )


@PAGES.shows("/enterprise/appeals/{appeal_id}", "申诉详情", "One appeal", like="show_firm_appeal")
def show_appeal(call: Call, path: AppealId) -> View:
    """Show one appeal, and what deciding again showed."""
    found = firm_decisions.show_firm_appeal(call, path)
    say = Saying(call.language)
    sums = {
        name: money_in_words(decision.amount, say)
        for name, decision in (("old", found.old), ("corrected", found.corrected))
        if decision is not None and decision.amount is not None
    }
    return View("enterprise/appeal.html", {"found": found, "sums": sums, "title": title_teller(call)})


@PAGES.shows("/enterprise/cases/{case_id}/objection", "提出异议", "Object", like="show_firm_case")
def objection_form(call: Call, path: CaseId) -> View:
    """Ask what is wrong with a case on public display."""
    return View("enterprise/objection_form.html", {"case": firm_cases.show_firm_case(call, path).case})


@PAGES.takes(
    "/enterprise/cases/{case_id}/objection", "提出异议", "Object", like="object_to_firm_case", again="objection_form"
)
def object_to_benefit(call: Call, path: CaseId, form: GroundForm) -> Redirect:
    """Take the objection."""
    firm_cases.object_to_firm_case(call, path, FirmObjectionText(ground=form.ground))
    return Redirect("/enterprise/objections", "objection-lodged")


@PAGES.shows("/enterprise/cases/{case_id}/appeal", "提出申诉", "Appeal", like="show_firm_case")
def appeal_form(call: Call, path: CaseId) -> View:
    """Ask what is wrong with the decision of a case."""
    return View("enterprise/appeal_form.html", {"case": firm_cases.show_firm_case(call, path).case})


@PAGES.takes("/enterprise/cases/{case_id}/appeal", "提出申诉", "Appeal", like="lodge_firm_appeal", again="appeal_form")
def appeal_against_benefit(call: Call, path: CaseId, form: GroundForm) -> Redirect:
    """Take the appeal against the decision that opened the case."""
    policy_id = firm_cases.show_firm_case(call, path).case.policy_id
    made = firm_decisions.lodge_firm_appeal(
        call, NewFirmAppeal(policy_id=policy_id, case_id=path.case_id, ground=form.ground, corrections=[])
    )
    return Redirect(f"/enterprise/appeals/{made.body.appeal.appeal_id}", "appeal-lodged")
