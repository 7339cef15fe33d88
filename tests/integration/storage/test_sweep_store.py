"""Sweeps in the system of record: what is kept, what is refused, what is read back."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from policy_match.policy.fingerprint import canonical, digest
from policy_match.policy.model import RuleBook
from policy_match.storage.driver_errors import InvariantRefused
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.decision import Decision
from policy_match.sweep.kept import KeptSweep, RowKey, SweepIdentity
from policy_match.sweep.match import Match
from policy_match.sweep.plan import plan_sweep
from policy_match.sweep.totals import Totals
from policy_match.values import Digest, Outcome, PolicyId, SnapshotId, SweepId, Uscc
from tests.support.kept import DAY, FIRMS, MemorySnapshot, keep, snapshot_of, write_rules

REFUND = PolicyId("refund")
SUBSIDY = PolicyId("subsidy")


@pytest.fixture
def rules(tmp_path: Path) -> RuleBook:
    return write_rules(tmp_path / "rules")


@pytest.fixture
def snapshot(rules: RuleBook) -> MemorySnapshot:
    return snapshot_of(rules.catalogue)


@pytest.fixture
def kept(rules: RuleBook, snapshot: MemorySnapshot, database: Database, data_dir: Path) -> KeptSweep:
    return keep(rules, snapshot, database, data_dir).sweep


def test_a_kept_sweep_has_the_counts_of_every_policy(kept: KeptSweep, rules: RuleBook) -> None:
    refund, subsidy = kept.policies
    assert (refund.policy_id, refund.grain, refund.total) == (REFUND, "firm", 5)
    assert (refund.eligible, refund.ineligible, refund.undetermined, refund.amount_fen) == (1, 2, 2, 50_000)
    assert (subsidy.policy_id, subsidy.grain, subsidy.total) == (SUBSIDY, "loan", 3)
    assert (subsidy.eligible, subsidy.ineligible, subsidy.undetermined, subsidy.amount_fen) == (1, 1, 1, 2_000)
    assert refund.version == rules.policies[REFUND].versions[0].fingerprint
    assert refund.matches is subsidy.matches is None


def test_a_kept_sweep_says_what_made_it(kept: KeptSweep, rules: RuleBook, snapshot: MemorySnapshot) -> None:
    assert kept.identity == SweepIdentity(snapshot_id=snapshot.snapshot_id, rules=rules.fingerprint, as_of=DAY)
    assert kept.sweep_id == kept.identity.sweep_id
    assert kept.engine == "reference"
    assert datetime(2025, 1, 1, tzinfo=UTC) < kept.kept_at


def test_decisions_of_a_firm_are_read_back(kept: KeptSweep, database: Database) -> None:
    with database.unit_of_work() as work:
        decisions = work.sweeps.decisions_of_firm(kept.sweep_id, Uscc("A"))
    assert [(each.policy_id, each.record_id, each.outcome, each.amount_fen, each.missing) for each in decisions] == [
        (REFUND, None, Outcome.ELIGIBLE, 50_000, ()),
        (SUBSIDY, "1", Outcome.ELIGIBLE, 2_000, ()),
        (SUBSIDY, "2", Outcome.UNDETERMINED, None, ("loan_interest",)),
    ]


def test_pages_of_a_policy_follow_each_other_without_gaps(kept: KeptSweep, database: Database) -> None:
    pages: list[Decision] = []
    after: RowKey | None = None
    with database.unit_of_work() as work:
        for _ in range(10):
            page = work.sweeps.decisions_of_policy(kept.sweep_id, REFUND, after=after, most=1)
            if not page:
                break
            pages += page
            after = RowKey(uscc=page[-1].uscc, record_id=page[-1].record_id or "")
        whole = work.sweeps.decisions_of_policy(kept.sweep_id, REFUND, most=100)
    assert pages == list(whole)
    assert [(each.uscc, each.outcome.value, each.missing) for each in whole] == [
        ("A", "eligible", ()),
        ("C", "undetermined", ("premium_paid",)),
        ("D", "undetermined", ("insured_headcount",)),
    ]


def test_pages_go_through_the_records_of_one_firm(kept: KeptSweep, database: Database) -> None:
    with database.unit_of_work() as work:
        page = work.sweeps.decisions_of_policy(
            kept.sweep_id, SUBSIDY, after=RowKey(uscc=Uscc("A"), record_id="1"), most=1
        )
    assert [(each.uscc, each.record_id) for each in page] == [("A", "2")]


def test_missing_facts_are_counted_by_policy(kept: KeptSweep, database: Database) -> None:
    with database.unit_of_work() as work:
        counts = work.sweeps.missing_counts(kept.sweep_id)
    assert counts == {0: {"insured_headcount": 1, "premium_paid": 1}, 1: {"loan_interest": 1}}


def test_the_same_sweep_again_is_the_stored_one(
    kept: KeptSweep, rules: RuleBook, snapshot: MemorySnapshot, database: Database, data_dir: Path
) -> None:
    again = keep(rules, snapshot, database, data_dir)
    assert again.repeated
    assert again.sweep == kept
    with database.unit_of_work() as work:
        assert work.sweeps.recent(10) == [kept]


def test_another_day_is_another_sweep(
    kept: KeptSweep, rules: RuleBook, snapshot: MemorySnapshot, database: Database, data_dir: Path
) -> None:
    later = keep(rules, snapshot, database, data_dir, DAY.replace(month=7)).sweep
    with database.unit_of_work() as work:
        assert [each.sweep_id for each in work.sweeps.recent(10)] == [later.sweep_id, kept.sweep_id]


def test_a_sweep_that_is_not_kept_is_not_found(database: Database) -> None:
    with database.unit_of_work() as work:
        assert work.sweeps.find(SweepId("0" * 64)) is None


def test_codes_with_quotes_and_commas_are_kept_as_they_are(rules: RuleBook, database: Database, data_dir: Path) -> None:
    odd = 'x",\n\\N 参'
    kept = keep(rules, snapshot_of(rules.catalogue, [FIRMS[1], {**FIRMS[0], "uscc": odd}]), database, data_dir).sweep
    with database.unit_of_work() as work:
        assert [each.uscc for each in work.sweeps.decisions_of_policy(kept.sweep_id, REFUND, most=9)] == [odd]


def test_a_row_twice_is_refused_and_nothing_is_kept(rules: RuleBook, database: Database, data_dir: Path) -> None:
    with pytest.raises(InvariantRefused):
        keep(rules, snapshot_of(rules.catalogue, [FIRMS[0], FIRMS[0], FIRMS[1]]), database, data_dir)
    with database.unit_of_work() as work:
        assert work.sweeps.recent(10) == []


def test_counts_that_are_not_those_of_the_decisions_are_refused(
    rules: RuleBook, snapshot: MemorySnapshot, database: Database
) -> None:
    plan = plan_sweep(rules.in_force(DAY), rules.catalogue, DAY)
    totals = Totals(plan)
    totals.policies[0].eligible, totals.policies[0].ineligible = 1, 1
    versions = [version.fingerprint for _, version in rules.in_force(DAY)]
    identity = SweepIdentity(snapshot_id=snapshot.snapshot_id, rules=rules.fingerprint, as_of=DAY)
    with database.unit_of_work() as work:
        work.rules.keep(rules)
        work.snapshots.keep(snapshot.snapshot_id, snapshot.manifest_text)
        load = work.sweeps.load(identity)
        with pytest.raises(InvariantRefused, match="not those of its decisions, at the policies 0"):
            load.finish(totals.policies, versions, engine="none", truth=Digest("0" * 64))


def test_the_schema_itself_refuses_an_unconfirmed_match_of_all(
    rules: RuleBook, snapshot: MemorySnapshot, database: Database
) -> None:
    totals = Totals(plan_sweep(rules.in_force(DAY), rules.catalogue, DAY))
    totals.policies[0].ineligible = 7
    versions = [version.fingerprint for _, version in rules.in_force(DAY)]
    identity = SweepIdentity(snapshot_id=snapshot.snapshot_id, rules=rules.fingerprint, as_of=DAY)
    with database.unit_of_work() as work:
        work.rules.keep(rules)
        work.snapshots.keep(snapshot.snapshot_id, snapshot.manifest_text)
        load = work.sweeps.load(identity)
        with pytest.raises(InvariantRefused, match="all_or_none_is_confirmed"):
            load.finish(totals.policies, versions, engine="none", truth=Digest("0" * 64))


def test_a_version_text_is_kept_word_for_word(kept: KeptSweep, rules: RuleBook, database: Database) -> None:
    fingerprint = rules.policies[REFUND].versions[0].fingerprint
    with database.unit_of_work() as work:
        text = work.rules.version_text(fingerprint)
        assert work.rules.version_text(Digest("0" * 64)) is None
    assert text is not None
    assert digest(text.encode()) == fingerprint
    assert "insured_headcount >= 20" in text


def test_a_text_under_a_wrong_fingerprint_is_refused(rules: RuleBook, database: Database) -> None:
    policy = rules.policies[REFUND]
    wrong = replace(policy.versions[0], fingerprint=Digest("0" * 64))
    with database.unit_of_work() as work, pytest.raises(InvariantRefused, match="fingerprint_is_of_the_text"):
        work.rules.keep_version(policy, wrong)


def test_a_manifest_is_kept_once(database: Database) -> None:
    name = SnapshotId(digest(canonical("invented")))
    with database.unit_of_work() as work:
        work.snapshots.keep(name, '{"rows": 1}')
        work.snapshots.keep(name, '{"rows": 2}')
        assert work.snapshots.manifest(name) == '{"rows": 1}'
        assert work.snapshots.manifest(SnapshotId("0" * 64)) is None


def test_the_first_confirmation_stays(rules: RuleBook, database: Database, database_url: str) -> None:
    policy = rules.policies[REFUND]
    version = policy.versions[0]
    with database.unit_of_work() as work:
        work.rules.keep_version(policy, version)
        work.confirmations.add(version.fingerprint, Match.ALL, "张三")
        work.confirmations.add(version.fingerprint, Match.ALL, "李四")
        assert work.confirmations.confirmed([version.fingerprint]) == {(version.fingerprint, Match.ALL)}
        assert work.confirmations.confirmed([Digest("0" * 64)]) == frozenset()
        work.commit()
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT confirmed_by FROM policy_match.confirmation").fetchall() == [("张三",)]


def test_truth_files_are_opened_with_the_digest_of_the_sweep(kept: KeptSweep, data_dir: Path) -> None:
    truth = TruthFiles(data_dir / "truth").open(kept.sweep_id, kept.truth)
    assert truth.columns("firm", ["uscc", "policy:refund"]).to_pydict() == {
        "uscc": ["A", "B", "C", "D", "E"],
        "policy:refund": [True, False, None, None, False],
    }
