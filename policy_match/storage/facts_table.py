"""One table of a facts file, in canonical columns.

Guarantees that names are checked when it is opened and every value while it is read, all columns every time,
whichever are asked for. Putting tables together is `facts_file`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.canonical import ROW_GROUP_ROWS, column_type, key_columns, record_column
from policy_match.facts.catalogue import FIRM, KEY, Fact, FactCatalogue, FactType
from policy_match.facts.defects import ColumnMissing, SourceEmpty, UnknownColumn, WrongValue
from policy_match.facts.freshness import fresh_only
from policy_match.facts.reading import Reading, read_fact
from policy_match.facts.reasons import Reason
from policy_match.facts.strict import convert
from policy_match.storage.facts_columns import FactsColumns, facts_columns
from policy_match.storage.facts_keys import check_keys
from policy_match.values import Digest, FactName, Uscc

DAY = Fact(name=FactName("observed"), label="观测日期", type=FactType.DATE)
"""What a column `<fact>__observed` holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FactsBatch:
    """Rows in canonical columns, all facts of the file."""

    keys: pa.RecordBatch
    values: Mapping[str, pa.Array]

    def usable(self, fact: Fact, as_of: date) -> pa.Array:
        """Return the fact's column with stale values null; all null when the file does not have it."""
        if fact.name not in self.values:
            return pa.nulls(self.keys.num_rows, column_type(fact))
        column = self.values[fact.name]
        if fact.observed_column not in self.values:
            return column
        return fresh_only(column, self.values[fact.observed_column], fact, as_of)


@dataclass(kw_only=True, slots=True)
class _Wrong:
    """The first wrong value of what was read and how many there are."""

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


class FactsTable:
    """One file of a grain. Raises an `InputError` for a column that is no fact of it, or a missing key column."""

    def __init__(self, grain: str, path: Path, catalogue: FactCatalogue) -> None:
        self._grain = grain
        self._path = path
        self._facts = catalogue.of_grain(grain)
        strings = [fact.name for fact in self._facts if fact.type in (FactType.STRING, FactType.STRING_LIST)]
        self._columns: FactsColumns = facts_columns(path, strings)
        self._read_as = self._check_names()

    def check_keys(self) -> int:
        """Return how many rows there are. Raises an `InputError` when there is none, or a key is wrong or twice."""
        rows = check_keys(self._path, self._columns, self._grain)
        if rows == 0:
            raise SourceEmpty(file=self._path)
        return rows

    def read(self, max_rows: int) -> Iterator[FactsBatch]:
        """Yield all rows. On a wrong value, reads on to the end to count them, and raises `WrongValue`."""
        wrong = _Wrong(path=self._path)
        row = 0
        for batch in self._columns.batches(self._names, max_rows):
            converted = self._convert(batch, row, wrong)
            row += batch.num_rows
            if not wrong.first:
                yield converted
        wrong.stop()

    def read_rows(self, first_row: int, rows: int) -> FactsBatch:
        """Return consecutive rows. Raises `WrongValue`, counted in them alone, or `NotReadInParts`."""
        wrong = _Wrong(path=self._path)
        converted = self._convert(self._columns.rows(self._names, first_row, rows), first_row, wrong)
        wrong.stop()
        return converted

    def footer(self) -> Digest:
        """Return what tells this file from another one under its path. Raises `NotReadInParts`."""
        return self._columns.footer()

    def readings(self, uscc: Uscc, as_of: date) -> dict[str, dict[FactName, Reading]]:
        """Return the facts of each row of one firm by record id (for the firm table, by '')."""
        found: dict[str, dict[FactName, Reading]] = {}
        for batch in self.read(ROW_GROUP_ROWS):
            for place in pc.indices_nonzero(pc.equal(batch.keys[KEY], uscc)).to_pylist():
                record = "" if self._grain == FIRM else batch.keys[record_column(self._grain)][place].as_py()
                found[record] = {fact.name: self._reading(fact, batch, place, as_of) for fact in self._facts}
        return found

    @property
    def _names(self) -> list[str]:
        return [*key_columns(self._grain), *self._read_as]

    def _convert(self, batch: pa.RecordBatch, first_row: int, wrong: _Wrong) -> FactsBatch:
        values = {}
        for name, fact in self._read_as.items():
            column = convert(batch[name], fact)
            if column.refused is not None:
                wrong.add(name, batch[name], column.refused, self._columns.first_row + first_row)
            values[name] = column.values
        names = key_columns(self._grain)
        keys = pa.RecordBatch.from_arrays([batch[name].cast(pa.string()) for name in names], names=list(names))
        return FactsBatch(keys=keys, values=values)

    def _reading(self, fact: Fact, batch: FactsBatch, place: int, as_of: date) -> Reading:
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
