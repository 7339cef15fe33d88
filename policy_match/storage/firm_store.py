"""What a firm's own requests read. Every query names the firm; row security shows them no other's rows besides.

Guarantees that nothing is written, and that columns which name staff are not asked for.
"""

from collections.abc import Sequence
from datetime import date

from policy_match.cases.firm_view import (
    FirmAttempt,
    FirmAttemptStep,
    FirmCase,
    FirmFigures,
    FirmFile,
    FirmObjection,
    FirmRecovery,
    FirmStep,
    KeptBy,
    StatedContact,
    StatedPayee,
)
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.opening import Alternative, EntitledRow, EntitlementOutcome
from policy_match.notices.model import Channel
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.recovery import RecoveryKind
from policy_match.policy.model import PayeeKind, Silence
from policy_match.ports.cases import Appeal, AppealReplay
from policy_match.reports.reviews import Suggestion
from policy_match.storage.entitlement_steps import read_steps
from policy_match.storage.review_store import suggestion_line
from policy_match.storage.session import Row, Session
from policy_match.sweep.kept import RowKey, SweepIdentity
from policy_match.values import Digest, SweepId, Uscc

MOST_OBJECTIONS = 1_000
"""The most objections to one case that its file shows."""


class FirmStore:
    """One firm's cases, decisions, objections, appeals, accounts and suggestions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def figures(self, uscc: Uscc, today: date) -> FirmFigures:
        """Return what the firm is owed, what waits for it today, and what was paid."""
        row = self._session.one("firm_figures", uscc=uscc, today=today)
        assert row is not None, "sums have one row"
        return FirmFigures(**row)

    def cases(
        self, uscc: Uscc, *, status: Status | None, after: int, most: int, waiting_on: date | None = None
    ) -> Sequence[FirmCase]:
        """Return a page of the firm's cases by number, after a given one; all, or those that wait for it on a day."""
        wanted = None if status is None else status.value
        rows = self._session.all(
            "firm_cases", uscc=uscc, status=wanted, waiting_on=waiting_on, case_id=None, after=after, most=most
        )
        return [_case(row) for row in rows]

    def file(self, uscc: Uscc, case_id: int) -> FirmFile | None:
        """Return everything about one case of the firm; `None` when it has no such case."""
        case = self._session.one(
            "firm_cases", uscc=uscc, status=None, waiting_on=None, case_id=case_id, after=0, most=1
        )
        origin = self._session.one("firm_case_origin", uscc=uscc, case_id=case_id)
        if case is None or origin is None:
            return None
        objections = self._session.all("firm_objections", uscc=uscc, case_id=case_id, after=0, most=MOST_OBJECTIONS)
        return FirmFile(
            case=_case(case),
            wants_letter=origin["wants_letter"],
            opened_at=origin["at"],
            entitlement=EntitledRow(
                place=origin["place"],
                uscc=uscc,
                record_id=case["record_id"],
                decided_fen=origin["decided_fen"],
                entitled_fen=origin["entitled_fen"],
                outcome=EntitlementOutcome(origin["outcome"]),
                steps=read_steps(origin["steps"]),
            ),
            alternatives=tuple(
                Alternative(
                    uscc=uscc,
                    number=row["number"],
                    total_fen=row["total_fen"],
                    chosen=tuple((each["policy"], each["record"], each["fen"]) for each in row["chosen"]),
                )
                for row in self._session.all("alternatives_of_firm", opening=origin["opening"], uscc=uscc)
            ),
            steps=tuple(_step(row) for row in self._session.all("firm_case_steps", uscc=uscc, case_id=case_id)),
            objections=tuple(_objection(row) for row in objections),
            attempts=self._attempts(uscc, case_id),
            recoveries=tuple(
                FirmRecovery(**{**row, "kind": RecoveryKind(row["kind"])})
                for row in self._session.all("firm_recoveries", uscc=uscc, case_id=case_id)
            ),
        )

    def decided_by(self, uscc: Uscc, case_id: int) -> KeptBy | None:
        """Return the sweep that a case of the firm was opened from."""
        row = self._session.one("firm_case_origin", uscc=uscc, case_id=case_id)
        return None if row is None else _kept_by(row)

    def newest_sweep(self) -> KeptBy | None:
        """Return the newest of the sweeps from which cases were opened, by the day that they look at."""
        row = self._session.one("newest_released_sweep")
        return None if row is None else _kept_by(row)

    def versions(self, sweep_id: SweepId, most: int) -> Sequence[Digest]:
        """Return the fingerprints of the versions that a sweep decided, by place."""
        return [row["version"] for row in self._session.all("versions_of_sweep", sweep_id=sweep_id, most=most)]

    def objections(self, uscc: Uscc, *, after: int, most: int) -> Sequence[FirmObjection]:
        """Return a page of the objections to the firm's cases, by number."""
        rows = self._session.all("firm_objections", uscc=uscc, case_id=None, after=after, most=most)
        return [_objection(row) for row in rows]

    def appeals(self, uscc: Uscc, *, after: int, most: int) -> Sequence[Appeal]:
        """Return a page of the firm's appeals, by number."""
        rows = self._session.all("firm_appeals", uscc=uscc, appeal_id=None, after=after, most=most)
        return [_appeal(row) for row in rows]

    def appeal(self, uscc: Uscc, appeal_id: int) -> tuple[Appeal, AppealReplay | None] | None:
        """Return one appeal of the firm, with its replay; who replayed it is not said."""
        row = self._session.one("firm_appeals", uscc=uscc, appeal_id=appeal_id, after=0, most=1)
        if row is None:
            return None
        replay = None
        if row["old"] is not None:
            replay = AppealReplay(
                appeal_id=appeal_id,
                old=row["old"],
                corrected=row["replayed"],
                same_as_kept=row["same_as_kept"],
                digest=row["digest"],
                at=row["replayed_at"],
                by="",
            )
        return _appeal(row), replay

    def accounts(self, uscc: Uscc) -> Sequence[StatedPayee]:
        """Return the firm's account of each purpose and source, the newest of each."""
        return [
            StatedPayee(**{**row, "purpose": PayeeKind(row["purpose"])})
            for row in self._session.all("firm_accounts", uscc=uscc)
        ]

    def suggestions(self, uscc: Uscc, *, after: int, most: int) -> Sequence[Suggestion]:
        """Return a page of what the firm suggested, by number."""
        rows = self._session.all("firm_suggestions", uscc=uscc, after=after, most=most)
        return [suggestion_line(row) for row in rows]

    def contacts(self, uscc: Uscc) -> Sequence[StatedContact]:
        """Return the newest address of each channel and source, masked."""
        return [
            StatedContact(**{**row, "channel": Channel(row["channel"])})
            for row in self._session.all("firm_contacts", uscc=uscc)
        ]

    def _attempts(self, uscc: Uscc, case_id: int) -> tuple[FirmAttempt, ...]:
        steps = [
            (
                row["attempt_id"],
                FirmAttemptStep(
                    event=AttemptEvent(row["event"]),
                    after=AttemptStatus(row["after"]),
                    reason_code=row["reason_code"],
                    at=row["at"],
                ),
            )
            for row in self._session.all("firm_attempt_steps", uscc=uscc, case_id=case_id)
        ]
        return tuple(
            FirmAttempt(
                **{**row, "status": AttemptStatus(row["status"])},
                steps=tuple(step for attempt, step in steps if attempt == row["attempt_id"]),
            )
            for row in self._session.all("firm_attempts", uscc=uscc, case_id=case_id)
        )


def _case(row: Row) -> FirmCase:
    return FirmCase(
        **{
            **row,
            "route": Route(row["route"]),
            "status": Status(row["status"]),
            "silence": Silence(row["silence"]),
            "payee": PayeeKind(row["payee"]),
        }
    )


def _step(row: Row) -> FirmStep:
    words = {"event": Event(row["event"]), "before": Status(row["before"]), "after": Status(row["after"])}
    return FirmStep(**{**row, **words})


def _objection(row: Row) -> FirmObjection:
    return FirmObjection(**row)


def _kept_by(row: Row) -> KeptBy:
    identity = SweepIdentity(snapshot_id=row["snapshot_id"], rules=row["rules"], as_of=row["as_of"])
    return KeptBy(sweep_id=row["sweep_id"], identity=identity)


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
