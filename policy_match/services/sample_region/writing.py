"""Writes the sample region: pure generation first, then one file after the other.

Guarantees that a file appears under its name only when complete, and that files of the same seed and day are the same
bytes. Importing them is `import_registry`; each file's mapping has the same name, ending in .toml.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from policy_match.errors import InputError
from policy_match.ports import FileWriter, Progress
from policy_match.services.sample_region import notice
from policy_match.services.sample_region.defects import put_defects
from policy_match.services.sample_region.departments import (
    joint_check,
    licences,
    loans,
    power,
    registry,
    science,
    social_insurance,
    statistics,
    tax,
)
from policy_match.services.sample_region.formats import file_bytes
from policy_match.services.sample_region.later import later_news, tell_news
from policy_match.services.sample_region.population import found_firms
from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.sheets import Sheet

DEPARTMENTS: Final[Mapping[str, Callable[[Region], Sheet]]] = {
    registry.FILE: registry.registry_sheet,
    tax.FILE: tax.tax_sheet,
    social_insurance.FILE: social_insurance.social_insurance_sheet,
    statistics.FILE: statistics.statistics_sheet,
    science.FILE: science.science_sheet,
    joint_check.FILE: joint_check.joint_check_sheet,
    power.FILE: power.power_sheet,
    loans.FILE: loans.loans_sheet,
    licences.FILE: licences.licences_sheet,
}
"""Every source file and what makes it, in the order of import: where two know a fact, the first counts."""

ENCODINGS: Final = {registry.FILE: "gb18030", social_insurance.FILE: "utf-8-sig"}
"""The registry and the insurance office save their files in their own ways; the others in plain UTF-8."""

FIRMS = 20_000
"""How many firms there are unless somebody asks for another number."""

FEWEST, MOST = 100, 1_000_000
FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2026, 12, 31)

SAMPLE_DAYS: Final = (date(2024, 12, 31), date(2025, 12, 31), date(2026, 6, 30))
"""The fewest days that show every encoded policy in force: some ended in 2024 or 2025, one began in 2026. The district
is written, imported and swept once for each."""


class SampleRegionOutOfRange(InputError):
    """The invented district does not reach that far."""

    code = "sample-region"
    english = "the sample region has {fewest} to {most} firms and days from {first} to {last}; got {firms} on {as_of}"
    chinese = "样例地区的企业数为 {fewest} 至 {most}，日期为 {first} 至 {last}；给出的是 {as_of} 的 {firms} 家"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenFile:
    """One source file that was written, and the name of the mapping through which it is imported."""

    path: Path
    rows: int
    mapping: str


def write_sample_region(
    out: Path,
    write: FileWriter,
    *,
    firms: int = FIRMS,
    seed: int = 1,
    as_of: date = SAMPLE_DAYS[1],
    later: bool = False,
    progress: Progress | None = None,
) -> Sequence[WrittenFile]:
    """Write the invented district as of a day into the folder `out` and return its source files in import order.

    `firms` counts all that are founded up to the end of 2026; those founded after `as_of` are left out. `later` gives
    the files about the same day as they are handed over a month later. `progress` is told of files. Raises
    `SampleRegionOutOfRange` before anything is written.
    """
    files = []
    total = len(DEPARTMENTS) + 1
    made = sample_region_files(firms=firms, seed=seed, as_of=as_of, later=later)
    for done, (name, rows, content) in enumerate(made, 1):
        write(out / name, content)
        if name in DEPARTMENTS:
            files.append(WrittenFile(path=out / name, rows=rows, mapping=f"{Path(name).stem}.toml"))
        if progress is not None:
            progress(done, total)
    return files


def sample_region_files(*, firms: int, seed: int, as_of: date, later: bool = False) -> Iterator[tuple[str, int, bytes]]:
    """Yield the name, rows and bytes of each file, the notice that says that all is invented first.

    With `later` the files know what became known within a month of the day.
    """
    if not (FEWEST <= firms <= MOST and FIRST_DAY <= as_of <= LAST_DAY):
        raise SampleRegionOutOfRange(fewest=FEWEST, most=MOST, first=FIRST_DAY, last=LAST_DAY, firms=firms, as_of=as_of)
    region = Region(population=found_firms(firms, seed), as_of=as_of)
    sheets, defects = put_defects([make(region) for make in DEPARTMENTS.values()], seed)
    news = later_news(region.population) if later else None
    if news is not None:
        sheets = tell_news(sheets, news, as_of)
    registered = int(np.count_nonzero(region.registered))
    text = notice.notice(sheets, defects, news, firms=firms, registered=registered, seed=seed, as_of=as_of)
    yield notice.FILE, text.count("\n"), text.encode()
    for sheet in sheets:
        yield sheet.file_name, sheet.rows, file_bytes(sheet, ENCODINGS.get(sheet.file_name, "utf-8"))
