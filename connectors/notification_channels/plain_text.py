"""Text as every channel can carry it: no control characters, no half characters, else word for word.

Guarantees that what comes out can be encoded, has no line break but newlines, and never ends a header or a file name
early. Marks of direction, emoji and rare characters stay as they are.
"""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BREAKS = re.compile("\r\n?|\x85|\u2028|\u2029")
_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def plain(text: str) -> str:
    """Return a text of several lines: each kind of line break a newline, each other control character replaced."""
    return _UNFIT.sub(REPLACEMENT, _BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """Return a text on one line: each run of breaks, control characters and spaces is one space."""
    return _UNFIT.sub(REPLACEMENT, _SPACES.sub(" ", text)).strip()
