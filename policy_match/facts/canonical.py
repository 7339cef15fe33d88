"""The columns of a table of facts, in memory and on disk.

Guarantees one Arrow type per type of fact: numbers are integers of `value * 10**scale`, null is unknown, an empty
list is known. Turning outside values into these is `strict` and `cleaning`; freshness is applied by the readers.
"""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from policy_match.facts.catalogue import FIRM, KEY, Fact, FactType

ROW_GROUP_ROWS = 262_144
"""Rows per row group of a snapshot and per batch handed to an engine."""

PARQUET_BUFFER_BYTES = 1 << 18
"""How much of a column of Parquet is read at a time. Without a buffer, whole columns are: twice the time and memory."""

NUMBER_LIMIT = 10**18
"""A scaled number of this size or more does not fit the integer column with certainty: it is refused."""

FIRST_DAY, LAST_DAY = date.min, date.max
"""The days that a date may be."""

DICTIONARY = pa.dictionary(pa.int32(), pa.string())
"""Strings as engines receive them."""

_STORED: dict[FactType, pa.DataType] = {
    FactType.INTEGER: pa.int64(),
    FactType.DECIMAL: pa.int64(),
    FactType.MONEY: pa.int64(),
    FactType.STRING: pa.string(),
    FactType.BOOLEAN: pa.bool_(),
    FactType.DATE: pa.date32(),
    FactType.STRING_LIST: pa.list_(pa.string()),
}


def stored_type(fact: Fact) -> pa.DataType:
    """Return the type of the fact's column in a snapshot file."""
    return _STORED[fact.type]


def column_type(fact: Fact) -> pa.DataType:
    """Return the type of the fact's column as readers hand it over: as stored, but strings are dictionaries."""
    return DICTIONARY if fact.type is FactType.STRING else _STORED[fact.type]


def record_column(grain: str) -> str:
    """Return the name of the column that tells the records of one firm apart."""
    return f"{grain}_id"


def key_columns(grain: str) -> tuple[str, ...]:
    """Return the columns that identify a row of `grain`."""
    return (KEY,) if grain == FIRM else (KEY, record_column(grain))


def source_column(fact: Fact) -> str:
    """Return the name of the companion column that says which of several sources gave the value."""
    return f"{fact.name}__source"


def batch_schema(grain: str, facts: Iterable[Fact]) -> pa.Schema:
    """Return the schema of the batches that readers hand over for `grain`."""
    keys = [pa.field(name, pa.string(), nullable=False) for name in key_columns(grain)]
    return pa.schema([*keys, *(pa.field(fact.name, column_type(fact)) for fact in facts)])
