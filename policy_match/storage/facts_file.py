"""A facts file opened for a sweep: one column per fact, and nothing that must be guessed.

Guarantees that a wrong file is one clear error: names and keys are checked when it is opened, values while it is
read, all columns every time, whichever were asked for. Setting bad rows aside is the work of an import.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import rfc8785

from policy_match.facts.canonical import ROW_GROUP_ROWS, batch_schema, column_type, key_columns
from policy_match.facts.catalogue import FIRM, KEY, Fact, FactCatalogue
from policy_match.facts.defects import NotTheSameFile
from policy_match.facts.reading import Readings
from policy_match.ports import FactTables
from policy_match.storage.facts_table import FactsBatch, FactsTable
from policy_match.storage.firm_join import firm_facts_of
from policy_match.storage.snapshot_files import is_snapshot
from policy_match.storage.snapshots import open_snapshot
from policy_match.values import Digest, FactName, Uscc


def open_facts_file(path: Path, catalogue: FactCatalogue, records: Mapping[str, Path] | None = None) -> FactTables:
    """Return the facts in a CSV or Parquet file of firms and in files of `records` by grain, or in a snapshot.

    Raises an `InputError` for a column that is no fact of its table, a missing key column, a key that is empty,
    misspelt or there twice. A wrong value is a `WrongValue` when the batches are read.
    """
    if path.is_dir() or is_snapshot(path):
        return open_snapshot(path, catalogue)
    return FactsFile({FIRM: path, **(records or {})}, catalogue)


class FactsFile:
    """The tables of a facts file, as `ports.FactTables`, in the order of the file.

    A column `<fact>__observed` says on which day each value was observed; without one, values count as fresh.
    """

    def __init__(self, paths: Mapping[str, Path], catalogue: FactCatalogue) -> None:
        self._paths = paths
        self._catalogue = catalogue
        self._tables: dict[str, FactsTable] = {}
        self._rows: dict[str, int] = {}
        for grain, path in paths.items():
            self._tables[grain] = FactsTable(grain, path, catalogue)
            self._rows[grain] = self._tables[grain].check_keys()

    @cached_property
    def digest(self) -> Digest:
        """The SHA-256 of the file; of several files, that of their digests by grain as RFC 8785 JSON."""
        digests = {}
        for grain, path in self._paths.items():
            with path.open("rb") as file:
                digests[grain] = hashlib.file_digest(file, "sha256").hexdigest()
        if len(digests) == 1:
            return Digest(digests[FIRM])
        return Digest(hashlib.sha256(rfc8785.dumps(digests)).hexdigest())

    @property
    def grains(self) -> tuple[str, ...]:
        """The tables that are there, `firm` first."""
        return tuple(self._tables)

    def rows(self, grain: str) -> int:
        """Return how many rows the table of `grain` has."""
        return self._rows[grain]

    def batches(
        self, grain: str, facts: Sequence[FactName], as_of: date, max_rows: int = ROW_GROUP_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order: the keys, then the facts in canonical columns; a stale value is null.

        Firm facts asked for on a record grain are joined by `uscc`, which reads the firms anew for each batch of
        records. Raises `WrongValue`, after the last batch before the wrong value.
        """
        yield from _Rows(self._tables, grain, [self._catalogue[name] for name in facts], as_of).batches(max_rows)

    def address(self, grain: str, facts: Sequence[FactName], as_of: date) -> "FactsFileAddress":
        """Return by what other processes read the same columns. Raises `NotReadInParts` for a CSV file."""
        wanted = tuple(self._catalogue[name] for name in facts)
        needed = {grain, *(fact.grain for fact in wanted)}
        return FactsFileAddress(
            files={each: (self._paths[each].absolute(), self._tables[each].footer()) for each in sorted(needed)},
            catalogue=self._catalogue,
            grain=grain,
            facts=wanted,
            as_of=as_of,
        )

    def firm(self, uscc: Uscc, as_of: date) -> Readings | None:
        """Return every firm fact of one firm, or `None` when the firm is not there."""
        return next(iter(self._tables[FIRM].readings(uscc, as_of).values()), None)

    def records(self, grain: str, uscc: Uscc, as_of: date) -> Mapping[str, Readings]:
        """Return every fact of each record of one firm, by record id; empty when there is none."""
        return self._tables[grain].readings(uscc, as_of)


@dataclass(frozen=True, kw_only=True, slots=True)
class FactsFileAddress:
    """By what other processes read one table of Parquet files, as `ports.TableAddress`: paths and footers by grain.

    The keys are not checked again: a file with the same footer has the same ones.
    """

    files: Mapping[str, tuple[Path, Digest]]
    catalogue: FactCatalogue
    grain: str
    facts: tuple[Fact, ...]
    as_of: date

    def open(self) -> "_Rows":
        """Open the files anew. Raises an `InputError` when one is not there, `NotTheSameFile` when it is another."""
        tables = {}
        for grain, (path, footer) in self.files.items():
            tables[grain] = FactsTable(grain, path, self.catalogue)
            if tables[grain].footer() != footer:
                raise NotTheSameFile(file=path)
        return _Rows(tables, self.grain, self.facts, self.as_of)


class _Rows:
    """One table in canonical columns, with firm facts joined, as `ports.RowReader`."""

    def __init__(self, tables: Mapping[str, FactsTable], grain: str, facts: Sequence[Fact], as_of: date) -> None:
        self._tables = tables
        self._grain = grain
        self._facts = facts
        self._schema = batch_schema(grain, facts)
        self._joined = [fact for fact in facts if fact.grain != grain]
        self._as_of = as_of
        assert all(fact.grain == FIRM for fact in self._joined), "only facts of firms can stand beside records"

    def batches(self, max_rows: int) -> Iterator[pa.RecordBatch]:
        """Yield all rows in order. Raises `WrongValue`, after the last batch before the wrong value."""
        yield from map(self._canonical, self._tables[self._grain].read(max_rows))

    def read(self, first_row: int, rows: int) -> pa.RecordBatch:
        """Return consecutive rows. Raises `WrongValue`, counted in them alone."""
        return self._canonical(self._tables[self._grain].read_rows(first_row, rows))

    def _canonical(self, batch: FactsBatch) -> pa.RecordBatch:
        columns = {name: batch.keys[name] for name in key_columns(self._grain)}
        columns |= {fact.name: batch.usable(fact, self._as_of) for fact in self._facts if fact.grain == self._grain}
        if self._joined:
            columns |= self._of_firms(batch.keys[KEY])
        return pa.RecordBatch.from_arrays([columns[name] for name in self._schema.names], schema=self._schema)

    def _of_firms(self, records: pa.Array) -> dict[str, pa.Array]:
        schema = pa.schema([pa.field(fact.name, column_type(fact)) for fact in self._joined])
        firms = (
            pa.RecordBatch.from_arrays(
                [batch.keys[KEY], *(batch.usable(fact, self._as_of) for fact in self._joined)],
                names=[KEY, *schema.names],
            )
            for batch in self._tables[FIRM].read(ROW_GROUP_ROWS)
        )
        return dict(zip(schema.names, firm_facts_of(records, firms, schema), strict=True))
