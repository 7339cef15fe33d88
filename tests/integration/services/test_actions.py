"""One key of one actor does one thing, and what was done stays known."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from policy_match.ports.actions import ActionRow, Actor, KeptAnswer
from policy_match.services.actions import (
    ANSWERS_KEPT,
    AnswerGone,
    KeyInUse,
    KeyUsed,
    answer_given,
    forget_answers,
    keep_action,
)
from policy_match.storage.unit_of_work import Database
from tests.support.cases import MovableClock

WANG = Actor(by="wang.fang")
ASKED, OTHER = (hashlib.sha256(text).digest() for text in (b"asked", b"other"))
ANSWER = KeptAnswer(status=201, location="/api/v1/cases/7", body=b'{"case_id":7}')


def row(actor: Actor = WANG, *, key: str | None = "k1", at: datetime | None = None) -> ActionRow:
    return ActionRow(
        request_id=uuid4(),
        at=at or datetime(2026, 3, 2, 9, tzinfo=UTC),
        actor=actor,
        operation="lodge_objection",
        path="/api/v1/cases/7/objections",
        status=201,
        key=key,
        request_digest=None if key is None else ASKED,
    )


def test_a_new_key_has_no_answer(database: Database) -> None:
    assert answer_given(database, WANG, "k1", ASKED) is None


def test_the_same_request_with_the_same_key_gets_the_same_answer(database: Database) -> None:
    keep_action(database, row(), ANSWER)
    assert answer_given(database, WANG, "k1", ASKED) == ANSWER


def test_another_request_with_the_same_key_is_refused(database: Database) -> None:
    keep_action(database, row(), ANSWER)
    with pytest.raises(KeyUsed):
        answer_given(database, WANG, "k1", OTHER)


def test_keys_of_two_actors_are_two_keys(database: Database) -> None:
    keep_action(database, row(), ANSWER)
    assert answer_given(database, Actor(by="li.na"), "k1", OTHER) is None
    assert answer_given(database, Actor(by=WANG.by, account="another"), "k1", OTHER) is None


def test_a_key_that_is_being_worked_on_is_not_taken_twice(database: Database) -> None:
    with database.request_work(read_only=False) as first:
        assert answer_given(first, WANG, "k1", ASKED) is None
        with database.request_work(read_only=False) as second, pytest.raises(KeyInUse):
            answer_given(second, WANG, "k1", ASKED)
        keep_action(first, row(), ANSWER)
        first.commit()
    assert answer_given(database, WANG, "k1", ASKED) == ANSWER


def test_a_request_that_died_leaves_its_key_free(database: Database) -> None:
    with database.request_work(read_only=False) as work:
        assert answer_given(work, WANG, "k1", ASKED) is None
        keep_action(work, row(), ANSWER)
    assert answer_given(database, WANG, "k1", OTHER) is None


@pytest.mark.parametrize("forget", [True, False], ids=["forgotten", "held a secret"])
def test_an_answer_that_is_not_kept_is_not_made_again(database: Database, forget: bool) -> None:
    made = row()
    keep_action(database, made, ANSWER if forget else None)
    clock = MovableClock(made.at + ANSWERS_KEPT + timedelta(seconds=1))
    assert forget_answers(database, clock) == int(forget)
    with pytest.raises(AnswerGone, match="2026-03-02"):
        answer_given(database, WANG, "k1", ASKED)
    with pytest.raises(KeyUsed):
        answer_given(database, WANG, "k1", OTHER)


def test_a_young_answer_is_not_forgotten(database: Database) -> None:
    made = row()
    keep_action(database, made, ANSWER)
    assert forget_answers(database, MovableClock(made.at + ANSWERS_KEPT)) == 0


CHANGES = ["UPDATE action SET by = 'nobody'", "DELETE FROM action", "TRUNCATE action CASCADE"]


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_done_cannot_be_changed(database: Database, database_url: str, change: str) -> None:
    keep_action(database, row(), ANSWER)
    with (
        psycopg.connect(database_url, options="-c search_path=policy_match") as connection,
        pytest.raises(psycopg.Error),
    ):
        connection.execute(change.encode())
