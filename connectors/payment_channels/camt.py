"""A bank's statement (ISO 20022 camt.053) or notification (camt.054) as the movements that it lists.

Guarantees that every entry becomes one line, or one line per transaction where the bank gives each its amount; that
declared counts, sums and balances are those of the entries; and that what is not clearly our payment, or the return of
one, is `other`. One entry at a time is held as XML.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from connectors.payment_channels.fields import Record
from connectors.payment_channels.safe_xml import SafeXml, drop_before
from connectors.payment_channels.yuan import shown
from policy_match.payments.file_defects import NotAsDeclared, ValueMissing, element_place
from policy_match.payments.messages import CREDIT_MARK, BankReport, LineKind, Statement, StatementLine

RETURNS = ("RRTN", "RPCR")
"""Bank transaction sub-families: reimbursement after a return, after a cancellation."""
OPENING = ("OPBD", "PRCD")
"""Balance codes: opening booked, and previously closed booked, which is the same amount."""
CLOSING = ("CLBD",)
BOOKED = "BOOK"

_DIRECTIONS = ("CRDT", "DBIT")
_SUB_FAMILY = "BkTxCd/Domn/Fmly/SubFmlyCd"


def read_camt(xml: SafeXml, namespace: str, part: str) -> BankReport:
    """Return the report. Its statements are called `part`: `Stmt` or `Ntfctn`. Raises a `BankFileError`."""
    header: Record | None = None
    statements: list[Statement] = []
    entries = 0
    sums = _Sums()
    tags = {f"{{{namespace}}}{name}": name for name in ("GrpHdr", "Ntry", part)}
    for element in xml.elements(*tags):
        name = tags[element.tag]
        if name == "Ntry":
            parent = element.getparent()
            if parent is None or tags.get(parent.tag) != part:
                continue
            entries += 1
            entry = Record(file=xml.file, place=element_place("Ntry", entries), element=element, namespace=namespace)
            statement_id = parent.findtext(f"{{{namespace}}}Id", default="").strip()
            sums.add(entry, statement_id)
            drop_before(element)
        elif name == "GrpHdr":
            place = element_place(name, 1)
            header = Record(file=xml.file, place=place, element=element, namespace=namespace)
        else:
            place = element_place(part, len(statements) + 1)
            record = Record(file=xml.file, place=place, element=element, namespace=namespace)
            statements.append(_statement(record, sums))
            sums = _Sums()
            drop_before(element)
    if header is None or not statements:
        raise ValueMissing(file=xml.file, name="GrpHdr" if header is None else part)
    return BankReport(
        message_id=header.needed_id("MsgId"), made_at=header.time("CreDtTm"), statements=tuple(statements)
    )


class _Sums:
    """The lines of one statement, and what its entries make by direction, in fen."""

    def __init__(self) -> None:
        self.lines: list[StatementLine] = []
        self.counts = {"CRDT": 0, "DBIT": 0}
        self.totals = {"CRDT": 0, "DBIT": 0}
        self.booked_net_fen = 0
        self._seen: Counter[str] = Counter()

    def add(self, entry: Record, statement_id: str) -> None:
        """Add one entry. A reference that comes again gets a number, so that no line is taken for another."""
        read = _entry(entry, statement_id, len(self.lines) + 1)
        direction = "CRDT" if read.credit else "DBIT"
        self.counts[direction] += 1
        self.totals[direction] += read.amount_fen
        if read.booked_on is not None:
            self.booked_net_fen += read.amount_fen if read.credit else -read.amount_fen
        for line in _lines(entry, read):
            self._seen[line.line_ref] += 1
            times = self._seen[line.line_ref]
            self.lines.append(line if times == 1 else replace(line, line_ref=f"{line.line_ref}/#{times}"))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """What all transactions of one entry have in common."""

    reference: str
    amount_fen: int
    credit: bool
    reversal: bool
    booked_on: date | None
    sub_family: str
    text: str


def _entry(record: Record, statement_id: str, number: int) -> _Entry:
    """Read an entry. Its reference is the bank's own, else one that is unique in the statement."""
    direction = record.one_of("CdtDbtInd", _DIRECTIONS)
    booked_on = None
    if record.needed("Sts/Cd", "Sts/Prtry", "Sts") == BOOKED:
        booked_on = record.day("BookgDt")
        if booked_on is None:
            raise ValueMissing(file=record.file, place=record.place, name="BookgDt")
    own = record.id("AcctSvcrRef")
    return _Entry(
        reference=own or f"{statement_id}/{record.id('NtryRef') or f'#{number}'}",
        amount_fen=record.needed_amount("Amt"),
        credit=direction == "CRDT",
        reversal=record.text("RvslInd") in ("true", "1"),
        booked_on=booked_on,
        sub_family=record.text(_SUB_FAMILY),
        text=record.text("AddtlNtryInf"),
    )


def _lines(record: Record, entry: _Entry) -> list[StatementLine]:
    """Return the lines of one entry: one, or one for each of several transactions."""
    details = record.all("NtryDtls/TxDtls")
    _check_batch(record, details)
    if not details:
        return [_line(entry, None, entry.reference, entry.amount_fen)]
    amounts = [detail.amount("AmtDtls/TxAmt/Amt", "Amt") for detail in details]
    if len(details) == 1 and amounts[0] is None:
        amounts = [entry.amount_fen]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(details):
        # Without an amount each, the transactions cannot be told apart: the entry stays whole and is nobody's.
        return [_line(entry, None, entry.reference, entry.amount_fen)]
    if sum(known) != entry.amount_fen:
        raise NotAsDeclared(
            file=record.file, place=record.place, name="Amt", declared=shown(entry.amount_fen), found=shown(sum(known))
        )
    return [
        _line(entry, detail, _reference(entry, detail, number, len(details)), amount)
        for number, (detail, amount) in enumerate(zip(details, known, strict=True), 1)
    ]


def _reference(entry: _Entry, detail: Record, number: int, of: int) -> str:
    own = detail.id("Refs/AcctSvcrRef")
    if own or of == 1:
        return own or entry.reference
    return f"{entry.reference}/{_attempt_id(detail) or f'#{number}'}"


def _attempt_id(detail: Record) -> str | None:
    return detail.end_to_end_id("Refs/EndToEndId")


def _line(entry: _Entry, detail: Record | None, reference: str, amount_fen: int) -> StatementLine:
    attempt_id = _attempt_id(detail) if detail is not None else None
    returned = detail is not None and detail.first("RtrInf") is not None
    sub_family = detail.text(_SUB_FAMILY) if detail is not None else ""
    came_back = returned or entry.reversal or (sub_family or entry.sub_family) in RETURNS
    kind = LineKind.OTHER
    if entry.booked_on is not None and attempt_id is not None:
        if entry.credit and came_back:
            kind = LineKind.RETURN
        elif not entry.credit and not came_back:
            kind = LineKind.BOOKING
    return StatementLine(
        line_ref=f"{reference}{CREDIT_MARK}" if entry.credit else reference,
        attempt_id=attempt_id,
        amount_fen=amount_fen,
        credit=entry.credit,
        kind=kind,
        booked_on=entry.booked_on,
        reason_code=detail.text("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry") if detail is not None else "",
        text=(detail.texts("RtrInf/AddtlInf") or detail.texts("RmtInf/Ustrd") if detail is not None else "")
        or entry.text,
    )


def _check_batch(record: Record, details: Sequence[Record]) -> None:
    """Raise `NotAsDeclared` when a bank's batch of transactions is not as many as are listed, unless none are."""
    declared = [batch.count("NbOfTxs") for batch in record.all("NtryDtls/Btch")]
    count = sum(number for number in declared if number is not None)
    if details and declared and None not in declared and count != len(details):
        raise NotAsDeclared(
            file=record.file, place=record.place, name="Btch/NbOfTxs", declared=count, found=len(details)
        )


def _statement(record: Record, sums: _Sums) -> Statement:
    """Close one statement: its declared totals and balances against its entries."""
    _check_summary(record, sums)
    opening, closing = _balance(record, OPENING), _balance(record, CLOSING)
    if opening is not None and closing is not None and opening + sums.booked_net_fen != closing:
        raise NotAsDeclared(
            file=record.file,
            place=record.place,
            name="Bal (CLBD)",
            declared=shown(closing),
            found=shown(opening + sums.booked_net_fen),
        )
    return Statement(
        account=record.needed("Acct/Id/Othr/Id", "Acct/Id/IBAN"),
        statement_id=record.needed_id("Id"),
        first_day=record.day("FrToDt/FrDtTm"),
        last_day=record.day("FrToDt/ToDtTm"),
        opening_fen=opening,
        closing_fen=closing,
        lines=tuple(sums.lines),
    )


def _balance(record: Record, codes: Sequence[str]) -> int | None:
    """Return the first balance of one of the codes, in their order; a debit balance is negative."""
    found: dict[str, int] = {}
    for balance in record.all("Bal"):
        code = balance.text("Tp/CdOrPrtry/Cd")
        if code in codes:
            fen = balance.needed_amount("Amt")
            found.setdefault(code, fen if balance.one_of("CdtDbtInd", _DIRECTIONS) == "CRDT" else -fen)
    return next((found[code] for code in codes if code in found), None)


def _check_summary(record: Record, sums: _Sums) -> None:
    """Raise `NotAsDeclared` for a number or sum of entries that they do not make."""
    every = sum(sums.counts.values()), sum(sums.totals.values())
    parts = {
        "TtlNtries": every,
        "TtlCdtNtries": (sums.counts["CRDT"], sums.totals["CRDT"]),
        "TtlDbtNtries": (sums.counts["DBIT"], sums.totals["DBIT"]),
    }
    for name, (count, total) in parts.items():
        declared = record.first(f"TxsSummry/{name}")
        if declared is None:
            continue
        declared_count = declared.count("NbOfNtries")
        if declared_count is not None and declared_count != count:
            raise NotAsDeclared(
                file=record.file,
                place=record.place,
                name=f"{name}/NbOfNtries",
                declared=declared_count,
                found=count,
            )
        declared_total = declared.total("Sum")
        if declared_total is not None and declared_total != total:
            raise NotAsDeclared(
                file=record.file,
                place=record.place,
                name=f"{name}/Sum",
                declared=shown(declared_total),
                found=shown(total),
            )
