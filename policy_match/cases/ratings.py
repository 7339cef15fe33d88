"""How firms rate what they were paid: the five grades of 好差评, and which of them must be answered.

Guarantees only the words and limits. The grades are those in use under 国办发〔2019〕51号, as Sichuan and Shanxi write
them: 非常满意, 满意, 基本满意, 不满意, 非常不满意, of which the last two are bad (差评).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from policy_match.cases.words import Words
from policy_match.values import PolicyId, Uscc

ANSWER_DAYS = 5
"""Working days for the answer to a bad grade. A limit of the service: the State Council names no number."""


class Grade(StrEnum):
    """The grades, the best first."""

    VERY_GOOD = "very_good"
    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"
    VERY_BAD = "very_bad"


GRADE_WORDS: Mapping[Grade, Words] = {
    Grade.VERY_GOOD: Words("非常满意", "very satisfied"),
    Grade.GOOD: Words("满意", "satisfied"),
    Grade.FAIR: Words("基本满意", "fairly satisfied"),
    Grade.BAD: Words("不满意", "dissatisfied"),
    Grade.VERY_BAD: Words("非常不满意", "very dissatisfied"),
}

POINTS: Mapping[Grade, int] = {
    Grade.VERY_GOOD: 5,
    Grade.GOOD: 4,
    Grade.FAIR: 3,
    Grade.BAD: 2,
    Grade.VERY_BAD: 1,
}
"""What each counts in an average."""

BAD_GRADES = frozenset({Grade.BAD, Grade.VERY_BAD})


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingLine:
    """One rating, with its answer once there is one; `due` is the last day for it, none where none is needed.

    `answered_by` is empty where the firm looks: staff are not named to firms.
    """

    case_id: int
    policy_id: PolicyId
    uscc: Uscc
    grade: Grade
    text: str
    due: date | None
    at: datetime
    answer: str
    answered_at: datetime | None
    answered_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingSum:
    """How many firms rated cases of one policy, and how many cases got each grade."""

    policy_id: PolicyId
    firms: int
    counts: Mapping[Grade, int]

    @property
    def ratings(self) -> int:
        """The number of cases that were rated."""
        return sum(self.counts.values())

    @property
    def average_hundredths(self) -> int:
        """The average of 5 points for the best to 1 for the worst grade, in hundredths, halves upwards."""
        points = sum(POINTS[grade] * count for grade, count in self.counts.items())
        return (200 * points + self.ratings) // (2 * self.ratings)
