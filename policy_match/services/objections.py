"""Objections to cases on public display: lodged by anyone who is named, answered by somebody who did not decide.

Guarantees that an objection stops the case in the same transaction, and that one answer settles all that are open on
it. A dismissed objection does not lengthen the display: the case stays on it while the objection is decided, so every
day of the display is shown. An amended case goes through recheck and approval again.
"""

from collections.abc import Collection, Sequence

from policy_match.cases.defects import CaseRefused
from policy_match.cases.history import ObjectionLine
from policy_match.cases.model import Case
from policy_match.cases.objection import ObjectionDecision, ObjectionOutcome, decide, lodge
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.errors import InputError
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.services.answer_cases import MovedMeanwhile, NoSuchCase
from policy_match.values import PolicyId

MOST_LISTED = 10_000
"""The largest page of objections."""


class NoSuchObjection(InputError):
    """There is no objection of that number."""

    code = "objection.unknown"
    http_status = 404
    english = "there is no objection {objection_id}; see `policy-match objections list`"
    chinese = "没有异议 {objection_id}；请见 policy-match objections list"


class ObjectionAnswered(CaseRefused):
    """The objection has its answer, or its case ended."""

    code = "objection.answered"
    english = "objection {objection_id} does not wait for an answer; see `policy-match cases show {case_id}`"
    chinese = "异议 {objection_id} 无须答复；请见 policy-match cases show {case_id}"


class MoreThanEntitled(CaseRefused):
    """An objection cannot give more than the case was opened with: limits and facts are not corrected by hand."""

    code = "objection.amount"
    english = (
        "case {case_id}: {amount_fen} fen is more than the {entitled_fen} fen that it was opened with; "
        "uphold the objection, correct the facts, sweep and open again"
    )
    chinese = "事项 {case_id}：{amount_fen} 分超过发起金额 {entitled_fen} 分；请认定异议成立，更正数据后重新匹配并发起"


def lodge_objection(
    database: Database, calendar: WorkingDays, case_id: int, *, by: str, ground: str, clock: Clock
) -> int:
    """Keep an objection against a case on public display and return its number; the case waits for the answer.

    It is to be answered within the policy's `recheck_days` working days. Raises `NoSuchCase`, `WrongStep` (not on
    display), `TooLate`, `ReasonMissing`, `ActorMissing`, `MovedMeanwhile` or `WorkingDaysUnknown`.
    """
    with database.unit_of_work() as work:
        work.cases.steps.claim()  # an answer settles every objection that is open, so none may be lodged beside it
        case = _case(work, case_id)
        objection, event = lodge(
            case,
            by=by,
            at=clock.now(),
            grounds=ground,
            recheck_days=work.cases.steps.recheck_days(case_id),
            calendar=calendar,
        )
        number = work.cases.objections.lodge(objection)
        if event is not None and not work.cases.steps.add([(case, event)], about=f"objection:{number}"):
            raise MovedMeanwhile(case_id=case_id)
        work.commit()
    return number


def answer_objection(
    database: Database,
    objection_id: int,
    outcome: ObjectionOutcome,
    *,
    by: str,
    reason: str,
    clock: Clock,
    amount_fen: int | None = None,
) -> Sequence[int]:
    """Answer an objection, and with it every other open one on its case; return the numbers answered.

    `dismiss` puts the case back on display until the same last day; `uphold` withdraws it; `amend` gives it another
    amount in fen, at most that of its opening. Raises `NoSuchObjection`, `ObjectionAnswered`, `MoreThanEntitled`,
    `TwoStages`, `OwnObjection`, `NotAPerson`, `ReasonMissing`, `WrongAmount` or `MovedMeanwhile`.
    """
    with database.unit_of_work() as work:
        work.cases.steps.claim()
        line = work.cases.objections.objection(objection_id)
        if line is None:
            raise NoSuchObjection(objection_id=objection_id)
        case = _case(work, line.case_id)
        waiting = work.cases.objections.open_on(case.case_id)
        if objection_id not in waiting:
            raise ObjectionAnswered(objection_id=objection_id, case_id=case.case_id)
        decision = ObjectionDecision(
            case_id=case.case_id,
            outcome=outcome,
            decided_by=by,
            decided_at=clock.now(),
            grounds=reason,
            amount_fen=amount_fen,
        )
        event = decide(case, list(waiting.values()), decision, work.cases.objections.acts(case.case_id))
        entitled_fen = work.cases.objections.entitled_fen(case.case_id)
        if amount_fen is not None and amount_fen > entitled_fen:
            raise MoreThanEntitled(case_id=case.case_id, amount_fen=amount_fen, entitled_fen=entitled_fen)
        work.cases.objections.answer(tuple(waiting), decision)
        if not work.cases.steps.add([(case, event)], about=f"objection:{objection_id}"):
            raise MovedMeanwhile(case_id=case.case_id)
        work.commit()
    return tuple(waiting)


def open_objections(
    database: Database,
    *,
    clock: Clock,
    overdue: bool = False,
    policies: Collection[PolicyId] | None = None,
    after: int = 0,
    most: int = 100,
) -> Sequence[ObjectionLine]:
    """Return a page of objections that wait for an answer, by number; with `overdue` those whose last day is over.

    Without `policies` those of all.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} objections"
    with database.unit_of_work() as work:
        due_before = china_day(clock.now()) if overdue else None
        return work.cases.objections.unanswered(due_before=due_before, policies=policies, after=after, most=most)


def show_objection(database: Database, objection_id: int) -> ObjectionLine:
    """Return one objection, with its answer once there is one. Raises `NoSuchObjection`."""
    with database.unit_of_work() as work:
        found = work.cases.objections.objection(objection_id)
    if found is None:
        raise NoSuchObjection(objection_id=objection_id)
    return found


def _case(work: UnitOfWork, case_id: int) -> Case:
    found = work.cases.steps.cases([case_id])
    if not found:
        raise NoSuchCase(case_id=case_id)
    return found[0]
