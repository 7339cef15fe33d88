"""Columns that already hold the fact's own type, turned into canonical columns without reading anything into them.

Guarantees that a cell is taken exactly or refused with its reason: `300万元人民币` is no number here and `N/A` no
unknown. Works a whole column at a time; reading what clerks write is `cleaning`.
"""

import re
from collections.abc import Callable
from datetime import date
from math import ceil, floor

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts import numbers
from policy_match.facts.canonical import DICTIONARY, FIRST_DAY, LAST_DAY, column_type
from policy_match.facts.catalogue import NUMERIC, Fact, FactType
from policy_match.facts.cells import list_reader, read_plain_number
from policy_match.facts.converted import Converted, converted, refuse, refuse_missing
from policy_match.facts.numbers import from_distinct
from policy_match.facts.reasons import Reason

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LIST_SEPARATOR = ";"
"""Between the entries of a list in one cell, unless the cell is a JSON array."""


def convert(cells: pa.Array, fact: Fact) -> Converted:
    """Return the fact's column. Null and empty text are unknown; `[]` is a known, empty list.

    Text must be written plainly: digits with an optional point and exponent, money in yuan, ISO dates, `true` or
    `false`, a JSON array or entries between `;`. Columns of Arrow's own types are taken by value. Decimals longer
    than the fact's scale, and parts of a fen, are rounded half up.
    """
    if pa.types.is_dictionary(cells.type):
        return _convert_dictionary(cells, fact)
    if pa.types.is_null(cells.type):
        return Converted(values=pa.nulls(len(cells), column_type(fact)))
    if is_text(cells.type):
        text = cells.cast(pa.string())
        cells = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    return within_bounds(_CONVERT[fact.type](cells, fact), fact)


def within_bounds(column: Converted, fact: Fact) -> Converted:
    """Return `column` with values refused that the fact does not allow: its `values`, `minimum` and `maximum`."""
    if fact.type is FactType.STRING and fact.values:
        return refuse(column, pc.invert(pc.is_in(column.values, value_set=pa.array(fact.values))), Reason.NOT_ALLOWED)
    if fact.type in NUMERIC and (fact.minimum is not None or fact.maximum is not None):
        found = pc.min_max(column.values).as_py()
        least = None if fact.minimum is None else ceil(fact.minimum.scaleb(fact.scale))
        most = None if fact.maximum is None else floor(fact.maximum.scaleb(fact.scale))
        if least is not None and found["min"] is not None and found["min"] < least:
            column = refuse(column, pc.less(column.values, least), Reason.OUT_OF_RANGE)
        if most is not None and found["max"] is not None and found["max"] > most:
            column = refuse(column, pc.greater(column.values, most), Reason.OUT_OF_RANGE)
        return column
    if fact.type is FactType.DATE:
        outside = pc.or_(
            pc.less(column.values, pa.scalar(FIRST_DAY, pa.date32())),
            pc.greater(column.values, pa.scalar(LAST_DAY, pa.date32())),
        )
        return refuse(column, outside, Reason.IMPOSSIBLE_DATE)
    return column


def is_text(column_type: pa.DataType) -> bool:
    """Return whether cells of the type are text."""
    return bool(
        pa.types.is_string(column_type) or pa.types.is_large_string(column_type) or pa.types.is_string_view(column_type)
    )


def _convert_dictionary(cells: pa.DictionaryArray, fact: Fact) -> Converted:
    """Convert each distinct value once. Only values that some row has count as refused."""
    distinct = convert(cells.dictionary, fact)
    values = distinct.values
    text = fact.type is FactType.STRING
    if text and cells.type == DICTIONARY and distinct.refused is None and values.null_count == 0:
        return Converted(values=cells)
    chosen = (values.cast(pa.string()) if text else values).take(cells.indices)
    column = pc.dictionary_encode(chosen) if text else chosen
    if distinct.refused is None:
        return Converted(values=column)
    return converted(column, distinct.refused.take(cells.indices))


def _numeric(cells: pa.Array, fact: Fact) -> Converted:
    kind = cells.type
    whole = fact.type is FactType.INTEGER
    if is_text(kind):
        return numbers.from_text(
            cells, fact.scale, lambda text: read_plain_number(text, fact.scale, whole=whole), whole=whole
        )
    if pa.types.is_integer(kind):
        return numbers.from_integers(cells, fact.scale)
    if pa.types.is_floating(kind):
        column = numbers.from_floats(cells, fact.scale)
    elif pa.types.is_decimal(kind):
        column = numbers.from_decimals(cells, fact.scale)
    else:
        return _wrong_type(cells, fact)
    return refuse(column, pc.not_equal(pc.floor(cells), cells), Reason.NOT_WHOLE) if whole else column


def _string(cells: pa.Array, fact: Fact) -> Converted:
    return Converted(values=pc.dictionary_encode(cells)) if is_text(cells.type) else _wrong_type(cells, fact)


def _boolean(cells: pa.Array, fact: Fact) -> Converted:
    if pa.types.is_boolean(cells.type):
        return Converted(values=cells)
    return from_distinct(cells, _read_boolean, pa.bool_()) if is_text(cells.type) else _wrong_type(cells, fact)


def _read_boolean(text: str) -> bool | Reason:
    return {"true": True, "false": False}.get(text.lower(), Reason.NOT_A_BOOLEAN)


def _date(cells: pa.Array, fact: Fact) -> Converted:
    kind = cells.type
    if is_text(kind):
        return _dates_in_text(cells)
    if pa.types.is_date(kind):
        return Converted(values=cells.cast(pa.date32()))
    if pa.types.is_timestamp(kind) and kind.tz is None:
        days = cells.cast(pa.date32(), safe=False)
        return refuse(Converted(values=days), pc.not_equal(days.cast(kind), cells), Reason.NOT_A_DATE)
    return _wrong_type(cells, fact)


def _dates_in_text(cells: pa.Array) -> Converted:
    """Read ISO days. Arrow reads a whole column or none, so a column with a bad cell is read by distinct text."""
    try:
        return Converted(values=cells.cast(pa.date32()))
    except pa.ArrowInvalid:
        return from_distinct(cells, _read_date, pa.date32())


def _read_date(text: str) -> date | Reason:
    if not ISO_DAY.fullmatch(text):
        return Reason.NOT_A_DATE
    try:
        return date.fromisoformat(text)
    except ValueError:
        return Reason.IMPOSSIBLE_DATE


def _string_list(cells: pa.Array, fact: Fact) -> Converted:
    if is_text(cells.type):
        return from_distinct(cells, _read_list, column_type(fact))
    if pa.types.is_list(cells.type) or pa.types.is_large_list(cells.type):
        if not is_text(cells.type.value_type):
            return _wrong_type(cells, fact)
        lists = cells.cast(column_type(fact))
        holes = pc.list_parent_indices(lists).filter(pc.is_null(pc.list_flatten(lists)))
        places = pa.array(range(len(lists)), pa.int64())
        return refuse(Converted(values=lists), pc.is_in(places, value_set=holes.cast(pa.int64())), Reason.NOT_A_LIST)
    return _wrong_type(cells, fact)


def _wrong_type(cells: pa.Array, fact: Fact) -> Converted:
    return refuse_missing(cells, pa.nulls(len(cells), column_type(fact)), Reason.WRONG_TYPE)


_read_list = list_reader(LIST_SEPARATOR, frozenset())

_CONVERT: dict[FactType, Callable[[pa.Array, Fact], Converted]] = {
    FactType.INTEGER: _numeric,
    FactType.DECIMAL: _numeric,
    FactType.MONEY: _numeric,
    FactType.STRING: _string,
    FactType.BOOLEAN: _boolean,
    FactType.DATE: _date,
    FactType.STRING_LIST: _string_list,
}
