"""What auditors look for across everything, as services need it.

Guarantees that services know no adapter, that every page has a limit, and that nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from policy_match.cases.history import CaseLine
from policy_match.cases.model import Status
from policy_match.ledger.accounts import LineAccount
from policy_match.values import PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilter:
    """Which cases are meant; what is not given does not matter. `name` is a part of the firm's registered name.

    `district` begins the division code in the firm's credit code (its places 3 to 8, GB 32100). `fund` is one that a
    share of the case was taken from. `person` took a step, signed, ordered, answered or claimed back. Between `first`
    and `last`, days in China, something happened to the case. `policies` are those within somebody's reach.
    """

    uscc: Uscc | None = None
    name: str | None = None
    policy_id: PolicyId | None = None
    district: str | None = None
    fund: str | None = None
    person: str | None = None
    status: Status | None = None
    first: date | None = None
    last: date | None = None
    policies: frozenset[PolicyId] | None = None


class TotalsBy(StrEnum):
    """What the ledger's money is added up by."""

    POLICY = "policy"
    FUND = "fund"
    DISTRICT = "district"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupTotal:
    """What the transfers of one group added to one account, in fen; `cases` are those that they were about.

    The group is empty for transfers that are about no case, such as appropriations.
    """

    group: str
    account: LineAccount
    cases: int
    total_fen: int


class AuditStore(Protocol):
    """Cases and money across firms, policies and funds."""

    def cases(self, wanted: AuditFilter, *, after: int, most: int) -> Sequence[CaseLine]:
        """Return a page of cases by number, after a given one."""

    def totals(self, by: TotalsBy, *, year: int | None) -> Sequence[GroupTotal]:
        """Return what the transfers of the lines of a budget year, or of all, add up to, by group and account."""

    def balances(self, *, year: int | None) -> Sequence[tuple[LineAccount, int]]:
        """Return what the balances of the same lines add up to, as the ledger keeps them, in fen by account."""
