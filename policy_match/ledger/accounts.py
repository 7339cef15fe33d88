"""The accounts of a budget line, and the only ways that money moves between them.

Guarantees that one table says, for every kind of transfer, which account gives and which receives, and that no
transfer breaks the budget year; the database's rows are rendered from it (`sql_rules`). Balances are `balances`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from policy_match.errors import InputError
from policy_match.values import MONEY_LIMIT_FEN

LineId = NewType("LineId", str)
"""A budget line: the name of the fund line, a hyphen, and the budget year in four digits."""

_LINE = re.compile(r"[a-z0-9][a-z0-9-]*-(?P<year>[1-9][0-9]{3})")


class LineAccount(StrEnum):
    """The accounts of one budget line. Only the appropriation may be, and always is, at or below zero."""

    APPROPRIATION = "appropriation"
    AVAILABLE = "available"
    RESERVED = "reserved"
    PAID = "paid"
    RETURNED = "returned"
    RECOVERED = "recovered"


class TransferKind(StrEnum):
    """Why money moves. There is no kind that takes back another: a correction is one more transfer."""

    APPROPRIATE = "appropriate"
    RESERVE = "reserve"
    POST = "post"
    VOID = "void"
    RETURN = "return"
    RESTORE = "restore"
    LAPSE = "lapse"
    RECOVER = "recover"
    REPAY = "repay"


@dataclass(frozen=True, kw_only=True, slots=True)
class Direction:
    """From which account (`debit`) to which (`credit`) a kind of transfer moves money."""

    debit: LineAccount
    credit: LineAccount


DIRECTIONS: Mapping[TransferKind, Direction] = MappingProxyType(
    {
        TransferKind.APPROPRIATE: Direction(debit=LineAccount.APPROPRIATION, credit=LineAccount.AVAILABLE),
        TransferKind.RESERVE: Direction(debit=LineAccount.AVAILABLE, credit=LineAccount.RESERVED),
        TransferKind.POST: Direction(debit=LineAccount.RESERVED, credit=LineAccount.PAID),
        TransferKind.VOID: Direction(debit=LineAccount.RESERVED, credit=LineAccount.AVAILABLE),
        TransferKind.RETURN: Direction(debit=LineAccount.PAID, credit=LineAccount.RETURNED),
        TransferKind.RESTORE: Direction(debit=LineAccount.RETURNED, credit=LineAccount.AVAILABLE),
        TransferKind.LAPSE: Direction(debit=LineAccount.RETURNED, credit=LineAccount.APPROPRIATION),
        TransferKind.RECOVER: Direction(debit=LineAccount.PAID, credit=LineAccount.RECOVERED),
        TransferKind.REPAY: Direction(debit=LineAccount.RECOVERED, credit=LineAccount.APPROPRIATION),
    }
)
"""The whole of the law of this ledger. `repay` hands recovered money back to the treasury."""

WITHOUT_ATTEMPT = frozenset({TransferKind.APPROPRIATE})
"""Kinds that concern no payment."""

MAYBE_OF_ATTEMPT = frozenset({TransferKind.LAPSE, TransferKind.REPAY})
"""Kinds that hand money back to the treasury: for one attempt, or in a sum. Every other kind names its attempt."""

ACCOUNTS_OF_ATTEMPTS = frozenset({LineAccount.RESERVED, LineAccount.PAID, LineAccount.RETURNED, LineAccount.RECOVERED})
"""What is on these accounts came there by attempts: the money of one cannot settle another."""

REPEATABLE = frozenset({TransferKind.APPROPRIATE, TransferKind.RECOVER, TransferKind.REPAY})
"""Kinds that come in parts. Any other an attempt does once on each line."""

_YEAR_DEFECTS: Mapping[TransferKind, tuple[frozenset[int], str, str]] = MappingProxyType(
    {
        TransferKind.APPROPRIATE: (frozenset({-1, 0}), "the budget year is over", "预算年度已结束"),
        TransferKind.RESERVE: (frozenset({0}), "it is booked outside the budget year", "记账日不在预算年度内"),
        TransferKind.RESTORE: (frozenset({0}), "it is booked outside the budget year", "记账日不在预算年度内"),
        TransferKind.LAPSE: (frozenset({1}), "the budget year is not over", "预算年度尚未结束"),
    }
)
"""Kinds that the calendar limits: booked before (-1), in (0) or after (1) the line's year, and what is wrong otherwise.

What was reserved in its year may be posted, voided, returned or recovered whenever the bank reports it. A later year
needs a new budget (platforms note 58, treasury side of returned payments).
"""


class WrongLine(InputError):
    """A budget line whose name does not say its fund line and year."""

    code = "ledger.line"
    english = "budget line {line!r}: write <fund line>-<year>, such as city-industry-2025, in a-z, 0-9 and hyphens"
    chinese = "预算科目 {line!r}：应写作“资金名称-年度”，如 city-industry-2025，只用小写字母、数字和连字符"


class WrongTransfer(InputError):
    """A transfer that no ledger would take, whatever its balances. `defect` and `defect_zh` say why."""

    code = "ledger.transfer"
    english = "{kind} on {line}: {defect}; correct the transfer"
    chinese = "{line} 的 {kind} 分录：{defect_zh}；请更正"


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """One movement of money on one budget line, in fen. Raises `WrongTransfer` or `WrongLine` when malformed."""

    kind: TransferKind
    line: LineId
    amount_fen: int
    booked_on: date
    attempt_id: str | None = None

    def __post_init__(self) -> None:
        year = year_of(self.line)
        if not 0 < self.amount_fen < MONEY_LIMIT_FEN:
            self._refuse(f"{self.amount_fen} fen is no amount to transfer", f"{self.amount_fen} 分不是有效的金额")
        if self.kind in WITHOUT_ATTEMPT and self.attempt_id is not None:
            self._refuse("it must name no attempt", "不应指明支付尝试")
        if self.kind not in WITHOUT_ATTEMPT | MAYBE_OF_ATTEMPT and self.attempt_id is None:
            self._refuse("it must name its attempt", "必须指明支付尝试")
        if self.kind in _YEAR_DEFECTS:
            lawful, defect, defect_zh = _YEAR_DEFECTS[self.kind]
            if (self.booked_on.year > year) - (self.booked_on.year < year) not in lawful:
                self._refuse(f"{defect} ({self.booked_on})", f"{defect_zh}({self.booked_on})")

    def _refuse(self, defect: str, defect_zh: str) -> None:
        raise WrongTransfer(kind=self.kind, line=self.line, defect=defect, defect_zh=defect_zh)


def line_id(fund_line: str, year: int) -> LineId:
    """Return the line of a fund line in a budget year. Raises `WrongLine`."""
    line = LineId(f"{fund_line}-{year}")
    year_of(line)
    return line


def year_of(line: LineId) -> int:
    """Return the budget year that a line's name ends with. Raises `WrongLine`."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise WrongLine(line=line)
    return int(found["year"])
