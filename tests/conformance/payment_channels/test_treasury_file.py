"""The treasury's CSV: what is written is what others read, what comes back is read whole or refused with its row."""

import csv
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.payments.file_defects import BankFileError, BatchUnfit, NotAsDeclared
from policy_match.payments.messages import LineKind, PaymentInstruction, ReportedStatus, StatementLine, StatusLine
from tests.conformance.payment_channels.bank_files import (
    ACCOUNT,
    BEIJING,
    batch,
    id_of,
    instruction,
    treasury_file,
    treasury_return,
)

GOLDEN = Path(__file__).parent / "golden"

texts = (
    st.text(
        st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")) | st.sampled_from("青岛虚构𠮷,\"';"),
        min_size=1,
        max_size=140,
    )
    .map(str.strip)
    .filter(lambda text: text != "" and text[0] not in "=+-@＝＋－＠")
)
instructions = st.lists(
    st.builds(
        PaymentInstruction,
        attempt_id=st.integers(1, 10**9).map(id_of),
        amount_fen=st.integers(1, 10**15),
        payee_name=texts,
        account_number=st.from_regex(r"[0-9]{1,34}", fullmatch=True),
        bank_code=st.from_regex(r"[0-9]{12}", fullmatch=True),
        line=st.sampled_from(["city-industry-2025", "省级-2025"]),
        purpose=texts,
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row.attempt_id,
)


def row(number: int = 1, result: str = "已支付", amount: str = "10.00", day: str = "2025-07-01", **more: str) -> str:
    return ",".join([id_of(number), result, amount, day, more.get("ref", f"T{number}"), more.get("reason", "")])


@given(instructions, st.sampled_from(["utf-8", "gb18030"]))
def test_another_reader_finds_the_instructions_that_were_written(rows: list[PaymentInstruction], encoding: str) -> None:
    written = treasury_file(encoding=encoding).write(batch(rows)).content
    text = written.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    table = list(csv.reader(StringIO(text, newline="")))
    found = [
        PaymentInstruction(
            attempt_id=cells[1],
            payee_name=cells[2],
            account_number=cells[3],
            bank_code=cells[4],
            amount_fen=int(cells[5].replace(".", "")),
            line=cells[6],
            purpose=cells[7],
        )
        for cells in table[1:-1]
    ]
    assert found == rows
    assert [cells[0] for cells in table] == ["序号", *(str(number) for number in range(1, len(rows) + 1)), "合计"]
    assert (int(table[-1][2]), int(table[-1][5].replace(".", ""))) == (len(rows), sum(each.amount_fen for each in rows))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_file_is_the_golden_one(encoding: str) -> None:
    written = treasury_file(encoding=encoding).write(batch())
    assert written.content == (GOLDEN / f"treasury-batch.{encoding}.csv").read_bytes()
    assert (written.name, written.count, written.total_fen) == ("PMB-2025-000001.csv", 3, 3_703_707)
    assert ACCOUNT not in repr(written)


@pytest.mark.parametrize("field", ["payee_name", "line", "purpose"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＠"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(field: str, sign: str) -> None:
    with pytest.raises(BatchUnfit, match="begins with = "):
        treasury_file().write(batch([instruction(**{field: f"{sign}HYPERLINK(1)"})]))


@pytest.mark.parametrize("field", ["payee_name", "purpose"])
def test_a_cell_with_a_tab_or_line_break_is_refused(field: str) -> None:
    for text in ("\t=1", "甲\r\n乙", "\r=1"):
        with pytest.raises(BatchUnfit, match="control characters"):
            treasury_file().write(batch([instruction(**{field: text})]))


def test_a_batch_that_is_not_what_it_declares_is_refused() -> None:
    with pytest.raises(BatchUnfit, match="declared count"):
        treasury_file().write(batch(count=2))


def test_results_become_status_lines_and_movements() -> None:
    report = treasury_file().read("result.csv", (GOLDEN / "treasury-return.csv").read_bytes())
    assert (report.message_id, report.made_at) == ("TR-20250702", datetime(2025, 7, 2, 9, 0, tzinfo=BEIJING))
    assert report.statuses == (
        StatusLine(attempt_id=id_of(3), status=ReportedStatus.ACCEPTED, code="已受理", amount_fen=1_234_570),
        StatusLine(
            attempt_id=id_of(4),
            status=ReportedStatus.REJECTED,
            code="已拒绝",
            reason_code="BE01",
            reason="户名不符",
            amount_fen=100,
        ),
        StatusLine(attempt_id=id_of(5), status=ReportedStatus.OTHER, code="处理中", reason="待查", amount_fen=200),
    )
    (statement,) = report.statements
    assert (statement.opening_fen, statement.closing_fen) == (None, None)
    assert statement.lines == (
        StatementLine(
            line_ref="T-0001",
            attempt_id=id_of(1),
            amount_fen=1_234_568,
            credit=False,
            kind=LineKind.BOOKING,
            booked_on=date(2025, 7, 1),
        ),
        StatementLine(
            line_ref="T-0001/CRDT",
            attempt_id=id_of(1),
            amount_fen=1_234_568,
            credit=True,
            kind=LineKind.RETURN,
            booked_on=date(2025, 7, 2),
            reason_code="AC04",
            text="账户已销户",
        ),
    )


def test_a_result_file_may_be_in_gb18030() -> None:
    content = treasury_return(row(), total="10.00", encoding="gb18030")
    assert len(treasury_file(encoding="gb18030").read("result.csv", content).statements[0].lines) == 1


def test_a_reference_that_comes_again_is_numbered() -> None:
    content = treasury_return(row(1, ref="T1"), row(2, ref="T1"), total="20.00")
    (statement,) = treasury_file().read("result.csv", content).statements
    assert [line.line_ref for line in statement.lines] == ["T1", "T1/#2"]


def test_a_file_without_movements_has_no_statement() -> None:
    assert treasury_file().read("result.csv", treasury_return()).statements == ()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("a,b", "the cells are not 6"),
        (row() + ",", "the cells are not 6"),
        (row(reason='"two\nlines"'), "without line breaks"),
        (row(amount="10.001"), "`金额` is not an amount"),
        (row(amount="-10.00"), "`金额` is not an amount"),
        (row(amount='"1,000.00"'), "`金额` is not an amount"),
        (row(amount=ACCOUNT), "`金额` is not an amount"),
        (row(day="20250701"), "`记账日期` is not a day"),
        (row(day=""), "`记账日期` is not a day"),
        (row(ref=""), "`银行流水号` is missing"),
        (row(ref="x" * 36), "at most 35 characters"),
        ("," + row().partition(",")[2], "`支付编号` is missing"),
    ],
)
def test_a_malformed_row_refuses_the_file_with_its_number(bad: str, words: str) -> None:
    with pytest.raises(BankFileError, match=words) as caught:
        treasury_file().read("result.csv", treasury_return(row(), bad, total="20.00"))
    assert caught.value.message("en").startswith("result.csv: row 3: ")
    assert ACCOUNT not in caught.value.message("en") + caught.value.message("zh")


@pytest.mark.parametrize(
    ("count", "total", "words"),
    [
        (3, "20.00", "`count` declares 3, the lines make 2"),
        (2, "20.01", "`total` declares 20.01, the lines make 20.00"),
    ],
)
def test_declared_count_and_total_are_those_of_the_rows(count: int, total: str, words: str) -> None:
    with pytest.raises(NotAsDeclared, match=words):
        treasury_file().read("result.csv", treasury_return(row(1), row(2), count=count, total=total))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "`合计` is missing"),
        (treasury_return().partition("合计".encode())[0], "`合计` is missing"),
        (treasury_return(row(), total="10.00").replace("状态".encode(), "金额".encode()), "row 1: the cells are not"),
        (treasury_return() + row().encode(), "row 3: the cells are not the end"),
        (treasury_return().replace(b"2025-07-02 09:00:00", b"noon"), "`time of making` is not a time"),
        (treasury_return().replace("合计,0".encode(), "合计,none".encode()), "`count` is not a whole number"),
        (treasury_return().replace(b"TR-1", b""), "`report id` is missing"),
        (treasury_return(row(reason='"open'), total="10.00"), "are quotes missing"),
    ],
)
def test_a_file_of_another_form_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(BankFileError, match=words):
        treasury_file().read("result.csv", content)
