"""One department's file before it has a format: columns of cells, and the gaps in them.

Guarantees that a gap is an empty cell, that gaps gather at firms that are poorly covered (so that most firms can still
be decided), and that a row's date of observation is never after the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from policy_match.services.sample_region.region import Region
from policy_match.services.sample_region.streams import Days, Flags, Numbers

Cell = str | int | Decimal | None

OBSERVED = "数据日期"
"""The column that says of which day a row's values are; the mappings name it."""

GAP_AT_POOR, GAP_AT_OTHERS = 5.0, 0.3
"""A share of gaps is so many times larger at poorly covered firms (15 %) and smaller at others: in all the same."""

STALE_SHARE = 0.04
STALE_DAYS = (160, 700)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The columns of one file by header, all of the same length."""

    file_name: str
    columns: dict[str, list[Cell]]

    @property
    def rows(self) -> int:
        """How many rows there are, the header not counted."""
        return len(next(iter(self.columns.values())))


@dataclass(kw_only=True)
class Draft:
    """A sheet with one row per firm while it is written.

    `absent` is the share of active firms that the department hands over nothing about. `delay_days` is how old a
    usual row is at most.
    """

    region: Region
    file_name: str
    firms: Flags
    absent: float
    delay_days: int
    _columns: dict[str, list[Cell]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kept = self.firms & ~self._gaps("row", self.absent)

    def keys(self, header: str) -> None:
        """Add the column of credit codes."""
        self._columns[header] = list(compress(self.region.population.codes, self._kept))

    def words(
        self, header: str, words: Sequence[str] | npt.NDArray[Any], missing: float, known: Flags | None = None
    ) -> None:
        """Add a column of texts. `missing` is the share of gaps; where `known` is false the cell is empty too."""
        self._put(header, np.asarray(words).tolist(), missing, known)

    def yes_no(self, header: str, flags: Flags, missing: float, known: Flags | None = None) -> None:
        """Add a column of 是 and 否."""
        self._put(header, np.where(flags, "是", "否").tolist(), missing, known)

    def whole(self, header: str, numbers: npt.NDArray[Any], missing: float, known: Flags | None = None) -> None:
        """Add a column of whole numbers; parts are cut off."""
        self._put(header, np.floor(numbers).astype(np.int64).tolist(), missing, known)

    def decimals(self, header: str, numbers: Numbers, missing: float, known: Flags | None = None) -> None:
        """Add a column of numbers with two decimals, such as amounts in yuan."""
        self._put(header, [Decimal(int(fen)).scaleb(-2) for fen in np.rint(numbers * 100)], missing, known)

    def days(self, header: str, days: Days, missing: float, known: Flags | None = None) -> None:
        """Add a column of ISO dates."""
        self._put(header, np.datetime_as_string(days.astype("datetime64[D]")).tolist(), missing, known)

    def observed(self) -> None:
        """Add the dates of observation: most are recent, some rows are so old that their facts are stale."""
        chance = self.region.population.chance("observed", self.file_name, self.region.as_of.toordinal())
        ages = np.floor(chance * (self.delay_days + 1)).astype(np.int64)
        old = STALE_DAYS[0] + np.floor(chance * (STALE_DAYS[1] - STALE_DAYS[0])).astype(np.int64)
        ages = np.where(self._gaps("stale", STALE_SHARE), old, ages)
        self._put(OBSERVED, np.datetime_as_string(self.region.day - ages).tolist(), 0.0, None)

    def sheet(self) -> Sheet:
        """Return the finished sheet."""
        return Sheet(file_name=self.file_name, columns=self._columns)

    def _put(self, header: str, cells: Sequence[Cell], missing: float, known: Flags | None) -> None:
        empty = self._gaps(header, missing)
        if known is not None:
            empty |= ~known
        kept = zip(compress(cells, self._kept), empty[self._kept].tolist(), strict=True)
        self._columns[header] = [None if gap else cell for cell, gap in kept]

    def _gaps(self, topic: str, share: float) -> Flags:
        weight = np.where(self.region.population.poorly_covered, GAP_AT_POOR, GAP_AT_OTHERS)
        chance = self.region.population.chance("gaps", self.file_name, topic, self.region.as_of.year)
        return chance < share * weight
