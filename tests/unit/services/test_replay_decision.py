"""A kept decision made again: on the old facts, on corrected facts, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from policy_match.errors import InputError
from policy_match.facts.catalogue import FactCatalogue
from policy_match.facts.reading import FactState
from policy_match.policy.decoding import UnreadableRules
from policy_match.policy.fingerprint import canonical_catalogue, canonical_rules, canonical_version
from policy_match.policy.model import RuleBook
from policy_match.ports import FactTables
from policy_match.services.explain import NoSuchFirm, PolicyNotInForce
from policy_match.services.replay_decision import (
    Correction,
    CorrectionRefused,
    CorrectionWithoutSource,
    FactNotRead,
    KeptTexts,
    NoSuchRow,
    Replay,
    TextsDisagree,
    replay_decision,
    standing_of,
)
from policy_match.sweep.kept import RowKey, Standing, SweepIdentity
from policy_match.values import Digest, FactName, Outcome, PolicyId, SnapshotId, Uscc
from tests.support.kept import DAY, FIRMS, LOANS, snapshot_of, write_rules
from tests.support.tables import FactRow

REFUND, SUBSIDY = PolicyId("refund"), PolicyId("subsidy")
HEADCOUNT, PREMIUM, FOUNDED = FactName("insured_headcount"), FactName("premium_paid"), FactName("founded")
REGISTER = "某局更正通知"


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What was kept of a sweep: the rules and the facts."""

    rules: RuleBook
    firms: Sequence[FactRow] = FIRMS
    loans: Sequence[FactRow] = LOANS

    def texts(self, policy_id: PolicyId = REFUND) -> KeptTexts:
        policy = self.rules.policies[policy_id]
        return KeptTexts(
            rules=canonical_rules(self.rules.catalogue, self.rules.sources, self.rules.policies).decode(),
            catalogue=canonical_catalogue(self.rules.catalogue).decode(),
            version=canonical_version(policy, policy.versions[0]).decode(),
        )

    def open(self, _: SnapshotId, catalogue: FactCatalogue) -> FactTables:
        return snapshot_of(catalogue, self.firms, self.loans)

    def replay(
        self,
        uscc: str,
        record: str = "",
        *,
        policy: PolicyId = REFUND,
        kept: Standing | None = None,
        corrections: Mapping[FactName, Correction] | None = None,
        texts: KeptTexts | None = None,
        as_of: date = DAY,
    ) -> Replay:
        snapshot = snapshot_of(self.rules.catalogue, self.firms, self.loans)
        return replay_decision(
            texts or self.texts(policy),
            SweepIdentity(snapshot_id=snapshot.snapshot_id, rules=self.rules.fingerprint, as_of=as_of),
            self.open,
            row=RowKey(uscc=Uscc(uscc), record_id=record),
            kept=kept,
            corrections=corrections or {},
        )


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(rules=write_rules(tmp_path / "rules"))


def corrected(replay: Replay) -> Standing:
    assert replay.corrected is not None
    return standing_of(replay.corrected)


def eligible(fen: int) -> Standing:
    return Standing(outcome=Outcome.ELIGIBLE, amount_fen=fen)


def undetermined(*missing: str) -> Standing:
    return Standing(outcome=Outcome.UNDETERMINED, missing=missing)


def test_nothing_is_decided_on_corrected_facts_without_corrections(archive: Archive) -> None:
    replay = archive.replay("A", kept=eligible(50_000))
    assert replay.same_as_kept
    assert replay.corrected is None


@pytest.mark.parametrize(
    ("uscc", "record", "policy", "kept"),
    [
        ("A", "", REFUND, eligible(50_000)),
        ("B", "", REFUND, None),
        ("B", "", REFUND, Standing(outcome=Outcome.INELIGIBLE)),
        ("C", "", REFUND, undetermined("premium_paid")),
        ("D", "", REFUND, undetermined("insured_headcount")),
        ("E", "", REFUND, None),
        ("A", "1", SUBSIDY, eligible(2_000)),
        ("A", "2", SUBSIDY, undetermined("loan_interest")),
        ("C", "1", SUBSIDY, None),
    ],
)
def test_the_old_facts_and_rules_give_what_was_kept(
    archive: Archive, uscc: str, record: str, policy: PolicyId, kept: Standing | None
) -> None:
    assert archive.replay(uscc, record, policy=policy, kept=kept).same_as_kept


@pytest.mark.parametrize("kept", [None, eligible(50_001), undetermined("premium_paid")])
def test_a_decision_that_comes_out_otherwise_is_said_to(archive: Archive, kept: Standing | None) -> None:
    replay = archive.replay("A", kept=kept)
    assert not replay.same_as_kept
    assert standing_of(replay.old) == eligible(50_000)


def test_the_record_names_the_rules_and_the_references_of_that_time(archive: Archive) -> None:
    old = archive.replay("A").old
    assert old.rules_fingerprint == archive.rules.fingerprint
    assert old.version.fingerprint == archive.rules.policies[REFUND].versions[0].fingerprint
    assert [(value.name, value.reference) for value in old.values] == [("refund_rate", "示例")]


def test_a_corrected_fact_is_decided_beside_the_old_one(archive: Archive) -> None:
    replay = archive.replay("B", corrections={HEADCOUNT: Correction(value="20", source=REGISTER)})
    assert replay.same_as_kept
    assert standing_of(replay.old).outcome is Outcome.INELIGIBLE
    assert corrected(replay) == eligible(50_000)


def test_the_record_of_corrected_facts_says_who_gave_them_and_is_not_of_the_snapshot(archive: Archive) -> None:
    day = date(2025, 6, 1)
    corrections = {HEADCOUNT: Correction(value="20", source=f" {REGISTER} ", observed=day)}
    replay = archive.replay("B", corrections=corrections)
    assert replay.corrected is not None
    sources = {used.fact.name: (used.reading.source, used.reading.observed) for used in replay.corrected.facts}
    assert sources[HEADCOUNT] == (REGISTER, day)
    assert sources[PREMIUM] == ("人社局", None)
    assert replay.corrected.facts_digest != replay.old.facts_digest


def test_money_is_corrected_in_yuan_and_days_as_days(archive: Archive) -> None:
    money = archive.replay("C", corrections={PREMIUM: Correction(value="1000.02", source=REGISTER)})
    assert corrected(money) == eligible(50_001)
    day = archive.replay("E", corrections={FOUNDED: Correction(value="2024-06-30", source=REGISTER)})
    assert corrected(day) == eligible(100_000)


def test_a_fact_of_a_record_and_several_facts_at_once_are_corrected(archive: Archive) -> None:
    interest = {FactName("loan_interest"): Correction(value="55.5", source=REGISTER)}
    assert corrected(archive.replay("A", "2", policy=SUBSIDY, corrections=interest)) == eligible(1_110)
    both = {
        HEADCOUNT: Correction(value="40", source=REGISTER),
        PREMIUM: Correction(value="10", source=REGISTER),
    }
    assert corrected(archive.replay("D", corrections=both)) == eligible(500)


def test_a_fact_may_be_corrected_to_unknown(archive: Archive) -> None:
    replay = archive.replay("A", corrections={PREMIUM: Correction(value="", source=REGISTER)})
    assert corrected(replay) == undetermined("premium_paid")


def test_a_corrected_value_of_an_old_day_is_stale(archive: Archive) -> None:
    stale = Correction(value="10", source=REGISTER, observed=date(2024, 5, 25))
    fresh = replace(stale, observed=date(2024, 5, 26))
    assert corrected(archive.replay("C", corrections={PREMIUM: stale})) == undetermined("premium_paid")
    assert corrected(archive.replay("C", corrections={PREMIUM: fresh})) == eligible(500)


def test_freshness_is_that_of_the_old_catalogue(tmp_path: Path) -> None:
    firms = [{**FIRMS[0], "premium_paid__observed": date(2024, 5, 26)}]
    archive = Archive(rules=write_rules(tmp_path / "rules"), firms=firms)
    facts = tmp_path / "rules" / "facts.toml"
    facts.write_text(facts.read_text().replace("fresh_days = 400", "fresh_days = 30"))
    replay = archive.replay("A", kept=eligible(50_000))
    assert replay.same_as_kept
    assert {used.reading.state for used in replay.old.facts} == {FactState.KNOWN}


def test_a_record_of_a_firm_that_is_not_there_is_decided_as_the_sweep_did(tmp_path: Path) -> None:
    loans = [{"uscc": "Z", "loan_id": "1", "loan_interest": 100}]
    archive = Archive(rules=write_rules(tmp_path / "rules"), loans=loans)
    assert archive.replay("Z", "1", policy=SUBSIDY, kept=eligible(2_000)).same_as_kept


@pytest.mark.parametrize(
    ("name", "correction", "error", "words"),
    [
        ("employees", Correction(value="1", source=REGISTER), FactNotRead, "insured_headcount, premium_paid"),
        ("loan_interest", Correction(value="1", source=REGISTER), FactNotRead, "`loan_interest`"),
        (HEADCOUNT, Correction(value="20", source=" "), CorrectionWithoutSource, "has no source"),
        (HEADCOUNT, Correction(value="twenty", source=REGISTER), CorrectionRefused, "`twenty` is not a number"),
        (HEADCOUNT, Correction(value="20.5", source=REGISTER), CorrectionRefused, "`20.5` is not a whole number"),
        (PREMIUM, Correction(value="1万元", source=REGISTER), CorrectionRefused, "`1万元` is not a number"),
        (PREMIUM, Correction(value="1e17", source=REGISTER), CorrectionRefused, "is too large"),
        (FOUNDED, Correction(value="2025-02-30", source=REGISTER), CorrectionRefused, "a day that does not exist"),
        (FOUNDED, Correction(value="2025/2/3", source=REGISTER), CorrectionRefused, "is not a date"),
    ],
)
def test_a_correction_that_cannot_be_taken_is_refused(
    archive: Archive, name: FactName, correction: Correction, error: type[InputError], words: str
) -> None:
    with pytest.raises(error) as refused:
        archive.replay("A", corrections={name: correction})
    assert words in refused.value.message("en")
    assert name in refused.value.message("zh")


@pytest.mark.parametrize(
    ("uscc", "record", "policy", "error"),
    [
        ("Z", "", REFUND, NoSuchFirm),
        ("Z", "1", SUBSIDY, NoSuchFirm),
        ("A", "1", REFUND, NoSuchRow),
        ("A", "3", SUBSIDY, NoSuchRow),
        ("A", "", SUBSIDY, NoSuchRow),
        ("B", "1", SUBSIDY, NoSuchRow),
    ],
)
def test_a_row_that_the_snapshot_does_not_have_is_named(
    archive: Archive, uscc: str, record: str, policy: PolicyId, error: type[InputError]
) -> None:
    with pytest.raises(error):
        archive.replay(uscc, record, policy=policy)


def test_texts_of_another_sweep_are_refused(archive: Archive, tmp_path: Path) -> None:
    others = Archive(rules=write_rules(tmp_path / "others", headcount=21))
    ours, theirs = archive.texts(), others.texts()
    other_facts = ours.catalogue.replace("参保人数", "职工人数")
    for wrong, what in [
        (theirs, "the rules"),
        (replace(ours, version=theirs.version), "the policy version"),
        (replace(ours, catalogue=other_facts), "the fact catalogue"),
    ]:
        with pytest.raises(TextsDisagree, match=what):
            archive.replay("A", texts=wrong)


def test_a_text_that_cannot_be_read_is_refused(archive: Archive) -> None:
    with pytest.raises(UnreadableRules):
        archive.replay("A", texts=replace(archive.texts(), version="[]"))


def test_a_day_on_which_the_version_was_not_in_force_is_refused(archive: Archive) -> None:
    with pytest.raises(PolicyNotInForce):
        archive.replay("A", as_of=date(2023, 12, 31))


def test_another_snapshot_is_a_bug(archive: Archive) -> None:
    sweep = SweepIdentity(snapshot_id=SnapshotId(Digest("0" * 64)), rules=archive.rules.fingerprint, as_of=DAY)
    row = RowKey(uscc=Uscc("A"))
    with pytest.raises(AssertionError, match="another snapshot was opened"):
        replay_decision(archive.texts(), sweep, archive.open, row=row, kept=None, corrections={})
