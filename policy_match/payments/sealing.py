"""Account numbers at rest: what is kept of one, and what seals and opens it.

Guarantees that the core sees a number only where it is paid or entered. The cipher and the keys are
`storage.account_sealer`.
"""

from dataclasses import dataclass, field
from typing import Protocol

from policy_match.payments.accounts import AccountNumber
from policy_match.values import Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedNumber:
    """An account number that only the key `key_id` opens, and only for its owner.

    `fingerprint` is the same for the same number under the same key, whoever owns it, and tells nothing without the
    key: by it one number with two owners is found.
    """

    key_id: str
    sealed: bytes = field(repr=False)
    fingerprint: str


class AccountSealer(Protocol):
    """Seals and opens account numbers. Errors never hold a number."""

    def seal(self, number: AccountNumber, owner: Uscc) -> SealedNumber:
        """Return the number sealed for its owner, by the key in use."""

    def open(self, sealed: SealedNumber, owner: Uscc) -> AccountNumber:
        """Return the number. Raises a `StorageError` when the key is not there, or the seal is broken."""

    def fingerprints(self, number: AccountNumber) -> tuple[str, ...]:
        """Return the number's fingerprint under each key, the key in use first, for looking it up."""
