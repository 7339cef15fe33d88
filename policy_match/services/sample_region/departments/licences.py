"""The service counter's store of licences: one row per licence of the invented firms.

Which industries need which licence, and for how many days one is valid, are rough guesses; the law is in `rules/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import OBSERVED, Cell, Sheet
from policy_match.services.sample_region.streams import Days, Flags, stream

FILE = "licences.csv"
FIRST_DAY = np.datetime64("2020-01-01", "D")

LATE_SHARE, LATE_DAYS = 0.08, 90
"""So many licences stay in the store with their old last day, for so long."""

ENDED_SHARE = 0.03
MISSING, STALE = 0.05, 0.06
USUAL_DAYS, STALE_DAYS = 20, 200
VALID, ENDED = "有效", "已注销"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of licence: the classes of industry of which a `share` holds it, and for how many days it is valid."""

    name: str
    classes: tuple[str, ...]
    share: float
    valid_days: int


KINDS: Sequence[Kind] = (
    Kind(name="食品经营", classes=("6110", "62", "512", "5212"), share=0.9, valid_days=1826),
    Kind(name="药品经营", classes=("5251",), share=0.95, valid_days=1826),
    Kind(name="医疗器械经营", classes=("5251", "5179"), share=0.4, valid_days=1826),
    Kind(name="公共场所卫生", classes=("61", "8040", "8930"), share=0.9, valid_days=1461),
    Kind(name="危险化学品经营", classes=("2614", "5165"), share=0.15, valid_days=1096),
    Kind(name="烟花爆竹经营（零售）", classes=("5299",), share=0.05, valid_days=365),
    Kind(name="安全生产", classes=("10", "47", "48", "49", "2614"), share=0.7, valid_days=1096),
    Kind(name="道路运输经营", classes=("5431",), share=0.95, valid_days=1461),
    Kind(name="劳务派遣经营", classes=("7263",), share=0.95, valid_days=1096),
    Kind(name="特种设备检验", classes=("3", "4430", "5990", "7020"), share=0.5, valid_days=365),
    Kind(name="排污", classes=("13", "14", "15", "26", "31", "4430"), share=0.8, valid_days=1826),
    Kind(name="取水", classes=("1513", "4430", "0411"), share=0.5, valid_days=1826),
    Kind(name="建筑业企业资质", classes=("47", "48", "49", "50"), share=0.6, valid_days=1826),
    Kind(name="出版物经营", classes=("5292", "5299"), share=0.05, valid_days=1826),
)


def licences_sheet(region: Region) -> Sheet:
    """Return the licences of the firms that exist, kind by kind; renewed in time by most."""
    firms = region.population
    holders = [np.flatnonzero(_holds(region, kind)) for kind in KINDS]
    owners = np.concatenate(holders)
    kinds = np.repeat(np.arange(len(KINDS)), [len(each) for each in holders])
    expiry = np.concatenate([_expiry(region, kind)[each] for kind, each in zip(KINDS, holders, strict=True)])
    count = len(owners)
    # One draw for each firm and kind, so that a licence says the same on another day.
    drawn = np.stack([stream(firms.seed, "licence store", part).random((len(KINDS), len(firms))) for part in range(5)])
    drawn = drawn[:, kinds, owners]
    ages = np.where(drawn[4] < STALE, STALE_DAYS, np.arange(count) % USUAL_DAYS)

    def cells(values: Sequence[str], empty: Flags | None = None) -> list[Cell]:
        gaps = np.zeros(count, dtype=np.bool_) if empty is None else empty
        return [None if gap else value for value, gap in zip(values, gaps.tolist(), strict=True)]

    columns = {
        "许可证编号": cells([f"XK{kind + 1:02d}{owner:08d}" for kind, owner in zip(kinds, owners, strict=True)]),
        "统一社会信用代码": cells([firms.codes[owner] for owner in owners.tolist()]),
        "许可种类": cells([KINDS[kind].name for kind in kinds.tolist()], drawn[0] < MISSING),
        "有效期至": cells(_iso(expiry), drawn[1] < MISSING),
        "许可状态": cells(np.where(drawn[2] < ENDED_SHARE, ENDED, VALID).tolist(), drawn[3] < MISSING),
        OBSERVED: cells(_iso(region.day - ages.astype("timedelta64[D]"))),
    }
    return Sheet(file_name=FILE, columns=columns)


def _holds(region: Region, kind: Kind) -> Flags:
    firms = region.population
    return region.active & firms.in_class(*kind.classes) & (firms.chance("licence of", kind.name) < kind.share)


def _expiry(region: Region, kind: Kind) -> Days:
    """Return the last day of each firm's licence of a kind: renewed for its full time, by some firms too late."""
    firms = region.population
    phase = FIRST_DAY + np.floor(firms.chance("licence until", kind.name) * kind.valid_days).astype(np.int64)
    late = firms.chance("late licence", kind.name) < LATE_SHARE
    since = region.day - np.where(late, LATE_DAYS, 0)
    periods = np.ceil((since - phase).astype(np.int64) / kind.valid_days).astype(np.int64)
    expiry: Days = phase + np.maximum(periods, 0) * kind.valid_days
    return expiry


def _iso(days: Days) -> list[str]:
    return [str(day) for day in np.datetime_as_string(days).tolist()]
