"""Takes the accounts that payees are paid into, from tax, social insurance, departments or the firms themselves.

Guarantees that numbers are sealed before they are kept, that every row is either kept or refused with its reason, and
that no number is in a report. Comparing holders with registered names is done before each order.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from stdnum.cn import uscc

from policy_match.payments.accounts import AccountNumber, AccountSource, WrongAccountNumber
from policy_match.payments.records import RefusedAccount, SealedAccount
from policy_match.payments.sealing import AccountSealer
from policy_match.policy.model import PayeeKind
from policy_match.ports import Clock, Database
from policy_match.values import Uscc

PAGE = 20_000
MAX_REFUSALS_SHOWN = 1_000
SHOWN_TAIL = 4
_CODE = re.compile(r"[0-9A-Z]{18}")
_LONG_NUMBER = re.compile(r"[0-9]{8}")
"""What may be an account number in the wrong column."""
_BANK_CODE = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedAccount:
    """One row as it was given, all text. `kind` is `firm` where the payee is the firm itself."""

    row: int
    uscc: str
    holder: str
    number: str = field(repr=False)
    bank_code: str
    source: str
    kind: str = PayeeKind.FIRM


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountsTaken:
    """How many rows were kept, how many were not, and the first of those."""

    kept: int
    refused: int
    refusals: Sequence[RefusedAccount]


def take_accounts(
    rows: Iterable[StatedAccount],
    database: Database,
    sealer: AccountSealer,
    clock: Clock,
    *,
    by: str,
    most_refusals: int = MAX_REFUSALS_SHOWN,
) -> AccountsTaken:
    """Keep every good row, page by page, a page whole or not at all; name the first refusals, up to a limit."""
    kept, refused = 0, 0
    refusals: list[RefusedAccount] = []
    source = iter(rows)
    while page := list(islice(source, PAGE)):
        accounts = []
        for row in page:
            checked = _checked(row, sealer)
            if isinstance(checked, RefusedAccount):
                refused += 1
                if len(refusals) < most_refusals:
                    refusals.append(checked)
            else:
                accounts.append(checked)
        _keep(accounts, database, clock.now(), by)
        kept += len(accounts)
    return AccountsTaken(kept=kept, refused=refused, refusals=refusals)


def _keep(accounts: Sequence[SealedAccount], database: Database, at: datetime, by: str) -> None:
    if accounts:
        with database.unit_of_work() as work:
            work.payments.add_accounts(accounts, at, by)
            work.commit()


def _checked(row: StatedAccount, sealer: AccountSealer) -> SealedAccount | RefusedAccount:
    for wrong, reason_zh, reason_en in _defects(row):
        if wrong:
            return RefusedAccount(row=row.row, uscc=_shown(row.uscc), reason_zh=reason_zh, reason_en=reason_en)
    try:
        number = AccountNumber.parse(row.number)
    except WrongAccountNumber as error:
        return RefusedAccount(
            row=row.row, uscc=_shown(row.uscc), reason_zh=error.message("zh"), reason_en=error.message("en")
        )
    owner = Uscc(row.uscc)
    return SealedAccount(
        owner=owner,
        kind=PayeeKind(row.kind),
        holder=row.holder.strip(),
        number=sealer.seal(number, owner),
        tail=number.tail,
        bank_code=row.bank_code,
        source=row.source,
    )


def _shown(code: str) -> str:
    """Return what stood where the credit code should be; of what may be an account number only its last digits."""
    if uscc.is_valid(code) or (_CODE.fullmatch(code) and not code.isdigit()) or not _LONG_NUMBER.search(code):
        return code[:18]
    return f"****{code[-SHOWN_TAIL:]}"


def _defects(row: StatedAccount) -> Iterator[tuple[bool, str, str]]:
    sources = ", ".join(AccountSource)
    yield _CODE.fullmatch(row.uscc) is None, "统一社会信用代码应为 18 位", "the credit code has not 18 characters"
    yield not row.holder.strip(), "户名为空", "the holder is empty"
    yield _BANK_CODE.fullmatch(row.bank_code) is None, "联行号应为 12 位数字", "the bank code is not 12 digits"
    yield row.source not in list(AccountSource), f"来源应为 {sources} 之一", f"the source must be one of {sources}"
    yield (
        row.kind not in list(PayeeKind),
        "收款人类型应为 firm、bank 或 utility",
        "the payee must be firm, bank or utility",
    )
    third = row.kind != PayeeKind.FIRM and row.source != AccountSource.DEPARTMENT
    yield third, "银行和公用事业的账户须由主管部门提供", "only a department states the account of a bank or utility"
