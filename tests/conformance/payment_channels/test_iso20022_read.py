"""pain.002, camt.053 and camt.054 as they are read: nothing guessed, nothing lost, declared totals checked."""

from dataclasses import replace
from datetime import date, datetime
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyiso20022.tools.validation import ISO20022Validator
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from connectors.payment_channels.pain002 import STATUS_OF_CODE
from policy_match.payments.file_defects import (
    BankFileError,
    NotAsDeclared,
    ValueMissing,
    ValueUnreadable,
    WrongCurrency,
)
from policy_match.payments.messages import (
    BankReport,
    BatchStatus,
    LineKind,
    ReportedStatus,
    Statement,
    StatementLine,
    StatusLine,
)
from tests.conformance.payment_channels.bank_files import (
    BEIJING,
    CAMT,
    PAYER,
    Entry,
    balance,
    camt,
    id_of,
    iso20022,
    pain_002,
    status,
)

GOLDEN = Path(__file__).parent / "golden"
BOOKING, RETURN, OTHER = LineKind.BOOKING, LineKind.RETURN, LineKind.OTHER
RETURNED = Entry(ref="REF2", direction="CRDT", end_to_end=id_of(1), reason="AC04")


def read(content: bytes) -> BankReport:
    return iso20022().read("answer.xml", content)


def lines(content: bytes) -> tuple[StatementLine, ...]:
    """Return the lines of the only statement."""
    (statement,) = read(content).statements
    return statement.lines


def detail(end_to_end: str, amount: str = "", ref: str = "") -> str:
    """Return one transaction of an entry."""
    own = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    paid = f'<Amt Ccy="CNY">{amount}</Amt>' if amount else ""
    return f"<TxDtls><Refs>{own}<EndToEndId>{end_to_end}</EndToEndId></Refs>{paid}</TxDtls>"


# -- status reports ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["ACTC", "ACCP", "ACSP", "ACSC", "ACCC", "RJCT"])
def test_a_known_status_code_has_its_meaning(code: str) -> None:
    (line,) = read(pain_002(status(id_of(1), code))).statuses
    wanted = {"AC": "accepted", "RJ": "rejected"}[code[:2]] if code not in ("ACSC", "ACCC") else "settled"
    assert (line.attempt_id, line.status, line.code) == (id_of(1), wanted, code)


@given(st.from_regex(r"[A-Z]{4}", fullmatch=True).filter(lambda code: code not in STATUS_OF_CODE))
def test_an_unknown_status_code_is_kept_as_other(code: str) -> None:
    (line,) = read(pain_002(status(id_of(1), code))).statuses
    assert (line.status, line.code) == (ReportedStatus.OTHER, code)


def test_a_rejection_keeps_its_reason_and_amount() -> None:
    (line,) = read(pain_002(status(id_of(1), "RJCT", "AC01", "12.30", "账号 & 户名不符"))).statuses
    assert line == StatusLine(
        attempt_id=id_of(1),
        status=ReportedStatus.REJECTED,
        code="RJCT",
        reason_code="AC01",
        reason="账号 & 户名不符",
        amount_fen=1230,
    )


def test_a_status_without_end_to_end_id_is_kept_without_attempt() -> None:
    (line,) = read(pain_002(status("NOTPROVIDED", "ACSC"))).statuses
    assert line.attempt_id is None


def test_a_batch_that_is_rejected_as_a_whole_is_one_batch_status() -> None:
    group = "<OrgnlNbOfTxs>3</OrgnlNbOfTxs><OrgnlCtrlSum>370.5</OrgnlCtrlSum><GrpSts>RJCT</GrpSts>"
    group += "<StsRsnInf><Rsn><Cd>DU01</Cd></Rsn></StsRsnInf>"
    group += "<NbOfTxsPerSts><DtldNbOfTxs>3</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>"
    report = read(pain_002(group=group))
    assert report.statuses == ()
    assert report.batches == (
        BatchStatus(
            message_id="PMB-2025-000001",
            status=ReportedStatus.REJECTED,
            code="RJCT",
            reason_code="DU01",
            count=3,
            total_fen=37050,
        ),
    )


def test_a_budget_line_has_its_own_batch_status() -> None:
    report = read(pain_002(block="<PmtInfSts>ACSP</PmtInfSts>"))
    assert [(each.line, each.status) for each in report.batches] == [
        ("", ReportedStatus.OTHER),
        ("city-industry-2025", ReportedStatus.ACCEPTED),
    ]


@pytest.mark.parametrize(
    ("code", "count", "total", "fits"),
    [
        ("RJCT", "2", "30.00", True),
        ("RJCT", "3", "", False),
        ("RJCT", "1", "", False),
        ("RJCT", "2", "30.01", False),
        ("ACSP", "97", "", True),  # the bank lists only what it rejected
        ("ACSC", "2", "", False),
    ],
)
def test_declared_numbers_per_status_are_those_of_the_lines(code: str, count: str, total: str, fits: bool) -> None:
    summed = f"<DtldCtrlSum>{total}</DtldCtrlSum>" if total else ""
    group = f"<NbOfTxsPerSts><DtldNbOfTxs>{count}</DtldNbOfTxs><DtldSts>{code}</DtldSts>{summed}</NbOfTxsPerSts>"
    statuses = [status(id_of(1), "RJCT", amount="10.00"), status(id_of(2), "RJCT", amount="20.00")]
    content = pain_002(*statuses, status(id_of(3), "ACSC"), group=group)
    if fits:
        assert len(read(content).statuses) == 3
    else:
        with pytest.raises(NotAsDeclared):
            read(content)


def test_rejections_that_are_declared_but_not_listed_are_refused() -> None:
    group = "<GrpSts>PART</GrpSts><NbOfTxsPerSts><DtldNbOfTxs>2</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>"
    with pytest.raises(NotAsDeclared, match="`DtldNbOfTxs` declares 2, the lines make 0"):
        read(pain_002(group=group))


# -- statements ----------------------------------------------------------------------------------------------------


def test_a_debit_with_an_attempt_is_a_booking() -> None:
    (line,) = lines(camt(Entry(end_to_end=id_of(1))))
    assert line == StatementLine(
        line_ref="REF1",
        attempt_id=id_of(1),
        amount_fen=10000,
        credit=False,
        kind=BOOKING,
        booked_on=date(2025, 7, 1),
    )


@pytest.mark.parametrize("reason", ["AC01", "AC04", "AM05", "BE01"])
def test_a_credit_with_return_information_is_a_return_with_its_reason(reason: str) -> None:
    (line,) = lines(camt(Entry(direction="CRDT", end_to_end=id_of(1), reason=reason)))
    assert (line.kind, line.credit, line.reason_code, line.line_ref) == (RETURN, True, reason, "REF1/CRDT")


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (Entry(end_to_end=id_of(1)), BOOKING),
        (Entry(), OTHER),
        (Entry(end_to_end="NOTPROVIDED"), OTHER),
        (Entry(end_to_end=id_of(1), reason="AC04"), OTHER),
        (Entry(end_to_end=id_of(1), extra="<RvslInd>true</RvslInd>"), OTHER),
        (Entry(direction="CRDT", end_to_end=id_of(1)), OTHER),
        (Entry(direction="CRDT", reason="AC04"), OTHER),
        (Entry(direction="CRDT", end_to_end=id_of(1), extra="<RvslInd>true</RvslInd>"), RETURN),
        (Entry(end_to_end=id_of(1), status="<Sts><Cd>PDNG</Cd></Sts>"), OTHER),
        (Entry(end_to_end=id_of(1), status="<Sts>INFO</Sts>"), OTHER),
        (Entry(end_to_end=id_of(1), status="<Sts>BOOK</Sts>"), BOOKING),
    ],
)
def test_what_is_not_clearly_ours_is_other(entry: Entry, kind: LineKind) -> None:
    (line,) = lines(camt(entry))
    assert line.kind == kind


def test_a_credit_of_the_family_of_returns_is_a_return() -> None:
    content = camt(Entry(direction="CRDT", end_to_end=id_of(1)))
    family = b"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>"
    (line,) = lines(content.replace(b"<BkTxCd/>", family))
    assert line.kind == RETURN


def test_an_announced_movement_has_no_day_and_is_in_no_balance() -> None:
    head = balance("OPBD", "500.00") + balance("CLBD", "500.00")
    (line,) = lines(camt(Entry(end_to_end=id_of(1), status="<Sts><Cd>PDNG</Cd></Sts>"), head=head))
    assert line.booked_on is None


def test_a_booking_and_its_return_stay_apart_under_one_reference() -> None:
    both = lines(camt(Entry(end_to_end=id_of(1)), Entry(end_to_end=id_of(1), direction="CRDT", reason="AC04")))
    assert [line.line_ref for line in both] == ["REF1", "REF1/CRDT"]


def test_a_movement_has_one_reference_in_notification_and_statement() -> None:
    entry = Entry(end_to_end=id_of(1))
    assert lines(camt(entry)) == lines(camt(entry, kind="054"))


def test_a_reference_that_comes_again_is_numbered() -> None:
    both = lines(camt(Entry(end_to_end=id_of(1)), Entry(end_to_end=id_of(2))))
    assert [line.line_ref for line in both] == ["REF1", "REF1/#2"]


def test_an_entry_without_reference_is_named_by_its_statement() -> None:
    both = lines(camt(Entry(ref=""), Entry(ref="", extra="<NtryRef>N7</NtryRef>")))
    assert [line.line_ref for line in both] == ["STMT-7/#1", "STMT-7/N7"]


def test_an_entry_of_several_payments_becomes_a_line_each() -> None:
    both_payments = detail(id_of(1), "60.00", "T1") + detail(id_of(2), "40.00")
    details = f"<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{both_payments}</NtryDtls>"
    both = lines(camt(Entry(details=details)))
    assert [(line.line_ref, line.attempt_id, line.amount_fen, line.kind) for line in both] == [
        ("T1", id_of(1), 6000, BOOKING),
        (f"REF1/{id_of(2)}", id_of(2), 4000, BOOKING),
    ]


def test_several_payments_without_an_amount_each_stay_one_line_of_nobody() -> None:
    details = f"<NtryDtls>{detail(id_of(1))}{detail(id_of(2), '40.00')}</NtryDtls>"
    (line,) = lines(camt(Entry(details=details)))
    assert (line.attempt_id, line.amount_fen, line.kind) == (None, 10000, OTHER)


@pytest.mark.parametrize(
    "details",
    [
        f"<NtryDtls>{detail(id_of(1), '60.00')}{detail(id_of(2), '40.01')}</NtryDtls>",
        f"<NtryDtls>{detail(id_of(1), '99.99')}</NtryDtls>",
        f"<NtryDtls><Btch><NbOfTxs>3</NbOfTxs></Btch>{detail(id_of(1), '60.00')}{detail(id_of(2), '40.00')}</NtryDtls>",
    ],
)
def test_transactions_that_do_not_make_their_entry_are_refused(details: str) -> None:
    with pytest.raises(NotAsDeclared, match="Ntry 1"):
        read(camt(Entry(details=details)))


def test_balances_and_days_are_those_of_the_statement() -> None:
    head = balance("OPBD", "1000.00") + balance("CLBD", "900.00")
    (statement,) = read(camt(Entry(end_to_end=id_of(1)), head=head)).statements
    assert (statement.opening_fen, statement.closing_fen) == (100_000, 90_000)
    assert (statement.first_day, statement.last_day) == (date(2025, 7, 1), date(2025, 7, 1))
    assert PAYER["payer_account"] == statement.account
    assert PAYER["payer_account"] not in repr(statement)


def test_a_debit_balance_is_negative() -> None:
    head = balance("PRCD", "50.00") + balance("CLBD", "50.00", "DBIT")
    (statement,) = read(camt(Entry(), head=head)).statements
    assert (statement.opening_fen, statement.closing_fen) == (5000, -5000)


@pytest.mark.parametrize(
    "head",
    [
        balance("OPBD", "1000.00") + balance("CLBD", "900.01"),
        "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>",
        "<TxsSummry><TtlNtries><Sum>100.01</Sum></TtlNtries></TxsSummry>",
        "<TxsSummry><TtlDbtNtries><NbOfNtries>0</NbOfNtries></TtlDbtNtries></TxsSummry>",
        "<TxsSummry><TtlCdtNtries><Sum>1.00</Sum></TtlCdtNtries></TxsSummry>",
    ],
)
def test_declared_numbers_and_balances_are_those_of_the_entries(head: str) -> None:
    with pytest.raises(NotAsDeclared) as caught:
        read(camt(Entry(end_to_end=id_of(1)), head=head))
    assert caught.value.code == "payments.bank-file"


@pytest.mark.parametrize("number", ["x", "-1", "1.0", "9" * 16])
def test_a_declared_number_that_is_none_is_refused(number: str) -> None:
    head = f"<TxsSummry><TtlNtries><NbOfNtries>{number}</NbOfNtries></TtlNtries></TxsSummry>"
    with pytest.raises(ValueUnreadable, match="Stmt 1: `NbOfNtries` is not a whole number"):
        read(camt(Entry(), head=head))


def test_a_balance_without_its_amount_is_refused() -> None:
    head = "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp></Bal>"
    with pytest.raises(ValueMissing, match="`Amt` is missing"):
        read(camt(Entry(), head=head))


def test_declared_numbers_that_fit_are_accepted() -> None:
    head = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>200</Sum></TtlNtries>"
    head += "<TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>100.0</Sum></TtlCdtNtries>"
    head += "<TtlDbtNtries><NbOfNtries>1</NbOfNtries></TtlDbtNtries></TxsSummry>"
    assert len(lines(camt(Entry(end_to_end=id_of(1)), RETURNED, head=head))) == 2


@pytest.mark.parametrize(
    ("entry", "error", "words"),
    [
        (Entry(amount="100.001"), ValueUnreadable, "at most two decimals"),
        (Entry(amount="-1.00"), ValueUnreadable, "`Amt` is not"),
        (Entry(amount="1e2"), ValueUnreadable, "`Amt` is not"),
        (Entry(amount="１００"), ValueUnreadable, "`Amt` is not"),
        (Entry(amount=""), ValueUnreadable, "`Amt` is not"),
        (Entry(currency="USD"), WrongCurrency, "not in CNY"),
        (Entry(direction="BOTH"), ValueUnreadable, "one of CRDT, DBIT"),
        (Entry(status=""), ValueMissing, "`Sts/Cd` is missing"),
        (Entry(booked=""), ValueMissing, "`BookgDt` is missing"),
        (Entry(booked="<BookgDt><Dt>2025-02-30</Dt></BookgDt>"), ValueUnreadable, "`BookgDt` is not a day"),
        (Entry(booked="<BookgDt><DtTm>noon</DtTm></BookgDt>"), ValueUnreadable, "`BookgDt` is not a time"),
        (Entry(end_to_end="x" * 36), ValueUnreadable, "at most 35 characters"),
    ],
)
def test_an_entry_that_cannot_be_read_refuses_the_file_with_its_place(
    entry: Entry, error: type[BankFileError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        read(camt(Entry(), entry))
    assert caught.value.message("en").startswith("answer.xml: Ntry 2: ")
    assert caught.value.message("zh").startswith("answer.xml：第 2 个 Ntry：")


@pytest.mark.parametrize(
    ("text", "day"), [("2025-06-30T18:00:00Z", date(2025, 7, 1)), ("2025-06-30T18:00:00", date(2025, 6, 30))]
)
def test_a_time_counts_in_beijing(text: str, day: date) -> None:
    (line,) = lines(camt(Entry(booked=f"<BookgDt><DtTm>{text}</DtTm></BookgDt>")))
    assert line.booked_on == day


@pytest.mark.parametrize("version", ["02", "04", "08", "12"])
def test_every_version_of_a_statement_is_read(version: str) -> None:
    content = camt(Entry(end_to_end=id_of(1)), namespace=CAMT.format("053")[:-2] + version)
    assert lines(content)[0].kind == BOOKING


# -- golden files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("pain002.xml", "pyiso20022.pain.pain_002_001_10"),
        ("camt053.xml", "pyiso20022.camt.camt_053_001_08"),
        ("camt054.xml", "pyiso20022.camt.camt_054_001_08"),
    ],
)
def test_the_golden_files_are_messages_of_iso_20022(file: str, module: str) -> None:
    config = ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True)
    parser = XmlParser(config=config)
    document = parser.from_bytes((GOLDEN / file).read_bytes(), import_module(module).Document)
    found = ISO20022Validator().validate(document, strict=False)
    assert found.is_valid, found


def test_the_golden_status_report_is_half_accepted() -> None:
    report = read((GOLDEN / "pain002.xml").read_bytes())
    assert report.made_at == datetime(2025, 7, 1, 10, 0, tzinfo=BEIJING)
    assert report.batches == (
        BatchStatus(
            message_id="PMB-2025-000001", status=ReportedStatus.OTHER, code="PART", count=3, total_fen=3_703_707
        ),
    )
    assert [(line.attempt_id, line.status, line.reason_code, line.amount_fen) for line in report.statuses] == [
        (id_of(1), ReportedStatus.ACCEPTED, "", 1_234_568),
        (id_of(3), ReportedStatus.REJECTED, "AC01", 1_234_570),
        (id_of(2), ReportedStatus.SETTLED, "", 1_234_569),
    ]


def test_the_golden_statement_has_a_booking_a_return_and_a_fee() -> None:
    report = read((GOLDEN / "camt053.xml").read_bytes())
    day = date(2025, 7, 1)
    ours = StatementLine(
        line_ref="B-0001",
        attempt_id=id_of(1),
        amount_fen=1_234_568,
        credit=False,
        kind=BOOKING,
        booked_on=day,
        text="稳岗返还",
    )
    back = replace(ours, line_ref="B-0002/CRDT", credit=True, kind=RETURN, reason_code="AC04", text="账户已销户")
    assert report.statements == (
        Statement(
            account=PAYER["payer_account"],
            statement_id="STMT-20250701",
            first_day=day,
            last_day=day,
            opening_fen=100_000_000,
            closing_fen=99_999_500,
            lines=(
                ours,
                back,
                StatementLine(
                    line_ref="B-0003",
                    attempt_id=None,
                    amount_fen=500,
                    credit=False,
                    kind=OTHER,
                    booked_on=day,
                    text="手续费",
                ),
            ),
        ),
    )


def test_the_golden_notification_says_what_the_statement_says() -> None:
    statement = read((GOLDEN / "camt053.xml").read_bytes()).statements[0]
    (notified,) = read((GOLDEN / "camt054.xml").read_bytes()).statements
    assert (notified.opening_fen, notified.closing_fen) == (None, None)
    assert notified.lines == (statement.lines[1],)


def test_a_statement_of_another_account_is_refused() -> None:
    other = iso20022(payer_account="9900000000000001")
    with pytest.raises(BankFileError) as refused:
        other.read("statement.xml", camt(Entry()))
    assert "another account" in refused.value.message("en")
    assert PAYER["payer_account"] not in refused.value.message("en") + refused.value.message("zh")
