"""The sample region through the real import and the production engine."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from connectors.registry_sources import open_source
from policy_match.engines.arrow.engine import ArrowEngine
from policy_match.facts.keys import KeyCounts
from policy_match.facts.mapping_file import load_mapping
from policy_match.facts.reasons import Reason
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.services.import_registry import ImportResult, MappedSource, import_registry
from policy_match.services.sample_region.defects import DEFECTS
from policy_match.services.sample_region.writing import SAMPLE_DAYS, write_sample_region
from policy_match.services.sweep_file import plan_for
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.storage.snapshots import open_snapshot
from policy_match.sweep.totals import Totals

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "connectors" / "registry_sources" / "mappings" / "sample_region"
FIRMS = 3_000


def write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load_rules(ROOT / "rules")


@pytest.fixture(scope="module")
def imported(rules: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Mapping[date, ImportResult]:
    """The district on each of the sample days."""
    folder = tmp_path_factory.mktemp("sample-region")
    results = {}
    for day in SAMPLE_DAYS:
        sources = []
        for file in write_sample_region(folder / day.isoformat(), write_file, firms=FIRMS, as_of=day):
            mapping = load_mapping(MAPPINGS / file.mapping, rules.catalogue)
            sources.append(MappedSource(mapping=mapping, source=open_source(mapping, str(file.path))))
        results[day] = import_registry(sources, rules.catalogue, SnapshotFolderDraft(folder / "snapshots"), as_of=day)
    return results


def test_every_policy_finds_all_three_outcomes_on_one_of_the_sample_days(
    rules: RuleBook, imported: Mapping[date, ImportResult]
) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for day, result in imported.items():
        snapshot = open_snapshot(result.snapshot.directory, rules.catalogue)
        plan = plan_for(rules, snapshot, day).plan
        totals = Totals(plan)
        for _ in totals.watch(ArrowEngine().sweep(plan, snapshot)):
            pass
        for policy in totals.policies:
            if policy.eligible and policy.ineligible and policy.undetermined:
                found[policy.policy.policy_id].add(day.isoformat())
    assert found.keys() == rules.policies.keys()


def test_no_two_sample_days_have_every_policy_in_force(rules: RuleBook) -> None:
    in_force = {day: {policy.id for policy, _ in rules.in_force(day)} for day in SAMPLE_DAYS}
    for left_out in SAMPLE_DAYS:
        assert set().union(*(in_force[day] for day in SAMPLE_DAYS if day != left_out)) != rules.policies.keys()


def test_every_mapped_file_is_read_to_the_end(imported: Mapping[date, ImportResult]) -> None:
    for result in imported.values():
        for source in result.quality.sources:
            assert source.rows_kept + sum(source.rows_refused.values()) == source.rows_read


def test_the_report_finds_the_rows_that_were_spoiled(imported: Mapping[date, ImportResult]) -> None:
    registry = imported[SAMPLE_DAYS[1]].quality.sources[0]
    put_in = {defect.chinese: defect.count for defect in DEFECTS if defect.file_name == "registry.csv"}
    assert registry.keys == KeyCounts(check_digit_failed=put_in["校验码错误"], legacy_15_digits=put_in["15 位旧注册号"])
    assert registry.rows_refused == {
        Reason.NO_KEY: put_in["无信用代码"],
        Reason.UNUSABLE_KEY: put_in["代码栏写了备注"],
        Reason.DUPLICATE_IDENTICAL: put_in["同一代码两行，完全相同"],
        Reason.DUPLICATE_SUPERSEDED: put_in["同一代码两行，内容不同"],
    }


@pytest.mark.parametrize(
    ("fact", "reason", "count"),
    [
        ("establish_date", Reason.IMPOSSIBLE_DATE, 3),
        ("registered_capital", Reason.FOREIGN_CURRENCY, 3),
        ("registered_capital", Reason.NO_UNIT, 3),
        ("entity_type", Reason.NOT_TRANSLATED, 3),
        ("insured_headcount", Reason.OUT_OF_RANGE, 4),
        ("env_credit_colour", Reason.NOT_ALLOWED, 2),
        ("hnte_first_year", Reason.OUT_OF_RANGE, 2),
    ],
)
def test_the_report_finds_the_values_that_were_spoiled(
    imported: Mapping[date, ImportResult], fact: str, reason: Reason, count: int
) -> None:
    refused = [each for source in imported[SAMPLE_DAYS[1]].quality.sources for each in source.values_refused]
    assert sum(each.count for each in refused if (each.fact, each.reason) == (fact, reason)) == count


def test_facts_about_all_firms_have_gaps_and_stale_values(imported: Mapping[date, ImportResult]) -> None:
    facts = {fact.fact: fact for fact in imported[SAMPLE_DAYS[1]].quality.facts}
    for name in (
        "annual_taxable_income",
        "insured_headcount",
        "serious_illegal_list",
        "env_credit_colour",
        "employees",
    ):
        assert 0.05 <= facts[name].missing / facts[name].rows <= 0.15
        assert 0.005 <= facts[name].stale / facts[name].rows <= 0.06


def test_two_departments_disagree_about_some_industries(imported: Mapping[date, ImportResult]) -> None:
    facts = {fact.fact: fact for fact in imported[SAMPLE_DAYS[1]].quality.facts}
    assert 0 < facts["industry_code4"].conflicts < FIRMS / 10


def test_writing_and_importing_again_gives_the_same_snapshot(
    rules: RuleBook, imported: Mapping[date, ImportResult], tmp_path: Path
) -> None:
    day = SAMPLE_DAYS[0]
    sources = []
    for file in write_sample_region(tmp_path / "again", write_file, firms=FIRMS, as_of=day):
        mapping = load_mapping(MAPPINGS / file.mapping, rules.catalogue)
        sources.append(MappedSource(mapping=mapping, source=open_source(mapping, str(file.path))))
    again = import_registry(sources, rules.catalogue, SnapshotFolderDraft(tmp_path / "snapshots"), as_of=day)
    assert again.snapshot.id == imported[day].snapshot.id


def test_every_fact_that_a_policy_reads_has_a_source(rules: RuleBook, imported: Mapping[date, ImportResult]) -> None:
    mapped = {fact.fact for fact in imported[SAMPLE_DAYS[0]].quality.facts}
    for day, result in imported.items():
        plan = plan_for(rules, open_snapshot(result.snapshot.directory, rules.catalogue), day).plan
        assert {fact for grain in plan.grains for fact in plan.facts_of(grain)} <= mapped
