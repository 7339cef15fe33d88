"""The real registry extracts, with the defects that they hold. They lie beside the project and are never copied."""

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from connectors import registry_sources
from policy_match.facts.catalogue import FactCatalogue
from policy_match.facts.mapping import SourceMapping
from policy_match.facts.mapping_file import load_mapping
from policy_match.facts.reasons import Reason
from policy_match.policy.loader import load_catalogue
from policy_match.services.import_registry import ImportResult, MappedSource, import_registry
from policy_match.storage.refused_file import FILE_NAME
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.storage.snapshots import open_snapshot
from policy_match.values import FactName, Uscc
from tests.support.registry import REAL_DATA

ROOT = Path(__file__).parents[2]
SAMPLE = REAL_DATA / "registry_2019_sample10k.csv"
MILLION = REAL_DATA / "registry_1m_core.parquet"
AS_OF = date(2019, 6, 30)

needs_sample = pytest.mark.skipif(not SAMPLE.exists(), reason=f"{SAMPLE.name} is not beside the project")
needs_million = pytest.mark.skipif(not MILLION.exists(), reason=f"{MILLION.name} is not beside the project")


@pytest.fixture(scope="module")
def catalogue() -> FactCatalogue:
    return load_catalogue(ROOT / "rules")


@pytest.fixture(scope="module")
def national(catalogue: FactCatalogue) -> SourceMapping:
    folder = Path(next(iter(registry_sources.__path__)))
    return load_mapping(folder / "mappings" / "national_registry.toml", catalogue)


def run(folder: Path, path: Path, national: SourceMapping, catalogue: FactCatalogue) -> ImportResult:
    source = MappedSource(mapping=national, source=registry_sources.open_source(national, str(path)))
    return import_registry([source], catalogue, SnapshotFolderDraft(folder), as_of=AS_OF)


@needs_sample
def test_the_sample_is_imported_whole_and_twice_the_same(
    tmp_path: Path, national: SourceMapping, catalogue: FactCatalogue
) -> None:
    result = run(tmp_path, SAMPLE, national, catalogue)
    (source,) = result.quality.sources
    assert (source.rows_read, source.rows_kept, source.encoding) == (10_000, 10_000, "utf-8")
    assert sum(kind.count for kind in source.values_refused) < 40
    assert {kind.reason for kind in source.values_refused} >= {Reason.FOREIGN_CURRENCY, Reason.NOT_TRANSLATED}
    snapshot = open_snapshot(result.snapshot.directory, catalogue)
    first = snapshot.firm(Uscc("91230123MA1BJ27K6A"), AS_OF)
    assert first is not None
    assert first[FactName("registered_capital")].usable == 3_000_000
    assert first[FactName("entity_type")].usable == "company"
    assert first[FactName("establish_date")].usable == date(2019, 4, 3)
    assert run(tmp_path, SAMPLE, national, catalogue).snapshot.was_there


@pytest.fixture(scope="module")
def million(
    tmp_path_factory: pytest.TempPathFactory, national: SourceMapping, catalogue: FactCatalogue
) -> ImportResult:
    return run(tmp_path_factory.mktemp("million"), MILLION, national, catalogue)


@pytest.mark.slow
@needs_million
def test_a_million_rows_are_kept_or_refused_each_with_its_reason(million: ImportResult) -> None:
    (source,) = million.quality.sources
    assert source.rows_read == 1_000_000
    assert source.rows_kept + sum(source.rows_refused.values()) == 1_000_000
    assert source.rows_refused[Reason.UNUSABLE_KEY] == 6
    duplicates = source.rows_refused[Reason.DUPLICATE_IDENTICAL] + source.rows_refused[Reason.DUPLICATE_SUPERSEDED]
    assert duplicates == sum(source.duplicates_decided.values())
    assert source.keys.check_digit_failed >= 190
    assert source.keys.legacy_15_digits > 6_000
    refused = {(kind.fact, kind.reason): kind.count for kind in source.values_refused}
    assert refused["registered_capital", Reason.NO_UNIT] > 10_000
    assert refused["registered_capital", Reason.FOREIGN_CURRENCY] > 13_000
    lines = million.snapshot.directory.joinpath(FILE_NAME).read_bytes().count(b"\n") - 1
    assert lines == sum(source.rows_refused.values()) + sum(refused.values())


@pytest.mark.slow
@needs_million
def test_every_capital_in_ten_thousand_yuan_is_read_as_it_stands(million: ImportResult) -> None:
    given = pq.read_table(MILLION, columns=["uscc", "capital_raw"])
    plain = given.filter(pc.match_substring_regex(given["capital_raw"], r"^\d{1,9}\(万元人民币\)$"))
    kept = pq.read_table(million.snapshot.directory / "firm.parquet", columns=["uscc", "registered_capital"])
    both = plain.join(kept, "uscc", join_type="inner")
    expected = pc.multiply(pc.replace_substring(both["capital_raw"], "(万元人民币)", "").cast("int64"), 1_000_000)
    differ = pc.sum(pc.not_equal(expected, both["registered_capital"])).as_py()
    assert both.num_rows > 300_000
    assert differ <= sum(million.quality.sources[0].rows_refused.values())


@pytest.mark.slow
@needs_million
def test_a_million_firms_are_read_back_in_order(million: ImportResult, catalogue: FactCatalogue) -> None:
    snapshot = open_snapshot(million.snapshot.directory, catalogue)
    snapshot.verify()
    rows, last = 0, ""
    for batch in snapshot.batches("firm", [FactName("establish_date"), FactName("entity_type")], AS_OF):
        assert batch["uscc"][0].as_py() > last
        assert pc.all(pc.greater(batch["uscc"][1:], batch["uscc"][:-1])).as_py()
        rows, last = rows + batch.num_rows, batch["uscc"][-1].as_py()
    assert rows == snapshot.rows("firm") == million.quality.sources[0].rows_kept
