"""The life of an attempt, and news that comes late, twice or out of order."""

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.payments.attempts import (
    EVENT_OF_LINE,
    EVENT_OF_STATUS,
    SUPERSEDED,
    TRANSITIONS,
    AttemptEvent,
    AttemptStatus,
    News,
    WrongAttemptStep,
    apply,
    may_try_again,
    news,
)
from policy_match.payments.messages import LineKind, ReportedStatus
from policy_match.payments.sql_rules import insert_attempt_transitions

STORAGE = Path(__file__).parents[3] / "policy_match" / "storage"
SPEC = """
           send      accept    lose      settle    reject    return
stored     sent      !         !         !         !         !
sent       =         accepted  unknown   settled   rejected  returned
accepted   =         =         =         settled   rejected  returned
unknown    =         accepted  =         settled   rejected  returned
settled    =         =         =         =         !         returned
rejected   =         =         =         !         =         !
returned   =         =         =         =         !         =
"""
"""The status after each event; `=` already known, `!` a contradiction."""


def cells() -> list[tuple[AttemptStatus, AttemptEvent, str]]:
    head, *rows = SPEC.strip("\n").splitlines()
    return [
        (AttemptStatus(row.split()[0]), AttemptEvent(event), cell)
        for row in rows
        for event, cell in zip(head.split(), row.split()[1:], strict=True)
    ]


def test_the_table_of_the_specification_is_whole() -> None:
    assert {(status, event) for status, event, _ in cells()} == {(s, e) for s in AttemptStatus for e in AttemptEvent}
    assert set(SUPERSEDED) == set(AttemptStatus)


@pytest.mark.parametrize(("status", "event", "cell"), cells())
def test_each_event_does_what_the_table_says(status: AttemptStatus, event: AttemptEvent, cell: str) -> None:
    if cell in "=!":
        assert news(status, event) is (News.ALREADY_KNOWN if cell == "=" else News.CONTRADICTION)
        with pytest.raises(WrongAttemptStep):
            apply(status, event)
    else:
        assert news(status, event) is News.APPLY
        assert apply(status, event) is AttemptStatus(cell)


def test_a_wrong_step_says_what_is_possible() -> None:
    with pytest.raises(WrongAttemptStep) as caught:
        apply(AttemptStatus.SETTLED, AttemptEvent.REJECT)
    assert caught.value.code == "payment.step"
    assert "an attempt that is settled takes no reject; possible: return" in caught.value.message("en")
    with pytest.raises(WrongAttemptStep, match="possible: -"):
        apply(AttemptStatus.RETURNED, AttemptEvent.SEND)


@pytest.mark.parametrize("file", ["schema.sql", "migrations/0003_cases_and_payments.sql"])
def test_the_migration_holds_this_table(file: str) -> None:
    assert insert_attempt_transitions() in (STORAGE / file).read_text(encoding="utf-8")


def test_the_database_gets_the_same_table() -> None:
    statement = insert_attempt_transitions()
    assert statement.startswith("INSERT INTO attempt_transition (before, event, after) VALUES\n")
    assert [tuple(row.strip(" (),;").replace("'", "").split(", ")) for row in statement.splitlines()[1:]] == [
        (step.before, step.event, step.after) for step in TRANSITIONS
    ]


def test_a_new_attempt_needs_an_end_of_the_old_one() -> None:
    assert {status for status in AttemptStatus if may_try_again(status)} == {"rejected", "returned"}


def test_what_a_bank_says_is_an_event_or_moves_nothing() -> None:
    assert EVENT_OF_STATUS == {"accepted": "accept", "settled": "settle", "rejected": "reject"}
    assert EVENT_OF_LINE == {"booking": "settle", "return": "return"}
    assert set(ReportedStatus) - set(EVENT_OF_STATUS) == {ReportedStatus.OTHER}
    assert set(LineKind) - set(EVENT_OF_LINE) == {LineKind.OTHER}


def heard(*events: AttemptEvent) -> tuple[AttemptStatus, list[News]]:
    """Take the news of a sent attempt one after the other."""
    status, heard_as = AttemptStatus.SENT, []
    for event in events:
        heard_as.append(news(status, event))
        if heard_as[-1] is News.APPLY:
            status = apply(status, event)
    return status, heard_as


@pytest.mark.parametrize(
    "told",
    [
        (AttemptEvent.LOSE, AttemptEvent.ACCEPT, AttemptEvent.SETTLE),
        (AttemptEvent.LOSE, AttemptEvent.ACCEPT, AttemptEvent.REJECT),
        (AttemptEvent.ACCEPT, AttemptEvent.SETTLE, AttemptEvent.RETURN),
    ],
)
def test_true_news_leads_to_one_end_in_any_order(told: tuple[AttemptEvent, ...]) -> None:
    ends = {heard(*order)[0] for order in permutations((*told, told[-1]))}
    assert len(ends) == 1
    assert all(News.CONTRADICTION not in heard(*order)[1] for order in permutations(told))


@given(st.lists(st.sampled_from(AttemptEvent), max_size=12))
def test_an_attempt_settles_once_whatever_is_heard(events: list[AttemptEvent]) -> None:
    status, settled = AttemptStatus.STORED, 0
    for event in events:
        if news(status, event) is News.APPLY:
            settled += event is AttemptEvent.SETTLE
            status = apply(status, event)
        elif news(status, event) is News.ALREADY_KNOWN:
            assert event in SUPERSEDED[status]
    assert settled <= 1


@given(st.sampled_from(AttemptStatus), st.sampled_from(AttemptEvent))
def test_what_was_applied_is_known_from_then_on(status: AttemptStatus, event: AttemptEvent) -> None:
    if news(status, event) is News.APPLY:
        after = apply(status, event)
        assert news(after, event) is News.ALREADY_KNOWN
        assert SUPERSEDED[status] <= SUPERSEDED[after]
