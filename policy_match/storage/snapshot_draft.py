"""A snapshot while it is being written.

Guarantees that the directory appears under its final name only whole: everything is written beside it, flushed to
the disk and then renamed; on any error nothing is left. Reading snapshots is `snapshots`.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from policy_match.facts.canonical import ROW_GROUP_ROWS, key_columns
from policy_match.facts.cleaning import CleanChunk, Refusal
from policy_match.facts.defects import SnapshotNotWritten
from policy_match.facts.joining import Places
from policy_match.facts.manifest import FORMAT, Manifest, PublishedSnapshot, RefusedEntry, WrittenTable
from policy_match.facts.quality import QualityReport
from policy_match.storage.draft_directory import DraftDirectory, remove_abandoned
from policy_match.storage.quality_page import quality_page
from policy_match.storage.refused_file import RefusedFile
from policy_match.storage.snapshot_files import MANIFEST, QUALITY, QUALITY_PAGE, SNAPSHOT_MARK, verify_snapshot
from policy_match.storage.spill import Spill
from policy_match.values import Digest


class SnapshotFolderDraft:
    """A draft beside the snapshots in `folder`, which is made if it is not there.

    Beginning removes what imports that were killed have left there; drafts of running imports stay. Every `OSError`
    within the `with` block becomes `SnapshotNotWritten`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spills: dict[int, tuple[Spill, Spill]] = {}

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            remove_abandoned(self._folder)
            self._draft = DraftDirectory(self._folder)
        except OSError as error:
            raise self._not_written(error) from None
        try:
            self._content = self._draft.path / "content"
            self._content.mkdir()
            self._refused = RefusedFile(self._content)
        except OSError as error:
            self._draft.remove()
            raise self._not_written(error) from None
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._refused.abandon()
        for spill in self._all_spills():
            try:
                spill.close()
            except OSError as on_close:
                error = error or on_close
        self._draft.remove()
        if isinstance(error, OSError):
            raise self._not_written(error) from None

    def keep(self, source: int, chunk: CleanChunk) -> None:
        """Set the kept rows of one chunk aside, on disk."""
        if source not in self._spills:
            self._spills[source] = (
                Spill(self._draft.path / f"rows-{source}.arrow", compressed=False),
                Spill(self._draft.path / f"raw-{source}.arrow", compressed=True),
            )
        rows, raw = self._spills[source]
        rows.add(chunk.rows)
        raw.add(chunk.raw)

    def kept_rows(self, source: int, places: Places) -> pa.RecordBatch:
        """Return kept rows of a source as they were cleaned, in the order asked for."""
        return self._spills[source][0].take(places)

    def raw_rows(self, source: int, places: Places) -> pa.RecordBatch:
        """Return kept rows of a source as they were found, in the order asked for."""
        return self._spills[source][1].take(places)

    def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        """Add lines to `refused.csv`."""
        self._refused.add(source, refusals)

    def refused(self) -> RefusedEntry:
        """Close `refused.csv` and return its entry."""
        return self._refused.close()

    def write_table(self, grain: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> WrittenTable:
        """Write one table of facts as Parquet, one batch per row group."""
        path = self._content / f"{grain}.parquet"
        strings = [
            field.name
            for field in schema
            if field.name not in key_columns(grain)
            and (pa.types.is_string(field.type) or pa.types.is_dictionary(field.type))
        ]
        rows = 0
        marked = schema.with_metadata({SNAPSHOT_MARK: FORMAT})
        with pq.ParquetWriter(path, marked, compression="zstd", use_dictionary=strings) as writer:
            for batch in batches:
                assert batch.num_rows <= ROW_GROUP_ROWS
                writer.write_batch(batch, row_group_size=ROW_GROUP_ROWS)
                rows += batch.num_rows
        _flush(path)
        with path.open("rb") as file:
            digest = Digest(hashlib.file_digest(file, "sha256").hexdigest())
        return WrittenTable(file=path.name, rows=rows, sha256=digest)

    def publish(self, manifest: Manifest, report: QualityReport) -> PublishedSnapshot:
        """Rename the draft to its id. A snapshot that is already there is checked and left as it is.

        Raises `SnapshotDamaged` when a snapshot of this id is there but is not what it was.
        """
        _write(self._content / MANIFEST, _json(manifest.document()))
        _write(self._content / QUALITY, _json(report.document()))
        _write(self._content / QUALITY_PAGE, quality_page(report))
        _flush(self._content)
        final = self._folder / manifest.id
        was_there = final.exists()
        if was_there:
            verify_snapshot(final)
        else:
            self._content.rename(final)
            _flush(self._folder)
        return PublishedSnapshot(id=manifest.id, directory=final, was_there=was_there)

    def _all_spills(self) -> Iterable[Spill]:
        return [spill for pair in self._spills.values() for spill in pair]

    def _not_written(self, error: OSError) -> SnapshotNotWritten:
        detail = os.strerror(error.errno) if error.errno else str(error).partition("\n")[0]
        return SnapshotNotWritten(directory=self._folder, detail=detail)


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, default=_exact_text) + "\n"


def _exact_text(value: object) -> str:
    """Return a number as all its digits, anything else (a day) as it prints itself."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _flush(path)


def _flush(path: Path) -> None:
    """Have the disk keep what was written to a file, or the names in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
