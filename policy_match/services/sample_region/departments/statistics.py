"""The statistics office: persons employed, and who is in its registers."""

import numpy as np

from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import Draft, Sheet
from policy_match.services.sample_region.streams import Flags

FILE = "statistics.csv"

_THRESHOLDS = {"C": 20_000_000, "D": 20_000_000, "F": 10_000_000, "H": 2_000_000, "E": 30_000_000, "K": 0}
_THRESHOLD_ELSEWHERE = 10_000_000
"""Yearly revenue in yuan from which a unit is in the register, roughly."""


def statistics_sheet(region: Region) -> Sheet:
    """Return the extract: one row per active unit."""
    firms = region.population
    draft = Draft(region=region, file_name=FILE, firms=region.active, absent=0.04, delay_days=30)
    draft.keys("统一社会信用代码")
    draft.whole("从业人员期末人数", region.this_year.employees, 0.05)
    draft.yes_no("四上单位", _above_scale(region), 0.03)
    strategic = firms.in_section("C", "M") | firms.in_class("65")
    draft.yes_no("战略性新兴产业", strategic & (firms.chance("strategic") < 0.12), 0.04)
    drawn = firms.chance("head office")
    size = np.select([drawn < 0.4, drawn < 0.65, drawn < 0.9], ["大型", "中型", "小型"], "微型")
    draft.words("分支机构所属法人规模", size, 0.10, firms.is_kind("branch"))
    draft.observed()
    return draft.sheet()


def _above_scale(region: Region) -> Flags:
    """Return who reached the threshold of its section in the year before. Bodies without profit never do."""
    firms = region.population
    threshold = np.full(len(firms), float(_THRESHOLD_ELSEWHERE))
    for section, yuan in _THRESHOLDS.items():
        threshold[firms.in_section(section)] = yuan
    bodies = firms.is_kind("social_org", "foundation", "nonprofit_service", "public_institution", "sole_trader")
    return (region.year_before.revenue > threshold) & ~bodies
