"""Fact tables in memory, made from Python rows.

Guarantees the canonical columns that every reader of facts hands to an engine, freshness and the join of firm facts
to records included. Values are written as a person means them: money in yuan, numbers exact, `None` for unknown.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa

from policy_match.facts.canonical import batch_schema, key_columns, record_column
from policy_match.facts.catalogue import FIRM, KEY, NUMERIC, Fact, FactCatalogue
from policy_match.facts.reading import Readings, read_fact
from policy_match.values import Digest, FactName, Uscc

Cell = Fraction | Decimal | int | str | bool | date | Sequence[str] | None
FactRow = Mapping[str, Cell]
"""Values by fact name; `uscc` and `<grain>_id` may be left out, `<fact>__observed` says when a value was seen."""


class MemoryTables:
    """`FactTables` over rows by grain. Rows keep their order; a row without `uscc` gets one from its place."""

    def __init__(
        self, catalogue: FactCatalogue, rows: Mapping[str, Sequence[FactRow]], batch_rows: int = 1_000_000
    ) -> None:
        self._catalogue = catalogue
        self._rows = {grain: [_with_keys(grain, place, row) for place, row in enumerate(rows[grain])] for grain in rows}
        self._batch_rows = batch_rows

    @property
    def digest(self) -> Digest:
        """SHA-256 of the rows as Python prints them."""
        return Digest(hashlib.sha256(repr(self._rows).encode()).hexdigest())

    @property
    def grains(self) -> tuple[str, ...]:
        """The tables given, `firm` first."""
        return tuple(sorted(self._rows, key=lambda grain: (grain != FIRM, grain)))

    def rows(self, grain: str) -> int:
        """How many rows the table of `grain` has."""
        return len(self._rows[grain])

    def batches(
        self, grain: str, facts: Sequence[FactName], as_of: date, max_rows: int = 262_144
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, never more than `batch_rows` at a time."""
        known = [self._catalogue[name] for name in facts]
        schema = batch_schema(grain, known)
        rows = self._joined(grain)
        step = min(max_rows, self._batch_rows)
        for start in range(0, len(rows), step):
            # A batch is a slice of a larger one, as readers give it: offsets are not 0, dictionaries hold more.
            before = min(start, 1)
            part = rows[start - before : start + step + 1]
            columns = [pa.array([row[key] for row in part], pa.string()) for key in key_columns(grain)]
            columns += [
                _column([column_value(fact, _fresh(fact, row, as_of)) for row in part], schema.field(fact.name).type)
                for fact in known
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema).slice(before, min(step, len(rows) - start))

    def address(self, grain: str, facts: Sequence[FactName], as_of: date) -> "MemoryAddress":
        """Return an address that takes the rows along."""
        return MemoryAddress(tables=self, grain=grain, facts=tuple(facts), as_of=as_of)

    def firm(self, uscc: Uscc, as_of: date) -> Readings | None:
        """Return every firm fact of one firm, or `None` when the firm is not there."""
        found = [row for row in self._rows.get(FIRM, []) if row[KEY] == uscc]
        return self._readings(FIRM, found[0], as_of) if found else None

    def records(self, grain: str, uscc: Uscc, as_of: date) -> Mapping[str, Readings]:
        """Return every fact of each record of one firm, by record id."""
        found = [row for row in self._rows.get(grain, []) if row[KEY] == uscc]
        return {str(row[record_column(grain)]): self._readings(grain, row, as_of) for row in found}

    def _readings(self, grain: str, row: Mapping[str, Cell], as_of: date) -> Readings:
        readings = {}
        for fact in self._catalogue.of_grain(grain):
            observed = row.get(fact.observed_column)
            seen = observed if isinstance(observed, date) else None
            readings[fact.name] = read_fact(fact, column_value(fact, row.get(fact.name)), seen, fact.source, as_of)
        return readings

    def _joined(self, grain: str) -> list[dict[str, Cell]]:
        if grain == FIRM:
            return self._rows[FIRM]
        firms = {row[KEY]: row for row in self._rows.get(FIRM, [])}
        return [{**firms.get(row[KEY], {}), **row} for row in self._rows[grain]]


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryAddress:
    """One table of `MemoryTables`, for other processes."""

    tables: MemoryTables
    grain: str
    facts: tuple[FactName, ...]
    as_of: date

    def open(self) -> "MemoryAddress":
        """There is nothing to open."""
        return self

    def read(self, first_row: int, rows: int) -> pa.RecordBatch:
        """Return consecutive rows."""
        batches = self.tables.batches(self.grain, self.facts, self.as_of)
        return pa.concat_batches(list(batches)).slice(first_row, rows)


def _with_keys(grain: str, place: int, row: FactRow) -> dict[str, Cell]:
    keys: dict[str, Cell] = {KEY: f"FIRM{place:014d}"}
    if grain != FIRM:
        keys[record_column(grain)] = f"{grain}-{place}"
    return {**keys, **row}


def _fresh(fact: Fact, row: Mapping[str, Cell], as_of: date) -> Cell:
    observed = row.get(fact.observed_column)
    if isinstance(observed, date) and fact.fresh_days is not None and (as_of - observed).days > fact.fresh_days:
        return None
    return row.get(fact.name)


def column_value(fact: Fact, cell: Cell) -> int | str | bool | date | list[str] | None:
    """Return the cell as its canonical column holds it. Raises `ValueError` for a number with too many decimals."""
    match cell:
        case None:
            return None
        case bool() | str() | date():
            return cell
        case Fraction() | Decimal() | int():
            assert fact.type in NUMERIC, f"{fact.name} is not a number"
            scaled = Fraction(cell) * 10**fact.scale
            if scaled.denominator != 1:
                raise ValueError(f"{fact.name}: {cell} has more than {fact.scale} decimals")
            return int(scaled.numerator)
        case _:
            return list(cell)


def _column(values: list[int | str | bool | date | list[str] | None], kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.string()).dictionary_encode() if pa.types.is_dictionary(kind) else pa.array(values, kind)
