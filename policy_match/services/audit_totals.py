"""The ledger's money by policy, fund, district or month, and whether that is all of it.

Guarantees that totals are added up from single transfers, each through its payment to its case, and are compared with
the balances that the ledger keeps: account by account, groups and what belongs to no case together must be the balance
to the fen. What does not agree is named.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from policy_match.audit.evidence import CaseMoney
from policy_match.errors import InputError
from policy_match.ledger.accounts import LineAccount
from policy_match.ports import Database
from policy_match.ports.audit import Group, GroupSums, GroupTotal, TotalsBy
from policy_match.services.table_files import MOST_EXPORTED, Columns, FileFormat, table_of, written


class TotalsDisagree(InputError):
    """The groups do not add up to the balances that the ledger keeps."""

    code = "audit.totals"
    http_status = 409
    english = "the totals are not what the ledger keeps; look at the check of each account before anything is exported"
    chinese = "各组合计与总账不一致；导出前请先核对各科目的差额"


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


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupList:
    """A page of the cases of one group with their money, what the whole group adds up to, and its proof.

    Only a fund has lines of its own, with balances that the ledger keeps; the other groups are parts of all lines.
    """

    group: Group
    cases: Sequence[CaseMoney]
    sums: GroupSums
    checks: Sequence[AccountCheck]

    @property
    def in_order(self) -> bool:
        """Whether every account agrees with the ledger, as far as the ledger keeps one for the group."""
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


def group_list(database: Database, group: Group, *, after: int = 0, most: int) -> GroupList:
    """Return a page of the cases of one group by number, after a given one, and what all of them add up to."""
    with database.unit_of_work() as work:
        cases = work.audit.group_money(group, after=after, most=most)
        sums = work.audit.group_sums(group)
        kept: Mapping[LineAccount, int] = {}
        if group.by is TotalsBy.FUND:
            kept = work.audit.line_balances(fund=group.name, year=group.year)
    checks = [
        AccountCheck(
            account=account,
            groups_fen=sums.of_cases.get(account, 0) + sums.apart.get(account, 0),
            ledger_fen=kept.get(account, 0),
        )
        for account in (LineAccount if group.by is TotalsBy.FUND else ())
    ]
    return GroupList(group=group, cases=cases, sums=sums, checks=checks)


TOTAL_COLUMNS: Columns = {
    "group": pa.string(),
    "account": pa.string(),
    "cases": pa.int64(),
    "total_fen": pa.int64(),
}

MONEY_COLUMNS: Columns = {
    "case_id": pa.int64(),
    **dict.fromkeys(("policy_id", "uscc", "name"), pa.string()),
    **{f"{account.value}_fen": pa.int64() for account in LineAccount},
}


def totals_file(database: Database, by: TotalsBy, format: FileFormat, *, year: int | None = None) -> bytes:
    """Return the totals as a file. Raises `TotalsDisagree` rather than give one that is not the ledger."""
    totals = audit_totals(database, by, year=year)
    if not totals.in_order:
        raise TotalsDisagree
    return written(table_of(totals.totals, TOTAL_COLUMNS), format)


def group_file(database: Database, group: Group, format: FileFormat) -> bytes:
    """Return the cases of one group with their money as a file. Raises `TooManyRows`."""
    with database.unit_of_work() as work:
        found = work.audit.group_money(group, after=0, most=MOST_EXPORTED + 1)
    return written(table_of(found, MONEY_COLUMNS), format)
