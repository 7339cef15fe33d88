"""A kept decision made again from the database alone, when the rules on disk say something else."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from policy_match.facts.catalogue import FactCatalogue
from policy_match.policy.model import RuleBook
from policy_match.ports import FactTables
from policy_match.services.explain import explain_firm
from policy_match.services.replay_decision import Correction, KeptTexts, Replay, replay_decision, standing_of
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.kept import KeptSweep, RowKey, Standing
from policy_match.sweep.record import DecisionRecord
from policy_match.values import FactName, Outcome, PolicyId, SnapshotId, Uscc
from tests.support.kept import DAY, FIRMS, LOANS, PARAMETERS, keep, snapshot_of, write_rules

REFUND, SUBSIDY = PolicyId("refund"), PolicyId("subsidy")


class Appeals:
    """A kept sweep whose rules are gone from the disk."""

    def __init__(self, database: Database, url: str, tmp_path: Path, data_dir: Path) -> None:
        self._database, self._url = database, url
        self.rules: RuleBook = write_rules(tmp_path / "rules")
        self._sweep: KeptSweep = keep(self.rules, snapshot_of(self.rules.catalogue), database, data_dir).sweep
        changed = PARAMETERS.replace("0.5", "0.9").replace("reference", 'label_en = "rate"\nreference')
        self.now = write_rules(tmp_path / "rules", headcount=1_000, amount="1", parameters=changed)
        assert self.now.fingerprint != self.rules.fingerprint

    def replay(self, policy_id: PolicyId, row: RowKey, corrections: dict[FactName, Correction] | None = None) -> Replay:
        return replay_decision(
            self._texts(policy_id),
            self._sweep.identity,
            self._open,
            row=row,
            kept=self._kept(policy_id, row),
            corrections=corrections or {},
        )

    def _open(self, snapshot_id: SnapshotId, catalogue: FactCatalogue) -> FactTables:
        assert snapshot_id == self._sweep.identity.snapshot_id
        return snapshot_of(catalogue)

    def _kept(self, policy_id: PolicyId, row: RowKey) -> Standing | None:
        with self._database.unit_of_work() as work:
            decisions = work.sweeps.decisions_of_firm(self._sweep.sweep_id, row.uscc)
        for each in decisions:
            if (each.policy_id, each.record_id or "") == (policy_id, row.record_id):
                return Standing(outcome=each.outcome, amount_fen=each.amount_fen, missing=each.missing)
        return None

    def _texts(self, policy_id: PolicyId) -> KeptTexts:
        policy = self._sweep.policy(policy_id)
        assert policy is not None
        with psycopg.connect(self._url) as connection:
            found = connection.execute(
                "SELECT r.canonical, f.canonical, v.canonical FROM policy_match.rules AS r "
                "JOIN policy_match.fact_catalogue AS f ON f.fingerprint = r.catalogue "
                "JOIN policy_match.rules_version AS of ON of.rules = r.fingerprint "
                "JOIN policy_match.policy_version AS v ON v.fingerprint = of.version "
                "WHERE r.fingerprint = %s AND v.fingerprint = %s",
                (self._sweep.identity.rules, policy.version),
            ).fetchone()
        assert found is not None
        return KeptTexts(rules=found[0], catalogue=found[1], version=found[2])


@pytest.fixture
def appeals(database: Database, database_url: str, tmp_path: Path, data_dir: Path) -> Appeals:
    return Appeals(database, database_url, tmp_path, data_dir)


FIRM_ROWS = [RowKey(uscc=Uscc(str(firm["uscc"]))) for firm in FIRMS]
LOAN_ROWS = [RowKey(uscc=Uscc(str(loan["uscc"])), record_id=str(loan["loan_id"])) for loan in LOANS]


def test_every_decision_of_the_sweep_is_made_again_from_the_database(appeals: Appeals) -> None:
    replays = [appeals.replay(REFUND, row) for row in FIRM_ROWS] + [appeals.replay(SUBSIDY, row) for row in LOAN_ROWS]
    assert all(replay.same_as_kept for replay in replays)
    assert {replay.old.outcome for replay in replays} == set(Outcome)


def without_places(record: DecisionRecord) -> DecisionRecord:
    """Return the record without the places of its rules in files, and with its facts by name."""
    conditions = tuple(replace(each, condition=replace(each.condition, line=0)) for each in record.conditions)
    version = replace(record.version, conditions=tuple(each.condition for each in conditions))
    return replace(
        record,
        policy=replace(record.policy, path="", versions=(version,)),
        version=version,
        conditions=conditions,
        facts=tuple(sorted(record.facts, key=lambda used: used.fact.name)),
    )


def test_the_record_is_the_one_that_was_explained_at_the_time(appeals: Appeals) -> None:
    tables = snapshot_of(appeals.rules.catalogue)
    for row in FIRM_ROWS:
        (explained,) = explain_firm(appeals.rules, tables, uscc=row.uscc, as_of=DAY, policy_id=REFUND)
        assert without_places(appeals.replay(REFUND, row).old) == without_places(explained)


def test_corrected_facts_are_decided_by_the_old_rules(appeals: Appeals) -> None:
    correction = Correction(value="20", source="人社局更正函")
    replay = appeals.replay(REFUND, RowKey(uscc=Uscc("B")), {FactName("insured_headcount"): correction})
    assert replay.same_as_kept
    assert replay.old.outcome is Outcome.INELIGIBLE
    assert replay.corrected is not None
    assert standing_of(replay.corrected) == Standing(outcome=Outcome.ELIGIBLE, amount_fen=50_000)
