"""The first page of the bureau: what waits for this person today, what is late first.

Guarantees that it counts only what the person's roles and reach allow; every figure leads to the list behind it.
"""

from dataclasses import dataclass

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.model import Status
from policy_match.supervision.colours import Colour
from policy_match.supervision.stages import STAGES
from policy_match.web.api.v1 import approvals, cases, notices, objections, supervision
from policy_match.web.bureau.allowed import may, reaching
from policy_match.web.call import Call
from policy_match.web.portal.page import Door, Pages, View

PAGES = Pages(Door.BUREAU)

MOST_COUNTED = 100
"""Of objections and messages so many are counted; of more it says `100+`."""

OPEN = tuple(
    each
    for each in Status
    if each not in (Status.CLOSED, Status.DECLINED, Status.WAIVED, Status.WITHDRAWN, Status.REJECTED, Status.RECOVERED)
)
"""The stages in which something is still to be done, in the order of the way to the money."""


@dataclass(frozen=True, slots=True)
class Late:
    """One stage of one unit in which cases turned red or yellow."""

    line: supervision.BoardItem
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StageCount:
    """How many cases of all policies stand at one stage, and their money."""

    status: Status
    cases: int
    amount_fen: int


@PAGES.shows("/bureau", "工作台", "Home", like="list_approval_lists", nav=True)
def home(call: Call) -> View:
    """Show what waits today."""
    stages = _stages(call)
    return View(
        "bureau/home.html",
        {
            "to_sign": approvals.list_lists_to_sign(call),
            "late": _late(call),
            "stages": stages,
            "objections": _objections(call),
            "unread": len(notices.list_inbox(call, notices.InboxQuery(unread=True, limit=MOST_COUNTED)).items),
            "returned": sum(each.cases for each in stages if each.status is Status.RETURNED),
            "most_counted": MOST_COUNTED,
            "may_see_cases": may(call, "list_cases"),
            "may_see_jobs": may(call, "list_jobs"),
        },
    )


def _late(call: Call) -> list[Late]:
    """Return the stages with red and yellow cases, the oldest first; none when the working days are not known."""
    if not may(call, "show_board"):
        return []
    try:
        board = supervision.show_board(reaching(call, "show_board"), supervision.BoardQuery())
    except WorkingDaysUnknown:
        return []
    late = [each for each in board.lines if each.colours[Colour.RED].cases or each.colours[Colour.YELLOW].cases]
    late.sort(key=lambda each: (each.colours[Colour.RED].cases == 0, each.oldest_on))
    chosen = 0 if call.language == "zh" else 1
    return [Late(line=each, words=STAGES[each.stage].words[chosen]) for each in late]


def _stages(call: Call) -> list[StageCount]:
    if not may(call, "count_cases"):
        return []
    found = cases.count_cases(reaching(call, "count_cases"), cases.CaseCountQuery()).items
    counted = [
        StageCount(
            status=status,
            cases=sum(each.cases for each in found if each.status is status),
            amount_fen=sum(each.amount_fen for each in found if each.status is status),
        )
        for status in OPEN
    ]
    return [each for each in counted if each.cases]


def _objections(call: Call) -> tuple[int, int] | None:
    """Return how many objections wait for an answer, and how many of them too long."""
    if not may(call, "list_objections"):
        return None
    within = reaching(call, "list_objections")
    waiting, overdue = (
        len(objections.list_objections(within, objections.ObjectionQuery(overdue=each, limit=MOST_COUNTED)).items)
        for each in (False, True)
    )
    return waiting, overdue
