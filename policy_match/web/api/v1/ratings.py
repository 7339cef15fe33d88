"""How firms rate what they were paid (好差评): given by the firm, answered by staff, averaged by policy.

Guarantees that a firm rates its own paid cases only, and that staff see ratings of policies within reach.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.ratings import Grade
from policy_match.services import ratings
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.firm_cases import NoReceipt
from policy_match.services.ratings import AnswerMissing, NoSuchRating, RatedBefore, RatingAnswered
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.api.v1.firm_cases import firm_of
from policy_match.web.api.v1.objections import Reason
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Output, Page, PageQuery
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.RATINGS)
OPERATIONS = CHAPTER.operations

RatingText = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]


class NewRating(Input):
    """How the firm rates what it was paid; it is not changed afterwards."""

    grade: Annotated[Grade, Field(strict=False)]
    text: RatingText = ""


class RatingReply(Input):
    """What the department says to it."""

    text: Annotated[Reason, Field(description="the firm reads it")]


class RatingQuery(PageQuery):
    """Which ratings."""

    waiting: Annotated[bool, Field(description="only bad grades that wait for an answer")] = False
    overdue: Annotated[bool, Field(description="of these only those whose last day for it is over")] = False


class FirmRatingItem(Output):
    """One rating of the firm, with the answer once there is one."""

    case_id: int
    policy_id: str
    grade: Grade
    text: str
    due: Annotated[date | None, Field(description="the last day for the answer; none where none is needed")]
    at: Moment
    answer: str
    answered_at: Moment | None


class FirmRatingAnswer(Output):
    """The rating of a case that was paid; none before it."""

    rating: FirmRatingItem | None


class RatingItem(FirmRatingItem):
    """One rating, with whose it is and who answered."""

    uscc: str
    answered_by: str


class AverageItem(Output):
    """How firms rate one policy; numbers are none where too few firms are behind them."""

    policy_id: str
    ratings: int | None
    average_hundredths: Annotated[int | None, Field(description="5.00 is the best, 1.00 the worst; in hundredths")]


class Averages(Output):
    """The averages, by policy."""

    items: list[AverageItem]


@CHAPTER.operation(Method.GET, "/firm/ratings")
def list_firm_ratings(call: Call, query: PageQuery) -> Page[FirmRatingItem]:
    """List the firm's ratings, the latest case first."""
    found = ratings.firm_ratings(
        call.database, firm_of(call), before=call.cursors.number() or None, most=query.limit + 1
    )
    return call.page(Page[FirmRatingItem], found, query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/firm/cases/{case_id}/rating", raises=(NoSuchCase, NoReceipt))
def show_firm_rating(call: Call, path: CaseId) -> FirmRatingAnswer:
    """Show how the firm rated a case that was paid."""
    found = ratings.firm_rating(call.database, firm_of(call), path.case_id)
    return FirmRatingAnswer(rating=None if found is None else FirmRatingItem.model_validate(found))


@CHAPTER.operation(
    Method.POST,
    "/firm/cases/{case_id}/rating",
    raises=(NoSuchCase, NoReceipt, RatedBefore, WorkingDaysUnknown),
)
def rate_firm_case(call: Call, path: CaseId, body: NewRating) -> Made[FirmRatingItem]:
    """Rate a case that was paid, once; a bad grade is answered within 5 working days."""
    rated = ratings.rate_case(
        call.database,
        call.desk.working_days,
        call.clock,
        firm_of(call),
        path.case_id,
        body.grade,
        body.text,
        by=call.by,
    )
    return Made(FirmRatingItem.model_validate(rated), f"/firm/cases/{path.case_id}/rating")


@CHAPTER.operation(Method.GET, "/ratings")
def list_ratings(call: Call, query: RatingQuery) -> Page[RatingItem]:
    """List ratings by number of the case."""
    found = ratings.list_ratings(
        call.database,
        call.clock,
        policies=call.policies,
        waiting=query.waiting,
        overdue=query.overdue,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[RatingItem], found, query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/ratings/averages")
def show_rating_averages(call: Call) -> Averages:
    """Show the average of each policy, where enough firms are behind it."""
    found = ratings.rating_averages(call.database, call.policies)
    return Averages(items=[AverageItem.model_validate(each) for each in found])


@CHAPTER.operation(Method.GET, "/ratings/{case_id}", raises=(NoSuchRating,))
def show_rating(call: Call, path: CaseId) -> RatingItem:
    """Show the rating of a case."""
    call.check_cases([path.case_id])
    return RatingItem.model_validate(ratings.show_rating(call.database, path.case_id))


@CHAPTER.operation(Method.POST, "/ratings/{case_id}/answer", raises=(NoSuchRating, RatingAnswered, AnswerMissing))
def answer_rating(call: Call, path: CaseId, body: RatingReply) -> RatingItem:
    """Answer a rating, once; the firm reads it."""
    call.check_cases([path.case_id])
    answered = ratings.answer_rating(call.database, call.clock, path.case_id, body.text, by=call.by)
    return RatingItem.model_validate(answered)
