"""A policy that matches all or none stops a kept sweep until a person has said that this is right."""

from pathlib import Path

import pytest

from policy_match.errors import QuestionError
from policy_match.services.confirm_match import NobodyNamed, confirm_match
from policy_match.services.explain import NoSuchPolicy, PolicyNotInForce
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.match import Match, UnconfirmedMatch
from policy_match.values import PolicyId
from tests.support.kept import DAY, FIRMS, keep, snapshot_of, write_rules

REFUND = PolicyId("refund")
ALL = [FIRMS[0], {**FIRMS[0], "uscc": "B"}]
NONE = [FIRMS[1], {**FIRMS[1], "uscc": "A"}]
OPEN = [FIRMS[1], FIRMS[2]]


@pytest.mark.parametrize(("firms", "words"), [(ALL, "refund matches all (2)"), (NONE, "refund matches none (2)")])
def test_it_stops_with_a_question_before_anything_is_visible(
    database: Database, tmp_path: Path, data_dir: Path, firms: list[dict[str, object]], words: str
) -> None:
    rules = write_rules(tmp_path / "rules")
    with pytest.raises(UnconfirmedMatch) as question:
        keep(rules, snapshot_of(rules.catalogue, firms), database, data_dir)
    assert words in question.value.message("en")
    assert "policy-match sweeps confirm" in question.value.message("zh")
    assert question.value.exit_code == QuestionError.exit_code == 4
    with database.unit_of_work() as work:
        assert work.sweeps.recent(10) == []
    assert list((data_dir / "truth").iterdir()) == []


@pytest.mark.parametrize(("firms", "match"), [(ALL, Match.ALL), (NONE, Match.NONE)])
def test_it_goes_on_once_a_person_confirmed(
    database: Database, tmp_path: Path, data_dir: Path, firms: list[dict[str, object]], match: Match
) -> None:
    rules = write_rules(tmp_path / "rules")
    confirm_match(rules, database, policy_id=REFUND, as_of=DAY, match=match, confirmed_by="张三")
    kept = keep(rules, snapshot_of(rules.catalogue, firms), database, data_dir).sweep
    assert kept.policies[0].matches is match


def test_a_confirmation_of_all_is_none_of_none(database: Database, tmp_path: Path, data_dir: Path) -> None:
    rules = write_rules(tmp_path / "rules")
    confirm_match(rules, database, policy_id=REFUND, as_of=DAY, match=Match.ALL, confirmed_by="张三")
    with pytest.raises(UnconfirmedMatch):
        keep(rules, snapshot_of(rules.catalogue, NONE), database, data_dir)


def test_a_changed_policy_is_asked_about_again(database: Database, tmp_path: Path, data_dir: Path) -> None:
    confirmed = write_rules(tmp_path / "rules")
    confirm_match(confirmed, database, policy_id=REFUND, as_of=DAY, match=Match.ALL, confirmed_by="张三")
    changed = write_rules(tmp_path / "rules", headcount=21)
    with pytest.raises(UnconfirmedMatch):
        keep(changed, snapshot_of(changed.catalogue, ALL), database, data_dir)


def test_an_undetermined_firm_is_neither_all_nor_none(database: Database, tmp_path: Path, data_dir: Path) -> None:
    rules = write_rules(tmp_path / "rules")
    kept = keep(rules, snapshot_of(rules.catalogue, OPEN), database, data_dir).sweep
    assert (kept.policies[0].eligible, kept.policies[0].undetermined, kept.policies[0].matches) == (0, 1, None)


def test_a_policy_without_rows_is_not_asked_about(database: Database, tmp_path: Path, data_dir: Path) -> None:
    rules = write_rules(tmp_path / "rules")
    kept = keep(rules, snapshot_of(rules.catalogue, loans=()), database, data_dir).sweep
    assert (kept.policies[1].total, kept.policies[1].matches) == (0, None)


def test_a_confirmation_needs_a_name_and_a_policy_in_force(database: Database, tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules")
    with pytest.raises(NobodyNamed):
        confirm_match(rules, database, policy_id=REFUND, as_of=DAY, match=Match.ALL, confirmed_by="  ")
    with pytest.raises(NoSuchPolicy):
        confirm_match(rules, database, policy_id=PolicyId("refnd"), as_of=DAY, match=Match.ALL, confirmed_by="张三")
    early = DAY.replace(year=2020)
    with pytest.raises(PolicyNotInForce):
        confirm_match(rules, database, policy_id=REFUND, as_of=early, match=Match.ALL, confirmed_by="张三")
