"""A member of staff's own messages: what is asked of the department, orders to act, what is late, dates that come."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from policy_match.cases.model import NoticeKind
from policy_match.web.api.v1 import notices as api
from policy_match.web.call import Call
from policy_match.web.models import Number
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View

PAGES = Pages(Door.BUREAU)

PER_PAGE = 30

LEADS: Mapping[NoticeKind, str] = {
    NoticeKind.CORRECTION_ASKED: "/bureau/corrections",
    NoticeKind.BAD_RATING: "/bureau/ratings",
    NoticeKind.ORDER_TO_ACT: "/bureau/supervision",
    NoticeKind.ESCALATION: "/bureau/cases/late",
}
"""Where one does what a message asks for."""


class ListQuery(api.InboxQuery):
    """Which messages."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class ReadForm(Form):
    """Which messages were read."""

    notices: Annotated[list[Number], Field(min_length=1, max_length=PER_PAGE)]


@PAGES.shows("/bureau/inbox", "消息", "Messages", like="list_inbox")
def list_messages(call: Call, query: ListQuery) -> View:
    """List one's own messages, the newest first."""
    return View("bureau/inbox.html", {"found": api.list_inbox(call, query), "query": query, "leads": LEADS})


@PAGES.takes("/bureau/inbox", "消息", "Messages", like="read_inbox", again="list_messages")
def mark_messages(call: Call, form: ReadForm) -> Redirect:
    """Mark messages as read."""
    api.read_inbox(call, api.ReadMessages(notice_ids=form.notices))
    return Redirect("/bureau/inbox", "messages-read")
