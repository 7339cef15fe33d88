"""What proves the money of one case, what one person did, and what became of one firm's payments.

Guarantees only the shapes, in which an account shows no more than its last digits; reading them from the database is
`storage`, showing them the entry points.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from policy_match.ledger.accounts import LineAccount, TransferKind
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.values import Digest, PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchOfCase:
    """A file that went to the bank with an attempt in it. `handed_over_at` is when the bank said that it has it."""

    batch_id: int
    attempt_id: str
    message_id: str
    channel: str
    file_name: str
    file_digest: Digest
    attempts: int
    total_fen: int
    at: datetime
    by: str
    handed_over_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BankLine:
    """A line of a bank's file that names an attempt, or is a receipt of money that came back.

    `out_fen` left the account that pays, negative for what came in; null for a mere message. `verdict` is what was made
    of the line, `explained` why a person explained it.
    """

    file_digest: Digest
    file_name: str
    file_kind: str
    number: int
    attempt_id: str | None
    step: AttemptEvent | None
    amount_fen: int | None
    out_fen: int | None
    booked_on: date | None
    line_ref: str | None
    reason_code: str
    verdict: str
    explained: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """One transfer of the ledger, from account `debit` to account `credit`; `case_id` is that of its attempt."""

    transfer_id: int
    kind: TransferKind
    line: str
    debit: LineAccount
    credit: LineAccount
    amount_fen: int
    attempt_id: str | None
    case_id: int | None
    about: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryReceipt:
    """Money that came back and was assigned to a recovery, by the bank's reference of its movement."""

    recovery_id: int
    line_ref: str
    amount_fen: int
    booked_on: date
    file_name: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AppealOfCase:
    """An appeal against the decision that opened the case; `same_as_kept` is null until it was decided again."""

    appeal_id: int
    lodged_by: str
    ground: str
    at: datetime
    same_as_kept: bool | None
    replayed_at: datetime | None
    replayed_by: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionOfFirm:
    """What the firm says that a fact was, about this case or about no case; the answer once there is one.

    `evidence` is the digest of the file that came with it.
    """

    correction_id: int
    fact: str
    record_id: str
    claim: str
    reason: str
    source: str
    evidence: Digest
    due: date
    at: datetime
    by: str
    outcome: str | None
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderOnCase:
    """An order to act that names the case."""

    order_id: int
    unit: str
    ground: str
    due: date
    status: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseEvidence:
    """What stands behind a case beside its own file. `changed_steps` are those whose digest is not that of their row.

    `lists_checked` says of each approval list whether its digest, made again from its rows, is the one that was kept
    and that everybody signed.
    """

    batches: tuple[BatchOfCase, ...]
    bank_lines: tuple[BankLine, ...]
    ledger: tuple[LedgerEntry, ...]
    receipts: tuple[RecoveryReceipt, ...]
    appeals: tuple[AppealOfCase, ...]
    corrections: tuple[CorrectionOfFirm, ...]
    orders_to_act: tuple[OrderOnCase, ...]
    changed_steps: tuple[int, ...]
    lists_checked: Mapping[int, bool]


class StepKind(StrEnum):
    """What a person can have done."""

    CASES = "cases"
    LIST_MADE = "list_made"
    SIGNATURE = "signature"
    LIST_ENDED = "list_ended"
    OBJECTION_ANSWER = "objection_answer"
    APPEAL_REPLAY = "appeal_replay"
    ALLOCATION = "allocation"
    BUDGET_LINE = "budget_line"
    APPROPRIATION = "appropriation"
    ORDERS = "orders"
    BATCH = "batch"
    BANK_FILE = "bank_file"
    LINE_EXPLAINED = "line_explained"
    RECONCILIATION = "reconciliation"
    RECOVERY = "recovery"
    RECOVERY_RECEIPT = "recovery_receipt"
    EXCLUSION = "exclusion"
    EXCLUSION_LIFTED = "exclusion_lifted"
    ROLE = "role"
    OPENING = "opening"
    RECHECK = "recheck"
    MATCH_CONFIRMED = "match_confirmed"
    ORDER_TO_ACT = "order_to_act"
    CORRECTION_ANSWER = "correction_answer"
    RATING_ANSWER = "rating_answer"
    SUGGESTION = "suggestion"
    REVIEW = "review"
    DUTY = "duty"
    ACCOUNT = "account"
    CONTACT = "contact"
    SUPPRESSION = "suppression"
    MACHINE_TOKEN = "machine_token"
    ACTION = "action"


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonStep:
    """One thing that a person did. Steps of one moment on many cases are one, with the first case and how many.

    `what` is the word of the step, `about` names what it was done to, `place` is what pages go by.
    """

    at: datetime
    kind: StepKind
    place: str
    what: str
    about: str
    case_id: int | None
    count: int
    amount_fen: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmPayment:
    """One attempt to pay a firm; `tail` holds the last digits of the account."""

    case_id: int
    number: int
    attempt_id: str
    policy_id: PolicyId
    amount_fen: int
    status: AttemptStatus
    since: datetime
    tail: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmAccount:
    """An account that was stated for a firm; the newest of a source counts."""

    account_id: int
    purpose: str
    holder: str
    tail: str
    bank_code: str
    source: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseMoney:
    """What the transfers about one case added to each account of the lines that are asked about, in fen."""

    case_id: int
    policy_id: PolicyId
    uscc: Uscc
    name: str
    available_fen: int
    reserved_fen: int
    paid_fen: int
    returned_fen: int
    recovered_fen: int
    appropriation_fen: int


class HitKind(StrEnum):
    """What a word was found to be."""

    CASE = "case"
    PAYMENT = "payment"
    FIRM = "firm"
    POLICY = "policy"
    FUND = "fund"
    LINE = "line"
    LIST = "list"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """Something that a text names; `case_id` is there for a case and for a payment."""

    kind: HitKind
    name: str
    case_id: int | None = None
