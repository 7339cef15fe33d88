"""What a registry source hands over: rows of text, exactly as they were found.

Guarantees one shape for CSV, Excel, Parquet and a query: every cell is text and an empty cell is null. What the text
means is left to `cleaning`, which reads it through a mapping.
"""

from dataclasses import dataclass

import pyarrow as pa

from policy_match.values import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceInput:
    """The evidence of one input. `sha256` is of the file's bytes, or of the rows where there is no file."""

    name: str
    sha256: Digest
    rows: int
    size_bytes: int | None = None
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenRow:
    """A row whose cells cannot be put under the header, because there are too many or too few of them."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceChunk:
    """Some consecutive rows.

    `rows` has one string column per column of the source. `numbers` (int64) holds the number of each row as a person
    finds it: in files with a header line the header is row 1, elsewhere the first row is row 1.
    """

    numbers: pa.Array
    rows: pa.RecordBatch
    broken: tuple[BrokenRow, ...] = ()
