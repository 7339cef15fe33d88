"""What a good password and a one-time code are.

Guarantees that passwords are judged by what makes them hard to guess, length and not naming their owner (NIST SP
800-63B-4, 3.1.1.2), and compared in one spelling. Hashing and chance are `services`.
"""

import unicodedata
from datetime import timedelta

from policy_match.errors import InputError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
FEWEST_SIGNS = 5
"""A password has so many different signs."""

TOTP_STEP = timedelta(seconds=30)
"""RFC 6238, 4.1."""
TOTP_DIGITS = 6
TOTP_DRIFT_STEPS = 1
"""RFC 6238, 5.2: one step before or after is taken, for clocks that differ and people who type slowly."""

RECOVERY_CODES = 10


class WeakPassword(InputError):
    """Easy to guess. The password is not repeated."""

    code = "account.weak-password"
    english = (
        "the password needs {shortest} to {longest} characters, {signs} different ones, and not the account's name;"
        " choose a longer one"
    )
    chinese = "密码须为 {shortest} 至 {longest} 个字符，至少 {signs} 个不同字符，且不得包含账号名；请换一个更长的密码"

    def __init__(self) -> None:
        super().__init__(shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD, signs=FEWEST_SIGNS)


def same_spelling(password: str) -> str:
    """Return the password in one spelling (Unicode NFKC), so that every keyboard types the same."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, name: str) -> None:
    """Check a new password of an account. Raises `WeakPassword`."""
    password = same_spelling(password)
    good_length = SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
    if not good_length or len(set(password)) < FEWEST_SIGNS or name.casefold() in password.casefold():
        raise WeakPassword


def recovery_code_spelling(code: str) -> str:
    """Return a recovery code as it is compared: small letters and digits without what separates them."""
    return "".join(sign for sign in code.casefold() if sign.isalnum())
