"""Work that is asked for and done in the background: how far it is, what it gave, and cancelling it.

Guarantees that what is accepted is kept before it is answered, and done by the scheduler whatever happens to this
process. Work on all policies is only for those whose role is not limited to some.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.ports.requested_work import WorkKind, WorkRow, WorkStatus
from policy_match.services import ask_for_work as asking
from policy_match.services.ask_for_work import (
    MOST_SOURCES,
    NoSuchMappingName,
    NoSuchRequest,
    NoSuchUpload,
    RequestBegun,
)
from policy_match.services.case_history import policies_of_cases
from policy_match.services.explain import NoSuchPolicy
from policy_match.services.kept_sweeps import NoSuchSweepName
from policy_match.services.staff_steps import MOST_CASES, NotAWorkingDay, check_working_day
from policy_match.values import PolicyId, SnapshotId
from policy_match.web.api.v1.objections import Reason
from policy_match.web.api.v1.registry import NoSuchKeptSnapshot, Sha256, check_snapshot
from policy_match.web.api.v1.sweeps import SweepName
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Name, Number, Output, Page, PageQuery, Query
from policy_match.web.operation import Accepted, Chapter, Method, Tag

CHAPTER = Chapter(Tag.REQUESTS)
OPERATIONS = CHAPTER.operations


ManyCases = Annotated[list[Number], Field(min_length=1, max_length=MOST_CASES)]
"""Cases that are named, for work in the background."""


class RequestPath(Query):
    """Which request."""

    request_id: Number


class RequestQuery(PageQuery):
    """Which requests."""

    kind: WorkKind | None = None
    status: WorkStatus | None = None


class MappedUpload(Input):
    """A file that was sent, and the mapping by which it is read."""

    mapping: Name
    upload: Annotated[Sha256, Field(description="the digest under which it was sent")]


class WantedImport(Input):
    """The files of a snapshot; where several know a fact of a firm, the earlier one gives it."""

    sources: Annotated[list[MappedUpload], Field(min_length=1, max_length=MOST_SOURCES)]
    as_of: Annotated[date, Field(description="the day for which stale values are counted")]


class WantedPriorAid(Input):
    """A CSV file with the header `source,reference,uscc,matter,paid_on,amount_yuan`."""

    upload: Annotated[Sha256, Field(description="the digest under which it was sent")]


class WantedSweep(Input):
    """Which snapshot is decided, as of which day."""

    snapshot_id: Sha256
    as_of: date


class WantedOpening(Input):
    """Of which sweep cases are opened."""

    sweep_id: SweepName


class WantedRecheck(Input):
    """Before what eligibility is read again; of all policies when none is named."""

    purpose: RecheckPurpose
    policy_id: Name | None = None


class OfPolicy(Input):
    """Which policy is meant."""

    policy_id: Name


class OfPolicies(Input):
    """Which policy is meant; all when none is named."""

    policy_id: Name | None = None


class ManyExtensions(Input):
    """Cases whose firms have until the end of a working day, and why."""

    case_ids: ManyCases
    until: Annotated[date, Field(description="the new last day, a working day")]
    reason: Reason


class ManyWithdrawals(Input):
    """Cases that are taken back, and why."""

    case_ids: ManyCases
    reason: Reason


class Nothing(Input):
    """Nothing is to be said."""


class RequestItem(Output):
    """One request as it stands."""

    request_id: int
    kind: WorkKind
    parameters: dict[str, Any]
    policy_id: str | None
    at: Moment
    by: str
    status: WorkStatus
    tries: Annotated[int, Field(description="how often it was begun")]
    done: Annotated[int, Field(description="units of work that are done")]
    total: Annotated[int, Field(description="of so many; 0 when that is not known")]
    started_at: Moment | None
    ended_at: Moment | None
    result: Annotated[dict[str, Any], Field(description="what it gave, by kind; empty until it is done")]
    code: Annotated[str, Field(description="of what went wrong last, as in problem documents; empty when it is done")]
    detail: str


@CHAPTER.operation(Method.GET, "/requests")
def list_requests(call: Call, query: RequestQuery) -> Page[RequestItem]:
    """List requests, the latest first."""
    found = asking.list_requests(
        call.database,
        kind=query.kind,
        status=query.status,
        policies=call.policies,
        before=call.cursors.number() or None,
        most=query.limit + 1,
    )
    return call.page(Page[RequestItem], [_item(call, each) for each in found], query.limit, "request_id")


@CHAPTER.operation(Method.GET, "/requests/{request_id}", raises=(NoSuchRequest,))
def show_request(call: Call, path: RequestPath) -> RequestItem:
    """Show how far a request is, and what it gave; ask again every few seconds while it waits or is worked on."""
    return _item(call, _within(call, path.request_id))


@CHAPTER.operation(Method.POST, "/requests/{request_id}/cancel", raises=(NoSuchRequest, RequestBegun))
def cancel_request(call: Call, path: RequestPath) -> RequestItem:
    """Cancel a request that nobody has begun."""
    _within(call, path.request_id)
    return _item(call, asking.cancel_request(call.database, call.clock, path.request_id, by=call.by))


@CHAPTER.operation(Method.POST, "/requests/imports", raises=(NoSuchMappingName, NoSuchUpload))
def request_import(call: Call, body: WantedImport) -> Accepted[RequestItem]:
    """Ask for a snapshot of files that were sent. Its result names the snapshot."""
    call.check_everywhere()
    return _accepted(
        call,
        asking.ask_for_import(
            call.database,
            call.clock,
            [(each.mapping, each.upload) for each in body.sources],
            mappings=call.desk.shipped_mappings(),
            as_of=body.as_of,
            by=call.by,
        ),
    )


@CHAPTER.operation(Method.POST, "/requests/prior-aid", raises=(NoSuchUpload,))
def request_prior_aid(call: Call, body: WantedPriorAid) -> Accepted[RequestItem]:
    """Ask for aid that others paid to be taken in, so that openings deduct it. The same file again changes nothing."""
    call.check_everywhere()
    return _accepted(call, asking.ask_for_prior_aid(call.database, call.clock, body.upload, by=call.by))


@CHAPTER.operation(Method.POST, "/requests/sweeps", raises=(NoSuchKeptSnapshot,))
def request_sweep(call: Call, body: WantedSweep) -> Accepted[RequestItem]:
    """Ask for a kept sweep of a snapshot as of a day. Its result names the sweep.

    A policy that matches all or none of the registry stops it with `sweep-unconfirmed-match` until somebody says that
    this is right (`confirm_match`); then it is asked for again.
    """
    call.check_everywhere()
    check_snapshot(call, body.snapshot_id)
    return _accepted(
        call,
        asking.ask_for_sweep(call.database, call.clock, SnapshotId(body.snapshot_id), as_of=body.as_of, by=call.by),
    )


@CHAPTER.operation(Method.POST, "/requests/openings", raises=(NoSuchSweepName,))
def request_opening(call: Call, body: WantedOpening) -> Accepted[RequestItem]:
    """Ask for the cases of a kept sweep to be opened. A sweep that is opened again opens nothing twice."""
    call.check_everywhere()
    return _accepted(call, asking.ask_for_opening(call.database, call.clock, body.sweep_id, by=call.by))


@CHAPTER.operation(Method.POST, "/requests/notifications", raises=(NoSuchPolicy,))
def request_notification(call: Call, body: OfPolicies) -> Accepted[RequestItem]:
    """Ask for the firms whose turn it is to be notified; their time to answer begins."""
    return _step(call, WorkKind.NOTIFY, body.policy_id)


@CHAPTER.operation(Method.POST, "/requests/window-ends")
def request_window_ends(call: Call, body: Nothing) -> Accepted[RequestItem]:
    """Ask for silence to do what each policy says where the time to answer is over."""
    return _step(call, WorkKind.CLOSE_WINDOWS, None)


@CHAPTER.operation(Method.POST, "/requests/rechecks", raises=(NoSuchPolicy,))
def request_recheck(call: Call, body: WantedRecheck) -> Accepted[RequestItem]:
    """Ask for eligibility and exclusions to be read again, before approval or before payment."""
    policy = _policy(call, body.policy_id)
    return _accepted(call, asking.ask_for_recheck(call.database, call.clock, body.purpose, policy, by=call.by))


@CHAPTER.operation(Method.POST, "/requests/publications", raises=(NoSuchPolicy,))
def request_publication(call: Call, body: OfPolicies) -> Accepted[RequestItem]:
    """Ask for approved cases to be put on public display, where their policy asks for it."""
    return _step(call, WorkKind.PUBLISH, body.policy_id)


@CHAPTER.operation(Method.POST, "/requests/approval-lists", raises=(NoSuchPolicy,))
def request_approval_lists(call: Call, body: OfPolicy) -> Accepted[RequestItem]:
    """Ask for the reviewed cases of a policy to be listed for approval."""
    policy = _policy(call, body.policy_id)
    assert policy is not None, "the body names one"
    return _accepted(call, asking.ask_for_lists(call.database, call.clock, policy, by=call.by))


@CHAPTER.operation(Method.POST, "/requests/extensions", raises=(NotAWorkingDay, WorkingDaysUnknown))
def request_extension(call: Call, body: ManyExtensions) -> Accepted[RequestItem]:
    """Ask for more time for the firms of many cases; its result names those that could not take the step."""
    policy = _one_policy(call, body.case_ids)
    check_working_day(call.desk.working_days, body.until)
    return _accepted(
        call,
        asking.ask_for_extension(
            call.database,
            call.clock,
            body.case_ids,
            until=body.until,
            reason=body.reason,
            policy=policy,
            by=call.by,
        ),
    )


@CHAPTER.operation(Method.POST, "/requests/withdrawals")
def request_withdrawal(call: Call, body: ManyWithdrawals) -> Accepted[RequestItem]:
    """Ask for many cases to be taken back; its result names those that could not take the step."""
    policy = _one_policy(call, body.case_ids)
    return _accepted(
        call,
        asking.ask_for_withdrawal(
            call.database, call.clock, body.case_ids, reason=body.reason, policy=policy, by=call.by
        ),
    )


@CHAPTER.operation(Method.POST, "/requests/orders", raises=(NoSuchPolicy,))
def request_orders(call: Call, body: OfPolicies) -> Accepted[RequestItem]:
    """Ask for payment orders for what is due."""
    return _step(call, WorkKind.ORDER_PAYMENTS, body.policy_id)


@CHAPTER.operation(Method.POST, "/requests/new-attempts")
def request_new_attempts(call: Call, body: Nothing) -> Accepted[RequestItem]:
    """Ask for what came back to be ordered again, where the account was corrected."""
    return _step(call, WorkKind.ORDER_AGAIN, None)


@CHAPTER.operation(Method.POST, "/requests/sendings")
def request_sending(call: Call, body: Nothing) -> Accepted[RequestItem]:
    """Ask for batches to be made and given to the bank; that is done on working days."""
    return _step(call, WorkKind.SEND_PAYMENTS, None)


def _step(call: Call, kind: WorkKind, policy_id: str | None) -> Accepted[RequestItem]:
    policy = _policy(call, policy_id)
    return _accepted(call, asking.ask_for_step(call.database, call.clock, kind, policy, by=call.by))


def _policy(call: Call, policy_id: str | None) -> PolicyId | None:
    """Return the policy that is meant, which must be within reach; all of them only for who is not limited."""
    if policy_id is None:
        call.check_everywhere()
        return None
    if policy_id not in call.desk.rules.policies:
        raise NoSuchPolicy(policy_id, sorted(call.desk.rules.policies))
    call.check_policy(PolicyId(policy_id))
    return PolicyId(policy_id)


def _one_policy(call: Call, case_ids: Sequence[int]) -> PolicyId | None:
    """Return the policy of cases, which must be within reach; of several policies only for who is not limited."""
    call.check_cases(case_ids)
    found = policies_of_cases(call.database, case_ids)
    if len(found) == 1:
        return next(iter(found))
    call.check_everywhere()
    return None


def _within(call: Call, request_id: int) -> WorkRow:
    """Return a request within reach; one that is not is as good as not there."""
    found = asking.show_request(call.database, request_id)
    if call.policies is not None and found.policy_id not in call.policies:
        raise NoSuchRequest(request_id=request_id)
    return found


def _accepted(call: Call, asked: WorkRow) -> Accepted[RequestItem]:
    return Accepted(_item(call, asked), f"/requests/{asked.request_id}")


def _item(call: Call, row: WorkRow) -> RequestItem:
    return RequestItem(
        request_id=row.request_id,
        kind=row.kind,
        parameters=dict(row.parameters),
        policy_id=row.policy_id,
        at=row.at,
        by=row.by,
        status=row.status,
        tries=row.tries,
        done=row.done,
        total=row.total,
        started_at=row.started_at,
        ended_at=row.ended_at,
        result=dict(row.result),
        code=row.code,
        detail=row.detail_zh if call.language == "zh" else row.detail,
    )
