"""Windows, reminders, and what is due when: a statement for each page, never one for each case.

Guarantees, with the schema, that each reminder is written once. Which points have come and how far a window is
extended, the calendar says: `services`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from policy_match.cases.deadlines import Point
from policy_match.cases.model import Status
from policy_match.notices.model import NoticeStatus
from policy_match.ports.deadlines import (
    CutOffCount,
    CutOffLine,
    Due,
    DueCount,
    DueKey,
    DueLine,
    Extension,
    LateWindow,
    Reminded,
    WindowKey,
)
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId


class DeadlineStore:
    """Windows, reminders, and what is due when."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def late_windows(self, *, after: WindowKey, most: int) -> Sequence[LateWindow]:
        """Return a page of open windows that silence gives up and of which the firm was told late, in their order."""
        rows = self._session.all("late_windows", after_day=after.deadline, after=after.case_id, most=most)
        return [
            LateWindow(
                key=WindowKey(deadline=row["deadline"], case_id=row["case_id"]),
                told_on=row["told_on"],
                confirm_days=row["confirm_days"],
            )
            for row in rows
        ]

    def extend(self, extensions: Sequence[Extension], *, at: datetime, by: str) -> int:
        """Extend windows that are still open and end earlier; return how many."""
        row = self._session.one(
            "extend_windows",
            case_ids=[each.case_id for each in extensions],
            untils=[each.until for each in extensions],
            reasons=[each.reason for each in extensions],
            at=at,
            by=by,
        )
        return _count(row, "taken")

    def not_reached(self, today: date) -> tuple[int, int]:
        """Return how many windows are over of which the firm was not told, and their money in fen."""
        row = self._session.one("windows_not_reached", today=today)
        return _count(row, "cases"), _count(row, "amount_fen")

    def last_days(self, today: date) -> Sequence[date]:
        """Return the last days, today or later, of the windows that are open."""
        return [row["deadline"] for row in self._session.all("last_days_of_windows", today=today)]

    def reminder_days(self) -> frozenset[int]:
        """Return every number of working days left at which a policy with cases reminds."""
        return frozenset(row["days"] for row in self._session.all("reminder_days"))

    def remind(self, points: Sequence[Point], *, after: WindowKey, at: datetime, most: int) -> Reminded:
        """Remind a page of firms that were told and have not answered, in the order of their windows."""
        row = self._session.one(
            "remind_windows",
            last_days=[point.last for point in points],
            days=[point.days for point in points],
            due_ons=[point.due_on for point in points],
            after_day=after.deadline,
            after=after.case_id,
            at=at,
            most=most,
        )
        assert row is not None, "a count has one row"
        found = row["deadline"] is not None
        last = WindowKey(deadline=row["deadline"], case_id=row["case_id"]) if found else None
        return Reminded(added=row["added"], last=last)

    def remind_of_accounts(self, case_ids: Sequence[int], points: Sequence[Point], *, at: datetime) -> int:
        """Remind the firms of cases that are still returned of the nearest point, each once; return how many."""
        row = self._session.one(
            "remind_of_accounts",
            case_ids=list(case_ids),
            days=[point.days for point in points],
            due_ons=[point.due_on for point in points],
            at=at,
        )
        return _count(row, "added")

    def due(
        self,
        *,
        by: date,
        today: date,
        what: Due | None = None,
        policies: Sequence[PolicyId] | None = None,
        after: DueKey | None = None,
        most: int,
    ) -> Sequence[DueLine]:
        """Return cases whose last day is on or before `by`, the earliest first, from behind a given one."""
        after_due, after_case, after_objection = after or (None, None, None)
        rows = self._session.all(
            "due_cases",
            by=by,
            today=today,
            what=None if what is None else what.value,
            policies=None if policies is None else list(policies),
            after_due=after_due,
            after_case=after_case,
            after_objection=after_objection,
            most=most,
        )
        return [_due_line(row) for row in rows]

    def due_counts(self, *, by: date, today: date) -> Sequence[DueCount]:
        """Return how many cases have a last day on or before `by`, by what and by policy version."""
        return [
            DueCount(
                what=Due(row["what"]),
                policy_id=row["policy_id"],
                version=row["version"],
                first=row["first"],
                late=row["late"],
                late_fen=row["late_fen"],
                soon=row["soon"],
                soon_fen=row["soon_fen"],
            )
            for row in self._session.all("due_counts", by=by, today=today)
        ]

    def cut_off_counts(
        self, *, cut_off: date, today: date, publicity_ends: Mapping[int, date | None]
    ) -> Sequence[CutOffCount]:
        """Return the unpaid cases that are due by the cut-off, by policy version and status."""
        rows = self._session.all(
            "cut_off_counts",
            cut_off=cut_off,
            today=today,
            days=list(publicity_ends.keys()),
            ends=list(publicity_ends.values()),
        )
        return [
            CutOffCount(
                policy_id=row["policy_id"],
                version=row["version"],
                status=Status(row["status"]),
                cases=row["cases"],
                amount_fen=row["amount_fen"],
                late=row["late"],
                late_fen=row["late_fen"],
            )
            for row in rows
        ]

    def cut_off_lines(self, year: int) -> Sequence[CutOffLine]:
        """Return the lines of a budget year from which something was granted that is not ordered."""
        return [
            CutOffLine(
                line=row["line"],
                label=row["label"],
                cases=row["cases"],
                amount_fen=row["amount_fen"],
                available_fen=row["available_fen"],
            )
            for row in self._session.all("cut_off_lines", year=year)
        ]


def _count(row: Row | None, name: str) -> int:
    assert row is not None, "a count has one row"
    found: int = row[name]
    return found


def _due_line(row: Row) -> DueLine:
    return DueLine(
        what=Due(row["what"]),
        due=row["due"],
        case_id=row["case_id"],
        objection=row["objection"],
        policy_id=row["policy_id"],
        version=row["version"],
        uscc=row["uscc"],
        name=row["name"],
        amount_fen=row["amount_fen"],
        notice=None if row["notice"] is None else NoticeStatus(row["notice"]),
    )
