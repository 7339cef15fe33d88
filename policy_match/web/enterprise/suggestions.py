"""What a firm would have different about policies, or which policy it misses (点菜单), and what became of it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.web.api.v1 import firm_inbox
from policy_match.web.api.v1.firm_inbox import MaybeShort, NewSuggestion
from policy_match.web.call import Call
from policy_match.web.enterprise.telling import title_teller
from policy_match.web.models import BLANK, Name, PageQuery
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View

PAGES = Pages(Door.ENTERPRISE)

PER_PAGE = 50


class ListQuery(PageQuery):
    """Which page, and about which policy the form asks."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE
    policy: Name | None = None


class SuggestionForm(Form):
    """About which policy, or what is asked for where there is none, and what should be different."""

    policy: Name | None = None
    subject: MaybeShort = ""
    department: MaybeShort = ""
    text: Annotated[str, StringConstraints(max_length=2000, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]


@PAGES.shows("/enterprise/suggestions", "建议与评价", "Suggestions", like="list_firm_suggestions", nav=True)
def list_suggestions(call: Call, query: ListQuery) -> View:
    """List what the firm suggested with where it stands, and ask for more."""
    title = title_teller(call)
    options = sorted((policy_id, title(policy_id)) for policy_id in call.desk.rules.policies)
    found = firm_inbox.list_firm_suggestions(call, PageQuery(cursor=query.cursor, limit=query.limit))
    return View(
        "enterprise/suggestions.html", {"found": found, "options": options, "policy": query.policy, "title": title}
    )


@PAGES.takes("/enterprise/suggestions", "建议与评价", "Suggestions", like="suggest_as_firm", again="list_suggestions")
def suggest(call: Call, form: SuggestionForm) -> Redirect:
    """Keep a suggestion."""
    suggestion = NewSuggestion(policy_id=form.policy, subject=form.subject, department=form.department, text=form.text)
    firm_inbox.suggest_as_firm(call, suggestion)
    return Redirect("/enterprise/suggestions", "suggested")
