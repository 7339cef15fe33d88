"""Amounts in files: yuan with two decimals outside, integer fen inside.

Guarantees that an amount with parts smaller than a fen, a sign, separators or other digits than 0-9 is no amount:
nothing is rounded on the way in or out.
"""

import re

from policy_match.values import FEN_PER_YUAN, MONEY_LIMIT_FEN, Money

_YUAN = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,2}))?")


def yuan_text(fen: int) -> str:
    """Return an amount as yuan with two decimals, such as `1234.50`. `fen` is not negative."""
    assert 0 <= fen < MONEY_LIMIT_FEN, "an amount to be written is money"
    return f"{fen // FEN_PER_YUAN}.{fen % FEN_PER_YUAN:02d}"


def fen_of(text: str) -> int | None:
    """Return the fen of an amount in yuan with at most two decimals; `None` when it is none."""
    match = _YUAN.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) * FEN_PER_YUAN + int((match[2] or "").ljust(2, "0"))


def shown(fen: int) -> str:
    """Return an amount for a person, which may be negative."""
    return str(Money(fen))
