"""The digest of an approval list: canonical, exact about everything, and made in a stream."""

import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, replace
from random import Random
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from policy_match.cases.approval_list import (
    FORMAT,
    ApprovalList,
    ListedCase,
    ListHeader,
    canonical_lines,
    list_digest,
)
from policy_match.cases.defects import ListInvalid
from policy_match.values import Digest, PolicyId, SnapshotId, SweepId, Uscc

SNAPSHOT, SWEEP = SnapshotId("b" * 64), SweepId("c" * 64)


def a_listed_case(case_id: int = 1, amount_fen: int = 100) -> ListedCase:
    return ListedCase(
        case_id=case_id,
        policy_id=PolicyId("invented-grant"),
        version=Digest("a" * 64),
        uscc=Uscc("91370200MA3CTEST01"),
        record_id="",
        period="2025",
        instalment=1,
        amount_fen=amount_fen,
        seq=4,
    )


def a_list(*cases: ListedCase) -> ApprovalList:
    return ApprovalList(snapshot=SNAPSHOT, sweep=SWEEP, cases=cases)


THREE = a_list(*(a_listed_case(number, 100 * number) for number in (1, 2, 3)))

listed_cases = st.builds(
    ListedCase,
    case_id=st.integers(1, 2**53 - 1),
    policy_id=st.text(),
    version=st.text(),
    uscc=st.text(),
    record_id=st.text(),
    period=st.text(),
    instalment=st.integers(1, 99),
    amount_fen=st.integers(0, 2**53 - 1),
    seq=st.integers(0, 1_000),
)


@given(listed_cases)
def test_every_line_is_rfc_8785_json_of_the_case(case: ListedCase) -> None:
    _, line = canonical_lines(a_list(case).header, [case])
    assert line == rfc8785.dumps(asdict(case)) + b"\n"


def test_the_digest_is_that_of_the_lines_header_first() -> None:
    lines = list(canonical_lines(THREE.header, THREE.cases))
    assert json.loads(lines[0]) == {
        "count": 3,
        "format": FORMAT,
        "snapshot": SNAPSHOT,
        "sweep": SWEEP,
        "total_fen": 600,
    }
    assert [json.loads(line)["case_id"] for line in lines[1:]] == [1, 2, 3]
    assert THREE.digest == hashlib.sha256(b"".join(lines)).hexdigest()


def test_the_digest_of_a_list_stays_the_same_for_ever() -> None:
    assert THREE.digest == "6ae35387675e3535a7b707f5268b19b332d9d7eb1e07b4a5d5486fa76fdf9fcf"


def test_the_order_in_which_cases_are_held_does_not_matter() -> None:
    shuffled = list(THREE.cases)
    Random(1).shuffle(shuffled)
    assert a_list(*shuffled).digest == THREE.digest


@pytest.mark.parametrize("field", list(ListedCase.__dataclass_fields__))
def test_changing_any_field_of_any_case_gives_another_digest(field: str) -> None:
    for place in range(3):
        case = THREE.cases[place]
        value = getattr(case, field)
        changed_field: dict[str, Any] = {field: value + 10 if isinstance(value, int) else value + "x"}
        other = replace(case, **changed_field)
        changed = a_list(*(other if held is case else held for held in THREE.cases))
        assert changed.digest != THREE.digest


def test_swapping_two_amounts_gives_another_digest() -> None:
    one, two, three = THREE.cases
    swapped = a_list(replace(one, amount_fen=200), replace(two, amount_fen=100), three)
    assert swapped.header == THREE.header
    assert swapped.digest != THREE.digest


@pytest.mark.parametrize(
    "other",
    [
        replace(THREE, snapshot=SnapshotId("d" * 64)),
        replace(THREE, sweep=SweepId("d" * 64)),
        replace(THREE, cases=THREE.cases[:2]),
        replace(THREE, cases=(*THREE.cases, a_listed_case(4))),
        a_list(),
    ],
    ids=["snapshot", "sweep", "one less", "one more", "none"],
)
def test_another_snapshot_sweep_or_set_of_cases_gives_another_digest(other: ApprovalList) -> None:
    assert other.digest != THREE.digest


@pytest.mark.parametrize(
    ("cases", "says"),
    [
        ((2, 1, 3), "case 1 of 100 fen comes after case 2"),
        ((1, 1, 3), "case 1 of 100 fen comes after case 1"),
        ((1, 2), "says 3 cases and 600 fen; there are 2 and 300"),
        ((1, 2, 3, 4), "there are 4 and 1000"),
        ((1, 2, 4), "there are 3 and 700"),
    ],
)
def test_cases_that_are_not_what_the_header_says_give_no_digest(cases: tuple[int, ...], says: str) -> None:
    with pytest.raises(ListInvalid, match=says):
        list_digest(THREE.header, (a_listed_case(number, 100 * number) for number in cases))


@pytest.mark.parametrize("amounts", [(-1, 101), (2**53, 1), (2**53 - 1, 1)])
def test_amounts_that_json_does_not_keep_exactly_give_no_digest(amounts: tuple[int, ...]) -> None:
    cases = [a_listed_case(number, amount) for number, amount in enumerate(amounts, start=1)]
    with pytest.raises(ListInvalid):
        assert a_list(*cases).digest


def test_a_case_number_that_json_does_not_keep_exactly_gives_no_digest() -> None:
    with pytest.raises(ListInvalid):
        assert a_list(a_listed_case(2**53)).digest


def test_a_list_of_benefits_without_money_has_a_digest() -> None:
    assert a_list(a_listed_case(1, 0)).digest != a_list().digest


def test_memory_does_not_grow_with_the_list() -> None:
    def cases(count: int) -> Iterator[ListedCase]:
        return (a_listed_case(number, number) for number in range(1, count + 1))

    def peak(count: int) -> int:
        header = ListHeader(snapshot=SNAPSHOT, sweep=SWEEP, count=count, total_fen=count * (count + 1) // 2)
        tracemalloc.start()
        list_digest(header, cases(count))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40_000) < 2 * peak(10_000)
