"""Asks money back, from fraud or after an honest overpayment, and books what comes in.

Guarantees that the two differ in what is asked and in what follows, that nobody decides on money whose payment they
approved, and that a movement of the bank is assigned once. What may be asked is `payments.recovery`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.cases.working_days import china_day
from policy_match.errors import InputError
from policy_match.payments.records import PaidShare, RecoveryRecord, Verdict
from policy_match.payments.recovery import Recovery, RecoveryKind, decide_recovery
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.services.answer_cases import NoSuchCase


class NotToBeAsked(InputError):
    """Nothing can be asked back of the case now; nothing was kept."""

    code = "recovery.not-now"
    http_status = 409
    english = "case {case_id} is {status}: money is asked back of paid cases, once each; nothing was kept"
    chinese = "事项 {case_id} 当前状态为 {status}：只对已支付的事项追回，且每项一次；本次未保存任何内容"


class NoSuchRecovery(InputError):
    """There is no recovery of that number."""

    code = "recovery.unknown"
    http_status = 404
    english = "there is no recovery {recovery_id}; see `policy-match payments recoveries`"
    chinese = "没有编号为 {recovery_id} 的追回；请查看 policy-match payments recoveries"


class NotAReceipt(InputError):
    """The movement cannot be assigned to this recovery."""

    code = "recovery.not-a-receipt"
    english = "movement {line_ref} cannot be assigned to recovery {recovery_id}: {problem}"
    chinese = "流水 {line_ref} 不能计入追回 {recovery_id}：{problem_zh}"


UNASSIGNED = (Verdict.NO_ATTEMPT, Verdict.NO_SUCH_ATTEMPT, Verdict.CONTRADICTION)
"""Movements that changed nothing yet: a return of the bank that comes when money is asked back is a contradiction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryDecided:
    """A decision that was kept, with its number."""

    recovery_id: int
    decision: Recovery


def decide(
    database: Database, clock: Clock, *, case_id: int, kind: RecoveryKind, right_fen: int, reason: str, by: str
) -> RecoveryDecided:
    """Keep the decision to ask money back; after fraud the firm is excluded besides.

    Raises `NoSuchCase`, `SameHands`, `WrongRecovery`, or `NotToBeAsked` for a case that is neither paid nor closed.
    """
    now = clock.now()
    with database.unit_of_work() as work:
        work.payments.lock()
        money = work.payments.money_of(case_id)
        if money is None:
            raise NoSuchCase(case_id=case_id)
        decision = decide_recovery(
            case_id=case_id,
            uscc=money.uscc,
            kind=kind,
            paid_fen=money.paid_fen - money.asked_fen,
            right_fen=right_fen,
            decided_on=china_day(now),
            decided_by=by,
            approved_by=work.payments.approvers(case_id),
            reason=reason,
        )
        exclusion = None
        if decision.excluded_until is not None:
            exclusion = work.payments.exclude(
                money.uscc, decision.decided_on, decision.excluded_until, decision.reason, now, by
            )
        recovery_id = work.payments.add_recovery(case_id, kind, decision.asked_fen, decision.reason, exclusion, now, by)
        about = f"recovery:{recovery_id}"
        if not work.payments.step_cases([case_id], "claim_back", now, by, reason=decision.reason, about=about):
            raise NotToBeAsked(case_id=case_id, status=money.status)
        work.commit()
    return RecoveryDecided(recovery_id=recovery_id, decision=decision)


def assign_receipt(database: Database, clock: Clock, *, recovery_id: int, line_ref: str, by: str) -> RecoveryRecord:
    """Assign money that came in to a recovery and book it; the case is recovered when all is there.

    Raises `NoSuchRecovery` or `NotAReceipt`.
    """
    now = clock.now()
    with database.unit_of_work() as work:
        work.payments.lock()
        found = work.payments.recoveries(1, recovery_id)
        if not found:
            raise NoSuchRecovery(recovery_id=recovery_id)
        recovery = found[0]
        fen = _incoming(work, recovery, line_ref)
        shares = _split(work.payments.paid_shares(recovery.case_id), fen)
        work.payments.add_recovered(recovery_id, line_ref, shares, now, by)
        movement = work.bank_files.incoming(line_ref)
        assert movement is not None, "it was just read"
        work.bank_files.explain(movement.digest, movement.number, f"recovery:{recovery_id}", now, by)
        if recovery.received_fen + fen == recovery.amount_fen:
            work.payments.step_cases([recovery.case_id], "recover", now, by, reason="", about=f"recovery:{recovery_id}")
        work.commit()
        return work.payments.recoveries(1, recovery_id)[0]


def _incoming(work: UnitOfWork, recovery: RecoveryRecord, line_ref: str) -> int:
    """Return the amount of a movement that may be assigned."""
    movement = work.bank_files.incoming(line_ref)
    problem = None
    if movement is None:
        problem = ("the bank booked no such movement", "银行流水中没有该笔")
    elif movement.recovery_id is not None:
        problem = (f"it belongs to recovery {movement.recovery_id}", f"已计入追回 {movement.recovery_id}")
    elif movement.out_fen >= 0 or movement.verdict not in UNASSIGNED:
        problem = ("it is not money that came in by itself", "该笔不是单独入账的款项")
    elif -movement.out_fen > recovery.amount_fen - recovery.received_fen:
        problem = ("it is more than is still asked for", "金额超过尚待追回的数额")
    if problem is not None or movement is None:
        english, chinese = problem or ("", "")
        raise NotAReceipt(line_ref=line_ref, recovery_id=recovery.recovery_id, problem=english, problem_zh=chinese)
    return -movement.out_fen


def _split(shares: Sequence[PaidShare], fen: int) -> list[tuple[PaidShare, int]]:
    """Return how much goes back to each line, in the order of the lines; none more than it paid."""
    split = []
    for share in shares:
        part = min(fen, share.posted_fen - share.recovered_fen)
        if part > 0:
            split.append((share, part))
            fen -= part
    assert fen == 0, "no more is asked back than was paid"
    return split
