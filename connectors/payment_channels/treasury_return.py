"""The result file of a treasury's centralised payment, as status lines and movements.

Guarantees that every row is read or the whole file refused with the row's number, and that count and total of the
trailer are those of the rows. A result that is not in the table below becomes `other`.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from io import StringIO

from connectors.payment_channels.fields import BEIJING, MAX_ID_LENGTH
from connectors.payment_channels.yuan import fen_of, shown
from policy_match.payments.file_defects import (
    FileTooLarge,
    NotAsDeclared,
    NotInEncoding,
    ValueMissing,
    ValueUnreadable,
    WrongCells,
    row_place,
)
from policy_match.payments.messages import (
    CREDIT_MARK,
    BankReport,
    LineKind,
    ReportedStatus,
    Statement,
    StatementLine,
    StatusLine,
)

HEADER = ("支付编号", "状态", "金额", "记账日期", "银行流水号", "原因")
"""Attempt id, result, amount in yuan, booked day, bank reference, reason."""
TRAILER = "合计"
"""The first cell of the last row, with count, total, time of making, report id and the id of the batch's message."""

PAID, RETURNED = "已支付", "已退回"
"""Results that are movements on the account, with a day and a reference."""
STATUS_OF_RESULT: Mapping[str, ReportedStatus] = {
    "已受理": ReportedStatus.ACCEPTED,
    "已拒绝": ReportedStatus.REJECTED,
}
"""Results that move no money."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[+-][0-9]{2}:[0-9]{2})?")
_COUNT = re.compile(r"[0-9]{1,9}")
_REASON = re.compile(r"([A-Z]{2}[0-9]{2})(?:\s*[::]?\s*(.*))?")
"""A reason may begin with an ISO 20022 reason code, such as `AC04:账户已销户`."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def read_return(file: str, content: bytes, encoding: str, max_bytes: int) -> BankReport:
    """Return the report. Raises a `BankFileError`."""
    if len(content) > max_bytes:
        raise FileTooLarge(file=file, size=len(content), limit=max_bytes)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotInEncoding(file=file, offset=error.start, encoding=encoding.removesuffix("-sig").upper()) from None
    rows = _Rows(file)
    for number, cells in _cells(file, text.removeprefix("\ufeff")):
        rows.add(number, cells)
    return rows.report()


def _cells(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with its number, from 1; an empty line counts but is no row."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(StringIO(text, newline=""), strict=True), 1):
            if cells:
                yield number, [cell.strip() for cell in cells]
    except csv.Error:
        raise WrongCells(file=file, place=row_place(number + 1), wanted="CSV, are quotes missing?") from None


class _Rows:
    """What was read so far. The header comes first, the trailer last."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._number = 0
        self._header_seen = False
        self._trailer: list[str] | None = None
        self._count = 0
        self._total_fen = 0
        self._statuses: list[StatusLine] = []
        self._lines: list[StatementLine] = []
        self._seen: Counter[str] = Counter()

    def add(self, number: int, cells: list[str]) -> None:
        """Add one row."""
        self._number = number
        if not self._header_seen:
            if tuple(cells) != HEADER:
                raise self._wrong_cells(",".join(HEADER))
            self._header_seen = True
        elif self._trailer is not None:
            raise self._wrong_cells(f"the end: {TRAILER} is the last row")
        elif len(cells) != len(HEADER) or any(_CONTROL.search(cell) for cell in cells):
            raise self._wrong_cells(f"{len(HEADER)}, without line breaks")
        elif cells[0] == TRAILER:
            self._trailer = cells
        else:
            self._result(*cells)

    def report(self) -> BankReport:
        """Return the whole, checked against its trailer."""
        if self._trailer is None:
            raise ValueMissing(file=self._file, name=TRAILER)
        _, count, total, made_at, report_id, _ = self._trailer
        if _COUNT.fullmatch(count) is None:
            raise self._unreadable("count", "a whole number", "整数")
        declared_fen = self._fen(total)
        if int(count) != self._count:
            raise self._not_declared("count", int(count), self._count)
        if declared_fen != self._total_fen:
            raise self._not_declared("total", shown(declared_fen), shown(self._total_fen))
        report_id = self._id("report id", report_id)
        lines = tuple(self._lines)
        statement = Statement(
            account="",
            statement_id=report_id,
            first_day=None,
            last_day=None,
            opening_fen=None,
            closing_fen=None,
            lines=lines,
        )
        return BankReport(
            message_id=report_id,
            made_at=self._time(made_at),
            statuses=tuple(self._statuses),
            statements=(statement,) if lines else (),
        )

    def _result(self, attempt: str, result: str, amount: str, day: str, reference: str, reason: str) -> None:
        attempt_id = self._id(HEADER[0], attempt)
        amount_fen = self._fen(amount)
        self._count += 1
        self._total_fen += amount_fen
        code, text = _reason(reason)
        if result not in (PAID, RETURNED):
            status = STATUS_OF_RESULT.get(result, ReportedStatus.OTHER)
            self._statuses.append(
                StatusLine(
                    attempt_id=attempt_id,
                    status=status,
                    code=result,
                    reason_code=code,
                    reason=text,
                    amount_fen=amount_fen,
                )
            )
            return
        credit = result == RETURNED
        self._lines.append(
            StatementLine(
                line_ref=self._reference(reference, credit),
                attempt_id=attempt_id,
                amount_fen=amount_fen,
                credit=credit,
                kind=LineKind.RETURN if credit else LineKind.BOOKING,
                booked_on=self._day(day),
                reason_code=code,
                text=text,
            )
        )

    def _reference(self, text: str, credit: bool) -> str:
        """Return the bank's reference, numbered when it comes again, so that no line is taken for another."""
        reference = self._id(HEADER[4], text) + (CREDIT_MARK if credit else "")
        self._seen[reference] += 1
        times = self._seen[reference]
        return reference if times == 1 else f"{reference}/#{times}"

    def _id(self, name: str, text: str) -> str:
        if not text:
            raise ValueMissing(file=self._file, place=row_place(self._number), name=name)
        if len(text) > MAX_ID_LENGTH:
            raise self._unreadable(name, f"at most {MAX_ID_LENGTH} characters long", f"至多 {MAX_ID_LENGTH} 个字符")
        return text

    def _fen(self, text: str) -> int:
        fen = fen_of(text)
        if fen is None:
            raise self._unreadable(HEADER[2], "an amount in yuan with at most two decimals", "至多两位小数的元金额")
        return fen

    def _day(self, text: str) -> date:
        try:
            return date.fromisoformat(text if _DAY.fullmatch(text) is not None else "")
        except ValueError:
            raise self._unreadable(HEADER[3], "a day such as 2025-06-30", "形如 2025-06-30 的日期") from None

    def _time(self, text: str) -> datetime:
        try:
            time = datetime.fromisoformat(text if _TIME.fullmatch(text) is not None else "")
        except ValueError:
            wanted, wanted_zh = "a time such as 2025-06-30 09:30:00", "形如 2025-06-30 09:30:00 的时间"
            raise self._unreadable("time of making", wanted, wanted_zh) from None
        return time.replace(tzinfo=BEIJING) if time.tzinfo is None else time

    def _wrong_cells(self, wanted: str) -> WrongCells:
        return WrongCells(file=self._file, place=row_place(self._number), wanted=wanted)

    def _unreadable(self, name: str, wanted: str, wanted_zh: str) -> ValueUnreadable:
        place = row_place(self._number)
        return ValueUnreadable(file=self._file, place=place, name=name, wanted=wanted, wanted_zh=wanted_zh)

    def _not_declared(self, name: str, declared: object, found: object) -> NotAsDeclared:
        place = row_place(self._number)
        return NotAsDeclared(file=self._file, place=place, name=name, declared=declared, found=found)


def _reason(text: str) -> tuple[str, str]:
    """Return the reason code, if the reason begins with one, and the text behind it."""
    match = _REASON.fullmatch(text)
    return (match[1], match[2] or "") if match is not None else ("", text)
