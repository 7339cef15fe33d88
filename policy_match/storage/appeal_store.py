"""Appeals against kept decisions, and what the replay of each showed.

Guarantees, with the schema, that an appeal and its first replay stay as they are. Replaying is `services`.
"""

import json
from collections.abc import Collection, Sequence

from policy_match.ports.cases import Appeal, AppealReplay, DecisionTexts
from policy_match.storage.session import Row, Session
from policy_match.sweep.kept import RowKey, Standing
from policy_match.values import Outcome, PolicyId, SweepId


class AppealStore:
    """Appeals."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def texts(self, sweep_id: SweepId, policy_id: PolicyId) -> DecisionTexts | None:
        """Return the rules by which a kept sweep decided one policy; `None` when it did not."""
        row = self._session.one("texts_of_decision", sweep_id=sweep_id, policy_id=policy_id)
        if row is None:
            return None
        return DecisionTexts(rules=row["rules"], catalogue=row["catalogue"], version=row["version"])

    def standing(self, sweep_id: SweepId, policy_id: PolicyId, row: RowKey) -> Standing | None:
        """Return what the sweep kept of one row; `None` is ineligible, or not there."""
        found = self._session.one(
            "decision_of_row", sweep_id=sweep_id, policy_id=policy_id, uscc=row.uscc, record_id=row.record_id
        )
        if found is None:
            return None
        return Standing(
            outcome=Outcome(found["outcome"]), amount_fen=found["amount_fen"], missing=tuple(found["facts"] or ())
        )

    def lodge(self, appeal: Appeal) -> int:
        """Keep an appeal (its number is not looked at) and return its number."""
        row = self._session.one(
            "add_appeal",
            sweep_id=appeal.sweep_id,
            policy_id=appeal.policy_id,
            uscc=appeal.row.uscc,
            record_id=appeal.row.record_id,
            lodged_by=appeal.lodged_by,
            ground=appeal.ground,
            corrected=json.dumps(appeal.corrected, ensure_ascii=False),
            at=appeal.at,
        )
        assert row is not None, "the caller found the sweep"
        number: int = row["appeal_id"]
        return number

    def appeal(self, appeal_id: int) -> Appeal | None:
        """Return one appeal."""
        found = self.appeals(unanswered=False, policies=None, after=appeal_id - 1, most=1)
        return found[0] if found and found[0].appeal_id == appeal_id else None

    def appeals(
        self, *, unanswered: bool, policies: Collection[PolicyId] | None, after: int, most: int
    ) -> Sequence[Appeal]:
        """Return a page of appeals by number, of all policies or of these."""
        within = None if policies is None else sorted(policies)
        rows = self._session.all("appeals", unanswered=unanswered, policies=within, after=after, most=most)
        return [_appeal(row) for row in rows]

    def keep_replay(self, replay: AppealReplay) -> bool:
        """Keep the replay of an appeal; return whether it is the first, which stays."""
        row = self._session.one(
            "add_appeal_replay",
            appeal_id=replay.appeal_id,
            old=replay.old,
            corrected=replay.corrected,
            same_as_kept=replay.same_as_kept,
            digest=replay.digest,
            at=replay.at,
            by=replay.by,
        )
        return row is not None

    def replay(self, appeal_id: int) -> AppealReplay | None:
        """Return the replay of an appeal."""
        row = self._session.one("appeal_replay", appeal_id=appeal_id)
        if row is None:
            return None
        return AppealReplay(
            appeal_id=row["appeal_id"],
            old=row["old"],
            corrected=row["corrected"],
            same_as_kept=row["same_as_kept"],
            digest=row["digest"],
            at=row["at"],
            by=row["by"],
        )


def _appeal(row: Row) -> Appeal:
    return Appeal(
        appeal_id=row["appeal_id"],
        sweep_id=row["sweep_id"],
        policy_id=row["policy_id"],
        row=RowKey(uscc=row["uscc"], record_id=row["record_id"]),
        lodged_by=row["lodged_by"],
        ground=row["ground"],
        corrected=row["corrected"],
        at=row["at"],
    )
