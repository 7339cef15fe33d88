"""A bank's payment status report, ISO 20022 pain.002, as what it says of batches and of instructions.

Guarantees that a status code that is not in the table below becomes `other`, and that the counts and sums which the
bank declares per status are those of its lines. Whether an instruction is ours is left to whoever knows the attempts.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

from connectors.payment_channels.fields import Record
from connectors.payment_channels.safe_xml import SafeXml, drop_before
from connectors.payment_channels.yuan import shown
from policy_match.payments.file_defects import NotAsDeclared, ValueMissing, element_place
from policy_match.payments.messages import BankReport, BatchStatus, ReportedStatus, StatusLine

STATUS_OF_CODE: Mapping[str, ReportedStatus] = {
    "ACTC": ReportedStatus.ACCEPTED,  # technical validation passed
    "ACCP": ReportedStatus.ACCEPTED,  # customer profile checked
    "ACSP": ReportedStatus.ACCEPTED,  # settlement in process
    "ACSC": ReportedStatus.SETTLED,  # settled on the payer's account
    "ACCC": ReportedStatus.SETTLED,  # settled on the payee's account
    "RJCT": ReportedStatus.REJECTED,
}
"""ISO 20022 external payment transaction status codes that move an attempt."""

_PARTS = ("GrpHdr", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts")


def read_pain002(xml: SafeXml, namespace: str) -> BankReport:
    """Return the report. Raises a `BankFileError`."""
    reader = _Reader()
    numbers: Counter[str] = Counter()
    for element in xml.elements(*(f"{{{namespace}}}{name}" for name in _PARTS)):
        name = element.tag.rpartition("}")[2]
        numbers[name] += 1
        place = element_place(name, numbers[name])
        record = Record(file=xml.file, place=place, element=element, namespace=namespace)
        match name:
            case "GrpHdr":
                reader.header = record
            case "TxInfAndSts":
                reader.line(record)
                drop_before(element)
            case "OrgnlPmtInfAndSts":
                reader.block(record)
            case "OrgnlGrpInfAndSts":
                reader.group = record
    return reader.report(xml.file)


class _Reader:
    """What was read so far."""

    header: Record | None = None
    group: Record | None = None

    def __init__(self) -> None:
        self._blocks: list[Record] = []
        self._lines: list[StatusLine] = []
        self._block_starts = 0

    def line(self, record: Record) -> None:
        """Add one instruction's status."""
        code = record.text("TxSts")
        self._lines.append(
            StatusLine(
                attempt_id=record.end_to_end_id("OrgnlEndToEndId"),
                status=STATUS_OF_CODE.get(code, ReportedStatus.OTHER),
                code=code,
                reason_code=record.text("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry"),
                reason=record.texts("StsRsnInf/AddtlInf"),
                amount_fen=record.amount("OrgnlTxRef/Amt/InstdAmt"),
            )
        )

    def block(self, record: Record) -> None:
        """Close one block of instructions: those read since the last one."""
        code = record.text("PmtInfSts")
        _check_counts(record, code, self._lines[self._block_starts :])
        self._block_starts = len(self._lines)
        self._blocks.append(record)

    def report(self, file: str) -> BankReport:
        """Return the whole."""
        if self.header is None or self.group is None:
            missing = "GrpHdr" if self.header is None else "OrgnlGrpInfAndSts"
            raise ValueMissing(file=file, name=missing)
        message_id = self.group.needed_id("OrgnlMsgId")
        code = self.group.text("GrpSts")
        _check_counts(self.group, code, self._lines)
        batches = [_batch_status(self.group, message_id, "", code)]
        for record in self._blocks:
            block_code = record.text("PmtInfSts")
            if block_code:
                batches.append(_batch_status(record, message_id, record.needed_id("OrgnlPmtInfId"), block_code))
        return BankReport(
            message_id=self.header.needed_id("MsgId"),
            made_at=self.header.time("CreDtTm"),
            batches=tuple(batches),
            statuses=tuple(self._lines),
        )


def _batch_status(record: Record, message_id: str, line: str, code: str) -> BatchStatus:
    return BatchStatus(
        message_id=message_id,
        line=line,
        status=STATUS_OF_CODE.get(code, ReportedStatus.OTHER),
        code=code,
        reason_code=record.text("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry"),
        reason=record.texts("StsRsnInf/AddtlInf"),
        count=record.count("OrgnlNbOfTxs"),
        total_fen=record.total("OrgnlCtrlSum"),
    )


def _check_counts(record: Record, whole: str, lines: list[StatusLine]) -> None:
    """Raise `NotAsDeclared` when the lines of a status are not as many, or not as much, as the bank declares.

    A bank may leave out the lines of a status; of the rejected it may do so only when `whole`, its code for all of
    them, says the same.
    """
    found = Counter(line.code for line in lines)
    sums: defaultdict[str, list[int | None]] = defaultdict(list)
    for line in lines:
        sums[line.code].append(line.amount_fen)
    for declared in record.all("NbOfTxsPerSts"):
        code = declared.needed("DtldSts")
        count = declared.count("DtldNbOfTxs")
        left_out = found[code] == 0 and (code == whole or STATUS_OF_CODE.get(code) is not ReportedStatus.REJECTED)
        if count != found[code] and not left_out:
            raise NotAsDeclared(
                file=record.file, place=record.place, name="DtldNbOfTxs", declared=count, found=found[code]
            )
        total = declared.total("DtldCtrlSum")
        amounts = [amount for amount in sums[code] if amount is not None]
        if total is not None and amounts and len(amounts) == found[code] and sum(amounts) != total:
            raise NotAsDeclared(
                file=record.file,
                place=record.place,
                name="DtldCtrlSum",
                declared=shown(total),
                found=shown(sum(amounts)),
            )
