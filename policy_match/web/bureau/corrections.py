"""Requests of firms to correct facts that come from the department: the list, one request, and its answer.

Guarantees that who answers sees the value that is questioned beside what the firm says, that a file is given as a
download, and that the page says that no fact changes by an answer.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.corrections import CorrectionAnswer
from policy_match.cases.working_days import china_day
from policy_match.facts.reading import FactState
from policy_match.services import corrections as correction_service
from policy_match.services.decision_json import plain_value
from policy_match.services.known_facts import on_record
from policy_match.web.api.v1 import corrections as api
from policy_match.web.api.v1.firm_corrections import CorrectionId
from policy_match.web.bureau.allowed import may
from policy_match.web.call import Call
from policy_match.web.models import BLANK
from policy_match.web.operation import File
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.telling import value_in_words

PAGES = Pages(Door.BUREAU)

PER_PAGE = 50


class ListQuery(api.CorrectionQuery):
    """Which requests."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class AnswerForm(Form):
    """Accepted or refused, and why."""

    answer: CorrectionAnswer
    reason: Annotated[str, StringConstraints(max_length=2000, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]


@PAGES.shows(
    "/bureau/corrections",
    "数据更正",
    "Corrections",
    like="list_corrections",
    tables=(Table("corrections", api.list_corrections),),
)
def correction_list(call: Call, query: ListQuery) -> View:
    """List requests that wait for an answer, or those that ended."""
    today = china_day(call.now)
    return View("bureau/corrections.html", {"query": query, "found": api.list_corrections(call, query), "today": today})


@PAGES.shows("/bureau/corrections/{correction_id}", "更正申请", "Correction", like="show_correction")
def correction(call: Call, path: CorrectionId) -> View:
    """Show one request with the value that it is about, and answer it."""
    line = correction_service.show_correction(call.database, call.reach, path.correction_id)
    known = on_record(call.database, call.desk.open_snapshot, line, call.desk.rules)
    reading = None if known is None else known.reading
    say = Saying(call.language)
    return View(
        "bureau/correction.html",
        {
            "found": api.correction_item(call, line),
            "known": known,
            "value": value_in_words(plain_value(reading.value), known.fact, say) if known and reading else "",
            "stale": reading is not None and reading.state is FactState.STALE,
            "may_fetch": may(call, "fetch_evidence"),
            "may_answer": may(call, "answer_correction"),
        },
    )


@PAGES.shows("/bureau/corrections/{correction_id}/evidence", "证明材料", "Evidence", like="fetch_evidence")
def correction_evidence(call: Call, path: CorrectionId) -> File:
    """Give the file of a request."""
    found: File = api.fetch_evidence(call, path)
    return found


@PAGES.takes(
    "/bureau/corrections/{correction_id}", "答复更正申请", "Answer", like="answer_correction", again="correction"
)
def answer_correction(call: Call, path: CorrectionId, form: AnswerForm) -> Redirect:
    """Answer a request."""
    api.answer_correction(call, path, api.CorrectionReply(answer=form.answer, reason=form.reason))
    return Redirect(f"/bureau/corrections/{path.correction_id}", "correction-answered")
