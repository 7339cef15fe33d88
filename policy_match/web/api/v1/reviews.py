"""The review list of policies: signs that somebody should look, who does, and what follows; and suggestions."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from policy_match.reports.model import Span
from policy_match.reports.reviews import ReviewOutcome, Sign, SuggestionStatus
from policy_match.services import policy_reviews, reserve_list
from policy_match.services.policy_reviews import (
    MOST_ANSWER_LETTERS,
    NoSuchPolicy,
    NoSuchReview,
    NothingSaid,
    NotTheOwner,
    ReviewNotOpen,
    ReviewOpen,
    SubjectNotNamed,
)
from policy_match.services.publish_report import year_span
from policy_match.services.reserve_list import NoSuchSuggestion, PolicyNotNamed, SuggestionDecided
from policy_match.values import PolicyId
from policy_match.web.api.v1.firm_inbox import MaybeShort
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.REVIEWS)
OPERATIONS = CHAPTER.operations


class NextStatus(StrEnum):
    """What a suggestion can become."""

    RESERVED = "reserved"
    TAKEN_UP = "taken_up"
    NOT_TAKEN_UP = "not_taken_up"


class ReviewKey(Query):
    """Which review."""

    review_id: Number


class DaysQuery(Query):
    """Benefits that fell due in these days, by default in this year."""

    first: date | None = None
    last: date | None = None


class FindingItem(Output):
    """One sign: so many of so many, and what stands behind them by name."""

    sign: Sign
    number: int
    of: int
    detail: dict[str, int]


class ReviewAnswerItem(Output):
    """What the owner said."""

    text: str
    at: Moment
    by: str


class DecidedItem(Output):
    """What follows."""

    outcome: ReviewOutcome
    reason: str
    at: Moment
    by: str


class ReviewItem(Output):
    """One review with the signs that it began with."""

    review_id: int
    policy_id: str
    owner: str
    first_day: date
    last_day: date
    found: list[FindingItem]
    at: Moment
    by: str
    answer: ReviewAnswerItem | None
    decision: DecidedItem | None


class ReviewLineItem(Output):
    """One policy of the list: its signs now, and its last review, if there was one."""

    policy_id: str
    findings: list[FindingItem]
    review: ReviewItem | None


class ReviewsAnswer(Output):
    """Policies with a sign, or with a review that is not decided; those with most signs first."""

    policies: list[ReviewLineItem]


class NewReview(Input):
    """Who is to look at which policy, by what fell due in which days, by default this year."""

    policy: Name
    owner: Annotated[Name, Field(description="a staff account")]
    first: date | None = None
    last: date | None = None


class Answering(Input):
    """What the owner says."""

    text: Annotated[str, Field(min_length=1, max_length=MOST_ANSWER_LETTERS, pattern=r"^[^\x00]*$")]


class Deciding(Input):
    """What follows, and why."""

    outcome: ReviewOutcome
    reason: Text


class SuggestionKey(Query):
    """Which suggestion."""

    suggestion_id: Number


class SuggestionsQuery(PageQuery):
    """Of which policy, where they stand, and whether they ask for a policy that there is not."""

    policy: Annotated[Name | None, Field(description="the id of a policy")] = None
    status: SuggestionStatus | None = None
    new: Annotated[
        bool | None, Field(description="true: those that ask for a policy that there is not; false: the others")
    ] = None


class PolicySuggestionItem(Output):
    """What somebody would have different about a policy, or which policy is asked for that there is not."""

    suggestion_id: int
    policy_id: Annotated[str | None, Field(description="none where a policy is asked for that there is not")]
    subject: str
    department: Annotated[str, Field(description="that is thought responsible; may be empty")]
    text: str
    at: Moment
    by: str
    status: SuggestionStatus
    taken_into: Annotated[str, Field(description="the policy into which it was taken up; else empty")]
    reason: Annotated[str, Field(description="why; the firm reads it")]
    decided_at: Moment | None


class SuggestionDecision(Input):
    """What becomes of a suggestion; the firm reads it."""

    status: Annotated[NextStatus, Field(strict=False)]
    policy: Annotated[Name | None, Field(description="the policy that takes it up, and only then")] = None
    reason: Annotated[Text, Field(description="needed but for the reserve list")] = ""


class NewPolicySuggestion(Input):
    """What should be different about a policy, or, with a subject alone, which policy is asked for."""

    policy: Name | None = None
    subject: Annotated[MaybeShort, Field(description="what is asked for, where there is no policy")] = ""
    department: Annotated[MaybeShort, Field(description="that is thought responsible; only with a subject")] = ""
    text: Text


class SuggestedAnswer(Output):
    """The number under which it is kept."""

    suggestion_id: int


@CHAPTER.operation(Method.GET, "/reviews", collects=True)
def list_reviews(call: Call, query: DaysQuery) -> ReviewsAnswer:
    """List the policies that somebody should look at, and why."""
    found = policy_reviews.review_list(call.database, call.clock, _span(call, query.first, query.last))
    within = call.policies
    kept = [each for each in found if within is None or each.policy_id in within]
    return ReviewsAnswer.model_validate({"policies": kept}, from_attributes=True)


@CHAPTER.operation(Method.POST, "/reviews", raises=(NoSuchPolicy, ReviewOpen))
def open_review(call: Call, body: NewReview) -> Made[ReviewItem]:
    """Name who is to look at a policy, and keep its signs as they are."""
    policy = PolicyId(body.policy)
    call.check_policy(policy)
    review = policy_reviews.open_review(
        call.database,
        call.clock,
        policy,
        _span(call, body.first, body.last),
        owner=body.owner,
        by=call.by,
    )
    return Made(ReviewItem.model_validate(review), f"/reviews/{review.review_id}")


@CHAPTER.operation(Method.GET, "/reviews/{review_id}", raises=(NoSuchReview,))
def show_review(call: Call, path: ReviewKey) -> ReviewItem:
    """Show one review."""
    return _found(call, path.review_id)


@CHAPTER.operation(
    Method.POST, "/reviews/{review_id}/answer", raises=(NoSuchReview, ReviewNotOpen, NotTheOwner, NothingSaid)
)
def answer_review(call: Call, path: ReviewKey, body: Answering) -> ReviewItem:
    """Say what you found, as the owner of a review."""
    review = policy_reviews.answer_review(call.database, call.clock, path.review_id, body.text, by=call.by)
    return ReviewItem.model_validate(review)


@CHAPTER.operation(
    Method.POST, "/reviews/{review_id}/decision", raises=(NoSuchReview, ReviewNotOpen, NotTheOwner, NothingSaid)
)
def decide_review(call: Call, path: ReviewKey, body: Deciding) -> ReviewItem:
    """Decide what follows from a review that was answered; its owner does not."""
    _found(call, path.review_id)
    review = policy_reviews.decide_review(
        call.database, call.clock, path.review_id, body.outcome, reason=body.reason, by=call.by
    )
    return ReviewItem.model_validate(review)


@CHAPTER.operation(Method.GET, "/suggestions")
def list_suggestions(call: Call, query: SuggestionsQuery) -> Page[PolicySuggestionItem]:
    """List suggestions by number; those of no policy to whoever sees every policy."""
    found = policy_reviews.list_suggestions(
        call.database,
        None if query.policy is None else PolicyId(query.policy),
        policies=call.policies,
        status=query.status,
        new=query.new,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[PolicySuggestionItem], found, query.limit, "suggestion_id")


@CHAPTER.operation(
    Method.POST,
    "/suggestions/{suggestion_id}/decision",
    raises=(NoSuchSuggestion, SuggestionDecided, PolicyNotNamed, NoSuchPolicy, NothingSaid),
)
def decide_suggestion(call: Call, path: SuggestionKey, body: SuggestionDecision) -> PolicySuggestionItem:
    """Put a suggestion into the reserve list, say into which policy it was taken up, or why it was not."""
    call.check_policy(reserve_list.show_suggestion(call.database, path.suggestion_id).policy_id)
    if body.policy is not None and body.policy not in call.desk.rules.policies:
        raise NoSuchPolicy(policy=body.policy)
    decided = reserve_list.decide_suggestion(
        call.database,
        call.clock,
        path.suggestion_id,
        SuggestionStatus(body.status),
        taken_into=None if body.policy is None else PolicyId(body.policy),
        reason=body.reason,
        by=call.by,
    )
    return PolicySuggestionItem.model_validate(decided)


@CHAPTER.operation(Method.POST, "/suggestions", raises=(NoSuchPolicy, NothingSaid, SubjectNotNamed))
def add_suggestion(call: Call, body: NewPolicySuggestion) -> SuggestedAnswer:
    """Keep what somebody would have different about a policy."""
    number = policy_reviews.suggest(
        call.database,
        call.clock,
        None if body.policy is None else PolicyId(body.policy),
        body.text,
        subject=body.subject,
        department=body.department,
        by=call.by,
    )
    return SuggestedAnswer(suggestion_id=number)


def _span(call: Call, first: date | None, last: date | None) -> Span:
    year = year_span(None, call.clock)
    return Span(first=first or year.first, last=last or year.last)


def _found(call: Call, review_id: int) -> ReviewItem:
    """Return a review of a policy within reach. Raises `NoSuchReview` or `NotAllowed`."""
    review = policy_reviews.show_review(call.database, review_id)
    call.check_policy(review.policy_id)
    return ReviewItem.model_validate(review)
