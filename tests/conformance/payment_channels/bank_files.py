"""Batches to send and files as a bank would send them, all invented.

The XML is put together from text, with nothing of the code under test; `Entry` and `Report` have the defaults of a file
in which nothing is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from xml.sax.saxutils import escape

from connectors.payment_channels.iso20022 import Iso20022
from connectors.payment_channels.treasury_file import TreasuryFile
from policy_match.payments.attempt_id import attempt_id
from policy_match.payments.messages import PaymentBatch, PaymentInstruction
from policy_match.values import PolicyId, Uscc

ACCOUNT = "6200000000000001234"
PAYER = {"payer_name": "虚构市财政局", "payer_account": "9900000000000000", "payer_bank": "102452000017"}
BEIJING = timezone(timedelta(hours=8))
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.{}.001.08"
PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"


def iso20022(**settings: str) -> Iso20022:
    """Return the channel with an invented payer."""
    return Iso20022(PAYER | settings)


def treasury_file(**settings: str) -> TreasuryFile:
    """Return the channel."""
    return TreasuryFile(settings)


def id_of(number: int) -> str:
    """Return the id of an invented attempt."""
    return attempt_id(number, PolicyId("cn-invented"), Uscc("91370212MA3C000017"), "2025", 1, 1)


def instruction(number: int = 1, **fields: object) -> PaymentInstruction:
    """Return an instruction in which nothing is wrong."""
    given: dict[str, object] = {
        "attempt_id": id_of(number),
        "amount_fen": 1_234_567 + number,
        "payee_name": f"青岛虚构{number}号有限公司",
        "account_number": ACCOUNT,
        "bank_code": "102452000017",
        "line": "city-industry-2025",
        "purpose": "稳岗返还",
    }
    return PaymentInstruction(**(given | fields))  # type: ignore[arg-type]


def batch(instructions: Sequence[PaymentInstruction] | None = None, **fields: object) -> PaymentBatch:
    """Return a batch that declares what it has."""
    rows = (
        (instruction(1), instruction(2, line="province-2025"), instruction(3)) if instructions is None else instructions
    )
    given: dict[str, object] = {
        "batch_id": 1,
        "message_id": "PMB-2025-000001",
        "channel": "iso20022",
        "made_at": datetime(2025, 6, 30, 9, 30, tzinfo=BEIJING),
        "execute_on": date(2025, 7, 1),
        "instructions": tuple(rows),
        "count": len(rows),
        "total_fen": sum(row.amount_fen for row in rows),
    }
    return PaymentBatch(**(given | fields))  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a statement. `details` replaces what the other fields would make of its transaction."""

    ref: str = "REF1"
    amount: str = "100.00"
    currency: str = "CNY"
    direction: str = "DBIT"
    status: str = "<Sts><Cd>BOOK</Cd></Sts>"
    booked: str = "<BookgDt><Dt>2025-07-01</Dt></BookgDt>"
    end_to_end: str = ""
    reason: str = ""
    extra: str = ""
    details: str | None = None

    def xml(self) -> str:
        """Return the element."""
        returned = f"<RtrInf><Rsn><Cd>{self.reason}</Cd></Rsn></RtrInf>" if self.reason else ""
        end_to_end = f"<Refs><EndToEndId>{self.end_to_end}</EndToEndId></Refs>" if self.end_to_end else ""
        transaction = f"<NtryDtls><TxDtls>{end_to_end}{returned}</TxDtls></NtryDtls>" if end_to_end or returned else ""
        ref = f"<AcctSvcrRef>{self.ref}</AcctSvcrRef>" if self.ref else ""
        return (
            f'<Ntry><Amt Ccy="{self.currency}">{self.amount}</Amt><CdtDbtInd>{self.direction}</CdtDbtInd>{self.extra}'
            f"{self.status}{self.booked}{ref}<BkTxCd/>{transaction if self.details is None else self.details}</Ntry>"
        )


def balance(code: str, amount: str, direction: str = "CRDT") -> str:
    """Return a balance."""
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{amount}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2025-07-01</Dt></Dt></Bal>"
    )


def camt(*entries: Entry, head: str = "", kind: str = "053", namespace: str | None = None) -> bytes:
    """Return a statement (`053`) or notification (`054`); `head` is what stands between account and entries."""
    root, part = ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    lines = "".join(entry.xml() for entry in entries)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace or CAMT.format(kind)}"><{root}>'
        "<GrpHdr><MsgId>BANK-7</MsgId><CreDtTm>2025-07-02T01:00:00+08:00</CreDtTm></GrpHdr>"
        f"<{part}><Id>STMT-7</Id><FrToDt><FrDtTm>2025-07-01T00:00:00</FrDtTm><ToDtTm>2025-07-01T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><Othr><Id>{PAYER['payer_account']}</Id></Othr></Id></Acct>{head}{lines}</{part}></{root}></Document>"
    ).encode()


def status(end_to_end: str, code: str, reason: str = "", amount: str = "", text: str = "") -> str:
    """Return what a status report says of one instruction."""
    why = f"<Rsn><Cd>{reason}</Cd></Rsn>" if reason else ""
    why += f"<AddtlInf>{escape(text)}</AddtlInf>" if text else ""
    why = f"<StsRsnInf>{why}</StsRsnInf>" if why else ""
    paid = f'<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">{amount}</InstdAmt></Amt></OrgnlTxRef>' if amount else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end}</OrgnlEndToEndId><TxSts>{code}</TxSts>{why}{paid}</TxInfAndSts>"


def pain_002(*statuses: str, group: str = "", block: str = "", namespace: str = PAIN_002) -> bytes:
    """Return a status report; `group` and `block` are what else is said of the file and of the budget line."""
    inner = f"<OrgnlPmtInfId>city-industry-2025</OrgnlPmtInfId>{block}{''.join(statuses)}"
    lines = f"<OrgnlPmtInfAndSts>{inner}</OrgnlPmtInfAndSts>" if statuses or block else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>BANK-9</MsgId><CreDtTm>2025-07-01T10:00:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>PMB-2025-000001</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{group}</OrgnlGrpInfAndSts>{lines}</CstmrPmtStsRpt></Document>"
    ).encode()


def treasury_return(*rows: str, count: int | None = None, total: str = "0.00", encoding: str = "utf-8-sig") -> bytes:
    """Return a result file with a trailer."""
    declared = len(rows) if count is None else count
    header = "支付编号,状态,金额,记账日期,银行流水号,原因"
    trailer = f"合计,{declared},{total},2025-07-02 09:00:00,TR-1,PMB-2025-000001"
    return "\r\n".join([header, *rows, trailer, ""]).encode(encoding)
