"""The Spark engine decides everything as the arrow engine does, whose kernel it runs."""

import json
import random
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.registry_sources import open_source
from policy_match.engines.arrow import ArrowEngine
from policy_match.expressions.checker import type_of
from policy_match.expressions.nodes import ValueType
from policy_match.expressions.parser import parse
from policy_match.facts.mapping_file import load_mapping
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.ports import FactTables, SweepEngine
from policy_match.services.import_registry import MappedSource, import_registry
from policy_match.services.sample_region.writing import write_sample_region
from policy_match.services.sweep_file import sweep_file
from policy_match.storage.atomic_file import write_file
from policy_match.storage.decision_files import write_decisions
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.storage.snapshots import open_snapshot
from policy_match.sweep.plan import plan_sweep
from policy_match.wiring.parts import SystemClock
from tests.generative import strategies
from tests.generative.test_many_rows import ROWS, SHOWN, rows
from tests.spec.model import AS_OF
from tests.spec.vocabulary import CATALOGUE, VOCABULARY
from tests.support.engines import sweep_all
from tests.support.policies import make_policy
from tests.support.spark import UNDER_WAY, CountedTables, SparkEngine
from tests.support.tables import MemoryTables

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "connectors" / "registry_sources" / "mappings" / "sample_region"
LOAN_DAY = date(2026, 6, 30)
"""The policy per loan is in force."""


@settings(
    max_examples=max(25, settings().max_examples // 100),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow),
)
@given(data=st.data())
def test_generated_sweeps_are_decided_alike(small_ranges: SweepEngine, data: st.DataObject) -> None:
    world = data.draw(strategies.worlds())
    pairs = [data.draw(strategies.policies(world, f"p{place}")) for place in range(3)]
    plan = plan_sweep(pairs, world.catalogue, data.draw(strategies.days))
    read = {name for grain in plan.grains for name in plan.facts_of(grain)}
    tables = data.draw(strategies.tables(world.catalogue, read))
    assert sweep_all(small_ranges, plan, tables) == sweep_all(ArrowEngine(batch_rows=5), plan, tables)


def test_every_expression_of_the_page_is_decided_alike(spark: object) -> None:
    nodes = {text: parse(text, VOCABULARY) for text in sorted(SHOWN)}
    kinds = {text: type_of(node, CATALOGUE) for text, node in nodes.items()}
    policies = [make_policy(text, conditions=[nodes[text]]) for text in nodes if kinds[text] is ValueType.BOOLEAN]
    policies += [make_policy(text, amount=nodes[text]) for text in nodes if kinds[text] is ValueType.NUMBER]
    plan = plan_sweep(policies, CATALOGUE, AS_OF)
    tables = MemoryTables(CATALOGUE, {"firm": rows(random.Random(4), ROWS)})
    assert sweep_all(SparkEngine(range_rows=ROWS // 7), plan, tables) == sweep_all(ArrowEngine(), plan, tables)


def test_a_table_without_rows_gives_nothing(small_ranges: SweepEngine) -> None:
    plan = plan_sweep([make_policy("p")], CATALOGUE, AS_OF)
    assert list(small_ranges.sweep(plan, MemoryTables(CATALOGUE, {"firm": []}))) == []


def test_progress_is_told_range_by_range(small_ranges: SweepEngine) -> None:
    plan = plan_sweep([make_policy("p")], CATALOGUE, AS_OF)
    told: list[tuple[int, int]] = []
    tables = MemoryTables(CATALOGUE, {"firm": rows(random.Random(1), 8)})
    for _ in small_ranges.sweep(plan, tables, lambda done, total: told.append((done, total))):
        pass
    assert told == [(3, 8), (6, 8), (8, 8)]


def test_few_ranges_are_decided_ahead_of_the_caller(spark: object, tmp_path: Path) -> None:
    plan = plan_sweep([make_policy("p")], CATALOGUE, AS_OF)
    tables = CountedTables(CATALOGUE, {"firm": rows(random.Random(1), 40)})
    tables.folder = tmp_path
    with closing(SparkEngine(range_rows=1).sweep(plan, tables)) as batches:
        next(batches)
        next(batches)
        assert 2 <= len(list(tmp_path.iterdir())) <= UNDER_WAY + 1


# -- the sample region, to the files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rules(ROOT / "rules")


@pytest.fixture(scope="module")
def region(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> FactTables:
    """A snapshot of the sample region with its loans."""
    folder = tmp_path_factory.mktemp("region")
    sources = []
    for file in write_sample_region(folder / "sources", _write, firms=2_000, as_of=LOAN_DAY):
        mapping = load_mapping(MAPPINGS / file.mapping, book.catalogue)
        sources.append(MappedSource(mapping=mapping, source=open_source(mapping, str(file.path))))
    result = import_registry(sources, book.catalogue, SnapshotFolderDraft(folder / "snapshots"), as_of=LOAN_DAY)
    return open_snapshot(result.snapshot.directory, book.catalogue)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def written(book: RuleBook, tables: FactTables, engine: SweepEngine, out: Path, **options: bool) -> Mapping[str, Any]:
    """Sweep into `out` and return the summary without what may differ."""
    sweep_file(book, tables, engine, write_decisions, write_file, SystemClock(), as_of=LOAN_DAY, out=out, **options)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary.pop("engine") == engine.name
    del summary["timings"]
    return summary


@pytest.mark.parametrize("include_ineligible", [False, True], ids=["open-and-eligible", "all"])
def test_the_files_of_the_sample_region_are_the_same(
    spark: object, book: RuleBook, region: FactTables, tmp_path: Path, include_ineligible: bool
) -> None:
    engines: Sequence[SweepEngine] = (ArrowEngine(batch_rows=700), SparkEngine(range_rows=700))
    summaries = [
        written(book, region, engine, tmp_path / engine.name, include_ineligible=include_ineligible)
        for engine in engines
    ]
    assert summaries[0] == summaries[1]
    assert {policy["per"] for policy in summaries[0]["policies"]} >= {"firm", "loan"}
    left, right = (pq.ParquetFile(tmp_path / engine.name / "decisions.parquet") for engine in engines)
    assert left.metadata.num_row_groups == right.metadata.num_row_groups
    assert left.read().equals(right.read())
