"""What one person did, what became of one firm's money, and the transfers of one line, for auditors.

Guarantees that nothing is written, that every page has a limit, and that a file holds the whole list or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from policy_match.audit.evidence import FirmAccount, FirmPayment, LedgerEntry, PersonStep
from policy_match.ports import Database
from policy_match.services.explain import NoSuchFirm
from policy_match.services.table_files import MOST_EXPORTED, Columns, FileFormat, table_of, written
from policy_match.values import PolicyId, Uscc

MOST_ACCOUNTS = 200
MOST_NAMES = 20

STEP_COLUMNS: Columns = {
    "at": pa.timestamp("us", "UTC"),
    **dict.fromkeys(("kind", "what", "about"), pa.string()),
    "case_id": pa.int64(),
    "count": pa.int64(),
    "amount_fen": pa.int64(),
}

PAYMENT_COLUMNS: Columns = {
    "case_id": pa.int64(),
    "number": pa.int32(),
    **dict.fromkeys(("attempt_id", "policy_id"), pa.string()),
    "amount_fen": pa.int64(),
    **dict.fromkeys(("status", "tail"), pa.string()),
    "at": pa.timestamp("us", "UTC"),
    "since": pa.timestamp("us", "UTC"),
    "by": pa.string(),
}

TRANSFER_COLUMNS: Columns = {
    "transfer_id": pa.int64(),
    **dict.fromkeys(("kind", "line", "debit", "credit"), pa.string()),
    "amount_fen": pa.int64(),
    "attempt_id": pa.string(),
    "case_id": pa.int64(),
    "about": pa.string(),
    "at": pa.timestamp("us", "UTC"),
    "by": pa.string(),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedFirm:
    """A firm with a case: its registered names, the latest first, and the accounts that were stated for it."""

    uscc: Uscc
    names: Sequence[str]
    accounts: Sequence[FirmAccount]


def person_steps(
    database: Database, person: str, *, before: tuple[datetime, str, str] | None = None, most: int
) -> Sequence[PersonStep]:
    """Return a page of what a person did, the latest first, before a moment, kind and place."""
    with database.unit_of_work() as work:
        return work.audit.person_steps(person, before=before, most=most)


def person_file(database: Database, person: str, format: FileFormat) -> bytes:
    """Return everything that a person did as a file. Raises `TooManyRows`."""
    found = person_steps(database, person, most=MOST_EXPORTED + 1)
    return written(table_of(found, STEP_COLUMNS), format)


def audited_firm(database: Database, uscc: Uscc, policies: frozenset[PolicyId] | None) -> AuditedFirm:
    """Return a firm that has a case of some policies, or of any. Raises `NoSuchFirm`."""
    with database.unit_of_work() as work:
        if not work.audit.has_case(uscc, policies):
            raise NoSuchFirm(uscc=uscc)
        return AuditedFirm(
            uscc=uscc,
            names=work.audit.names_of_firm(uscc, most=MOST_NAMES),
            accounts=work.audit.accounts_of_firm(uscc, most=MOST_ACCOUNTS),
        )


def firm_payments(
    database: Database,
    uscc: Uscc,
    policies: frozenset[PolicyId] | None,
    *,
    after: tuple[int, int] = (0, 0),
    most: int,
) -> Sequence[FirmPayment]:
    """Return a page of the attempts to pay a firm, by case and number, after given ones."""
    with database.unit_of_work() as work:
        return work.audit.payments_of_firm(uscc, policies, after=after, most=most)


def payments_file(database: Database, uscc: Uscc, policies: frozenset[PolicyId] | None, format: FileFormat) -> bytes:
    """Return the attempts to pay a firm as a file. Raises `TooManyRows`."""
    found = firm_payments(database, uscc, policies, most=MOST_EXPORTED + 1)
    return written(table_of(found, PAYMENT_COLUMNS), format)


def line_transfers(database: Database, line: str, *, after: int = 0, most: int) -> Sequence[LedgerEntry]:
    """Return a page of the transfers of a budget line by number, after a given one, with the case of each."""
    with database.unit_of_work() as work:
        return work.audit.transfers(line, after=after, most=most)


def transfers_file(database: Database, line: str, format: FileFormat) -> bytes:
    """Return the transfers of a budget line as a file. Raises `TooManyRows`."""
    found = line_transfers(database, line, most=MOST_EXPORTED + 1)
    return written(table_of(found, TRANSFER_COLUMNS), format)
