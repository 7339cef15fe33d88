"""Windows, reminders, and what is due when, as services need them.

Guarantees that services know no adapter, and that every page has a limit. The implementation is in `storage`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from policy_match.cases.deadlines import Point
from policy_match.cases.model import Status
from policy_match.ledger.accounts import LineId
from policy_match.notices.model import NoticeStatus
from policy_match.values import Digest, PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowKey:
    """A place in the order of windows: by their last day, then by case."""

    deadline: date
    case_id: int


FIRST_WINDOW = WindowKey(deadline=date.min, case_id=0)
"""Before all windows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LateWindow:
    """A window whose firm was first told of it on a later day than that of the step that opened it."""

    key: WindowKey
    told_on: date
    confirm_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """A window that shall end later."""

    case_id: int
    until: date
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminded:
    """How many reminders a page wrote, and its last window; `None` when there was none."""

    added: int
    last: WindowKey | None


class Due(StrEnum):
    """What has a last day: the firm's answer; one past, of which the firm was not told; publicity; an objection."""

    ANSWER = "answer"
    NOT_REACHED = "not_reached"
    PUBLICITY = "publicity"
    OBJECTION = "objection"


DueKey = tuple[date, int, int]
"""A place in the order of what is due: its last day, its case, and the number of its objection, 0 for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DueLine:
    """One case with a last day. `objection` is its number; `notice` how far the notice of the window got, if any."""

    what: Due
    due: date
    case_id: int
    objection: int | None
    policy_id: PolicyId
    version: Digest
    uscc: Uscc
    name: str
    amount_fen: int
    notice: NoticeStatus | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DueCount:
    """How many cases of a policy version have a last day that is over (`late`) or near, and their money in fen."""

    what: Due
    policy_id: PolicyId
    version: Digest
    first: date
    late: int
    late_fen: int
    soon: int
    soon_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CutOffCount:
    """Unpaid cases of a policy version in one status, and those that cannot be ordered by the cut-off any more."""

    policy_id: PolicyId
    version: Digest
    status: Status
    cases: int
    amount_fen: int
    late: int
    late_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CutOffLine:
    """What was granted from a budget line and is not ordered, and what the line has left, in fen."""

    line: LineId
    label: str
    cases: int
    amount_fen: int
    available_fen: int


class DeadlineStore(Protocol):
    """Windows, reminders, and what is due when."""

    def late_windows(self, *, after: WindowKey, most: int) -> Sequence[LateWindow]:
        """Return a page of open windows that silence gives up and of which the firm was told late, in their order."""

    def extend(self, extensions: Sequence[Extension], *, at: datetime, by: str) -> int:
        """Extend windows that are still open and end earlier; return how many."""

    def not_reached(self, today: date) -> tuple[int, int]:
        """Return how many windows are over of which the firm was not told, so that silence gives up nothing; and fen.

        The firm hears of a window by a notice that did not come back.
        """

    def last_days(self, today: date) -> Sequence[date]:
        """Return the last days, today or later, of the windows that are open."""

    def reminder_days(self) -> frozenset[int]:
        """Return every number of working days left at which a policy with cases reminds."""

    def remind(self, points: Sequence[Point], *, after: WindowKey, at: datetime, most: int) -> Reminded:
        """Remind a page of firms that were told and have not answered, in the order of their windows.

        Of the points that its policy has and that lie after the day on which its last day was set, a firm is reminded
        of the nearest, once.
        """

    def remind_of_accounts(self, case_ids: Sequence[int], points: Sequence[Point], *, at: datetime) -> int:
        """Remind the firms of cases that are still returned of the nearest point, each once; return how many.

        Points that had come when the payment came back do not count.
        """

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
        """Return cases whose last day is on or before `by`, the earliest first, from behind one; `None` is all."""

    def due_counts(self, *, by: date, today: date) -> Sequence[DueCount]:
        """Return how many cases have a last day on or before `by`, by what and by policy version."""

    def cut_off_counts(
        self, *, cut_off: date, today: date, publicity_ends: Mapping[int, date | None]
    ) -> Sequence[CutOffCount]:
        """Return the unpaid cases that are due by the cut-off, by policy version and status.

        Late are those whose payment cannot be ordered by then although everybody acts today. `publicity_ends`: when a
        display that begins today ends, by its working days; `None` after the cut-off.
        """

    def cut_off_lines(self, year: int) -> Sequence[CutOffLine]:
        """Return the lines of a budget year from which something was granted that is not ordered."""
