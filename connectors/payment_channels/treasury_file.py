"""The channel of a treasury's centralised payment: a CSV of instructions out, a CSV of results in.

Guarantees count and total in a trailer row, checked on the way out and in, and no cell that a spreadsheet would take
for a formula. Settings: optional `encoding` (`utf-8`, the default, or `gb18030`) and `max_bytes`.
"""

import csv
from collections.abc import Mapping
from io import StringIO

from connectors.payment_channels.batch_checks import check_batch
from connectors.payment_channels.settings import SettingUnfit, check_names, max_bytes_of
from connectors.payment_channels.treasury_return import TRAILER, read_return
from connectors.payment_channels.yuan import yuan_text
from policy_match.payments.file_defects import BatchUnfit
from policy_match.payments.messages import BankReport, OutgoingFile, PaymentBatch, PaymentInstruction

NAME = "treasury_file"
HEADER = ("序号", "支付编号", "收款人名称", "收款人账号", "收款行行号", "金额", "预算线", "用途")
"""Serial number, attempt id, payee, account, bank code, amount in yuan, budget line, purpose."""
ENCODINGS = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}
"""How the text is written, by setting: UTF-8 has a byte-order mark, without which spreadsheets misread it."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""A spreadsheet runs a cell that begins with one of these (half-width or full-width)."""


class TreasuryFile:
    """Writes batches and reads results as CSV. Raises `SettingUnfit` when made."""

    name = NAME

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_names(NAME, settings, (), ("encoding", "max_bytes"))
        encoding = settings.get("encoding", "utf-8")
        if encoding not in ENCODINGS:
            raise SettingUnfit(
                channel=NAME,
                setting="encoding",
                problem="is neither utf-8 nor gb18030; correct it",
                problem_zh="应为 utf-8 或 gb18030；请更正",
            )
        self._encoding = ENCODINGS[encoding]
        self._max_bytes = max_bytes_of(NAME, settings)

    def write(self, batch: PaymentBatch) -> OutgoingFile:
        """Return the batch as a CSV file. Raises `BatchUnfit`, also for a text that a spreadsheet would run."""
        check_batch(batch)
        text = StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(HEADER)
        for number, instruction in enumerate(batch.instructions, 1):
            rows.writerow(_cells(number, instruction))
        total, day = yuan_text(batch.total_fen), batch.execute_on.isoformat()
        rows.writerow((TRAILER, batch.message_id, batch.count, "", "", total, "", day))
        return OutgoingFile(
            name=f"{batch.message_id}.csv",
            content=text.getvalue().encode(self._encoding),
            count=batch.count,
            total_fen=batch.total_fen,
        )

    def read(self, name: str, content: bytes) -> BankReport:
        """Return what the file says; `name` is for errors. Raises a `BankFileError`."""
        return read_return(name, content, self._encoding, self._max_bytes)


def _cells(number: int, instruction: PaymentInstruction) -> tuple[str, ...]:
    """Return the cells of one row. A name is refused, not changed: with a `'` before it the payment would bounce."""
    texts = {
        ("payee name", "收款人名称"): instruction.payee_name,
        ("budget line", "预算线"): instruction.line,
        ("purpose", "用途"): instruction.purpose,
    }
    for (field, field_zh), text in texts.items():
        if text.startswith(_FORMULA):
            raise BatchUnfit(
                where=instruction.attempt_id,
                field=field,
                field_zh=field_zh,
                problem="begins with = + - or @, which a spreadsheet takes for a formula",
                problem_zh="以 = + - 或 @ 开头，会被电子表格当作公式",
            )
    return (
        str(number),
        instruction.attempt_id,
        instruction.payee_name,
        instruction.account_number,
        instruction.bank_code,
        yuan_text(instruction.amount_fen),
        instruction.line,
        instruction.purpose,
    )
