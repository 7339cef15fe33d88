"""What the departments learn a month later about the same day: some firms had moved away, closed, or were listed.

Guarantees that everybody else is the same to the byte, and that every change is dated on or before the day, so that a
second look at that day withdraws these firms and nobody else. Who pays by it is `services.rehearsal`.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress

from policy_match.services.sample_region.departments import joint_check, registry
from policy_match.services.sample_region.places import ENCLAVE
from policy_match.services.sample_region.population import Population
from policy_match.services.sample_region.sheets import Cell, Sheet
from policy_match.services.sample_region.streams import stream

FEWEST, PART = 8, 500
"""Of each kind so many firms, or one in so many of all."""

LISTED_DAYS = 20
"""So long before the day the newly listed firms came onto the list."""

CODES = ("统一社会信用代码", "纳税人识别号", "单位统一信用代码", "用电单位信用代码", "借款人信用代码")
"""What the departments call the column of codes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterNews:
    """The codes of the firms that news came of."""

    moved: Set[str]
    closed: Set[str]
    listed: Set[str]


def later_news(firms: Population) -> LaterNews:
    """Return who moved away, closed and was listed; the same for the same population."""
    count = max(FEWEST, len(firms) // PART)
    drawn = stream(firms.seed, "later news").choice(len(firms), size=3 * count, replace=False).tolist()
    codes = [firms.codes[place] for place in drawn]
    return LaterNews(
        moved=frozenset(codes[:count]), closed=frozenset(codes[count : 2 * count]), listed=frozenset(codes[2 * count :])
    )


def tell_news(sheets: Iterable[Sheet], news: LaterNews, as_of: date) -> list[Sheet]:
    """Return the sheets as they are handed over a month later.

    Who moved has another division; who closed is in no file any more; who was listed has an entry since three weeks
    before the day.
    """
    entry = f"{as_of - timedelta(days=LISTED_DAYS)}/.."
    told = {
        registry.FILE: ("登记地区划代码", dict.fromkeys(news.moved, ENCLAVE.division)),
        joint_check.FILE: ("严重违法失信名单", dict.fromkeys(news.listed, entry)),
    }
    return [_told(_without(sheet, news.closed), *told.get(sheet.file_name, ("", {}))) for sheet in sheets]


def _without(sheet: Sheet, gone: Set[str]) -> Sheet:
    stay = [code not in gone for code in _codes(sheet)]
    columns = {header: list(compress(cells, stay)) for header, cells in sheet.columns.items()}
    return Sheet(file_name=sheet.file_name, columns=columns)


def _told(sheet: Sheet, header: str, news: Mapping[str, Cell]) -> Sheet:
    if not news:
        return sheet
    pairs = zip(_codes(sheet), sheet.columns[header], strict=True)
    cells = [news.get(str(code), cell) for code, cell in pairs]
    return Sheet(file_name=sheet.file_name, columns={**sheet.columns, header: cells})


def _codes(sheet: Sheet) -> Sequence[Cell]:
    return next(sheet.columns[header] for header in CODES if header in sheet.columns)
