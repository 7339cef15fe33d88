"""What is no step of a case is told once: whoever runs at the same time, and wherever a run was broken off."""

import threading
from pathlib import Path

import pytest

from policy_match.cases.model import NoticeKind
from policy_match.policy.model import RuleBook
from policy_match.reports.reviews import SuggestionStatus
from policy_match.services.policy_reviews import suggest
from policy_match.services.reserve_list import decide_suggestion
from policy_match.services.tell_news import NewsTold, tell_news
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import World, make_world, uscc
from tests.support.prepared import lines

FIRM = f"firm:{uscc(1)}"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """A firm suggested something, and it went into the reserve list."""
    made = make_world(database, tmp_path, ("confirm",))
    decided(made, by=FIRM)
    return made


def decided(world: World, *, by: str) -> None:
    number = suggest(world.database, world.clock, PolicyId("confirm"), "一次发放", by=by)
    decide_suggestion(
        world.database, world.clock, number, SuggestionStatus.RESERVED, taken_into=None, reason="", by="li.na"
    )


def test_two_runs_at_once_tell_once(world: World) -> None:
    both = threading.Barrier(2)

    def rules() -> RuleBook:
        both.wait()  # each has read what waits before either writes
        return world.rules

    runs = [
        threading.Thread(target=tell_news, args=(world.database, rules), kwargs={"clock": world.clock})
        for _ in range(2)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(lines(world, kind=NoticeKind.SUGGESTION_DECIDED)) == 1
    assert tell_news(world.database, lambda: world.rules, clock=world.clock) == NewsTold(notices=0, waiting=0)


class Died(Exception):
    """The process ended."""


def test_a_run_that_was_broken_off_left_nothing_and_the_next_tells(world: World) -> None:
    def dies() -> RuleBook:
        raise Died

    with pytest.raises(Died):
        tell_news(world.database, dies, clock=world.clock)
    assert lines(world, kind=NoticeKind.SUGGESTION_DECIDED) == []
    assert tell_news(world.database, lambda: world.rules, clock=world.clock) == NewsTold(notices=1, waiting=0)


def test_what_staff_suggest_is_told_to_nobody_and_the_rules_are_read_only_for_something(world: World) -> None:
    tell_news(world.database, lambda: world.rules, clock=world.clock)
    decided(world, by="wang.fang")
    assert tell_news(world.database, lambda: world.rules, clock=world.clock) == NewsTold(notices=0, waiting=0)

    def never() -> RuleBook:
        raise AssertionError("nothing waits")

    assert tell_news(world.database, never, clock=world.clock) == NewsTold(notices=0, waiting=0)
