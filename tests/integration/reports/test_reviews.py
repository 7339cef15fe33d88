"""Decline reasons and suggestions feed a review list; a review has an owner, an answer, and a decision by another."""

from pathlib import Path

import psycopg
import pytest

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.history import CaseFilter
from policy_match.reports.model import Cut
from policy_match.reports.reviews import ReviewOutcome, Sign
from policy_match.services.answer_cases import Answer, AnswerKind, answer_cases
from policy_match.services.case_history import list_cases
from policy_match.services.policy_reviews import (
    NoSuchPolicy,
    NoSuchReview,
    NothingSaid,
    NotTheOwner,
    ReviewNotOpen,
    ReviewOpen,
    answer_review,
    decide_review,
    list_suggestions,
    open_review,
    review_list,
    suggest,
)
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import CALENDAR, firms, make_world, notify_world, open_world
from tests.support.payment_flow import app_connection, rows
from tests.support.report_world import YEAR, Worked

CONFIRM = PolicyId("confirm")
FIRM = "firm:91370000MA00000001"
OWNER, OTHER = "invented.owner", "invented.director"


def open_one(worked: Worked) -> int:
    world = worked.world
    return open_review(world.database, world.clock, CONFIRM, YEAR, owner=OWNER, by=OTHER).review_id


def test_the_reason_that_a_firm_chose_is_kept_with_its_words(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    world = make_world(database, tmp_path, ("confirm",), 4)
    open_world(world)
    notify_world(world)
    cases = list_cases(database, CaseFilter(), most=10)
    answers = [
        Answer(
            case_id=case.case_id, kind=AnswerKind.DECLINE, by=f"firm:{case.uscc}", reason="金额不值得", because=because
        )
        for case, because in zip(cases, (DeclineReason.TOO_SMALL, DeclineReason.OTHER, None, None), strict=True)
    ]
    assert answer_cases(database, CALENDAR, answers, clock=world.clock).taken == 4
    world.clock.move(1)
    figures = Worked(world, tmp_path, database_url).report(internal=True).tables[Cut.POLICY].total.figures
    assert (figures["declined"], figures["reason_too_small"], figures["reason_other"]) == (4, 1, 1)
    assert figures["reason_not_stated"] == 2
    kept = rows(
        database_url, "SELECT r.code, e.reason FROM decline_reason AS r JOIN case_event AS e USING (case_id, seq)"
    )
    assert {(row["code"], row["reason"]) for row in kept} == {("too_small", "金额不值得"), ("other", "金额不值得")}


def test_a_refused_answer_leaves_no_reason(database: Database, database_url: str, tmp_path: Path) -> None:
    world = make_world(database, tmp_path, ("confirm",), 1)
    open_world(world)
    given = Answer(case_id=1, kind=AnswerKind.DECLINE, by="firm:X", reason="示例", because=DeclineReason.OTHER)
    assert answer_cases(database, CALENDAR, [given], clock=world.clock).refused
    assert rows(database_url, "SELECT * FROM decline_reason") == []


def test_a_suggestion_is_kept_and_listed(worked: Worked) -> None:
    world = worked.world
    number = suggest(world.database, world.clock, CONFIRM, "  希望分两次发放 ", by=FIRM)
    suggest(world.database, world.clock, PolicyId("direct"), "示例", by="wang.fang")
    (found,) = list_suggestions(world.database, CONFIRM)
    assert (found.suggestion_id, found.text, found.by) == (number, "希望分两次发放", FIRM)
    assert len(list_suggestions(world.database)) == 2
    assert len(list_suggestions(world.database, after=number)) == 1


@pytest.mark.parametrize("text", ["", "  \n ", "长" * 2001])
def test_an_empty_or_endless_suggestion_is_refused(worked: Worked, text: str) -> None:
    with pytest.raises(NothingSaid):
        suggest(worked.world.database, worked.world.clock, CONFIRM, text, by=FIRM)


def test_a_suggestion_for_no_policy_is_refused(worked: Worked) -> None:
    with pytest.raises(NoSuchPolicy):
        suggest(worked.world.database, worked.world.clock, PolicyId("nowhere"), "示例", by=FIRM)


def test_the_list_names_the_policies_and_why(worked: Worked) -> None:
    world = worked.world
    suggest(world.database, world.clock, PolicyId("title"), "示例", by=FIRM)
    lines = {line.policy_id: line for line in review_list(world.database, world.clock, YEAR)}
    signs = {policy: {finding.sign for finding in line.findings} for policy, line in lines.items()}
    assert Sign.UPHELD in signs[CONFIRM]
    assert Sign.UNREACHED in signs[CONFIRM]
    assert Sign.DECLINED in signs[PolicyId("collect")]
    assert signs[PolicyId("title")] == {Sign.SUGGESTIONS}
    (declined,) = (each for each in lines[PolicyId("collect")].findings if each.sign is Sign.DECLINED)
    assert sum(declined.detail.values()) <= declined.number
    counts = [len(line.findings) for line in review_list(world.database, world.clock, YEAR)]
    assert counts == sorted(counts, reverse=True)


def test_missing_facts_are_named_where_many_decisions_are_open(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    half = [firm if number % 2 else {**firm, "headcount": None} for number, firm in enumerate(firms(40))]
    world = make_world(database, tmp_path, ("direct",), half)
    (line,) = review_list(database, world.clock, YEAR)
    (finding,) = line.findings
    assert finding.sign is Sign.UNDETERMINED
    assert (finding.number, finding.of) == (20, 41)
    assert finding.detail == {"headcount": 20}


def test_a_review_goes_from_its_owner_to_somebody_elses_decision(worked: Worked) -> None:
    world = worked.world
    number = open_one(worked)
    answered = answer_review(world.database, world.clock, number, "额度偏低", by=OWNER)
    assert answered.answer is not None and answered.decision is None
    decided = decide_review(world.database, world.clock, number, ReviewOutcome.CHANGE, reason="下一年度提高", by=OTHER)
    assert decided.decision is not None
    assert (decided.decision.outcome, decided.decision.by) == (ReviewOutcome.CHANGE, OTHER)
    assert decided.found, "the signs are kept as they were"
    assert open_one(worked) != number


def test_the_signs_stay_as_they_were_when_the_review_began(worked: Worked) -> None:
    number = open_one(worked)
    with worked.world.database.unit_of_work() as work:
        before = work.reviews.review(number)
    suggest(worked.world.database, worked.world.clock, CONFIRM, "示例", by=FIRM)
    with worked.world.database.unit_of_work() as work:
        assert work.reviews.review(number) == before
    (line,) = (
        each for each in review_list(worked.world.database, worked.world.clock, YEAR) if each.policy_id == CONFIRM
    )
    assert line.review == before


def test_a_suggestion_before_the_review_is_no_sign_after_it(worked: Worked) -> None:
    world, title = worked.world, PolicyId("title")
    suggest(world.database, world.clock, title, "示例", by=FIRM)
    world.clock.move(1)
    opened = open_review(world.database, world.clock, title, YEAR, owner=OWNER, by=OTHER)
    assert [finding.sign for finding in opened.found] == [Sign.SUGGESTIONS]
    (line,) = (each for each in review_list(world.database, world.clock, YEAR) if each.policy_id == title)
    assert line.findings == ()
    assert line.review == opened


def test_a_policy_has_one_review_at_a_time(worked: Worked) -> None:
    open_one(worked)
    with pytest.raises(ReviewOpen, match=OWNER):
        open_one(worked)


def test_only_the_owner_answers_and_never_decides(worked: Worked) -> None:
    world, number = worked.world, open_one(worked)
    with pytest.raises(NotTheOwner):
        answer_review(world.database, world.clock, number, "示例", by=OTHER)
    answer_review(world.database, world.clock, number, "示例", by=OWNER)
    for nobody in (OWNER, "system", FIRM):
        with pytest.raises(NotTheOwner):
            decide_review(world.database, world.clock, number, ReviewOutcome.KEEP, reason="示例", by=nobody)
    with app_connection(worked.url) as connection, pytest.raises(psycopg.Error, match="answered review"):
        connection.execute(
            "INSERT INTO policy_review_decision (review_id, outcome, reason, at, by)"
            " VALUES (%s, 'keep', '示例', '2025-12-02', %s)",
            [number, OWNER],
        )


def test_the_steps_of_a_review_have_their_order(worked: Worked) -> None:
    world, number = worked.world, open_one(worked)
    with pytest.raises(ReviewNotOpen, match="no answer yet"):
        decide_review(world.database, world.clock, number, ReviewOutcome.KEEP, reason="示例", by=OTHER)
    answer_review(world.database, world.clock, number, "示例", by=OWNER)
    with pytest.raises(ReviewNotOpen, match="was answered"):
        answer_review(world.database, world.clock, number, "再答", by=OWNER)
    decide_review(world.database, world.clock, number, ReviewOutcome.END, reason="示例", by=OTHER)
    with pytest.raises(ReviewNotOpen, match="was decided"):
        decide_review(world.database, world.clock, number, ReviewOutcome.KEEP, reason="示例", by=OTHER)
    with pytest.raises(NoSuchReview):
        answer_review(world.database, world.clock, 99, "示例", by=OWNER)
    with pytest.raises(NoSuchPolicy):
        open_review(world.database, world.clock, PolicyId("nowhere"), YEAR, owner=OWNER, by=OTHER)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE suggestion SET text = 'x'",
        "DELETE FROM decline_reason",
        "UPDATE policy_review SET owner = 'x'",
        "DELETE FROM policy_review_answer",
        "TRUNCATE policy_review_decision",
    ],
)
def test_nothing_that_was_said_is_changed(database: Database, database_url: str, change: str) -> None:
    with (
        app_connection(database_url) as connection,
        pytest.raises(psycopg.Error, match=r"append-only|permission denied"),
    ):
        connection.execute(change.encode())
