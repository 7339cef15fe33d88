"""The span of calendar months that a case's period covers, to see whether two benefits are for the same time.

Guarantees that `once` and `event` meet every period: such a benefit is compared with everything ever paid.
"""

import re
from functools import lru_cache

from policy_match.entitlements.errors import NotAPeriod

PERIOD = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?")
ALWAYS = (0, 12 * 10_000)
TIMELESS = frozenset({"once", "event"})


@lru_cache(maxsize=4096)
def months_of(period: str) -> tuple[int, int]:
    """Return the first and last month, counted from year 0, both included. Raises `NotAPeriod`."""
    if period in TIMELESS:
        return ALWAYS
    match = PERIOD.fullmatch(period)
    if match is None:
        raise NotAPeriod(period=period)
    year, half, quarter, month = match.groups()
    january = int(year) * 12
    if half:
        first, length = 6 * (int(half) - 1), 6
    elif quarter:
        first, length = 3 * (int(quarter) - 1), 3
    elif month:
        first, length = int(month) - 1, 1
    else:
        first, length = 0, 12
    return january + first, january + first + length - 1


def overlap(one: str, other: str) -> bool:
    """Return whether two periods have a month in common. Raises `NotAPeriod`."""
    first, last = months_of(one)
    other_first, other_last = months_of(other)
    return first <= other_last and other_first <= last
