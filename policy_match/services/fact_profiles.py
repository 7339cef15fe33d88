"""Makes the profiles of a table's facts, batch by batch while the table is written.

Guarantees bounded memory whatever the number of rows, and one profile for one table: minimum, maximum, counts and bins
come from all values, percentiles from evenly spaced ones beyond 65,536. Nulls are dropped before pandas sees a column.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from policy_match.facts.canonical import NUMBER_LIMIT
from policy_match.facts.catalogue import Fact, FactType
from policy_match.facts.profile import (
    Bin,
    BooleanProfile,
    DateProfile,
    FactProfile,
    ListProfile,
    NumberProfile,
    TextProfile,
    ValueCount,
)
from policy_match.values import FactName

SAMPLED_VALUES: Final = 65_536
"""At least half as many are kept: enough to place a percentile to within one percentage point of its rank."""

FEW_NUMBERS: Final = 13
"""Up to so many different numbers are counted each, enough for the months 0 to 12. Money has its bins alone."""

COUNTED_WORDS: Final = 65_536
"""Up to so many different words are counted each; beyond, their number is estimated."""

TOP_WORDS: Final = 20
MIN_ROWS_SHOWN: Final = 5
"""A word of fewer rows could point to a firm, so it is not shown, unless the catalogue lists it."""

_DIGITS = 18
_DECADES = tuple(10**exponent for exponent in range(_DIGITS + 1))
_STEPS = (*(step * decade for decade in _DECADES[:-1] for step in (1, 2, 5)), _DECADES[-1])
_EPOCH = date(1970, 1, 1)
assert _DECADES[-1] == NUMBER_LIMIT


class TableProfiles:
    """The profiles of one table while its batches pass by."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._tallies: dict[FactName, _Tally] = {fact.name: _tally_for(fact) for fact in facts}
        self._known: Counter[FactName] = Counter()

    def add(self, rows: pa.RecordBatch) -> None:
        """Take note of the facts in canonical columns of `rows`."""
        for name, tally in self._tallies.items():
            known = rows[name].drop_null()
            if len(known):
                self._known[name] += len(known)
                tally.add(pd.Series(pd.arrays.ArrowExtensionArray(known)))

    def profiles(self) -> Mapping[FactName, FactProfile | None]:
        """Return the profile of each fact; `None` when no value is known."""
        return {name: tally.profile() if self._known[name] else None for name, tally in self._tallies.items()}


class _Tally(Protocol):
    def add(self, known: Any) -> None:
        """Take note of a pandas Series of Arrow values without nulls, at least one."""

    def profile(self) -> FactProfile:
        """Return the profile of all values noted, at least one."""


def _tally_for(fact: Fact) -> _Tally:
    match fact.type:
        case FactType.MONEY:
            return _Numbers(fact.scale, _DECADES, few=0)
        case FactType.INTEGER | FactType.DECIMAL:
            return _Numbers(fact.scale, _STEPS)
        case FactType.DATE:
            return _Dates()
        case FactType.STRING:
            return _Words(fact.values)
        case FactType.BOOLEAN:
            return _Booleans()
        case FactType.STRING_LIST:
            return _Lists()


class _Sample:
    """Every n-th number; n doubles whenever there are too many."""

    def __init__(self) -> None:
        self._kept = np.empty(0, dtype=np.int64)
        self._seen = 0
        self.every = 1

    def add(self, numbers: Any) -> None:
        self._kept = np.concatenate([self._kept, numbers[-self._seen % self.every :: self.every]])
        self._seen += len(numbers)
        while len(self._kept) > SAMPLED_VALUES:
            self._kept = self._kept[::2].copy()
            self.every *= 2

    def at(self, *shares: float) -> tuple[int, ...]:
        """Return, for each share, the greatest number below which no more than that share lies."""
        ordered = pd.Series(self._kept, dtype="int64[pyarrow]")
        return tuple(int(number) for number in ordered.quantile(list(shares), interpolation="lower"))


class _Numbers:
    """Integers of `value * 10**scale`; the edges of bins are such integers too."""

    def __init__(self, scale: int, edges: Sequence[int], few: int = FEW_NUMBERS) -> None:
        self._scale = scale
        self._most = few
        self._edges = np.array(edges, dtype=np.int64)
        self._below, self._above = (np.zeros(len(edges) + 1, dtype=np.int64) for _ in range(2))
        self._zeros = 0
        self._sample = _Sample()
        self._few: Counter[int] | None = Counter()
        self._minimum, self._maximum = NUMBER_LIMIT, -NUMBER_LIMIT

    def add(self, known: Any) -> None:
        self._minimum, self._maximum = min(self._minimum, known.min()), max(self._maximum, known.max())
        numbers = known.to_numpy(dtype=np.int64)
        self._sample.add(numbers)
        self._zeros += int(np.count_nonzero(numbers == 0))
        self._below += self._count(-numbers[numbers < 0])
        self._above += self._count(numbers[numbers > 0])
        if self._few is not None:
            _add_counts(self._few, known)
            if len(self._few) > self._most:
                self._few = None

    def profile(self) -> NumberProfile:
        low, median, high = self._sample.at(0.05, 0.5, 0.95)
        return NumberProfile(
            minimum=self._exact(self._minimum),
            percentile_5=self._exact(low),
            median=self._exact(median),
            percentile_95=self._exact(high),
            maximum=self._exact(self._maximum),
            zeros=self._zeros,
            every=self._sample.every,
            values=tuple(
                ValueCount(value=format(self._exact(number), "f"), rows=rows)
                for number, rows in sorted((self._few or {}).items())
            ),
            bins=self._bins(),
        )

    def _count(self, magnitudes: Any) -> Any:
        return np.bincount(np.searchsorted(self._edges, magnitudes, side="right"), minlength=len(self._edges) + 1)

    def _bins(self) -> tuple[Bin, ...]:
        pairs = list(pairwise(self._exact(int(edge)) for edge in self._edges))
        below, above = self._below.tolist(), self._above.tolist()
        bins = [Bin(lower=-upper, upper=-lower, rows=below[place + 1]) for place, (lower, upper) in enumerate(pairs)]
        bins.reverse()
        bins.append(Bin(lower=self._exact(0), upper=self._exact(0), rows=self._zeros))
        bins += [Bin(lower=lower, upper=upper, rows=above[place + 1]) for place, (lower, upper) in enumerate(pairs)]
        filled = [place for place, each in enumerate(bins) if each.rows]
        return tuple(bins[filled[0] : filled[-1] + 1])

    def _exact(self, number: int) -> Decimal:
        return Decimal(number).scaleb(-self._scale)


class _Dates:
    def __init__(self) -> None:
        self._years: Counter[int] = Counter()
        self._sample = _Sample()
        self._earliest, self._latest = date.max, date.min

    def add(self, known: Any) -> None:
        self._earliest, self._latest = min(self._earliest, known.min()), max(self._latest, known.max())
        self._sample.add(known.astype("int32[pyarrow]").to_numpy(dtype=np.int64))
        _add_counts(self._years, known.dt.year)

    def profile(self) -> DateProfile:
        (median,) = self._sample.at(0.5)
        return DateProfile(
            earliest=self._earliest,
            median=_EPOCH + timedelta(days=median),
            latest=self._latest,
            every=self._sample.every,
            years=dict(sorted(self._years.items())),
        )


class _Words:
    """Counts words while there are few; then only how many different ones there are."""

    def __init__(self, listed: Iterable[str]) -> None:
        self._listed = frozenset(listed)
        self._counts: Counter[str] | None = Counter()
        self._different = _Different()
        self._rows = 0

    def add(self, known: Any) -> None:
        self._rows += len(known)
        for start in range(0, len(known), COUNTED_WORDS):
            self._add(known.iloc[start : start + COUNTED_WORDS])

    def profile(self) -> TextProfile:
        if self._counts is None:
            return TextProfile(
                distinct=min(self._different.estimate(), self._rows),
                distinct_exact=False,
                top=(),
                rows_not_shown=self._rows,
            )
        nearly_all_differ = 2 * len(self._counts) > self._rows
        shown = [
            ValueCount(value=word, rows=rows)
            for word, rows in sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
            if word in self._listed or (rows >= MIN_ROWS_SHOWN and not nearly_all_differ)
        ][:TOP_WORDS]
        return TextProfile(
            distinct=len(self._counts),
            distinct_exact=True,
            top=tuple(shown),
            rows_not_shown=self._rows - sum(each.rows for each in shown),
        )

    def _add(self, known: Any) -> None:
        if self._counts is None:
            self._different.add(known.to_numpy(dtype=object))
            return
        _add_counts(self._counts, known)
        if len(self._counts) > COUNTED_WORDS:
            self._different.add(np.array(list(self._counts), dtype=object))
            self._counts = None


class _Different:
    """Estimates how many different words there are from the smallest of their hashes.

    The k-th smallest of n evenly spread numbers lies near k/n (Bar-Yossef et al., Counting Distinct Elements in a Data
    Stream, 2002). The standard error is 1/sqrt(k): 0.4 %.
    """

    def __init__(self) -> None:
        self._least = np.empty(0, dtype=np.uint64)

    def add(self, words: Any) -> None:
        hashes = pd.util.hash_array(words, categorize=False)
        if len(self._least) == COUNTED_WORDS:
            hashes = hashes[hashes < self._least[-1]]
        self._least = np.union1d(self._least, hashes)[:COUNTED_WORDS]

    def estimate(self) -> int:
        """Return the number of different words, more than `COUNTED_WORDS`, to three digits."""
        number = (COUNTED_WORDS - 1) * 2**64 // int(self._least[-1])
        return int(round(number, 3 - len(str(number))))


class _Booleans:
    def __init__(self) -> None:
        self._counts: Counter[bool] = Counter()

    def add(self, known: Any) -> None:
        _add_counts(self._counts, known)

    def profile(self) -> BooleanProfile:
        return BooleanProfile(true=self._counts[True], false=self._counts[False])


class _Lists:
    def __init__(self) -> None:
        self._entries = 0
        self._lengths = _Numbers(0, _STEPS)

    def add(self, known: Any) -> None:
        lengths = known.list.len()
        self._entries += int(lengths.sum())
        self._lengths.add(lengths)

    def profile(self) -> ListProfile:
        return ListProfile(entries=self._entries, lengths=self._lengths.profile())


def _add_counts(counts: Counter[Any], known: Any) -> None:
    found = known.value_counts(sort=False)
    for value, rows in zip(found.index.tolist(), found.tolist(), strict=True):
        counts[value] += rows
