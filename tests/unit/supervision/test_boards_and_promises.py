"""Boards and promises: whatever is counted adds up the same by department, by policy, and in all."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from policy_match.supervision.board import CountedStage, board
from policy_match.supervision.colours import Colour
from policy_match.supervision.escalation import Duty, levels_without_anybody
from policy_match.supervision.promises import (
    AGED,
    BUCKET_WORDS,
    BUCKETS,
    CountedPromises,
    Group,
    promise_lines,
)
from policy_match.supervision.stages import Stage, unit_of
from policy_match.values import PolicyId
from tests.support.standing import bucket_of

DAY = date(2025, 7, 1)
UNITS = st.sampled_from(["人社局", "科技局"])
POLICIES = st.sampled_from([PolicyId("a"), PolicyId("b"), PolicyId("c")])
NUMBERS = st.integers(1, 1000)


@st.composite
def counted_stages(draw: st.DrawFn) -> CountedStage:
    stage = draw(st.sampled_from(Stage))
    return CountedStage(
        unit=unit_of(stage, draw(UNITS)),
        policy_id=draw(POLICIES),
        stage=stage,
        colour=draw(st.sampled_from(Colour)),
        cases=draw(NUMBERS),
        fen=draw(NUMBERS),
        oldest_on=draw(st.dates(date(2025, 1, 1), DAY)),
    )


@st.composite
def counted_promises(draw: st.DrawFn) -> CountedPromises:
    group, fen = draw(st.sampled_from(Group)), draw(NUMBERS)
    return CountedPromises(
        unit=draw(UNITS),
        policy_id=draw(POLICIES),
        group=group,
        bucket=draw(st.integers(0, len(BUCKETS))) if group in AGED else 0,
        cases=draw(NUMBERS),
        fen=fen,
        opened_fen=fen + draw(st.integers(0, 50)),
    )


@given(st.lists(counted_stages(), max_size=30))
def test_a_board_adds_up_to_what_was_counted_however_it_is_cut(counted: Sequence[CountedStage]) -> None:
    for per_policy in (False, True):
        found = board(DAY, counted, (), per_policy=per_policy)
        for colour in Colour:
            assert found.cases[colour] == sum(each.cases for each in counted if each.colour is colour)
        assert sum(line.all_fen for line in found.lines) == sum(each.fen for each in counted)
        assert min((line.oldest_on for line in found.lines), default=None) == min(
            (each.oldest_on for each in counted), default=None
        )
        keys = [(line.unit, line.policy_id, line.stage) for line in found.lines]
        assert len(set(keys)) == len(keys)
        assert all(bool(line.policy_id) is per_policy for line in found.lines)


def duty(unit: str, level: int) -> Duty:
    return Duty(unit=unit, level=level, person="a", granted=True, at=datetime(2025, 7, 1, tzinfo=UTC), by="b")


def test_a_level_that_nobody_holds_is_named_but_never_for_the_firm() -> None:
    counted = [
        CountedStage(
            unit=unit_of(stage, "人社局"),
            policy_id=PolicyId("a"),
            stage=stage,
            colour=Colour.BLUE,
            cases=1,
            fen=1,
            oldest_on=DAY,
        )
        for stage in (Stage.ANSWER, Stage.REVIEW, Stage.ORDER)
    ]
    held = [duty("人社局", 1), duty("财政部门", 1), duty("财政部门", 2), duty("财政部门", 3)]
    assert board(DAY, counted, held, per_policy=False).nobody == {"人社局": (2, 3)}
    assert levels_without_anybody([], ["x"]) == {"x": (1, 2, 3)}


@given(st.lists(counted_promises(), max_size=30))
def test_promised_fulfilled_fallen_and_the_rest_are_what_is_owed(counted: Sequence[CountedPromises]) -> None:
    *lines, whole = promise_lines(counted)
    assert whole.owed.cases == sum(each.cases for each in counted) == sum(line.owed.cases for line in lines)
    assert whole.owed.fen == sum(each.opened_fen for each in counted)
    for line in (*lines, whole):
        assert sum(line.groups[group].cases for group in Group) == line.owed.cases
        assert sum(line.groups[group].fen for group in Group) + line.cut_fen == line.owed.fen
        for group in AGED:
            assert sum(each.cases for each in line.ages[group]) == line.groups[group].cases
            assert sum(each.fen for each in line.ages[group]) == line.groups[group].fen
    for group in Group:
        assert whole.groups[group].cases == sum(line.groups[group].cases for line in lines)


def test_nothing_owed_is_one_line_of_nothing() -> None:
    (whole,) = promise_lines([])
    assert (whole.owed.cases, whole.owed.fen, whole.cut_fen) == (0, 0, 0)


def test_each_age_has_its_bucket() -> None:
    assert [bucket_of(days) for days in (0, 7, 8, 30, 31, 90, 91, 180, 181, 9999)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert len(BUCKET_WORDS) == len(BUCKETS) + 1
