"""Sealed account numbers: who can open them, and what never shows. All numbers and firms are invented."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.payments.accounts import AccountNumber
from policy_match.storage.account_sealer import AccountSealer, BrokenSeal, UnknownSealingKey, WrongSealingKey
from policy_match.values import Digest, Uscc

FIRM, OTHER_FIRM = Uscc("91370212MA3C4E5F6X"), Uscc("91370212MA3C4E5F7X")
DIGITS = "3702123456789012345"
NUMBER = AccountNumber(DIGITS)
OLD_KEY, NEW_KEY = b"o" * 32, b"n" * 32


@pytest.fixture
def sealer() -> AccountSealer:
    return AccountSealer([OLD_KEY])


@given(st.from_regex("[0-9]{8,30}", fullmatch=True), st.text(max_size=20))
def test_a_number_opens_for_its_owner(digits: str, owner: str) -> None:
    sealer = AccountSealer([OLD_KEY])
    number = AccountNumber(digits)
    sealed = sealer.seal(number, Uscc(owner))
    assert sealer.open(sealed, Uscc(owner)) == number
    assert digits.encode() not in sealed.sealed


def test_a_number_does_not_open_for_another_owner(sealer: AccountSealer) -> None:
    with pytest.raises(BrokenSeal) as caught:
        sealer.open(sealer.seal(NUMBER, FIRM), OTHER_FIRM)
    assert (caught.value.code, caught.value.retry_helps) == ("account.broken-seal", False)
    assert DIGITS not in caught.value.message("en") + caught.value.message("zh")
    assert OTHER_FIRM in caught.value.message("zh")


@pytest.mark.parametrize(
    "change", [lambda seal: seal[:-1], lambda seal: bytes([seal[0] ^ 1]) + seal[1:], lambda _: b""]
)
def test_a_changed_seal_is_noticed(sealer: AccountSealer, change: object) -> None:
    sealed = sealer.seal(NUMBER, FIRM)
    assert callable(change)
    with pytest.raises(BrokenSeal):
        sealer.open(replace(sealed, sealed=change(sealed.sealed)), FIRM)


def test_the_same_number_never_seals_to_the_same_bytes(sealer: AccountSealer) -> None:
    assert sealer.seal(NUMBER, FIRM).sealed != sealer.seal(NUMBER, FIRM).sealed


def test_an_older_key_still_opens_and_the_new_one_seals() -> None:
    sealed = AccountSealer([OLD_KEY]).seal(NUMBER, FIRM)
    rotated = AccountSealer([NEW_KEY, OLD_KEY])
    assert rotated.open(sealed, FIRM) == NUMBER
    again = rotated.seal(rotated.open(sealed, FIRM), FIRM)
    assert again.key_id != sealed.key_id
    assert AccountSealer([NEW_KEY]).open(again, FIRM) == NUMBER


def test_a_wrong_key_is_a_clear_error() -> None:
    sealed = AccountSealer([OLD_KEY]).seal(NUMBER, FIRM)
    with pytest.raises(UnknownSealingKey, match="which is not configured: add that key") as caught:
        AccountSealer([NEW_KEY]).open(sealed, FIRM)
    assert sealed.key_id in caught.value.message("zh")


def test_equal_numbers_are_found_whoever_owns_them_and_whatever_key_sealed_them() -> None:
    rotated = AccountSealer([NEW_KEY, OLD_KEY])
    old = AccountSealer([OLD_KEY]).seal(NUMBER, OTHER_FIRM).fingerprint
    new = rotated.seal(NUMBER, FIRM).fingerprint
    assert rotated.fingerprints(NUMBER) == (new, old)
    assert new != old
    assert rotated.seal(AccountNumber("3702123456789012346"), FIRM).fingerprint != new


def test_neither_numbers_nor_keys_show(sealer: AccountSealer) -> None:
    sealed = sealer.seal(NUMBER, FIRM)
    assert DIGITS not in repr(sealed)
    assert "sealed=" not in repr(sealed)
    assert OLD_KEY.decode() not in repr(sealer)


def test_a_file_opens_only_as_what_its_digest_names(sealer: AccountSealer) -> None:
    digest, other = Digest("a" * 64), Digest("b" * 64)
    sealed = sealer.seal_content(DIGITS.encode() * 1_000, digest)
    assert AccountSealer([NEW_KEY, OLD_KEY]).open_content(sealed, digest) == DIGITS.encode() * 1_000
    assert DIGITS.encode() not in sealed.sealed
    with pytest.raises(BrokenSeal):
        sealer.open_content(sealed, other)
    with pytest.raises(UnknownSealingKey):
        AccountSealer([NEW_KEY]).open_content(sealed, digest)


def test_a_sealed_file_is_no_sealed_number(sealer: AccountSealer) -> None:
    content = sealer.seal_content(DIGITS.encode(), Digest("a" * 64))
    number = replace(sealer.seal(NUMBER, FIRM), sealed=content.sealed)
    with pytest.raises(BrokenSeal):
        sealer.open(number, Uscc("a" * 64))


@pytest.mark.parametrize(
    ("keys", "number", "length"), [([], 1, 0), ([b"short"], 1, 5), ([OLD_KEY, b""], 2, 0), ([OLD_KEY, OLD_KEY], 2, 32)]
)
def test_what_is_no_set_of_keys_is_refused(keys: list[bytes], number: int, length: int) -> None:
    with pytest.raises(WrongSealingKey, match=f"sealing key {number} has {length} bytes") as caught:
        AccountSealer(keys)
    assert caught.value.code == "account.sealing-key"
