"""The tax office: returns, taxes of the year to date, tax record and VAT credit."""

from dataclasses import dataclass

import numpy as np

from policy_match.services.sample_region.industries import INDUSTRIES
from policy_match.services.sample_region.places import PLACES
from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import Draft, Sheet
from policy_match.services.sample_region.streams import Flags, Numbers, Words

FILE = "tax.parquet"
GENERAL_PAYER_SALES = 5_000_000
SMALL_SCALE_EXEMPT_SALES = 1_200_000
"""Yearly sales up to which a small-scale payer pays no VAT, four quarters of 300,000."""

CREDIT_BASE_DAY = np.datetime64("2019-03-31", "D")


def tax_sheet(region: Region) -> Sheet:
    """Return the extract: one row per active taxpayer. Sums of the year are up to its last quarter that has ended."""
    firms, now, before = region.population, region.this_year, region.year_before
    done = region.quarters_done / 4
    begun = np.full(len(firms), done > 0)
    general = _general(region)
    draft = Draft(region=region, file_name=FILE, firms=region.active, absent=0.04, delay_days=25)
    draft.keys("纳税人识别号")
    draft.words("主管税务机关区划", np.array([place.division for place in PLACES])[firms.place], 0.02)
    draft.words("增值税纳税人类型", np.where(general, "一般纳税人", "小规模纳税人"), 0.03)
    draft.words("行业明细代码", _industry(region), 0.04)
    draft.decimals("上年营业收入", before.revenue, 0.05, before.there)
    draft.decimals("前年营业收入", region.two_years_before.revenue, 0.06, region.two_years_before.there)
    draft.decimals("上年末资产总额", before.assets, 0.06, before.there)
    draft.decimals("本年累计应纳税所得额", now.taxable_income * done, 0.05, begun)
    people = now.employees * (0.93 + 0.14 * firms.chance("mean of quarters", region.as_of.year))
    draft.decimals("本年季度平均从业人数", people, 0.05, begun)
    assets = (now.assets + np.where(before.there, before.assets, now.assets)) / 2
    draft.decimals("本年季度平均资产总额", assets, 0.05, begun)
    for header, amount in _small_taxes(region, general).items():
        draft.decimals(header, amount * done, 0.01, begun)
    draft.words("纳税信用等级", _rating(region), 0.06)
    draft.yes_no("36个月内骗税或虚开", firms.chance("fraud") < 0.004, 0.04)
    penalty = firms.chance("penalty")
    draft.whole("36个月内偷税处罚次数", np.select([penalty < 0.97, penalty < 0.985], [0, 1], 2), 0.04)
    refunded = firms.in_class("6513", "77", "8514") & (firms.chance("refund") < 0.12)
    draft.yes_no("2019年4月以来享受即征即退", refunded, 0.05)
    share = np.round(100 * (1 - 0.6 * firms.chance("main share") ** 3)).astype(np.int64)
    draft.words("主营行业销售占比", [f"{percent}%" for percent in share.tolist()], 0.05)
    credit = _vat_credit(region, general)
    draft.decimals("期末留抵税额", credit.now, 0.04)
    draft.decimals("近六个月最低期末留抵", credit.lowest, 0.05)
    draft.decimals("2019年3月末留抵税额", credit.base_2019, 0.05)
    draft.decimals("上年末留抵税额", credit.year_end, 0.05)
    draft.observed()
    return draft.sheet()


def _general(region: Region) -> Flags:
    """Return who is a general VAT payer: sales above the limit, or by choice."""
    chosen = region.population.chance("general payer") < 0.12
    bodies = region.population.is_kind(
        "sole_trader", "social_org", "foundation", "nonprofit_service", "public_institution"
    )
    return ((region.year_before.revenue > GENERAL_PAYER_SALES) | chosen) & ~bodies


def _industry(region: Region) -> Words:
    """Return the class of industry as the tax office has it; for some firms it is not the registry's."""
    firms = region.population
    codes = np.array([industry.code for industry in INDUSTRIES])
    other = (firms.industry + 1) % len(INDUSTRIES)
    return codes[np.where(firms.chance("industry at the tax office") < 0.03, other, firms.industry)]


def _small_taxes(region: Region, general: Flags) -> dict[str, Numbers]:
    """Return the eight taxes and fees of a whole year, before the halving."""
    firms, now = region.population, region.this_year
    burden = np.where(general, 0.012 + 0.02 * firms.chance("vat burden"), 0.01)
    exempt = ~general & (now.revenue <= SMALL_SCALE_EXEMPT_SALES)
    vat = np.where(exempt, 0.0, now.revenue * burden)
    owner = firms.chance("owns a building") < np.where(firms.in_section("C", "H", "K"), 0.35, 0.08)
    property_value = np.where(owner, now.assets * 0.3, 0.0)
    quarries = firms.in_section("B")
    builds = (firms.chance("farmland", region.as_of.year) < 0.002) & ~firms.dormant
    return {
        "资源税": np.where(quarries, now.revenue * 0.03, 0.0),
        "城市维护建设税": vat * 0.07,
        "房产税": property_value * 0.7 * 0.012,
        "城镇土地使用税": np.where(owner, now.assets * 0.0012, 0.0),
        "印花税": now.revenue * 0.0003,
        "耕地占用税": np.where(builds, 40_000 + now.assets * 0.01, 0.0),
        "教育费附加": vat * 0.03,
        "地方教育附加": vat * 0.02,
    }


def _rating(region: Region) -> Words:
    """Return the tax credit rating; firms in their first years have M."""
    chance = 0.9 * region.population.chance("rating") + 0.1 * region.population.chance("rating", region.as_of.year)
    grade = np.select([chance < 0.14, chance < 0.62, chance < 0.83, chance < 0.95], ["A", "B", "M", "C"], "D")
    return np.where(region.year_before.there, grade, "M")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Credit:
    """VAT credit in yuan: of the last month, the lowest of six month-ends, in March 2019, of the last December."""

    now: Numbers
    lowest: Numbers
    base_2019: Numbers
    year_end: Numbers


def _vat_credit(region: Region, general: Flags) -> _Credit:
    """Return the credits: about one general payer in eight has one, builders of houses more often."""
    firms = region.population
    refundable = firms.in_section("C", "M") | firms.in_class("65", "77")
    share = np.select([firms.in_class("7010"), refundable], [0.4, 0.2], 0.12)
    half_year = region.as_of.year * 2 + (region.as_of.month > 6)
    holds = general & (firms.chance("credit") < share)
    part = np.exp(np.log(0.03) + 0.9 * firms.normal("credit", half_year))
    now = np.where(holds, region.year_before.revenue * np.minimum(part, 0.3), 0.0)
    drawn = [firms.chance("credit", name, half_year) for name in ("lowest", "december")]
    old = (firms.founded <= CREDIT_BASE_DAY) & (firms.chance("credit 2019") < 0.5)
    base = np.where(old & holds, np.exp(np.log(200_000) + firms.normal("credit 2019")), 0.0)
    return _Credit(
        now=now,
        lowest=np.where(drawn[0] < 0.15, 0.0, now * drawn[0]),
        base_2019=base,
        year_end=np.where(region.year_before.there, now * drawn[1] * 1.2, 0.0),
    )
