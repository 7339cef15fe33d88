"""When a message may be sent: quiet hours in China, and how long to wait before trying again.

Guarantees that the same delivery and try wait equally long, and that a time outside the quiet hours is kept. Which
hours and delays hold, the settings say; asking what is due is `storage`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction

from policy_match.cases.working_days import CHINA

JITTER = Fraction(1, 5)
"""A wait is longer by up to this part of it, so that messages refused together do not all come back together."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """The hours of the day, by Beijing time, in which nothing is sent: from `begins`, up to and without `ends`."""

    begins: time
    ends: time

    def __post_init__(self) -> None:
        assert self.begins != self.ends, "no hour of the day would be left"

    def covers(self, at: datetime) -> bool:
        """Return whether an instant is quiet."""
        now = at.astimezone(CHINA).time()
        if self.begins < self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


EVENING = QuietHours(begins=time(21), ends=time(8))
"""The default for channels that make a telephone sound."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backoff:
    """How long to wait after each try, and after how many tries to stop. The last delay holds for all later ones."""

    delays: tuple[timedelta, ...] = (
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=6),
    )
    most_tries: int = 6

    def __post_init__(self) -> None:
        assert self.delays and all(delay > timedelta() for delay in self.delays) and self.most_tries > 0

    @property
    def longest_wait(self) -> timedelta:
        """The longest time that a waiting delivery may be ahead: the longest delay, and a day for quiet hours."""
        return max(self.delays) * float(1 + JITTER) + ONE_DAY


def after_quiet(at: datetime, quiet: QuietHours | None) -> datetime:
    """Return `at`, or the end of the quiet hours that cover it."""
    if quiet is None or not quiet.covers(at):
        return at
    local = at.astimezone(CHINA)
    end = datetime.combine(local.date(), quiet.ends, CHINA)
    return end if end > local else end + ONE_DAY


def retry_at(now: datetime, delivery_id: int, tries: int, backoff: Backoff, quiet: QuietHours | None) -> datetime:
    """Return when to send again after so many tries, from 1; outside the quiet hours."""
    assert tries > 0
    delay = backoff.delays[min(tries, len(backoff.delays)) - 1]
    return after_quiet(now + delay * float(1 + JITTER * _chance(delivery_id, tries)), quiet)


def _chance(delivery_id: int, tries: int) -> Fraction:
    """Return a number from 0 up to 1 that looks random and is always the same for the same try."""
    found = hashlib.sha256(f"{delivery_id}:{tries}".encode()).digest()
    return Fraction(int.from_bytes(found[:4], "big"), 2**32)
