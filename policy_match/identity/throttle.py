"""How long somebody must wait who guesses at sign-in.

Guarantees that pauses grow with each failure, up to a limit, and that nobody is locked out for ever: failures of
long ago do not count, and a try that is refused for its haste is no failure. Counting is `services.attempts`.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

IPV6_NETWORK_BITS = 64
"""RFC 6177: what one household or office has at least; single addresses in it cost nothing."""


MOST_DOUBLINGS = 20
"""A pause of one second is then longer than any that is asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failures:
    """How many tries failed lately, and when the last one was."""

    count: int
    latest: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ThrottleRule:
    """`free` failures cost nothing, the next one a pause of `first`, each further one twice as long, up to `longest`.

    Failures count for `window`.
    """

    free: int
    first: timedelta
    longest: timedelta
    window: timedelta

    def pause(self, failures: int) -> timedelta:
        """Return how long after so many failures the next try must wait."""
        if failures < self.free:
            return timedelta(0)
        # The doubling is bounded before it is computed: the exponent is an attacker's number.
        doublings = min(failures - self.free, MOST_DOUBLINGS)
        return min(self.first * (1 << doublings), self.longest)

    def held_until(self, failures: Failures) -> datetime | None:
        """Return when the next try is taken; `None` for at once."""
        if failures.latest is None or failures.count < self.free:
            return None
        return failures.latest + self.pause(failures.count)


PER_ACCOUNT = ThrottleRule(free=5, first=timedelta(seconds=1), longest=timedelta(minutes=5), window=timedelta(hours=24))
PER_ADDRESS = ThrottleRule(
    free=30, first=timedelta(seconds=1), longest=timedelta(minutes=15), window=timedelta(hours=1)
)
"""More is free for an address: a whole office stands behind one."""


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, an IPv6 network; `unknown` for what is neither."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, IPV6_NETWORK_BITS), strict=False))
    return str(found)
