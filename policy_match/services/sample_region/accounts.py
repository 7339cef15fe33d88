"""The bank accounts of the invented firms: what the tax office and the insurance office hand over for reuse.

Guarantees that every number begins with 9999 and every bank code with a category that no bank has, so that nobody is
paid by them, and that a firm's account is the same on every run. Some are in a name that is not the firm's, and the
numbers of some say that they are closed, which only the rehearsal's bank can read.
"""

import hashlib
from collections.abc import Iterable, Iterator

from stdnum.iso7064 import mod_11_10

from policy_match.payments.accounts import AccountSource
from policy_match.services.payee_accounts import StatedAccount
from policy_match.values import Uscc

NUMBER_START = "9999"
BANK_CATEGORY = "990"
"""CNAPS codes begin with three digits for the kind of bank; none has these."""

CITY = "4520"
BRANCHES = 40

CLOSED_MARK = "04"
OPEN_MARK = "00"
"""The two digits behind the start of a number: the account is closed (as reason AC04 says), or in use."""

WRONG_NAME_SHARE, CLOSED_SHARE = 0.012, 0.01
OLD_NAME = "（曾用名）"


def first_account(row: int, uscc: Uscc, name: str) -> StatedAccount:
    """Return the account of a firm that another office has on file; `row` is for messages.

    A firm is closed or wrongly named by chance of its code: about one in a hundred each.
    """
    drawn = chance("account", uscc)
    wrong = drawn < WRONG_NAME_SHARE
    closed = WRONG_NAME_SHARE <= drawn < WRONG_NAME_SHARE + CLOSED_SHARE
    source = AccountSource.TAX if chance("account source", uscc) < 0.5 else AccountSource.SOCIAL_INSURANCE
    return _account(row, uscc, name + OLD_NAME if wrong else name, CLOSED_MARK if closed else OPEN_MARK, 1, source)


def corrected_account(row: int, uscc: Uscc, name: str, version: int) -> StatedAccount:
    """Return the account that the firm itself states when it is asked to; `version` is 2 or more."""
    return _account(row, uscc, name, OPEN_MARK, version, AccountSource.FIRM)


def is_closed(number: str) -> bool:
    """Return whether an invented account number says that the account is closed."""
    return number.startswith(NUMBER_START + CLOSED_MARK)


def chance(topic: str, uscc: Uscc) -> float:
    """Return a number from 0 to 1 (exclusive) for a firm, the same for the same topic."""
    return int.from_bytes(hashlib.sha256(f"{topic} {uscc}".encode()).digest()[:6], "big") / 2**48


def _account(row: int, uscc: Uscc, holder: str, mark: str, version: int, source: AccountSource) -> StatedAccount:
    digits = "".join(f"{int(sign, 36):02d}" for sign in uscc[-7:])
    return StatedAccount(
        row=row,
        uscc=uscc,
        holder=holder,
        number=f"{NUMBER_START}{mark}{version:02d}{digits}",
        bank_code=bank_code(int(chance("branch", uscc) * BRANCHES)),
        source=source,
    )


def bank_code(branch: int) -> str:
    """Return the code of an invented branch: twelve digits, the last a check digit (ISO 7064 MOD 11,10)."""
    body = f"{BANK_CATEGORY}{CITY}{branch:04d}"
    return body + str(mod_11_10.calc_check_digit(body))


def first_accounts(names: Iterable[tuple[Uscc, str]]) -> Iterator[StatedAccount]:
    """Yield the account on file of each firm, with its registered name."""
    for row, (uscc, name) in enumerate(names, 1):
        yield first_account(row, uscc, name)
