"""Roles, approval lists with the cases on them, and approvals.

Guarantees, with the schema, that nothing of it is ever changed, that a case is on one open list, and that nobody
signs for two stages of one case. Who may do what, and when a list is void, is `services`.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from policy_match.cases.approval import Act, Stage, Task
from policy_match.cases.approval_list import ListedCase, ListHeader
from policy_match.cases.model import Event
from policy_match.identity.principal import Reach
from policy_match.policy.model import ApprovalStage
from policy_match.ports.approvals import (
    Candidate,
    Changed,
    KeptList,
    ListChange,
    ListedRow,
    ListEnd,
    ListNow,
    ListOutcome,
    NewList,
    RoleRow,
    Signature,
    SweepUsed,
)
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId

POLICY_LOCK = 0x706D_706F
ROLES_LOCK = 0x706D_726F
MOST_ROWS = 100_000
"""The largest page that a caller may ask for."""

LISTED = ("list_id", "case_id", "seq", "amount_fen", "allocation")


class ApprovalStore:
    """Roles, approval lists and approvals."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_role(self, row: RoleRow) -> None:
        """Keep that a role was given or taken away."""
        self._session.run(
            "add_role",
            person=row.person,
            role=row.role,
            granted=row.granted,
            at=row.at,
            by=row.by,
            department=row.department,
            jurisdiction=row.jurisdiction,
        )

    def holds(self, person: str, role: str, reach: Reach) -> bool:
        """Return whether the person holds the role now, with exactly this reach."""
        row = self._session.one(
            "holds_role", person=person, role=role, department=reach.department, jurisdiction=reach.jurisdiction
        )
        return row is not None and bool(row["granted"])

    def may_sign(self, person: str, role: str, list_id: int) -> bool:
        """Return whether the person holds the role now, as far as every policy version of a list."""
        row = self._session.one("may_sign", person=person, role=role, list_id=list_id)
        assert row is not None, "a function gives one row"
        return bool(row["reaches"])

    def roles(
        self, *, person: str | None = None, after: tuple[str, str, str, str] | None = None, most: int
    ) -> Sequence[RoleRow]:
        """Return a page of the roles held now, of one person or of all, after given ones."""
        after_person, after_role, after_department, after_jurisdiction = after or ("", "", "", "")
        rows = self._session.all(
            "roles_held",
            person=person,
            after_person=after_person,
            after_role=after_role,
            after_department=after_department,
            after_jurisdiction=after_jurisdiction,
            most=_page(most),
        )
        return [RoleRow(**row) for row in rows]

    def lock_roles(self, person: str) -> None:
        """Wait for the right to change the roles of a person, until the transaction ends."""
        self._session.run("lock_roles", purpose=ROLES_LOCK, person=person)

    def lock_policy(self, policy_id: PolicyId) -> None:
        """Wait for the right to list, approve or allocate cases of a policy, until the transaction ends.

        Raises `DatabaseBusy` when somebody else has it for longer than the lock timeout.
        """
        self._session.run("lock_policy", purpose=POLICY_LOCK, policy_id=policy_id)

    def candidates(
        self, policy_id: PolicyId, *, this_year: int, among: Collection[int] | None = None, most: int
    ) -> Mapping[tuple[int, tuple[ApprovalStage, ...]], Sequence[Candidate]]:
        """Return the first `most` reviewed cases that may be listed, by sweep number and stages, in order."""
        rows = self._session.all(
            "list_candidates",
            policy_id=policy_id,
            this_year=this_year,
            among=None if among is None else list(among),
            most=_page(most),
        )
        groups: dict[tuple[int, str], list[Candidate]] = {}
        for row in rows:
            candidate = Candidate(case=_listed_case(row), allocation=row["allocation"])
            groups.setdefault((row["sweep_number"], row["stages"]), []).append(candidate)
        return {(number, _stages(json.loads(stages))): cases for (number, stages), cases in groups.items()}

    def count_not_ready(self, policy_id: PolicyId, *, this_year: int) -> tuple[int, int]:
        """Return how many reviewed cases wait for budget, and how many others were last found not eligible."""
        row = self._session.one("count_not_ready", policy_id=policy_id, this_year=this_year)
        assert row is not None
        return row["without_budget"], row["not_eligible"]

    def sweep(self, number: int) -> SweepUsed:
        """Return a kept sweep by number."""
        row = self._session.one("sweep_by_number", number=number)
        assert row is not None, "a recheck names a kept sweep"
        return SweepUsed(number=row["number"], sweep=row["sweep_id"], snapshot=row["snapshot_id"])

    def add_list(self, new: NewList, *, at: datetime, by: str) -> int:
        """Keep a list and return its number. Raises `OnAnotherList` when a case is on another open list."""
        row = self._session.one("next_list_number")
        assert row is not None
        list_id: int = row["number"]
        self._session.run(
            "add_approval_list",
            list_id=list_id,
            policy_id=new.policy_id,
            sweep_number=new.sweep_number,
            snapshot_id=new.header.snapshot,
            cases=new.header.count,
            total_fen=new.header.total_fen,
            stages=json.dumps([asdict(stage) for stage in new.stages]),
            digest=new.digest,
            at=at,
            by=by,
        )
        self._session.copy_rows(
            "listed_case",
            LISTED,
            (
                (list_id, each.case.case_id, each.case.seq, each.case.amount_fen, each.allocation)
                for each in new.candidates
            ),
        )
        return list_id

    def find(self, list_id: int) -> KeptList | None:
        """Return a list."""
        row = self._session.one(
            "approval_lists", list_id=list_id, policy_id=None, policies=None, only_open=False, after=0, most=1
        )
        return None if row is None else _kept_list(row)

    def lists(
        self,
        *,
        policy_id: PolicyId | None = None,
        policies: Collection[PolicyId] | None = None,
        only_open: bool = False,
        after: int = 0,
        most: int,
    ) -> Sequence[KeptList]:
        """Return a page of lists by number, after a given one; of one policy, of some, or of all."""
        rows = self._session.all(
            "approval_lists",
            list_id=None,
            policy_id=policy_id,
            policies=None if policies is None else list(policies),
            only_open=only_open,
            after=after,
            most=_page(most),
        )
        return [_kept_list(row) for row in rows]

    def listed(self, list_id: int, *, after: int = 0, most: int) -> Sequence[ListedRow]:
        """Return a page of a list's cases as they were listed, by number, after a given one."""
        rows = self._session.all("listed_cases", list_id=list_id, after=after, most=_page(most))
        return [ListedRow(**row) for row in rows]

    def listed_now(self, list_id: int, *, this_year: int, after: int = 0, most: int) -> ListNow:
        """Return a page of a list's cases as they stand now, by number, after a given one."""
        rows = self._session.all("listed_now", list_id=list_id, this_year=this_year, after=after, most=_page(most))
        return ListNow(
            cases=[_listed_case(row) for row in rows if row["change"] != ListChange.LEFT],
            changed=[
                Changed(case_id=row["case_id"], change=ListChange(row["change"])) for row in rows if row["change"]
            ],
            last_case_id=rows[-1]["case_id"] if rows else None,
        )

    def signatures(self, list_id: int) -> Sequence[Signature]:
        """Return the approvals of a list, first one first."""
        return [Signature(**row) for row in self._session.all("signatures_of_list", list_id=list_id)]

    def acts_of(self, person: str, list_id: int) -> Sequence[Act]:
        """Return the different stages of the list's cases that the person ever took, on any list."""
        rows = self._session.all("acts_on_list", person=person, list_id=list_id)
        return [Act(stage=Stage(task=Task(row["task"]), number=row["number"]), person=person) for row in rows]

    def sign(self, list_id: int, signature: Signature) -> None:
        """Keep an approval. Raises `ListDecided`, `RoleNotHeld` or `TwoStagesRefused`."""
        self._session.run(
            "add_approval",
            list_id=list_id,
            person=signature.person,
            stage=signature.stage,
            role=signature.role,
            digest=signature.digest,
            at=signature.at,
        )

    def end(self, list_id: int, end: ListEnd) -> None:
        """End a list."""
        self._session.run(
            "add_list_end", list_id=list_id, outcome=end.outcome.value, reason=end.reason, at=end.at, by=end.by
        )

    def approve_cases(self, list_id: int, *, at: datetime, by: str) -> int:
        """Approve the list's cases, with the amounts listed, and return how many stood as they were listed."""
        return self._decide(list_id, None, Event.APPROVE, at=at, by=by, reason="")

    def reject_cases(self, list_id: int, cases: Collection[int] | None, *, at: datetime, by: str, reason: str) -> int:
        """Reject some or all of the list's cases and return how many stood as they were listed."""
        return self._decide(list_id, cases, Event.REJECT, at=at, by=by, reason=reason)

    def _decide(
        self, list_id: int, cases: Collection[int] | None, event: Event, *, at: datetime, by: str, reason: str
    ) -> int:
        row = self._session.one(
            "decide_listed",
            list_id=list_id,
            cases=None if cases is None else list(cases),
            event=event.value,
            at=at,
            by=by,
            reason=reason,
        )
        assert row is not None
        return int(row["taken"])


def _page(most: int) -> int:
    assert 0 < most <= MOST_ROWS, f"a page has 1 to {MOST_ROWS} rows"
    return most


def _listed_case(row: Row) -> ListedCase:
    return ListedCase(
        case_id=row["case_id"],
        policy_id=row["policy_id"],
        version=row["version"],
        uscc=row["uscc"],
        record_id=row["record_id"],
        period=row["period"],
        instalment=row["instalment"],
        amount_fen=row["amount_fen"],
        seq=row["seq"],
    )


def _stages(stages: Sequence[Mapping[str, Any]]) -> tuple[ApprovalStage, ...]:
    return tuple(ApprovalStage(role=each["role"], count=each["count"], from_fen=each["from_fen"]) for each in stages)


def _kept_list(row: Row) -> KeptList:
    header = ListHeader(
        snapshot=row["snapshot_id"], sweep=row["sweep_id"], count=row["cases"], total_fen=row["total_fen"]
    )
    end = None
    if row["outcome"] is not None:
        end = ListEnd(outcome=ListOutcome(row["outcome"]), reason=row["reason"], at=row["ended_at"], by=row["ended_by"])
    return KeptList(
        list_id=row["list_id"],
        policy_id=row["policy_id"],
        header=header,
        digest=row["digest"],
        stages=_stages(row["stages"]),
        largest_fen=row["largest_fen"],
        at=row["at"],
        by=row["by"],
        end=end,
    )
