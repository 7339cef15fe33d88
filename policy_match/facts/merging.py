"""The rows of a snapshot's table, made from what each source says of them.

Guarantees that the order of the sources decides: the first that knows a fact gives it, with its own date; where a
later one says something else, that is counted as a conflict. Which rows belong together is `joining`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.canonical import DICTIONARY, key_columns, source_column, stored_type
from policy_match.facts.catalogue import Fact, FactCatalogue, FactType
from policy_match.facts.cleaning import OBSERVED
from policy_match.facts.freshness import is_stale
from policy_match.facts.joining import Places
from policy_match.facts.mapping import SourceMapping


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedFact:
    """One fact of a table and the sources that give it, by their place among the table's sources.

    `observed` is the day of all its values, or `None` when the days differ and stand in a column of their own.
    """

    fact: Fact
    givers: tuple[int, ...]
    sources: tuple[str, ...]
    observed: date | None


@dataclass(kw_only=True, slots=True)
class FactTally:
    """What the values of one fact look like in the whole table."""

    known: int = 0
    stale: int = 0
    conflicts: int = 0
    given_by: dict[str, int] = field(default_factory=dict)
    first_observed: date | None = None
    last_observed: date | None = None


def merged_facts(mappings: Sequence[SourceMapping], catalogue: FactCatalogue) -> tuple[MergedFact, ...]:
    """Return the facts that the mappings of one grain fill, in the order of the catalogue."""
    found = []
    for name in catalogue:
        givers = [
            place for place, mapping in enumerate(mappings) if any(each.fact.name == name for each in mapping.facts)
        ]
        if givers:
            days = {mappings[place].observed for place in givers}
            day = next(iter(days))
            found.append(
                MergedFact(
                    fact=catalogue[name],
                    givers=tuple(givers),
                    sources=tuple(mappings[place].source for place in givers),
                    observed=day if len(days) == 1 and isinstance(day, date) else None,
                )
            )
    return tuple(found)


def table_schema(grain: str, facts: Sequence[MergedFact]) -> pa.Schema:
    """Return the schema of a snapshot's table: keys, then each fact with its companions."""
    fields = [pa.field(name, pa.string(), nullable=False) for name in key_columns(grain)]
    for merged in facts:
        fields.append(pa.field(merged.fact.name, stored_type(merged.fact)))
        if merged.observed is None:
            fields.append(pa.field(merged.fact.observed_column, pa.date32()))
        if len(merged.givers) > 1:
            fields.append(pa.field(source_column(merged.fact), DICTIONARY))
    return pa.schema(fields)


def aligned(rows: pa.RecordBatch, positions: Places, size: int) -> pa.RecordBatch:
    """Return `size` rows with `rows` at `positions` and nulls elsewhere."""
    if rows.num_rows == size:
        return rows
    places = np.full(size, -1, dtype=np.int64)
    places[positions] = np.arange(len(positions))
    return rows.take(pa.array(places, mask=places < 0))


def merge(
    grain: str, facts: Sequence[MergedFact], parts: Sequence[pa.RecordBatch], tallies: dict[str, FactTally], as_of: date
) -> pa.RecordBatch:
    """Return the merged rows of aligned `parts`, one per source, and add them to `tallies` (by fact)."""
    columns = [pc.coalesce(*(part[name] for part in parts)) for name in key_columns(grain)]
    for merged in facts:
        tally = tallies[merged.fact.name]
        given = [parts[place][merged.fact.name] for place in merged.givers]
        days = [parts[place][OBSERVED] for place in merged.givers]
        value, giver = given[0], _where_known(given[0], 0)
        observed = pc.if_else(pc.is_valid(value), days[0], pa.scalar(None, pa.date32()))
        for place in range(1, len(given)):
            tally.conflicts += _conflicts(value, given[place], merged.fact)
            fills = pc.and_(pc.is_null(value), pc.is_valid(given[place]))
            observed = pc.if_else(fills, days[place], observed)
            giver = pc.if_else(fills, pa.scalar(place, pa.int32()), giver)
            value = pc.coalesce(value, given[place])
        _count(tally, merged, value, observed, giver, as_of)
        columns.append(value)
        if merged.observed is None:
            columns.append(observed)
        if len(given) > 1:
            columns.append(pa.DictionaryArray.from_arrays(giver, pa.array(merged.sources, pa.string())))
    return pa.RecordBatch.from_arrays(columns, schema=table_schema(grain, facts))


def _where_known(value: pa.Array, place: int) -> pa.Array:
    return pc.if_else(pc.is_valid(value), pa.scalar(place, pa.int32()), pa.scalar(None, pa.int32()))


def _conflicts(value: pa.Array, other: pa.Array, fact: Fact) -> int:
    if fact.type is FactType.STRING_LIST:
        pairs = zip(value.to_pylist(), other.to_pylist(), strict=True)
        return sum(one is not None and two is not None and one != two for one, two in pairs)
    return pc.sum(pc.not_equal(value, other)).as_py() or 0


def _count(
    tally: FactTally, merged: MergedFact, value: pa.Array, observed: pa.Array, giver: pa.Array, as_of: date
) -> None:
    tally.known += len(value) - value.null_count
    if merged.fact.fresh_days is not None:
        tally.stale += pc.sum(is_stale(observed, merged.fact, as_of)).as_py() or 0
    for place, source in enumerate(merged.sources):
        count = pc.sum(pc.equal(giver, place)).as_py() or 0
        tally.given_by[source] = tally.given_by.get(source, 0) + count
    days = pc.min_max(observed).as_py()
    if days["min"] is not None:
        tally.first_observed = min(tally.first_observed or days["min"], days["min"])
        tally.last_observed = max(tally.last_observed or days["max"], days["max"])
