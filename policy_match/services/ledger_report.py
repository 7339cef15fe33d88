"""Shows where every fen of the budget is, and proves it: balances, transfers, and the laws of the ledger.

Guarantees that every balance is compared with what its transfers add up to, and that what does not agree is named.
Comparing with the bank is `reconcile_payments`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.cases.working_days import china_day
from policy_match.ledger.accounts import LineId
from policy_match.ledger.balances import BrokenLaw, broken_laws
from policy_match.ports import Clock, Database
from policy_match.ports.approvals import BudgetLine, CheckedBalance, TransferRow
from policy_match.services.budget_lines import MOST_LINES


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerReport:
    """All lines of a year, or of all, with their balances.

    `broken` are the laws that do not hold: lines that do not add up to zero, accounts below zero. `differences` are
    accounts that are not what their transfers add up to.
    """

    lines: Sequence[BudgetLine]
    broken: Sequence[BrokenLaw]
    differences: Sequence[CheckedBalance]

    @property
    def in_order(self) -> bool:
        """Whether every law holds and all balances are those of the transfers."""
        return not self.broken and not self.differences


def ledger_report(database: Database, clock: Clock, *, year: int | None = None) -> LedgerReport:
    """Return the lines of one budget year, or of all, with the proof that nothing is lost."""
    with database.unit_of_work() as work:
        lines = work.budget.lines(today=china_day(clock.now()), year=year, most=MOST_LINES)
        checked = work.budget.checked_balances(year=year)
    return LedgerReport(
        lines=lines,
        broken=broken_laws({(each.line, each.account): each.balance_fen for each in checked}),
        differences=[each for each in checked if each.balance_fen != each.transferred_fen],
    )


def transfers(
    database: Database, *, line: LineId | None = None, after: int = 0, most: int = 1_000
) -> Sequence[TransferRow]:
    """Return a page of transfers by number, after a given one: of one line, or of all."""
    with database.unit_of_work() as work:
        return work.budget.transfers(line=line, after=after, most=most)
