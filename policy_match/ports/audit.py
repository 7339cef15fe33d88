"""What auditors look for across everything, as services need it.

Guarantees that services know no adapter, that every page has a limit, and that nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from policy_match.audit.evidence import (
    AppealOfCase,
    BankLine,
    BatchOfCase,
    CaseMoney,
    CorrectionOfFirm,
    FirmAccount,
    FirmPayment,
    Hit,
    LedgerEntry,
    OrderOnCase,
    PersonStep,
    RecoveryReceipt,
)
from policy_match.audit.question import Question
from policy_match.cases.approval_list import ListedCase
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One group of the totals, of a budget year or of all."""

    by: TotalsBy
    name: str
    year: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupSums:
    """What a group adds up to by account: with all its cases, and apart from them what is about no case, in fen."""

    cases: int
    of_cases: Mapping[LineAccount, int]
    apart: Mapping[LineAccount, int]


class AuditStore(Protocol):
    """Cases and money across firms, policies and funds."""

    def cases(self, wanted: AuditFilter, *, after: int, most: int) -> Sequence[CaseLine]:
        """Return a page of cases by number, after a given one."""

    def totals(self, by: TotalsBy, *, year: int | None) -> Sequence[GroupTotal]:
        """Return what the transfers of the lines of a budget year, or of all, add up to, by group and account."""

    def balances(self, *, year: int | None) -> Sequence[tuple[LineAccount, int]]:
        """Return what the balances of the same lines add up to, as the ledger keeps them, in fen by account."""

    def group_money(self, group: Group, *, after: int, most: int) -> Sequence[CaseMoney]:
        """Return a page of the cases of a group with their money, by number, after a given one."""

    def group_sums(self, group: Group) -> GroupSums:
        """Return what all cases of a group add up to, and what is about no case."""

    def line_balances(self, *, fund: str | None, year: int | None) -> Mapping[LineAccount, int]:
        """Return what the ledger keeps of the lines of a fund, or of all."""

    def hits(self, question: Question, policies: frozenset[PolicyId] | None) -> Sequence[Hit]:
        """Return what there is of what a question can mean; of some policies, or of all."""

    def batches_of_case(self, case_id: int) -> Sequence[BatchOfCase]:
        """Return the files to the bank with an attempt of the case."""

    def bank_lines_of_case(self, case_id: int) -> Sequence[BankLine]:
        """Return the lines of the bank's files that name an attempt of the case."""

    def receipts_of_case(self, case_id: int) -> Sequence[RecoveryReceipt]:
        """Return what came back for the recoveries of the case."""

    def ledger_of_case(self, case_id: int) -> Sequence[LedgerEntry]:
        """Return the transfers for the attempts of the case."""

    def appeals_of_case(self, case_id: int) -> Sequence[AppealOfCase]:
        """Return the appeals against the decision that opened the case."""

    def corrections_on(self, case_id: int) -> Sequence[CorrectionOfFirm]:
        """Return what the firm asked to correct about the case, or about no case."""

    def orders_to_act_on(self, case_id: int) -> Sequence[OrderOnCase]:
        """Return the orders to act that name the case."""

    def changed_steps(self, case_id: int) -> Sequence[int]:
        """Return the steps of the case whose digest is not that of their row."""

    def listed_as_signed(self, list_id: int, *, after: int, most: int) -> Sequence[ListedCase]:
        """Return a page of a list's cases as its digest covers them, by number, after a given one."""

    def transfers(self, line: str, *, after: int, most: int) -> Sequence[LedgerEntry]:
        """Return a page of the transfers of a budget line by number, after a given one, with their cases."""

    def person_steps(self, person: str, *, before: tuple[datetime, str, str] | None, most: int) -> Sequence[PersonStep]:
        """Return a page of what a person did, the latest first, before a moment, kind and place."""

    def payments_of_firm(
        self,
        uscc: Uscc,
        policies: frozenset[PolicyId] | None,
        *,
        after: tuple[int, int],
        most: int,
    ) -> Sequence[FirmPayment]:
        """Return a page of the attempts to pay a firm, by case and number, after given ones."""

    def accounts_of_firm(self, uscc: Uscc, *, most: int) -> Sequence[FirmAccount]:
        """Return the accounts that were stated for a firm, the latest first."""

    def has_case(self, uscc: Uscc, policies: frozenset[PolicyId] | None) -> bool:
        """Return whether the firm has a case, of some policies or of any."""

    def names_of_firm(self, uscc: Uscc, *, most: int) -> Sequence[str]:
        """Return the registered names of a firm, the latest first."""
