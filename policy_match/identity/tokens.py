"""Tokens of other systems: how they look and how long they last.

Guarantees that a token can be recognised in a log or a file by its prefix, and that nobody who sees what is kept can
use it. Making and looking up is `services.machine_tokens`.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from policy_match.identity.principal import Scope

MARK = "pmt_"
"""Every token begins with this, so that scanners of leaked secrets find it."""

PREFIX_SIGNS = 8
"""So many signs behind the mark are kept, for recognising a token."""

LONGEST_DAYS = 366
TOKEN = re.compile(rf"{MARK}[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineToken:
    """What is kept of a token. `ends_on` is the last day on which it is good."""

    token_id: int
    name: str
    prefix: str
    scopes: frozenset[Scope]
    ends_on: date
    at: datetime
    by: str
    ended_at: datetime | None

    def is_good(self, today: date) -> bool:
        """Return whether the token opens anything today."""
        return self.ended_at is None and today <= self.ends_on


def prefix_of(secret: str) -> str:
    """Return the part of a token by which it is recognised."""
    return secret[: len(MARK) + PREFIX_SIGNS]
