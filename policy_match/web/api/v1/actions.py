"""What was done over the web, by whom and when: the history that nobody can change."""

from typing import Annotated

from pydantic import Field

from policy_match.web.call import Call
from policy_match.web.models import Moment, Output, Page, PageQuery
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.ACTIONS)
OPERATIONS = CHAPTER.operations


class ActionItem(Output):
    """One action. What was sent is not kept here; the things themselves keep their history."""

    action_id: int
    at: Moment
    by: Annotated[str, Field(description="a staff account, `firm:` with a code, or `machine:` with a name")]
    account: Annotated[str, Field(description="the person who acted for a firm")]
    operation: str
    path: str
    status: Annotated[int, Field(description="403 is what a member of staff tried and may not")]
    request_id: str


@CHAPTER.operation(Method.GET, "/actions")
def list_actions(call: Call, query: PageQuery) -> Page[ActionItem]:
    """List what was done, the latest first."""
    call.check_everywhere()
    with call.database.unit_of_work() as work:
        found = work.actions.newest(before=call.cursors.number() or None, most=query.limit + 1)
    items = [
        ActionItem(
            action_id=each.action_id,
            at=each.at,
            by=each.actor.by,
            account=each.actor.account,
            operation=each.operation,
            path=each.path,
            status=each.status,
            request_id=str(each.request_id),
        )
        for each in found
    ]
    return call.page(Page[ActionItem], items, query.limit, "action_id")
