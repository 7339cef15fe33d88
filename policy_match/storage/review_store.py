"""Decline reasons, suggestions and reviews of policies in the database.

Guarantees, with the schema, that a review is answered once and decided once, after its answer and by somebody else.
What a sign is, is `reports.reviews`.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.ports.reviews import DecidedRows
from policy_match.reports.model import Span
from policy_match.reports.reviews import (
    Finding,
    Review,
    ReviewAnswer,
    ReviewDecision,
    ReviewOutcome,
    Sign,
    Suggestion,
    SuggestionStatus,
    SuggestionStep,
)
from policy_match.storage.session import Row, Session
from policy_match.values import FactName, PolicyId

REVIEW_LOCK = 0x706D_7276


class ReviewStore:
    """Decline reasons, suggestions, reviews."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self) -> None:
        """Wait for the right to open, answer or decide a review until the transaction ends."""
        self._session.run("lock_reviews", purpose=REVIEW_LOCK)

    def keep_decline_reasons(self, reasons: Mapping[tuple[int, int], DeclineReason]) -> None:
        """Keep which reason was chosen, by case and number of the step."""
        if reasons:
            self._session.run(
                "add_decline_reasons",
                case_ids=[case_id for case_id, _ in reasons],
                seqs=[seq for _, seq in reasons],
                codes=[reason.value for reason in reasons.values()],
            )

    def suggest(self, policy_id: PolicyId, text: str, *, at: datetime, by: str) -> int | None:
        """Keep a suggestion and return its number; `None` when no such policy was ever swept."""
        row = self._session.one("add_suggestion", policy_id=policy_id, text=text, at=at, by=by)
        return None if row is None else row["suggestion_id"]

    def ask_for_policy(self, subject: str, department: str, text: str, *, at: datetime, by: str) -> int:
        """Keep that a policy is asked for that there is not, and return the number."""
        row = self._session.one(
            "add_suggestion_of_new", subject=subject, department=department, text=text, at=at, by=by
        )
        assert row is not None
        number: int = row["suggestion_id"]
        return number

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
        rows = self._session.all(
            "suggestions",
            suggestion_id=None,
            policy_id=policy_id,
            policies=None if policies is None else list(policies),
            status=None if status is None else status.value,
            new=new,
            after=after,
            most=most,
        )
        return [suggestion_line(row) for row in rows]

    def suggestion(self, suggestion_id: int) -> Suggestion | None:
        """Return one suggestion."""
        row = self._session.one(
            "suggestions",
            suggestion_id=suggestion_id,
            policy_id=None,
            policies=None,
            status=None,
            new=None,
            after=0,
            most=1,
        )
        return None if row is None else suggestion_line(row)

    def decide_suggestion(self, found: Suggestion, step: SuggestionStep) -> None:
        """Keep what is decided about a suggestion. Raises `StepNotPossible` when it is elsewhere by now."""
        self._session.run(
            "add_suggestion_event",
            suggestion_id=found.suggestion_id,
            seq=found.steps + 1,
            before=found.status.value,
            after=step.after.value,
            taken_into=step.taken_into,
            reason=step.reason,
            at=step.at,
            by=step.by,
        )

    def new_suggestions(self) -> Mapping[PolicyId, int]:
        """Return how many suggestions each policy got since its last review began."""
        return {row["policy_id"]: row["suggestions"] for row in self._session.all("new_suggestions")}

    def unreached(self) -> Mapping[PolicyId, int]:
        """Return, for cases that were collected, in how many a notice to the firm found no way."""
        return {row["policy_id"]: row["cases"] for row in self._session.all("unreached_of_report")}

    def decided_rows(self) -> Sequence[DecidedRows]:
        """Return what the newest sweep of each policy found."""
        return [
            DecidedRows(
                policy_id=row["policy_id"],
                sweep_number=row["sweep_number"],
                place=row["place"],
                rows=row["total"],
                undetermined=row["undetermined"],
            )
            for row in self._session.all("decided_rows")
        ]

    def missing_facts(
        self, wanted: Sequence[DecidedRows], most: int
    ) -> Mapping[PolicyId, Sequence[tuple[FactName, int]]]:
        """Return the facts most often missing in each of these, most often first."""
        found: dict[PolicyId, list[tuple[FactName, int]]] = {}
        rows = self._session.all(
            "missing_of_policies",
            policies=[each.policy_id for each in wanted],
            sweeps=[each.sweep_number for each in wanted],
            places=[each.place for each in wanted],
            most=most,
        )
        for row in rows:
            found.setdefault(row["policy_id"], []).append((row["fact"], row["decisions"]))
        return found

    def open(
        self, policy_id: PolicyId, found: Sequence[Finding], span: Span, *, owner: str, at: datetime, by: str
    ) -> int:
        """Write a review and return its number."""
        signs = [
            {"sign": each.sign.value, "number": each.number, "of": each.of, "detail": dict(each.detail)}
            for each in found
        ]
        row = self._session.one(
            "add_review",
            policy_id=policy_id,
            owner=owner,
            first_day=span.first,
            last_day=span.last,
            found=json.dumps(signs),
            at=at,
            by=by,
        )
        assert row is not None
        number: int = row["review_id"]
        return number

    def latest(self) -> Sequence[Review]:
        """Return the last review of each policy that had one, by policy."""
        return [_review(row) for row in self._session.all("latest_reviews")]

    def review(self, review_id: int) -> Review | None:
        """Return one review."""
        row = self._session.one("review_by_number", review_id=review_id)
        return None if row is None else _review(row)

    def answer(self, review_id: int, answer: ReviewAnswer) -> None:
        """Keep the answer to a review that has none."""
        self._session.run("answer_review", review_id=review_id, text=answer.text, at=answer.at, by=answer.by)

    def decide(self, review_id: int, decision: ReviewDecision) -> None:
        """Keep the decision of a review that was answered."""
        self._session.run(
            "decide_review",
            review_id=review_id,
            outcome=decision.outcome.value,
            reason=decision.reason,
            at=decision.at,
            by=decision.by,
        )


def suggestion_line(row: Row) -> Suggestion:
    """Return one suggestion as people read it."""
    return Suggestion(**{**row, "status": SuggestionStatus(row["status"])})


def _review(row: Row) -> Review:
    answer, decision = None, None
    if row["text"] is not None:
        answer = ReviewAnswer(text=row["text"], at=row["answered_at"], by=row["answered_by"])
    if row["outcome"] is not None:
        decision = ReviewDecision(
            outcome=ReviewOutcome(row["outcome"]), reason=row["reason"], at=row["decided_at"], by=row["decided_by"]
        )
    return Review(
        review_id=row["review_id"],
        policy_id=row["policy_id"],
        owner=row["owner"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        found=[
            Finding(sign=Sign(each["sign"]), number=each["number"], of=each["of"], detail=each["detail"])
            for each in row["found"]
        ],
        at=row["at"],
        by=row["by"],
        answer=answer,
        decision=decision,
    )
