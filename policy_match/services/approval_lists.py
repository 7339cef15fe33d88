"""Makes lists of reviewed cases for approval, shows them, and voids those whose cases are no longer as listed.

Guarantees that a list is the exact cases, amounts, versions and snapshot that its digest says, that no case is on two
open lists, and that a list that changed is void for everybody. Approving and rejecting is `decide_lists`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from policy_match.cases.approval import Act, Stage, StageDue, Task, stages_due
from policy_match.cases.approval_list import ListedCase, ListHeader, list_digest
from policy_match.cases.defects import ListInvalid
from policy_match.cases.working_days import china_day
from policy_match.errors import InputError, QuestionError
from policy_match.policy.model import ApprovalStage
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.approvals import (
    Candidate,
    Changed,
    KeptList,
    ListChange,
    ListedRow,
    ListEnd,
    ListOutcome,
    NewList,
    Signature,
)
from policy_match.services.roles import named
from policy_match.values import PolicyId

MOST_LISTED = 100_000
"""The most cases on one list; more cases make more lists. A list is decided in one transaction."""

MAX_LISTS = 1_000
"""The most lists of one call, and the most open lists that are looked at."""

PAGE = 50_000
MOST_NAMED = 5
"""The most cases that a reason names."""


class NoSuchList(InputError):
    """No list has this number."""

    code = "approval.unknown"
    http_status = 404
    english = "there is no approval list {list_id}; see `policy-match approvals list`"
    chinese = "没有编号为 {list_id} 的审批名单；请查看 policy-match approvals list"


class ListEnded(InputError):
    """The list was decided or voided before."""

    code = "approval.ended"
    http_status = 409
    english = "approval list {list_id} is {outcome} since {at} ({reason}); nothing more can be done with it"
    chinese = "审批名单 {list_id} 已于 {at} 结束：{outcome}（{reason}），不能再办理"


class ListVoided(QuestionError):
    """What was listed has changed; the list is void now and nobody's signature on it counts."""

    code = "approval.changed"
    english = "approval list {list_id} is void: {reason}; make a new list and have it approved from the first stage"
    chinese = "审批名单 {list_id} 已作废：{reason}；请重新生成名单并从第一环节起审批"


class NoReason(InputError):
    """Ending a list, or rejecting cases, needs a reason."""

    code = "approval.reason"
    english = "approval list {list_id}: say why"
    chinese = "审批名单 {list_id}：请说明理由"


class MovedMeanwhile(QuestionError):
    """A case took another step while its list was being decided."""

    code = "approval.moved"
    retry_helps = True
    english = "a case of approval list {list_id} took another step at this moment; nothing was kept: try again"
    chinese = "审批名单 {list_id} 中有事项此刻发生变化；本次未保存任何内容：请重试"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListMade:
    """A list that was made. `complete` says that no stage applies to it, so its cases are approved."""

    kept: KeptList
    complete: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ListsMade:
    """What was listed, what was voided on the way, and how many reviewed cases had to stay out, and why."""

    made: Sequence[ListMade] = ()
    voided: Sequence[KeptList] = ()
    without_budget: int = 0
    not_eligible: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ListShown:
    """A list with its approvals, the stages that are still to be done, and a page of its cases."""

    kept: KeptList
    signatures: Sequence[Signature]
    due: Sequence[StageDue]
    cases: Sequence[ListedRow]


def make_lists(database: Database, clock: Clock, *, policy_id: PolicyId, by: str) -> ListsMade:
    """List the reviewed cases of a policy that have a share of the budget or need none, and are on no open list.

    One list per sweep that the cases were last checked against, stages of approval, and hundred thousand cases. Lists
    that changed meanwhile are voided first, so their cases are listed again. A list to which no stage applies is
    complete at once. Running it again lists only what is new. Raises `NobodyNamed`.
    """
    by = named(by)
    voided = void_changed_lists(database, clock, by=by, policy_id=policy_id)
    made: list[ListMade] = []
    for _ in range(MAX_LISTS):
        with database.unit_of_work() as work:
            work.approvals.lock_policy(policy_id)
            page = list_candidates(work, policy_id, at=clock.now(), by=by)
            work.commit()
        made += page
        if not page:
            break
    with database.unit_of_work() as work:
        this_year = china_day(clock.now()).year
        without_budget, not_eligible = work.approvals.count_not_ready(policy_id, this_year=this_year)
    return ListsMade(made=made, voided=voided, without_budget=without_budget, not_eligible=not_eligible)


def void_changed_lists(
    database: Database, clock: Clock, *, by: str, policy_id: PolicyId | None = None
) -> Sequence[KeptList]:
    """Void the open lists, of one policy or of all, whose cases are no longer as listed, and return them."""
    with database.unit_of_work() as work:
        open_lists = work.approvals.lists(policy_id=policy_id, only_open=True, most=MAX_LISTS)
    voided = []
    for kept in open_lists:
        with database.unit_of_work() as work:
            work.approvals.lock_policy(kept.policy_id)
            now = find_list(work, kept.list_id)
            if now.end is None and void_if_changed(work, now, at=clock.now(), by=named(by)) is not None:
                voided.append(find_list(work, kept.list_id))
                work.commit()
    return voided


def void_list(database: Database, clock: Clock, *, list_id: int, by: str, reason: str) -> KeptList:
    """Take an open list back; its cases stay reviewed and can be listed again.

    Raises `NobodyNamed`, `NoSuchList`, `ListEnded`, `NoReason`.
    """
    if not reason.strip():
        raise NoReason(list_id=list_id)
    with database.unit_of_work() as work:
        kept = open_list(work, list_id)
        end = ListEnd(outcome=ListOutcome.VOID, reason=reason.strip(), at=clock.now(), by=named(by))
        work.approvals.end(kept.list_id, end)
        work.commit()
        return find_list(work, list_id)


def show_list(database: Database, list_id: int, *, after: int = 0, most: int = 1_000) -> ListShown:
    """Return a list with a page of its cases, by number after a given one. Raises `NoSuchList`."""
    with database.unit_of_work() as work:
        kept = find_list(work, list_id)
        signatures = work.approvals.signatures(list_id)
        return ListShown(
            kept=kept,
            signatures=signatures,
            due=due_of(kept, signatures) if kept.end is None else (),
            cases=work.approvals.listed(list_id, after=after, most=most),
        )


def lists(
    database: Database,
    *,
    policy_id: PolicyId | None = None,
    policies: Collection[PolicyId] | None = None,
    only_open: bool = False,
    after: int = 0,
    most: int = MAX_LISTS,
) -> Sequence[KeptList]:
    """Return a page of lists by number after a given one: of one policy, of some or of all, all or the open ones."""
    with database.unit_of_work() as work:
        return work.approvals.lists(policy_id=policy_id, policies=policies, only_open=only_open, after=after, most=most)


def find_list(work: UnitOfWork, list_id: int) -> KeptList:
    """Return a list. Raises `NoSuchList`."""
    kept = work.approvals.find(list_id)
    if kept is None:
        raise NoSuchList(list_id=list_id)
    return kept


def open_list(work: UnitOfWork, list_id: int) -> KeptList:
    """Return an open list, with the right to decide it until the transaction ends.

    Raises `NoSuchList` or `ListEnded`.
    """
    work.approvals.lock_policy(find_list(work, list_id).policy_id)
    kept = find_list(work, list_id)
    check_open(kept)
    return kept


def check_open(kept: KeptList) -> None:
    """Refuse a list that was decided or voided. Raises `ListEnded`."""
    if kept.end is not None:
        raise ListEnded(list_id=kept.list_id, outcome=kept.end.outcome, at=kept.end.at, reason=kept.end.reason or "-")


def due_of(kept: KeptList, signatures: Collection[Signature]) -> tuple[StageDue, ...]:
    """Return the stages that are still to be done, in order."""
    given = [
        Act(stage=Stage(task=Task.APPROVAL, number=signature.stage), person=signature.person)
        for signature in signatures
        if signature.digest == kept.digest
    ]
    return stages_due(kept.stages, (kept.largest_fen,), given)


def list_candidates(
    work: UnitOfWork, policy_id: PolicyId, *, at: datetime, by: str, among: Collection[int] | None = None
) -> list[ListMade]:
    """List the first candidates of a policy in the caller's transaction, which holds the lock of the policy."""
    made = []
    groups = work.approvals.candidates(policy_id, this_year=china_day(at).year, among=among, most=MOST_LISTED)
    for (sweep_number, stages), candidates in groups.items():
        list_id = work.approvals.add_list(_new_list(work, policy_id, sweep_number, stages, candidates), at=at, by=by)
        kept = find_list(work, list_id)
        complete = not due_of(kept, ())
        if complete:
            complete_list(work, kept, at=at, by=by)
        made.append(ListMade(kept=find_list(work, list_id), complete=complete))
    return made


def complete_list(work: UnitOfWork, kept: KeptList, *, at: datetime, by: str) -> None:
    """Approve the cases of a list whose stages are all done. All of them or none: else the transaction must not end."""
    work.approvals.end(kept.list_id, ListEnd(outcome=ListOutcome.COMPLETE, reason="", at=at, by=by))
    approved = work.approvals.approve_cases(kept.list_id, at=at, by=by)
    if approved != kept.header.count:
        raise MovedMeanwhile(list_id=kept.list_id)


def void_if_changed(work: UnitOfWork, kept: KeptList, *, at: datetime, by: str) -> str | None:
    """Void an open list whose digest is no longer that of its cases; return the reason, or `None` if nothing changed.

    The caller commits.
    """
    changed: list[Changed] = []
    try:
        same = list_digest(kept.header, _cases_now(work, kept, china_day(at).year, changed)) == kept.digest
    except ListInvalid:
        same = False  # a case has left, or the amounts add up to something else
    if same and not changed:
        return None
    # The digest is computed up to the first surprise: read on for a whole reason.
    changed.clear()
    for _ in _cases_now(work, kept, china_day(at).year, changed):
        pass
    reason = _reason(changed)
    work.approvals.end(kept.list_id, ListEnd(outcome=ListOutcome.VOID, reason=reason, at=at, by=by))
    return reason


CHANGES = {
    ListChange.LEFT: "no longer reviewed",
    ListChange.AMENDED: "reviewed again",
    ListChange.AMOUNT: "another share of the budget",
    ListChange.RECHECK: "checked against another sweep, or not eligible",
}
"""How a reason says what changed."""


def _reason(changed: Sequence[Changed]) -> str:
    parts = []
    ordered = sorted(changed, key=lambda each: (each.change, each.case_id))
    for change, group in groupby(ordered, key=lambda each: each.change):
        cases = [each.case_id for each in group]
        shown = ", ".join(map(str, cases[:MOST_NAMED])) + (", …" if len(cases) > MOST_NAMED else "")
        parts.append(f"{len(cases)} {CHANGES[change]} ({shown})")
    return "; ".join(parts) or "the digest of its cases is another"


def _cases_now(work: UnitOfWork, kept: KeptList, this_year: int, changed: list[Changed]) -> Iterator[ListedCase]:
    """Yield the cases of a list as they stand now, by number, and note what changed."""
    after = 0
    for _ in range(MOST_LISTED // PAGE + 1):
        page = work.approvals.listed_now(kept.list_id, this_year=this_year, after=after, most=PAGE)
        changed += page.changed
        yield from page.cases
        if page.last_case_id is None:
            return
        after = page.last_case_id
    raise AssertionError("a list has more cases than fit on one")


def _new_list(
    work: UnitOfWork,
    policy_id: PolicyId,
    sweep_number: int,
    stages: tuple[ApprovalStage, ...],
    candidates: Sequence[Candidate],
) -> NewList:
    cases = [each.case for each in candidates]
    sweep = work.approvals.sweep(sweep_number)
    header = ListHeader(
        snapshot=sweep.snapshot,
        sweep=sweep.sweep,
        count=len(cases),
        total_fen=sum(case.amount_fen for case in cases),
    )
    return NewList(
        policy_id=policy_id,
        sweep_number=sweep_number,
        header=header,
        digest=list_digest(header, cases),
        stages=stages,
        candidates=candidates,
    )
