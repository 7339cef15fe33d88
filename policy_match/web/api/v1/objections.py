"""Objections to cases on public display, and their answers."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.defects import NotAPerson, OwnObjection, TooLate, TwoStages, WrongStep
from policy_match.cases.objection import ObjectionOutcome
from policy_match.services import objections
from policy_match.services.answer_cases import MovedMeanwhile, NoSuchCase
from policy_match.services.objections import MoreThanEntitled, NoSuchObjection, ObjectionAnswered
from policy_match.web.call import Call
from policy_match.web.models import BLANK, Fen, Input, Moment, Number, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.OBJECTIONS)
OPERATIONS = CHAPTER.operations

Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]
"""Why; never empty."""

Objector = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=rf"^[^:{BLANK}][^\x00:]*$")]
"""The name of somebody outside; names with a colon are those of firms and machines that signed in."""


class ObjectedCase(Query):
    """Which case."""

    case_id: Number


class ObjectionId(Query):
    """Which objection."""

    objection_id: Number


class ObjectionQuery(PageQuery):
    """Which objections."""

    overdue: Annotated[bool, Field(description="only those whose last day for an answer is over")] = False


class NewObjection(Input):
    """What somebody says against a case."""

    lodged_by: Annotated[Objector, Field(description="who objects, by name")]
    ground: Reason


class ObjectionReply(Input):
    """The answer; it settles every open objection to the case."""

    outcome: ObjectionOutcome
    reason: Reason
    amount_fen: Annotated[Fen | None, Field(description="the new amount; for `amend` only")] = None


class ObjectionItem(Output):
    """One objection, with its answer once there is one."""

    objection_id: int
    case_id: int
    policy_id: str
    uscc: str
    lodged_by: str
    ground: str
    due: Annotated[date, Field(description="the last day for the answer")]
    at: Moment
    outcome: str | None
    answered_by: str | None
    answered_at: Moment | None
    answer: str | None


class ObjectionsAnswered(Output):
    """The numbers of the objections that the answer settled."""

    objections: list[int]
    outcome: ObjectionOutcome


@CHAPTER.operation(Method.GET, "/objections")
def list_objections(call: Call, query: ObjectionQuery) -> Page[ObjectionItem]:
    """List the objections that wait for an answer, by number."""
    found = objections.open_objections(
        call.database,
        clock=call.clock,
        overdue=query.overdue,
        policies=call.policies,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[ObjectionItem], found, query.limit, "objection_id")


@CHAPTER.operation(Method.GET, "/objections/{objection_id}", raises=(NoSuchObjection,))
def show_objection(call: Call, path: ObjectionId) -> ObjectionItem:
    """Show one objection."""
    found = objections.show_objection(call.database, path.objection_id)
    call.check_policy(found.policy_id)
    return ObjectionItem.model_validate(found)


@CHAPTER.operation(
    Method.POST,
    "/cases/{case_id}/objections",
    raises=(NoSuchCase, WrongStep, TooLate, MovedMeanwhile),
)
def lodge_objection(call: Call, path: ObjectedCase, body: NewObjection) -> Made[ObjectionItem]:
    """Take an objection to a case on public display.

    The case waits for the answer, which is due within the working days that its policy gives.
    """
    call.check_cases([path.case_id])
    number = objections.lodge_objection(
        call.database,
        call.desk.working_days,
        path.case_id,
        by=body.lodged_by,
        ground=body.ground,
        clock=call.clock,
    )
    made = ObjectionItem.model_validate(objections.show_objection(call.database, number))
    return Made(made, f"/objections/{number}")


@CHAPTER.operation(
    Method.POST,
    "/objections/{objection_id}/answer",
    raises=(
        NoSuchObjection,
        ObjectionAnswered,
        MoreThanEntitled,
        TwoStages,
        OwnObjection,
        NotAPerson,
        MovedMeanwhile,
    ),
)
def answer_objection(call: Call, path: ObjectionId, body: ObjectionReply) -> ObjectionsAnswered:
    """Answer an objection, and with it every other open one to its case.

    Who reviewed, approved or objected may not answer. `uphold` withdraws the case; `amend` gives it another amount, at
    most that with which it was opened, and a new review and approval.
    """
    call.check_policy(objections.show_objection(call.database, path.objection_id).policy_id)
    answered = objections.answer_objection(
        call.database,
        path.objection_id,
        body.outcome,
        by=call.by,
        reason=body.reason,
        clock=call.clock,
        amount_fen=body.amount_fen,
    )
    return ObjectionsAnswered(objections=list(answered), outcome=body.outcome)
