"""What goes to a bank and what comes back: instructions and batches out, status reports and statements in.

Guarantees that money is integer fen and that account numbers appear in no `repr`, so not in logs either. How these
are written in a file is `connectors.payment_channels`; what they do to an attempt is `payments` and `services`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

MAX_INSTRUCTIONS = 20_000
"""A batch has at most so many, some 9 MB as XML: whoever makes batches splits."""

CREDIT_MARK = "/CRDT"
"""Some banks give the return of a payment the reference of the payment: with the mark the two stay apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentInstruction:
    """One attempt to pay one case. `line` is the budget line, `bank_code` a CNAPS code (12 digits) or a BIC."""

    attempt_id: str
    amount_fen: int
    payee_name: str
    account_number: str = field(repr=False)
    bank_code: str
    line: str
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentBatch:
    """What goes out in one file. `count` and `total_fen` are declared, as kept beside the stored attempts.

    `message_id` (at most 35 characters) is never used again, `made_at` has a time zone, and `execute_on` is the day
    on which the bank is asked to pay. A channel refuses a batch whose instructions are not what it declares.
    """

    batch_id: int
    message_id: str
    channel: str
    made_at: datetime
    execute_on: date
    instructions: tuple[PaymentInstruction, ...]
    count: int
    total_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingFile:
    """A batch as a file for the bank. `content` holds account numbers, so it is not in the `repr`."""

    name: str
    content: bytes = field(repr=False)
    count: int
    total_fen: int


class ReportedStatus(StrEnum):
    """What a bank says of an instruction. A code that we do not know is `other`: it moves nothing."""

    ACCEPTED = "accepted"
    SETTLED = "settled"
    REJECTED = "rejected"
    OTHER = "other"


class LineKind(StrEnum):
    """What a statement line is to us. `booking`: our payment left; `return`: one came back; all else is `other`."""

    BOOKING = "booking"
    RETURN = "return"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusLine:
    """What a bank says of one instruction.

    `attempt_id` is `None` when the bank did not name one. `code` is the bank's own status code, `amount_fen` the amount
    that it repeats, `None` when it repeats none. `reason` is free text of the bank.
    """

    attempt_id: str | None
    status: ReportedStatus
    code: str
    reason_code: str = ""
    reason: str = field(default="", repr=False)
    amount_fen: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchStatus:
    """What a bank says of a whole batch, or of its instructions of one budget line when `line` is not empty.

    It holds for the instructions that have no `StatusLine` of their own. `message_id` is that of the batch; `count`
    and `total_fen` are what the bank says to have received, `None` when it does not say.
    """

    message_id: str
    line: str = ""
    status: ReportedStatus
    code: str
    reason_code: str = ""
    reason: str = field(default="", repr=False)
    count: int | None = None
    total_fen: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementLine:
    """One movement on the account that pays.

    `line_ref` is the bank's reference of the movement, with `CREDIT_MARK` behind it where money came in, numbered when
    it comes again in one statement; where the bank gives none it is made from the statement's id. `amount_fen` is never
    negative; `credit` is true when money came in. `booked_on` is `None` while the bank only announces the movement: it
    is `other` then and in no balance. `attempt_id` is `None` when the bank named none. `text` is free text of the bank.
    """

    line_ref: str
    attempt_id: str | None
    amount_fen: int
    credit: bool
    kind: LineKind
    booked_on: date | None
    reason_code: str = ""
    text: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """The movements of one account as one statement or notification lists them.

    `first_day` and `last_day` are the days that it covers. A balance is `None` when the bank gives none (a
    notification never does). Where both are given, opening balance and booked lines make the closing balance.
    """

    account: str = field(repr=False)
    statement_id: str
    first_day: date | None
    last_day: date | None
    opening_fen: int | None
    closing_fen: int | None
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BankReport:
    """One file from a bank. `message_id` is the bank's own, `made_at` has a time zone."""

    message_id: str
    made_at: datetime
    batches: tuple[BatchStatus, ...] = ()
    statuses: tuple[StatusLine, ...] = ()
    statements: tuple[Statement, ...] = ()
