"""What was done over the web, and the answers that are kept for those who ask the same again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts: `by` is how steps name it, `account` the person who acts for a firm, else empty."""

    by: str
    account: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAnswer:
    """An answer as it was given. `location` is a path, empty when nothing was made."""

    status: int
    location: str = ""
    body: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyUse:
    """What a key was used for; `answer` is `None` when the answer is no longer, or never was, kept."""

    request_digest: bytes
    at: datetime
    answer: KeptAnswer | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionRow:
    """One action. `path` has ids only; `key` and `request_digest` (SHA-256) are there for what may be repeated."""

    request_id: UUID
    at: datetime
    actor: Actor
    operation: str
    path: str
    status: int
    key: str | None = None
    request_digest: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAction:
    """An action as it is kept, with its number."""

    action_id: int
    request_id: UUID
    at: datetime
    actor: Actor
    operation: str
    path: str
    status: int


class ActionStore(Protocol):
    """Actions and kept answers."""

    def claim_key(self, actor: Actor, key: str) -> bool:
        """Take the right to use a key until the transaction ends; return whether nobody else has it now."""

    def lock_place(self, place: str) -> None:
        """Wait for the right to change what is at a place, and have it until the transaction ends."""

    def use_of(self, actor: Actor, key: str) -> KeyUse | None:
        """Return what the key was used for, if it was."""

    def add(self, row: ActionRow, answer: KeptAnswer | None) -> None:
        """Keep an action, with its answer unless it holds a secret."""

    def newest(self, *, before: int | None, most: int) -> Sequence[KeptAction]:
        """Return a page of actions, the latest first, before a number or from the end."""

    def forget_answers(self, before: datetime, most: int) -> int:
        """Forget answers of actions before a moment, at most so many, and return how many; the actions stay."""
