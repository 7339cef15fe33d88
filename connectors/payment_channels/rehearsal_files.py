"""The bank's side of the files, for rehearsals: reads what a channel wrote, and writes what a bank answers.

Guarantees well-formed files of the forms that the channels read: pain.002, camt.053, camt.054 and the treasury's result
file. What the answers are is up to whoever plays the bank; no real bank is involved.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO
from xml.sax.saxutils import escape

from lxml import etree

from connectors.payment_channels.pain001 import NAMESPACE
from connectors.payment_channels.treasury_return import HEADER, PAID, RETURNED, TRAILER
from connectors.payment_channels.yuan import fen_of, yuan_text
from policy_match.payments.messages import OutgoingFile

PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.{}.001.08"
ACCEPTED, SETTLED, REJECTED = "ACSP", "ACSC", "RJCT"
"""The ISO 20022 status codes that rehearsals use."""

_RESULTS = {ACCEPTED: "已受理", REJECTED: "已拒绝"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedPayment:
    """One payment as the bank reads it in a file."""

    attempt_id: str
    amount_fen: int
    payee_name: str
    account_number: str = field(repr=False)
    line: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedBatch:
    """A file as the bank reads it. `xml` when it is a pain.001, else it is a treasury's."""

    message_id: str
    execute_on: date
    payments: tuple[ReceivedPayment, ...]
    xml: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the bank says of one payment, without moving money."""

    attempt_id: str
    amount_fen: int
    code: str
    reason_code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """One movement on the account that pays; `credit` when money came in, `attempt_id` null when it is not ours."""

    line_ref: str
    attempt_id: str | None
    amount_fen: int
    credit: bool
    booked_on: date
    reason_code: str = ""
    text: str = ""


def read_outgoing(file: OutgoingFile) -> ReceivedBatch:
    """Return what a channel's file asks the bank to pay."""
    if file.content.lstrip().startswith(b"<?xml"):
        return _read_pain001(file.content)
    return _read_treasury(file.content)


def _read_pain001(content: bytes) -> ReceivedBatch:
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    space = {"p": NAMESPACE}
    payments = [
        ReceivedPayment(
            attempt_id=_text(transfer, "p:PmtId/p:EndToEndId"),
            amount_fen=_fen(_text(transfer, "p:Amt/p:InstdAmt")),
            payee_name=_text(transfer, "p:Cdtr/p:Nm"),
            account_number=_text(transfer, "p:CdtrAcct/p:Id/p:Othr/p:Id"),
            line=_text(block, "p:PmtInfId"),
        )
        for block in root.iterfind(".//p:PmtInf", space)
        for transfer in block.iterfind("p:CdtTrfTxInf", space)
    ]
    return ReceivedBatch(
        message_id=_text(root, ".//p:GrpHdr/p:MsgId"),
        execute_on=date.fromisoformat(_text(root, ".//p:PmtInf/p:ReqdExctnDt/p:Dt")),
        payments=tuple(payments),
        xml=True,
    )


def _read_treasury(content: bytes) -> ReceivedBatch:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    *rows, trailer = list(csv.reader(StringIO(text, newline="")))[1:]
    payments = [
        ReceivedPayment(
            attempt_id=cells[1],
            amount_fen=_fen(cells[5]),
            payee_name=cells[2],
            account_number=cells[3],
            line=cells[6],
        )
        for cells in rows
    ]
    return ReceivedBatch(
        message_id=trailer[1], execute_on=date.fromisoformat(trailer[7]), payments=tuple(payments), xml=False
    )


def status_report(
    report_id: str, made_at: datetime, message_id: str, answers: Iterable[Answer], *, group: str = ""
) -> bytes:
    """Return a pain.002 on one batch. `group` is a status of the whole batch, which answers may refine."""
    lines = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{each.attempt_id}</OrgnlEndToEndId><TxSts>{each.code}</TxSts>"
        f"{_reason('StsRsnInf', each.reason_code)}"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">{yuan_text(each.amount_fen)}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
        for each in answers
    )
    block = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>all</OrgnlPmtInfId>{lines}</OrgnlPmtInfAndSts>" if lines else ""
    status = f"<GrpSts>{group}</GrpSts>" if group else ""
    return _document(
        PAIN_002,
        f"<CstmrPmtStsRpt>{_header(report_id, made_at)}<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(message_id)}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{status}</OrgnlGrpInfAndSts>{block}</CstmrPmtStsRpt>",
    )


def statement(
    report_id: str,
    made_at: datetime,
    account: str,
    days: tuple[date, date],
    opening_fen: int,
    movements: Sequence[Movement],
) -> bytes:
    """Return a camt.053 of one account, with its balances before and after the movements."""
    closing = opening_fen + sum(each.amount_fen if each.credit else -each.amount_fen for each in movements)
    balances = _balance("OPBD", opening_fen, days[0]) + _balance("CLBD", closing, days[1])
    return _camt("053", "BkToCstmrStmt", "Stmt", report_id, made_at, account, days, balances, movements)


def notification(
    report_id: str, made_at: datetime, account: str, days: tuple[date, date], movements: Sequence[Movement]
) -> bytes:
    """Return a camt.054: the movements without balances."""
    return _camt("054", "BkToCstmrDbtCdtNtfctn", "Ntfctn", report_id, made_at, account, days, "", movements)


def treasury_results(
    report_id: str, made_at: datetime, message_id: str, answers: Iterable[Answer], movements: Iterable[Movement]
) -> bytes:
    """Return a treasury's result file. Every movement must be of an attempt: the form has no other."""
    rows = [
        (each.attempt_id, _RESULTS[each.code], yuan_text(each.amount_fen), "", "", each.reason_code) for each in answers
    ]
    rows += [
        (
            each.attempt_id or "",
            RETURNED if each.credit else PAID,
            yuan_text(each.amount_fen),
            each.booked_on.isoformat(),
            each.line_ref,
            each.reason_code,
        )
        for each in movements
    ]
    total = yuan_text(sum(_fen(row[2]) for row in rows))
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(rows)
    writer.writerow((TRAILER, len(rows), total, made_at.isoformat(sep=" ", timespec="seconds"), report_id, message_id))
    return text.getvalue().encode("utf-8-sig")


def _camt(
    number: str,
    root: str,
    part: str,
    report_id: str,
    made_at: datetime,
    account: str,
    days: tuple[date, date],
    balances: str,
    movements: Iterable[Movement],
) -> bytes:
    first, last = days
    return _document(
        CAMT.format(number),
        f"<{root}>{_header(report_id, made_at)}<{part}><Id>{escape(report_id)}</Id>"
        f"<FrToDt><FrDtTm>{first}T00:00:00</FrDtTm><ToDtTm>{last}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><Othr><Id>{escape(account)}</Id></Othr></Id></Acct>{balances}{''.join(map(_entry, movements))}"
        f"</{part}></{root}>",
    )


def _entry(each: Movement) -> str:
    reference = f"<Refs><EndToEndId>{escape(each.attempt_id)}</EndToEndId></Refs>" if each.attempt_id else ""
    returned = _reason("RtrInf", each.reason_code)
    inside = f"<NtryDtls><TxDtls>{reference}{returned}</TxDtls></NtryDtls>" if reference or returned else ""
    text = f"<AddtlNtryInf>{escape(each.text)}</AddtlNtryInf>" if each.text else ""
    return (
        f'<Ntry><Amt Ccy="CNY">{yuan_text(each.amount_fen)}</Amt>'
        f"<CdtDbtInd>{'CRDT' if each.credit else 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{each.booked_on}</Dt></BookgDt><AcctSvcrRef>{escape(each.line_ref)}</AcctSvcrRef><BkTxCd/>"
        f"{inside}{text}</Ntry>"
    )


def _balance(code: str, fen: int, day: date) -> str:
    direction = "CRDT" if fen >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{yuan_text(abs(fen))}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _reason(element: str, code: str) -> str:
    return f"<{element}><Rsn><Cd>{escape(code)}</Cd></Rsn></{element}>" if code else ""


def _header(report_id: str, made_at: datetime) -> str:
    return (
        f"<GrpHdr><MsgId>{escape(report_id)}</MsgId><CreDtTm>{made_at.isoformat(timespec='seconds')}</CreDtTm></GrpHdr>"
    )


def _document(namespace: str, inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}">{inner}</Document>'.encode()


def _text(element: etree._Element, path: str) -> str:
    found = element.findtext(path, namespaces={"p": NAMESPACE})
    assert found, f"a channel's file has {path}"
    return str(found)


def _fen(text: str) -> int:
    fen = fen_of(text)
    assert fen is not None, "a channel writes amounts in yuan with two decimals"
    return fen
