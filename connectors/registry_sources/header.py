"""The names of a source's columns.

Guarantees that a name is spelled as in the mapping, whatever spaces, full-width signs or byte-order mark surround it,
and that every column can be told from the others.
"""

from collections.abc import Sequence

from policy_match.facts.defects import ColumnTwice
from policy_match.facts.text import plain_word


def column_names(cells: Sequence[str | None], file: str) -> tuple[str, ...]:
    """Return the names in a header; a column without one is named by its place. Raises `ColumnTwice`."""
    names: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = plain_word(cell or "", free=True) or f"column {place}"
        if name in names:
            raise ColumnTwice(file=file, column=name)
        names.append(name)
    return tuple(names)
