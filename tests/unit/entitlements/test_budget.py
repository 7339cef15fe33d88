"""How a budget is shared among requests: worked examples and laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.entitlements.budget import Request, allocate
from policy_match.policy.model import Allocation

amounts = st.lists(st.integers(0, 10**12), max_size=12)
budgets = st.integers(0, 10**13)
rules = st.sampled_from(Allocation)


def requests(*fen: int) -> list[Request]:
    return [Request(key=place, fen=each) for place, each in enumerate(fen)]


@pytest.mark.parametrize(
    ("how", "fen", "available", "granted", "left"),
    [
        (Allocation.FIRST_COME, (50, 30, 20), 100, [50, 30, 20], 0),
        (Allocation.FIRST_COME, (50, 60, 20), 100, [50, 0, 0], 50),
        (Allocation.FIRST_COME, (50, 0, 20), 0, [0, 0, 0], 0),
        (Allocation.FIRST_COME, (), 100, [], 100),
        (Allocation.RANK, (20, 60, 50, 60), 130, [0, 60, 0, 60], 10),
        (Allocation.RANK, (20, 60), 10, [0, 0], 10),
        (Allocation.PRO_RATA, (50, 30, 20), 101, [50, 30, 20], 1),
        (Allocation.PRO_RATA, (50, 30, 20), 50, [25, 15, 10], 0),
        (Allocation.PRO_RATA, (10, 10, 10), 20, [7, 7, 6], 0),
        (Allocation.PRO_RATA, (1, 1, 98), 50, [1, 0, 49], 0),
        (Allocation.PRO_RATA, (0, 5), 4, [0, 4], 0),
        (Allocation.PRO_RATA, (3, 5), 0, [0, 0], 0),
    ],
)
def test_a_worked_example(how: Allocation, fen: tuple[int, ...], available: int, granted: list[int], left: int) -> None:
    allotment = allocate(requests(*fen), available, how)
    assert [grant.granted_fen for grant in allotment.grants] == granted
    assert allotment.left_fen == left


def test_a_score_ranks_before_the_amount_and_ties_keep_their_order() -> None:
    asked = [Request(key="a", fen=50, score=1), Request(key="b", fen=20, score=9), Request(key="c", fen=30, score=9)]
    allotment = allocate(asked, 60, Allocation.RANK)
    assert [(grant.key, grant.granted_fen, grant.position) for grant in allotment.grants] == [
        ("a", 0, 3),
        ("b", 20, 1),
        ("c", 30, 2),
    ]


def test_the_queue_shows_who_waits_and_where() -> None:
    allotment = allocate(requests(50, 60, 20), 100, Allocation.FIRST_COME)
    assert [(grant.position, grant.waits) for grant in allotment.grants] == [(1, False), (2, True), (3, True)]
    part = allocate(requests(60, 60), 60, Allocation.PRO_RATA)
    assert [(grant.granted_fen, grant.waits) for grant in part.grants] == [(30, True), (30, True)]


@given(amounts, budgets, rules)
def test_no_more_than_the_budget_and_no_more_than_requested(fen: list[int], available: int, how: Allocation) -> None:
    allotment = allocate(requests(*fen), available, how)
    assert all(0 <= grant.granted_fen <= grant.requested_fen for grant in allotment.grants)
    assert sum(grant.granted_fen for grant in allotment.grants) + allotment.left_fen == available
    assert allotment.left_fen >= 0


@given(amounts, budgets)
def test_pro_rata_gives_out_the_budget_or_all_that_was_asked(fen: list[int], available: int) -> None:
    allotment = allocate(requests(*fen), available, Allocation.PRO_RATA)
    assert sum(grant.granted_fen for grant in allotment.grants) == min(available, sum(fen))


@given(amounts, budgets, budgets)
def test_more_budget_never_gives_anybody_less_under_first_come(fen: list[int], available: int, more: int) -> None:
    before = allocate(requests(*fen), available, Allocation.FIRST_COME)
    after = allocate(requests(*fen), available + more, Allocation.FIRST_COME)
    for one, other in zip(before.grants, after.grants, strict=True):
        assert one.granted_fen <= other.granted_fen


@given(amounts, budgets, rules)
def test_whole_requests_are_served_without_a_gap(fen: list[int], available: int, how: Allocation) -> None:
    grants = sorted(allocate(requests(*fen), available, how).grants, key=lambda grant: grant.position)
    if how is not Allocation.PRO_RATA:
        waiting = [grant.waits for grant in grants if grant.requested_fen]
        assert waiting == sorted(waiting)
