"""Rows of a Parquet file from any place on.

Guarantees that only the row groups that hold some of the rows are decoded, in pieces of bounded size. Within a row
group Parquet is read from its beginning: a file is read in parts without waste when its row groups are no larger
than the parts, as in a snapshot.
"""

import hashlib
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from policy_match.facts.canonical import ROW_GROUP_ROWS
from policy_match.values import Digest


def read_rows(file: pq.ParquetFile, columns: Sequence[str], first_row: int, rows: int) -> pa.RecordBatch:
    """Return at least one consecutive row. Raises what pyarrow raises."""
    end = first_row + rows
    assert 0 <= first_row < end <= file.metadata.num_rows, "the rows are there"
    groups, before = _groups(file.metadata, first_row, end)
    parts = []
    at = before
    for batch in file.iter_batches(ROW_GROUP_ROWS, row_groups=groups, columns=list(columns), use_threads=False):
        skipped = max(first_row - at, 0)
        if skipped < batch.num_rows:
            parts.append(batch.slice(skipped, end - at - skipped))
        at += batch.num_rows
        if at >= end:
            break
    return parts[0] if len(parts) == 1 else pa.concat_batches(parts)


def footer_digest(file: pq.ParquetFile) -> Digest:
    """Return the SHA-256 of the footer, which names place, size and range of values of everything in the file."""
    footer = pa.BufferOutputStream()
    file.metadata.write_metadata_file(footer)
    return Digest(hashlib.sha256(footer.getvalue()).hexdigest())


def _groups(metadata: pq.FileMetaData, first_row: int, end: int) -> tuple[list[int], int]:
    """Return the row groups that hold some of the rows, and how many rows there are before them."""
    groups: list[int] = []
    start = before = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if start < end and start + rows > first_row:
            if not groups:
                before = start
            groups.append(group)
        start += rows
    return groups, before
