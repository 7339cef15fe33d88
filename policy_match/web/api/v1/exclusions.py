"""Firms that are excluded from one policy, or from all, for a time."""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.working_days import china_day
from policy_match.services import exclusions
from policy_match.services.exclusions import NoSuchExclusion
from policy_match.services.explain import NoSuchPolicy
from policy_match.values import PolicyId, Uscc
from policy_match.web.api.v1.objections import Reason
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Input, Name, Number, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.EXCLUSIONS)
OPERATIONS = CHAPTER.operations


class ExclusionId(Query):
    """Which exclusion."""

    exclusion_id: Number


class ExclusionQuery(PageQuery):
    """Whose exclusions."""

    firm: Annotated[CreditCode | None, Field(description="统一社会信用代码")] = None


class NewExclusion(Input):
    """A firm that is to be excluded. Without a policy it is excluded from all, without a last day for good."""

    uscc: CreditCode
    policy_id: Name | None = None
    since: Annotated[date | None, Field(description="the first day; today when it is not given")] = None
    until: Annotated[date | None, Field(description="the last day")] = None
    reason: Reason


class LiftedExclusion(Input):
    """Why an exclusion ends before its last day."""

    reason: Reason


class ExclusionItem(Output):
    """One exclusion."""

    exclusion_id: int
    uscc: str
    policy_id: Annotated[str | None, Field(description="none for every policy")]
    since: date
    until: Annotated[date | None, Field(description="none for good")]
    reason: str
    by: str
    lifted: Annotated[str | None, Field(description="why it ended early, if it did")]


@CHAPTER.operation(Method.GET, "/exclusions")
def list_exclusions(call: Call, query: ExclusionQuery) -> Page[ExclusionItem]:
    """List exclusions by number, lifted ones included."""
    found = exclusions.list_exclusions(
        call.database,
        uscc=None if query.firm is None else Uscc(query.firm),
        policies=call.policies,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[ExclusionItem], found, query.limit, "exclusion_id")


@CHAPTER.operation(Method.GET, "/exclusions/{exclusion_id}", raises=(NoSuchExclusion,))
def show_exclusion(call: Call, path: ExclusionId) -> ExclusionItem:
    """Show one exclusion."""
    return _exclusion(call, path.exclusion_id)


@CHAPTER.operation(Method.POST, "/exclusions", raises=(NoSuchPolicy,))
def exclude_firm(call: Call, body: NewExclusion) -> Made[ExclusionItem]:
    """Exclude a firm from one policy, or from all.

    Cases that stand are withdrawn by the next recheck, with this reason. A firm that is not known yet can be excluded.
    """
    policy = None if body.policy_id is None else PolicyId(body.policy_id)
    if policy is None:
        call.check_everywhere()
    elif policy not in call.desk.rules.policies:
        raise NoSuchPolicy(policy, sorted(call.desk.rules.policies))
    else:
        call.check_policy(policy)
    number = exclusions.exclude_firm(
        call.database,
        Uscc(body.uscc),
        policy=policy,
        since=body.since or china_day(call.now),
        until=body.until,
        reason=body.reason,
        by=call.by,
        clock=call.clock,
    )
    return Made(_exclusion(call, number), f"/exclusions/{number}")


@CHAPTER.operation(
    Method.POST, "/exclusions/{exclusion_id}/lift", raises=(NoSuchExclusion,), guarded_by="show_exclusion"
)
def lift_exclusion(call: Call, path: ExclusionId, body: LiftedExclusion) -> ExclusionItem:
    """End an exclusion before its last day."""
    if _exclusion(call, path.exclusion_id).policy_id is None:
        call.check_everywhere()
    exclusions.lift_exclusion(call.database, path.exclusion_id, reason=body.reason, by=call.by, clock=call.clock)
    return _exclusion(call, path.exclusion_id)


def _exclusion(call: Call, exclusion_id: int) -> ExclusionItem:
    """Return an exclusion within reach; one that is not within reach is as good as not there."""
    found = exclusions.list_exclusions(call.database, policies=call.policies, after=exclusion_id - 1, most=1)
    if not found or found[0].exclusion_id != exclusion_id:
        raise NoSuchExclusion(exclusion_id=exclusion_id)
    return ExclusionItem.model_validate(found[0])
