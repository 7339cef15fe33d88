"""The market regulation bureau: who is registered, where, as what and since when."""

import numpy as np

from policy_match.services.sample_region.industries import INDUSTRIES
from policy_match.services.sample_region.kinds import KINDS
from policy_match.services.sample_region.places import PLACES
from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import Draft, Sheet
from policy_match.services.sample_region.streams import Words

FILE = "registry.csv"
CAPITAL_STEPS = (3, 5, 10, 20, 50, 100, 200, 300, 500, 1000, 2000, 5000, 10000)
"""Registered capital in 万元, as founders like to write it."""


def registry_sheet(region: Region) -> Sheet:
    """Return the register: one row per firm, those struck off in the last two years included."""
    firms = region.population
    draft = Draft(region=region, file_name=FILE, firms=region.registered, absent=0.0, delay_days=20)
    draft.keys("统一社会信用代码")
    draft.words("企业名称", firms.names, 0.0)
    draft.words("主体类型", np.array([kind.registry_word for kind in KINDS])[firms.kind], 0.03)
    draft.words("控股情况", _holders(region), 0.05)
    draft.days("成立日期", firms.founded, 0.02)
    draft.words("登记状态", _status(region), 0.01)
    draft.words("注册资本", [f"{step}万元人民币" for step in _capital(region)], 0.06)
    draft.words("登记地区划代码", np.array([place.division for place in PLACES])[firms.place], 0.03)
    draft.words("行业门类", np.array([industry.section for industry in INDUSTRIES])[firms.industry], 0.03)
    draft.words("行业代码", np.array([industry.code for industry in INDUSTRIES])[firms.industry], 0.05)
    draft.observed()
    return draft.sheet()


def _holders(region: Region) -> Words:
    chance = region.population.chance("holder")
    words = ["私人控股", "国有控股", "港澳台或外商控股", "国有"]
    held = np.select([chance < 0.91, chance < 0.945, chance < 0.975, chance < 0.99], words, "集体控股")
    return np.where(region.population.is_kind("public_institution"), "国有", held)


def _status(region: Region) -> Words:
    how = np.floor(region.population.chance("how closed") * 3).astype(np.int64)
    gone = np.array(["注销", "吊销", "迁出"])[how]
    there = np.where(region.population.chance("status word") < 0.85, "存续", "在营")
    return np.where(region.active, there, gone)


def _capital(region: Region) -> list[int]:
    firms = region.population
    wished = np.exp(np.log(80) + 0.9 * firms.size + 0.9 * firms.normal("capital"))
    place = np.clip(np.searchsorted(np.array(CAPITAL_STEPS), wished), 0, len(CAPITAL_STEPS) - 1)
    return [int(step) for step in np.array(CAPITAL_STEPS)[place]]
