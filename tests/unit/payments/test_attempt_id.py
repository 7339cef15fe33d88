"""Attempt ids: the same for the same attempt, different otherwise, and safe against typing."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.payments.attempt_id import attempt_id, check_characters, is_attempt_id
from policy_match.values import PolicyId, Uscc

PARTS: dict[str, Any] = {
    "case_id": 7,
    "policy_id": PolicyId("cn-stable-post-refund"),
    "uscc": Uscc("91370212MA3C000017"),
    "period": "2025",
    "instalment": 1,
    "number": 1,
}
OTHERS: dict[str, Any] = {
    "case_id": 8,
    "policy_id": PolicyId("cn-stable-post-refunds"),
    "uscc": Uscc("91370212MA3C000025"),
    "period": "2025-H1",
    "instalment": 2,
    "number": 2,
}
ID = attempt_id(**PARTS)

attempts = st.builds(
    attempt_id,
    st.integers(1, 2**62),
    st.from_regex(r"[a-z0-9-]{1,60}", fullmatch=True).map(PolicyId),
    st.from_regex(r"[0-9A-Z]{18}", fullmatch=True).map(Uscc),
    st.sampled_from(["once", "event", "2025", "2025-H1", "2025-06"]),
    st.integers(1, 99),
    st.integers(1, 99),
)


def test_an_attempt_has_the_id_that_it_always_had() -> None:
    assert ID == "PMTDI6ILD257BXWF7M6GRO256QF6MK"


def test_check_characters_are_those_of_the_example_in_iso_7064() -> None:
    assert check_characters("ISO79") == "3W"


@given(attempts)
def test_an_id_fits_the_end_to_end_id_of_iso_20022(made: str) -> None:
    assert re.fullmatch("PM[A-Z0-9]{28}", made)
    assert is_attempt_id(made)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_makes_another_id(part: str) -> None:
    assert attempt_id(**{**PARTS, part: OTHERS[part]}) != ID


@given(attempts, st.integers(0, 29), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
def test_one_wrong_character_is_noticed(made: str, place: int, character: str) -> None:
    changed = made[:place] + character + made[place + 1 :]
    assert is_attempt_id(changed) == (changed == made)


@given(attempts, st.integers(0, 28))
def test_two_characters_the_wrong_way_round_are_noticed(made: str, place: int) -> None:
    changed = made[:place] + made[place + 1] + made[place] + made[place + 2 :]
    assert is_attempt_id(changed) == (changed == made)


@pytest.mark.parametrize("text", ["", "PM", ID.lower(), f" {ID}", f"{ID}\n", ID + "0", ID.replace("P", "Ｐ", 1)])
def test_another_form_is_no_id(text: str) -> None:
    assert not is_attempt_id(text)
