"""Puts the firms of a report into districts, industries and size classes, as the sweep that opened a case knew them.

Guarantees that a firm of which a fact is missing or stale is unknown there and not left out, and that memory holds the
firms with cases of one sweep. Facts are read a batch at a time; the size is decided by the rules' own definition.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.errors import InputError
from policy_match.expressions.nodes import Node
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import FIRM, KEY, FactCatalogue
from policy_match.policy.decoding import decode_catalogue
from policy_match.ports import FactTables, SweepEngine
from policy_match.ports.reports import ReportStore, ReportSweep
from policy_match.reports.groups import DISTRICT_FACT, INDUSTRY_FACT, readable, size_conditions, size_plan
from policy_match.services.replay_decision import OpenSnapshot

MOST_FIRMS = 100_000
"""How many firms are read from the database at a time."""

MOST_SWEEPS = 4_000
"""A report reads the snapshots of at most so many sweeps: ten years of one a day."""


class TooManySweeps(InputError):
    """The days of the report have more sweeps than it reads snapshots."""

    code = "report.sweeps"
    english = "the cases of these days come from {found} sweeps, more than {most}; report fewer days"
    chinese = "该期间的事项来自 {found} 个批次，超过 {most} 个；请缩短报告期间"


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmFacts:
    """Where facts about firms come from: kept snapshots, the words of today's rules, and what decides by them."""

    open_snapshot: OpenSnapshot
    vocabulary: Vocabulary
    engine: SweepEngine


def keep_groups(reports: ReportStore, facts: FirmFacts) -> None:
    """Find the groups of every firm of the report and keep them for counting.

    Raises `TooManySweeps`, or another `InputError` when a snapshot cannot be read.
    """
    sizes = size_conditions(facts.vocabulary)
    sweeps = reports.sweeps()
    if len(sweeps) > MOST_SWEEPS:
        raise TooManySweeps(found=len(sweeps), most=MOST_SWEEPS)
    for sweep in sweeps:
        wanted = pa.chunked_array(
            [pa.array(page, pa.string()) for page in reports.firms(sweep, MOST_FIRMS)], pa.string()
        )
        catalogue = decode_catalogue(sweep.catalogue.encode())
        tables = facts.open_snapshot(sweep.snapshot_id, catalogue)
        if FIRM not in tables.grains:
            continue
        firms = _facts_of(tables, catalogue, wanted, sweep)
        by_definition = sizes if readable(sizes, facts.vocabulary.catalogue, catalogue) else {}
        sized = _sizes_of(tables, catalogue, wanted, by_definition, facts.engine, sweep.as_of)
        assert len(firms) == len(sized), "the same firms, in the order of the snapshot"
        reports.keep_firms(sweep, firms.append_column("size", sized))


def _facts_of(tables: FactTables, catalogue: FactCatalogue, wanted: pa.ChunkedArray, sweep: ReportSweep) -> pa.Table:
    """Return `uscc`, `district` and `industry` of the firms wanted."""
    names = {"district": DISTRICT_FACT, "industry": INDUSTRY_FACT}
    missing = {fact for fact in names.values() if fact not in catalogue}
    schema = pa.schema([(KEY, pa.string()), *((name, pa.string()) for name in names)])
    batches = []
    for batch in tables.batches(FIRM, [fact for fact in names.values() if fact not in missing], sweep.as_of):
        chosen = batch.filter(pc.is_in(batch[KEY], value_set=wanted))
        columns = [
            pa.nulls(chosen.num_rows, pa.string()) if fact in missing else chosen[fact].cast(pa.string())
            for fact in (KEY, *names.values())
        ]
        batches.append(pa.RecordBatch.from_arrays(columns, schema=schema))
    return pa.Table.from_batches(batches, schema)


def _sizes_of(
    tables: FactTables,
    catalogue: FactCatalogue,
    wanted: pa.ChunkedArray,
    conditions: Mapping[str, Node],
    engine: SweepEngine,
    as_of: date,
) -> pa.ChunkedArray:
    """Return the size class of the firms wanted, null where no class is known to hold."""
    return pa.chunked_array(_sizes(tables, catalogue, wanted, conditions, engine, as_of), pa.string())


def _sizes(
    tables: FactTables,
    catalogue: FactCatalogue,
    wanted: pa.ChunkedArray,
    conditions: Mapping[str, Node],
    engine: SweepEngine,
    as_of: date,
) -> Iterator[pa.Array]:
    if not conditions:
        for batch in tables.batches(FIRM, [], as_of):
            yield pa.nulls(pc.sum(pc.is_in(batch[KEY], value_set=wanted)).as_py() or 0, pa.string())
        return
    for decided in engine.sweep(size_plan(conditions, catalogue, as_of), tables):
        size = pa.nulls(decided.rows, pa.string())
        for name, truth in zip(conditions, decided.conditions, strict=True):
            size = pc.if_else(pc.fill_null(truth, False), pa.scalar(name), size)
        yield size.filter(pc.is_in(decided.keys[KEY], value_set=wanted))
