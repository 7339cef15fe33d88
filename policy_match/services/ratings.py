"""Ratings of what was paid (好差评): given once by the firm, answered by staff when they are bad, averaged for reports.

Guarantees that only a case that the bank paid is rated, once and for good, and that no average of too few firms is
given. Grades and limits are `cases.ratings`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from policy_match.cases.ratings import ANSWER_DAYS, BAD_GRADES, Grade, RatingLine
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.errors import InputError, QuestionError
from policy_match.ports import Clock, Database
from policy_match.reports.model import FEWEST_FIRMS
from policy_match.services.firm_cases import paid_case
from policy_match.values import PolicyId, Uscc

MOST_LISTED = 1_000
"""The largest page."""


class NoSuchRating(InputError):
    """The case was not rated."""

    code = "rating.unknown"
    http_status = 404
    english = "case {case_id} was not rated; see the list of ratings"
    chinese = "事项 {case_id} 没有评价；请见评价列表"


class RatedBefore(QuestionError):
    """A rating stays as it is."""

    code = "rating.given"
    english = "case {case_id} was rated before; a rating is not changed"
    chinese = "事项 {case_id} 已评价；评价提交后不可更改"


class RatingAnswered(QuestionError):
    """An answer stays as it is."""

    code = "rating.answered"
    english = "the rating of case {case_id} was answered before; see the answer"
    chinese = "事项 {case_id} 的评价已答复；请查看答复"


class AnswerMissing(InputError):
    """An answer has words."""

    code = "rating.answer"
    english = "write what you found and what was done: the firm reads it"
    chinese = "请写明核实情况和处理结果，企业会看到"


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingAverage:
    """How firms rate one policy; the average is none where fewer than `FEWEST_FIRMS` firms are behind it."""

    policy_id: PolicyId
    ratings: int | None
    average_hundredths: int | None


def rate_case(
    database: Database,
    calendar: WorkingDays,
    clock: Clock,
    uscc: Uscc,
    case_id: int,
    grade: Grade,
    text: str,
    *,
    by: str,
) -> RatingLine:
    """Keep how a firm rates a case that the bank paid; a bad grade is due for an answer within `ANSWER_DAYS`.

    Raises `NoSuchCase`, `NoReceipt`, `RatedBefore` or `WorkingDaysUnknown`.
    """
    paid_case(database, uscc, case_id)
    now = clock.now()
    due = calendar.add_working_days(china_day(now), ANSWER_DAYS) if grade in BAD_GRADES else None
    with database.unit_of_work() as work:
        if not work.ratings.rate(case_id, grade, text.strip(), due, at=now, by=by):
            raise RatedBefore(case_id=case_id)
        (rated,) = work.ratings.firm_lines(uscc, case_id=case_id, before=None, most=1)
        work.commit()
    return rated


def firm_ratings(database: Database, uscc: Uscc, *, before: int | None = None, most: int = 100) -> Sequence[RatingLine]:
    """Return a page of a firm's ratings with their answers, the latest case first."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} ratings"
    with database.unit_of_work() as work:
        return work.ratings.firm_lines(uscc, case_id=None, before=before, most=most)


def firm_rating(database: Database, uscc: Uscc, case_id: int) -> RatingLine | None:
    """Return a firm's rating of a case that the bank paid; `None` before it. Raises `NoSuchCase` or `NoReceipt`."""
    paid_case(database, uscc, case_id)
    with database.unit_of_work() as work:
        found = work.ratings.firm_lines(uscc, case_id=case_id, before=None, most=1)
    return found[0] if found else None


def list_ratings(
    database: Database,
    clock: Clock,
    *,
    policies: Collection[PolicyId] | None = None,
    waiting: bool = False,
    overdue: bool = False,
    after: int = 0,
    most: int = 100,
) -> Sequence[RatingLine]:
    """Return a page of ratings by case; with `waiting` the bad ones without an answer, with `overdue` the late ones."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} ratings"
    due_before = china_day(clock.now()) if overdue else None
    with database.unit_of_work() as work:
        return work.ratings.lines(
            policies=policies, waiting=waiting or overdue, due_before=due_before, after=after, most=most
        )


def show_rating(database: Database, case_id: int) -> RatingLine:
    """Return the rating of a case. Raises `NoSuchRating`."""
    with database.unit_of_work() as work:
        found = work.ratings.line(case_id)
    if found is None:
        raise NoSuchRating(case_id=case_id)
    return found


def answer_rating(database: Database, clock: Clock, case_id: int, text: str, *, by: str) -> RatingLine:
    """Answer a rating, bad or not, once. Raises `NoSuchRating`, `RatingAnswered` or `AnswerMissing`."""
    if not text.strip():
        raise AnswerMissing
    show_rating(database, case_id)
    with database.unit_of_work() as work:
        if not work.ratings.answer(case_id, text.strip(), at=clock.now(), by=by):
            raise RatingAnswered(case_id=case_id)
        work.commit()
    return show_rating(database, case_id)


def rating_averages(database: Database, policies: Collection[PolicyId] | None = None) -> Sequence[RatingAverage]:
    """Return how firms rate each policy. There is no total, so that nothing hidden can be computed from the rest."""
    with database.unit_of_work() as work:
        sums = work.ratings.sums(policies)
    return [
        RatingAverage(
            policy_id=each.policy_id,
            ratings=each.ratings if each.firms >= FEWEST_FIRMS else None,
            average_hundredths=each.average_hundredths if each.firms >= FEWEST_FIRMS else None,
        )
        for each in sums
    ]
