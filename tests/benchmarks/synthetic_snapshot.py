"""Synthetic firms as a snapshot on disk, and the same tables held in memory.

Guarantees the form in which real snapshots are written and read, so that what is measured is what is used.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from policy_match.facts.canonical import ROW_GROUP_ROWS, batch_schema, stored_type
from policy_match.facts.catalogue import FIRM, KEY, Fact
from policy_match.facts.manifest import ColumnEntry, FactEntry, Manifest, TableEntry
from policy_match.facts.quality import QualityReport
from policy_match.facts.reading import Readings
from policy_match.policy.fingerprint import catalogue_digest
from policy_match.ports import FactTables, TableAddress
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.storage.snapshots import Snapshot, open_snapshot
from policy_match.values import Digest, FactName, Uscc
from tests.benchmarks.synthetic_facts import AS_OF, blocks, catalogue


def write_snapshot(folder: Path, rows: int) -> Path:
    """Write a snapshot of the first `rows` synthetic firms under `folder` and return its directory."""
    facts = catalogue()
    with SnapshotFolderDraft(folder) as draft:
        written = draft.write_table(FIRM, batch_schema(FIRM, facts.values()), _row_groups(rows))
        columns = (
            ColumnEntry(name=KEY, type="key"),
            *(ColumnEntry(name=fact.name, type=fact.type, scale=fact.scale) for fact in facts.values()),
        )
        manifest = Manifest(
            inputs=(),
            catalogue_sha256=catalogue_digest(facts),
            tables={FIRM: TableEntry(file=written.file, rows=rows, sha256=written.sha256, columns=columns)},
            facts={name: FactEntry(sources=("synthetic",), observed=AS_OF) for name in facts},
            refused=draft.refused(),
        )
        report = QualityReport(
            snapshot=manifest.id,
            as_of=AS_OF,
            rows={FIRM: rows},
            sources=(),
            facts=(),
            rows_missing_in_source={},
            records_without_firm={},
        )
        return draft.publish(manifest, report).directory


def write_facts_file(path: Path, rows: int) -> None:
    """Write the first `rows` synthetic firms as a person would hand them over: amounts in yuan, plain strings."""
    facts = list(catalogue().values())
    fields = [pa.field(KEY, pa.string()), *(pa.field(fact.name, _natural_type(fact)) for fact in facts)]
    with pq.ParquetWriter(path, pa.schema(fields), compression="zstd") as writer:
        for group in _row_groups(rows):
            columns = [_natural(group.column(field.name), field.type) for field in fields]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, names=[field.name for field in fields]))


def _natural_type(fact: Fact) -> pa.DataType:
    return pa.decimal128(18, fact.scale) if fact.scale else stored_type(fact)


def _natural(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_decimal(kind):
        return column.cast(kind)
    fen = column.fill_null(0).to_numpy()
    words = np.stack([fen, fen >> 63], axis=1)  # a decimal is a little-endian integer of 16 bytes
    number = pa.Array.from_buffers(kind, len(fen), [None, pa.py_buffer(words)])
    return pc.if_else(column.is_valid(), number, pa.scalar(None, kind))


def open_synthetic(directory: Path) -> Snapshot:
    """Return a snapshot written by `write_snapshot`."""
    return open_snapshot(directory, catalogue())


def _row_groups(rows: int) -> Iterator[pa.RecordBatch]:
    waiting: list[pa.RecordBatch] = []
    for block in blocks(rows):
        waiting.append(block)
        over = sum(batch.num_rows for batch in waiting) - ROW_GROUP_ROWS
        if over >= 0:
            whole = block.num_rows - over
            yield from pa.Table.from_batches([*waiting[:-1], block.slice(0, whole)]).combine_chunks().to_batches()
            waiting = [block.slice(whole)] if over else []
    if waiting:
        yield from pa.Table.from_batches(waiting).combine_chunks().to_batches()


class HeldTables:
    """Tables read once and then served from memory."""

    def __init__(self, tables: FactTables, facts: Sequence[FactName], as_of: date) -> None:
        self._digest = tables.digest
        self._rows = {grain: tables.rows(grain) for grain in tables.grains}
        self._held = {grain: list(tables.batches(grain, facts, as_of)) for grain in tables.grains}

    @property
    def digest(self) -> Digest:
        """The digest of what was read."""
        return self._digest

    @property
    def grains(self) -> tuple[str, ...]:
        """The tables that were read."""
        return tuple(self._rows)

    def rows(self, grain: str) -> int:
        """How many rows the table has."""
        return self._rows[grain]

    def batches(
        self, grain: str, facts: Sequence[FactName], as_of: date, max_rows: int = ROW_GROUP_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield what was read, in pieces of at most `max_rows`."""
        for batch in self._held[grain]:
            for first in range(0, batch.num_rows, max_rows):
                yield batch.slice(first, max_rows)

    def address(self, grain: str, facts: Sequence[FactName], as_of: date) -> TableAddress:
        """What is held cannot be read elsewhere."""
        raise NotImplementedError

    def firm(self, uscc: Uscc, as_of: date) -> Readings | None:
        """No single firms are looked up in a benchmark."""
        raise NotImplementedError

    def records(self, grain: str, uscc: Uscc, as_of: date) -> Mapping[str, Readings]:
        """No single records are looked up in a benchmark."""
        raise NotImplementedError
