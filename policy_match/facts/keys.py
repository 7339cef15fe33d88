"""The key of every row: the unified social credit code, or what an old register has in its place.

Guarantees one spelling per code (half-width, upper case, no spaces). A code whose check digit fails, and an old
registration number, identify a firm all the same: they are kept and counted, not refused.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from stdnum.cn import uscc

from policy_match.facts.text import plain_signs

CODE_LENGTH = 18
USABLE = r"^[\p{Han}0-9A-Z()〔〕/-]{8,32}$"
"""What is shorter or longer than the numbers that registers give out, or has other signs, is a remark."""

_WELL_FORMED = r"^\d{8}[0-9A-HJ-NPQRTUWXY]{10}$"
_LEGACY = r"^\d{15}$"
_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array((1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1), dtype=np.int64)
_PLACES = np.zeros(256, dtype=np.int64)
_PLACES[np.frombuffer(_ALPHABET, dtype=np.uint8)] = np.arange(len(_ALPHABET))


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyCounts:
    """How the usable keys look."""

    check_digit_failed: int = 0
    legacy_15_digits: int = 0
    other_form: int = 0

    def __add__(self, other: "KeyCounts") -> "KeyCounts":
        return KeyCounts(
            check_digit_failed=self.check_digit_failed + other.check_digit_failed,
            legacy_15_digits=self.legacy_15_digits + other.legacy_15_digits,
            other_form=self.other_form + other.other_form,
        )


def clean_keys(cells: pa.Array) -> pa.Array:
    """Return the keys in their one spelling; an empty cell is null."""
    bare = pc.utf8_upper(pc.replace_substring_regex(plain_signs(cells), r"\s+", ""))
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def usable(keys: pa.Array) -> pa.Array:
    """Return whether each key identifies a firm; null keys do not."""
    return pc.fill_null(pc.and_(pc.match_substring_regex(keys, USABLE), pc.match_substring_regex(keys, r"\d")), False)


def count_forms(keys: pa.Array) -> KeyCounts:
    """Count the keys that are not a credit code with a right check digit. `keys` are usable."""
    full = keys.filter(pc.equal(pc.utf8_length(keys), CODE_LENGTH))
    legacy = pc.sum(pc.match_substring_regex(keys, _LEGACY)).as_py() or 0
    return KeyCounts(
        check_digit_failed=len(full) - _right_check_digits(full),
        legacy_15_digits=legacy,
        other_form=len(keys) - len(full) - legacy,
    )


def _right_check_digits(codes: pa.Array) -> int:
    """Count the right codes among codes of 18 characters.

    GB 32100-2015: the weighted sum of the places of all 18 characters is a multiple of 31. It is summed for all
    codes at once; `stdnum`, which takes 10 µs a code, has the last word on those that the sum calls wrong.
    """
    formed = pc.match_substring_regex(codes, _WELL_FORMED)
    letters = np.frombuffer("".join(codes.filter(formed).to_pylist()).encode("ascii"), dtype=np.uint8)
    sums = _PLACES[letters.reshape(-1, CODE_LENGTH)] @ _WEIGHTS
    right = int(np.count_nonzero(sums % 31 == 0))
    doubtful = codes.filter(formed).filter(pa.array(sums % 31 != 0)).to_pylist()
    doubtful += codes.filter(pc.invert(formed)).to_pylist()
    return right + sum(uscc.is_valid(code) for code in doubtful)
