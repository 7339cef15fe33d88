"""pain.001 as it is written: valid against the published schema, and read by others as what was meant."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sepaxml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pyiso20022.pain import pain_001_001_09 as judge
from pyiso20022.tools.validation import ISO20022Validator
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from connectors.payment_channels.pain001 import pain001
from policy_match.payments.file_defects import BatchUnfit
from policy_match.payments.messages import MAX_INSTRUCTIONS, PaymentInstruction
from tests.conformance.payment_channels.bank_files import ACCOUNT, PAYER, batch, id_of, instruction, iso20022

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = etree.XMLSchema(etree.parse(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))
PARSER = XmlParser(config=ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True))

texts = (
    st.text(
        st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")) | st.sampled_from("青岛虚构𠮷㐀<>&\"'"),
        min_size=1,
        max_size=140,
    )
    .map(str.strip)
    .filter(bool)
)
instructions = st.lists(
    st.builds(
        PaymentInstruction,
        attempt_id=st.integers(1, 10**9).map(id_of),
        amount_fen=st.integers(1, 10**15),
        payee_name=texts,
        account_number=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,33}", fullmatch=True),
        bank_code=st.from_regex(r"[0-9]{12}|[A-Z]{4}CN[A-Z0-9]{2}([A-Z0-9]{3})?", fullmatch=True),
        line=st.sampled_from(["city-industry-2025", "省级-2025", "a" * 35]),
        purpose=texts,
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row.attempt_id,
)


def parsed(content: bytes) -> judge.Document:
    """Return the message as pyiso20022 reads it, checked against its restrictions."""
    document = PARSER.from_bytes(content, judge.Document)
    found = ISO20022Validator().validate(document, strict=False)
    assert found.is_valid, found
    return document


def instructions_of(document: judge.Document) -> list[PaymentInstruction]:
    """Return what the message asks for."""
    found = []
    for block in document.cstmr_cdt_trf_initn.pmt_inf:
        for each in block.cdt_trf_tx_inf:
            bank = each.cdtr_agt.fin_instn_id
            found.append(
                PaymentInstruction(
                    attempt_id=each.pmt_id.end_to_end_id,
                    amount_fen=int(each.amt.instd_amt.value * 100),
                    payee_name=each.cdtr.nm,
                    account_number=each.cdtr_acct.id.othr.id,
                    bank_code=bank.bicfi or bank.clr_sys_mmb_id.mmb_id,
                    line=block.pmt_inf_id,
                    purpose=each.rmt_inf.ustrd[0],
                )
            )
    return found


@settings(max_examples=60)
@given(instructions)
def test_another_reader_finds_the_instructions_that_were_written(rows: list[PaymentInstruction]) -> None:
    written = iso20022().write(batch(rows)).content
    assert SCHEMA.validate(etree.fromstring(written)), SCHEMA.error_log
    found = instructions_of(parsed(written))
    assert sorted(found, key=lambda row: row.attempt_id) == sorted(rows, key=lambda row: row.attempt_id)


def test_count_and_sum_are_declared_for_the_file_and_for_each_budget_line() -> None:
    message = parsed(iso20022().write(batch()).content).cstmr_cdt_trf_initn
    assert (message.grp_hdr.nb_of_txs, message.grp_hdr.ctrl_sum) == ("3", Decimal("37037.07"))
    blocks = {block.pmt_inf_id: (block.nb_of_txs, block.ctrl_sum) for block in message.pmt_inf}
    assert blocks == {"city-industry-2025": ("2", Decimal("24691.38")), "province-2025": ("1", Decimal("12345.69"))}


def test_the_file_is_the_golden_one() -> None:
    written = iso20022().write(batch())
    assert written.content == (GOLDEN / "pain001.xml").read_bytes()
    assert (written.name, written.count, written.total_fen) == ("PMB-2025-000001.xml", 3, 3_703_707)


def test_the_same_batch_is_written_to_the_same_bytes() -> None:
    again = batch(made_at=batch().made_at.astimezone(UTC).replace(microsecond=7))
    assert iso20022().write(batch()) == iso20022().write(again)


def test_what_the_schema_does_not_allow_is_not_returned() -> None:
    with pytest.raises(BatchUnfit, match=r"not valid against pain\.001\.001\.09"):
        pain001(batch([instruction(payee_name="长" * 141)]), *PAYER.values())


def test_a_total_that_is_no_amount_any_more_is_refused() -> None:
    with pytest.raises(BatchUnfit, match="total is more than 18 digits"):
        iso20022().write(batch([instruction(number, amount_fen=6 * 10**17) for number in (1, 2)]))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("payee_name", "长" * 141, "has 141 characters, more than 140"),
        ("payee_name", "", "is empty"),
        ("payee_name", " 甲", "spaces around it"),
        ("payee_name", "甲\n乙", "control characters"),
        ("payee_name", "甲\x00", "control characters"),
        ("payee_name", "甲\ud800", "control characters"),
        ("payee_name", "甲\u202e乙", "control characters"),
        ("purpose", "x" * 141, "more than 140"),
        ("line", "x" * 36, "more than 35"),
        ("amount_fen", 0, "is not above zero"),
        ("amount_fen", -1, "is not above zero"),
        ("amount_fen", 10**18, "more than 18 digits"),
        ("bank_code", "10245200001", "neither 12 digits"),
        ("bank_code", "icbkcnbj", "nor a BIC"),
        ("attempt_id", "PM-1", "wrong form or check digits"),
    ],
)
def test_an_instruction_that_does_not_fit_is_refused_before_writing(field: str, value: object, words: str) -> None:
    with pytest.raises(BatchUnfit, match=words):
        iso20022().write(batch([instruction(1), instruction(2, **{field: value})]))


@pytest.mark.parametrize("account", ["", "6" * 35, "62 0000", "=1+1", "六二", f"{ACCOUNT}\n"])
def test_an_unfit_account_is_refused_and_not_repeated(account: str) -> None:
    with pytest.raises(BatchUnfit) as caught:
        iso20022().write(batch([instruction(account_number=account)]))
    assert caught.value.fields["where"] == id_of(1)
    assert not account or account not in caught.value.message("en") + caught.value.message("zh")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"count": 4}, "declared count is 4 for 3"),
        ({"total_fen": 3_703_708}, "declared total is 37,037.08 for 37,037.07"),
        ({"instructions": (), "count": 0, "total_fen": 0}, "is 0, not 1 to"),
        ({"message_id": "../etc/passwd"}, "message id"),
        ({"message_id": "x" * 36}, "message id"),
        ({"made_at": datetime(2025, 6, 30)}, "no time zone"),  # noqa: DTZ001
    ],
)
def test_a_batch_that_is_not_what_it_declares_is_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(BatchUnfit, match=words):
        iso20022().write(batch(**fields))


def test_an_attempt_that_is_in_a_batch_twice_is_refused() -> None:
    with pytest.raises(BatchUnfit, match=f"{id_of(1)}: attempt id is there twice"):
        iso20022().write(batch([instruction(1), instruction(1)]))


def test_a_batch_of_too_many_instructions_is_refused() -> None:
    with pytest.raises(BatchUnfit, match="number of instructions"):
        iso20022().write(batch([instruction()] * (MAX_INSTRUCTIONS + 1)))


def test_account_numbers_are_in_no_repr() -> None:
    sent = batch()
    assert ACCOUNT not in repr(sent) + repr(iso20022().write(sent)) + repr(iso20022())
    assert PAYER["payer_account"] not in repr(iso20022())


def test_a_batch_is_not_changed_by_the_order_of_its_lines() -> None:
    rows = batch().instructions
    turned = replace(batch(), instructions=rows[::-1])
    assert {row.attempt_id for row in instructions_of(parsed(iso20022().write(turned).content))} == {
        row.attempt_id for row in rows
    }
