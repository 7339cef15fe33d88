"""The accounts that payees are paid into, and what is checked of one before it goes into a batch.

Guarantees that the holder is compared with the payee's registered name sign by sign, apart from widths and spaces,
and that an account number shows itself only when asked for its digits. Sealing numbers is `sealing`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from stdnum import luhn
from stdnum.iso7064 import mod_11_10

from policy_match.errors import InputError
from policy_match.values import Uscc

TAIL_LENGTH = 4
"""How many last digits may be shown."""

_DIGITS = re.compile(r"[0-9]{8,30}")
"""Chinese banks give out numbers of very different lengths, but none shorter or longer than this."""
_SEPARATORS = re.compile(r"[\s-]+")
_CARD = re.compile(r"62(?:[0-9]{14}|[0-9]{17})")
"""A UnionPay card, whose last digit is Luhn's (ISO/IEC 7812-1). Accounts of firms share no check digit."""
_BANK_CODE = re.compile(r"[0-9]{12}")
_SPACES = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]+")


class WrongAccountNumber(InputError):
    """What was given as an account number is none. The text is not repeated."""

    code = "account.number"
    english = "this is no account number: {length} signs were given; write 8 to 30 digits"
    chinese = "账号格式不正确：共 {length} 个字符；应为 8 至 30 位数字"


@dataclass(frozen=True, slots=True)
class AccountNumber:
    """An account number of 8 to 30 digits. Raises `WrongAccountNumber`; shows no more than its last digits."""

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        if _DIGITS.fullmatch(self.digits) is None:
            raise WrongAccountNumber(length=len(self.digits))

    @classmethod
    def parse(cls, text: str) -> "AccountNumber":
        """Return the number in a text in which people put spaces and hyphens. Raises `WrongAccountNumber`."""
        return cls(_SEPARATORS.sub("", unicodedata.normalize("NFKC", text)))

    @property
    def tail(self) -> str:
        """The last digits, by which a person recognises an account."""
        return self.digits[-TAIL_LENGTH:]

    def __str__(self) -> str:
        return f"****{self.tail}"


class AccountSource(StrEnum):
    """Who says that an account is the payee's."""

    TAX = "tax"
    SOCIAL_INSURANCE = "social_insurance"
    FIRM = "firm"
    DEPARTMENT = "department"


SOURCE_ORDER = (AccountSource.FIRM, AccountSource.DEPARTMENT, AccountSource.SOCIAL_INSURANCE, AccountSource.TAX)
"""Whose word is taken first: the firm's own, then what a department entered, then accounts that are reused."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PayeeAccount:
    """An account without its number; `tail` holds the last digits and `account_id` leads to the sealed number.

    `owner` is the credit code of whoever is paid: the firm, or the bank or utility that passes the benefit on.
    `stated_on` is the day on which the source said so.
    """

    account_id: int
    owner: Uscc
    holder: str
    tail: str
    bank_code: str
    source: AccountSource
    stated_on: date


class AccountDefect(StrEnum):
    """What is wrong with an account. The first group stops the payment, the second only warns."""

    NO_ACCOUNT = "no_account"
    OWNER_UNKNOWN = "owner_unknown"
    OWNER_DIFFERS = "owner_differs"
    HOLDER_DIFFERS = "holder_differs"
    BANK_CODE_SHAPE = "bank_code_shape"
    SOURCE_STALE = "source_stale"
    SOURCE_LATER = "source_later"

    CARD_CHECK_DIGIT = "card_check_digit"
    BANK_CODE_CHECK_DIGIT = "bank_code_check_digit"


WARNINGS = frozenset({AccountDefect.CARD_CHECK_DIGIT, AccountDefect.BANK_CODE_CHECK_DIGIT})
"""Real numbers exist whose check digit fails, as with credit codes: a person looks, the payment goes on."""

DEFECT_TEXTS: Mapping[AccountDefect, tuple[str, str]] = MappingProxyType(
    {
        AccountDefect.NO_ACCOUNT: ("没有收款账户", "there is no account"),
        AccountDefect.OWNER_UNKNOWN: ("收款人的登记名称未知", "the payee's registered name is not known"),
        AccountDefect.OWNER_DIFFERS: ("账户属于另一收款人", "the account belongs to another payee"),
        AccountDefect.HOLDER_DIFFERS: (
            "账户户名与收款人登记名称不一致",
            "the holder is not the payee's registered name",
        ),
        AccountDefect.BANK_CODE_SHAPE: ("联行号不是 12 位数字", "the bank code is not 12 digits"),
        AccountDefect.SOURCE_STALE: ("账户信息已过期，须重新确认", "the source is too old and must say it again"),
        AccountDefect.SOURCE_LATER: ("账户信息日期晚于当日", "the source's date lies in the future"),
        AccountDefect.CARD_CHECK_DIGIT: ("卡号校验位不符", "the check digit of the card fails"),
        AccountDefect.BANK_CODE_CHECK_DIGIT: ("联行号校验位不符", "the check digit of the bank code fails"),
    }
)
"""Each defect for a person, in Chinese and in English."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountCheck:
    """What was found of one account; `account_id` is `None` when there is none."""

    account_id: int | None
    refusals: tuple[AccountDefect, ...]
    warnings: tuple[AccountDefect, ...]

    @property
    def may_be_paid(self) -> bool:
        """Whether nothing stops a payment."""
        return not self.refusals


def plain_name(name: str) -> str:
    """Return a name as names are compared: compatible signs (NFKC: brackets of either width are one), no spaces.

    Nothing else is forgiven. Letter case, punctuation and similar characters count.
    """
    return _SPACES.sub("", unicodedata.normalize("NFKC", name))


def same_name(holder: str, registered: str) -> bool:
    """Return whether two names are one; empty names are nobody's."""
    return plain_name(holder) == plain_name(registered) != ""


def choose_account(
    accounts: Iterable[PayeeAccount], order: Sequence[AccountSource] = SOURCE_ORDER
) -> PayeeAccount | None:
    """Return the account to pay into, of those of one owner that are in use now, or `None`.

    By source, in `order` (a source that is not listed is not used); then what was stated last, then entered last.
    """
    usable = [each for each in accounts if each.source in order]
    return max(usable, key=lambda each: (-order.index(each.source), each.stated_on, each.account_id), default=None)


def check_account(
    account: PayeeAccount | None,
    number: AccountNumber | None = None,
    *,
    owner: Uscc,
    registered_name: str | None,
    day: date,
    fresh_days: Mapping[AccountSource, int],
) -> AccountCheck:
    """Return what is wrong with the account that `owner` is to be paid into on `day`.

    `number` may be left out where it is not needed unsealed. `registered_name` is `None` when no source knows it: then
    nobody is paid. A source that `fresh_days` does not list never grows stale.
    """
    if account is None:
        return AccountCheck(account_id=None, refusals=(AccountDefect.NO_ACCOUNT,), warnings=())
    found = []
    if account.owner != owner:
        found.append(AccountDefect.OWNER_DIFFERS)
    if registered_name is None:
        found.append(AccountDefect.OWNER_UNKNOWN)
    elif not same_name(account.holder, registered_name):
        found.append(AccountDefect.HOLDER_DIFFERS)
    if _BANK_CODE.fullmatch(account.bank_code) is None:
        found.append(AccountDefect.BANK_CODE_SHAPE)
    elif not mod_11_10.is_valid(account.bank_code):
        found.append(AccountDefect.BANK_CODE_CHECK_DIGIT)
    age = (day - account.stated_on).days
    if age < 0:
        found.append(AccountDefect.SOURCE_LATER)
    elif account.source in fresh_days and age > fresh_days[account.source]:
        found.append(AccountDefect.SOURCE_STALE)
    if number is not None and _CARD.fullmatch(number.digits) and not luhn.is_valid(number.digits):
        found.append(AccountDefect.CARD_CHECK_DIGIT)
    return AccountCheck(
        account_id=account.account_id,
        refusals=tuple(each for each in found if each not in WARNINGS),
        warnings=tuple(each for each in found if each in WARNINGS),
    )
