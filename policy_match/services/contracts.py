"""Records that a contract was signed with a firm, and closes the case: equity is never paid by order.

Guarantees that a contract rests on a recheck before payment in which the firm was still eligible, and on publicity
that is over. The contract itself, and what is paid under it, are made elsewhere.
"""

from policy_match.cases.apply import apply
from policy_match.cases.defects import CaseRefused, ReasonMissing
from policy_match.cases.model import Case, CaseEvent, Event, Route
from policy_match.cases.rechecking import RecheckOutcome, RecheckPurpose
from policy_match.cases.working_days import china_day
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.services.answer_cases import MovedMeanwhile, NoSuchCase


class RecheckMissing(CaseRefused):
    """Nobody looked again whether the firm is still eligible, or it was not."""

    code = "case.recheck"
    english = "case {case_id} was not found eligible by a recheck before payment; run that recheck first"
    chinese = "事项 {case_id} 未经支付前复查确认仍符合条件；请先进行支付前复查"


def sign_contract(database: Database, case_id: int, *, reference: str, by: str, clock: Clock) -> None:
    """Record the contract of an approved case on the contract route; `reference` is its number.

    Raises `NoSuchCase`, `WrongStep`, `TooEarly` or `NotPublished` (publicity), `RecheckMissing`, `ReasonMissing` (no
    reference) or `MovedMeanwhile`.
    """
    with database.unit_of_work() as work:
        case = _case(work, case_id)
        if not reference.strip():
            raise ReasonMissing(case_id=case_id, event=Event.CONTRACT)
        event = CaseEvent(event=Event.CONTRACT, at=clock.now(), by=by, reason=reference)
        apply(case, event)
        if not _is_rechecked(work, case, event):
            raise RecheckMissing(case_id=case_id)
        _take(work, case, event, about=f"contract:{reference}")
        work.commit()


def close_contract(database: Database, case_id: int, *, by: str, clock: Clock) -> None:
    """Close a case whose contract is signed. Raises `NoSuchCase`, `WrongStep` or `MovedMeanwhile`."""
    with database.unit_of_work() as work:
        case = _case(work, case_id)
        event = CaseEvent(event=Event.CLOSE, at=clock.now(), by=by)
        apply(case, event)
        if case.route is not Route.CONTRACT:
            raise NotAContract(case_id=case_id)
        _take(work, case, event, about="")
        work.commit()


class NotAContract(CaseRefused):
    """The case is on another route."""

    code = "case.not-a-contract"
    english = "case {case_id} ends without a contract; it is closed by what pays or informs the firm"
    chinese = "事项 {case_id} 不经签约办结；由支付或告知环节办结"


def _is_rechecked(work: UnitOfWork, case: Case, event: CaseEvent) -> bool:
    """Return whether the newest sweep of the case's version and day found it eligible since its last step."""
    for group in work.cases.rechecks.groups(case.policy_id):
        found = work.cases.rechecks.candidates(
            group, RecheckPurpose.PAYMENT, today=china_day(event.at), after=case.case_id - 1, most=1
        )
        if found and found[0].case_id == case.case_id:
            return found[0].excluded is None and found[0].last == (RecheckOutcome.ELIGIBLE, None)
    return False


def _case(work: UnitOfWork, case_id: int) -> Case:
    found = work.cases.steps.cases([case_id])
    if not found:
        raise NoSuchCase(case_id=case_id)
    return found[0]


def _take(work: UnitOfWork, case: Case, event: CaseEvent, *, about: str) -> None:
    if not work.cases.steps.add([(case, event)], about=about):
        raise MovedMeanwhile(case_id=case.case_id)
