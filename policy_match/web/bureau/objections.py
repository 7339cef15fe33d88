"""Objections, and what else firms and people say of decisions: the lists, one objection, and its answer.

Guarantees that whoever reviewed, approved or objected is refused by the service; the page says so before.
"""

from typing import Annotated

from pydantic import StringConstraints

from policy_match.cases.objection import ObjectionOutcome
from policy_match.cases.rechecking import RecheckOutcome
from policy_match.web.api.v1 import appeals as appeals_api
from policy_match.web.api.v1 import cases
from policy_match.web.api.v1 import objections as api
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.portal.forms import Form, Yuan
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)

FOR_A_PERSON = (RecheckOutcome.UNDETERMINED, RecheckOutcome.AMOUNT_LOWER, RecheckOutcome.NOT_REGISTERED)
"""What a recheck may find that a person looks at."""


MOST_APPEALS = 20
"""So many appeals are shown beside the objections."""


class AnswerForm(Form):
    """The answer; the new amount for `amend` only."""

    outcome: ObjectionOutcome
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    amount: Yuan | None = None


@PAGES.shows(
    "/bureau/objections",
    "异议与申诉",
    "Objections",
    like="list_objections",
    nav=True,
    tables=(Table("objections", api.list_objections),),
)
def objection_list(call: Call, query: api.ObjectionQuery) -> View:
    """Show the objections that wait, the first appeals, and what rechecks left to a person."""
    return View(
        "bureau/objections.html",
        {
            "query": query,
            "found": api.list_objections(call, query),
            "appeals": appeals_api.list_appeals(call, appeals_api.AppealQuery(unanswered=True, limit=MOST_APPEALS)),
            "rechecks": [(each, _count(call, each)) for each in FOR_A_PERSON],
            "named": Named(call),
        },
    )


@PAGES.shows("/bureau/objections/{objection_id}", "异议", "Objection", like="show_objection")
def objection(call: Call, path: api.ObjectionId) -> View:
    """Show one objection with its case, and answer it."""
    found = api.show_objection(call, path)
    given = {"found": found, "file": cases.show_case(call, cases.CaseId(case_id=found.case_id)), "named": Named(call)}
    return View("bureau/objection.html", {**given, "may_answer": may(call, "answer_objection")})


@PAGES.takes("/bureau/objections/{objection_id}", "答复异议", "Answer", like="answer_objection", again="objection")
def answer_objection(call: Call, path: api.ObjectionId, form: AnswerForm) -> Redirect:
    """Answer the objection, and every other open one to its case."""
    amount_fen = form.amount if form.outcome is ObjectionOutcome.AMEND else None
    api.answer_objection(
        call, path, api.ObjectionReply(outcome=form.outcome, reason=form.reason, amount_fen=amount_fen)
    )
    return Redirect(f"/bureau/objections/{path.objection_id}", "objection-answered")


def _count(call: Call, found: RecheckOutcome) -> int:
    return sum(each.cases for each in cases.count_cases(call, cases.CaseCountQuery(found=found)).items)
