"""Accounts of people: staff, and users of firms; their names, whom they may act for, and what happened to them.

Guarantees that a name is one that steps can be kept under and that no firm or program can be confused with. How a
person proves who he is, is `credentials`; which roles he holds, `principal`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy_match.cases.approval import FIRM_PREFIX, SYSTEM
from policy_match.errors import InputError
from policy_match.identity.principal import MACHINE_PREFIX
from policy_match.values import Uscc

_NAME = re.compile(r"[^\W_][\w.@+-]{1,63}")


class AccountKind(StrEnum):
    """What a person is to the service."""

    STAFF = "staff"
    FIRM = "firm"


class AccountStep(StrEnum):
    """What happens to an account."""

    OPEN = "open"
    CLOSE = "close"
    PASSWORD = "password"
    TOTP = "totp"
    TOTP_OFF = "totp_off"
    CODES = "codes"
    CODE_USED = "code_used"
    LINK = "link"


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One person's account. `label` is how the person is called, it may be empty."""

    account_id: int
    name: str
    kind: AccountKind
    label: str
    is_open: bool
    has_password: bool
    has_totp: bool
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Delegation:
    """A user may act for a firm; an owner may also say who else does."""

    uscc: Uscc
    user: str
    is_owner: bool
    at: datetime
    by: str


class WrongAccountName(InputError):
    """Not a name that steps can be kept under."""

    code = "account.name"
    english = (
        "an account's name has 2 to 64 letters, digits and . _ @ + -, begins with a letter or digit; choose another"
    )
    chinese = "账号名应为 2 至 64 个字母、数字或 . _ @ + -，并以字母或数字开头；请更改"


def checked_name(name: str) -> str:
    """Return the name. Raises `WrongAccountName`."""
    if _NAME.fullmatch(name) is None or name == SYSTEM or name.startswith((FIRM_PREFIX, MACHINE_PREFIX)):
        raise WrongAccountName
    return name
