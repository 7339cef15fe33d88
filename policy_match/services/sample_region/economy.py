"""How the invented firms do in each year: people, revenue, assets and taxed income.

Guarantees heavy-tailed sizes that fit the industry, move slowly from year to year and agree with each other across
departments: the tax office, the insurance office and the statistics office see the same firm.
"""

from dataclasses import dataclass

import numpy as np

from policy_match.services.sample_region.industries import INDUSTRIES
from policy_match.services.sample_region.population import Population
from policy_match.services.sample_region.streams import Flags, Numbers

FIRST_LEVEL_YEAR = 2015
"""The walk of the firms' levels begins here; all dates that are written are years later."""

SPREAD = 1.15
"""Standard deviation of the logarithm of persons employed: one firm in a hundred has 15 times the median."""

LARGEST = 2.9
"""Size and skill count up to so many standard deviations: the district has large firms, but no giant of the world."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Year:
    """One year of all firms. `there` says which existed in it; money is in yuan, with parts of a fen."""

    there: Flags
    employees: Numbers
    revenue: Numbers
    assets: Numbers
    taxable_income: Numbers


def year_of(population: Population, year: int) -> Year:
    """Return how the firms did in one year; a firm counts from the year of its founding on."""
    staff = np.array([industry.staff for industry in INDUSTRIES])[population.industry]
    per_person = np.array([industry.revenue for industry in INDUSTRIES])[population.industry]
    margin = np.array([industry.margin for industry in INDUSTRIES])[population.industry]
    founded = population.founded.astype("datetime64[Y]").astype(np.int64) + 1970
    month = population.founded.astype("datetime64[M]").astype(np.int64) % 12
    age = year - founded
    there = age >= 0
    level = _level(population, year)
    grown = np.select([age <= 0, age == 1, age == 2], [0.45, 0.7, 0.85], 1.0)
    awake = np.where(population.dormant, 0.0, 1.0)
    size, skill = np.minimum(population.size, LARGEST), np.minimum(population.skill, LARGEST)
    people = staff * np.exp(SPREAD * size + 0.5 * level) * grown * awake
    part_of_year = np.where(age == 0, (12 - month) / 12, 1.0)
    trend = 1.03 ** (year - 2020)
    revenue = people * per_person * np.exp(0.45 * skill + level - 0.25) * part_of_year * trend
    turnover = np.exp(0.3 * population.normal("assets") - 0.1)
    luck = population.normal("margin", year)
    taxable = revenue * np.clip(margin + 0.03 * skill + 0.04 * luck, -0.3, 0.35)
    return Year(
        there=there,
        employees=np.where(there, np.floor(people), 0.0),
        revenue=np.where(there, revenue, 0.0),
        assets=np.where(there, revenue / part_of_year * turnover + 50_000, 0.0),
        taxable_income=np.where(there, taxable, 0.0),
    )


def _level(population: Population, year: int) -> Numbers:
    """Return the logarithm of each firm's deviation from its own usual size: a walk that is drawn back."""
    level = np.zeros(len(population))
    for step in range(FIRST_LEVEL_YEAR, year + 1):
        level = 0.8 * level + 0.17 * population.normal("level", step)
    return level
