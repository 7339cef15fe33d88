"""Appeals against decisions: the list, one with both decisions side by side, deciding again, taking a new one."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from policy_match.values import Truth
from policy_match.web.api.v1 import appeals as api
from policy_match.web.api.v1 import cases
from policy_match.web.api.v1.objections import Objector
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import Name, Text
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.problems import Place, WrongFields

PAGES = Pages(Door.BUREAU)


class PlainForm(Form):
    """Nothing but the wish."""


class AppealForm(Form):
    """What is wrong with the decision on a case, and at most one fact as it rightly was."""

    lodged_by: Objector
    ground: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    fact: Name | None = None
    value: Text = ""
    source: Text = ""
    observed: date | None = None


@PAGES.shows("/bureau/appeals", "申诉", "Appeals", like="list_appeals", tables=(Table("appeals", api.list_appeals),))
def appeal_list(call: Call, query: api.AppealQuery) -> View:
    """List appeals by number."""
    return View("bureau/appeals.html", {"query": query, "found": api.list_appeals(call, query), "named": Named(call)})


@PAGES.shows("/bureau/appeals/{appeal_id}", "申诉", "Appeal", like="show_appeal")
def appeal(call: Call, path: api.AppealId) -> View:
    """Show one appeal, with what deciding again showed."""
    return View(
        "bureau/appeal.html",
        {
            "found": api.show_appeal(call, path),
            "named": Named(call),
            "truths": {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "unknown"},
            "may_replay": may(call, "replay_appeal"),
        },
    )


@PAGES.takes("/bureau/appeals/{appeal_id}/replay", "重新核算", "Decide again", like="replay_appeal", again="appeal")
def replay_appeal(call: Call, path: api.AppealId, form: PlainForm) -> Redirect:
    """Decide once more, on the old facts and on the corrected ones."""
    api.replay_appeal(call, path)
    return Redirect(f"/bureau/appeals/{path.appeal_id}", "appeal-replayed")


@PAGES.shows("/bureau/cases/{case_id}/appeal", "登记申诉", "Take an appeal", like="lodge_appeal")
def new_appeal(call: Call, path: cases.CaseId) -> View:
    """Ask for what is wrong with the decision on a case."""
    facts = sorted((str(name), spec.label) for name, spec in call.desk.rules.catalogue.items())
    file = cases.show_case(call, path)
    return View("bureau/new_appeal.html", {"file": file, "named": Named(call), "facts": facts})


@PAGES.takes("/bureau/cases/{case_id}/appeal", "登记申诉", "Take an appeal", like="lodge_appeal", again="new_appeal")
def lodge_appeal(call: Call, path: cases.CaseId, form: AppealForm) -> Redirect:
    """Take an appeal against the decision on which a case rests."""
    file = cases.show_case(call, path)
    corrected: tuple[api.CorrectedFact, ...] = ()
    if form.fact is not None:
        if not form.source:
            raise WrongFields([Place(where="source", detail="必填" if call.language == "zh" else "is needed")])
        corrected = (api.CorrectedFact(fact=form.fact, value=form.value, source=form.source, observed=form.observed),)
    made = api.lodge_appeal(
        call,
        api.NewAppeal(
            sweep_id=file.sweep_id,
            policy_id=file.case.policy_id,
            uscc=file.case.uscc,
            record_id=file.case.record_id,
            lodged_by=form.lodged_by,
            ground=form.ground,
            corrections=corrected,
        ),
    )
    return Redirect(f"/bureau/appeals/{made.body.appeal.appeal_id}", "appeal-kept")
