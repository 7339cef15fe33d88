"""Which policies need somebody to look at them, and why: the review list.

Guarantees that a sign is found by a stated limit, and that few cases raise none. Who looks, and what comes of it, are
rows that nobody changes: opened with a named owner, answered, decided by somebody else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.words import Words
from policy_match.values import FactName, PolicyId

DECLINED_LIMIT = Fraction(1, 10)
UNREACHED_LIMIT = Fraction(1, 20)
UNDETERMINED_LIMIT = Fraction(1, 5)
FEWEST_COUNTED = 20
"""A share of fewer is no sign: one firm would make it."""

MOST_MISSING = 5
"""So many of the facts that are missing most often are named."""


class Sign(StrEnum):
    """What makes somebody look at a policy."""

    DECLINED = "declined"
    UPHELD = "upheld"
    UNREACHED = "unreached"
    UNDETERMINED = "undetermined"
    SUGGESTIONS = "suggestions"


SIGN_WORDS: Mapping[Sign, Words] = {
    Sign.DECLINED: Words("放弃率偏高", "many firms decline"),
    Sign.UPHELD: Words("有异议成立", "objections were right"),
    Sign.UNREACHED: Words("未送达偏多", "many firms are not reached"),
    Sign.UNDETERMINED: Words("无法判定偏多", "many decisions are open"),
    Sign.SUGGESTIONS: Words("有新建议", "there are new suggestions"),
}

SIGN_MEANINGS: Mapping[Sign, Words] = {
    Sign.DECLINED: Words(
        "放弃率达到一成，答复期已结束的至少 20 件", "the decline rate is 10 % or more, of at least 20 windows"
    ),
    Sign.UPHELD: Words("至少一件异议成立或据以调整金额", "at least one objection was right, or changed the amount"),
    Sign.UNREACHED: Words(
        "有通知未送达的占应享 5% 以上，应享至少 20 件", "a notice found no way in 5 % or more of at least 20 cases"
    ),
    Sign.UNDETERMINED: Words(
        "最近一次匹配中无法判定的占两成以上，至少判定 20 家",
        "the newest sweep could not decide 20 % or more of at least 20 firms or records",
    ),
    Sign.SUGGESTIONS: Words("上次评估之后有建议", "somebody suggested something since the last review began"),
}


class ReviewOutcome(StrEnum):
    """What follows from a review."""

    KEEP = "keep"
    CHANGE = "change"
    END = "end"


OUTCOME_WORDS: Mapping[ReviewOutcome, Words] = {
    ReviewOutcome.KEEP: Words("维持", "keep the policy as it is"),
    ReviewOutcome.CHANGE: Words("修改", "change the policy"),
    ReviewOutcome.END: Words("终止", "end the policy"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyCounts:
    """What the signs of one policy rest on. `rows` were decided by the newest sweep, `undetermined` of them not.

    `missing` are the facts most often missing there, with how many decisions name each.
    """

    policy_id: PolicyId
    eligible: int = 0
    windows_ended: int = 0
    declined: int = 0
    reasons: Mapping[DeclineReason, int] = field(default_factory=dict)
    upheld: int = 0
    unreached: int = 0
    rows: int = 0
    undetermined: int = 0
    missing: Sequence[tuple[FactName, int]] = ()
    suggestions: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One sign with its numbers: so many of so many, and what stands behind them by name."""

    sign: Sign
    number: int
    of: int
    detail: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> Fraction | None:
        """The number as a share, where it is one."""
        return Fraction(self.number, self.of) if self.of else None


def findings(counts: PolicyCounts) -> tuple[Finding, ...]:
    """Return the signs of one policy, in the order of `Sign`."""
    found = []
    if _often(counts.declined, counts.windows_ended, DECLINED_LIMIT):
        reasons = {reason.value: number for reason, number in counts.reasons.items()}
        found.append(Finding(sign=Sign.DECLINED, number=counts.declined, of=counts.windows_ended, detail=reasons))
    if counts.upheld:
        found.append(Finding(sign=Sign.UPHELD, number=counts.upheld, of=counts.eligible))
    if _often(counts.unreached, counts.eligible, UNREACHED_LIMIT):
        found.append(Finding(sign=Sign.UNREACHED, number=counts.unreached, of=counts.eligible))
    if is_often_open(counts.undetermined, counts.rows):
        missing = {str(fact): number for fact, number in counts.missing[:MOST_MISSING]}
        found.append(Finding(sign=Sign.UNDETERMINED, number=counts.undetermined, of=counts.rows, detail=missing))
    if counts.suggestions:
        found.append(Finding(sign=Sign.SUGGESTIONS, number=counts.suggestions, of=0))
    return tuple(found)


def is_often_open(undetermined: int, rows: int) -> bool:
    """Return whether so many decisions of one sweep are open that it is a sign."""
    return _often(undetermined, rows, UNDETERMINED_LIMIT)


def _often(part: int, whole: int, limit: Fraction) -> bool:
    return whole >= FEWEST_COUNTED and Fraction(part, whole) >= limit


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewAnswer:
    """What the owner says."""

    text: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewDecision:
    """What follows, said by somebody other than who answered."""

    outcome: ReviewOutcome
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """One review of one policy; `found` are the signs as they were, over the days from `first_day` to `last_day`."""

    review_id: int
    policy_id: PolicyId
    owner: str
    first_day: date
    last_day: date
    found: Sequence[Finding]
    at: datetime
    by: str
    answer: ReviewAnswer | None = None
    decision: ReviewDecision | None = None


class SuggestionStatus(StrEnum):
    """What became of a suggestion. The last two are final."""

    RECEIVED = "received"
    RESERVED = "reserved"
    TAKEN_UP = "taken_up"
    NOT_TAKEN_UP = "not_taken_up"


SUGGESTION_WORDS: Mapping[SuggestionStatus, Words] = {
    SuggestionStatus.RECEIVED: Words("已收到", "received"),
    SuggestionStatus.RESERVED: Words("已列入储备", "in the reserve list"),
    SuggestionStatus.TAKEN_UP: Words("已采纳", "taken up"),
    SuggestionStatus.NOT_TAKEN_UP: Words("未采纳", "not taken up"),
}

FINAL = frozenset({SuggestionStatus.TAKEN_UP, SuggestionStatus.NOT_TAKEN_UP})


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What somebody named would have different about a policy, and what became of it.

    Without a policy, `subject` is what is asked for that there is not, and `department` who is thought responsible, or
    empty. `steps` counts what was decided about it; `taken_into` is the policy into which it was taken up.
    """

    suggestion_id: int
    policy_id: PolicyId | None
    text: str
    at: datetime
    by: str
    subject: str = ""
    department: str = ""
    status: SuggestionStatus = SuggestionStatus.RECEIVED
    steps: int = 0
    taken_into: str = ""
    reason: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SuggestionStep:
    """What is decided about a suggestion, and why; `taken_into` is there exactly when it is taken up."""

    after: SuggestionStatus
    taken_into: str
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewLine:
    """One policy of the review list: its signs now, and its last review, if there was one."""

    policy_id: PolicyId
    findings: Sequence[Finding]
    review: Review | None
