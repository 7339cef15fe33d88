"""Objections to cases and their answers, each with the step of its case.

Guarantees, with the schema, that an objection is answered once and by nobody who approved the case. Who may lodge and
decide is `cases.objection`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from policy_match.cases.approval import FIRM_PREFIX, SYSTEM, Act, Stage, Task
from policy_match.cases.history import ObjectionLine
from policy_match.cases.objection import Objection, ObjectionDecision
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId


class ObjectionStore:
    """Objections."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lodge(self, objection: Objection) -> int:
        """Keep an objection and return its number."""
        row = self._session.one(
            "add_objection",
            case_id=objection.case_id,
            lodged_by=objection.lodged_by,
            ground=objection.grounds,
            due=objection.answer_due,
            at=objection.lodged_at,
        )
        assert row is not None
        number: int = row["objection_id"]
        return number

    def open_on(self, case_id: int) -> Mapping[int, Objection]:
        """Return the objections to a case that are not answered, by number."""
        return {
            row["objection_id"]: Objection(
                case_id=row["case_id"],
                lodged_by=row["lodged_by"],
                lodged_at=row["at"],
                grounds=row["ground"],
                answer_due=row["due"],
            )
            for row in self._session.all("open_objections", case_id=case_id)
        }

    def acts(self, case_id: int) -> Sequence[Act]:
        """Return who reviewed, approved and ordered the case, people only."""
        return [
            Act(stage=Stage(task=Task(row["task"]), number=row["number"]), person=row["person"])
            for row in self._session.all("acts_on_case", case_id=case_id)
            if row["person"] != SYSTEM and not row["person"].startswith(FIRM_PREFIX)
        ]

    def entitled_fen(self, case_id: int) -> int:
        """Return the amount with which the case was opened."""
        row = self._session.one("opened_amount", case_id=case_id)
        assert row is not None, "the caller found the case"
        fen: int = row["entitled_fen"]
        return fen

    def answer(self, objections: Collection[int], decision: ObjectionDecision) -> None:
        """Keep one answer to all these objections."""
        self._session.run(
            "answer_objections",
            objections=list(objections),
            outcome=decision.outcome.value,
            amount_fen=decision.amount_fen,
            reason=decision.grounds,
            by=decision.decided_by,
            at=decision.decided_at,
        )

    def unanswered(
        self, *, due_before: date | None, policies: Collection[PolicyId] | None, after: int, most: int
    ) -> Sequence[ObjectionLine]:
        """Return a page of objections without an answer by number, of cases of these policies that wait for it."""
        within = None if policies is None else sorted(policies)
        rows = self._session.all(
            "unanswered_objections", due_before=due_before, policies=within, after=after, most=most
        )
        return [objection_line(row) for row in rows]

    def objection(self, objection_id: int) -> ObjectionLine | None:
        """Return one objection."""
        row = self._session.one("objection_by_number", objection_id=objection_id)
        return None if row is None else objection_line(row)


def objection_line(row: Row) -> ObjectionLine:
    """Return one objection as people read it."""
    return ObjectionLine(
        objection_id=row["objection_id"],
        case_id=row["case_id"],
        policy_id=row["policy_id"],
        uscc=row["uscc"],
        lodged_by=row["lodged_by"],
        ground=row["ground"],
        due=row["due"],
        at=row["at"],
        outcome=row["outcome"],
        answered_by=row["answered_by"],
        answered_at=row["answered_at"],
        answer=row["answer"],
    )
