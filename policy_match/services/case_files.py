"""Lists of cases as files to take away: a work list, an approval list as it is signed, and what is on public display.

Guarantees that a file holds the whole list or is refused, and that no text in it begins as a formula.
"""

from datetime import date

import pyarrow as pa

from policy_match.cases.history import CaseFilter
from policy_match.ports import Clock, Database
from policy_match.services.approval_lists import find_list
from policy_match.services.audit_cases import CASE_COLUMNS
from policy_match.services.publicity import every_displayed_case
from policy_match.services.table_files import MOST_EXPORTED, Columns, FileFormat, TooManyRows, table_of, written
from policy_match.values import PolicyId

LISTED_COLUMNS: Columns = {
    "case_id": pa.int64(),
    "uscc": pa.string(),
    "name": pa.string(),
    "record_id": pa.string(),
    "period": pa.string(),
    "instalment": pa.int64(),
    "amount_fen": pa.int64(),
    "seq": pa.int64(),
    "account_tail": pa.string(),
}
PUBLIC_COLUMNS: Columns = {
    "case_id": pa.int64(),
    "shown_name": pa.string(),
    "shown_code": pa.string(),
    "period": pa.string(),
    "instalment": pa.int64(),
    "amount_fen": pa.int64(),
    "last_day": pa.date32(),
}


def work_list_file(database: Database, wanted: CaseFilter, format: FileFormat) -> bytes:
    """Return the cases that a filter finds as a file. Raises `TooManyRows`."""
    with database.unit_of_work() as work:
        found = work.cases.history.lines(wanted, after=0, most=MOST_EXPORTED + 1)
    return written(table_of(found, CASE_COLUMNS), format)


def approval_list_file(database: Database, list_id: int, format: FileFormat) -> bytes:
    """Return the cases of an approval list, exactly as they are signed. Raises `NoSuchList`."""
    with database.unit_of_work() as work:
        kept = find_list(work, list_id)
        found = work.approvals.listed(list_id, most=MOST_EXPORTED)
    assert len(found) == kept.header.count, "a list is never longer than a file"
    return written(table_of(found, LISTED_COLUMNS), format)


def display_file(database: Database, clock: Clock, policy_id: PolicyId, first_day: date, format: FileFormat) -> bytes:
    """Return the cases of a display as everybody may see them. Raises `TooManyRows`."""
    found = list(every_displayed_case(database, clock, policy_id, first_day, most=MOST_EXPORTED + 1))
    if len(found) > MOST_EXPORTED:
        raise TooManyRows(most=MOST_EXPORTED)
    return written(table_of(found, PUBLIC_COLUMNS), format)
