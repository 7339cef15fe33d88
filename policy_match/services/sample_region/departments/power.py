"""The grid company, with the energy office's finding: electricity of the first quarter, of manufacturers only."""

import numpy as np

from policy_match.services.sample_region.economy import Year
from policy_match.services.sample_region.industries import INDUSTRIES
from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import Draft, Sheet
from policy_match.services.sample_region.streams import Numbers

FILE = "power.xlsx"
LIMITED_CLASSES = ("251", "261", "301", "304", "311", "314", "321")
"""Groups of industry that have an energy limit."""


def power_sheet(region: Region) -> Sheet:
    """Return the extract: one row per active manufacturer. Before April the quarter of the year is not known yet."""
    firms = region.population
    used = _first_quarter(region, region.this_year, region.as_of.year)
    used_before = _first_quarter(region, region.year_before, region.as_of.year - 1)
    draft = Draft(
        region=region, file_name=FILE, firms=region.active & firms.in_section("C"), absent=0.05, delay_days=20
    )
    draft.keys("用电单位信用代码")
    ended = np.full(len(firms), region.as_of.month > 3)
    draft.whole("本年一季度用电量", used, 0.05, ended)
    draft.whole("上年一季度用电量", used_before, 0.06)
    dear = firms.in_class("31") & (firms.chance("differential price") < 0.3)
    draft.whole("本年一季度差别电价电量", np.where(dear, used * 0.4, 0.0), 0.06, ended)
    draft.whole("上年一季度差别电价电量", np.where(dear, used_before * 0.4, 0.0), 0.06)
    draft.yes_no("上年能效达到限额", firms.chance("energy limit") < 0.9, 0.08, firms.in_class(*LIMITED_CLASSES))
    draft.observed()
    return draft.sheet()


def _first_quarter(region: Region, year: Year, number: int) -> Numbers:
    """Return kWh from January to March; firms founded later and firms that stood still used none."""
    firms = region.population
    per_yuan = np.array([industry.power for industry in INDUSTRIES])[firms.industry] / 100
    opened = firms.founded < np.datetime64(f"{number}-03-01", "D")
    runs = firms.chance("stood still", number) > 0.05
    weather = np.exp(0.12 * firms.normal("power", number))
    return np.where(opened & runs, year.revenue / 4 * per_yuan * weather, 0.0)
