"""Approval lists: what is signed, who signed, and what is still to be signed.

Guarantees that who signs repeats the digest of what he saw, and that only people sign. That nobody takes two stages
of one case is the service's.
"""

from dataclasses import replace
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.defects import NotAPerson, TwoStages
from policy_match.errors import PolicyMatchError
from policy_match.identity.principal import Staff
from policy_match.ports.approvals import ListOutcome
from policy_match.services import approval_lists, decide_lists
from policy_match.services.approval_lists import (
    MOST_LISTED,
    ListEnded,
    ListShown,
    ListVoided,
    MovedMeanwhile,
    NoReason,
    NoSuchList,
)
from policy_match.services.case_files import approval_list_file
from policy_match.services.decide_lists import AlreadySigned, NotOnList, OtherDigest, RoleMissing
from policy_match.services.table_files import FileFormat
from policy_match.values import Digest, PolicyId
from policy_match.web.call import Call
from policy_match.web.models import Fen, Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, File, Method, Tag
from policy_match.web.problems import NotAllowed

CHAPTER = Chapter(Tag.APPROVALS)
OPERATIONS = CHAPTER.operations

CSV = "text/csv; charset=utf-8"

SIGNING = (NoSuchList, ListEnded, ListVoided, AlreadySigned, RoleMissing, TwoStages, NotAPerson, MovedMeanwhile)


class ListId(Query):
    """Which list."""

    list_id: Annotated[int, Field(ge=1, le=2**31 - 1)]


class ListsQuery(PageQuery):
    """Which lists."""

    policy: Annotated[Name | None, Field(description="the id of a policy")] = None
    open: Annotated[bool, Field(description="only those that are not decided")] = False


class ListStageItem(Output):
    """One stage: so many people with this role, when one of the cases has at least `from_fen`."""

    role: str
    count: int
    from_fen: Fen


class HeaderItem(Output):
    """What the digest covers beside the cases: snapshot, sweep, number of cases and their sum."""

    snapshot: str
    sweep: str
    count: int
    total_fen: Fen


class EndItem(Output):
    """How a list ended."""

    outcome: ListOutcome
    reason: str
    at: Moment
    by: str


class ListItem(Output):
    """One list as it was made; it never changes, only its end is added."""

    list_id: int
    policy_id: str
    header: HeaderItem
    digest: Annotated[str, Field(description="SHA-256 of the list as it is signed; repeat it when you sign")]
    stages: list[ListStageItem]
    largest_fen: Fen
    at: Moment
    by: str
    end: EndItem | None


class SignatureItem(Output):
    """One person's approval."""

    person: str
    stage: Annotated[int, Field(description="counts the policy's stages from 1")]
    role: str
    digest: str
    at: Moment


class StageDueItem(Output):
    """A stage that is still to be done: `missing` more people."""

    number: int
    role: str
    missing: int


class ListAnswer(Output):
    """A list, who signed it, and which stages are still to be done; the first of them is next."""

    kept: ListItem
    signatures: list[SignatureItem]
    due: list[StageDueItem]


class ListedItem(Output):
    """One case as it was listed and is signed."""

    case_id: int
    uscc: str
    record_id: str
    period: str
    instalment: int
    amount_fen: Fen
    seq: Annotated[int, Field(description="the step at which the case was listed")]
    name: Annotated[str, Field(description="the firm's registered name, empty when the snapshot has none")]
    account_tail: Annotated[str, Field(description="last digits of the payee's account as known now, empty without")]


class MadeItem(Output):
    """A list that was made; `complete` when no stage applies to it, so that its cases are approved."""

    kept: ListItem
    complete: bool


class NewLists(Input):
    """For which policy lists are made."""

    policy: Name


class MadeAnswer(Output):
    """What was listed, what was voided on the way, and how many reviewed cases had to stay out."""

    made: list[MadeItem]
    voided: list[ListItem]
    without_budget: int
    not_eligible: int


class Signing(Input):
    """What the person saw."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SignedAnswer(Output):
    """The list after the signature; `complete` when this was the last, so that its cases are approved."""

    kept: ListItem
    stage: int
    due: list[StageDueItem]
    complete: bool


class SigningAnswer(Output):
    """Whether who asks may decide the next stage, and if not why; `stage` is missing when the list is decided."""

    stage: StageDueItem | None
    may: bool
    code: Annotated[str, Field(description="of the refusal, as in problem documents; empty when he may")]
    detail: str


class WaitingItem(Output):
    """An open list of which who asks may decide the next stage."""

    kept: ListItem
    stage: StageDueItem


class WaitingAnswer(Output):
    """The lists that wait for who asks, oldest first; `more` when there are others behind those looked at."""

    lists: list[WaitingItem]
    more: bool


class Rejecting(Input):
    """Why, and which cases; without `cases` all of them."""

    reason: Text
    cases: Annotated[list[Number] | None, Field(min_length=1, max_length=MOST_LISTED)] = None


class RejectedAnswer(Output):
    """The list as it ended, how many cases were rejected, and the new lists of the others."""

    kept: ListItem
    cases: int
    made: list[MadeItem]


class Voiding(Input):
    """Why."""

    reason: Text


@CHAPTER.operation(Method.GET, "/approval-lists")
def list_approval_lists(call: Call, query: ListsQuery) -> Page[ListItem]:
    """List approval lists by number."""
    found = approval_lists.lists(
        call.database,
        policy_id=None if query.policy is None else PolicyId(query.policy),
        policies=call.policies,
        only_open=query.open,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[ListItem], found, query.limit, "list_id")


@CHAPTER.operation(Method.POST, "/approval-lists")
def make_approval_lists(call: Call, body: NewLists) -> MadeAnswer:
    """Put the reviewed cases of a policy on lists.

    Lists that changed meanwhile are voided first. Doing it again lists only what is new.
    """
    policy = PolicyId(body.policy)
    call.check_policy(policy)
    return MadeAnswer.model_validate(approval_lists.make_lists(call.database, call.clock, policy_id=policy, by=call.by))


@CHAPTER.operation(Method.GET, "/approval-lists/{list_id}", raises=(NoSuchList,))
def show_approval_list(call: Call, path: ListId) -> ListAnswer:
    """Show a list with its digest, its approvals, and the stages that are still to be done."""
    return ListAnswer.model_validate(_shown(call, path.list_id))


@CHAPTER.operation(Method.GET, "/approval-lists/{list_id}/cases", raises=(NoSuchList,))
def list_listed_cases(call: Call, path: ListId, query: PageQuery) -> Page[ListedItem]:
    """List the cases of a list exactly as they are signed, by number."""
    _shown(call, path.list_id)
    found = approval_lists.show_list(call.database, path.list_id, after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[ListedItem], found.cases, query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/approval-lists/waiting-for-me")
def list_lists_to_sign(call: Call) -> WaitingAnswer:
    """List the open lists of which you may decide the next stage."""
    if not isinstance(call.who, Staff):
        raise NotAllowed
    found = decide_lists.lists_to_sign(call.database, by=call.by, policies=call.policies)
    return WaitingAnswer.model_validate(found)


@CHAPTER.operation(Method.GET, "/approval-lists/{list_id}/signing", raises=(NoSuchList,))
def check_signing(call: Call, path: ListId) -> SigningAnswer:
    """Say whether you may decide the next stage of a list, and if not why; nothing is signed by this."""
    shown = _shown(call, path.list_id)
    stage = StageDueItem.model_validate(shown.due[0]) if shown.due else None
    try:
        _check_signer(call, shown)
        decide_lists.check_signer(call.database, list_id=path.list_id, by=call.by)
    except PolicyMatchError as error:
        return SigningAnswer(stage=stage, may=False, code=error.code, detail=error.message(call.language))
    return SigningAnswer(stage=stage, may=True, code="", detail="")


@CHAPTER.operation(Method.GET, "/approval-lists/{list_id}/cases.csv", raises=(NoSuchList,), media_type="text/csv")
def export_approval_list(call: Call, path: ListId) -> File:
    """Export the cases of a list exactly as they are signed, as CSV."""
    _shown(call, path.list_id)
    content = approval_list_file(call.database, path.list_id, FileFormat.CSV)
    return File(content=content, media_type=CSV, name=f"approval-list-{path.list_id}.csv")


@CHAPTER.operation(Method.POST, "/approval-lists/{list_id}/signatures", raises=(*SIGNING, OtherDigest))
def sign_approval_list(call: Call, path: ListId, body: Signing) -> SignedAnswer:
    """Sign the next stage of a list; the last signature approves all its cases.

    The body repeats the digest that was shown. The cases are compared with the list first: when something changed, the
    list is void, and stays so.
    """
    _check_signer(call, _shown(call, path.list_id))
    with call.keeping(ListVoided):
        signed = decide_lists.approve_list(
            call.database, call.clock, list_id=path.list_id, by=call.by, seen=Digest(body.digest)
        )
    return SignedAnswer.model_validate(signed)


@CHAPTER.operation(Method.POST, "/approval-lists/{list_id}/rejection", raises=(*SIGNING, NotOnList, NoReason))
def reject_approval_list(call: Call, path: ListId, body: Rejecting) -> RejectedAnswer:
    """Reject all cases of a list, or some: then the list is void and the others are on a new one."""
    _check_signer(call, _shown(call, path.list_id))
    with call.keeping(ListVoided):
        rejected = decide_lists.reject_list(
            call.database, call.clock, list_id=path.list_id, by=call.by, reason=body.reason, cases=body.cases
        )
    return RejectedAnswer.model_validate(rejected)


@CHAPTER.operation(Method.POST, "/approval-lists/{list_id}/void", raises=(NoSuchList, ListEnded, NoReason))
def void_approval_list(call: Call, path: ListId, body: Voiding) -> ListItem:
    """Take an open list back; its cases stay reviewed and can be listed again."""
    _shown(call, path.list_id)
    kept = approval_lists.void_list(call.database, call.clock, list_id=path.list_id, by=call.by, reason=body.reason)
    return ListItem.model_validate(kept)


def _shown(call: Call, list_id: int) -> ListShown:
    """Return a list within reach. Raises `NoSuchList` or `NotAllowed`."""
    shown = approval_lists.show_list(call.database, list_id, most=1)
    call.check_policy(shown.kept.policy_id)
    return shown


def _check_signer(call: Call, shown: ListShown) -> None:
    """Refuse who holds the role of the next stage, but for other policies. Raises `NotAllowed`.

    That the role is held at all is the service's to say, with the name of the role.
    """
    if shown.due and isinstance(call.who, Staff) and call.who.holds(shown.due[0].role):
        role_reach = call.who.reach_of({shown.due[0].role})
        replace(call, reach=role_reach).check_policy(shown.kept.policy_id)
