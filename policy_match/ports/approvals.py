"""Roles, approval lists, budget lines, the ledger and allocations, as services need them.

Guarantees that services know no adapter, and that every page has a limit. Implementations are in `storage`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from policy_match.cases.approval import Act
from policy_match.cases.approval_list import ListedCase, ListHeader
from policy_match.identity.principal import Reach
from policy_match.ledger.accounts import DIRECTIONS, LineAccount, LineId, TransferKind
from policy_match.policy.model import Allocation, ApprovalStage, CostShare
from policy_match.values import Digest, PolicyId, SnapshotId, SweepId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleRow:
    """A role was given to a person, or taken away, as far as `department` and `jurisdiction` say; empty is all."""

    person: str
    role: str
    granted: bool
    at: datetime
    by: str
    department: str = ""
    jurisdiction: str = ""


class ListOutcome(StrEnum):
    """How a list ended."""

    COMPLETE = "complete"
    REJECTED = "rejected"
    VOID = "void"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListEnd:
    """How, when and by whom a list ended, and why."""

    outcome: ListOutcome
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptList:
    """An approval list as it was made; `end` is there when it is decided. `header` and `digest` are what is signed."""

    list_id: int
    policy_id: PolicyId
    header: ListHeader
    digest: Digest
    stages: tuple[ApprovalStage, ...]
    largest_fen: int
    at: datetime
    by: str
    end: ListEnd | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One person's approval of one list; `stage` counts the policy's stages from 1."""

    person: str
    stage: int
    role: str
    digest: Digest
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A reviewed case with what it is granted. `allocation` is `None` when it needs no budget."""

    case: ListedCase
    allocation: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepUsed:
    """The kept sweep that cases were last checked against."""

    number: int
    sweep: SweepId
    snapshot: SnapshotId


@dataclass(frozen=True, kw_only=True, slots=True)
class NewList:
    """A list that is to be kept: its cases in order of their number."""

    policy_id: PolicyId
    sweep_number: int
    header: ListHeader
    digest: Digest
    stages: tuple[ApprovalStage, ...]
    candidates: Sequence[Candidate]


class ListChange(StrEnum):
    """What is no longer as it was listed."""

    LEFT = "left"
    AMENDED = "amended"
    AMOUNT = "amount"
    RECHECK = "recheck"


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """One case that is no longer as it was listed."""

    case_id: int
    change: ListChange


@dataclass(frozen=True, kw_only=True, slots=True)
class ListNow:
    """A page of a list's cases as they stand now, in order, without those that left; and what has changed."""

    cases: Sequence[ListedCase]
    changed: Sequence[Changed]
    last_case_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRow:
    """One case of a list as it was listed; `name` and `account_tail` are the payee's, empty when not known."""

    case_id: int
    uscc: Uscc
    record_id: str
    period: str
    instalment: int
    amount_fen: int
    seq: int
    name: str
    account_tail: str


class ApprovalStore(Protocol):
    """Roles, lists and approvals."""

    def add_role(self, row: RoleRow) -> None:
        """Keep that a role was given or taken away."""

    def holds(self, person: str, role: str, reach: Reach) -> bool:
        """Return whether the person holds the role now, with exactly this reach."""

    def may_sign(self, person: str, role: str, list_id: int) -> bool:
        """Return whether the person holds the role now, as far as every policy version of a list."""

    def roles(
        self,
        *,
        person: str | None = None,
        after: tuple[str, str, str, str] | None = None,
        most: int,
    ) -> Sequence[RoleRow]:
        """Return a page of the roles held now, of one person or of all.

        They come by person, role, department and jurisdiction, after given ones.
        """

    def lock_roles(self, person: str) -> None:
        """Wait for the right to change the roles of a person, until the transaction ends."""

    def lock_policy(self, policy_id: PolicyId) -> None:
        """Wait for the right to list, approve or allocate cases of a policy, until the transaction ends."""

    def candidates(
        self, policy_id: PolicyId, *, this_year: int, among: Collection[int] | None = None, most: int
    ) -> Mapping[tuple[int, tuple[ApprovalStage, ...]], Sequence[Candidate]]:
        """Return the first `most` reviewed cases that may be listed, by sweep number and stages, in order.

        Such a case is on no list that is not decided, was found eligible by its last check before approval, and has
        a share of the budget of this year or a later one, or needs none. `among` limits it to some cases.
        """

    def count_not_ready(self, policy_id: PolicyId, *, this_year: int) -> tuple[int, int]:
        """Return how many reviewed cases wait for budget, and how many others were last found not eligible."""

    def sweep(self, number: int) -> SweepUsed:
        """Return a kept sweep by number."""

    def add_list(self, new: NewList, *, at: datetime, by: str) -> int:
        """Keep a list and return its number. Raises a `StorageError` when a case is on another open list."""

    def find(self, list_id: int) -> KeptList | None:
        """Return a list."""

    def lists(
        self,
        *,
        policy_id: PolicyId | None = None,
        policies: Collection[PolicyId] | None = None,
        only_open: bool = False,
        after: int = 0,
        most: int,
    ) -> Sequence[KeptList]:
        """Return a page of lists by number, after a given one; of one policy, of some, or of all."""

    def listed(self, list_id: int, *, after: int = 0, most: int) -> Sequence[ListedRow]:
        """Return a page of a list's cases as they were listed, by number, after a given one."""

    def listed_now(self, list_id: int, *, this_year: int, after: int = 0, most: int) -> ListNow:
        """Return a page of a list's cases as they stand now, by number, after a given one."""

    def signatures(self, list_id: int) -> Sequence[Signature]:
        """Return the approvals of a list, first one first."""

    def acts_of(self, person: str, list_id: int) -> Sequence[Act]:
        """Return the different stages of the list's cases that the person ever took, on any list."""

    def sign(self, list_id: int, signature: Signature) -> None:
        """Keep an approval. Raises a `StorageError` for another digest, a missing role, or two stages of one case."""

    def end(self, list_id: int, end: ListEnd) -> None:
        """End a list."""

    def approve_cases(self, list_id: int, *, at: datetime, by: str) -> int:
        """Approve the list's cases, with the amounts listed, and return how many stood as they were listed."""

    def reject_cases(self, list_id: int, cases: Collection[int] | None, *, at: datetime, by: str, reason: str) -> int:
        """Reject some or all of the list's cases and return how many stood as they were listed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetLine:
    """One budget line with the balances of its accounts in fen.

    `held_fen` is granted to cases and not yet reserved for a payment; what is free for others is available less held.
    """

    line: LineId
    label: str
    balances: Mapping[LineAccount, int]
    held_fen: int

    @property
    def free_fen(self) -> int:
        """What may still be granted; never below 0."""
        return max(self.balances[LineAccount.AVAILABLE] - self.held_fen, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferRow:
    """One transfer as it was booked."""

    transfer_id: int
    kind: TransferKind
    line: LineId
    amount_fen: int
    attempt_id: str | None
    about: str
    at: datetime
    by: str

    @property
    def debit(self) -> LineAccount:
        """The account from which the money comes."""
        return DIRECTIONS[self.kind].debit

    @property
    def credit(self) -> LineAccount:
        """The account to which the money goes."""
        return DIRECTIONS[self.kind].credit


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedBalance:
    """One account's balance and what all its transfers add up to, in fen, read in one instant."""

    line: LineId
    account: LineAccount
    balance_fen: int
    transferred_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AllocationTerms:
    """How one opening of a policy shares its budget. Shares name fund lines, without the year."""

    opening: int
    how: Allocation
    shares: tuple[CostShare, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingCases:
    """All reviewed cases of a policy without a share of the budget, first come first; one entry each in every list.

    First come is by when the step was taken that brought the case there. `new` counts those that no run has seen.
    """

    case_ids: Sequence[int]
    seqs: Sequence[int]
    asked_fen: Sequence[int]
    openings: Sequence[int]
    new: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingCase:
    """One case that waits for budget."""

    case_id: int
    uscc: Uscc
    record_id: str
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseGrant:
    """What one case gets: in all, and of each line."""

    case_id: int
    seq: int
    place: int
    asked_fen: int
    granted_fen: int
    shares: Sequence[tuple[LineId, int]]


class BudgetStore(Protocol):
    """Budget lines, the ledger and allocations."""

    def add_line(self, line: LineId, fund: str, year: int, label: str, *, at: datetime, by: str) -> bool:
        """Keep a new line with empty accounts and return whether it was new."""

    def lines(
        self,
        *,
        today: date,
        year: int | None = None,
        lines: Collection[LineId] | None = None,
        after: str = "",
        most: int,
    ) -> Sequence[BudgetLine]:
        """Return a page of lines with their balances, by name after a given one: of one year or all, some or all."""

    def appropriate(self, line: LineId, amount_fen: int, *, at: datetime, by: str, about: str) -> None:
        """Book money onto a line that is there."""

    def transfers(self, *, line: LineId | None = None, after: int = 0, most: int) -> Sequence[TransferRow]:
        """Return a page of transfers by number, after a given one; of one line or of all."""

    def checked_balances(self, *, year: int | None = None) -> Sequence[CheckedBalance]:
        """Return every account of the lines of one year, or of all, with what its transfers add up to."""

    def lock_policy(self, policy_id: PolicyId) -> None:
        """Wait for the right to list, approve or allocate cases of a policy, until the transaction ends."""

    def lock_lines(self, lines: Collection[LineId]) -> None:
        """Wait for the right to grant money of these lines, until the transaction ends."""

    def terms(self, policy_id: PolicyId) -> Mapping[int, AllocationTerms]:
        """Return by opening how the policy's cases share the budget."""

    def waiting(self, policy_id: PolicyId, *, year: int, this_year: int, most: int) -> WaitingCases:
        """Return the cases that wait for the budget of `year`, at most so many. Grants of past years do not count."""

    def policies_in_queue(self) -> Sequence[PolicyId]:
        """Return the policies with reviewed cases that may wait for budget, by name."""

    def waiting_cases(self, case_ids: Sequence[int]) -> Mapping[int, WaitingCase]:
        """Return who waits, by case; a page of them."""

    def add_allocation(
        self, policy_id: PolicyId, year: int, how: Allocation, grants: Sequence[CaseGrant], *, at: datetime, by: str
    ) -> int:
        """Keep one run with what each case gets, and return its number."""
