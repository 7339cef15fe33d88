"""Approves and rejects the lists of cases, stage by stage.

Guarantees that the list is verified against the database before every signature, that nobody takes two stages of one
case, and that the last signature and the approval of all cases are one transaction. Making lists is `approval_lists`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from policy_match.cases.approval import Stage, StageDue, Task, check_may_take
from policy_match.cases.defects import CaseRefused, NotAPerson
from policy_match.identity.principal import MACHINE_PREFIX
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.approvals import KeptList, ListEnd, ListOutcome, Signature
from policy_match.services.approval_lists import (
    MOST_LISTED,
    MOST_NAMED,
    ListMade,
    ListVoided,
    MovedMeanwhile,
    NoReason,
    check_open,
    complete_list,
    due_of,
    find_list,
    list_candidates,
    open_list,
    void_if_changed,
)
from policy_match.services.roles import staff
from policy_match.values import Digest, PolicyId

MOST_WAITING = 200
"""So many open lists are looked at for one person."""


class RoleMissing(CaseRefused):
    """The next stage is for people with a role that this person does not hold, or not for this policy."""

    code = "approval.role"
    http_status = 403
    english = "stage {stage} of approval list {list_id} is for the role {role}, which {person} does not hold for it"
    chinese = "审批名单 {list_id} 的第 {stage} 环节须由角色 {role} 办理，{person} 不具有该角色或其范围不含该政策"


class AlreadySigned(CaseRefused):
    """One person signs a list once, however many people the stage asks for."""

    code = "approval.signed"
    english = "{person} has signed approval list {list_id}; {missing} more with the role {role} must, other people"
    chinese = "{person} 已签署审批名单 {list_id}；还须由其他 {missing} 名具有角色 {role} 的人员签署"


class OtherDigest(CaseRefused):
    """What the person saw is not what this list says."""

    code = "approval.digest"
    english = "approval list {list_id} is not what was shown: its digest is another; look at it again before signing"
    chinese = "审批名单 {list_id} 与所见内容不一致（摘要不同）；请重新查看后再签署"


class NotOnList(CaseRefused):
    """A case that is to be rejected is not on the list."""

    code = "approval.not-listed"
    english = "name cases of approval list {list_id}; not on it: {strangers}; nothing was rejected"
    chinese = "请指明审批名单 {list_id} 中的事项；不在名单中的有：{strangers}；未作任何处理"


@dataclass(frozen=True, kw_only=True, slots=True)
class Approved:
    """A signature, the stages that are still to be done, and whether the cases are approved now."""

    kept: KeptList
    stage: int
    due: Sequence[StageDue]

    @property
    def complete(self) -> bool:
        """Whether this was the last signature."""
        return not self.due


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """How many cases were rejected, the list as it ended, and the lists of the others."""

    kept: KeptList
    cases: int
    made: Sequence[ListMade]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingList:
    """An open list of which somebody may decide the next stage."""

    kept: KeptList
    stage: StageDue


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingLists:
    """The lists that wait for somebody, oldest first; `more` says that others lie behind those looked at."""

    lists: Sequence[WaitingList]
    more: bool


def check_signer(database: Database, *, list_id: int, by: str) -> StageDue:
    """Return the stage of a list that the person may decide next; nothing is written.

    Raises as `approve_list`, but for what is compared at the signature only: the digest, and the cases.
    """
    by = _signer(by, list_id)
    with database.unit_of_work() as work:
        kept = find_list(work, list_id)
        check_open(kept)
        return _next_stage(work, kept, by)


def lists_to_sign(database: Database, *, by: str, policies: Collection[PolicyId] | None = None) -> WaitingLists:
    """Return the open lists of which the person may decide the next stage, among the `MOST_WAITING` oldest."""
    with database.unit_of_work() as work:
        found = work.approvals.lists(policies=policies, only_open=True, most=MOST_WAITING + 1)
        waiting = []
        for kept in found[:MOST_WAITING]:
            try:
                waiting.append(WaitingList(kept=kept, stage=_next_stage(work, kept, by)))
            except CaseRefused:
                continue
    return WaitingLists(lists=waiting, more=len(found) > MOST_WAITING)


def approve_list(database: Database, clock: Clock, *, list_id: int, by: str, seen: Digest | None = None) -> Approved:
    """Sign the next stage of a list; the last signature approves all its cases.

    `seen` is the digest of the list that the person looked at. Raises `NobodyNamed`, `NotAPerson`, `NoSuchList`,
    `ListEnded`, `OtherDigest`, `AlreadySigned`, `RoleMissing`, `TwoStages`; and `ListVoided` when the cases are no
    longer as listed, after the list was voided. When a case moves at this very moment a `StorageError` or
    `MovedMeanwhile` keeps nothing, and trying again helps.
    """
    by = _signer(by, list_id)
    with database.unit_of_work() as work:
        kept = open_list(work, list_id)
        if seen not in (None, kept.digest):
            raise OtherDigest(list_id=list_id)
        _stop_changed(work, kept, clock, by)
        due = _next_stage(work, kept, by)
        at = clock.now()
        work.approvals.sign(list_id, Signature(person=by, stage=due.number, role=due.role, digest=kept.digest, at=at))
        left = due_of(kept, work.approvals.signatures(list_id))
        if not left:
            complete_list(work, kept, at=at, by=by)
        work.commit()
        return Approved(kept=find_list(work, list_id), stage=due.number, due=left)


def reject_list(
    database: Database, clock: Clock, *, list_id: int, by: str, reason: str, cases: Collection[int] | None = None
) -> Rejected:
    """Reject all cases of a list, or some: then the list is void and the others are on a new one.

    Who rejects must be able to sign the next stage. Raises as `approve_list`, and `NoReason` or `NotOnList`.
    """
    by, reason = _signer(by, list_id), reason.strip()
    if not reason:
        raise NoReason(list_id=list_id)
    chosen = None if cases is None else frozenset(cases)
    with database.unit_of_work() as work:
        kept = open_list(work, list_id)
        _stop_changed(work, kept, clock, by)
        _next_stage(work, kept, by)
        at = clock.now()
        every = chosen is None or len(chosen) == kept.header.count
        outcome = ListOutcome.REJECTED if every else ListOutcome.VOID
        count = kept.header.count if chosen is None else len(chosen)
        said = reason if every else f"{count} of its cases rejected: {reason}"
        others = _others(work, kept, chosen)
        work.approvals.end(list_id, ListEnd(outcome=outcome, reason=said, at=at, by=by))
        rejected = work.approvals.reject_cases(list_id, chosen, at=at, by=by, reason=reason)
        if rejected != count:
            raise MovedMeanwhile(list_id=list_id)
        made = list_candidates(work, kept.policy_id, at=at, by=kept.by, among=others) if others else []
        work.commit()
        return Rejected(kept=find_list(work, list_id), cases=rejected, made=made)


def _signer(by: str, list_id: int) -> str:
    """Return the name of who signs. Raises `NobodyNamed`, or `NotAPerson` for a firm, the program or a machine."""
    wanted = f"approval list {list_id}"
    person = staff(by, wanted)
    if person.startswith(MACHINE_PREFIX):
        raise NotAPerson(person=person, wanted=wanted)
    return person


def _stop_changed(work: UnitOfWork, kept: KeptList, clock: Clock, by: str) -> None:
    reason = void_if_changed(work, kept, at=clock.now(), by=by)
    if reason is not None:
        work.commit()
        raise ListVoided(list_id=kept.list_id, reason=reason)


def _next_stage(work: UnitOfWork, kept: KeptList, person: str) -> StageDue:
    """Return the stage that the person may sign now."""
    signatures = work.approvals.signatures(kept.list_id)
    due = due_of(kept, signatures)[0]
    if any(signature.person == person and signature.stage == due.number for signature in signatures):
        raise AlreadySigned(person=person, list_id=kept.list_id, missing=due.missing, role=due.role)
    check_may_take(person, Stage(task=Task.APPROVAL, number=due.number), work.approvals.acts_of(person, kept.list_id))
    if not work.approvals.may_sign(person, due.role, kept.list_id):
        raise RoleMissing(stage=due.number, list_id=kept.list_id, role=due.role, person=person)
    return due


def _others(work: UnitOfWork, kept: KeptList, chosen: frozenset[int] | None) -> frozenset[int]:
    """Return the cases of the list that are not chosen; every chosen one must be on it."""
    if chosen is None:
        return frozenset()
    listed = {each.case_id for each in work.approvals.listed(kept.list_id, most=MOST_LISTED)}
    strangers = chosen - listed
    if strangers or not chosen:
        shown = ", ".join(map(str, sorted(strangers)[:MOST_NAMED])) or "-"
        raise NotOnList(list_id=kept.list_id, strangers=shown)
    return frozenset(listed - chosen)
