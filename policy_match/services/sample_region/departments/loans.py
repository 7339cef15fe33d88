"""The banks: one row per loan of the invented firms."""

from collections.abc import Sequence

import numpy as np

from policy_match.services.sample_region.population import Population
from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import OBSERVED, Cell, Sheet
from policy_match.services.sample_region.streams import Counts, Days, Flags, Numbers, stream

FILE = "loans.csv"
BORROWERS = 0.045
"""Share of firms with loans; each has one to three."""

LAST_ISSUE, MEAN_DAYS_BACK = np.datetime64("2026-12-31", "D"), 600
TERMS_MONTHS = np.array((12, 18, 24, 36, 60))
PURPOSES = (("固定资产", 0.40), ("政策性工具配套", 0.05), ("流动资金", 0.50), ("其他", 0.05))
FIELDS = (
    ("重点产业链", 0.35),
    ("生产性服务业", 0.20),
    ("农林牧渔和农副食品", 0.10),
    ("新兴领域", 0.10),
    ("不属于支持领域", 0.25),
)
MISSING, STALE = 0.05, 0.06
USUAL_DAYS, STALE_DAYS = 30, 200


def loans_sheet(region: Region) -> Sheet:
    """Return the loans issued up to the day to firms that exist."""
    firms = region.population
    borrowers = _borrowers(firms)
    count = len(borrowers)
    rng = stream(firms.seed, "loans")
    issued, due = _terms(rng.random((2, count)))
    purposes, fields = _pick(PURPOSES, rng.random(count)), _pick(FIELDS, rng.random(count))
    principal = _principal(firms.size[borrowers], rng.standard_normal(count))
    subsidies = _subsidies(issued, due, rng.random((2, count)))
    gaps = rng.random((4, count)) < MISSING
    ages = np.where(rng.random(count) < STALE, STALE_DAYS, np.arange(count) % USUAL_DAYS)
    there = region.active[borrowers] & (issued <= region.day) & (issued > firms.founded[borrowers])
    places = np.flatnonzero(there).tolist()

    def cells(values: Sequence[str], empty: Flags | None = None) -> list[Cell]:
        return [None if empty is not None and empty[place] else values[place] for place in places]

    columns = {
        "贷款编号": cells([f"YYDK{number:07d}" for number in range(1, count + 1)]),
        "借款人信用代码": cells([firms.codes[firm] for firm in borrowers.tolist()]),
        "本金（万元）": cells([f"{yuan / 10_000:g}" for yuan in principal.tolist()]),
        "发放日期": cells(_iso(issued)),
        "到期日期": cells(_iso(due), gaps[0]),
        "用途": cells(purposes, gaps[1]),
        "投向领域": cells(fields, gaps[2]),
        "已享受贴息": cells(subsidies, gaps[3]),
        OBSERVED: cells(_iso(region.day - ages.astype("timedelta64[D]"))),
    }
    return Sheet(file_name=FILE, columns=columns)


def _borrowers(firms: Population) -> Counts:
    """Return the firm of each loan."""
    with_loans = np.flatnonzero(firms.chance("borrows") < BORROWERS)
    each = 1 + np.floor(firms.chance("loans")[with_loans] ** 2 * 3).astype(np.int64)
    return np.repeat(with_loans, each)


def _terms(chance: Numbers) -> tuple[Days, Days]:
    """Return when each loan was issued, more of them recently, and when it is due."""
    back = np.ceil(-np.log1p(-chance[0]) * MEAN_DAYS_BACK).astype("timedelta64[D]")
    issued: Days = LAST_ISSUE - back
    month = issued.astype("datetime64[M]")
    months = TERMS_MONTHS[np.floor(chance[1] * len(TERMS_MONTHS)).astype(np.int64)]
    day_of_month = np.minimum((issued - month.astype("datetime64[D]")).astype(np.int64), 27)
    due: Days = (month + months.astype("timedelta64[M]")).astype("datetime64[D]") + day_of_month.astype(
        "timedelta64[D]"
    )
    return issued, due


def _principal(size: Numbers, chance: Numbers) -> Numbers:
    """Return principals in yuan, whole 万元; larger firms borrow more."""
    yuan = np.exp(np.log(800_000) + 0.9 * size + 0.8 * chance)
    whole: Numbers = np.clip(np.rint(yuan / 10_000), 10, 20_000) * 10_000
    return whole


def _subsidies(issued: Days, due: Days, chance: Numbers) -> list[str]:
    """Return other subsidies on each loan, central or local, for the whole term; most loans have none."""
    level = np.where(chance[1] < 0.5, "central", "local").tolist()
    entries = zip((chance[0] < 0.08).tolist(), level, _iso(issued), _iso(due), strict=True)
    return [f"{which} {first}/{last}" if subsidised else "无" for subsidised, which, first, last in entries]


def _pick(shares: Sequence[tuple[str, float]], chance: Numbers) -> list[str]:
    steps = np.cumsum([share for _, share in shares])
    places = np.minimum(np.searchsorted(steps, chance, side="right"), len(shares) - 1)
    return [shares[place][0] for place in places.tolist()]


def _iso(days: Days) -> list[str]:
    return [str(day) for day in np.datetime_as_string(days).tolist()]
