"""How values are said on pages: money, days, moments, the words of every enumeration.

Guarantees one form for each, in Chinese and in English; no page writes its own.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from policy_match.audit.chronicle import TrailPart
from policy_match.audit.evidence import HitKind, StepKind
from policy_match.audit.words import HIT_WORDS, STEP_KIND_WORDS, TRAIL_PART_WORDS
from policy_match.cases.corrections import OUTCOME_WORDS as CORRECTION_WORDS
from policy_match.cases.corrections import CorrectionOutcome
from policy_match.cases.model import Event, NoticeKind, Route, Status
from policy_match.cases.ratings import GRADE_WORDS, Grade
from policy_match.cases.words import EVENT_WORDS, ROUTE_WORDS, STATUS_WORDS, Words
from policy_match.errors import Language
from policy_match.facts.source_health import HEALTH_WORDS, Health
from policy_match.ledger.accounts import LineAccount, TransferKind
from policy_match.ledger.words import ACCOUNT_WORDS, TRANSFER_WORDS
from policy_match.notices.model import Channel, NoticeStatus
from policy_match.notices.saying import BENEFIT_WORDS
from policy_match.notices.subscriptions import SUBSCRIPTION_WORDS, Subscription
from policy_match.notices.words import CHANNEL_WORDS, KIND_WORDS
from policy_match.notices.words import STATUS_WORDS as NOTICE_STATUS_WORDS
from policy_match.payments.accounts import AccountSource
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.reconciliation import Comparison
from policy_match.payments.records import FileKind, Verdict
from policy_match.payments.recovery import RecoveryKind
from policy_match.payments.returns import FollowUp, WayBack
from policy_match.payments.words import (
    ATTEMPT_WORDS,
    COMPARISON_WORDS,
    FILE_KIND_WORDS,
    FOLLOW_UP_WORDS,
    RECOVERY_WORDS,
    SOURCE_WORDS,
    STEP_WORDS,
    VERDICT_WORDS,
    WAY_WORDS,
)
from policy_match.policy.cases import Expected
from policy_match.policy.model import (
    Allocation,
    Benefit,
    Delivery,
    LimitedStage,
    PayeeKind,
    Rhythm,
    Silence,
    StackingRule,
    StillTest,
)
from policy_match.policy.standing import STATE_WORDS, PolicyState
from policy_match.policy.words import (
    ALLOCATION_WORDS,
    DELIVERY_WORDS,
    LIMITED_STAGE_WORDS,
    PAYEE_WORDS,
    RHYTHM_WORDS,
    SILENCE_WORDS,
    STACKING_WORDS,
    STILL_WORDS,
)
from policy_match.reports.reviews import SUGGESTION_WORDS, SuggestionStatus
from policy_match.services.compare_snapshots import ROW_CHANGE_WORDS, RowChange
from policy_match.supervision.colours import Colour
from policy_match.supervision.orders import ORDER_STATUS_WORDS, ORDER_STEP_WORDS, OrderStatus, OrderStep
from policy_match.supervision.promises import GROUP_WORDS, Group
from policy_match.supervision.stages import STAGES, UNIT_WORDS, Party, Stage
from policy_match.sweep.difference import Presence, Transition
from policy_match.sweep.match import Match
from policy_match.sweep.version_difference import KIND_WORDS as KIND_OF_CHANGE_WORDS
from policy_match.sweep.version_difference import PART_WORDS, ChangeKind, Part
from policy_match.sweep.words import (
    EXPECTED_WORDS,
    MATCH_WORDS,
    OUTCOME_WORDS,
    PRESENCE_WORDS,
    TRANSITION_WORDS,
    TRUTH_WORDS,
)
from policy_match.values import Outcome, Truth

CHINA = ZoneInfo("Asia/Shanghai")

COLOUR_WORDS: Mapping[Colour, Words] = {
    Colour.BLUE: Words("蓝", "blue"),
    Colour.YELLOW: Words("黄", "yellow"),
    Colour.RED: Words("红", "red"),
}

WORDS: Mapping[type[StrEnum], Mapping[Any, Words]] = {
    Status: STATUS_WORDS,
    Event: EVENT_WORDS,
    Route: ROUTE_WORDS,
    NoticeKind: KIND_WORDS,
    NoticeStatus: NOTICE_STATUS_WORDS,
    Channel: CHANNEL_WORDS,
    Subscription: SUBSCRIPTION_WORDS,
    Colour: COLOUR_WORDS,
    HitKind: HIT_WORDS,
    StepKind: STEP_KIND_WORDS,
    TrailPart: TRAIL_PART_WORDS,
    Outcome: OUTCOME_WORDS,
    CorrectionOutcome: CORRECTION_WORDS,
    Grade: GRADE_WORDS,
    SuggestionStatus: SUGGESTION_WORDS,
    Truth: TRUTH_WORDS,
    Transition: TRANSITION_WORDS,
    Presence: PRESENCE_WORDS,
    Match: MATCH_WORDS,
    Expected: EXPECTED_WORDS,
    Part: PART_WORDS,
    ChangeKind: KIND_OF_CHANGE_WORDS,
    RowChange: ROW_CHANGE_WORDS,
    Health: HEALTH_WORDS,
    PolicyState: STATE_WORDS,
    Benefit: BENEFIT_WORDS,
    Delivery: DELIVERY_WORDS,
    Rhythm: RHYTHM_WORDS,
    StackingRule: STACKING_WORDS,
    Allocation: ALLOCATION_WORDS,
    Silence: SILENCE_WORDS,
    PayeeKind: PAYEE_WORDS,
    LimitedStage: LIMITED_STAGE_WORDS,
    StillTest: STILL_WORDS,
    AccountSource: SOURCE_WORDS,
    AttemptStatus: ATTEMPT_WORDS,
    AttemptEvent: STEP_WORDS,
    Verdict: VERDICT_WORDS,
    FileKind: FILE_KIND_WORDS,
    FollowUp: FOLLOW_UP_WORDS,
    WayBack: WAY_WORDS,
    RecoveryKind: RECOVERY_WORDS,
    Comparison: COMPARISON_WORDS,
    LineAccount: ACCOUNT_WORDS,
    TransferKind: TRANSFER_WORDS,
    OrderStatus: ORDER_STATUS_WORDS,
    OrderStep: ORDER_STEP_WORDS,
    Group: GROUP_WORDS,
    Stage: {stage: terms.words for stage, terms in STAGES.items()},
    Party: {Party.DEPARTMENT: Words("主管部门", "the department in charge"), **UNIT_WORDS},
}
"""The words of each enumeration that pages show."""


class Saying:
    """Says values in one language. Templates use it as `say`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, zh: str, en: str) -> str:
        """Return the text in the language of the page."""
        return zh if self.language == "zh" else en

    def words(self, words: Words) -> str:
        """Return the same for a pair."""
        return self(words.zh, words.en)

    def word(self, value: StrEnum) -> str:
        """Return the word for a member of an enumeration."""
        return self.words(WORDS[type(value)][value])

    @property
    def colon(self) -> str:
        """The sign between a word and what belongs to it."""
        return self("：", ": ")

    def bracketed(self, text: object) -> str:
        """Return what stands in brackets behind a word."""
        return self(f"（{text}）", f" ({text})")

    def yuan(self, fen: int | None) -> str:
        """Return an amount, `—` when there is none: 12,345.67 元, or CNY 12,345.67."""
        if fen is None:
            return "—"
        sign, whole = "-" if fen < 0 else "", abs(fen)
        number = f"{sign}{whole // 100:,}.{whole % 100:02d}"
        return self(f"{number} 元", f"CNY {number}")

    def day(self, day: date | None) -> str:
        """Return a day, `—` when there is none: 2026年3月2日, or 2 March 2026."""
        if day is None:
            return "—"
        return self(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}")

    def moment(self, moment: datetime | None) -> str:
        """Return a moment in China: 2026年3月2日 09:30."""
        if moment is None:
            return "—"
        local = moment.astimezone(CHINA)
        return f"{self.day(local.date())} {local:%H:%M}"

    def count(self, number: int) -> str:
        """Return a number of things."""
        return f"{number:,}"
