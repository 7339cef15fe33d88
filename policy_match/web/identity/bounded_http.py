"""Asks other servers and reads only so much, for only so long.

Guarantees that a server that is slow, sends without end, or sends us elsewhere takes a stated time and room of ours.
requests is the client that Authlib has kept longest.
"""

from typing import Any, Protocol

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ReadTimeout

from policy_match.ports import Clock

MOST_BYTES = 1024 * 1024


class _Raw(Protocol):
    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes: ...
    def close(self) -> None: ...
    def release_conn(self) -> None: ...


class BoundedAdapter(HTTPAdapter):
    """Ends an answer that takes longer than `seconds` in all, or is larger than `MOST_BYTES`."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        super().__init__(max_retries=0)

    def send(self, request: PreparedRequest, *args: Any, **more: Any) -> Response:
        """Send with the time limits, whatever the caller says. Raises a `RequestException`."""
        ends = self._clock.seconds() + self._seconds
        more["timeout"] = self._seconds
        answer = super().send(request, *args, **more)
        answer.raw = _BoundedRaw(answer.raw, self._clock, ends)
        return answer


class _BoundedRaw:
    """What requests reads an answer from."""

    def __init__(self, raw: _Raw, clock: Clock, ends: float) -> None:
        self._raw, self._clock, self._ends = raw, clock, ends
        self._read = 0

    def read(self, amount: int) -> bytes:
        """Return what is there, at most so much. Raises `ReadTimeout` when it took too long or is too large."""
        found = self._raw.read1(amount, decode_content=True)
        self._read += len(found)
        if self._read > MOST_BYTES or self._clock.seconds() > self._ends:
            self.close()
            raise ReadTimeout
        return found

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()

    def release_conn(self) -> None:
        """Give the connection back."""
        self._raw.release_conn()
