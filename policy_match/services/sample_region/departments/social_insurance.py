"""The human resources bureau: insured persons and unemployment insurance, totals of the unit only."""

import numpy as np

from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import Draft, Sheet
from policy_match.services.sample_region.streams import Counts, Flags, Numbers, stream

FILE = "social-insurance.csv"
PREMIUM_RATE = 0.01
"""Unemployment insurance, employer and employee together."""


def social_insurance_sheet(region: Region) -> Sheet:
    """Return the extract: one row per active unit; units that insure nobody have zeros."""
    firms, before = region.population, region.year_before
    insured = _insured(region)
    rate = 0.65 + 0.35 * firms.chance("insured part")
    mean = np.where(insured & before.there, before.employees * rate, 0.0)
    claimants = _claimants(region, mean)
    wages = 12 * np.exp(np.log(5_200) + 0.25 * firms.skill + 0.1 * firms.normal("wages"))
    draft = Draft(region=region, file_name=FILE, firms=region.active, absent=0.05, delay_days=35)
    draft.keys("单位统一信用代码")
    draft.whole("参保职工人数", np.where(insured, np.ceil(region.this_year.employees * rate), 0.0), 0.04)
    draft.decimals("上年月均失业保险参保人数", mean, 0.04)
    draft.whole("上年新增领取失业金人数", claimants, 0.05)
    draft.whole("足额缴纳失业保险月数", _months_paid(region, insured), 0.04)
    draft.decimals("上年实缴失业保险费", mean * wages * PREMIUM_RATE, 0.04)
    draft.yes_no("是否欠费", insured & (firms.chance("arrears", region.as_of.year) < 0.03), 0.04)
    agency = firms.in_class("7263") & (firms.chance("agency") < 0.7)
    draft.yes_no("劳务派遣单位", agency, 0.02)
    draft.observed()
    return draft.sheet()


def _insured(region: Region) -> Flags:
    """Return who insures at least one person."""
    return (region.this_year.employees >= 1) & (region.population.chance("insures") < 0.86)


def _claimants(region: Region, mean: Numbers) -> Counts:
    """Return how many persons of each unit began to draw benefit in the year before; most units none."""
    firms = region.population
    chance = firms.chance("layoffs", region.as_of.year - 1)
    spread = firms.chance("layoff rate", region.as_of.year - 1)
    rate = np.select([chance < 0.06, chance < 0.40], [0.10 + 0.5 * spread, 0.06 * spread], 0.0)
    persons = np.floor(mean).astype(np.int64)
    drawn = stream(firms.seed, "claimants", region.as_of.year - 1).random(len(firms))
    return np.minimum(np.floor(persons * rate + drawn * (rate > 0)), persons).astype(np.int64)


def _months_paid(region: Region, insured: Flags) -> Counts:
    """Return the months from founding to the last December, some with months that were not paid in full."""
    firms = region.population
    last = (region.as_of.year - 1 - 1970) * 12 + 11
    months = np.clip(last - firms.founded.astype("datetime64[M]").astype(np.int64), 0, 300)
    short = firms.chance("short months") < 0.06
    paid = np.where(short, months * firms.chance("part paid"), months)
    return np.where(insured, np.floor(paid), 0).astype(np.int64)
