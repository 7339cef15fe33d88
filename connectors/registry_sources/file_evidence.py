"""What is kept of an input file: its name, size and SHA-256, and never where it lay.

Guarantees that the digest is of the bytes of the whole file. What is in the file is left to the adapters.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from policy_match.facts.defects import SourceUnreadable
from policy_match.facts.source_rows import SourceInput
from policy_match.values import Digest

BLOCK_BYTES = 1 << 20


def file_blocks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of the file. Raises `SourceUnreadable`."""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield block
    except OSError as error:
        raise SourceUnreadable(file=path, detail=error.strerror or str(error)) from None


def file_input(path: Path, rows: int, encoding: str | None = None) -> SourceInput:
    """Return the evidence of a file from which `rows` rows were read."""
    digest = hashlib.sha256()
    size = 0
    for block in file_blocks(path):
        digest.update(block)
        size += len(block)
    return SourceInput(name=path.name, sha256=Digest(digest.hexdigest()), rows=rows, size_bytes=size, encoding=encoding)
