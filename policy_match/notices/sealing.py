"""Addresses at rest: what is kept of one, and what seals and opens it.

Guarantees that the core sees an address only where it is entered or used. The cipher and the keys are
`storage.account_sealer`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from policy_match.notices.addresses import Address


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedAddress:
    """An address that only the key `key_id` opens, and only for its recipient.

    `fingerprint` is the same for the same address under the same key, whoever has it, and tells nothing without the
    key: by it a suppressed address is known again.
    """

    key_id: str
    sealed: bytes = field(repr=False)
    fingerprint: str


class AddressSealer(Protocol):
    """Seals and opens addresses. Errors never hold one."""

    def seal_address(self, address: Address, recipient: str) -> SealedAddress:
        """Return the address sealed for its recipient, by the key in use."""

    def open_address(self, sealed: SealedAddress, recipient: str) -> str:
        """Return the address as it is used. Raises a `StorageError`: the key is not there, or the seal broken."""

    def address_fingerprints(self, address: Address) -> Sequence[str]:
        """Return the address's fingerprint under each key, the key in use first."""
