"""The tables of a page as files, row by row as the API gives them: what a page shows in part is taken away whole.

Guarantees that a file holds every row behind the page's filter, that money and counts stay whole numbers, and that
nobody takes away what he may not list. How a file is written is left to `services.table_files`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pyarrow as pa
from annotated_types import Le
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from policy_match.services.table_files import MOST_EXPORTED, FileFormat, TooManyRows, written
from policy_match.web.call import Call
from policy_match.web.cursors import Cursors
from policy_match.web.operation import File
from policy_match.web.portal.page import Page, Table
from policy_match.web.problems import NotFound

MEDIA_TYPES: Mapping[FileFormat, str] = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}
PLAIN: Mapping[type, pa.DataType] = {
    bool: pa.bool_(),
    int: pa.int64(),
    date: pa.date32(),
    datetime: pa.timestamp("us", "UTC"),
}
"""Types that keep their type in a file; all else is text."""


Value = Callable[[Any], Any]
"""Where a value is in a row."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file."""

    name: str
    kind: pa.DataType
    value: Value


def _itself(row: Any) -> Any:
    return row


def _field(value: Value, name: str, row: Any) -> Any:
    return getattr(value(row), name, None)


def _entry(value: Value, key: StrEnum, row: Any) -> Any:
    return (value(row) or {}).get(key)


def chosen_table(page: Page, wanted: str) -> tuple[Table, FileFormat]:
    """Return the table and the format that a name such as `orders.csv` means. Raises `NotFound`."""
    name, _, ending = wanted.rpartition(".")
    table = next((each for each in page.tables if each.name == name), None)
    if table is None or ending not in list(FileFormat):
        raise NotFound
    return table, FileFormat(ending)


def table_file(call: Call, table: Table, format: FileFormat, given: Mapping[str, Any]) -> File:
    """Return a table as a file; `given` is what the page itself was asked for. Raises `TooManyRows`."""
    hints = get_type_hints(table.handler)
    columns = columns_of(hints["return"], table.rows)
    rows = [row for page in _pages(call, table, hints, given) for row in getattr(page, table.rows)]
    content = pa.table({each.name: pa.array([each.value(row) for row in rows], each.kind) for each in columns})
    return File(content=written(content, format), media_type=MEDIA_TYPES[format], name=f"{table.name}.{format}")


def columns_of(answer: type[BaseModel], rows: str) -> Sequence[Column]:
    """Return the columns of the rows that a field of an answer holds."""
    return list(_columns_of(get_args(answer.model_fields[rows].annotation)[0]))


def _pages(call: Call, table: Table, hints: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Any]:
    """Ask for one page after the other, from the first, whichever was shown."""
    asked = {"path": given["path"]} if "path" in hints else {}
    cursor: str | None = None
    count = 0
    for _ in range(MOST_EXPORTED):
        within = replace(call, cursors=Cursors(call.cursors.about, cursor))
        if "query" in hints:
            asked["query"] = _query(hints["query"], given)
        page = table.handler(within, **asked)
        yield page
        count += len(getattr(page, table.rows))
        cursor = getattr(page, "next", None)
        if cursor is None and count <= MOST_EXPORTED:
            return
        if count >= MOST_EXPORTED:
            break
    raise TooManyRows(most=MOST_EXPORTED)


def _query(model: type[BaseModel], given: Mapping[str, Any]) -> BaseModel:
    """Return what a page was asked for as the operation asks for it; pages are as long as they may be."""
    names = set(model.model_fields) - {"cursor", "limit"}
    found = {name: getattr(shown, name) for shown in given.values() for name in names if hasattr(shown, name)}
    if "limit" in model.model_fields:
        found["limit"] = next(limit.le for limit in model.model_fields["limit"].metadata if isinstance(limit, Le))
    return model.model_validate(found)


def _columns_of(model: type[BaseModel], name: str = "", value: Value = _itself) -> Iterator[Column]:
    """Yield the columns of a model; what stands inside another has a name such as `owed.fen`."""
    for field, described in model.model_fields.items():
        yield from _columns(f"{name}.{field}" if name else field, described.annotation, partial(_field, value, field))


def _columns(name: str, annotation: Any, value: Value) -> Iterator[Column]:
    meant = _without_nothing(annotation)
    keys = get_args(meant)[0] if get_origin(meant) is dict else None
    if isinstance(meant, type) and issubclass(meant, BaseModel):
        yield from _columns_of(meant, name, value)
    elif isinstance(keys, type) and issubclass(keys, StrEnum):
        for key in keys:
            yield from _columns(f"{name}.{key}", get_args(meant)[1], partial(_entry, value, key))
    elif meant in PLAIN:
        yield Column(name, PLAIN[meant], value)
    else:
        yield Column(name, pa.string(), partial(_text, value))


def _without_nothing(annotation: Any) -> Any:
    """Return a type without its limits and without `None`."""
    if get_origin(annotation) is Annotated:
        return _without_nothing(get_args(annotation)[0])
    others = [each for each in get_args(annotation) if each is not NoneType]
    if NoneType in get_args(annotation) and len(others) == 1:
        return _without_nothing(others[0])
    return annotation


def _text(value: Value, row: Any) -> str | None:
    plain = to_jsonable_python(value(row))
    return plain if plain is None or isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
