"""Payment channels, the bank, and what is kept of payments, as services need them.

Guarantees that services know no adapter. Implementations are in `storage` and `connectors`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from policy_match.payments.accounts import AccountSource, PayeeAccount
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.messages import BankReport, OutgoingFile, PaymentBatch
from policy_match.payments.reconciliation import KeptReconciliation, LineTotals
from policy_match.payments.records import (
    AccountFile,
    AppliedStep,
    BankFile,
    BankFileLine,
    BatchEntry,
    BatchRecord,
    CaseMoney,
    IncomingMovement,
    NewOrder,
    OrderableCase,
    OrderRecord,
    PaidShare,
    ReconciliationRecord,
    RecoveryRecord,
    RefusedAccount,
    ReturnedCase,
    SealedAccount,
    SealedContent,
    SentAttempt,
    StatementRecord,
    TakenFile,
    UnexplainedLine,
    Verdict,
)
from policy_match.payments.trail import PaymentTrail
from policy_match.policy.model import PayeeKind
from policy_match.values import Digest, PolicyId, Uscc


class PaymentChannel(Protocol):
    """Writes what a bank reads and reads what a bank writes. Pure: bytes in, bytes out."""

    name: str

    def write(self, batch: PaymentBatch) -> OutgoingFile:
        """Return the batch as a file; the same batch gives the same bytes."""

    def read(self, name: str, content: bytes) -> BankReport:
        """Return what a bank's file says. Raises an `InputError` for a file that cannot be trusted as a whole."""


class Bank(Protocol):
    """The way to the bank. The only thing in this system that makes money move."""

    def hand_over(self, file: OutgoingFile) -> str:
        """Give a file to the bank and return its receipt. Any error leaves open whether the bank has it."""


class BankInbox(Protocol):
    """Where the bank's files come in. Raises a `StorageError` when it cannot be reached."""

    def waiting(self, most: int) -> Sequence[str]:
        """Return the names of files that were not put away, in order."""

    def read(self, name: str) -> bytes:
        """Return what a file holds. Raises an `InputError` for what cannot be a file of a bank."""

    def put_away(self, name: str, *, refused: bool) -> None:
        """Put a file away, so that it does not wait any more; nothing is removed."""


class ContentSealer(Protocol):
    """Encrypts whole files that may hold account numbers."""

    def seal_content(self, content: bytes, digest: Digest) -> SealedContent:
        """Return the content sealed, bound to its digest."""

    def open_content(self, sealed: SealedContent, digest: Digest) -> bytes:
        """Return the content. Raises a `StorageError` when the key is not there, or the seal is broken."""


class PaymentStore(Protocol):
    """Accounts, orders, attempts and batches."""

    def lock(self) -> None:
        """Wait for the right to make orders and batches, until the transaction ends."""

    def add_accounts(self, accounts: Sequence[SealedAccount], at: datetime, by: str) -> None:
        """Keep accounts as somebody stated them."""

    def accounts(self, owners: Collection[Uscc], kind: PayeeKind) -> Mapping[Uscc, Sequence[PayeeAccount]]:
        """Return the accounts of some payees, the latest of each source."""

    def orderable(self, policy_id: PolicyId | None, day: date, after: int, most: int) -> Sequence[OrderableCase]:
        """Return a page of approved cases whose payment is due, after a case id."""

    def add_orders(self, orders: Sequence[NewOrder], at: datetime, by: str) -> None:
        """Write orders with their first attempts, reserve the money and step the cases."""

    def add_attempts(self, orders: Sequence[NewOrder], at: datetime, by: str, reason: str) -> None:
        """Write new attempts for orders that exist, reserve the money again and step the cases."""

    def unbatched(self, most: int) -> Sequence[BatchEntry]:
        """Return stored attempts that are in no batch."""

    def add_batch(self, batch: BatchRecord, attempt_ids: Sequence[str], by: str) -> None:
        """Keep a batch and what it declares."""

    def next_batch_id(self) -> int:
        """Return a number for a new batch."""

    def batches(self, most: int, batch_id: int | None = None, *, before: int | None = None) -> Sequence[BatchRecord]:
        """Return batches, latest first, from before a given one; or the one asked for."""

    def batches_to_send(self, channel: str, most: int) -> Sequence[int]:
        """Return the ids of batches of which nothing was sent, oldest first."""

    def entries(self, batch_id: int) -> Sequence[BatchEntry]:
        """Return the attempts of a batch in the order of its file."""

    def send(self, batch_id: int, at: datetime, by: str) -> None:
        """Record that every attempt of a batch is sent. Raises `StepNotPossible` when it was."""

    def handed_over(self, batch_id: int, receipt: str, at: datetime) -> None:
        """Keep the bank's word that it has the file."""

    def lose_replies(self, sent_before: datetime, at: datetime, by: str) -> int:
        """Make attempts unknown whose batch has waited too long for the bank's word; return how many."""

    def returned(
        self, day: date, after: int, most: int, *, policies: Collection[PolicyId] | None = None
    ) -> Sequence[ReturnedCase]:
        """Return a page of cases whose payment came back or was refused, after a case id."""

    def step_cases(
        self,
        case_ids: Sequence[int],
        event: str,
        at: datetime,
        by: str,
        *,
        reason: str,
        about: str = "",
        amount_fen: int | None = None,
    ) -> int:
        """Take one step with the named cases that allow it; return how many did."""

    def approvers(self, case_id: int) -> frozenset[str]:
        """Return who approved a case at any stage."""

    def money_of(self, case_id: int) -> CaseMoney | None:
        """Return what a case was paid and what was asked back."""

    def exclude(self, uscc: Uscc, since: date, until: date | None, reason: str, at: datetime, by: str) -> int:
        """Exclude a firm from every policy; return the exclusion's id."""

    def add_recovery(
        self, case_id: int, kind: str, amount_fen: int, ground: str, exclusion_id: int | None, at: datetime, by: str
    ) -> int:
        """Keep the decision to ask money back; return its id."""

    def recoveries(
        self,
        most: int,
        recovery_id: int | None = None,
        *,
        before: int | None = None,
        policies: Collection[PolicyId] | None = None,
    ) -> Sequence[RecoveryRecord]:
        """Return decisions to ask money back, latest first, from before a given one; or the one asked for."""

    def orders(
        self,
        *,
        policy_id: PolicyId | None,
        policies: Collection[PolicyId] | None,
        case_id: int | None,
        status: AttemptStatus | None,
        after: int,
        most: int,
    ) -> Sequence[OrderRecord]:
        """Return a page of payment orders by number, after a given one."""

    def trail(self, case_id: int) -> PaymentTrail:
        """Return what became of the money of a case; empty for one that is not there."""

    def attempt_totals(self) -> Mapping[AttemptStatus, tuple[int, int]]:
        """Return how many attempts stand where, and their fen."""

    def paid_shares(self, case_id: int) -> Sequence[PaidShare]:
        """Return the budget lines that paid the settled attempt of a case."""

    def add_recovered(
        self, recovery_id: int, line_ref: str, shares: Sequence[tuple[PaidShare, int]], at: datetime, by: str
    ) -> None:
        """Assign money that came in to a recovery and book it on the lines that paid."""


class AccountFileStore(Protocol):
    """Tables of accounts that were sent, sealed, and their rows that were not taken."""

    def add(
        self,
        digest: Digest,
        sealed: SealedContent,
        source: AccountSource | None,
        *,
        kept: int,
        refusals: Sequence[RefusedAccount],
        at: datetime,
        by: str,
    ) -> int:
        """Keep a table with the rows that were not taken; return its number."""

    def find(self, number: int) -> AccountFile | None:
        """Return one table."""

    def files(self, *, before: int | None, most: int) -> Sequence[AccountFile]:
        """Return a page of the tables, the latest first, before a given one."""

    def refusals(self, number: int, *, after: int, most: int) -> Sequence[RefusedAccount]:
        """Return a page of the rows of a table that were not taken, after a row."""

    def sealed(self, number: int) -> SealedContent | None:
        """Return the sealed content of a table."""


class BankFileStore(Protocol):
    """What the bank said, and the reconciliations."""

    def lock(self) -> None:
        """Wait for the right to take a bank file, until the transaction ends."""

    def find(self, digest: Digest) -> TakenFile | None:
        """Return a file that was taken before."""

    def add_file(self, file: BankFile, sealed: SealedContent, at: datetime, by: str) -> None:
        """Keep a file, sealed."""

    def refuse(self, file: BankFile, reason: str, sealed: SealedContent, at: datetime, by: str) -> None:
        """Keep a file that a channel could not trust, sealed, with the reason; the first refusal stays."""

    def sealed(self, digest: Digest) -> SealedContent | None:
        """Return the sealed content of a file, taken or refused."""

    def add_lines(self, digest: Digest, statements: Sequence[StatementRecord], lines: Iterable[BankFileLine]) -> None:
        """Keep what a file says, line by line."""

    def attempts_of_message(self, message_id: str) -> Sequence[SentAttempt]:
        """Return the attempts of one of our batches by its message id."""

    def judge_strangers(self, digest: Digest) -> None:
        """Set aside repeated movements, keep the new ones, and judge lines that belong to no attempt."""

    def apply(self, digest: Digest, step: AppliedStep, at: datetime, by: str) -> None:
        """Take one kind of step with the attempts, cases and money that the file says it of."""

    def judge_rest(self, digest: Digest, known: Mapping[AttemptStatus, Collection[AttemptEvent]]) -> None:
        """Judge what remains: known already, or a contradiction."""

    def verdicts(self, digest: Digest) -> Mapping[Verdict, int]:
        """Return how many lines of a file have each verdict."""

    def files(self, most: int, *, after: tuple[datetime, Digest] | None = None) -> Sequence[TakenFile]:
        """Return files that were taken, latest first, from behind a given one."""

    def unexplained(self, most: int, *, after: tuple[Digest, int] | None = None) -> Sequence[UnexplainedLine]:
        """Return lines that nobody has explained, oldest first, from behind a given one."""

    def explain(self, digest: Digest, number: int, reason: str, at: datetime, by: str) -> None:
        """Keep a person's explanation of a line."""

    def incoming(self, line_ref: str) -> IncomingMovement | None:
        """Return one movement by the bank's reference."""

    def line_totals(self) -> Sequence[LineTotals]:
        """Return what orders, ledger and statements say of every budget line."""

    def statements(self, most: int) -> Sequence[StatementRecord]:
        """Return what each statement covers."""

    def net_out_fen(self) -> int:
        """Return what left the account that pays, in all."""

    def add_reconciliation(
        self, up_to: date, report: str, difference_fen: int, unmatched: int, closed: bool, at: datetime, by: str
    ) -> int:
        """Keep what was compared; return its number."""

    def close_paid(
        self, up_to: date, about: str, at: datetime, by: str, *, after: int, most: int
    ) -> tuple[int, int | None]:
        """Close what the bank had booked by a day of a page of paid cases after one.

        Return how many, and the last case that was looked at; `None` when there was none.
        """

    def reconciliation(self, number: int) -> KeptReconciliation | None:
        """Return one reconciliation as it was kept."""

    def reconciliations(self, most: int, *, before: int | None = None) -> Sequence[ReconciliationRecord]:
        """Return reconciliations, latest first, from before a given one."""
