"""The reserve list: what firms would have different about policies, and what becomes of it."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.reports.reviews import FINAL, SUGGESTION_WORDS, SuggestionStatus
from policy_match.web.api.v1 import reviews as api
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import Name, Number, Page
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.BUREAU)

PER_PAGE = 50


class ListQuery(api.SuggestionsQuery):
    """Which suggestions."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class DecisionForm(Form):
    """What becomes of one suggestion; the firm reads it."""

    suggestion: Number
    status: api.NextStatus
    policy: Name | None = None
    reason: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""


@PAGES.shows(
    "/bureau/suggestions",
    "点菜单",
    "Suggestions",
    like="list_suggestions",
    tables=(Table("suggestions", api.list_suggestions),),
)
def suggestion_list(call: Call, query: ListQuery) -> View:
    """List suggestions with where they stand, and decide about each."""
    say = Saying(call.language)
    found: Page[api.PolicySuggestionItem] = api.list_suggestions(call, query)
    return View(
        "bureau/suggestions.html",
        {
            "query": query,
            "found": found,
            "groups": _groups(found.items, say),
            "named": Named(call),
            "statuses": [(each.value, say.words(words)) for each, words in SUGGESTION_WORDS.items()],
            "next_of": {status: _next(status, say) for status in SuggestionStatus},
            "may_decide": may(call, "decide_suggestion"),
        },
    )


@PAGES.takes("/bureau/suggestions", "处理建议", "Decide", like="decide_suggestion", again="suggestion_list")
def decide_suggestion(call: Call, form: DecisionForm) -> Redirect:
    """Keep what becomes of a suggestion."""
    decision = api.SuggestionDecision(status=form.status, policy=form.policy, reason=form.reason)
    api.decide_suggestion(call, api.SuggestionKey(suggestion_id=form.suggestion), decision)
    return Redirect("/bureau/suggestions", "suggestion-decided")


def _groups(items: Sequence[api.PolicySuggestionItem], say: Saying) -> list[tuple[str, list[api.PolicySuggestionItem]]]:
    """Return the suggestions of a page under headings: what asks for a policy that there is not, and the rest."""
    groups = [
        (say("希望出台的政策", "Policies that there are not"), [each for each in items if each.policy_id is None]),
        (say("对现有政策的建议", "About policies that there are"), [each for each in items if each.policy_id]),
    ]
    return [(heading, listed) for heading, listed in groups if listed]


def _next(status: SuggestionStatus, say: Saying) -> list[tuple[str, str]]:
    """Return what a suggestion can become from where it stands."""
    if status in FINAL:
        return []
    rest = [each for each in SuggestionStatus if each not in (SuggestionStatus.RECEIVED, status)]
    return [(each.value, say.word(each)) for each in rest]
