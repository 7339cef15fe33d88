"""Files that do harm or make no sense: each is one error of one kind, found early, and repeats nothing of the file."""

import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.payment_channels.iso20022 import Iso20022
from connectors.payment_channels.settings import MAX_FILE_BYTES
from connectors.payment_channels.treasury_file import TreasuryFile
from policy_match.payments.file_defects import (
    BankFileError,
    BeyondParser,
    FileTooLarge,
    HasDocumentType,
    NotInEncoding,
    NotXml,
    UnknownMessage,
    ValueMissing,
)
from tests.conformance.payment_channels.bank_files import (
    ACCOUNT,
    Entry,
    camt,
    id_of,
    iso20022,
    pain_002,
    status,
    treasury_file,
    treasury_return,
)

GOOD = camt(Entry(end_to_end=id_of(1)))
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10 if level else b"lol" * 10) for level in range(12)
)


def with_dtd(dtd: bytes, content: bytes = GOOD) -> bytes:
    """Return the file with a document type declaration before its root."""
    return content.replace(DECLARATION, DECLARATION + dtd, 1)


def refuse(content: bytes, error: type[BankFileError]) -> BankFileError:
    """Return the error that the file is refused with."""
    with pytest.raises(error) as caught:
        iso20022().read("answer.xml", content)
    assert caught.value.code == "payments.bank-file"
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        with_dtd(b"<!DOCTYPE Document>"),
        with_dtd(b"<!DOCTYPE Document [" + LAUGHS + b"]>", GOOD.replace(b"STMT-7", b"&l11;")),
        with_dtd(b"<!DOCTYPE Document [" + LAUGHS + b"]>", GOOD.replace(b'Ccy="CNY"', b'Ccy="&l11;"')),
        with_dtd(b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>', GOOD.replace(b"STMT-7", b"&x;")),
        with_dtd(b'<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'),
        with_dtd(b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">'),
        with_dtd(b"<!-- a comment first --><!DOCTYPE Document>"),
        with_dtd(b"\n \t<!DOCTYPE\nDocument>"),
    ],
    ids=["dtd", "laughs", "laughs-in-attribute", "external", "parameter", "external-dtd", "comment", "spaces"],
)
def test_a_document_type_is_refused_at_once(content: bytes) -> None:
    start = time.monotonic()
    refuse(content, HasDocumentType)
    assert time.monotonic() - start < 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "utf-7"])
def test_an_encoding_that_could_hide_a_document_type_is_refused(encoding: str) -> None:
    text = with_dtd(b"<!DOCTYPE Document>").decode().replace("UTF-8", encoding)
    with pytest.raises((NotInEncoding, NotXml, HasDocumentType)):
        iso20022().read("answer.xml", text.encode(encoding))


def test_an_external_entity_is_not_read_even_without_the_search_for_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    content = with_dtd(b'<!DOCTYPE d [<!ENTITY x SYSTEM "%s">]>' % secret.as_uri().encode())
    assert "hidden" not in refuse(content.replace(b"STMT-7", b"&x;"), HasDocumentType).message("en")


@pytest.mark.parametrize("channel", [iso20022, treasury_file])
def test_a_file_over_the_limit_is_refused_before_it_is_parsed(channel: Callable[..., Iso20022 | TreasuryFile]) -> None:
    with pytest.raises(FileTooLarge, match=str(MAX_FILE_BYTES)):
        channel().read("big", b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(FileTooLarge):
        channel(max_bytes="10").read("big", GOOD)


@pytest.mark.parametrize("levels", [300, 100_000])
def test_deep_nesting_is_refused(levels: int) -> None:
    refuse(GOOD.replace(b"<BkTxCd/>", b"<a>" * levels + b"</a>" * levels), BeyondParser)


@pytest.mark.parametrize(
    "content", [b"", b" ", b"hello", b"\x00\x01", b"%PDF-1.7", b"{}", DECLARATION, GOOD[:-5], GOOD + b"x"]
)
def test_what_is_no_xml_is_refused(content: bytes) -> None:
    with pytest.raises((NotXml, NotInEncoding)):
        iso20022().read("answer.xml", content)


def test_bytes_that_are_no_utf_8_are_refused_with_their_place() -> None:
    assert "byte 38" in refuse(DECLARATION + b"\xff" + GOOD, NotInEncoding).message("en")


@pytest.mark.parametrize("encoding", ["GB18030", "gbk", "GB2312"])
def test_a_chinese_encoding_is_read(encoding: str) -> None:
    text = pain_002(status(id_of(1), "RJCT", text="账户不存在")).decode().replace("UTF-8", encoding)
    assert iso20022().read("answer.xml", text.encode(encoding)).statuses[0].reason == "账户不存在"


def test_a_byte_order_mark_is_no_harm() -> None:
    assert iso20022().read("answer.xml", b"\xef\xbb\xbf" + GOOD) == iso20022().read("answer.xml", GOOD)


@pytest.mark.parametrize(
    "content",
    [
        b"<Document/>",
        GOOD.replace(b"camt.053.001.08", b"camt.052.001.08"),
        GOOD.replace(b"camt.053.001.08", b"camt.053.001.99"),
        GOOD.replace(b"camt.053.001.08", b"pacs.008.001.08"),
        GOOD.replace(b"Document", b"Envelope"),
    ],
)
def test_another_message_is_refused(content: bytes) -> None:
    refuse(content, UnknownMessage)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (GOOD.replace(b"GrpHdr", b"Header"), "GrpHdr"),
        (GOOD.replace(b"Stmt>", b"Other>"), "Stmt"),
        (GOOD.replace(b"<Id>STMT-7</Id>", b""), "Id"),
        (GOOD.replace(b"CreDtTm", b"Made"), "CreDtTm"),
        (GOOD.replace(b"Acct>", b"Konto>"), "Acct/Id/Othr/Id"),
        (pain_002().replace(b"OrgnlGrpInfAndSts", b"Group"), "OrgnlGrpInfAndSts"),
        (pain_002().replace(b"OrgnlMsgId", b"Other"), "OrgnlMsgId"),
    ],
)
def test_a_message_without_its_parts_is_refused(content: bytes, name: str) -> None:
    assert f"`{name}` is missing" in refuse(content, ValueMissing).message("en")


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace(b"100.00", ACCOUNT.encode() + b".001"),
        GOOD.replace(b"CNY", ACCOUNT.encode()),
        GOOD.replace(b"DBIT", ACCOUNT.encode()),
        GOOD.replace(b"2025-07-01</Dt>", ACCOUNT.encode() + b"</Dt>"),
        GOOD.replace(id_of(1).encode(), ACCOUNT.encode() * 2),
        GOOD.replace(b"</Ntry>", b"</" + ACCOUNT.encode() + b">"),
        GOOD.replace(b"<BkTxCd/>", b"&a" + ACCOUNT.encode() + b";"),
    ],
)
def test_no_error_repeats_what_the_file_says(content: bytes) -> None:
    error = refuse(content, BankFileError)
    shown = error.message("en") + error.message("zh") + repr(error) + repr(error.fields) + repr(error.__cause__)
    assert ACCOUNT not in shown


def try_to_read(channel: Iso20022 | TreasuryFile, content: bytes) -> None:
    """Read, or be refused as a file of a bank: any other error fails the test."""
    with suppress(BankFileError):
        channel.read("answer", content)


@given(st.binary(max_size=300) | st.integers(0, len(GOOD)).map(lambda cut: GOOD[:cut] + GOOD[cut + 1 :]))
def test_any_bytes_are_read_or_refused_as_a_bank_file(content: bytes) -> None:
    for channel in (iso20022(), treasury_file(), treasury_file(encoding="gb18030")):
        try_to_read(channel, content)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_is_read_or_refused_as_a_bank_file(place: int, damage: bytes) -> None:
    try_to_read(iso20022(), GOOD[:place] + damage + GOOD[place + len(damage) :])


def test_a_large_statement_is_read_record_by_record() -> None:
    entries = 20_000
    content = camt(*(Entry(ref=f"R{number}", end_to_end=id_of(1)) for number in range(entries)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (statement,) = iso20022().read("large.xml", content).statements
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * (1 if sys.platform == "darwin" else 1024)
    assert len(statement.lines) == entries
    assert grown < 6 * len(content)


def test_a_treasury_result_is_refused_in_another_encoding() -> None:
    with pytest.raises(NotInEncoding, match="not UTF-8"):
        treasury_file().read("result.csv", treasury_return(encoding="gb18030"))
