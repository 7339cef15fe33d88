"""Lists of what is kept of payments: batches, files of the bank, unexplained lines, recoveries, reconciliations.

Guarantees that nothing is written, that every list has a limit, and that no account number is in any of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy_match.payments.attempts import AttemptStatus
from policy_match.payments.records import BatchRecord, RecoveryRecord, TakenFile, UnexplainedLine
from policy_match.payments.trail import PaymentTrail
from policy_match.ports import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentStatus:
    """How many attempts stand where with their fen, and the batches, latest first."""

    attempts: Mapping[AttemptStatus, tuple[int, int]]
    batches: Sequence[BatchRecord]


def payment_status(database: Database, *, most: int) -> PaymentStatus:
    """Return where all attempts stand, and the latest batches."""
    with database.unit_of_work() as work:
        return PaymentStatus(attempts=work.payments.attempt_totals(), batches=work.payments.batches(most))


def payment_trail(database: Database, case_id: int) -> PaymentTrail:
    """Return what became of the money of a case: budget, lists, orders, attempts, recoveries."""
    with database.unit_of_work() as work:
        return work.payments.trail(case_id)


def taken_files(database: Database, *, most: int) -> Sequence[TakenFile]:
    """Return files of the bank, latest first, with what became of their lines."""
    with database.unit_of_work() as work:
        return work.bank_files.files(most)


def unexplained_lines(database: Database, *, most: int) -> Sequence[UnexplainedLine]:
    """Return lines of the bank's files that need a person, oldest first."""
    with database.unit_of_work() as work:
        return work.bank_files.unexplained(most)


def recoveries(database: Database, *, most: int) -> Sequence[RecoveryRecord]:
    """Return decisions to ask money back, latest first."""
    with database.unit_of_work() as work:
        return work.payments.recoveries(most)
