"""Where an auditor begins: one box, a form with fields, and the cases that fit.

Guarantees that a search shows and exports the same cases, and that what the box names leads to its own page.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.audit.evidence import Hit, HitKind
from policy_match.audit.question import MOST_LETTERS
from policy_match.cases.model import Status
from policy_match.services.audit_cases import search_cases
from policy_match.services.audit_search import search_audit
from policy_match.web.api.v1 import audit as api
from policy_match.web.api.v1.audit_lists import parameters_of
from policy_match.web.api.v1.cases import CaseItem
from policy_match.web.call import Call
from policy_match.web.models import Page
from policy_match.web.operation import File
from policy_match.web.portal.page import Door, Pages, View

PAGES = Pages(Door.AUDITOR)

NOT_FIELDS = {"text", "limit", "cursor"}
"""What is no field of the form."""


class SearchQuery(api.AuditedPage):
    """One box, and the fields of the form."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_LETTERS, pattern=r"^[^\x00]*$")] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50


@PAGES.shows("/auditor", "检索", "Search", like="search_cases", nav=True)
def search(call: Call, query: SearchQuery) -> View:
    """Show what the box names, and the cases that fit box and fields."""
    wanted = api.case_filter(call, query)
    hits: list[Hit] = []
    by_fields = bool(query.model_fields_set - NOT_FIELDS)
    lists = bool(query.text) or by_fields
    if query.text:
        found = search_audit(call.database, query.text, wanted, call.desk.rules.policies.values())
        hits = list(found.hits)
        lists, wanted = found.cases is not None, found.cases or wanted
    cases = Page[CaseItem](items=[])
    if lists:
        page = search_cases(call.database, wanted, after=call.cursors.number(), most=query.limit + 1)
        cases = call.page(Page[CaseItem], page, query.limit, "case_id")
    return View(
        "auditor/search.html",
        {
            "query": query,
            "hits": [(hit, address_of(hit)) for hit in hits],
            "by_fields": by_fields,
            "lists": lists,
            "cases": cases,
            "meant": parameters_of(wanted),
            "statuses": list(Status),
            "policies": sorted(call.policies or call.desk.rules.policies),
            "titles": titles(call),
        },
    )


@PAGES.shows("/auditor/cases-file", "事项文件", "Cases as a file", like="export_cases")
def cases_file(call: Call, query: api.ExportQuery) -> File:
    """Give the cases that a search finds as a file."""
    file: File = api.export_cases(call, query)
    return file


def titles(call: Call) -> dict[str, str]:
    """Return what the policies of the rules are called, in the language of the page."""
    return {
        policy.id: policy.title if call.language == "zh" else policy.title_en or policy.title
        for policy in call.desk.rules.policies.values()
    }


def address_of(hit: Hit) -> str:
    """Return the page of what a box names."""
    match hit.kind:
        case HitKind.CASE:
            return f"/auditor/cases/{hit.case_id}"
        case HitKind.PAYMENT:
            return f"/auditor/cases/{hit.case_id}#{hit.name}"
        case HitKind.FIRM:
            return f"/auditor/firms/{hit.name}"
        case HitKind.POLICY:
            return f"/auditor/policies/{hit.name}"
        case HitKind.FUND:
            return f"/auditor/totals/cases?by=fund&group={hit.name}"
        case HitKind.LINE:
            return f"/auditor/lines/{hit.name}"
        case HitKind.LIST:
            return f"/auditor/lists/{hit.name}"
        case HitKind.PERSON:
            return f"/auditor/people/{hit.name}"
