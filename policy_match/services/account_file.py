"""Reads a table of accounts as offices and firms hand it over, and takes every row that can be taken.

Guarantees that columns are known by their heading in Chinese or English, that what spreadsheets do to codes is undone
only where nothing is lost by it, and that every row that is not taken is reported with its number and reason.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from policy_match.errors import InputError
from policy_match.payments.accounts import AccountSource
from policy_match.payments.records import RefusedAccount
from policy_match.payments.sealing import AccountSealer
from policy_match.policy.model import PayeeKind
from policy_match.ports import Clock, Database, Progress, RegistrySource
from policy_match.services.payee_accounts import (
    MAX_REFUSALS_SHOWN,
    PAGE,
    AccountsTaken,
    StatedAccount,
    take_accounts,
)

HEADINGS: Mapping[str, Sequence[str]] = {
    "uscc": ("uscc", "统一社会信用代码", "社会信用代码", "信用代码"),
    "holder": ("holder", "户名", "账户名称", "开户名称", "收款人名称"),
    "number": ("number", "账号", "银行账号", "收款账号", "收款人账号"),
    "bank_code": ("bank_code", "联行号", "行号", "开户行行号", "收款行行号"),
    "source": ("source", "来源", "数据来源"),
    "kind": ("kind", "收款人类型"),
}
"""What each column may be called; the first is how messages call it. The last two may be left out."""

NEEDED = ("uscc", "holder", "number", "bank_code")

WORDS: Mapping[str, str] = {
    "税务": AccountSource.TAX,
    "税务局": AccountSource.TAX,
    "社保": AccountSource.SOCIAL_INSURANCE,
    "人社": AccountSource.SOCIAL_INSURANCE,
    "人社局": AccountSource.SOCIAL_INSURANCE,
    "企业": AccountSource.FIRM,
    "主管部门": AccountSource.DEPARTMENT,
    "部门": AccountSource.DEPARTMENT,
}
"""Chinese words for sources."""

KINDS: Mapping[str, str] = {
    "企业": PayeeKind.FIRM,
    "银行": PayeeKind.BANK,
    "公用事业": PayeeKind.UTILITY,
}
"""Chinese words for kinds of payees."""

_FORMULA = re.compile(r'="?(.*?)"?')
"""A spreadsheet keeps a long number whole as `="6222…"`."""


class AccountColumnMissing(InputError):
    """The table lacks a column."""

    code = "accounts.column"
    english = "{file}: no column is called {wanted}; the columns are {found}"
    chinese = "{file}：缺少列“{wanted_zh}”；现有列：{found}"


def take_account_file(
    file: RegistrySource,
    database: Database,
    sealer: AccountSealer,
    clock: Clock,
    *,
    by: str,
    source: AccountSource | None = None,
    progress: Progress | None = None,
    most_refusals: int = MAX_REFUSALS_SHOWN,
) -> AccountsTaken:
    """Take every row of a table that can be taken, and name the first that cannot, up to a limit.

    `source` says who states all the accounts where the table has no such column. Raises `AccountColumnMissing` before
    any write, or what reading the file raises: the pages taken until then stay.
    """
    columns = _columns(file, source)
    broken: list[RefusedAccount] = []
    rows = _rows(file, columns, source, broken, progress)
    taken = take_accounts(rows, database, sealer, clock, by=by, most_refusals=most_refusals)
    refusals = sorted([*taken.refusals, *broken[:most_refusals]], key=lambda each: each.row)
    return replace(taken, refused=taken.refused + len(broken), refusals=refusals[:most_refusals])


def _columns(file: RegistrySource, source: AccountSource | None) -> Mapping[str, str]:
    """Return the table's own name of each column that it has."""
    found = file.columns()
    columns = {ours: name for ours, names in HEADINGS.items() for name in found if name.strip().casefold() in names}
    for ours in NEEDED if source is not None else (*NEEDED, "source"):
        if ours not in columns:
            raise AccountColumnMissing(
                file=file.name, wanted=ours, wanted_zh=HEADINGS[ours][1], found=", ".join(found[:20])
            )
    return columns


def _rows(
    file: RegistrySource,
    columns: Mapping[str, str],
    source: AccountSource | None,
    broken: list[RefusedAccount],
    progress: Progress | None,
) -> Iterator[StatedAccount]:
    done = 0
    for chunk in file.chunks(PAGE):
        width = len(chunk.rows.schema)
        for row in chunk.broken:
            broken.append(_broken(row.number, len(row.cells), width))
        cells = {ours: chunk.rows[name].to_pylist() for ours, name in columns.items()}
        for place, number in enumerate(chunk.numbers.to_pylist()):
            given = {ours: column[place] or "" for ours, column in cells.items()}
            if any(given.values()):
                yield _stated(number, given, source)
        done += chunk.rows.num_rows
        if progress is not None:
            progress(done, max(file.expected_rows(), done))


def _broken(number: int, cells: int, width: int) -> RefusedAccount:
    return RefusedAccount(
        row=number,
        uscc="",
        reason_zh=f"该行有 {cells} 列，表头有 {width} 列",
        reason_en=f"the row has {cells} cells, the header {width}",
    )


def _stated(number: int, given: Mapping[str, str], source: AccountSource | None) -> StatedAccount:
    said = _plain(given.get("source", ""))
    kind = _plain(given.get("kind", ""))
    return StatedAccount(
        row=number,
        uscc=_plain(given["uscc"]).upper(),
        holder=given["holder"],
        number=_unwrapped(given["number"]),
        bank_code=_plain(_unwrapped(given["bank_code"])),
        source=WORDS.get(said, said) or (source or ""),
        kind=KINDS.get(kind, kind) or PayeeKind.FIRM,
    )


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _unwrapped(text: str) -> str:
    """Return a code without what a spreadsheet puts around it to keep it a text."""
    text = text.strip().lstrip("'")
    formula = _FORMULA.fullmatch(text)
    return formula[1] if formula else text
