"""What is kept of payments, as stores hand it to services: orders, batches, bank files, recoveries.

Guarantees that no account number is in any of these unsealed. What may happen to an attempt is `attempts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from policy_match.payments.accounts import AccountSource
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.recovery import RecoveryKind
from policy_match.payments.sealing import SealedNumber
from policy_match.policy.model import PayeeKind
from policy_match.values import Digest, PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedAccount:
    """A payee's account as somebody stated it, with the number sealed."""

    owner: Uscc
    kind: PayeeKind
    holder: str
    number: SealedNumber
    tail: str
    bank_code: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedContent:
    """A whole file that only the key `key_id` opens."""

    key_id: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedAccount:
    """A row that was not kept, and why. The number is not repeated, wherever in the row it stood."""

    row: int
    uscc: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFile:
    """A table of accounts that was taken, and how many of its rows were kept and were not.

    `source` is who states all of them; `None` where the table says so itself.
    """

    number: int
    digest: Digest
    source: AccountSource | None
    kept: int
    refused: int
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderableCase:
    """An approved case whose payment is due. `recheck` is null without one after its last step in the newest sweep.

    `budget_year` is the earliest of the lines that were granted; `attempts` were made for former approvals.
    """

    case_id: int
    policy_id: PolicyId
    uscc: Uscc
    record_id: str
    period: str
    instalment: int
    kind: PayeeKind
    list_id: int
    approved_fen: int
    allocated: bool
    recheck: int | None
    recheck_outcome: str | None
    registered_name: str | None
    excluded: bool
    budget_year: int | None
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOrder:
    """An order with its next attempt. `order_id` is null for an order that is yet to be made."""

    case_id: int
    order_id: int | None
    list_id: int
    recheck: int | None
    attempt_id: str
    number: int
    account_id: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchEntry:
    """One attempt of a batch, with the sealed account that it pays into."""

    attempt_id: str
    amount_fen: int
    owner: Uscc
    holder: str
    number: SealedNumber
    bank_code: str
    line: str
    policy_id: PolicyId


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRecord:
    """What a batch declares. `handed_over_at` is null until the bank says that it has the file."""

    batch_id: int
    message_id: str
    channel: str
    execute_on: date
    count: int
    total_fen: int
    file_name: str
    file_digest: Digest
    made_at: datetime
    handed_over_at: datetime | None = None
    statuses: Mapping[AttemptStatus, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRecord:
    """One payment order with its last attempt, of so many; that and its status are null before there is one."""

    order_id: int
    case_id: int
    policy_id: PolicyId
    uscc: Uscc
    list_id: int
    amount_fen: int
    at: datetime
    by: str
    attempt_id: str | None
    attempts: int | None
    status: AttemptStatus | None
    since: datetime | None
    batch_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReconciliationRecord:
    """One comparison of orders, ledger and statements: what differed in fen, and how many lines nobody explained."""

    number: int
    up_to: date
    difference_fen: int
    unmatched: int
    closed: bool
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedCase:
    """A case whose payment came back, or was refused.

    `newer_accounts` were stated after the one that failed, and are not it again. `recheck_outcome` is null without a
    recheck before payment since then in the newest sweep.
    """

    case_id: int
    policy_id: PolicyId
    uscc: Uscc
    period: str
    instalment: int
    registered_name: str | None
    kind: PayeeKind
    order_id: int
    list_id: int
    attempt_id: str
    number: int
    account_id: int
    amount_fen: int
    line: str
    reason_code: str
    booked_on: date
    newer_accounts: tuple[int, ...]
    recheck_outcome: str | None
    excluded: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseMoney:
    """What a case was paid, and what was asked back of it before."""

    uscc: Uscc
    policy_id: PolicyId
    status: str
    paid_fen: int
    asked_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PaidShare:
    """What one budget line paid of an attempt, and what it has recovered."""

    attempt_id: str
    line: str
    posted_fen: int
    recovered_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryRecord:
    """A decision to ask money back, with what came in."""

    recovery_id: int
    case_id: int
    uscc: Uscc
    policy_id: PolicyId
    status: str
    kind: RecoveryKind
    amount_fen: int
    received_fen: int
    ground: str
    at: datetime
    by: str


class FileKind(StrEnum):
    """What a file from the bank is. `refused`: it could not be trusted as a whole, and changed nothing."""

    STATUS = "status"
    STATEMENT = "statement"
    REFUSED = "refused"


class Verdict(StrEnum):
    """What became of a line. Only `applied` changed anything; `known` and `repeated` told nothing new."""

    APPLIED = "applied"
    KNOWN = "known"
    REPEATED = "repeated"
    CONTRADICTION = "contradiction"
    NO_ATTEMPT = "no_attempt"
    NO_SUCH_ATTEMPT = "no_such_attempt"
    AMOUNT_DIFFERS = "amount_differs"
    NOT_UNDERSTOOD = "not_understood"


SETTLED_VERDICTS = frozenset({Verdict.APPLIED, Verdict.KNOWN, Verdict.REPEATED})
"""Lines of these need no person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BankFile:
    """A file from the bank as it is kept."""

    digest: Digest
    name: str
    channel: str
    kind: FileKind


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenFile:
    """A file that was taken before, and what became of its lines."""

    digest: Digest
    name: str
    kind: FileKind
    reason: str
    at: datetime
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class BankFileLine:
    """One line of a file. `out_fen` is what left our account, negative for what came in, null for a mere message."""

    number: int
    kind: str
    step: AttemptEvent | None
    attempt_id: str | None
    line_ref: str | None
    amount_fen: int | None
    out_fen: int | None
    booked_on: date | None
    reason_code: str
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentAttempt:
    """One attempt of a batch with the budget line under which its file names it."""

    attempt_id: str
    line: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementRecord:
    """What one statement covers; a notification has no balances."""

    number: int
    statement_id: str
    first_day: date | None
    last_day: date | None
    opening_fen: int | None
    closing_fen: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedStep:
    """What follows from one kind of news: the attempt's step, the ledger's transfer and the case's step."""

    step: AttemptEvent
    ledger: str | None
    case_event: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UnexplainedLine:
    """A line that needs a person."""

    digest: Digest
    number: int
    file_name: str
    kind: str
    attempt_id: str | None
    line_ref: str | None
    amount_fen: int | None
    out_fen: int | None
    booked_on: date | None
    reason_code: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingMovement:
    """One movement of the account; `recovery_id` when it was assigned to a recovery."""

    line_ref: str
    digest: Digest
    number: int
    out_fen: int
    booked_on: date
    verdict: Verdict
    recovery_id: int | None
