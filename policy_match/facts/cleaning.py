"""One chunk of a source, read through its mapping: canonical rows, and what had to be refused.

Guarantees that every row of the chunk is either kept or refused, and that every cell that was not taken is kept with
its reason. Rows of the same key are told apart later, by `joining`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts import cells as cell_readers
from policy_match.facts.canonical import key_columns, stored_type
from policy_match.facts.converted import Converted, either_reason, refuse
from policy_match.facts.keys import KeyCounts, clean_keys, count_forms, usable
from policy_match.facts.mapping import FactColumn, Parse, SourceMapping
from policy_match.facts.numbers import from_distinct, from_text
from policy_match.facts.reasons import Reason
from policy_match.facts.source_rows import SourceChunk
from policy_match.facts.strict import within_bounds
from policy_match.facts.text import plain_signs, plain_text, plain_word

ROW_NUMBER: Final = "#row"
OBSERVED: Final = "#observed"
"""Columns of a cleaned chunk beside keys and facts; no fact can be named so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A row, or one value of a row, that was not taken.

    For a value, `fact` and `column` say which and `value` is the cell as found. For a row, `content` holds all of it.
    """

    row: int
    reason: Reason
    key: str = ""
    fact: str = ""
    column: str = ""
    value: str = ""
    content: dict[str, str] | list[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedLine:
    """A refusal with the name of its source."""

    source: str
    refusal: Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanChunk:
    """The rows of a chunk that were kept, and the refusals.

    `rows` has the key columns, `#row` (its number, int64), `#observed` (date32) and a column per mapped fact in the
    type of a snapshot. `raw` has the same rows as found.
    """

    rows: pa.RecordBatch
    raw: pa.RecordBatch
    refusals: tuple[Refusal, ...]
    key_counts: KeyCounts
    rows_read: int


def clean(chunk: SourceChunk, mapping: SourceMapping) -> CleanChunk:
    """Return what `mapping` makes of one chunk."""
    keys = _key_cells(chunk, mapping.key, mapping)
    kept = usable(keys)
    refusals = [
        Refusal(row=broken.number, reason=Reason.CELL_COUNT, content=list(broken.cells)) for broken in chunk.broken
    ]
    refusals += _refused_rows(chunk, keys, pc.is_null(keys), Reason.NO_KEY)
    refusals += _refused_rows(chunk, keys, pc.and_(pc.is_valid(keys), pc.invert(kept)), Reason.UNUSABLE_KEY)
    columns = [keys]
    if mapping.record is not None:
        records = _empty_as_null(plain_text(chunk.rows[mapping.record]), mapping)
        refusals += _refused_rows(chunk, keys, pc.and_(kept, pc.is_null(records)), Reason.NO_RECORD_ID)
        kept = pc.and_(kept, pc.is_valid(records))
        columns.append(records)
    columns = [column.filter(kept) for column in columns]
    raw, numbers = chunk.rows.filter(kept), chunk.numbers.filter(kept)
    dates, undated = _observed(raw, mapping)
    place = _Place(raw=raw, numbers=numbers, keys=columns[0])
    if isinstance(mapping.observed, str):
        refusals += place.refused_values(undated.refused, "", mapping.observed)
    facts = []
    for fact_column in mapping.facts:
        read = read_cells(raw[fact_column.column], fact_column, mapping)
        if fact_column.fact.fresh_days is not None:
            read = refuse(read, pc.is_null(dates), Reason.UNDATED)
        refusals += place.refused_values(read.refused, fact_column.fact.name, fact_column.column)
        facts.append(read.values)
    rows = pa.RecordBatch.from_arrays([*columns, numbers, dates, *facts], schema=clean_schema(mapping))
    return CleanChunk(
        rows=rows,
        raw=raw,
        refusals=tuple(sorted(refusals, key=lambda refusal: refusal.row)),
        key_counts=count_forms(columns[0]),
        rows_read=chunk.rows.num_rows + len(chunk.broken),
    )


def clean_schema(mapping: SourceMapping) -> pa.Schema:
    """Return the schema of the rows that `clean` keeps."""
    keys = [pa.field(name, pa.string()) for name in key_columns(mapping.grain)]
    facts = [pa.field(column.fact.name, stored_type(column.fact)) for column in mapping.facts]
    return pa.schema([*keys, pa.field(ROW_NUMBER, pa.int64()), pa.field(OBSERVED, pa.date32()), *facts])


def read_cells(cells: pa.Array, column: FactColumn, mapping: SourceMapping) -> Converted:
    """Return the values of one fact, bounds and allowed values checked; a null token is unknown, not refused."""
    free = column.parse is Parse.TEXT
    text = _empty_as_null(plain_text(cells) if free else plain_signs(cells), mapping)
    if column.translate:
        words = from_distinct(text, lambda word: column.translate.get(word, Reason.NOT_TRANSLATED), pa.string())
        read = _read(words.values, column)
        read = Converted(values=read.values, refused=either_reason(words.refused, read.refused))
    else:
        read = _read(text, column)
    return within_bounds(read, column.fact)


def _read(text: pa.Array, column: FactColumn) -> Converted:
    match column.parse:
        case Parse.TEXT:
            return Converted(values=text)
        case Parse.INTEGER:
            return from_text(text, 0, cell_readers.read_integer, whole=True)
        case Parse.DECIMAL:
            scale = column.fact.scale
            return from_text(text, scale, lambda cell: cell_readers.read_decimal(cell, scale))
        case Parse.MONEY_YUAN:
            return from_text(text, 2, cell_readers.read_yuan)
        case Parse.MONEY_WAN:
            return from_text(text, 2, cell_readers.read_wan, factor_digits=4)
        case Parse.CHINESE_MONEY:
            return from_distinct(text, cell_readers.read_chinese_money, pa.int64())
        case Parse.DATE:
            return from_distinct(text, cell_readers.read_date, pa.date32())
        case Parse.BOOLEAN:
            return from_distinct(text, cell_readers.read_boolean, pa.bool_())
        case Parse.LIST:
            reader = cell_readers.list_reader(column.separator, frozenset(column.empty))
            return from_distinct(text, reader, stored_type(column.fact))


def _key_cells(chunk: SourceChunk, column: str, mapping: SourceMapping) -> pa.Array:
    return clean_keys(_empty_as_null(plain_signs(chunk.rows[column]), mapping))


def _empty_as_null(text: pa.Array, mapping: SourceMapping) -> pa.Array:
    tokens = {plain_word(token, free=free) for token in mapping.null_tokens for free in (True, False)}
    return pc.if_else(pc.is_in(text, value_set=pa.array(["", *tokens])), pa.scalar(None, pa.string()), text)


def _observed(raw: pa.RecordBatch, mapping: SourceMapping) -> tuple[pa.Array, Converted]:
    if isinstance(mapping.observed, date):
        dates = pa.array([mapping.observed], pa.date32()).take(pa.array([0] * raw.num_rows, pa.int32()))
        return dates, Converted(values=dates)
    text = _empty_as_null(plain_signs(raw[mapping.observed]), mapping)
    read = from_distinct(text, cell_readers.read_date, pa.date32())
    return read.values, read


def _refused_rows(chunk: SourceChunk, keys: pa.Array, where: pa.Array, reason: Reason) -> list[Refusal]:
    rows = chunk.rows.filter(where).to_pylist()
    numbers, codes = chunk.numbers.filter(where).to_pylist(), keys.filter(where).to_pylist()
    return [
        Refusal(row=number, reason=reason, key=code or "", content=whole_row(row))
        for number, code, row in zip(numbers, codes, rows, strict=True)
    ]


def whole_row(row: dict[str, str | None]) -> dict[str, str]:
    """Return a row of a source as it is kept in `refused.csv`."""
    return {name: cell or "" for name, cell in row.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where the cells of a chunk stand."""

    raw: pa.RecordBatch
    numbers: pa.Array
    keys: pa.Array

    def refused_values(self, refused: pa.Array | None, fact: str, column: str) -> list[Refusal]:
        if refused is None:
            return []
        where = pc.is_valid(refused)
        return [
            Refusal(row=row, reason=Reason(reason), key=key, fact=fact, column=column, value=value or "")
            for row, reason, key, value in zip(
                self.numbers.filter(where).to_pylist(),
                refused.filter(where).to_pylist(),
                self.keys.filter(where).to_pylist(),
                self.raw[column].filter(where).to_pylist(),
                strict=True,
            )
        ]
