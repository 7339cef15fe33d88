"""The data bureau's joint check of every firm against the lists and licences of other departments.

An empty cell says that no answer came; 无 says that the firm was looked up and is on no list.
"""

import numpy as np

from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import Draft, Sheet
from policy_match.services.sample_region.streams import Days, Flags, Words

FILE = "joint-check.csv"
NOTHING = "无"
LICENCE_DAYS = 1096
"""A work safety licence is valid for three years (Regulations on Work Safety Licences, art. 9)."""

LATE_DAYS = 75
"""So long after the end a firm that is late is still listed with its old licence."""

ENTRIES_FROM, ENTRIES_SPAN_DAYS = np.datetime64("2021-01-01", "D"), 2190


def joint_check_sheet(region: Region) -> Sheet:
    """Return the answers: one row per active firm."""
    firms = region.population
    draft = Draft(region=region, file_name=FILE, firms=region.active, absent=0.03, delay_days=6)
    draft.keys("统一社会信用代码")
    draft.words("严重违法失信名单", _entries(region, "serious", 0.012), 0.04)
    draft.words("失信被执行人", _entries(region, "debtor", 0.02), 0.04)
    draft.words("经营异常名录", _entries(region, "abnormal", 0.05), 0.04)
    draft.words("环境信用评价", _environment(region), 0.05)
    draft.yes_no("绿色门槛通过", firms.chance("green threshold") > 0.03, 0.05)
    draft.yes_no("涉黑涉恶", firms.chance("gang") < 0.001, 0.03)
    draft.yes_no("僵尸企业", firms.dormant & (firms.chance("zombie") < 0.03), 0.04)
    draft.yes_no("限制或淘汰类行业", firms.in_section("B", "C") & (firms.chance("restricted") < 0.05), 0.03)
    holds = _holds_licence(region)
    draft.yes_no("持有安全生产许可证", holds, 0.05)
    draft.days("安全生产许可证有效期至", _licence_expiry(region), 0.05, holds)
    draft.observed()
    return draft.sheet()


def _entries(region: Region, listed: str, share: float) -> list[str]:
    """Return each firm's entry as FROM/TO, as known on the day: the end of an entry is open until it has passed."""
    firms = region.population
    drawn = [firms.chance(listed, part) for part in ("on", "from", "long")]
    first = ENTRIES_FROM + np.floor(drawn[1] * ENTRIES_SPAN_DAYS).astype(np.int64)
    last = first + 120 + np.floor(drawn[2] * 1000).astype(np.int64)
    on = (drawn[0] < share) & (first <= region.day) & (first >= firms.founded)
    until = np.where(last < region.day, np.datetime_as_string(last), "..")
    starts = np.datetime_as_string(first)
    return [f"{start}/{end}" if entered else NOTHING for entered, start, end in zip(on, starts, until, strict=True)]


def _environment(region: Region) -> Words:
    """Return the credit colour; only manufacturers and quarries of some size are rated."""
    firms = region.population
    rated = firms.in_section("B", "C", "D", "N") & (firms.chance("rated") < 0.6)
    drawn = firms.chance("colour", region.as_of.year)
    colour = np.select([drawn < 0.25, drawn < 0.85, drawn < 0.97], ["绿", "蓝", "黄"], "黑")
    return np.where(rated, colour, "未参评")


def _holds_licence(region: Region) -> Flags:
    """Return who holds a licence: builders, quarries, makers of dangerous chemicals."""
    firms = region.population
    bound = firms.in_section("B", "E") | firms.in_class("2614")
    return bound & firms.is_kind("company") & (firms.chance("licence") < 0.7)


def _licence_expiry(region: Region) -> Days:
    """Return the last day of each licence: renewed every three years, by some firms too late."""
    firms = region.population
    phase = np.datetime64("2020-01-01", "D") + np.floor(firms.chance("licence phase") * LICENCE_DAYS).astype(np.int64)
    late = firms.chance("licence late") < 0.2
    since = region.day - np.where(late, LATE_DAYS, 0)
    periods = np.ceil((since - phase).astype(np.int64) / LICENCE_DAYS).astype(np.int64)
    expiry: Days = phase + np.maximum(periods, 0) * LICENCE_DAYS
    return expiry
