"""A case: one benefit due to one firm (or record) for one period and instalment, and what can happen to it.

Guarantees only the words: statuses, routes, events, effects. Which event leads from which status to which is
`transitions`; when it may happen and what it causes is `apply`; keeping cases is `storage`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from policy_match.policy.model import Silence
from policy_match.values import Digest, PolicyId, Uscc


class Status(StrEnum):
    """Where a case stands. The first nine are the way to the money, in order."""

    MATCHED = "matched"
    NOTIFIED = "notified"
    CONFIRMED = "confirmed"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    PUBLISHED = "published"
    ORDERED = "ordered"
    PAID = "paid"
    CLOSED = "closed"
    DECLINED = "declined"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    OBJECTED = "objected"
    RETURNED = "returned"
    RECOVERING = "recovering"
    RECOVERED = "recovered"
    CONTRACTED = "contracted"


DEAD = frozenset({Status.DECLINED, Status.WAIVED, Status.WITHDRAWN, Status.REJECTED})
"""A case in one of these is no live case any more: a later opening may open the same benefit again."""


class Route(StrEnum):
    """Which steps a case takes; chosen once, when it is opened."""

    DIRECT = "direct"
    CONFIRM = "confirm"
    LIST_THEN_COLLECT = "list_then_collect"
    INFORM = "inform"
    CONTRACT = "contract"


class Event(StrEnum):
    """What can happen to a case."""

    NOTIFY = "notify"
    CONFIRM = "confirm"
    DECLINE = "decline"
    RECONSIDER = "reconsider"
    LAPSE = "lapse"
    ACCEPT_SILENCE = "accept_silence"
    REVIEW = "review"
    APPROVE = "approve"
    REJECT = "reject"
    PUBLISH = "publish"
    OBJECT = "object"
    DISMISS = "dismiss"
    UPHOLD = "uphold"
    AMEND = "amend"
    ORDER = "order"
    SETTLE = "settle"
    BOUNCE = "bounce"
    CORRECT = "correct"
    REQUEUE = "requeue"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    CONTRACT = "contract"
    CLAIM_BACK = "claim_back"
    RECOVER = "recover"
    EXTEND = "extend"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One case as it stands. `seq` counts its events; `amount_fen` is what the firm gets, in fen.

    `record_id` is empty when the benefit is per firm; `instalment` starts at 1. `deadline` is the last day for what
    the status waits for: the firm's answer or the end of the publicity. Numbers of days are working days.
    """

    case_id: int
    policy_id: PolicyId
    version: Digest
    uscc: Uscc
    record_id: str
    period: str
    instalment: int
    route: Route
    status: Status
    seq: int
    amount_fen: int
    deadline: date | None
    publicity_days: int
    confirm_days: int
    silence: Silence

    @property
    def is_dead(self) -> bool:
        """Whether this is no live case any more."""
        return self.status in DEAD


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseEvent:
    """One event: what happened, when (with its time zone), by whom and why.

    `by` is a staff account, `firm:<code>` or `system`. `amount_fen` is the new amount, where the event changes it.
    `deadline` is the last day for what the new status waits for; `apply.deadline_after` gives it.
    """

    event: Event
    at: datetime
    by: str
    reason: str = ""
    amount_fen: int | None = None
    deadline: date | None = None


class NoticeKind(StrEnum):
    """What the firm is told of a case; from `escalation` on, what staff are told of their work, and news of requests.

    News are what a firm hears of a request of its own that is no case, and what a department hears of such a request.
    """

    INFORMATION = "information"
    CONFIRMATION_ASKED = "confirmation_asked"
    ACCOUNT_ASKED = "account_asked"
    CONSENT_ASKED = "consent_asked"
    SILENCE_ACCEPTED = "silence_accepted"
    WAIVED = "waived"
    REJECTED = "rejected"
    OBJECTION = "objection"
    OBJECTION_DISMISSED = "objection_dismissed"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    PAID = "paid"
    CLAIMED_BACK = "claimed_back"
    ACCOUNT_CORRECTION_ASKED = "account_correction_asked"
    WINDOW_EXTENDED = "window_extended"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    ORDER_TO_ACT = "order_to_act"
    POLICY_DATE = "policy_date"
    BUDGET_CUT_OFF = "budget_cut_off"
    CORRECTION_ANSWERED = "correction_answered"
    RATING_ANSWERED = "rating_answered"
    SUGGESTION_DECIDED = "suggestion_decided"
    CORRECTION_ASKED = "correction_asked"
    BAD_RATING = "bad_rating"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeDue:
    """The firm is to be told something."""

    kind: NoticeKind


@dataclass(frozen=True, kw_only=True, slots=True)
class RecheckDue:
    """Eligibility and exclusion lists are to be read again right before the event that comes `before`."""

    before: Event


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderDue:
    """Payment is to be ordered; with `after`, on the first day after it."""

    after: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractDue:
    """A contract is to be signed with the firm; with `after`, on the first day after it."""

    after: date | None


Effect = NoticeDue | RecheckDue | OrderDue | ContractDue
