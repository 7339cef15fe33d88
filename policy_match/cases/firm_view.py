"""A case as its firm sees it: where it stands, what happened, what it rests on and how far the money is.

Guarantees only the shapes, in which no member of staff and nobody else is named and an account shows its last digits;
reading them from the database is `storage`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from policy_match.cases.model import Event, Route, Status
from policy_match.cases.opening import Alternative, EntitledRow
from policy_match.notices.model import Channel
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.recovery import RecoveryKind
from policy_match.policy.model import PayeeKind, Silence
from policy_match.sweep.kept import SweepIdentity
from policy_match.values import Digest, PolicyId, SweepId


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmFigures:
    """What a firm is owed, what waits for it, and what was paid to it: cases and fen.

    `owed` are cases on their way to money or a contract; those that wait for the firm's answer, or for another account
    after a return, are among them, and so are those `missed`: their last day is past and nobody has closed them yet.
    `paid` is what the bank paid and did not return; `recovered` came back of it.
    """

    owed: int
    owed_fen: int
    to_answer: int
    to_answer_fen: int
    answer_by: date | None
    missed: int
    to_correct: int
    to_correct_fen: int
    paid: int
    paid_fen: int
    recovered_fen: int
    informed: int
    unread: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmCase:
    """One case in a firm's list."""

    case_id: int
    policy_id: PolicyId
    version: Digest
    record_id: str
    period: str
    instalment: int
    instalments: int
    route: Route
    status: Status
    amount_fen: int
    deadline: date | None
    due_from: date
    since: datetime
    silence: Silence
    payee: PayeeKind
    publicity_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmStep:
    """One step of a case; `reason` is what was said when it was taken, `digest` the hash of what was decided."""

    seq: int
    event: Event
    before: Status
    after: Status
    amount_fen: int | None
    deadline: date | None
    at: datetime
    reason: str
    digest: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmObjection:
    """An objection to the firm's case; who lodged it is not said. `outcome` is null until it is answered."""

    objection_id: int
    case_id: int
    ground: str
    due: date
    at: datetime
    outcome: str | None
    amount_fen: int | None
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmAttemptStep:
    """One step of a payment; `reason_code` is the bank's."""

    event: AttemptEvent
    after: AttemptStatus
    reason_code: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmAttempt:
    """One try to pay; `tail` are the last digits of the account. `booked_on` is the day of the bank's statement."""

    attempt_id: str
    number: int
    amount_fen: int
    status: AttemptStatus
    at: datetime
    holder: str
    tail: str
    bank_code: str
    booked_on: date | None
    steps: tuple[FirmAttemptStep, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmRecovery:
    """What is asked back of a paid case."""

    recovery_id: int
    kind: RecoveryKind
    amount_fen: int
    ground: str
    received_fen: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmFile:
    """The whole file of a case, as its firm sees it; `alternatives` are combinations that were not chosen.

    `wants_letter` is whether the policy wants a letter of commitment to be signed with the firm's answer.
    """

    case: FirmCase
    wants_letter: bool
    opened_at: datetime
    entitlement: EntitledRow
    alternatives: tuple[Alternative, ...]
    steps: tuple[FirmStep, ...]
    objections: tuple[FirmObjection, ...]
    attempts: tuple[FirmAttempt, ...]
    recoveries: tuple[FirmRecovery, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptBy:
    """Which sweep something was decided by."""

    sweep_id: SweepId
    identity: SweepIdentity


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedPayee:
    """An account that somebody stated for the firm; of its number only the last digits are there."""

    account_id: int
    purpose: PayeeKind
    holder: str
    tail: str
    bank_code: str
    source: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedContact:
    """An address at which the firm is told, masked; `source` is who gave it."""

    channel: Channel
    masked: str
    source: str
    at: datetime
