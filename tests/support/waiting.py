"""Waits for what another process or thread does, by asking again up to a limit that no healthy run reaches."""

import time
from collections.abc import Callable
from threading import Event

ASK_AGAIN_SECONDS = 0.02
MOST_SECONDS = 60.0


def until(condition: Callable[[], object], what: str, seconds: float = MOST_SECONDS) -> float:
    """Return after how many seconds the condition held; fail with `what` when it does not in time."""
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        assert waited < seconds, f"after {waited:.0f} seconds not yet: {what}"
        Event().wait(ASK_AGAIN_SECONDS)
    return time.monotonic() - began
