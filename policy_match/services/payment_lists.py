"""Lists of what is kept of payments: batches, files of the bank, unexplained lines, recoveries, reconciliations.

Guarantees that nothing is written, that every list has a limit, and that no account number is in any of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from policy_match.errors import InputError
from policy_match.payments.attempts import AttemptStatus
from policy_match.payments.reconciliation import KeptReconciliation
from policy_match.payments.records import (
    BatchRecord,
    OrderRecord,
    ReconciliationRecord,
    RecoveryRecord,
    TakenFile,
    UnexplainedLine,
)
from policy_match.payments.trail import PaymentTrail
from policy_match.ports import Database
from policy_match.services.recover_payments import NoSuchRecovery
from policy_match.values import Digest, PolicyId


class NoSuchReconciliation(InputError):
    """No reconciliation has this number."""

    code = "payments.no-reconciliation"
    http_status = 404
    english = "there is no reconciliation {number}; look at the list of reconciliations"
    chinese = "没有编号为 {number} 的对账；请查看对账列表"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentStatus:
    """How many attempts stand where with their fen, and the batches, latest first."""

    attempts: Mapping[AttemptStatus, tuple[int, int]]
    batches: Sequence[BatchRecord]


def payment_status(database: Database, *, most: int) -> PaymentStatus:
    """Return where all attempts stand, and the latest batches."""
    with database.unit_of_work() as work:
        return PaymentStatus(attempts=work.payments.attempt_totals(), batches=work.payments.batches(most))


def attempt_totals(database: Database) -> Mapping[AttemptStatus, tuple[int, int]]:
    """Return how many attempts stand where, and their fen."""
    with database.unit_of_work() as work:
        return work.payments.attempt_totals()


def payment_trail(database: Database, case_id: int) -> PaymentTrail:
    """Return what became of the money of a case: budget, lists, orders, attempts, recoveries."""
    with database.unit_of_work() as work:
        return work.payments.trail(case_id)


def list_batches(database: Database, *, before: int | None = None, most: int) -> Sequence[BatchRecord]:
    """Return a page of batches, latest first, from before a given one."""
    with database.unit_of_work() as work:
        return work.payments.batches(most, before=before)


def list_orders(
    database: Database,
    *,
    policy_id: PolicyId | None = None,
    policies: Collection[PolicyId] | None = None,
    case_id: int | None = None,
    status: AttemptStatus | None = None,
    after: int = 0,
    most: int,
) -> Sequence[OrderRecord]:
    """Return a page of orders by number after a given one: of one policy, of some, or of all.

    `status` is that of an order's last attempt.
    """
    with database.unit_of_work() as work:
        return work.payments.orders(
            policy_id=policy_id, policies=policies, case_id=case_id, status=status, after=after, most=most
        )


def taken_files(database: Database, *, after: tuple[datetime, Digest] | None = None, most: int) -> Sequence[TakenFile]:
    """Return files of the bank, latest first, with what became of their lines.

    `after` are the time and the digest of the last file of the page before.
    """
    with database.unit_of_work() as work:
        return work.bank_files.files(most, after=after)


def unexplained_lines(
    database: Database, *, after: tuple[Digest, int] | None = None, most: int
) -> Sequence[UnexplainedLine]:
    """Return lines of the bank's files that need a person, oldest first, from behind a given one."""
    with database.unit_of_work() as work:
        return work.bank_files.unexplained(most, after=after)


def reconciliations(database: Database, *, before: int | None = None, most: int) -> Sequence[ReconciliationRecord]:
    """Return comparisons of orders, ledger and statements, latest first, from before a given one."""
    with database.unit_of_work() as work:
        return work.bank_files.reconciliations(most, before=before)


def find_reconciliation(database: Database, number: int) -> KeptReconciliation:
    """Return one comparison with its differences as they were. Raises `NoSuchReconciliation`."""
    with database.unit_of_work() as work:
        found = work.bank_files.reconciliation(number)
    if found is None:
        raise NoSuchReconciliation(number=number)
    return found


def recoveries(
    database: Database,
    *,
    policies: Collection[PolicyId] | None = None,
    before: int | None = None,
    most: int,
) -> Sequence[RecoveryRecord]:
    """Return decisions to ask money back, latest first, from before a given one: of some policies, or of all."""
    with database.unit_of_work() as work:
        return work.payments.recoveries(most, before=before, policies=policies)


def find_recovery(database: Database, recovery_id: int) -> RecoveryRecord:
    """Return one decision to ask money back. Raises `NoSuchRecovery`."""
    with database.unit_of_work() as work:
        found = work.payments.recoveries(1, recovery_id)
    if not found:
        raise NoSuchRecovery(recovery_id=recovery_id)
    return found[0]
