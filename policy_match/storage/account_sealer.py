"""Seals account numbers, addresses, secrets of people, and files, with AES-256-GCM; finds equal ones by a fingerprint.

Guarantees that a number or address opens only with its key and for its owner, a file only as what its digest names,
that a changed seal is noticed, and that neither these nor keys appear in a `repr` or an error. Each purpose has keys of
its own, derived from the one that is set. Where keys come from is `config`.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from policy_match.errors import InputError, StorageError
from policy_match.identity.sealing import SealedSecret
from policy_match.notices.addresses import Address
from policy_match.notices.sealing import SealedAddress
from policy_match.payments.accounts import AccountNumber
from policy_match.payments.records import SealedContent
from policy_match.payments.sealing import SealedNumber
from policy_match.values import Digest, Uscc

KEY_BYTES = 32
NONCE_BYTES = 12
"""NIST SP 800-38D, 8.2.2: random nonces of 96 bits are safe for 2^32 seals under one key."""
KEY_ID_SIGNS = 16


class WrongSealingKey(InputError):
    """A sealing key is not one, or none is given. The key is not repeated."""

    code = "account.sealing-key"
    english = (
        "sealing key {number} has {length} bytes; give different keys of 32 random bytes each, the one in use first"
    )
    chinese = "第 {number} 个账号加密密钥为 {length} 字节；应提供互不相同的 32 字节随机密钥，当前使用的排在最前"


class UnknownSealingKey(StorageError):
    """Something was sealed by a key that is not configured. Nothing else opens it."""

    code = "account.unknown-key"
    retry_helps = False
    english = "sealed by key {key_id}, which is not configured: add that key after the one in use"
    chinese = "数据由密钥 {key_id} 加密，但该密钥未配置；请将其追加在当前密钥之后"


class BrokenSeal(StorageError):
    """A seal was changed, or belongs to another owner or file; `owner` names the one that was expected."""

    code = "account.broken-seal"
    retry_helps = False
    english = (
        "what was sealed for {owner} does not open with its key {key_id}: "
        "it was changed, or belongs elsewhere; do not use it, and restore the row"
    )
    chinese = "{owner} 的加密数据无法用其密钥 {key_id} 解开：数据被改动，或属于他处；请勿使用，并恢复该记录"


class _Key:
    """One key, and what is derived from it: its id, ciphers and fingerprint keys for each purpose (HKDF, RFC 5869)."""

    def __init__(self, secret: bytes) -> None:
        self.key_id = _derived(secret, b"key id").hex()[:KEY_ID_SIGNS]
        self.numbers = AESGCM(_derived(secret, b"numbers"))
        self.contents = AESGCM(_derived(secret, b"contents"))
        self.addresses = AESGCM(_derived(secret, b"addresses"))
        self.secrets = AESGCM(_derived(secret, b"secrets"))
        self._number_key = _derived(secret, b"fingerprint")
        self._mark_key = _derived(secret, b"mark")
        self._address_key = _derived(secret, b"address fingerprint")

    def fingerprint(self, number: AccountNumber) -> str:
        """Return the fingerprint of the digits."""
        return _fingerprint(self._number_key, number.digits)

    def mark(self, text: str) -> str:
        """Return the fingerprint of a text."""
        return _fingerprint(self._mark_key, text)

    def address_fingerprint(self, address: Address) -> str:
        """Return the fingerprint of an address, the same for every way to write it."""
        return _fingerprint(self._address_key, address.same)


class AccountSealer:
    """Seals with the first key; opens with any. A key's id derives from it, so a wrong key cannot pass for it."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take keys of 32 random bytes each, the one in use first. Raises `WrongSealingKey`."""
        if not keys:
            raise WrongSealingKey(number=1, length=0)
        for number, secret in enumerate(keys, 1):
            if len(secret) != KEY_BYTES or secret in keys[: number - 1]:
                raise WrongSealingKey(number=number, length=len(secret))
        self._keys = {key.key_id: key for key in map(_Key, keys)}
        self._in_use = next(iter(self._keys.values()))

    def seal(self, number: AccountNumber, owner: Uscc) -> SealedNumber:
        """Return the number sealed for its owner; never the same bytes twice."""
        key = self._in_use
        sealed = _sealed(key.numbers, number.digits.encode(), owner)
        return SealedNumber(key_id=key.key_id, sealed=sealed, fingerprint=key.fingerprint(number))

    def open(self, sealed: SealedNumber, owner: Uscc) -> AccountNumber:
        """Return the number. Raises `UnknownSealingKey` or `BrokenSeal`."""
        key = self._key(sealed.key_id)
        return AccountNumber(_opened(key.numbers, sealed.sealed, owner, key.key_id).decode())

    def seal_content(self, content: bytes, digest: Digest) -> SealedContent:
        """Return a whole file sealed, bound to its digest; never the same bytes twice."""
        return SealedContent(key_id=self._in_use.key_id, sealed=_sealed(self._in_use.contents, content, digest))

    def open_content(self, sealed: SealedContent, digest: Digest) -> bytes:
        """Return the file. Raises `UnknownSealingKey` or `BrokenSeal`."""
        key = self._key(sealed.key_id)
        return _opened(key.contents, sealed.sealed, digest, key.key_id)

    def seal_address(self, address: Address, recipient: str) -> SealedAddress:
        """Return the address sealed for its recipient; never the same bytes twice."""
        key = self._in_use
        sealed = _sealed(key.addresses, address.text.encode(), recipient)
        return SealedAddress(key_id=key.key_id, sealed=sealed, fingerprint=key.address_fingerprint(address))

    def open_address(self, sealed: SealedAddress, recipient: str) -> str:
        """Return the address. Raises `UnknownSealingKey` or `BrokenSeal`."""
        key = self._key(sealed.key_id)
        return _opened(key.addresses, sealed.sealed, recipient, key.key_id).decode()

    def seal_secret(self, content: bytes, owner: str) -> SealedSecret:
        """Return a secret of an account or a session sealed for its owner; never the same bytes twice."""
        return SealedSecret(key_id=self._in_use.key_id, sealed=_sealed(self._in_use.secrets, content, owner))

    def open_secret(self, sealed: SealedSecret, owner: str) -> bytes:
        """Return the secret. Raises `UnknownSealingKey` or `BrokenSeal`."""
        key = self._key(sealed.key_id)
        return _opened(key.secrets, sealed.sealed, owner, key.key_id)

    def mark(self, text: str) -> str:
        """Return the same mark for the same text under the key in use, which tells nothing without the key."""
        return self._in_use.mark(text)

    def address_fingerprints(self, address: Address) -> tuple[str, ...]:
        """Return the address's fingerprint under each key, the key in use first."""
        return tuple(key.address_fingerprint(address) for key in self._keys.values())

    def fingerprints(self, number: AccountNumber) -> tuple[str, ...]:
        """Return the number's fingerprint under each key, the key in use first."""
        return tuple(key.fingerprint(number) for key in self._keys.values())

    def _key(self, key_id: str) -> _Key:
        if key_id not in self._keys:
            raise UnknownSealingKey(key_id=key_id)
        return self._keys[key_id]


def _fingerprint(key: bytes, text: str) -> str:
    """Return the HMAC-SHA-256 of a text in hexadecimal (RFC 2104)."""
    mac = HMAC(key, SHA256())
    mac.update(text.encode())
    return mac.finalize().hex()


def _sealed(cipher: AESGCM, content: bytes, owner: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, owner.encode())


def _opened(cipher: AESGCM, sealed: bytes, owner: str, key_id: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError):
        raise BrokenSeal(owner=owner, key_id=key_id) from None


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"policy-match account " + purpose).derive(secret)
