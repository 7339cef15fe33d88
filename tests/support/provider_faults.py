"""What a provider does wrong, decided by a seed or said beforehand, the same whatever the order of threads.

Guarantees that one try of one message meets the same fault on every run with the same seed.
"""

import hashlib
import threading
from collections import Counter, deque
from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

Fault = TypeVar("Fault", bound=StrEnum)


def share(seed: int, *about: object) -> float:
    """Return a number from 0 up to 1 that depends on nothing but the seed and what it is about."""
    said = "\0".join(map(str, (seed, *about))).encode()
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "big") / 2**64


class Faults(Generic[Fault]):
    """Which fault the next try of a message meets: first those said beforehand, then each by its share of tries."""

    def __init__(self, seed: int, shares: Mapping[Fault, float]) -> None:
        assert sum(shares.values()) <= 1, "the shares are of all tries"
        self._seed = seed
        self._shares = dict(shares)
        self._planned: deque[Fault | None] = deque()
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()

    def plan(self, *faults: Fault | None) -> None:
        """Say what the next tries meet, `None` being no fault."""
        with self._lock:
            self._planned.extend(faults)

    def forget(self) -> None:
        """Let nothing be planned any more."""
        with self._lock:
            self._planned.clear()

    def planned_is(self, fault: Fault) -> bool:
        """Return whether a fault is next in the plan, and take it from there."""
        with self._lock:
            if self._planned and self._planned[0] is fault:
                self._planned.popleft()
                return True
            return False

    def of_try(self, key: str) -> Fault | None:
        """Return what a new try of a message meets."""
        with self._lock:
            self._tries[key] += 1
            if self._planned:
                return self._planned.popleft()
            drawn = share(self._seed, "try", key, self._tries[key])
        for fault, part in self._shares.items():
            if drawn < part:
                return fault
            drawn -= part
        return None
