"""The ledger's money by policy, fund, district or month, and whether that is all of it.

Guarantees that totals are added up from single transfers, each through its payment to its case, and are compared with
the balances that the ledger keeps: account by account, groups and what belongs to no case together must be the balance
to the fen. What does not agree is named.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy_match.ledger.accounts import LineAccount
from policy_match.ports import Database
from policy_match.ports.audit import GroupTotal, TotalsBy


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountCheck:
    """One account: what all groups add up to, and what the ledger holds, in fen."""

    account: LineAccount
    groups_fen: int
    ledger_fen: int

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return self.groups_fen == self.ledger_fen


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditTotals:
    """The totals by group and account, and the proof, for the lines of a budget year or for all."""

    by: TotalsBy
    totals: Sequence[GroupTotal]
    checks: Sequence[AccountCheck]

    @property
    def in_order(self) -> bool:
        """Whether every account agrees with the ledger."""
        return all(check.agrees for check in self.checks)


def audit_totals(database: Database, by: TotalsBy, *, year: int | None = None) -> AuditTotals:
    """Return the totals of a budget year, or of all years, with their proof."""
    with database.unit_of_work() as work:
        totals = work.audit.totals(by, year=year)
        balances: Mapping[LineAccount, int] = dict(work.audit.balances(year=year))
    sums: dict[LineAccount, int] = defaultdict(int)
    for total in totals:
        sums[total.account] += total.total_fen
    checks = [
        AccountCheck(account=account, groups_fen=sums.get(account, 0), ledger_fen=balances.get(account, 0))
        for account in LineAccount
    ]
    return AuditTotals(by=by, totals=totals, checks=checks)
