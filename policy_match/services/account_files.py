"""Takes a table of payees' accounts that was sent, and keeps it sealed with every row that could not be taken.

Guarantees that a table is taken with one answer, whole or not at all; that no account number is in an answer, a
refusal or an error, wherever it stood in the table; and that what is kept of the table opens with the key alone.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from policy_match.errors import InputError
from policy_match.payments.accounts import AccountSource
from policy_match.payments.records import AccountFile, RefusedAccount
from policy_match.policy.fingerprint import digest
from policy_match.ports import Clock, Database, RegistrySource
from policy_match.services.account_file import take_account_file
from policy_match.services.job_desk import Sealer

MOST_BYTES = 32 * 2**20
MOST_ROWS = 50_000
"""So many rows are sealed and kept in some two seconds, within one request."""

ReadTable = Callable[[bytes], AbstractContextManager[RegistrySource]]
"""Reads a table by its content."""

_LONG_NUMBER = re.compile(r"[0-9]{8,}")
"""What may be an account number: the heading of a table without a heading is its first row."""


class AccountFileRefused(InputError):
    """The table cannot be read as one of accounts. Nothing was kept."""

    code = "accounts.file-refused"
    english = "{problem}; nothing was kept"
    chinese = "{problem_zh}；未登记任何账户"


class AccountFileTooLarge(InputError):
    """More than one request takes."""

    code = "accounts.file-size"
    http_status = 413
    english = "the table has more than {rows:,} rows or {megabytes} MB; send it in parts; nothing was kept"
    chinese = "表格超过 {rows:,} 行或 {megabytes} MB；请分为几份上传；未登记任何账户"


class NoSuchAccountFile(InputError):
    """No table of accounts has that number."""

    code = "accounts.no-file"
    http_status = 404
    english = "there is no table of accounts {number}; list the tables to see those that there are"
    chinese = "没有编号为 {number} 的账户表；请先列出已有的账户表"


def take_sent_accounts(
    database: Database,
    sealer: Sealer,
    clock: Clock,
    read: ReadTable,
    *,
    content: bytes,
    source: AccountSource | None,
    by: str,
) -> AccountFile:
    """Take every row of a table that can be taken, and keep the table with the others. Sent again, it is stated again.

    `source` says who states all the accounts, where the table has no such column. Raises `AccountFileTooLarge` or
    `AccountFileRefused`; then the caller's transaction keeps nothing.
    """
    if len(content) > MOST_BYTES:
        raise _too_large()
    try:
        with read(content) as rows:
            if rows.expected_rows() > MOST_ROWS:
                raise _too_large()
            taken = take_account_file(rows, database, sealer, clock, by=by, source=source, most_refusals=MOST_ROWS)
    except AccountFileTooLarge:
        raise
    except InputError as error:
        raise AccountFileRefused(problem=_plain(error, "en"), problem_zh=_plain(error, "zh")) from None
    key = digest(content)
    with database.unit_of_work() as work:
        number = work.account_files.add(
            key,
            sealer.seal_content(content, key),
            source,
            kept=taken.kept,
            refusals=taken.refusals,
            at=clock.now(),
            by=by,
        )
        found = work.account_files.find(number)
        work.commit()
    assert found is not None, "it was just written"
    return found


def _too_large() -> AccountFileTooLarge:
    return AccountFileTooLarge(rows=MOST_ROWS, megabytes=MOST_BYTES // 2**20)


def _plain(error: InputError, language: str) -> str:
    """Return what is wrong, without where the table lay meanwhile, and without long numbers."""
    said = error.message("zh" if language == "zh" else "en")
    if "file" in error.fields:
        said = said.replace(str(error.fields["file"]), "表格" if language == "zh" else "the table")
    return _LONG_NUMBER.sub("…", said)


def account_files(database: Database, *, before: int | None, most: int) -> Sequence[AccountFile]:
    """Return a page of the tables that were taken, the latest first, before a given one."""
    with database.unit_of_work() as work:
        return work.account_files.files(before=before, most=most)


def find_account_file(database: Database, number: int) -> AccountFile:
    """Return one table. Raises `NoSuchAccountFile`."""
    with database.unit_of_work() as work:
        found = work.account_files.find(number)
    if found is None:
        raise NoSuchAccountFile(number=number)
    return found


def account_refusals(database: Database, number: int, *, after: int, most: int) -> Sequence[RefusedAccount]:
    """Return a page of the rows of a table that were not taken, after a row. Raises `NoSuchAccountFile`."""
    find_account_file(database, number)
    with database.unit_of_work() as work:
        return work.account_files.refusals(number, after=after, most=most)


def open_account_file(database: Database, sealer: Sealer, number: int) -> bytes:
    """Return the content of a table, with its account numbers. Raises `NoSuchAccountFile`, or a `StorageError`."""
    kept = find_account_file(database, number)
    with database.unit_of_work() as work:
        sealed = work.account_files.sealed(number)
    assert sealed is not None, "the table is there"
    return sealer.open_content(sealed, kept.digest)
