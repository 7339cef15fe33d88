"""Steps of cases: events in, state moved by the triggers; never a statement per case.

Guarantees that a step which somebody else overtook is left out, not forced. Whether a single step is allowed is
`cases.apply`; the steps of many cases carry the same guards in their SQL, and tests compare the two.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from policy_match.cases.model import Case, CaseEvent, Route, Status
from policy_match.cases.transitions import AFTER
from policy_match.policy.model import Silence
from policy_match.ports.cases import SilenceEnded
from policy_match.ports.deadlines import WindowKey
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId

STEPS_LOCK = 0x706D_6373


class StepStore:
    """Steps of cases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self) -> None:
        """Wait for the right to take steps of many cases until the transaction ends."""
        self._session.run("lock_case_steps", purpose=STEPS_LOCK)

    def cases(self, case_ids: Sequence[int]) -> Sequence[Case]:
        """Return the cases of these numbers that there are, as they stand, by number."""
        return [_case(row) for row in self._session.all("cases_by_number", case_ids=list(case_ids))]

    def recheck_days(self, case_id: int) -> int:
        """Return within how many working days an objection to the case is answered."""
        row = self._session.one("recheck_days_of_case", case_id=case_id)
        assert row is not None, "the caller found the case"
        days: int = row["recheck_days"]
        return days

    def with_live_twin(self, case_ids: Sequence[int]) -> frozenset[int]:
        """Return those of the cases beside which another live case of the same benefit stands."""
        return frozenset(row["case_id"] for row in self._session.all("cases_with_twin", case_ids=list(case_ids)))

    def add(self, steps: Sequence[tuple[Case, CaseEvent]], about: str = "") -> frozenset[int]:
        """Write events that `apply` allowed on these cases; return the cases taken.

        A case that somebody else moved meanwhile is left out.
        """
        rows = self._session.all(
            "add_case_events",
            case_ids=[case.case_id for case, _ in steps],
            seqs=[case.seq + 1 for case, _ in steps],
            events=[event.event.value for _, event in steps],
            befores=[case.status.value for case, _ in steps],
            afters=[AFTER[case.route, case.status, event.event].value for case, event in steps],
            amounts=[event.amount_fen for _, event in steps],
            deadlines=[event.deadline for _, event in steps],
            ats=[event.at for _, event in steps],
            bys=[event.by for _, event in steps],
            reasons=[event.reason for _, event in steps],
            about=about,
        )
        return frozenset(row["case_id"] for row in rows)

    def windows(self) -> frozenset[int]:
        """Return every number of working days that policies with cases give for answers and publicity."""
        return frozenset(row["days"] for row in self._session.all("windows_of_policies"))

    def notify(
        self, deadlines: Mapping[int, date], *, today: date, at: datetime, by: str, policy: PolicyId | None, most: int
    ) -> int:
        """Notify a page of the firms whose turn it is, with the deadline by number of days; return how many."""
        return _taken(
            self._session.one(
                "notify_cases",
                days=list(deadlines.keys()),
                deadlines=list(deadlines.values()),
                today=today,
                at=at,
                by=by,
                policy_id=policy,
                most=most,
            )
        )

    def publish(
        self, deadlines: Mapping[int, date], *, at: datetime, by: str, policy: PolicyId | None, most: int
    ) -> int:
        """Publish a page of approved cases whose policy asks for publicity; return how many."""
        return _taken(
            self._session.one(
                "publish_cases",
                days=list(deadlines.keys()),
                deadlines=list(deadlines.values()),
                at=at,
                by=by,
                policy_id=policy,
                most=most,
            )
        )

    def end_silence(self, *, today: date, after: WindowKey, at: datetime, by: str, most: int) -> SilenceEnded:
        """Let silence do what the policy says in a page of cases whose deadline is over, in the order of windows.

        Nothing is given up by a firm that was not told of the window until its last day.
        """
        row = self._session.one(
            "end_silence", today=today, after_day=after.deadline, after=after.case_id, at=at, by=by, most=most
        )
        assert row is not None, "a count has one row"
        found = row["deadline"] is not None
        return SilenceEnded(
            lapsed=row["lapsed"],
            accepted=row["accepted"],
            last=WindowKey(deadline=row["deadline"], case_id=row["case_id"]) if found else None,
        )

    def close_informed(self, *, before: datetime, at: datetime, by: str, most: int) -> int:
        """Close a page of cases whose firm was informed before then; return how many."""
        return _taken(self._session.one("close_informed", before=before, at=at, by=by, most=most))


def _taken(row: Row | None) -> int:
    assert row is not None, "a count has one row"
    taken: int = row["taken"]
    return taken


def _case(row: Row) -> Case:
    return Case(
        case_id=row["case_id"],
        policy_id=row["policy_id"],
        version=row["version"],
        uscc=row["uscc"],
        record_id=row["record_id"],
        period=row["period"],
        instalment=row["instalment"],
        route=Route(row["route"]),
        status=Status(row["status"]),
        seq=row["seq"],
        amount_fen=row["amount_fen"],
        deadline=row["deadline"],
        publicity_days=row["publicity_days"],
        confirm_days=row["confirm_days"],
        silence=Silence(row["silence"]),
    )
