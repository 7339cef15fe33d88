"""How many threads of a process may be at identity providers at once.

Guarantees that the other threads serve pages and health however slow a provider is: nobody waits for a place.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from policy_match.ports.providers import ProviderDown


class Places:
    """The places of one process, for all its providers."""

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._thread = threading.local()

    @contextmanager
    def one(self, provider: str) -> Iterator[None]:
        """Take a place, or go on with the one that the thread has. Raises `ProviderDown` when none is free."""
        if getattr(self._thread, "has_place", False):
            yield
            return
        if not self._free.acquire(blocking=False):
            raise ProviderDown(provider=provider)
        self._thread.has_place = True
        try:
            yield
        finally:
            self._thread.has_place = False
            self._free.release()
