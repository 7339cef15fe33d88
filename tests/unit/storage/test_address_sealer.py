"""Addresses are sealed for their recipient, apart from account numbers, and found again by their fingerprint."""

import pytest

from policy_match.notices.addresses import Address, parse_address
from policy_match.notices.model import Channel
from policy_match.payments.accounts import AccountNumber
from policy_match.payments.sealing import SealedNumber
from policy_match.storage.account_sealer import AccountSealer, BrokenSeal, UnknownSealingKey
from policy_match.values import Uscc

OLD_KEY, NEW_KEY = b"an old key for tests of 32 bytes", b"a newer key for tests, 32 bytes!"
RECIPIENT, OTHER = "firm:91370000MA00000001", "firm:91370000MA00000002"
EMAIL = "invented.one@example.com"


def address(text: str = EMAIL) -> Address:
    """Return a checked e-mail address."""
    return parse_address(Channel.EMAIL, text)


def test_an_address_opens_as_it_was_sealed_and_shows_nowhere() -> None:
    sealer = AccountSealer([OLD_KEY])
    sealed = sealer.seal_address(address(), RECIPIENT)
    assert sealer.open_address(sealed, RECIPIENT) == EMAIL
    assert EMAIL.encode() not in sealed.sealed
    assert EMAIL not in repr(sealed)
    assert sealed.sealed != sealer.seal_address(address(), RECIPIENT).sealed


def test_an_address_does_not_open_for_another_recipient() -> None:
    sealer = AccountSealer([OLD_KEY])
    with pytest.raises(BrokenSeal) as refused:
        sealer.open_address(sealer.seal_address(address(), RECIPIENT), OTHER)
    assert EMAIL not in str(refused.value)


def test_an_address_is_no_account_number() -> None:
    sealer = AccountSealer([OLD_KEY])
    sealed = sealer.seal_address(address(), RECIPIENT)
    number = SealedNumber(key_id=sealed.key_id, sealed=sealed.sealed, fingerprint=sealed.fingerprint)
    with pytest.raises(BrokenSeal):
        sealer.open(number, Uscc(RECIPIENT))


def test_an_older_key_opens_and_is_found_by_its_fingerprint() -> None:
    sealed = AccountSealer([OLD_KEY]).seal_address(address(), RECIPIENT)
    rotated = AccountSealer([NEW_KEY, OLD_KEY])
    assert rotated.open_address(sealed, RECIPIENT) == EMAIL
    now, older = rotated.address_fingerprints(address("Invented.One@Example.com"))
    assert (older, now != older) == (sealed.fingerprint, True)
    with pytest.raises(UnknownSealingKey):
        AccountSealer([NEW_KEY]).open_address(sealed, RECIPIENT)


def test_the_fingerprint_of_an_address_is_not_that_of_a_number() -> None:
    sealer = AccountSealer([OLD_KEY])
    phone = parse_address(Channel.SMS, "19900000000")
    assert not set(sealer.address_fingerprints(phone)) & set(sealer.fingerprints(AccountNumber("8619900000000")))
