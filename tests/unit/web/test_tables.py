"""A table of a page as a file holds every row, one column for each value, whatever page was shown."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, cast, get_type_hints

import pyarrow as pa
import pyarrow.parquet
import pytest

from policy_match.errors import Language
from policy_match.services.table_files import MOST_EXPORTED, FileFormat, TooManyRows
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.app import PAGES
from policy_match.web.call import Call
from policy_match.web.cursors import Cursors
from policy_match.web.models import MOST_PER_PAGE, Fen, Moment, Output, PageQuery, Query
from policy_match.web.models import Page as Listed
from policy_match.web.portal.page import Door, Page, Pages, Table, View
from policy_match.web.portal.tables import chosen_table, columns_of, table_file
from policy_match.web.problems import NotFound


class Colour(StrEnum):
    BLUE = "blue"
    RED = "red"


class Sum(Output):
    cases: int
    fen: Fen


class Row(Output):
    number: int
    colour: Colour
    on: date
    at: Moment | None
    owed: Sum | None
    colours: dict[Colour, Sum]
    counts: dict[str, int]
    told: list[str]


class Whole(Output):
    lines: list[Row]


class NumbersQuery(PageQuery):
    from_number: int = 1
    to_number: int = 3


class Line(Query):
    to_number: int


def row(number: int) -> Row:
    return Row(
        number=number,
        colour=Colour.RED,
        on=date(2025, 6, 30),
        at=datetime(2025, 6, 30, 8, tzinfo=UTC) if number % 2 else None,
        owed=Sum(cases=1, fen=number * 100) if number % 2 else None,
        colours={Colour.BLUE: Sum(cases=2, fen=7)},
        counts={"甲": 1},
        told=["=1+1", "乙"],
    )


def list_numbers(call: Call, query: NumbersQuery) -> Listed[Row]:
    assert query.limit == MOST_PER_PAGE
    first = max(query.from_number, call.cursors.number() + 1)
    numbers = range(first, min(query.to_number, first + query.limit) + 1)
    return call.page(Listed[Row], [row(each) for each in numbers], query.limit, "number")


def show_numbers(call: Call) -> Whole:
    return Whole(lines=[row(1), row(2)])


def call(cursor: str | None = None, language: Language = "zh") -> Call:
    """Return a call of which a list reads nothing but its cursor."""
    nothing = cast(Any, None)
    return Call(
        desk=nothing,
        database=nothing,
        principal=None,
        reach=frozenset(),
        language=language,
        request_id="",
        asked="numbers",
        address="/numbers",
        cursors=Cursors("numbers", cursor),
    )


def lines(content: bytes) -> Sequence[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def page() -> Page:
    pages = Pages(Door.BUREAU)
    table = Table("numbers", list_numbers)

    @pages.shows("/numbers", "数", "Numbers", like="list_numbers", tables=(table,))
    def numbers(call: Call) -> View:
        raise AssertionError("only its table is asked for")

    return pages.pages[0]


def test_a_value_within_another_has_a_column_of_its_own() -> None:
    file = table_file(call(), Table("numbers", list_numbers), FileFormat.CSV, {"query": NumbersQuery()})
    assert file.name == "numbers.csv"
    first, second, third = lines(file.content)
    assert first == {
        "number": "1",
        "colour": "red",
        "on": "2025-06-30",
        "at": "2025-06-30 08:00:00.000000Z",
        "owed.cases": "1",
        "owed.fen": "100",
        "colours.blue.cases": "2",
        "colours.blue.fen": "7",
        "colours.red.cases": "",
        "colours.red.fen": "",
        "counts": '{"甲": 1}',
        "told": '["=1+1", "乙"]',
    }
    assert (second["at"], second["owed.fen"]) == ("", "")
    assert third["number"] == "3"


def test_parquet_keeps_whole_numbers_days_and_moments() -> None:
    file = table_file(call(), Table("numbers", list_numbers), FileFormat.PARQUET, {"query": NumbersQuery()})
    schema = pyarrow.parquet.read_schema(io.BytesIO(file.content))
    assert [schema.field(name).type for name in ("number", "on", "at", "owed.fen", "colour")] == [
        pa.int64(),
        pa.date32(),
        pa.timestamp("us", "UTC"),
        pa.int64(),
        pa.string(),
    ]


@pytest.mark.parametrize("cursor", [None, Cursors("numbers").write(2)])
def test_all_rows_are_in_the_file_whichever_page_was_shown(cursor: str | None) -> None:
    most = 2 * MOST_PER_PAGE + 1
    shown = NumbersQuery(to_number=most, limit=2, cursor=cursor)
    file = table_file(call(cursor), Table("numbers", list_numbers), FileFormat.CSV, {"query": shown})
    assert [int(each["number"]) for each in lines(file.content)] == list(range(1, most + 1))


def test_the_filter_of_the_page_and_its_path_are_the_files() -> None:
    given = {"query": NumbersQuery(from_number=2), "path": Line(to_number=4)}
    file = table_file(call(), Table("numbers", list_numbers), FileFormat.CSV, given)
    assert [each["number"] for each in lines(file.content)] == ["2", "3", "4"]


def test_an_answer_of_one_piece_is_a_table_too() -> None:
    file = table_file(call(), Table("whole", show_numbers, "lines"), FileFormat.CSV, {})
    assert len(lines(file.content)) == 2


def test_an_empty_table_has_its_columns() -> None:
    shown = NumbersQuery(from_number=5)
    file = table_file(call(), Table("numbers", list_numbers), FileFormat.CSV, {"query": shown})
    assert file.content.decode("utf-8-sig").startswith('"number","colour"')
    assert lines(file.content) == []


def test_a_file_of_too_many_rows_is_refused_and_never_cut() -> None:
    shown = NumbersQuery(to_number=MOST_EXPORTED + 1)
    with pytest.raises(TooManyRows):
        table_file(call(), Table("numbers", list_numbers), FileFormat.CSV, {"query": shown})


@pytest.mark.parametrize(
    "wanted", ["numbers", "numbers.exe", "other.csv", ".csv", "", "numbers.csv/..", "../numbers.csv"]
)
def test_a_table_that_there_is_not_is_not_found(wanted: str) -> None:
    with pytest.raises(NotFound):
        chosen_table(page(), wanted)


def test_a_table_is_named_like_a_file() -> None:
    table, format = chosen_table(page(), "numbers.parquet")
    assert (table.name, format) == ("numbers", FileFormat.PARQUET)


ALL = [pytest.param(page, table, id=f"{page.id}-{table.name}") for page in PAGES for table in page.tables]


@pytest.mark.parametrize(("page", "table"), ALL)
def test_every_table_of_a_page_is_a_list_that_an_operation_gives(page: Page, table: Table) -> None:
    assert table.handler.__name__ in {each.id for each in OPERATIONS}
    hints = get_type_hints(table.handler)
    assert columns_of(hints["return"], table.rows), "its rows have columns"
    given = set(page.query.model_fields if page.query else ()) | set(
        page.path_model.model_fields if page.path_model else ()
    )
    needed = {
        name
        for kind in ("query", "path")
        for name, field in (hints[kind].model_fields.items() if kind in hints else ())
        if field.is_required()
    }
    assert needed <= given, "the page knows what the operation asks for"
    assert [each.name for each in page.tables].count(table.name) == 1
    assert len(page.tables) == 1 or table.words is not None
