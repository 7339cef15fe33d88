"""The invented district as it stands on one day: what all departments look at when they write their files."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from policy_match.services.sample_region.economy import Year, year_of
from policy_match.services.sample_region.population import Population
from policy_match.services.sample_region.streams import Flags

STRUCK_OFF_DAYS = np.timedelta64(730, "D")


@dataclass(frozen=True, kw_only=True)
class Region:
    """The firms and the day."""

    population: Population
    as_of: date

    @cached_property
    def day(self) -> np.datetime64:
        """The day as numpy compares it."""
        return np.datetime64(self.as_of, "D")

    @cached_property
    def founded(self) -> Flags:
        """Which firms have been founded."""
        return self.population.founded <= self.day

    @cached_property
    def registered(self) -> Flags:
        """Which firms the registry hands over: also those that were struck off in the last two years."""
        return self.founded & (self.population.closed > self.day - STRUCK_OFF_DAYS)

    @cached_property
    def active(self) -> Flags:
        """Which firms exist: the other departments hand over nothing about firms that were struck off."""
        return self.founded & (self.population.closed > self.day)

    @cached_property
    def this_year(self) -> Year:
        """The year of the day."""
        return year_of(self.population, self.as_of.year)

    @cached_property
    def year_before(self) -> Year:
        """`_y1` in the names of facts."""
        return year_of(self.population, self.as_of.year - 1)

    @cached_property
    def two_years_before(self) -> Year:
        """`_y2` in the names of facts."""
        return year_of(self.population, self.as_of.year - 2)

    @cached_property
    def quarters_done(self) -> int:
        """How many quarters of the year have ended, the day included: what yearly sums are known for."""
        return (self.as_of.month + (1 if _is_last_of_month(self.as_of) else 0) - 1) // 3


def _is_last_of_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).month != day.month
