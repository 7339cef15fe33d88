"""The id of one attempt to pay: derived before anything is sent, and the bank's end-to-end id.

Guarantees that the same case, instalment and attempt number have the same id on every machine and after every crash,
that it fits ISO 20022 (at most 35 characters) and that a mistyped id is noticed. Whether an attempt may be made is
`payments`.
"""

import re
from base64 import b32encode

from policy_match.policy.fingerprint import canonical, digest
from policy_match.values import PolicyId, Uscc

PREFIX = "PM"
BODY_LENGTH = 26
"""Base-32 characters of the digest, 130 bits: among 10**12 attempts two alike have a chance of about 10**-15."""

_FORM = re.compile(rf"{PREFIX}[A-Z2-7]{{{BODY_LENGTH}}}[A-Z0-9]{{2}}")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MODULUS = 1271


def attempt_id(case_id: int, policy_id: PolicyId, uscc: Uscc, period: str, instalment: int, number: int) -> str:
    """Return the id of attempt `number` (from 1) to pay one instalment (from 1) of a case: 30 of A-Z and 0-9.

    The first 130 bits of the SHA-256 of the canonical JSON of the six parts, in base 32 (RFC 4648), between `PM` and
    two check characters of ISO 7064 MOD 1271-36. That system is made for letters and digits: it notices every single
    wrong character and every swap of neighbours, which MOD 97-10 does not when a letter stands for a digit.
    """
    assert number >= 1 and instalment >= 1, "attempts and instalments are counted from 1"
    parts = {
        "case": case_id,
        "policy": policy_id,
        "uscc": uscc,
        "period": period,
        "instalment": instalment,
        "attempt": number,
    }
    body = b32encode(bytes.fromhex(digest(canonical(parts)))).decode("ascii")[:BODY_LENGTH]
    return PREFIX + body + check_characters(PREFIX + body)


def check_characters(text: str) -> str:
    """Return the two characters that make `text` a number to base 36 that leaves 1 when divided by 1271 (ISO 7064)."""
    check = (1 - int(text, 36) * 36**2) % _MODULUS
    return _DIGITS[check // 36] + _DIGITS[check % 36]


def is_attempt_id(text: str) -> bool:
    """Return whether `text` has the form of an attempt id and the right check characters."""
    return _FORM.fullmatch(text) is not None and int(text, 36) % _MODULUS == 1
