"""Orders, ledger and bank statement compared, budget line by budget line, to the fen.

Guarantees that every difference is named with both amounts and every unmatched statement line is listed, and that
nothing closes while one stands. It works on totals, so a database gathers them by sets; matching lines to attempts
is `services`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from policy_match.errors import QuestionError
from policy_match.ledger.accounts import DIRECTIONS, LineAccount, LineId, TransferKind
from policy_match.payments.attempts import AttemptStatus
from policy_match.payments.records import ReconciliationRecord, StatementRecord, UnexplainedLine
from policy_match.values import Money

OPEN = (AttemptStatus.STORED, AttemptStatus.SENT, AttemptStatus.ACCEPTED, AttemptStatus.UNKNOWN)
"""While an attempt is one of these, its money is reserved."""

BOOKED = (AttemptStatus.SETTLED, AttemptStatus.RETURNED)
"""An attempt of these was booked once: what came back had been paid before, if only within one statement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineTotals:
    """What orders, ledger and statements say of one budget line, in fen. What is not there is 0.

    `unsent_fen`: orders that hold a reservation and have no open attempt. `attempts`: all attempts by their status now.
    `transfers`: all transfers by kind. `balances`: the accounts as they stand in the store. `booked_fen` and
    `returned_fen`: statement lines that are matched to attempts of this line, each counted once by its reference.
    """

    line: LineId
    unsent_fen: int = 0
    attempts: Mapping[AttemptStatus, int] = field(default_factory=dict)
    transfers: Mapping[TransferKind, int] = field(default_factory=dict)
    balances: Mapping[LineAccount, int] = field(default_factory=dict)
    booked_fen: int = 0
    returned_fen: int = 0


class Comparison(StrEnum):
    """Which two amounts must be equal."""

    ACCOUNT_IS_ITS_TRANSFERS = "account_is_its_transfers"
    RESERVED_IS_OPEN_ORDERS = "reserved_is_open_orders"
    POSTED_IS_BOOKED_ATTEMPTS = "posted_is_booked_attempts"
    RETURNS_ARE_RETURNED_ATTEMPTS = "returns_are_returned_attempts"
    STATEMENT_BOOKINGS_ARE_POSTED = "statement_bookings_are_posted"
    STATEMENT_RETURNS_ARE_RETURNS = "statement_returns_are_returns"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Two amounts in fen that should be one. `account` is set where a single account is compared."""

    line: LineId
    comparison: Comparison
    expected_fen: int
    found_fen: int
    account: LineAccount | None = None

    @property
    def fen(self) -> int:
        """How much too much was found; negative when too little."""
        return self.found_fen - self.expected_fen


class DifferenceStands(QuestionError):
    """A reconciliation that does not come to zero. `reconciliation` holds every difference and unmatched line."""

    code = "reconciliation.difference"
    english = (
        "nothing was closed: {differences} differences ({amount} yuan in all), {unmatched} unmatched statement lines "
        "and {gaps} missing statements stand{first_en}; explain each, then reconcile again"
    )
    chinese = (
        "未予关账：仍有 {differences} 处差异（合计 {amount} 元）、{unmatched} 条未匹配的对账单明细、"
        "{gaps} 份缺失的对账单{first_zh}；请逐条查明后重新对账"
    )

    def __init__(self, reconciliation: "Reconciliation") -> None:
        first = next(iter(reconciliation.differences), None)
        super().__init__(
            reconciliation=reconciliation,
            differences=len(reconciliation.differences),
            unmatched=len(reconciliation.unmatched),
            gaps=len(reconciliation.gaps),
            amount=Money(sum(abs(each.fen) for each in reconciliation.differences)),
            first_en=f", the first on {first.line} ({first.comparison})" if first else "",
            first_zh=f"，首处为 {first.line}({first.comparison})" if first else "",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciliation:
    """What was compared and what did not agree."""

    lines: tuple[LineTotals, ...]
    differences: tuple[Difference, ...]
    unmatched: tuple[UnexplainedLine, ...]
    gaps: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every difference is zero, every statement line has its attempt, and no statement is missing."""
        return not self.differences and not self.unmatched and not self.gaps

    def require_agreement(self) -> None:
        """Do nothing when all agrees. Raises `DifferenceStands`."""
        if not self.agrees:
            raise DifferenceStands(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptReconciliation:
    """A reconciliation as it was kept, with every difference and unmatched line of then."""

    record: ReconciliationRecord
    differences: tuple[Difference, ...]
    unmatched: tuple[UnexplainedLine, ...]
    gaps: tuple[str, ...]


def reconcile(
    lines: Iterable[LineTotals], unmatched: Iterable[UnexplainedLine] = (), gaps: Iterable[str] = ()
) -> Reconciliation:
    """Compare the totals of each line.

    `unmatched` are the lines of bank files that nobody has explained yet, `gaps` the statements that `statement_gaps`
    found to have none before them.
    """
    ordered = tuple(sorted(lines, key=lambda totals: totals.line))
    return Reconciliation(
        lines=ordered,
        differences=tuple(difference for totals in ordered for difference in _differences(totals)),
        unmatched=tuple(sorted(unmatched, key=lambda line: (line.digest, line.number))),
        gaps=tuple(gaps),
    )


def _differences(totals: LineTotals) -> Iterable[Difference]:
    made = _balances_of(totals.transfers)
    for account in LineAccount:
        found = totals.balances.get(account, 0)
        if found != made[account]:
            yield Difference(
                line=totals.line,
                comparison=Comparison.ACCOUNT_IS_ITS_TRANSFERS,
                expected_fen=made[account],
                found_fen=found,
                account=account,
            )
    posted = totals.transfers.get(TransferKind.POST, 0)
    returns = totals.transfers.get(TransferKind.RETURN, 0)
    for comparison, expected, found in (
        (Comparison.RESERVED_IS_OPEN_ORDERS, totals.unsent_fen + _sum(totals, OPEN), made[LineAccount.RESERVED]),
        (Comparison.POSTED_IS_BOOKED_ATTEMPTS, _sum(totals, BOOKED), posted),
        (Comparison.RETURNS_ARE_RETURNED_ATTEMPTS, _sum(totals, (AttemptStatus.RETURNED,)), returns),
        (Comparison.STATEMENT_BOOKINGS_ARE_POSTED, posted, totals.booked_fen),
        (Comparison.STATEMENT_RETURNS_ARE_RETURNS, returns, totals.returned_fen),
    ):
        if expected != found:
            yield Difference(line=totals.line, comparison=comparison, expected_fen=expected, found_fen=found)


def _balances_of(transfers: Mapping[TransferKind, int]) -> dict[LineAccount, int]:
    balances = dict.fromkeys(LineAccount, 0)
    for kind, fen in transfers.items():
        balances[DIRECTIONS[kind].debit] -= fen
        balances[DIRECTIONS[kind].credit] += fen
    return balances


def _sum(totals: LineTotals, statuses: Iterable[AttemptStatus]) -> int:
    return sum(totals.attempts.get(status, 0) for status in statuses)


def statement_gaps(statements: Iterable[StatementRecord]) -> tuple[str, ...]:
    """Return the ids of statements of one account that do not begin where another ended: one before is missing.

    They may come in any order, and more than once. Notifications, which have no balances, and statements without
    movement tell nothing; the earliest statement has none before it.
    """
    moving = {
        each.statement_id: (each.first_day or date.min, each.opening_fen, each.closing_fen)
        for each in statements
        if each.opening_fen is not None and each.closing_fen is not None and each.opening_fen != each.closing_fen
    }
    ends = Counter(closing for _, _, closing in moving.values())
    loose = []
    for name in sorted(moving, key=lambda each: (moving[each][0], each), reverse=True):
        day, opening, _ = moving[name]
        if ends[opening]:
            ends[opening] -= 1
        else:
            loose.append((day, name))
    earliest = min((day for day, _, _ in moving.values()), default=date.min)
    without_one_before = 1 if loose and loose[-1][0] == earliest else 0
    return tuple(name for _, name in reversed(loose[: len(loose) - without_one_before]))
