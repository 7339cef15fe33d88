"""Openings, cases and what happens to them: one store for each part, on the same transaction.

Guarantees nothing of its own; each part says what it guarantees.
"""

from policy_match.storage.appeal_store import AppealStore
from policy_match.storage.case_history import HistoryStore
from policy_match.storage.case_steps import StepStore
from policy_match.storage.objection_store import ObjectionStore
from policy_match.storage.opening_store import OpeningStore
from policy_match.storage.prior_aid_store import PriorAidStore
from policy_match.storage.recheck_store import RecheckStore
from policy_match.storage.session import Session


class CaseStore:
    """Openings, cases and their events, rechecks, objections, appeals."""

    openings: OpeningStore
    steps: StepStore
    rechecks: RecheckStore
    objections: ObjectionStore
    appeals: AppealStore
    prior_aid: PriorAidStore
    history: HistoryStore

    def __init__(self, session: Session) -> None:
        self._session = session
        self.openings = OpeningStore(session)
        self.steps = StepStore(session)
        self.rechecks = RecheckStore(session)
        self.objections = ObjectionStore(session)
        self.appeals = AppealStore(session)
        self.prior_aid = PriorAidStore(session)
        self.history = HistoryStore(session)

    def refresh_statistics(self) -> None:
        """Let the planner know of a large step at once."""
        self._session.run("refresh_statistics")
