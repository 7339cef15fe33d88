"""When a provider counts as failing, and for how long others come first.

Guarantees that a few failures among many messages demote nobody, and that a demotion ends by itself. Counting the
outcomes is `storage`; which provider is asked is `channel_choice`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

MOST_IN_A_ROW = 5
"""After so many messages in a row that failed by the provider's fault, a run leaves it alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemotionRule:
    """A provider at whose fault `failures` messages failed within `within`, and `share` of all, is demoted."""

    failures: int = 5
    share: Fraction = Fraction(1, 2)
    within: timedelta = timedelta(minutes=15)
    lasts: timedelta = timedelta(minutes=30)

    def __post_init__(self) -> None:
        assert self.failures > 0 and 0 < self.share <= 1 and self.within > timedelta() and self.lasts > timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """What became of a provider's messages in some time: `failures` of them failed by its fault."""

    failures: int
    outcomes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Demotion:
    """Until when others come first, and why."""

    provider: str
    until: datetime
    failures: int
    outcomes: int
    at: datetime

    def holds(self, now: datetime) -> bool:
        """Return whether it holds at an instant; not before it was made, should the clock have been set back."""
        return self.at <= now < self.until


def demotion(provider: str, found: Outcomes, rule: DemotionRule, now: datetime) -> Demotion | None:
    """Return the demotion that a provider has earned within the time of the rule, if any."""
    if found.failures < rule.failures or found.failures < rule.share * found.outcomes:
        return None
    return Demotion(provider=provider, until=now + rule.lasts, failures=found.failures, outcomes=found.outcomes, at=now)
