"""Imports registry extracts into one snapshot.

Guarantees that every row read is kept or refused, that the same inputs give the same snapshot, and that nothing is
visible before all of it is there. How sources are read and where snapshots lie is left to the adapters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa

from policy_match.facts.canonical import ROW_GROUP_ROWS, source_column
from policy_match.facts.catalogue import KEY, FactCatalogue
from policy_match.facts.cleaning import ROW_NUMBER, Refusal, clean, whole_row
from policy_match.facts.defects import ColumnMissing, MappingsDisagree, NoRowFits, NothingKept, SourceEmpty
from policy_match.facts.joining import Chosen, Join, KeyIndex
from policy_match.facts.keys import KeyCounts
from policy_match.facts.manifest import ColumnEntry, FactEntry, InputEntry, Manifest, PublishedSnapshot, TableEntry
from policy_match.facts.mapping import SourceMapping
from policy_match.facts.merging import FactTally, MergedFact, aligned, merge, merged_facts, table_schema
from policy_match.facts.quality import QualityReport, RefusalTally
from policy_match.facts.reasons import Reason
from policy_match.policy.fingerprint import catalogue_digest
from policy_match.ports import Progress, RegistrySource, SnapshotDraft
from policy_match.services.fact_profiles import TableProfiles
from policy_match.services.import_report import SourceRead, TableMade, quality_report
from policy_match.values import Digest

CHUNK_ROWS: Final = 65_536
DUPLICATES_AT_ONCE: Final = 4_096


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedSource:
    """A source and the mapping through which it is read."""

    mapping: SourceMapping
    source: RegistrySource


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportResult:
    """Where the snapshot is, and how good the data in it are."""

    snapshot: PublishedSnapshot
    quality: QualityReport


def import_registry(
    sources: Sequence[MappedSource],
    catalogue: FactCatalogue,
    draft: SnapshotDraft,
    *,
    as_of: date,
    progress: Progress | None = None,
) -> ImportResult:
    """Make one snapshot of all sources. Where several know a fact of a firm, the earlier in `sources` gives it.

    `as_of` is the day for which the report counts stale values; it does not change the snapshot. `progress` is told
    of rows read. Raises an `InputError` when a source cannot be read at all, has no rows, lacks a mapped column or
    has no row that fits its header or no usable key, and a `StorageError` when the disk refuses; then nothing is left.
    """
    _check(sources)
    seen = _RowsSeen(progress, sum(each.source.expected_rows() for each in sources) if progress else 0)
    with draft:
        read = [_read(place, each, draft, seen) for place, each in enumerate(sources)]
        seen.all()
        grains = [grain for grain in catalogue.grains if any(each.mapping.grain == grain for each in read)]
        tables = [
            _make_table(grain, [each for each in read if each.mapping.grain == grain], catalogue, draft, as_of)
            for grain in grains
        ]
        manifest = Manifest(
            inputs=tuple(_input_entry(each) for each in read),
            catalogue_sha256=_digest_of_mapped(tables, catalogue),
            tables={table.grain: table.entry for table in tables},
            facts={
                merged.fact.name: FactEntry(sources=merged.sources, observed=merged.observed)
                for table in tables
                for merged in table.facts
            },
            refused=draft.refused(),
        )
        quality = quality_report(manifest, read, tables, as_of)
        return ImportResult(snapshot=draft.publish(manifest, quality), quality=quality)


class _RowsSeen:
    """Tells the caller how many rows were read; a source's own estimate may be too low or too high."""

    def __init__(self, progress: Progress | None, expected: int) -> None:
        self._progress = progress
        self._expected = expected
        self._done = 0

    def add(self, rows: int) -> None:
        self._done += rows
        if self._progress is not None:
            self._progress(self._done, max(self._expected, self._done))

    def all(self) -> None:
        if self._progress is not None and self._done < self._expected:
            self._progress(self._done, self._done)


def _check(sources: Sequence[MappedSource]) -> None:
    names = [each.mapping.source for each in sources]
    if len(set(names)) != len(names) or not names:
        detail = f"each mapping needs a `source` name of its own, and these have {', '.join(names) or 'none'}"
        detail_zh = f"每个映射的 source 名称须不同，现为 {'、'.join(names) or '空'}"
        raise MappingsDisagree(detail=detail, detail_zh=detail_zh)
    for each in sources:
        columns = each.source.columns()
        for column in each.mapping.columns:
            if column not in columns:
                raise ColumnMissing(each.source.name, column, columns)


def _read(place: int, mapped: MappedSource, draft: SnapshotDraft, seen: _RowsSeen) -> SourceRead:
    mapping = mapped.mapping
    index, refusals, key_counts = KeyIndex(mapping.grain), RefusalTally(), KeyCounts()
    for chunk in mapped.source.chunks(CHUNK_ROWS):
        cleaned = clean(chunk, mapping)
        index.add(cleaned.rows)
        draft.keep(place, cleaned)
        draft.refuse(mapping.source, cleaned.refusals)
        refusals.add(cleaned.refusals)
        key_counts += cleaned.key_counts
        seen.add(cleaned.rows_read)
    found = mapped.source.evidence()
    if found.rows == 0:
        raise SourceEmpty(file=mapped.source.name)
    if refusals.rows[Reason.CELL_COUNT] == found.rows:
        raise NoRowFits(file=mapped.source.name, rows=found.rows)
    if index.rows == 0:
        raise NothingKept(file=mapped.source.name, rows=found.rows, column=mapping.key)
    chosen = index.choose()
    for duplicates in _duplicates(place, chosen, draft, mapping):
        draft.refuse(mapping.source, duplicates)
        refusals.add(duplicates)
    return SourceRead(
        place=place,
        mapping=mapping,
        columns=mapped.source.columns(),
        input=found,
        chosen=chosen,
        key_counts=key_counts,
        refusals=refusals,
    )


def _duplicates(place: int, chosen: Chosen, draft: SnapshotDraft, mapping: SourceMapping) -> Iterator[list[Refusal]]:
    """Yield the rows that another row of their key supersedes, in the order of the source."""
    superseded = chosen.superseded
    for start in range(0, len(superseded.places), DUPLICATES_AT_ONCE):
        chunk = slice(start, start + DUPLICATES_AT_ONCE)
        lost, kept = superseded.places[chunk], superseded.instead[chunk]
        raw, instead = draft.raw_rows(place, lost).to_pylist(), draft.raw_rows(place, kept).to_pylist()
        rows = draft.kept_rows(place, lost)
        keys, numbers = rows[KEY].to_pylist(), rows[ROW_NUMBER].to_pylist()
        yield [
            Refusal(
                row=number,
                reason=Reason.DUPLICATE_IDENTICAL if row == other else Reason.DUPLICATE_SUPERSEDED,
                key=key,
                content=whole_row(row),
            )
            for number, key, row, other in zip(numbers, keys, raw, instead, strict=True)
        ]


def _make_table(
    grain: str, sources: Sequence[SourceRead], catalogue: FactCatalogue, draft: SnapshotDraft, as_of: date
) -> TableMade:
    facts = merged_facts([each.mapping for each in sources], catalogue)
    join = Join([each.chosen for each in sources])
    tallies: dict[str, FactTally] = {merged.fact.name: FactTally() for merged in facts}
    profiles = TableProfiles([merged.fact for merged in facts])
    schema = table_schema(grain, facts)

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, join.rows, ROW_GROUP_ROWS):
            stop = min(start + ROW_GROUP_ROWS, join.rows)
            parts = [
                aligned(draft.kept_rows(each.place, part.places), part.positions, stop - start)
                for each, part in zip(sources, join.parts(start, stop), strict=True)
            ]
            rows = merge(grain, facts, parts, tallies, as_of)
            profiles.add(rows)
            yield rows

    written = draft.write_table(grain, schema, batches())
    assert written.rows == join.rows
    entry = TableEntry(file=written.file, rows=written.rows, sha256=written.sha256, columns=_columns(schema, facts))
    return TableMade(
        grain=grain,
        entry=entry,
        facts=facts,
        tallies=tallies,
        profiles=profiles.profiles(),
        join=join,
        sources=tuple(sources),
    )


def _columns(schema: pa.Schema, facts: Sequence[MergedFact]) -> tuple[ColumnEntry, ...]:
    known = {name: ColumnEntry(name=name, type="key") for name in schema.names}
    for merged in facts:
        fact = merged.fact
        known[fact.name] = ColumnEntry(name=fact.name, type=fact.type.value, scale=fact.scale)
        known[fact.observed_column] = ColumnEntry(name=fact.observed_column, type="observed")
        known[source_column(fact)] = ColumnEntry(name=source_column(fact), type="source")
    return tuple(known[name] for name in schema.names)


def _input_entry(read: SourceRead) -> InputEntry:
    mapping = read.mapping
    return InputEntry(
        source=mapping.source,
        grain=mapping.grain,
        mapping_file=mapping.file_name,
        mapping_sha256=mapping.digest,
        input=read.input,
    )


def _digest_of_mapped(tables: Sequence[TableMade], catalogue: FactCatalogue) -> Digest:
    mapped = {merged.fact.name: catalogue[merged.fact.name] for table in tables for merged in table.facts}
    return catalogue_digest(FactCatalogue(mapped))
