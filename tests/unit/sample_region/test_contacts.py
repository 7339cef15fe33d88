"""Where the invented firms are told: nowhere that exists, and in forms that the real checks take."""

import re
from collections import Counter

import pytest

from policy_match.notices.addresses import parse_address
from policy_match.notices.model import Channel
from policy_match.services.sample_region.contacts import contacts_of, is_dead, staff_contacts, stated_contacts
from policy_match.services.sample_region.credit_codes import credit_code
from policy_match.values import Uscc

FIRMS = 4_000
CODES = [Uscc(credit_code("91", "370268", number)) for number in range(FIRMS)]
ADDRESSES = [each for code in CODES for each in contacts_of(code)]

NOWHERE = {
    Channel.SMS: re.compile(r"\+1[2-9]\d\d55501\d\d"),
    Channel.EMAIL: re.compile(r"[a-z0-9.]+@[a-z]+\.example"),
    Channel.LETTER: re.compile(r"虚构市.*"),
}


@pytest.mark.parametrize("channel", NOWHERE)
def test_every_address_is_one_at_which_nobody_can_be_reached(channel: Channel) -> None:
    texts = [address for kind, address in ADDRESSES if kind is channel]
    assert texts
    assert all(NOWHERE[channel].fullmatch(text) for text in texts)


def test_every_address_can_be_entered_and_stays_as_it_is() -> None:
    assert all(parse_address(channel, address).text == address for channel, address in ADDRESSES)


def test_no_two_firms_share_an_address() -> None:
    assert len({address for _, address in ADDRESSES}) == len(ADDRESSES)


def test_most_firms_have_a_phone_and_a_mailbox_some_a_postal_address_alone_and_a_few_nothing() -> None:
    kinds = Counter(tuple(channel for channel, _ in contacts_of(code))[:2] for code in CODES)
    assert kinds[Channel.SMS, Channel.EMAIL] > 0.9 * FIRMS
    assert 0 < kinds[(Channel.LETTER,)] < 0.03 * FIRMS
    assert 0 < kinds[()] < 0.03 * FIRMS


def test_some_numbers_and_mailboxes_are_dead_and_no_postal_address_is() -> None:
    shares = {channel: [is_dead(text) for kind, text in ADDRESSES if kind is channel] for channel in NOWHERE}
    assert 0 < sum(shares[Channel.SMS]) < 0.03 * FIRMS
    assert 0 < sum(shares[Channel.EMAIL]) < 0.2 * FIRMS
    assert not any(shares[Channel.LETTER])


def test_rows_are_those_of_a_contact_file() -> None:
    rows = [*stated_contacts(CODES[:50]), *staff_contacts(["invented.desk"])]
    assert {row.channel for row in rows} <= {channel.value for channel in NOWHERE}
    assert [row.address for row in rows][-1] == "invented.desk@staff.example"
    assert all(row.source for row in rows)
