"""`refused.csv`: every row and value of the sources that was not taken, with its reason.

Guarantees that nothing in it is run as a formula: a cell that begins with = + - @, a tab, a line break or ' gets a '
in front. Taking one ' away from every cell that begins with one gives the cells as they were.
"""

import csv
import hashlib
import json
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from policy_match.facts.cleaning import Refusal, RefusedLine
from policy_match.facts.manifest import RefusedEntry
from policy_match.facts.reasons import ROW_REASONS, Reason
from policy_match.values import Digest

FILE_NAME = "refused.csv"
COLUMNS = ("source", "row", "what", "key", "fact", "column", "value", "reason", "reason_zh", "reason_en", "content")
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def neutralised(cell: str) -> str:
    """Return the cell as a spreadsheet shows it without running it."""
    return f"'{cell}" if cell.startswith(RISKY) else cell


def restored(cell: str) -> str:
    """Return the cell as it was before `neutralised`."""
    return cell[1:] if cell.startswith("'") else cell


class RefusedFile:
    """The file while it is being written. UTF-8 with a byte-order mark, so that Excel reads the Chinese."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._file = self._path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(COLUMNS)
        self._rows = 0

    def add(self, source: str, refusals: Sequence[Refusal]) -> None:
        """Write one line per refusal."""
        self._writer.writerows([neutralised(cell) for cell in _cells(source, refusal)] for refusal in refusals)
        self._rows += len(refusals)

    def close(self) -> RefusedEntry:
        """Finish the file and return what the manifest says of it."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return RefusedEntry(file=FILE_NAME, rows=self._rows, sha256=Digest(digest))

    def abandon(self) -> None:
        """Close the file without caring for what is in it."""
        try:
            self._file.close()
        except OSError:  # the disk is full: what could not be flushed is going to be removed
            return


def read_refused(directory: Path, *, skip: int, most: int) -> Sequence[RefusedLine]:
    """Return so many lines of a snapshot's file after the first `skip`."""
    with (directory / FILE_NAME).open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        return [_line(cells) for cells in islice(lines, skip, skip + most)]


def _line(cells: dict[str, str]) -> RefusedLine:
    found = {name: restored(cell) for name, cell in cells.items()}
    return RefusedLine(
        source=found["source"],
        refusal=Refusal(
            row=int(found["row"]),
            reason=Reason(found["reason"]),
            key=found["key"],
            fact=found["fact"],
            column=found["column"],
            value=found["value"],
            content=json.loads(found["content"]) if found["content"] else None,
        ),
    )


def _cells(source: str, refusal: Refusal) -> tuple[str, ...]:
    content = refusal.content
    return (
        source,
        str(refusal.row),
        "row" if refusal.reason in ROW_REASONS else "value",
        refusal.key,
        refusal.fact,
        refusal.column,
        refusal.value,
        refusal.reason.value,
        refusal.reason.chinese,
        refusal.reason.english,
        "" if content is None else json.dumps(content, ensure_ascii=False),
    )
