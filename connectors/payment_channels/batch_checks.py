"""What every batch must be before a channel writes it, whatever the form of the file.

Guarantees that count and total are as declared, that no attempt is in the batch twice, and that every text fits the
fields of ISO 20022 (pain.001.001.09) unchanged: nothing is cut, trimmed or replaced in what a bank is to pay.
"""

import re
from dataclasses import dataclass

from connectors.payment_channels.yuan import shown
from policy_match.payments.attempt_id import is_attempt_id
from policy_match.payments.file_defects import BatchUnfit
from policy_match.payments.messages import MAX_INSTRUCTIONS, PaymentBatch, PaymentInstruction
from policy_match.values import MONEY_LIMIT_FEN

CNAPS = re.compile(r"[0-9]{12}")
"""A bank code of the China National Advanced Payment System."""
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
"""A business identifier code, ISO 9362."""

MESSAGE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,34}")
"""Also the name of the file, so it has no sign that means something in a path."""
ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,33}")

_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, line breaks, changes of direction and halves of characters: XML forbids them, or they mislead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _TextField:
    """A field that holds a text, its names and its length in ISO 20022."""

    english: str
    chinese: str
    most: int


PAYEE_NAME = _TextField(english="payee name", chinese="收款人名称", most=140)
LINE = _TextField(english="budget line", chinese="预算线", most=35)
PURPOSE = _TextField(english="purpose", chinese="用途", most=140)


def check_batch(batch: PaymentBatch) -> None:
    """Raise `BatchUnfit` for the first thing that keeps the batch from being written."""
    where = batch.message_id
    if MESSAGE_ID.fullmatch(where) is None:
        raise _unfit(
            "?", "message id", "报文编号", "is not 1 to 35 of A-Z a-z 0-9 . _ -", "应为 1 至 35 位字母、数字或 . _ -"
        )
    if batch.made_at.tzinfo is None:
        raise _unfit(where, "time of making", "生成时间", "has no time zone", "没有时区")
    found = len(batch.instructions)
    if not 1 <= found <= MAX_INSTRUCTIONS:
        raise _unfit(
            where,
            "number of instructions",
            "指令数",
            f"is {found}, not 1 to {MAX_INSTRUCTIONS}",
            f"为 {found}，应在 1 至 {MAX_INSTRUCTIONS} 之间",
        )
    if batch.count != found:
        raise _unfit(
            where, "declared count", "声明笔数", f"is {batch.count} for {found}", f"为 {batch.count}，实际 {found}"
        )
    seen: set[str] = set()
    for instruction in batch.instructions:
        _check_instruction(instruction)
        if instruction.attempt_id in seen:
            raise _unfit(instruction.attempt_id, "attempt id", "支付编号", "is there twice", "重复")
        seen.add(instruction.attempt_id)
    total = sum(instruction.amount_fen for instruction in batch.instructions)
    if batch.total_fen != total:
        declared, made = shown(batch.total_fen), shown(total)
        raise _unfit(where, "declared total", "声明金额", f"is {declared} for {made}", f"为 {declared}，实际 {made}")
    if total >= MONEY_LIMIT_FEN:
        raise _unfit(where, "total", "总金额", "is more than 18 digits of fen", "超过 18 位（分）")


def check_text(where: str, text: str, name: _TextField) -> None:
    """Raise `BatchUnfit` when a text does not go into its field as it is."""
    if not text.strip():
        raise _unfit(where, name.english, name.chinese, "is empty", "为空")
    if len(text) > name.most:
        raise _unfit(
            where,
            name.english,
            name.chinese,
            f"has {len(text)} characters, more than {name.most}",
            f"有 {len(text)} 个字符，超过 {name.most}",
        )
    if _NO_TEXT.search(text) is not None or text != text.strip():
        problem = "has control characters or line breaks, or spaces around it"
        raise _unfit(where, name.english, name.chinese, problem, "含有控制字符、换行或首尾空格")


def is_bank_code(text: str) -> bool:
    """Return whether `text` is a CNAPS code or a BIC."""
    return CNAPS.fullmatch(text) is not None or BIC.fullmatch(text) is not None


def _check_instruction(instruction: PaymentInstruction) -> None:
    where = instruction.attempt_id
    if not is_attempt_id(where):
        raise _unfit("?", "attempt id", "支付编号", "has a wrong form or check digits", "格式或校验位不正确")
    if not 0 < instruction.amount_fen < MONEY_LIMIT_FEN:
        raise _unfit(
            where,
            "amount",
            "金额",
            "is not above zero, or has more than 18 digits of fen",
            "须大于零且不超过 18 位（分）",
        )
    check_text(where, instruction.payee_name, PAYEE_NAME)
    check_text(where, instruction.line, LINE)
    check_text(where, instruction.purpose, PURPOSE)
    if ACCOUNT.fullmatch(instruction.account_number) is None:
        raise _unfit(
            where, "account number", "收款账号", "is not 1 to 34 letters, digits or -", "应为 1 至 34 位字母、数字或 -"
        )
    if not is_bank_code(instruction.bank_code):
        raise _unfit(
            where, "bank code", "行号", "is neither 12 digits (CNAPS) nor a BIC", "既不是 12 位联行号也不是 BIC"
        )


def _unfit(where: str, field: str, field_zh: str, problem: str, problem_zh: str) -> BatchUnfit:
    return BatchUnfit(where=where, field=field, field_zh=field_zh, problem=problem, problem_zh=problem_zh)
