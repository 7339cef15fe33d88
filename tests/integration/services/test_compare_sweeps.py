"""Two kept sweeps compared: how many rows moved, which, and because of what."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policy_match.facts.catalogue import FactCatalogue
from policy_match.ports import FactTables
from policy_match.services.compare_sweeps import (
    DifferencePage,
    NoSuchSweep,
    NotInBoth,
    SweepDifference,
    changed_rows,
    compare_sweeps,
)
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.difference import (
    DateMoved,
    FactChange,
    ParameterChange,
    Presence,
    Reason,
    RowDifference,
    RuleChange,
    Transition,
)
from policy_match.sweep.kept import RowKey
from policy_match.values import Outcome, PolicyId, SnapshotId, SweepId, Truth, Uscc
from tests.support.kept import DAY, FIRMS, LOANS, PARAMETERS, MemorySnapshot, keep, snapshot_of, write_rules
from tests.support.tables import FactRow

REFUND = PolicyId("refund")
SUBSIDY = PolicyId("subsidy")


class Bureau:
    """A database, a data directory and every snapshot that was swept."""

    def __init__(self, database: Database, tmp_path: Path, data_dir: Path) -> None:
        self._database, self._tmp_path, self._data_dir = database, tmp_path, data_dir
        self._snapshots: dict[SnapshotId, MemorySnapshot] = {}
        self._catalogue = FactCatalogue({})

    def sweep(
        self,
        firms: Sequence[FactRow] = FIRMS,
        loans: Sequence[FactRow] = LOANS,
        as_of: date = DAY,
        headcount: int = 20,
        amount: str = "premium_paid * refund_rate",
        parameters: str = PARAMETERS,
    ) -> SweepId:
        rules = write_rules(self._tmp_path / "rules", headcount=headcount, amount=amount, parameters=parameters)
        self._catalogue = rules.catalogue
        snapshot = snapshot_of(rules.catalogue, firms, loans)
        self._snapshots[snapshot.snapshot_id] = snapshot
        return keep(rules, snapshot, self._database, self._data_dir, as_of).sweep.sweep_id

    def compare(self, before: SweepId, after: SweepId) -> SweepDifference:
        return compare_sweeps(self._database, TruthFiles(self._data_dir / "truth"), before, after)

    def page(
        self,
        before: SweepId,
        after: SweepId,
        policy: PolicyId = REFUND,
        from_row: RowKey | None = None,
        most: int = 100,
    ) -> DifferencePage:
        truth_files = TruthFiles(self._data_dir / "truth")
        return changed_rows(
            self._database,
            truth_files,
            self._open,
            self._catalogue,
            before,
            after,
            policy,
            from_row=from_row,
            most=most,
        )

    def rows(self, before: SweepId, after: SweepId, policy: PolicyId = REFUND) -> Sequence[RowDifference]:
        return self.page(before, after, policy).rows

    def _open(self, snapshot_id: SnapshotId) -> FactTables:
        return self._snapshots[snapshot_id]


@pytest.fixture
def bureau(database: Database, tmp_path: Path, data_dir: Path) -> Bureau:
    return Bureau(database, tmp_path, data_dir)


def changed(place: int, **facts: object) -> Sequence[FactRow]:
    """Return the firms with one of them changed."""
    return [{**firm, **facts} if at == place else firm for at, firm in enumerate(FIRMS)]  # type: ignore[dict-item]


def counts(difference: SweepDifference, policy: int = 0) -> Mapping[Transition, int]:
    return {kind: count for kind in Transition if (count := difference.policies[policy].count(kind))}


def reasons(rows: Sequence[RowDifference]) -> list[tuple[str, Transition, tuple[Reason, ...]]]:
    return [(row.key.uscc, row.transition, row.reasons) for row in rows]


def test_the_same_facts_rules_and_day_differ_in_nothing(bureau: Bureau) -> None:
    same = bureau.sweep()
    difference = bureau.compare(same, same)
    assert counts(difference) == {}
    assert bureau.rows(same, same) == []
    assert sum(difference.policies[0].moves.values()) == 5


def test_a_firm_that_grew_is_newly_eligible_because_of_its_headcount(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(changed(1, insured_headcount=20))
    assert counts(bureau.compare(before, after)) == {Transition.NEWLY_ELIGIBLE: 1}
    (row,) = bureau.rows(before, after)
    grew = FactChange(fact="insured_headcount", before=Fraction(5), after=Fraction(20))
    assert reasons([row]) == [("B", Transition.NEWLY_ELIGIBLE, (grew,))]
    assert (row.before.outcome if row.before else None, row.after.amount_fen if row.after else None) == (
        Outcome.INELIGIBLE,
        50_000,
    )
    assert [(each.part, each.before, each.after) for each in row.conditions] == [
        ("condition size", Truth.FALSE, Truth.TRUE)
    ]


def test_a_firm_that_shrank_has_lost_it(bureau: Bureau) -> None:
    firms = [*FIRMS, {**FIRMS[0], "uscc": "F"}]
    before, after = bureau.sweep(firms), bureau.sweep([*FIRMS, {**FIRMS[0], "uscc": "F", "insured_headcount": 19}])
    shrank = FactChange(fact="insured_headcount", before=Fraction(30), after=Fraction(19))
    assert reasons(bureau.rows(before, after)) == [("F", Transition.LOST, (shrank,))]
    assert counts(bureau.compare(before, after)) == {Transition.LOST: 1}


def test_a_fact_that_became_unknown_makes_it_undetermined(bureau: Bureau) -> None:
    firms = [*FIRMS, {**FIRMS[0], "uscc": "F"}]
    before, after = bureau.sweep(firms), bureau.sweep([*FIRMS, {**FIRMS[0], "uscc": "F", "insured_headcount": None}])
    gone = FactChange(fact="insured_headcount", before=Fraction(30), after=None)
    assert reasons(bureau.rows(before, after)) == [("F", Transition.BECAME_UNDETERMINED, (gone,))]


def test_a_missing_amount_that_arrives_makes_it_eligible(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(changed(2, premium_paid=10))
    arrived = FactChange(fact="premium_paid", before=None, after=Fraction(10))
    assert reasons(bureau.rows(before, after)) == [("C", Transition.NEWLY_ELIGIBLE, (arrived,))]


def test_a_value_that_went_stale_is_known_no_more(bureau: Bureau) -> None:
    firms = [*FIRMS, {**FIRMS[0], "uscc": "F", "premium_paid__observed": date(2024, 6, 30)}]
    before, after = bureau.sweep(firms), bureau.sweep(firms, as_of=date(2025, 9, 30))
    stale = FactChange(fact="premium_paid", before=Fraction(1000), after=None)
    assert reasons(bureau.rows(before, after)) == [("F", Transition.BECAME_UNDETERMINED, (stale,))]


def test_an_unknown_that_turns_out_badly_is_ineligible_for_that(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(changed(3, insured_headcount=3))
    found = FactChange(fact="insured_headcount", before=None, after=Fraction(3))
    assert reasons(bureau.rows(before, after)) == [("D", Transition.BECAME_INELIGIBLE, (found,))]


def test_another_premium_changes_the_amount_and_nothing_else(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(changed(0, premium_paid=1500, founded=date(2020, 1, 2)))
    difference = bureau.compare(before, after)
    assert counts(difference) == {Transition.AMOUNT_CHANGED: 1}
    assert difference.policies[0].added_fen == 25_000
    paid = FactChange(fact="premium_paid", before=Fraction(1000), after=Fraction(1500))
    assert reasons(bureau.rows(before, after)) == [("A", Transition.AMOUNT_CHANGED, (paid,))]


def test_a_year_that_has_passed_is_put_down_to_the_date(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(as_of=date(2025, 7, 1))
    assert reasons(bureau.rows(before, bureau.sweep(as_of=date(2026, 1, 31))))[-1] == (
        "E",
        Transition.NEWLY_ELIGIBLE,
        (DateMoved(before=DAY, after=date(2026, 1, 31)),),
    )
    assert bureau.rows(before, after) == []


def test_a_parameter_that_took_effect_is_named_with_both_values(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(as_of=date(2026, 1, 1))
    rate = ParameterChange(name="refund_rate", before="0.5", after="0.6")
    assert reasons(bureau.rows(before, after)) == [("A", Transition.AMOUNT_CHANGED, (rate,))]


def test_a_parameter_that_was_corrected_is_named_too(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(parameters=PARAMETERS.replace("0.5", "0.4"))
    rate = ParameterChange(name="refund_rate", before="0.5", after="0.4")
    assert reasons(bureau.rows(before, after)) == [("A", Transition.AMOUNT_CHANGED, (rate,))]


def test_a_rewritten_condition_is_the_reason(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(headcount=5)
    rule = RuleChange(part="condition size", before="insured_headcount >= 20", after="insured_headcount >= 5")
    assert reasons(bureau.rows(before, after)) == [("B", Transition.NEWLY_ELIGIBLE, (rule,))]


def test_a_rewritten_amount_is_the_reason(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(amount="premium_paid * 0.7")
    rule = RuleChange(part="amount", before="premium_paid * refund_rate", after="premium_paid * 0.7")
    assert reasons(bureau.rows(before, after)) == [("A", Transition.AMOUNT_CHANGED, (rule,))]


def test_firms_that_only_one_snapshot_has_are_new_or_gone(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep([*FIRMS[1:], {**FIRMS[0], "uscc": "Z"}])
    difference = bureau.compare(before, after)
    assert counts(difference) == {Transition.NEWLY_ELIGIBLE: 1, Transition.LOST: 1}
    assert difference.policies[0].moves[None, Outcome.ELIGIBLE] == 1
    assert difference.policies[0].moves[Outcome.ELIGIBLE, None] == 1
    assert reasons(bureau.rows(before, after)) == [
        ("A", Transition.LOST, (Presence.GONE,)),
        ("Z", Transition.NEWLY_ELIGIBLE, (Presence.NEW,)),
    ]


def test_rows_in_another_order_are_the_same_rows(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(list(reversed(FIRMS)))
    assert counts(bureau.compare(before, after)) == {}
    assert bureau.rows(before, after) == []


def test_records_are_compared_by_firm_and_record(bureau: Bureau) -> None:
    loans = [LOANS[0], {**LOANS[1], "loan_interest": 50}, LOANS[2]]
    before, after = bureau.sweep(), bureau.sweep(loans=loans)
    assert counts(bureau.compare(before, after), policy=1) == {Transition.NEWLY_ELIGIBLE: 1}
    (row,) = bureau.rows(before, after, SUBSIDY)
    assert row.key == RowKey(uscc=Uscc("A"), record_id="2")
    assert row.reasons == (FactChange(fact="loan_interest", before=None, after=Fraction(50)),)


def test_pages_follow_each_other(bureau: Bureau) -> None:
    firms = [{**firm, "insured_headcount": 50, "premium_paid": 7} for firm in FIRMS]
    before, after = bureau.sweep(), bureau.sweep(firms)
    seen, from_row = [], None
    for _ in range(10):
        page = bureau.page(before, after, from_row=from_row, most=2)
        seen += [row.key.uscc for row in page.rows]
        from_row = page.next_row
        if from_row is None:
            break
    assert seen == ["A", "B", "C", "D"]


def test_a_sweep_or_policy_that_is_not_there_is_named(bureau: Bureau) -> None:
    kept = bureau.sweep()
    with pytest.raises(NoSuchSweep):
        bureau.compare(kept, SweepId("0" * 64))
    with pytest.raises(NotInBoth, match="`other`"):
        bureau.rows(kept, kept, PolicyId("other"))


def test_a_policy_that_only_one_sweep_decided_has_only_that_side(bureau: Bureau) -> None:
    before, after = bureau.sweep(), bureau.sweep(as_of=date(2028, 1, 1))
    refund, subsidy = bureau.compare(before, after).policies
    assert (refund.after is None, subsidy.after is None) == (False, True)
    assert subsidy.moves == {
        (Outcome.ELIGIBLE, None): 1,
        (Outcome.INELIGIBLE, None): 1,
        (Outcome.UNDETERMINED, None): 1,
    }
    with pytest.raises(NotInBoth, match="`subsidy`"):
        bureau.rows(before, after, SUBSIDY)
