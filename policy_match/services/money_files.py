"""Lists of money as files for spreadsheets: transfers, payment orders, returned payments, unpaid firms.

Guarantees that a file holds what the list on the page and in the API holds, all of it or nothing, without account
numbers.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from policy_match.ledger.accounts import LineId
from policy_match.payments.attempts import AttemptStatus
from policy_match.ports import Clock, Database
from policy_match.services.ledger_report import transfers
from policy_match.services.payment_lists import list_orders
from policy_match.services.promises import MOST_LISTED, unpaid_firms
from policy_match.services.returned_payments import returned_payments
from policy_match.services.table_files import Columns, FileFormat, TooManyRows, table_of, written
from policy_match.values import PolicyId

MOST_ROWS = 50_000
"""The most rows in one file."""

TRANSFER_COLUMNS: Columns = {
    "transfer_id": pa.int64(),
    "at": pa.timestamp("us", "Asia/Shanghai"),
    "line": pa.string(),
    "kind": pa.string(),
    "debit": pa.string(),
    "credit": pa.string(),
    "amount_fen": pa.int64(),
    "attempt_id": pa.string(),
    "about": pa.string(),
    "by": pa.string(),
}
ORDER_COLUMNS: Columns = {
    "order_id": pa.int64(),
    "case_id": pa.int64(),
    "policy_id": pa.string(),
    "uscc": pa.string(),
    "list_id": pa.int64(),
    "amount_fen": pa.int64(),
    "at": pa.timestamp("us", "Asia/Shanghai"),
    "by": pa.string(),
    "attempt_id": pa.string(),
    "attempts": pa.int64(),
    "status": pa.string(),
    "since": pa.timestamp("us", "Asia/Shanghai"),
    "batch_id": pa.int64(),
}
RETURNED_COLUMNS: Columns = {
    "case_id": pa.int64(),
    "policy_id": pa.string(),
    "uscc": pa.string(),
    "registered_name": pa.string(),
    "amount_fen": pa.int64(),
    "line": pa.string(),
    "reason_code": pa.string(),
    "booked_on": pa.date32(),
    "attempt_id": pa.string(),
    "number": pa.int64(),
    "recheck_outcome": pa.string(),
    "excluded": pa.bool_(),
}
UNPAID_COLUMNS: Columns = {
    "uscc": pa.string(),
    "name": pa.string(),
    "oldest_on": pa.date32(),
    "cases": pa.int64(),
    "fen": pa.int64(),
}


def transfers_file(database: Database, line: LineId | None) -> bytes:
    """Return the transfers of a line, or of all, as CSV. Raises `TooManyRows`."""
    return _csv(transfers(database, line=line, most=MOST_ROWS + 1), TRANSFER_COLUMNS)


def orders_file(
    database: Database,
    *,
    policy_id: PolicyId | None,
    policies: Collection[PolicyId] | None,
    case_id: int | None,
    status: AttemptStatus | None,
) -> bytes:
    """Return the payment orders that a filter finds as CSV. Raises `TooManyRows`."""
    found = list_orders(
        database, policy_id=policy_id, policies=policies, case_id=case_id, status=status, most=MOST_ROWS + 1
    )
    return _csv(found, ORDER_COLUMNS)


def returned_file(database: Database, clock: Clock, *, cut_off: date, policies: Collection[PolicyId] | None) -> bytes:
    """Return the payments that came back and have not gone out again as CSV. Raises `TooManyRows`."""
    found = returned_payments(database, clock, cut_off=cut_off, policies=policies, most=MOST_ROWS + 1)
    return _csv([each.case for each in found], RETURNED_COLUMNS)


def unpaid_file(
    database: Database,
    clock: Clock,
    *,
    unit: str | None,
    policy: PolicyId | None,
    policies: Collection[PolicyId] | None,
) -> bytes:
    """Return the firms that were promised money which they do not have as CSV. Raises `TooManyRows`."""
    found = unpaid_firms(database, clock, unit=unit, policy=policy, policies=policies, most=MOST_LISTED)
    return _csv(found, UNPAID_COLUMNS, MOST_LISTED - 1)


def _csv(found: Sequence[Any], columns: Columns, most: int = MOST_ROWS) -> bytes:
    if len(found) > most:
        raise TooManyRows(most=most)
    return written(table_of(found, columns), FileFormat.CSV)
