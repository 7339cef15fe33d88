"""Sweeps that are kept, with their counts, and pages of their decisions.

Guarantees, with the schema, that a sweep of the same facts, rules and day is kept once. Writing one is
`sweep_load`; the truth of ineligible rows is in `truth_files`.
"""

from collections.abc import Mapping, Sequence

from policy_match.storage.session import Row, Session
from policy_match.storage.sweep_load import SweepLoad
from policy_match.sweep.decision import Decision
from policy_match.sweep.kept import ChangedRow, KeptPolicy, KeptSweep, RowKey, Standing, SweepIdentity, SweepOpening
from policy_match.sweep.match import Match
from policy_match.values import Outcome, PolicyId, SweepId, Uscc

SWEEP_LOCK = 0x706D_7377
MOST_ROWS = 100_000
"""The largest page that a caller may ask for."""


class SweepStore:
    """The sweeps that are kept."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self, identity: SweepIdentity) -> KeptSweep | None:
        """Wait for the right to keep a sweep until the transaction ends; return the sweep if it is kept already.

        Raises `DatabaseBusy` when another sweep is being kept for longer than the lock timeout.
        """
        self._session.run("lock_sweeps", purpose=SWEEP_LOCK)
        return self.find(identity.sweep_id)

    def load(self, identity: SweepIdentity) -> SweepLoad:
        """Begin to load a sweep that `claim` did not find. Its rules and snapshot are kept in the same transaction."""
        return SweepLoad(self._session, identity)

    def find(self, sweep_id: SweepId) -> KeptSweep | None:
        """Return one sweep with its counts."""
        row = self._session.one("sweep_by_id", sweep_id=sweep_id)
        return None if row is None else self._kept(row)

    def recent(self, most: int, *, before: int | None = None) -> Sequence[KeptSweep]:
        """Return the sweeps kept last, or last before the one of a number, latest first."""
        return [self._kept(row) for row in self._session.all("recent_sweeps", before=before, most=_page(most))]

    def openings(self, sweep_id: SweepId, most: int) -> Sequence[SweepOpening]:
        """Return the runs that opened cases of a sweep, the latest first."""
        return [SweepOpening(**row) for row in self._session.all("openings_of_sweep", sweep_id=sweep_id, most=most)]

    def missing_counts(self, sweep_id: SweepId) -> Mapping[int, Mapping[str, int]]:
        """Return, by the policy's place and by fact, how many undetermined decisions name the fact as missing."""
        counts: dict[int, dict[str, int]] = {}
        for row in self._session.all("missing_counts", sweep_id=sweep_id):
            counts.setdefault(row["place"], {})[row["fact"]] = int(row["named"])
        return counts

    def decisions_of_firm(self, sweep_id: SweepId, uscc: Uscc) -> Sequence[Decision]:
        """Return the kept decisions of one firm and its records, by policy."""
        rows = self._session.all("decisions_of_firm", sweep_id=sweep_id, uscc=uscc)
        return [_decision(row, row["policy_id"], row["label"]) for row in rows]

    def decisions_of_policy(
        self, sweep_id: SweepId, policy_id: PolicyId, *, after: RowKey | None = None, most: int
    ) -> Sequence[Decision]:
        """Return a page of one policy's kept decisions, in order of code and record, after a given row."""
        number, policy = self._place(sweep_id, policy_id)
        after = after or RowKey(uscc=Uscc(""))
        rows = self._session.all(
            "decisions_of_policy",
            number=number,
            place=policy.place,
            after_uscc=after.uscc,
            after_record=after.record_id,
            most=_page(most),
        )
        return [_decision(row, policy_id, policy.label) for row in rows]

    def changed_rows(
        self, before: SweepId, after: SweepId, policy_id: PolicyId, *, from_row: RowKey | None = None, most: int
    ) -> Sequence[ChangedRow]:
        """Return a page of rows whose outcome or amount differs, for a policy that both sweeps decided."""
        places = self._two_places(before, after, policy_id)
        from_row = from_row or RowKey(uscc=Uscc(""))
        rows = self._session.all(
            "changed_rows", **places, after_uscc=from_row.uscc, after_record=from_row.record_id, most=_page(most)
        )
        return [
            ChangedRow(
                key=RowKey(uscc=row["uscc"], record_id=row["record_id"]),
                before=_standing(row["before_outcome"], row["before_amount_fen"], row["before_facts"]),
                after=_standing(row["after_outcome"], row["after_amount_fen"], row["after_facts"]),
            )
            for row in rows
        ]

    def count_changed_amounts(self, before: SweepId, after: SweepId, policy_id: PolicyId) -> tuple[int, int]:
        """Return how many rows are eligible in both sweeps with another amount, and the fen added in all."""
        row = self._session.one("count_changed_amounts", **self._two_places(before, after, policy_id))
        assert row is not None
        return row["changed"], int(row["added_fen"])

    def _kept(self, row: Row) -> KeptSweep:
        policies = self._session.all("policies_of_sweep", number=row["number"])
        identity = SweepIdentity(snapshot_id=row["snapshot_id"], rules=row["rules"], as_of=row["as_of"])
        return KeptSweep(
            number=row["number"],
            sweep_id=row["sweep_id"],
            identity=identity,
            engine=row["engine"],
            truth=row["truth"],
            kept_at=row["kept_at"],
            policies=[_kept_policy(policy) for policy in policies],
        )

    def _place(self, sweep_id: SweepId, policy_id: PolicyId) -> tuple[int, KeptPolicy]:
        row = self._session.one("sweep_by_id", sweep_id=sweep_id)
        policy = None if row is None else self._kept(row).policy(policy_id)
        assert row is not None and policy is not None, "the caller found the policy in the kept sweep"
        return row["number"], policy

    def _two_places(self, before: SweepId, after: SweepId, policy_id: PolicyId) -> Mapping[str, int]:
        before_number, before_policy = self._place(before, policy_id)
        after_number, after_policy = self._place(after, policy_id)
        return {
            "before": before_number,
            "before_place": before_policy.place,
            "after": after_number,
            "after_place": after_policy.place,
        }


def _page(most: int) -> int:
    assert 0 < most <= MOST_ROWS, f"a page has 1 to {MOST_ROWS} rows"
    return most


def _kept_policy(row: Row) -> KeptPolicy:
    return KeptPolicy(
        place=row["place"],
        policy_id=row["policy_id"],
        label=row["label"],
        grain=row["grain"],
        version=row["version"],
        total=row["total"],
        eligible=row["eligible"],
        ineligible=row["ineligible"],
        undetermined=row["undetermined"],
        amount_fen=int(row["amount_fen"]),
        matches=None if row["matches"] is None else Match(row["matches"]),
    )


def _decision(row: Row, policy_id: PolicyId, label: str) -> Decision:
    return Decision(
        policy_id=policy_id,
        version=label,
        uscc=row["uscc"],
        record_id=row["record_id"],
        outcome=Outcome(row["outcome"]),
        amount_fen=row["amount_fen"],
        missing=tuple(row["facts"] or ()),
    )


def _standing(outcome: str | None, amount_fen: int | None, facts: Sequence[str] | None) -> Standing | None:
    if outcome is None:
        return None
    return Standing(outcome=Outcome(outcome), amount_fen=amount_fen, missing=tuple(facts or ()))
