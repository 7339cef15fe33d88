"""Reviews of policies, and what they rest on, as services need them.

Guarantees that services know no adapter. The implementation is in `storage`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.reports.model import Span
from policy_match.reports.reviews import (
    Finding,
    Review,
    ReviewAnswer,
    ReviewDecision,
    Suggestion,
    SuggestionStatus,
    SuggestionStep,
)
from policy_match.values import FactName, PolicyId


@dataclass(frozen=True, kw_only=True, slots=True)
class DecidedRows:
    """What the newest sweep that decided a policy found: its rows, and how many of them are undetermined."""

    policy_id: PolicyId
    sweep_number: int
    place: int
    rows: int
    undetermined: int


class ReviewStore(Protocol):
    """Decline reasons, suggestions, reviews. Nothing that was written is changed."""

    def claim(self) -> None:
        """Wait for the right to open, answer or decide a review until the transaction ends."""

    def keep_decline_reasons(self, reasons: Mapping[tuple[int, int], DeclineReason]) -> None:
        """Keep which reason was chosen, by case and number of the step."""

    def suggest(self, policy_id: PolicyId, text: str, *, at: datetime, by: str) -> int | None:
        """Keep a suggestion and return its number; `None` when no such policy was ever swept."""

    def ask_for_policy(self, subject: str, department: str, text: str, *, at: datetime, by: str) -> int:
        """Keep that a policy is asked for that there is not, and return the number."""

    def suggestions(
        self,
        policy_id: PolicyId | None,
        *,
        policies: Collection[PolicyId] | None = None,
        status: SuggestionStatus | None = None,
        new: bool | None = None,
        after: int,
        most: int,
    ) -> Sequence[Suggestion]:
        """Return a page of suggestions by number, of one policy, of some, or of all, and in one status or all.

        With `new` those alone that ask for a policy that there is not; with `False` those alone about policies.
        """

    def suggestion(self, suggestion_id: int) -> Suggestion | None:
        """Return one suggestion."""

    def decide_suggestion(self, found: Suggestion, step: SuggestionStep) -> None:
        """Keep what is decided about a suggestion. Raises a `StorageError` when it is elsewhere by now."""

    def new_suggestions(self) -> Mapping[PolicyId, int]:
        """Return how many suggestions each policy got since its last review began."""

    def unreached(self) -> Mapping[PolicyId, int]:
        """Return, for cases that `ReportStore.collect` collected, in how many a notice to the firm found no way."""

    def decided_rows(self) -> Sequence[DecidedRows]:
        """Return what the newest sweep of each policy found."""

    def missing_facts(
        self, wanted: Sequence[DecidedRows], most: int
    ) -> Mapping[PolicyId, Sequence[tuple[FactName, int]]]:
        """Return the facts most often missing in each of these, most often first, with how many decisions name each."""

    def open(
        self, policy_id: PolicyId, found: Sequence[Finding], span: Span, *, owner: str, at: datetime, by: str
    ) -> int:
        """Write a review and return its number."""

    def latest(self) -> Sequence[Review]:
        """Return the last review of each policy that had one, by policy."""

    def review(self, review_id: int) -> Review | None:
        """Return one review."""

    def answer(self, review_id: int, answer: ReviewAnswer) -> None:
        """Keep the answer to a review that has none."""

    def decide(self, review_id: int, decision: ReviewDecision) -> None:
        """Keep the decision of a review that was answered. Raises a `StorageError` for who answered."""
