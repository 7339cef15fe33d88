"""One honest overpayment: found, asked back, paid back by the invented firm, assigned and reconciled.

Guarantees that nothing closes while the incoming money is nobody's, and that one overpayment is played per database.
"""

from collections.abc import Iterator

from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Status
from policy_match.payments.reconciliation import DifferenceStands
from policy_match.payments.records import RecoveryRecord
from policy_match.payments.recovery import RecoveryKind
from policy_match.services.case_history import list_cases
from policy_match.services.reconcile_payments import reconcile_payments
from policy_match.services.recover_payments import assign_receipt, decide
from policy_match.services.rehearsal.paying import hear, reconcile
from policy_match.services.rehearsal.stage import Said, Staff, Stage, Told
from policy_match.services.rehearsal.telling import tell, visit
from policy_match.values import Money

OVERPAID_PART = 10
"""A tenth of the payment was too much."""

DAYS_TO_PAY_BACK = 3
MAX_RECOVERIES = 100
MAX_UNEXPLAINED = 1_000
REASON = "参保人数更正（演练）/ headcount corrected (rehearsal)"


def recover(stage: Stage) -> Iterator[Told]:
    """Ask a tenth of one payment back, and book what comes in."""
    yield stage.tell(Said.CHAPTER_RECOVERY)
    yield from stage.told_or_done(_recover(stage))


def _recover(stage: Stage) -> Iterator[Told]:
    if not _recoveries(stage):
        yield from _claim_back(stage)
        yield from tell(stage)
        yield from visit(stage)
    open_ones = [each for each in _recoveries(stage) if each.received_fen < each.amount_fen]
    if open_ones:
        stage.working_days_later(DAYS_TO_PAY_BACK)
        for recovery in open_ones:
            yield from _pay_back(stage, recovery)
        yield from reconcile(stage)


def _recoveries(stage: Stage) -> list[RecoveryRecord]:
    with stage.database.unit_of_work() as work:
        return list(work.payments.recoveries(MAX_RECOVERIES))


def _claim_back(stage: Stage) -> Iterator[Told]:
    for policy in stage.funded[:1]:
        wanted = CaseFilter(policy_id=policy.id, status=Status.CLOSED)
        for line in list_cases(stage.database, wanted, after=0, most=1):
            asked = line.amount_fen // OVERPAID_PART
            decided = decide(
                stage.database,
                stage.clock,
                case_id=line.case_id,
                kind=RecoveryKind.OVERPAYMENT,
                right_fen=line.amount_fen - asked,
                reason=REASON,
                by=Staff.AUDIT,
            )
            yield stage.tell(
                Said.CLAIMED_BACK,
                recovery=decided.recovery_id,
                case=str(line.case_id),
                paid=Money(line.amount_fen),
                asked=Money(decided.decision.asked_fen),
            )


def _pay_back(stage: Stage, recovery: RecoveryRecord) -> Iterator[Told]:
    missing = recovery.amount_fen - recovery.received_fen
    stage.bank.receive(f"recovery-{recovery.recovery_id}", missing, stage.clock.now())
    stage.working_days_later(1)
    yield from hear(stage)
    try:
        reconcile_payments(stage.database, stage.clock, up_to=stage.clock.day, by=Staff.AUDIT, close=True)
    except DifferenceStands as difference:
        yield stage.tell(Said.REFUSED, error=difference)
    with stage.database.unit_of_work() as work:
        entries = work.bank_files.unexplained(MAX_UNEXPLAINED)
    for entry in entries:
        if entry.line_ref is not None and entry.out_fen == -missing:
            yield stage.tell(Said.MONEY_IN, line_ref=entry.line_ref, money=Money(missing))
            done = assign_receipt(
                stage.database,
                stage.clock,
                recovery_id=recovery.recovery_id,
                line_ref=entry.line_ref,
                by=Staff.AUDIT,
            )
            yield stage.tell(Said.RECOVERED, recovery=done.recovery_id, money=Money(done.received_fen))
            return
