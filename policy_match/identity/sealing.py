"""Secrets of people at rest: what is kept of one, and what seals, opens and marks it."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedSecret:
    """A secret that only the key `key_id` opens, and only for its owner."""

    key_id: str
    sealed: bytes = field(repr=False)


class SecretSealer(Protocol):
    """Seals and opens secrets of accounts and sessions. Errors never hold one."""

    def seal_secret(self, content: bytes, owner: str) -> SealedSecret:
        """Return the secret sealed for its owner, by the key in use."""

    def open_secret(self, sealed: SealedSecret, owner: str) -> bytes:
        """Return the secret. Raises a `StorageError` when the key is not there, or the seal is broken."""

    def mark(self, text: str) -> str:
        """Return the same mark for the same text, which tells nothing without the key."""
