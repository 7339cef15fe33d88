"""Stages of approval: who may take which, what is missing, and from which amount a stage is asked."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.cases.approval import Act, Stage, StageDue, Task, check_may_take, conflicting_stage, stages_due
from policy_match.cases.defects import NotAPerson, TwoStages
from policy_match.policy.model import ApprovalStage

EVERY_STAGE = [
    Stage(task=Task.REVIEW),
    *(Stage(task=Task.APPROVAL, number=number) for number in (1, 2, 3)),
    Stage(task=Task.OBJECTION),
    Stage(task=Task.ORDER),
    Stage(task=Task.RECOVERY),
]
FIRST, SECOND = EVERY_STAGE[1], EVERY_STAGE[2]


@pytest.mark.parametrize(("taken", "wanted"), list(product(EVERY_STAGE, EVERY_STAGE)), ids=str)
@pytest.mark.parametrize("person", ["li.ming", "admin"])
def test_nobody_takes_two_stages_of_one_case(person: str, taken: Stage, wanted: Stage) -> None:
    acts = [Act(stage=taken, person=person)]
    if taken == wanted:
        check_may_take(person, wanted, acts)
    else:
        with pytest.raises(TwoStages, match=f"{person} has already done {taken} of this case"):
            check_may_take(person, wanted, acts)
    check_may_take("wang.fang", wanted, acts)


def test_every_task_is_among_the_stages_tested() -> None:
    assert {stage.task for stage in EVERY_STAGE} == set(Task)


@given(st.lists(st.tuples(st.sampled_from(EVERY_STAGE), st.sampled_from("abcd")), max_size=40))
def test_whatever_was_allowed_no_person_has_two_stages(attempts: list[tuple[Stage, str]]) -> None:
    acts: list[Act] = []
    for stage, person in attempts:
        try:
            check_may_take(person, stage, acts)
        except TwoStages:
            continue
        acts.append(Act(stage=stage, person=person))
    for person in "abcd":
        assert len({act.stage for act in acts if act.person == person}) <= 1


def test_who_signed_a_list_that_was_voided_may_sign_the_new_one_at_the_same_stage_only() -> None:
    acts = [Act(stage=FIRST, person="li.ming")]
    assert conflicting_stage("li.ming", FIRST, acts) is None
    assert conflicting_stage("li.ming", SECOND, acts) == FIRST


@pytest.mark.parametrize("person", ["system", "firm:91370200MA3CTEST01"])
@pytest.mark.parametrize("stage", EVERY_STAGE, ids=str)
def test_neither_the_program_nor_a_firm_takes_a_stage(person: str, stage: Stage) -> None:
    with pytest.raises(NotAPerson):
        check_may_take(person, stage, [])


STAGES = (
    ApprovalStage(role="reviewer"),
    ApprovalStage(role="approver", count=2, from_fen=10_000_000),
    ApprovalStage(role="director"),
)


def signed(*people: tuple[int, str]) -> list[Act]:
    return [Act(stage=Stage(task=Task.APPROVAL, number=number), person=person) for number, person in people]


def due(*missing: tuple[int, str, int]) -> tuple[StageDue, ...]:
    return tuple(StageDue(number=number, role=role, missing=count) for number, role, count in missing)


def test_a_stage_applies_when_one_case_of_the_list_reaches_its_amount() -> None:
    small = due((1, "reviewer", 1), (3, "director", 1))
    large = due((1, "reviewer", 1), (2, "approver", 2), (3, "director", 1))
    assert stages_due(STAGES, [9_999_999, 9_999_999], []) == small
    assert stages_due(STAGES, [1, 10_000_000], []) == large


def test_stages_are_taken_off_as_people_sign() -> None:
    amounts = [10_000_000]
    assert stages_due(STAGES, amounts, signed((1, "a"))) == due((2, "approver", 2), (3, "director", 1))
    assert stages_due(STAGES, amounts, signed((1, "a"), (2, "b"))) == due((2, "approver", 1), (3, "director", 1))
    assert stages_due(STAGES, amounts, signed((1, "a"), (2, "b"), (2, "c"))) == due((3, "director", 1))
    assert stages_due(STAGES, amounts, signed((1, "a"), (2, "b"), (2, "c"), (3, "d"))) == ()


def test_one_person_counts_once_within_a_stage_and_not_in_two() -> None:
    twice = signed((1, "a"), (2, "b"), (2, "b"), (3, "a"))
    assert stages_due(STAGES, [10_000_000], twice) == due((2, "approver", 1), (3, "director", 1))


def test_other_work_on_the_case_is_no_approval() -> None:
    acts = [Act(stage=Stage(task=Task.REVIEW), person="a")]
    assert stages_due(STAGES[:1], [1], acts) == due((1, "reviewer", 1))


def test_more_people_than_needed_do_no_harm() -> None:
    assert stages_due(STAGES[:1], [1], signed((1, "a"), (1, "b"))) == ()


def test_a_policy_without_stages_or_a_list_without_cases_asks_only_what_applies_to_all() -> None:
    assert stages_due((), [1], []) == ()
    assert stages_due(STAGES, [], []) == due((1, "reviewer", 1), (3, "director", 1))
