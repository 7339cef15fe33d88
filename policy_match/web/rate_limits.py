"""How often one principal, and one address, may ask: GCRA, a leaky bucket that keeps one number for each.

Guarantees the limit for all processes of a machine together, in one MiB that they share, and no wait for a process that
was killed. Each machine counts for itself. Headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

import fcntl
import math
import mmap
import os
import struct
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

from flask import Response, g

from policy_match.identity.principal import Principal
from policy_match.web.problems import RequestError
from policy_match.web_settings import LimitSettings

WINDOW_SECONDS = 60.0
SETS = 8192
WAYS = 8
SLOT = struct.Struct("=8sd")
"""Who, as eight bytes, and when his bucket is full again, on the clock that never runs backwards."""

SET_BYTES = WAYS * SLOT.size
IPV6_CUSTOMER_BITS = 64
"""What one customer is given (RFC 6177); he may use any address in it."""


class TooManyRequests(RequestError):
    """Somebody asks more often than he may."""

    code = "request.too-many"
    http_status = 429
    retry_helps = True
    english = "too many requests; wait as long as `Retry-After` says, in seconds"
    chinese = "请求过于频繁；请按 Retry-After 所示秒数等待后重试"

    def __init__(self, *, seconds: int) -> None:
        super().__init__(seconds=seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What is left of a limit: so many requests now, all of them again in so many seconds."""

    name: str
    quota: int
    remaining: int
    full_in: float
    wait: float = 0.0

    @property
    def refused(self) -> bool:
        """Whether the request is one too many."""
        return self.wait > 0


class SharedBuckets:
    """The buckets of a machine. Make it before processes are forked.

    It holds the 65,536 that asked last; of others it knows that their bucket is full, or so near it that it may be
    taken for it. Each set of eight has a lock of the kernel, which a killed process leaves.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SETS * SET_BYTES)
        self._locks, name = tempfile.mkstemp(prefix="policy-match-locks-")
        Path(name).unlink()  # it is only there to be locked, by whoever has it open
        self._thread = threading.Lock()
        self._secret = os.urandom(16)

    def close(self) -> None:
        """Let go of the locks."""
        os.close(self._locks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def spend(self, who: str, per_minute: int, now: float) -> tuple[float, float]:
        """Take one request of `who` at `now`, in seconds; return when the bucket is full again, and how long to wait.

        The wait is 0 when the request may go on; else nothing was taken.
        """
        digest = blake2b(who.encode(), digest_size=16, key=self._secret).digest()
        begin = int.from_bytes(digest[8:], "big") % SETS * SET_BYTES
        with self._thread:
            fcntl.lockf(self._locks, fcntl.LOCK_EX, 1, begin)
            try:
                return self._spend(digest[:8], begin, WINDOW_SECONDS / per_minute, now)
            finally:
                fcntl.lockf(self._locks, fcntl.LOCK_UN, 1, begin)

    def _spend(self, key: bytes, begin: int, seconds_each: float, now: float) -> tuple[float, float]:
        slots = [SLOT.unpack_from(self._memory, begin + way * SLOT.size) for way in range(WAYS)]
        known = next((way for way, (name, _) in enumerate(slots) if name == key), None)
        way = min(range(WAYS), key=lambda each: slots[each][1]) if known is None else known
        full_at = now if known is None else max(now, slots[known][1])
        after = full_at + seconds_each
        # A bucket is at most empty: what is spent must be full again within the window.
        wait = after - now - WINDOW_SECONDS
        if wait > 1e-9:
            return full_at - now, wait
        SLOT.pack_into(self._memory, begin + way * SLOT.size, key, after)
        return after - now, 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RateLimits:
    """Spends requests of addresses and principals. `seconds` is a clock that never runs backwards."""

    buckets: SharedBuckets
    limits: LimitSettings
    seconds: Callable[[], float]

    def of_address(self, address: str) -> Spent:
        """Spend a request of an address; of IPv6, its network of 64 bits."""
        return self._spend("address", _network(address), self.limits.requests_per_address)

    def of_principal(self, principal: Principal) -> Spent:
        """Spend a request of somebody who is known; a firm's users have a bucket each."""
        who = f"{type(principal).__name__}:{principal.actor}:{getattr(principal, 'user', '')}"
        return self._spend("principal", who, self.limits.requests_per_principal)

    def _spend(self, name: str, who: str, quota: int) -> Spent:
        full_in, wait = self.buckets.spend(f"{name}:{who}", quota, self.seconds())
        remaining = math.floor((WINDOW_SECONDS - full_in) * quota / WINDOW_SECONDS + 1e-6)
        return Spent(name=name, quota=quota, remaining=max(0, remaining), full_in=full_in, wait=wait)


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(int(found) >> (128 - IPV6_CUSTOMER_BITS))
    return str(getattr(found, "ipv4_mapped", None) or found)


def check(spent: Spent) -> None:
    """Note what is left for the answer, and refuse one request too many. Raises `TooManyRequests`."""
    g.spent = spent
    if spent.refused:
        raise TooManyRequests(seconds=math.ceil(spent.wait))


def tell(response: Response) -> None:
    """Say in the answer what is left of the limit that was looked at last."""
    spent: Spent | None = g.get("spent")
    if spent is None:
        return
    reset = math.ceil(spent.wait if spent.refused else spent.full_in)
    response.headers["RateLimit-Policy"] = f'"{spent.name}";q={spent.quota};w={WINDOW_SECONDS:.0f}'
    response.headers["RateLimit"] = f'"{spent.name}";r={spent.remaining};t={reset}'
