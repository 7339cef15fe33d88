"""What became of the money of one case, step by step: budget, lists, orders, attempts, recoveries.

Guarantees only the shapes, in which an account shows no more than its last digits; reading them from the database is
`storage`, showing them the entry points.
"""

from dataclasses import dataclass
from datetime import datetime

from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.records import RecoveryRecord
from policy_match.values import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantLine:
    """What one sharing of the budget gave the case, in fen; `place` is that in the queue, `shares` are by line."""

    allocation: int
    year: int
    how: str
    place: int
    asked_fen: int
    granted_fen: int
    shares: tuple[tuple[str, int], ...]
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureLine:
    """One person's approval of a list."""

    person: str
    stage: int
    role: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLine:
    """One approval list on which the case was; `outcome` is null while it is open."""

    list_id: int
    amount_fen: int
    digest: Digest
    at: datetime
    by: str
    outcome: str | None
    reason: str
    ended_at: datetime | None
    ended_by: str | None
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """One payment order, with the list that approved it and the recheck before it."""

    order_id: int
    list_id: int
    recheck: int
    amount_fen: int
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptStep:
    """One step of an attempt; `about` names the batch, or the line of the bank's file, that says so."""

    event: AttemptEvent
    after: AttemptStatus
    reason_code: str
    about: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptLine:
    """One attempt to pay. `tail` holds the last digits of the account; `batch_id` is null before there is a batch."""

    attempt_id: str
    number: int
    amount_fen: int
    tail: str
    source: str
    status: AttemptStatus
    batch_id: int | None
    at: datetime
    by: str
    steps: tuple[AttemptStep, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentTrail:
    """All of it, each part in the order in which it came about."""

    grants: tuple[GrantLine, ...]
    lists: tuple[ListLine, ...]
    orders: tuple[OrderLine, ...]
    attempts: tuple[AttemptLine, ...]
    recoveries: tuple[RecoveryRecord, ...]
