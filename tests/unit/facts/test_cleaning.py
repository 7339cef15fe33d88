"""One chunk of a source, read through its mapping."""

from datetime import date

import pyarrow as pa

from policy_match.facts.cleaning import OBSERVED, CleanChunk, clean
from policy_match.facts.mapping import Parse, SourceMapping
from policy_match.facts.reasons import Reason
from policy_match.facts.source_rows import BrokenRow, SourceChunk
from tests.support.registry import OBSERVED as DAY
from tests.support.registry import code, column, mapping


def cleaned(rows: dict[str, list[str | None]], each: SourceMapping, broken: tuple[BrokenRow, ...] = ()) -> CleanChunk:
    """Clean rows of text whose first row is row 2."""
    batch = pa.record_batch({name: pa.array(cells, pa.string()) for name, cells in rows.items()})
    numbers = pa.array(range(2, 2 + batch.num_rows), pa.int64())
    return clean(SourceChunk(numbers=numbers, rows=batch, broken=broken), each)


def test_full_width_signs_become_ordinary_and_chinese_punctuation_stays() -> None:
    each = mapping(column("ent_name", Parse.TEXT), column("employees", Parse.INTEGER), null_tokens=("Ｎ／Ａ",))
    chunk = cleaned(
        {
            "uscc": [code(1), code(2)],
            "ent_name": ["　青岛ＡＢ（１２）、有限公司 ", "N/A"],
            "employees": ["１２", "Ｎ/A"],
        },
        each,
    )
    assert chunk.rows["ent_name"].to_pylist() == ["青岛AB(12)、有限公司", None]
    assert chunk.rows["employees"].to_pylist() == [12, None]
    assert chunk.refusals == ()


def test_a_bad_value_leaves_the_row_and_is_kept_with_its_reason() -> None:
    each = mapping(column("employees", Parse.INTEGER), column("founded", Parse.DATE), column("size_class", Parse.TEXT))
    chunk = cleaned(
        {
            "uscc": [code(1), code(2)],
            "employees": ["-3", "5"],
            "founded": ["2023-02-30", "2023-01-01"],
            "size_class": ["huge", "large"],
        },
        each,
    )
    assert chunk.rows.num_rows == 2
    assert chunk.rows["employees"].to_pylist() == [None, 5]
    assert [(each.row, each.fact, each.value, each.reason) for each in chunk.refusals] == [
        (2, "employees", "-3", Reason.OUT_OF_RANGE),
        (2, "founded", "2023-02-30", Reason.IMPOSSIBLE_DATE),
        (2, "size_class", "huge", Reason.NOT_ALLOWED),
    ]
    assert {each.key for each in chunk.refusals} == {code(1)}


def test_a_bad_row_is_set_aside_whole() -> None:
    each = mapping(column("employees", Parse.INTEGER))
    broken = (BrokenRow(number=5, cells=("a", "b", "c")),)
    rows = {"uscc": [None, "无", code(1)], "employees": ["1", None, "3"], "else": ["x", "y", "z"]}
    chunk = cleaned(rows, each, broken)
    assert chunk.rows["uscc"].to_pylist() == [code(1)]
    assert chunk.raw.to_pylist() == [{"uscc": code(1), "employees": "3", "else": "z"}]
    assert chunk.rows_read == 4
    assert [(each.row, each.reason, each.content) for each in chunk.refusals] == [
        (2, Reason.NO_KEY, {"uscc": "", "employees": "1", "else": "x"}),
        (3, Reason.UNUSABLE_KEY, {"uscc": "无", "employees": "", "else": "y"}),
        (5, Reason.CELL_COUNT, ["a", "b", "c"]),
    ]


def test_a_translate_table_allows_no_other_words() -> None:
    each = mapping(column("size_class", Parse.TEXT, translate={"大型": "large"}))
    chunk = cleaned({"uscc": [code(1), code(2), code(3)], "size_class": ["大型", "large", None]}, each)
    assert chunk.rows["size_class"].to_pylist() == ["large", None, None]
    assert [(each.row, each.reason) for each in chunk.refusals] == [(3, Reason.NOT_TRANSLATED)]


def test_a_translated_word_is_then_read() -> None:
    each = mapping(column("arrears", Parse.BOOLEAN, translate={"欠费": "true", "正常": "false"}))
    chunk = cleaned({"uscc": [code(1), code(2)], "arrears": ["欠费", "正常"]}, each)
    assert chunk.rows["arrears"].to_pylist() == [True, False]


def test_a_row_without_a_readable_day_gives_no_fact_that_goes_stale() -> None:
    each = mapping(column("employees", Parse.INTEGER), column("ent_name", Parse.TEXT), observed="day")
    chunk = cleaned(
        {
            "uscc": [code(1), code(2), code(3)],
            "employees": ["1", "2", "3"],
            "ent_name": ["甲", "乙", "丙"],
            "day": ["2025/1/2", "昨天", None],
        },
        each,
    )
    assert chunk.rows[OBSERVED].to_pylist() == [date(2025, 1, 2), None, None]
    assert chunk.rows["employees"].to_pylist() == [1, None, None]
    assert chunk.rows["ent_name"].to_pylist() == ["甲", "乙", "丙"]
    assert [(each.row, each.column, each.reason) for each in chunk.refusals] == [
        (3, "day", Reason.NOT_A_DATE),
        (3, "employees", Reason.UNDATED),
        (4, "employees", Reason.UNDATED),
    ]


def test_every_way_of_reading_fills_its_type() -> None:
    chunk = cleaned(
        {
            "uscc": [code(1)],
            "ent_name": ["甲"],
            "size_class": ["small"],
            "employees": ["1,200"],
            "revenue": ["1,234.565"],
            "ratio": ["5.5%"],
            "arrears": ["否"],
            "founded": ["2019年1月2日"],
            "lists": ["2023-05-01/2024-06-30;B 2025-01-01/.."],
        },
        mapping(),
    )
    row = chunk.rows.to_pylist()[0]
    assert {name: row[name] for name in row if not name.startswith("#")} == {
        "uscc": code(1),
        "ent_name": "甲",
        "size_class": "small",
        "employees": 1200,
        "revenue": 123_457,
        "ratio": 55_000,
        "arrears": False,
        "founded": date(2019, 1, 2),
        "lists": ["2023-05-01/2024-06-30", "B 2025-01-01/.."],
    }
    assert row[OBSERVED] == DAY


def test_money_in_units_of_ten_thousand_is_read_column_wise_and_cell_wise_alike() -> None:
    each = mapping(column("revenue", Parse.MONEY_WAN))
    chunk = cleaned({"uscc": [code(1), code(2), code(3)], "revenue": ["1.23456", "1.23456万元", "1,000"]}, each)
    assert chunk.rows["revenue"].to_pylist() == [1_234_560, 1_234_560, 1_000_000_000]


def test_a_record_needs_an_id() -> None:
    each = mapping(
        column("loan_principal", Parse.CHINESE_MONEY, at="amount"), grain="loan", record="contract", source="bank"
    )
    chunk = cleaned(
        {"uscc": [code(1), code(1)], "contract": [" A-1 ", None], "amount": ["300万元人民币", "1万元"]}, each
    )
    assert chunk.rows["loan_id"].to_pylist() == ["A-1"]
    assert chunk.rows["loan_principal"].to_pylist() == [300_000_000]
    assert [(each.row, each.reason) for each in chunk.refusals] == [(3, Reason.NO_RECORD_ID)]
