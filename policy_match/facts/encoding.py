"""Which encoding a text file is in, found by reading all of it.

Guarantees that a file is never half read: bytes outside the encoding are one error with their line and offset. A
UTF-8 file with damaged bytes is not mistaken for GB18030, in which almost any bytes mean something.
"""

import codecs
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from policy_match.facts.defects import WrongEncoding

UTF_8: Final = "utf-8"
GB18030: Final = "gb18030"
PROOF_OF_UTF_8: Final = 16
"""So many characters of several bytes before the first wrong byte prove that the file was meant as UTF-8."""

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, UTF_8), (b"\x84\x31\x95\x33", GB18030))
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Blocks = Callable[[], Iterable[bytes]]
"""Opens the file anew and gives its bytes in blocks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TextFound:
    """The encoding of a file and how many line ends it has."""

    encoding: str
    line_ends: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trial:
    """How far one encoding went. `offset` (from 0) is the first wrong byte, or `None` when all bytes are right."""

    line_ends: int
    offset: int | None
    long_characters: int


def find_encoding(blocks: Blocks, file: str, declared: str | None) -> TextFound:
    """Return the declared encoding, or UTF-8 or GB18030, whichever the bytes are in. Raises `WrongEncoding`."""
    start = next(iter(blocks()), b"")
    if start.startswith(_WIDE_MARKS) or b"\0" in start:
        advice = "save it as CSV in UTF-8 or GB18030"
        raise WrongEncoding(
            file=file,
            line=1,
            offset=0,
            encoding="text",
            advice=advice,
            advice_zh="请另存为 UTF-8 或 GB18030 编码的 CSV",
        )
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    wanted = declared or marked
    first = _try(blocks, wanted or UTF_8)
    if first.offset is None:
        return TextFound(encoding=wanted or UTF_8, line_ends=first.line_ends)
    if wanted is None and first.long_characters < PROOF_OF_UTF_8:
        second = _try(blocks, GB18030)
        if second.offset is None:
            return TextFound(encoding=GB18030, line_ends=second.line_ends)
        first, wanted = second, f"{UTF_8} or {GB18030}"
    raise WrongEncoding(
        file=file,
        line=first.line_ends + 1,
        offset=first.offset,
        encoding=wanted or UTF_8,
        advice="save it again in that encoding, or declare its own as `encoding` in the mapping",
        advice_zh="请按该编码重新保存，或在映射中用 encoding 声明其编码",
    )


def _try(blocks: Blocks, encoding: str) -> _Trial:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line_ends = long_characters = before = 0
    for block in blocks():
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            good = max(error.start - pending, 0)
            long_characters += _long_characters(block[:good].decode(encoding, "ignore"))
            ends = line_ends + block[:good].count(b"\n")
            return _Trial(line_ends=ends, offset=before - pending + error.start, long_characters=long_characters)
        line_ends += block.count(b"\n")
        long_characters += _long_characters(text) if long_characters < PROOF_OF_UTF_8 else 0
        before += len(block)
    pending = len(decoder.getstate()[0])
    cut = before - pending if pending else None
    return _Trial(line_ends=line_ends, offset=cut, long_characters=long_characters)


def _long_characters(text: str) -> int:
    """Return about how many characters take three bytes in UTF-8, as Chinese ones do."""
    return 0 if text.isascii() else (len(text.encode()) - len(text)) // 2
