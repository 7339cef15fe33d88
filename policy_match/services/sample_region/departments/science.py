"""The science and technology bureau: high-tech certificates, technology contracts, research integrity."""

import numpy as np

from policy_match.services.sample_region.places import ENCLAVE, PLACES
from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import Draft, Sheet
from policy_match.services.sample_region.streams import Counts

FILE = "science.csv"
FIRST_CERTIFICATES, LAST_CERTIFICATES = 2016, 2026


def science_sheet(region: Region) -> Sheet:
    """Return the extract: one row per active firm. A first year of 0 says that there is no certificate."""
    firms = region.population
    first_year = _first_year(region)
    draft = Draft(region=region, file_name=FILE, firms=region.active, absent=0.04, delay_days=40)
    draft.keys("统一社会信用代码")
    draft.whole("高企首次认定年度", first_year, 0.04)
    drawn = firms.chance("authority")
    body = np.select([drawn < 0.50, drawn < 0.96], ["青岛市", "山东省"], "其他")
    draft.words("高企首次认定机构", body, 0.05, first_year > 0)
    draft.whole("前年职工总数", region.two_years_before.employees, 0.06, region.two_years_before.there)
    draft.yes_no("科研失信惩戒期内", firms.chance("research dishonesty") < 0.003, 0.03)
    park = firms.place == PLACES.index(ENCLAVE)
    share = np.select([park, firms.in_section("M", "I", "C")], [0.3, 0.07], 0.005)
    trades = (firms.chance("technology contracts") < share) & ~firms.dormant
    amount = np.exp(np.log(400_000) + 1.4 * firms.normal("technology contracts", region.as_of.year))
    draft.decimals("本年技术合同实际发生额", np.where(trades, amount, 0.0), 0.05)
    draft.observed()
    return draft.sheet()


def _first_year(region: Region) -> Counts:
    """Return the year of the first certificate, 0 where there is none yet: a fifth of the firms that qualify."""
    firms = region.population
    fit = firms.in_section("C", "M") | firms.in_class("65")
    fit &= firms.is_kind("company") & ~firms.dormant & (firms.size > -0.7)
    span = LAST_CERTIFICATES - FIRST_CERTIFICATES + 1
    year = FIRST_CERTIFICATES + np.floor(firms.chance("certificate year") * span).astype(np.int64)
    old_enough = year > firms.founded.astype("datetime64[Y]").astype(np.int64) + 1970
    holds = fit & old_enough & (firms.chance("certificate") < 0.35) & (year <= region.as_of.year)
    return np.where(holds, year, 0).astype(np.int64)
