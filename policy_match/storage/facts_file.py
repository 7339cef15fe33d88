"""A facts file opened for a sweep: one column per fact, and nothing that must be guessed.

Guarantees that a wrong file is one clear error: names and keys are checked when it is opened, values while it is
read, all columns every time, whichever were asked for. Setting bad rows aside is the work of an import.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import rfc8785

from policy_match.facts.canonical import ROW_GROUP_ROWS, batch_schema, column_type, key_columns, record_column
from policy_match.facts.catalogue import FIRM, KEY, Fact, FactCatalogue, FactType
from policy_match.facts.defects import ColumnMissing, SourceEmpty, UnknownColumn, WrongValue
from policy_match.facts.freshness import fresh_only
from policy_match.facts.reading import Reading, Readings, read_fact
from policy_match.facts.reasons import Reason
from policy_match.facts.strict import convert
from policy_match.ports import FactTables
from policy_match.storage.facts_columns import FactsColumns, facts_columns
from policy_match.storage.facts_keys import check_keys
from policy_match.storage.firm_join import firm_facts_of
from policy_match.storage.snapshot_files import is_snapshot
from policy_match.storage.snapshots import open_snapshot
from policy_match.values import Digest, FactName, Uscc

DAY = Fact(name=FactName("observed"), label="观测日期", type=FactType.DATE)
"""What a column `<fact>__observed` holds."""


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
        self._tables = {grain: _Table(grain, path, catalogue) for grain, path in paths.items()}
        self._catalogue = catalogue

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
        return self._tables[grain].rows

    def batches(
        self, grain: str, facts: Sequence[FactName], as_of: date, max_rows: int = ROW_GROUP_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order: the keys, then the facts in canonical columns; a stale value is null.

        Firm facts asked for on a record grain are joined by `uscc`, which reads the firms anew for each batch of
        records. Raises `WrongValue`, after the last batch before the wrong value.
        """
        wanted = [self._catalogue[name] for name in facts]
        schema = batch_schema(grain, wanted)
        joined = [fact for fact in wanted if fact.grain != grain]
        assert all(fact.grain == FIRM for fact in joined), "only facts of firms can stand beside records"
        for batch in self._tables[grain].read(max_rows):
            columns = {name: batch.keys[name] for name in key_columns(grain)}
            columns |= {fact.name: batch.usable(fact, as_of) for fact in wanted if fact.grain == grain}
            if joined:
                columns |= self._of_firms(batch.keys[KEY], joined, as_of)
            yield pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)

    def firm(self, uscc: Uscc, as_of: date) -> Readings | None:
        """Return every firm fact of one firm, or `None` when the firm is not there."""
        return next(iter(self._tables[FIRM].readings(uscc, as_of).values()), None)

    def records(self, grain: str, uscc: Uscc, as_of: date) -> Mapping[str, Readings]:
        """Return every fact of each record of one firm, by record id; empty when there is none."""
        return self._tables[grain].readings(uscc, as_of)

    def _of_firms(self, records: pa.Array, facts: Sequence[Fact], as_of: date) -> dict[str, pa.Array]:
        schema = pa.schema([pa.field(fact.name, column_type(fact)) for fact in facts])
        firms = (
            pa.RecordBatch.from_arrays(
                [batch.keys[KEY], *(batch.usable(fact, as_of) for fact in facts)], names=[KEY, *schema.names]
            )
            for batch in self._tables[FIRM].read(ROW_GROUP_ROWS)
        )
        return dict(zip(schema.names, firm_facts_of(records, firms, schema), strict=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Batch:
    """Rows in canonical columns, all facts of the file."""

    keys: pa.RecordBatch
    values: Mapping[str, pa.Array]

    def usable(self, fact: Fact, as_of: date) -> pa.Array:
        if fact.name not in self.values:
            return pa.nulls(self.keys.num_rows, column_type(fact))
        column = self.values[fact.name]
        if fact.observed_column not in self.values:
            return column
        return fresh_only(column, self.values[fact.observed_column], fact, as_of)


@dataclass(kw_only=True, slots=True)
class _Wrong:
    """The first wrong value of a file and how many there are."""

    path: Path
    count: int = 0
    first: dict[str, object] = field(default_factory=dict)

    def add(self, column: str, cells: pa.Array, refused: pa.Array, first_row: int) -> None:
        where = pc.is_valid(refused)
        self.count += pc.sum(where).as_py()
        if not self.first:
            place = pc.index(where, True).as_py()
            reason = Reason(refused[place].as_py())
            self.first = {
                "row": first_row + place,
                "column": column,
                "value": cells[place].as_py(),
                "problem": reason.english,
                "problem_zh": reason.chinese,
            }

    def stop(self) -> None:
        if self.first:
            raise WrongValue(file=self.path, count=self.count, **self.first)


class _Table:
    """One file of a grain."""

    def __init__(self, grain: str, path: Path, catalogue: FactCatalogue) -> None:
        self._grain = grain
        self._path = path
        self._facts = catalogue.of_grain(grain)
        strings = [fact.name for fact in self._facts if fact.type in (FactType.STRING, FactType.STRING_LIST)]
        self._columns: FactsColumns = facts_columns(path, strings)
        self._read_as = self._check_names()
        self.rows = check_keys(path, self._columns, grain)
        if self.rows == 0:
            raise SourceEmpty(file=path)

    def read(self, max_rows: int) -> Iterator[_Batch]:
        """Yield all rows. On a wrong value, reads on to the end to count them, and raises `WrongValue`."""
        wrong = _Wrong(path=self._path)
        row = self._columns.first_row
        names = [*key_columns(self._grain), *self._read_as]
        for batch in self._columns.batches(names, max_rows):
            values = {}
            for name, fact in self._read_as.items():
                column = convert(batch[name], fact)
                if column.refused is not None:
                    wrong.add(name, batch[name], column.refused, row)
                values[name] = column.values
            row += batch.num_rows
            if not wrong.first:
                yield _Batch(keys=_keys(batch, self._grain), values=values)
        wrong.stop()

    def readings(self, uscc: Uscc, as_of: date) -> dict[str, Readings]:
        """Return the facts of each row of one firm by record id (for the firm table, by '')."""
        found: dict[str, Readings] = {}
        for batch in self.read(ROW_GROUP_ROWS):
            for place in pc.indices_nonzero(pc.equal(batch.keys[KEY], uscc)).to_pylist():
                record = "" if self._grain == FIRM else batch.keys[record_column(self._grain)][place].as_py()
                found[record] = {fact.name: self._reading(fact, batch, place, as_of) for fact in self._facts}
        return found

    def _reading(self, fact: Fact, batch: _Batch, place: int, as_of: date) -> Reading:
        if fact.name not in batch.values:
            return read_fact(fact, None, None, fact.source, as_of)
        days = batch.values.get(fact.observed_column)
        value = batch.values[fact.name][place].as_py()
        return read_fact(fact, value, None if days is None else days[place].as_py(), self._path.name, as_of)

    def _check_names(self) -> dict[str, Fact]:
        """Return what each column of the file is, keys left out."""
        names = self._columns.names()
        for key in key_columns(self._grain):
            if key not in names:
                raise ColumnMissing(str(self._path), key, names)
        known = {fact.name: fact for fact in self._facts} | {fact.observed_column: DAY for fact in self._facts}
        for name in names:
            if name not in known and name not in key_columns(self._grain):
                raise UnknownColumn(str(self._path), name, self._grain, known)
        return {name: known[name] for name in names if name in known}


def _keys(batch: pa.RecordBatch, grain: str) -> pa.RecordBatch:
    names = key_columns(grain)
    return pa.RecordBatch.from_arrays([batch[name].cast(pa.string()) for name in names], names=list(names))
