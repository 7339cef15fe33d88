"""What is due when and whose it is, and what the end of the year cuts off."""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.model import Status
from policy_match.cases.working_days import china_day
from policy_match.notices.model import NoticeStatus
from policy_match.ports.deadlines import Due
from policy_match.services import due_dates
from policy_match.services.due_dates import DueCase
from policy_match.values import PolicyId
from policy_match.web.call import Call
from policy_match.web.models import Fen, Name, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.DEADLINES)
OPERATIONS = CHAPTER.operations

MOST_DAYS = 250

Within = Annotated[int, Field(ge=0, le=MOST_DAYS, description="how many working days ahead")]
Department = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class GroupsQuery(Query):
    """How far ahead."""

    within: Within = 5


class DueQuery(PageQuery):
    """Which cases."""

    what: Due
    within: Within = 5
    department: Department | None = None
    policy: Annotated[Name | None, Field(description="the id of a policy")] = None


class DueGroupItem(Output):
    """What is due of one kind in one department; `people` may act, maybe nobody."""

    what: Due
    department: str
    people: list[str]
    first: date
    late: int
    late_fen: Fen
    soon: int
    soon_fen: Fen


class DueGroupsAnswer(Output):
    """What is late or due soon, by kind and department."""

    groups: list[DueGroupItem]


class DueCaseItem(Output):
    """One case with a last day, and whose it is; `notice` is how far the notice of its window got."""

    what: Due
    due: date
    case_id: int
    objection: int | None
    policy_id: str
    title: str
    title_en: str
    department: str
    people: list[str]
    uscc: str
    name: str
    amount_fen: Fen
    notice: NoticeStatus | None


class CutOffGroupItem(Output):
    """Unpaid cases of one policy in one status; `late` cannot be ordered by the cut-off any more."""

    policy_id: str
    title: str
    title_en: str
    department: str
    status: Status
    cases: int
    amount_fen: Fen
    late: int
    late_fen: Fen


class CutOffLineItem(Output):
    """What was granted from a budget line and is not ordered, and what the line has left."""

    line: str
    label: str
    cases: int
    amount_fen: Fen
    available_fen: Fen


class CutOffAnswer(Output):
    """What is unpaid before the last day on which orders are made; lines are for those limited to no department."""

    cut_off: date
    today: date
    groups: list[CutOffGroupItem]
    lines: list[CutOffLineItem]


@CHAPTER.operation(Method.GET, "/deadlines", raises=(WorkingDaysUnknown,))
def show_due_groups(call: Call, query: GroupsQuery) -> DueGroupsAnswer:
    """Show what is late or due soon, by kind and department."""
    found = due_dates.due_groups(
        call.database, call.desk.working_days, clock=call.clock, within=query.within, policies=call.policies
    )
    return DueGroupsAnswer.model_validate({"groups": found}, from_attributes=True)


@CHAPTER.operation(Method.GET, "/deadlines/cases", raises=(WorkingDaysUnknown,))
def list_due_cases(call: Call, query: DueQuery) -> Page[DueCaseItem]:
    """List the cases of one kind that are late or due soon, the earliest first."""
    place = call.cursors.place(date, int, int)
    found = due_dates.due_cases(
        call.database,
        call.desk.working_days,
        clock=call.clock,
        what=query.what,
        within=query.within,
        department=query.department,
        policy=None if query.policy is None else PolicyId(query.policy),
        policies=call.policies,
        after=None if place is None else (place[0], place[1], place[2]),
        most=query.limit + 1,
    )
    kept = found[: query.limit]
    more = None
    if len(found) > query.limit:
        last = kept[-1].line
        more = call.cursors.write(last.due, last.case_id, last.objection or 0)
    return Page[DueCaseItem](items=[_item(each) for each in kept], next=more)


@CHAPTER.operation(Method.GET, "/deadlines/cut-off", raises=(WorkingDaysUnknown,))
def show_cut_off(call: Call) -> CutOffAnswer:
    """Show what is unpaid before this year's cut-off, and what cannot be ordered by it although all act today."""
    cut_off = call.desk.payment_cut_off(china_day(call.now).year)
    found = due_dates.cut_off_outlook(call.database, call.desk.working_days, clock=call.clock, cut_off=cut_off)
    within = call.policies
    return CutOffAnswer(
        cut_off=found.cut_off,
        today=found.today,
        groups=[
            CutOffGroupItem.model_validate(each) for each in found.groups if within is None or each.policy_id in within
        ],
        lines=[CutOffLineItem.model_validate(each) for each in found.lines] if within is None else [],
    )


def _item(each: DueCase) -> DueCaseItem:
    line = each.line
    return DueCaseItem(
        what=line.what,
        due=line.due,
        case_id=line.case_id,
        objection=line.objection,
        policy_id=line.policy_id,
        title=each.title,
        title_en=each.title_en,
        department=each.department,
        people=list(each.people),
        uscc=line.uscc,
        name=line.name,
        amount_fen=line.amount_fen,
        notice=line.notice,
    )
