"""A batch as an ISO 20022 customer credit transfer initiation, pain.001.001.09.

Guarantees a file that is valid against the published schema, with one payment-information block per budget line, and
count and control sum declared for the file and for each block. It is valid or it is not returned.
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from connectors.payment_channels.batch_checks import CNAPS
from connectors.payment_channels.fields import BEIJING
from connectors.payment_channels.yuan import yuan_text
from policy_match.payments.file_defects import BatchUnfit
from policy_match.payments.messages import PaymentBatch, PaymentInstruction

VERSION = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{VERSION}"


def pain001(batch: PaymentBatch, payer_name: str, payer_account: str, payer_bank: str) -> bytes:
    """Return the file of a checked batch, in UTF-8. Raises `BatchUnfit` when the schema does not allow it."""
    document = etree.Element(_tag("Document"), nsmap={None: NAMESPACE})
    message = _add(document, "CstmrCdtTrfInitn")
    _add_group_header(message, batch, payer_name)
    for line, instructions in _by_line(batch.instructions).items():
        block = _add_block(message, batch, line, instructions)
        _add(block, "Dbtr", "Nm", text=payer_name)
        _add(block, "DbtrAcct", "Id", "Othr", "Id", text=payer_account)
        _add_bank(block, "DbtrAgt", payer_bank)
        for instruction in instructions:
            _add_transfer(block, instruction)
    _check_schema(document, batch.message_id)
    content: bytes = etree.tostring(document, encoding="UTF-8", xml_declaration=True)
    return content


def _by_line(instructions: Sequence[PaymentInstruction]) -> dict[str, list[PaymentInstruction]]:
    blocks: dict[str, list[PaymentInstruction]] = {}
    for instruction in instructions:
        blocks.setdefault(instruction.line, []).append(instruction)
    return blocks


def _add_group_header(message: etree._Element, batch: PaymentBatch, payer_name: str) -> None:
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", text=batch.message_id)
    _add(header, "CreDtTm", text=batch.made_at.astimezone(BEIJING).isoformat(timespec="seconds"))
    _add(header, "NbOfTxs", text=str(batch.count))
    _add(header, "CtrlSum", text=yuan_text(batch.total_fen))
    _add(header, "InitgPty", "Nm", text=payer_name)


def _add_block(
    message: etree._Element, batch: PaymentBatch, line: str, instructions: Sequence[PaymentInstruction]
) -> etree._Element:
    """Add what stands before the payer of one budget line. `BtchBookg` asks for one booking per transfer."""
    block = _add(message, "PmtInf")
    _add(block, "PmtInfId", text=line)
    _add(block, "PmtMtd", text="TRF")
    _add(block, "BtchBookg", text="false")
    _add(block, "NbOfTxs", text=str(len(instructions)))
    _add(block, "CtrlSum", text=yuan_text(sum(instruction.amount_fen for instruction in instructions)))
    _add(block, "ReqdExctnDt", "Dt", text=batch.execute_on.isoformat())
    return block


def _add_transfer(block: etree._Element, instruction: PaymentInstruction) -> None:
    transfer = _add(block, "CdtTrfTxInf")
    _add(transfer, "PmtId", "EndToEndId", text=instruction.attempt_id)
    _add(transfer, "Amt", "InstdAmt", text=yuan_text(instruction.amount_fen)).set("Ccy", "CNY")
    _add_bank(transfer, "CdtrAgt", instruction.bank_code)
    _add(transfer, "Cdtr", "Nm", text=instruction.payee_name)
    _add(transfer, "CdtrAcct", "Id", "Othr", "Id", text=instruction.account_number)
    _add(transfer, "RmtInf", "Ustrd", text=instruction.purpose)


def _add_bank(parent: etree._Element, tag: str, code: str) -> None:
    """Add an agent: a CNAPS code as member of the clearing system `CNAPS` (ISO external code list), else a BIC."""
    if CNAPS.fullmatch(code) is None:
        _add(parent, tag, "FinInstnId", "BICFI", text=code)
        return
    member = _add(parent, tag, "FinInstnId", "ClrSysMmbId")
    _add(member, "ClrSysId", "Cd", text="CNAPS")
    _add(member, "MmbId", text=code)


def _add(parent: etree._Element, *path: str, text: str | None = None) -> etree._Element:
    """Add elements within each other, and `text` in the last, which is returned."""
    for tag in path:
        parent = etree.SubElement(parent, _tag(tag))
    parent.text = text
    return parent


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


@cache
def _schema() -> etree.XMLSchema:
    """Return the published schema; the package sepaxml carries it, and is found but not imported."""
    package = find_spec("sepaxml")
    assert package is not None and package.origin is not None, "sepaxml is a requirement of this package"
    return etree.XMLSchema(etree.parse(Path(package.origin).parent / "schemas" / f"{VERSION}.xsd"))


def _check_schema(document: etree._Element, message_id: str) -> None:
    schema = _schema()
    if not schema.validate(document):
        path = schema.error_log[0].path
        raise BatchUnfit(
            where=message_id,
            field=path,
            field_zh=path,
            problem=f"is not valid against {VERSION}",
            problem_zh=f"不符合 {VERSION} 模式",
        )
