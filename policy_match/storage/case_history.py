"""Cases as people read them: pages of lines, counts, and everything about one.

Guarantees that nothing is written. How it is shown is left to the entry points.
"""

from collections.abc import Mapping, Sequence

from policy_match.cases.history import CaseFile, CaseFilter, CaseLine, EventLine, RecheckLine
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.opening import Alternative, EntitledRow, EntitlementOutcome
from policy_match.cases.rechecking import RecheckOutcome, RecheckPurpose
from policy_match.storage.correction_store import correction_line
from policy_match.storage.entitlement_steps import read_steps
from policy_match.storage.objection_store import objection_line
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId, Uscc


class HistoryStore:
    """Lines and files of cases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lines(self, wanted: CaseFilter, *, after: int, most: int) -> Sequence[CaseLine]:
        """Return a page of cases by number, after a given one."""
        return [_line(row) for row in self._session.all("case_lines", **_given(wanted), after=after, most=most)]

    def counts(self, wanted: CaseFilter) -> Sequence[tuple[PolicyId, Status, int, int]]:
        """Return policy, status, number of cases and fen in all, for what the filter lets through."""
        return [
            (row["policy_id"], Status(row["status"]), row["cases"], row["amount_fen"])
            for row in self._session.all("case_counts", **_given(wanted))
        ]

    def policies_of(self, case_ids: Sequence[int]) -> frozenset[PolicyId]:
        """Return the policies of those of the cases that there are."""
        rows = self._session.all("policies_of_cases", case_ids=list(case_ids))
        return frozenset(row["policy_id"] for row in rows)

    def file(self, case_id: int) -> CaseFile | None:
        """Return everything about one case."""
        origin = self._session.one("case_origin", case_id=case_id)
        if origin is None:
            return None
        (line,) = self.lines(CaseFilter(), after=case_id - 1, most=1)
        return CaseFile(
            case=line,
            version=origin["version"],
            sweep_id=origin["sweep_id"],
            opening=origin["opening"],
            opened_at=origin["at"],
            opened_by=origin["by"],
            entitlement=EntitledRow(
                place=origin["place"],
                uscc=line.uscc,
                record_id=line.record_id,
                decided_fen=origin["decided_fen"],
                entitled_fen=origin["entitled_fen"],
                outcome=EntitlementOutcome(origin["outcome"]),
                steps=read_steps(origin["steps"]),
            ),
            alternatives=self._alternatives(origin["opening"], line.uscc),
            events=tuple(_event(row) for row in self._session.all("events_of_case", case_id=case_id)),
            rechecks=tuple(_recheck(row) for row in self._session.all("rechecks_of_case", case_id=case_id)),
            objections=tuple(objection_line(row) for row in self._session.all("objections_of_case", case_id=case_id)),
            corrections=tuple(
                correction_line(row) for row in self._session.all("corrections_of_case", case_id=case_id)
            ),
        )

    def _alternatives(self, opening: int, uscc: Uscc) -> tuple[Alternative, ...]:
        return tuple(
            Alternative(
                uscc=uscc,
                number=row["number"],
                total_fen=row["total_fen"],
                chosen=tuple((each["policy"], each["record"], each["fen"]) for each in row["chosen"]),
            )
            for row in self._session.all("alternatives_of_firm", opening=opening, uscc=uscc)
        )


def _given(wanted: CaseFilter) -> Mapping[str, object]:
    return {
        "policy_id": wanted.policy_id,
        "uscc": wanted.uscc,
        "status": None if wanted.status is None else wanted.status.value,
        "route": None if wanted.route is None else wanted.route.value,
        "period": wanted.period,
        "due_by": wanted.due_by,
        "found": None if wanted.found is None else wanted.found.value,
        "district": wanted.district,
        "late": wanted.late,
        "case_ids": None if wanted.case_ids is None else list(wanted.case_ids),
        "policies": None if wanted.policies is None else sorted(wanted.policies),
    }


def _line(row: Row) -> CaseLine:
    return CaseLine(
        case_id=row["case_id"],
        policy_id=row["policy_id"],
        uscc=row["uscc"],
        name=row["name"],
        record_id=row["record_id"],
        period=row["period"],
        instalment=row["instalment"],
        instalments=row["instalments"],
        route=Route(row["route"]),
        status=Status(row["status"]),
        amount_fen=row["amount_fen"],
        deadline=row["deadline"],
        due_from=row["due_from"],
        since=row["since"],
    )


def _event(row: Row) -> EventLine:
    return EventLine(
        seq=row["seq"],
        event=Event(row["event"]),
        before=Status(row["before"]),
        after=Status(row["after"]),
        amount_fen=row["amount_fen"],
        deadline=row["deadline"],
        at=row["at"],
        by=row["by"],
        reason=row["reason"],
        about=row["about"],
        digest=row["digest"],
    )


def _recheck(row: Row) -> RecheckLine:
    return RecheckLine(
        number=row["number"],
        purpose=RecheckPurpose(row["purpose"]),
        sweep_id=row["sweep_id"],
        outcome=RecheckOutcome(row["outcome"]),
        amount_fen=row["amount_fen"],
        at=row["at"],
        by=row["by"],
    )
