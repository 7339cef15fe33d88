"""The data-quality report of one import: what was read, kept, refused and why.

Guarantees that rows add up: read = kept + refused, for every source. The values behind the counts are in
`refused.csv`; how the report looks is left to storage.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from policy_match.facts.catalogue import FactType
from policy_match.facts.cleaning import Refusal
from policy_match.facts.joining import Decided
from policy_match.facts.keys import KeyCounts
from policy_match.facts.profile import FactProfile
from policy_match.facts.reasons import ROW_REASONS, Reason
from policy_match.values import SnapshotId

MAX_EXAMPLES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedValues:
    """The values of one column that were refused for one reason."""

    fact: str
    column: str
    reason: Reason
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceQuality:
    """One source. `observed` is the day, or the column with the day of each row.

    `columns_unused` are those that the mapping does not name: nothing in the snapshot comes from them.
    """

    source: str
    grain: str
    input_name: str
    encoding: str | None
    columns_unused: tuple[str, ...]
    observed: str
    rows_read: int
    rows_kept: int
    rows_refused: Mapping[Reason, int]
    duplicates_decided: Mapping[Decided, int]
    keys: KeyCounts
    values_refused: tuple[RefusedValues, ...]

    def __post_init__(self) -> None:
        assert self.rows_read == self.rows_kept + sum(self.rows_refused.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class FactQuality:
    """One fact in its table. Stale values are among the known; rows without a value are `missing`.

    `profile` is of the known values, stale ones included; `None` when there are none.
    """

    fact: str
    label: str
    label_en: str
    type: FactType
    unit: str
    grain: str
    rows: int
    known: int
    missing: int
    stale: int
    fresh_days: int | None
    conflicts: int
    given_by: Mapping[str, int]
    first_observed: date | None
    last_observed: date | None
    profile: FactProfile | None


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityReport:
    """The whole report. Staleness is as of `as_of`.

    `rows_missing_in_source` counts, per source, the rows of its table that only other sources have.
    `records_without_firm` counts, per record grain, the records whose firm is in no source of firms.
    """

    snapshot: SnapshotId
    as_of: date
    rows: Mapping[str, int]
    sources: tuple[SourceQuality, ...]
    facts: tuple[FactQuality, ...]
    rows_missing_in_source: Mapping[str, int]
    records_without_firm: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return asdict(self)


@dataclass(kw_only=True, slots=True)
class RefusalTally:
    """Counts refusals of one source as they come."""

    rows: Counter[Reason] = field(default_factory=Counter)
    values: Counter[tuple[str, str, Reason]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, Reason], list[str]] = field(default_factory=dict)

    def add(self, refusals: Iterable[Refusal]) -> None:
        """Count more refusals; the first few distinct values of each kind are kept as examples."""
        for refusal in refusals:
            if refusal.reason in ROW_REASONS:
                self.rows[refusal.reason] += 1
                continue
            kind = (refusal.fact, refusal.column, refusal.reason)
            self.values[kind] += 1
            examples = self.examples.setdefault(kind, [])
            if len(examples) < MAX_EXAMPLES and refusal.value not in examples:
                examples.append(refusal.value)

    def refused_values(self) -> tuple[RefusedValues, ...]:
        """Return the counts, the most frequent first."""
        ranked = sorted(self.values.items(), key=lambda item: (-item[1], item[0]))
        return tuple(
            RefusedValues(fact=fact, column=column, reason=reason, count=count, examples=tuple(examples))
            for (fact, column, reason), count in ranked
            for examples in [self.examples[fact, column, reason]]
        )
