"""The key of every row."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from policy_match.facts.keys import clean_keys, count_forms, usable
from tests.support.registry import code


def test_a_code_has_one_spelling() -> None:
    wide = "91999900ma0000001" + code(1)[-1]
    cells = pa.array([f" {wide}\u3000", wide.upper().translate({ord("9"): "9"}), "\ufeff" + wide, "", None])
    assert clean_keys(cells).to_pylist() == [code(1)] * 3 + [None, None]


def test_remarks_are_not_keys_but_old_numbers_are() -> None:
    keys = pa.array(
        ["无", "-", "370212228012345", "13830295-X", "企合鲁总字第000123号", "不详不详不详不详", None, "1" * 33]
    )
    assert usable(keys).to_pylist() == [False, False, True, True, True, False, False, False]


def test_forms_are_counted() -> None:
    wrong = code(2)[:-1] + ("0" if code(2)[-1] != "0" else "1")
    counts = count_forms(pa.array([code(1), wrong, "370212228012345", "13830295-X", "9" * 18]))
    assert (counts.check_digit_failed, counts.legacy_15_digits, counts.other_form) == (2, 1, 1)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=18, max_size=18) | st.integers(0, 10**7 - 1).map(code))
def test_the_check_digit_is_judged_as_stdnum_does(key: str) -> None:
    assert count_forms(pa.array([key])).check_digit_failed == (not uscc.is_valid(key))
