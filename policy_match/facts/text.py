"""Making the signs in a column of text ordinary, so that one value is written one way.

Guarantees that full-width digits, letters and brackets become half-width and that spaces around a cell go. The text
as it was found stays in `refused.csv` wherever it could not be used.
"""

import string

import pyarrow as pa
import pyarrow.compute as pc

_NARROWED = string.digits + string.ascii_letters + "()[]{}"
_TO_NARROW = {ord(sign) + 0xFEE0: sign for sign in _NARROWED} | {0x3000: " "}
"""Unicode keeps the full-width forms of ASCII 0xFEE0 above it; the wide space stands apart."""
_WIDE_PATTERN = f"[{''.join(map(chr, _TO_NARROW))}]"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""Zero-width signs that copying from web pages and word processors leaves behind."""


def plain_text(cells: pa.Array) -> pa.Array:
    """Return names and other free text with half-width digits, letters and brackets; other punctuation stays."""
    trimmed = _trim(cells)
    wide = pc.fill_null(pc.match_substring_regex(trimmed, _WIDE_PATTERN), False)
    if not pc.any(wide).as_py():
        return trimmed
    narrowed = pa.array([text.translate(_TO_NARROW) for text in trimmed.filter(wide).to_pylist()], pa.string())
    return _trim(pc.replace_with_mask(trimmed, wide, narrowed))


def plain_signs(cells: pa.Array) -> pa.Array:
    """Return numbers, dates, codes and words with every sign in its compatible form (Unicode NFKC)."""
    return _trim(pc.utf8_normalize(cells, form="NFKC"))


def plain_word(text: str, *, free: bool) -> str:
    """Return one text as `plain_text` (when `free`) or `plain_signs` would."""
    column = pa.array([text], pa.string())
    return str((plain_text(column) if free else plain_signs(column))[0].as_py())


def _trim(cells: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.utf8_trim(pc.utf8_trim_whitespace(cells), characters=_INVISIBLE))
