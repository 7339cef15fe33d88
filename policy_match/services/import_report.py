"""What an import found, put together into its data-quality report.

Guarantees that the report counts what was written, not what was planned. The import itself is `import_registry`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.catalogue import FIRM
from policy_match.facts.joining import Chosen, Join
from policy_match.facts.keys import KeyCounts
from policy_match.facts.manifest import Manifest, TableEntry
from policy_match.facts.mapping import SourceMapping
from policy_match.facts.merging import FactTally, MergedFact
from policy_match.facts.profile import FactProfile
from policy_match.facts.quality import FactQuality, QualityReport, RefusalTally, SourceQuality
from policy_match.facts.source_rows import SourceInput
from policy_match.values import FactName


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRead:
    """One source after all its rows were read. `place` is its place among the sources."""

    place: int
    mapping: SourceMapping
    columns: tuple[str, ...]
    input: SourceInput
    chosen: Chosen
    key_counts: KeyCounts
    refusals: RefusalTally


@dataclass(frozen=True, kw_only=True, slots=True)
class TableMade:
    """One table after it was written, and the sources that fill it."""

    grain: str
    entry: TableEntry
    facts: tuple[MergedFact, ...]
    tallies: dict[str, FactTally]
    profiles: Mapping[FactName, FactProfile | None]
    join: Join
    sources: tuple[SourceRead, ...]


def quality_report(
    manifest: Manifest, sources: Sequence[SourceRead], tables: Sequence[TableMade], as_of: date
) -> QualityReport:
    """Return the report of one import; stale values are counted as of `as_of`."""
    firms = next((table.join.keys for table in tables if table.grain == FIRM), pa.array([], pa.string()))
    return QualityReport(
        snapshot=manifest.id,
        as_of=as_of,
        rows={table.grain: table.join.rows for table in tables},
        sources=tuple(_source(each) for each in sources),
        facts=tuple(_fact(merged, table) for table in tables for merged in table.facts),
        rows_missing_in_source={
            each.mapping.source: table.join.missing_in(place)
            for table in tables
            for place, each in enumerate(table.sources)
        },
        records_without_firm={
            table.grain: _without_firm(table.join.keys, firms) for table in tables if table.grain != FIRM
        },
    )


def _source(read: SourceRead) -> SourceQuality:
    mapping = read.mapping
    observed = mapping.observed
    return SourceQuality(
        source=mapping.source,
        grain=mapping.grain,
        input_name=read.input.name,
        encoding=read.input.encoding,
        columns_unused=tuple(column for column in read.columns if column not in mapping.columns),
        observed=observed if isinstance(observed, str) else observed.isoformat(),
        rows_read=read.input.rows,
        rows_kept=len(read.chosen.keys),
        rows_refused=dict(read.refusals.rows),
        duplicates_decided=read.chosen.superseded.decided,
        keys=read.key_counts,
        values_refused=read.refusals.refused_values(),
    )


def _fact(merged: MergedFact, table: TableMade) -> FactQuality:
    fact, tally = merged.fact, table.tallies[merged.fact.name]
    return FactQuality(
        fact=fact.name,
        label=fact.label,
        label_en=fact.label_en,
        type=fact.type,
        unit=fact.unit,
        grain=table.grain,
        rows=table.join.rows,
        known=tally.known,
        missing=table.join.rows - tally.known,
        stale=tally.stale,
        fresh_days=fact.fresh_days,
        conflicts=tally.conflicts,
        given_by=tally.given_by,
        first_observed=tally.first_observed,
        last_observed=tally.last_observed,
        profile=table.profiles[fact.name],
    )


def _without_firm(records: pa.Array, firms: pa.Array) -> int:
    codes = pc.list_element(pc.split_pattern(records, "\0", max_splits=1), 0)
    return len(codes) - (pc.sum(pc.is_in(codes, value_set=firms)).as_py() or 0)
