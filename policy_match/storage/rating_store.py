"""Ratings of paid cases in the database, and their answers.

Guarantees, with the schema, that only a case that the bank paid is rated, once, and that an answer is given once.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from policy_match.cases.ratings import Grade, RatingLine, RatingSum
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId, Uscc


class RatingStore:
    """Ratings and their answers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rate(self, case_id: int, grade: Grade, text: str, due: date | None, *, at: datetime, by: str) -> bool:
        """Keep a rating; `False`, and nothing kept, when the case has one."""
        row = self._session.one("add_rating", case_id=case_id, grade=grade.value, text=text, due=due, at=at, by=by)
        return row is not None

    def firm_lines(self, uscc: Uscc, *, case_id: int | None, before: int | None, most: int) -> Sequence[RatingLine]:
        """Return a page of a firm's ratings by case, the latest case first; of one case or all."""
        rows = self._session.all("firm_ratings", uscc=uscc, case_id=case_id, before=before, most=most)
        return [_line(row) for row in rows]

    def lines(
        self,
        *,
        policies: Collection[PolicyId] | None,
        waiting: bool,
        due_before: date | None,
        after: int,
        most: int,
    ) -> Sequence[RatingLine]:
        """Return a page of ratings by case; with `waiting` those that still need an answer."""
        rows = self._session.all(
            "ratings",
            case_id=None,
            policies=_within(policies),
            waiting=waiting,
            due_before=due_before,
            after=after,
            most=most,
        )
        return [_line(row) for row in rows]

    def line(self, case_id: int) -> RatingLine | None:
        """Return the rating of a case."""
        row = self._session.one(
            "ratings", case_id=case_id, policies=None, waiting=False, due_before=None, after=0, most=1
        )
        return None if row is None else _line(row)

    def answer(self, case_id: int, text: str, *, at: datetime, by: str) -> bool:
        """Keep the answer to a rating; `False`, and nothing kept, when it has one."""
        return self._session.one("answer_rating", case_id=case_id, text=text, at=at, by=by) is not None

    def sums(self, policies: Collection[PolicyId] | None) -> Sequence[RatingSum]:
        """Return what ratings add up to, by policy."""
        return [
            RatingSum(
                policy_id=row["policy_id"], firms=row["firms"], counts={grade: row[grade.value] for grade in Grade}
            )
            for row in self._session.all("rating_sums", policies=_within(policies))
        ]


def _within(policies: Collection[PolicyId] | None) -> list[PolicyId] | None:
    return None if policies is None else sorted(policies)


def _line(row: Row) -> RatingLine:
    return RatingLine(**{**row, "grade": Grade(row["grade"])})
