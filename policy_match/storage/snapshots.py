"""Snapshots opened for reading.

Guarantees that what is read is what the catalogue says: a fact kept in another form is an error, a stale value is
null, a fact that the snapshot does not have is unknown. Writing snapshots is `snapshot_draft`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from policy_match.facts.canonical import (
    DICTIONARY,
    PARQUET_BUFFER_BYTES,
    ROW_GROUP_ROWS,
    batch_schema,
    column_type,
    key_columns,
    record_column,
    source_column,
)
from policy_match.facts.catalogue import FIRM, KEY, Fact, FactCatalogue
from policy_match.facts.defects import NotTheSameFile, SnapshotDamaged, SnapshotOutdated
from policy_match.facts.freshness import fresh_only
from policy_match.facts.manifest import Manifest, TableEntry
from policy_match.facts.reading import Reading, Readings, read_fact
from policy_match.storage.firm_join import firm_facts_of
from policy_match.storage.parquet_rows import read_rows
from policy_match.storage.snapshot_files import load_manifest, verify_snapshot
from policy_match.values import Digest, FactName, SnapshotId, Uscc


def open_snapshot(directory: Path, catalogue: FactCatalogue) -> "Snapshot":
    """Return the snapshot in the directory. Raises `SnapshotDamaged` or `SnapshotOutdated`; digests are not checked."""
    snapshot = Snapshot(directory, load_manifest(directory), catalogue)
    snapshot.check_form()
    return snapshot


class Snapshot:
    """The tables of one snapshot, as `ports.FactTables`. Rows are sorted by `uscc`, then by record id."""

    def __init__(self, directory: Path, manifest: Manifest, catalogue: FactCatalogue) -> None:
        self.directory = directory
        self.manifest = manifest
        self._catalogue = catalogue

    @property
    def digest(self) -> Digest:
        """The snapshot's id."""
        return Digest(self.manifest.id)

    @property
    def snapshot_id(self) -> SnapshotId:
        """The snapshot's id."""
        return self.manifest.id

    @property
    def manifest_text(self) -> str:
        """The manifest as JSON text."""
        return json.dumps(self.manifest.document(), ensure_ascii=False, sort_keys=True)

    @property
    def grains(self) -> tuple[str, ...]:
        """The tables that are there, `firm` first."""
        return tuple(sorted(self.manifest.tables, key=lambda grain: (grain != FIRM, grain)))

    def rows(self, grain: str) -> int:
        """Return how many rows the table of `grain` has."""
        return self.manifest.tables[grain].rows

    def verify(self) -> None:
        """Read every file and check its digest. Raises `SnapshotDamaged`."""
        verify_snapshot(self.directory)

    def check_form(self) -> None:
        """Raise `SnapshotOutdated` when the catalogue now says something else of a fact that is kept."""
        for grain, entry in self.manifest.tables.items():
            for column in entry.columns:
                fact = self._catalogue.get(FactName(column.name))
                kept = f"{column.type} (scale {column.scale}) per {grain}"
                if fact is not None and (fact.type, fact.scale, fact.grain) != (column.type, column.scale, grain):
                    wanted = f"{fact.type} (scale {fact.scale}) per {fact.grain}"
                    raise SnapshotOutdated(directory=self.directory, fact=fact.name, kept=kept, wanted=wanted)

    def batches(
        self, grain: str, facts: Sequence[FactName], as_of: date, max_rows: int = ROW_GROUP_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order: the keys, then the facts in canonical columns; a stale value is null.

        Firm facts asked for on a record grain are joined by `uscc`. Raises `SnapshotDamaged`.
        """
        yield from self.row_reader(grain, facts, as_of).batches(max_rows)

    def address(self, grain: str, facts: Sequence[FactName], as_of: date) -> "SnapshotAddress":
        """Return by what other processes read the same columns."""
        return SnapshotAddress(
            directory=self.directory.absolute(),
            snapshot_id=self.snapshot_id,
            catalogue=self._catalogue,
            grain=grain,
            facts=tuple(facts),
            as_of=as_of,
        )

    def row_reader(self, grain: str, facts: Sequence[FactName], as_of: date) -> "_Rows":
        """Return what reads the columns of `batches` from any place on."""
        wanted = [self._catalogue[name] for name in facts]
        tables = {each: self._table(each) for each in self.grains}
        return _Rows(tables, grain, wanted, as_of)

    def firm(self, uscc: Uscc, as_of: date) -> Readings | None:
        """Return every firm fact of one firm, or `None` when the firm is not there."""
        if FIRM not in self.grains:
            return None
        return next(iter(self._table(FIRM).readings(uscc, as_of).values()), None)

    def records(self, grain: str, uscc: Uscc, as_of: date) -> Mapping[str, Readings]:
        """Return every fact of each record of one firm, by record id; empty when there is none."""
        return self._table(grain).readings(uscc, as_of)

    def _table(self, grain: str) -> "_Table":
        return _Table(self.directory, grain, self.manifest.tables[grain], self.manifest, self._catalogue)


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotAddress:
    """By what other processes read one table of a snapshot, as `ports.TableAddress`."""

    directory: Path
    snapshot_id: SnapshotId
    catalogue: FactCatalogue
    grain: str
    facts: tuple[FactName, ...]
    as_of: date

    def open(self) -> "_Rows":
        """Open the table anew. Raises `SnapshotDamaged`, or `NotTheSameFile` for another snapshot."""
        snapshot = open_snapshot(self.directory, self.catalogue)
        if snapshot.snapshot_id != self.snapshot_id:
            raise NotTheSameFile(file=self.directory)
        return snapshot.row_reader(self.grain, self.facts, self.as_of)


class _Rows:
    """One table in canonical columns, with firm facts joined, as `ports.RowReader`."""

    def __init__(self, tables: Mapping[str, "_Table"], grain: str, facts: Sequence[Fact], as_of: date) -> None:
        self._tables = tables
        self._grain = grain
        self._schema = batch_schema(grain, facts)
        self._own = [fact for fact in facts if fact.grain == grain]
        self._joined = [fact for fact in facts if fact.grain != grain]
        self._as_of = as_of
        assert all(fact.grain == FIRM for fact in self._joined), "only facts of firms can stand beside records"

    def batches(self, max_rows: int) -> Iterator[pa.RecordBatch]:
        """Yield all rows in order."""
        yield from map(self._canonical, self._tables[self._grain].read(self._own, max_rows))

    def read(self, first_row: int, rows: int) -> pa.RecordBatch:
        """Return consecutive rows."""
        return self._canonical(self._tables[self._grain].read_rows(self._own, first_row, rows))

    def _canonical(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = {name: batch[name] for name in key_columns(self._grain)}
        columns |= {fact.name: self._tables[self._grain].usable(batch, fact, self._as_of) for fact in self._own}
        if self._joined:
            columns |= self._of_firms(batch[KEY])
        return pa.RecordBatch.from_arrays([columns[name] for name in self._schema.names], schema=self._schema)

    def _of_firms(self, records: pa.Array) -> dict[str, pa.Array]:
        schema = pa.schema([pa.field(fact.name, column_type(fact)) for fact in self._joined])
        if FIRM not in self._tables:
            return {field.name: pa.nulls(len(records), field.type) for field in schema}
        table = self._tables[FIRM]
        firms = (
            pa.RecordBatch.from_arrays(
                [batch[KEY], *(table.usable(batch, fact, self._as_of) for fact in self._joined)],
                names=[KEY, *schema.names],
            )
            for batch in table.read(self._joined, ROW_GROUP_ROWS, between=(records[0].as_py(), records[-1].as_py()))
        )
        return dict(zip(schema.names, firm_facts_of(records, firms, schema), strict=True))


class _Table:
    """One Parquet file of a snapshot."""

    def __init__(
        self, directory: Path, grain: str, entry: TableEntry, manifest: Manifest, catalogue: FactCatalogue
    ) -> None:
        self._path = directory / entry.file
        self._grain = grain
        self._entry = entry
        self._manifest = manifest
        self._facts = catalogue.of_grain(grain)
        self._columns = {column.name for column in entry.columns}

    def read(
        self, facts: Sequence[Fact], max_rows: int, between: tuple[str, str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield keys, facts and companions, row group by row group; with `between`, only where such codes can be."""
        with self._damage_named():
            groups = range(self._file.num_row_groups) if between is None else self._groups(*between)
            if groups:
                yield from self._file.iter_batches(
                    max_rows, row_groups=list(groups), columns=self._names(facts), use_threads=False
                )

    def read_rows(self, facts: Sequence[Fact], first_row: int, rows: int) -> pa.RecordBatch:
        """Return keys, facts and companions of consecutive rows."""
        with self._damage_named():
            return read_rows(self._file, self._names(facts), first_row, rows)

    def usable(self, batch: pa.RecordBatch, fact: Fact, as_of: date) -> pa.Array:
        """Return the fact's column with stale values null."""
        if fact.name not in self._columns:
            return pa.nulls(batch.num_rows, column_type(fact))
        column = batch[fact.name]
        observed = self._manifest.facts[FactName(fact.name)].observed
        return fresh_only(column, batch[fact.observed_column] if observed is None else observed, fact, as_of)

    def readings(self, uscc: Uscc, as_of: date) -> dict[str, Readings]:
        """Return the facts of each row of one firm by record id (for the firm table, by '')."""
        found: dict[str, Readings] = {}
        for batch in self.read(self._facts, ROW_GROUP_ROWS, between=(uscc, uscc)):
            for row in batch.filter(pc.equal(batch[KEY], uscc)).to_pylist():
                record = "" if self._grain == FIRM else row[record_column(self._grain)]
                found[record] = {fact.name: self._reading(fact, row, as_of) for fact in self._facts}
        return found

    def _reading(self, fact: Fact, row: Mapping[str, object], as_of: date) -> Reading:
        entry = self._manifest.facts.get(fact.name)
        if entry is None:
            return read_fact(fact, None, None, fact.source, as_of)
        value = row[fact.name]
        observed = entry.observed if entry.observed is not None else row[fact.observed_column]
        source = row.get(source_column(fact)) or "、".join(entry.sources)
        return read_fact(fact, value, observed if value is not None else None, str(source), as_of)  # type: ignore[arg-type]

    def _names(self, facts: Sequence[Fact]) -> list[str]:
        names = [*key_columns(self._grain)]
        for fact in facts:
            names += [name for name in (fact.name, fact.observed_column, source_column(fact)) if name in self._columns]
        return names

    def _groups(self, low: str, high: str) -> list[int]:
        metadata = self._file.metadata
        found = []
        for group in range(metadata.num_row_groups):
            statistics = metadata.row_group(group).column(0).statistics
            if statistics is None or (statistics.min <= high and statistics.max >= low):
                found.append(group)
        return found

    @cached_property
    def _file(self) -> pq.ParquetFile:
        with self._damage_named():
            strings = {fact.name for fact in self._facts if column_type(fact) == DICTIONARY}
            file = pq.ParquetFile(
                self._path,
                read_dictionary=sorted(strings & self._columns),
                pre_buffer=False,
                buffer_size=PARQUET_BUFFER_BYTES,
            )
            if file.metadata.num_rows != self._entry.rows:
                raise pa.ArrowInvalid(f"{file.metadata.num_rows} rows instead of {self._entry.rows}")
            return file

    @contextmanager
    def _damage_named(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            detail = str(error).partition("\n")[0]
            raise SnapshotDamaged(
                file=self._path, detail=f"cannot be read: {detail}", detail_zh=f"无法读取：{detail}"
            ) from None
