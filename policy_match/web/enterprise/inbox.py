"""The firm's messages, and which of them were read."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from policy_match.cases.model import NoticeKind
from policy_match.web.api.v1 import firm_inbox
from policy_match.web.api.v1.firm_inbox import InboxQuery, ReadMarks
from policy_match.web.call import Call
from policy_match.web.models import Number
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View

PAGES = Pages(Door.ENTERPRISE)

PER_PAGE = 30

LEADS: Mapping[NoticeKind, str] = {
    NoticeKind.CORRECTION_ANSWERED: "/enterprise/corrections",
    NoticeKind.RATING_ANSWERED: "/enterprise/ratings",
    NoticeKind.SUGGESTION_DECIDED: "/enterprise/suggestions",
}
"""Where a firm sees more of what is about no case."""


class ListQuery(InboxQuery):
    """Which messages."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class ReadForm(Form):
    """Which messages were read."""

    notices: Annotated[list[Number], Field(min_length=1, max_length=PER_PAGE)]


@PAGES.shows("/enterprise/inbox", "消息", "Messages", like="list_firm_messages", nav=True)
def list_messages(call: Call, query: ListQuery) -> View:
    """List the firm's messages, the newest first."""
    found = firm_inbox.list_firm_messages(call, query)
    return View("enterprise/inbox.html", {"found": found, "query": query, "leads": LEADS})


@PAGES.takes("/enterprise/inbox", "消息", "Messages", like="mark_firm_messages", again="list_messages")
def mark_messages(call: Call, form: ReadForm) -> Redirect:
    """Mark messages as read."""
    firm_inbox.mark_firm_messages(call, ReadMarks(notice_ids=form.notices))
    return Redirect("/enterprise/inbox", "messages-read")
