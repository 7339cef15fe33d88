"""What a provider publishes, kept for a while.

Guarantees that one thread at a time fetches it, that whoever waited for that thread takes its answer or its failure,
and that a provider which failed is left alone for `DOWN_SECONDS`, so that it costs each request little.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from policy_match.ports import Clock
from policy_match.ports.providers import ProviderDown
from policy_match.web.identity.places import Places

DOWN_SECONDS = 5.0

Content = TypeVar("Content")


class Fetched(Generic[Content]):
    """One thing that a provider publishes, fetched when it is first asked for."""

    def __init__(self, provider: str, fetch: Callable[[], Content], clock: Clock, places: Places) -> None:
        """`fetch` takes a stated time at most, and raises `ProviderDown`."""
        self._provider, self._fetch, self._clock, self._places = provider, fetch, clock, places
        self._fetching = threading.Lock()
        self._held: tuple[float, Content] | None = None
        self._failed_at: float | None = None

    @property
    def latest(self) -> Content | None:
        """What is held, however old; nobody is asked."""
        return None if self._held is None else self._held[1]

    def get(self, lasts: float) -> Content:
        """Return what is held and no older than `lasts` seconds, else what the provider says now.

        Raises `ProviderDown`.
        """
        held = self._held
        if held is not None and self._age(held[0]) <= lasts:
            return held[1]
        with self._places.one(self._provider), self._fetching:
            held = self._held
            if held is not None and self._age(held[0]) <= lasts:
                return held[1]
            if self._failed_at is not None and self._age(self._failed_at) <= DOWN_SECONDS:
                raise ProviderDown(provider=self._provider)
            return self._asked()

    def _asked(self) -> Content:
        try:
            found = self._fetch()
        except ProviderDown:
            self._failed_at = self._clock.seconds()
            raise
        self._held = (self._clock.seconds(), found)
        return found

    def _age(self, at: float) -> float:
        return self._clock.seconds() - at
