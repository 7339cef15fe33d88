"""Tells staff of dates before they come: the end of a policy, its review, and the last day of the year for orders.

Guarantees that each person is told of each point once, that after a pause only the nearest point is told, and that a
date of which nobody would hear is itself named. Who is told is a matter of roles: `due_dates.POLICY_ROLE` and
`due_dates.BUDGET_ROLE`, granted as any other role.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.cases.deadlines import Point, calendar_day_points, nearest, working_day_points
from policy_match.cases.model import NoticeKind
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.notices.fields import NewNotice
from policy_match.policy.model import RuleBook
from policy_match.ports import Clock, Database
from policy_match.ports.deadlines import CutOffLine
from policy_match.services.due_dates import BUDGET_ROLE, people_by_role, people_of
from policy_match.values import PolicyId

POLICY_DAYS = (60, 14)
"""Calendar days before a policy ends or is reviewed: working days of the next year are not known that early."""

CUT_OFF_DAYS = (30, 10, 3)
"""Working days before the last day of the year on which orders are made."""


class DateKind(StrEnum):
    """What comes on a policy's date: its last version ends and none follows, or the department looks at it again."""

    EXPIRY = "expiry"
    REVIEW = "review"


DATE_WORDS: Mapping[DateKind, tuple[str, str]] = {
    DateKind.EXPIRY: ("到期", "the policy ends"),
    DateKind.REVIEW: ("评估", "the policy is to be reviewed"),
}
"""In Chinese and English."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyDate:
    """A day on which something happens to a policy. `people` are told; maybe nobody."""

    policy_id: PolicyId
    title: str
    title_en: str
    department: str
    what: DateKind
    on: date
    people: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Untold:
    """A date that has come near and of which nobody is told, and the role that somebody should hold."""

    about: str
    on: date
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DatesChecked:
    """How many notices to staff were written: of policies, and of budget lines; and the dates with nobody to tell."""

    policies: int
    cut_offs: int
    untold: tuple[Untold, ...]


def policy_dates(database: Database, rules: RuleBook) -> Sequence[PolicyDate]:
    """Return the end and the review day of every policy that has one, past ones too, the earliest first.

    A policy ends with its last version; one whose last version has no end does not.
    """
    with database.unit_of_work() as work:
        people = people_by_role(work)
    return _dates(rules, people)


def check_dates(
    database: Database, calendar: WorkingDays, rules: RuleBook, *, clock: Clock, cut_off: date | None
) -> DatesChecked:
    """Tell staff of the dates that have come near; running again on the same day tells nobody twice.

    Of `cut_off`, the last day of the year on which orders are made, who holds the role `budget` is told, line by line,
    while something granted is not ordered. Raises `WorkingDaysUnknown` before any notice.
    """
    today = china_day(clock.now())
    point = nearest(() if cut_off is None else working_day_points([cut_off], CUT_OFF_DAYS, calendar, today))
    with database.unit_of_work() as work:
        people = people_by_role(work)
        of_policies, untold = _of_policies(_dates(rules, people), today)
        of_lines: list[NewNotice] = []
        lines = [] if point is None else work.deadlines.cut_off_lines(point.last.year)
        if point is not None and lines:
            holders = sorted(people.get(BUDGET_ROLE, ()))
            of_lines = [_of_line(line, point, person) for line in lines for person in holders]
            if not holders:
                untold.append(Untold(about=f"cut-off:{point.last}", on=point.last, role=BUDGET_ROLE))
        policies = work.notices.add(of_policies, clock.now())
        cut_offs = work.notices.add(of_lines, clock.now())
        work.commit()
    return DatesChecked(policies=policies, cut_offs=cut_offs, untold=tuple(untold))


def _dates(rules: RuleBook, people: Mapping[str, Sequence[str]]) -> list[PolicyDate]:
    found = [
        PolicyDate(
            policy_id=policy.id,
            title=policy.title,
            title_en=policy.title_en,
            department=policy.department,
            what=what,
            on=on,
            people=people_of(people, policy.department),
        )
        for policy in rules.policies.values()
        for what, on in (
            (DateKind.EXPIRY, max(policy.versions, key=lambda version: version.in_force.first).in_force.last),
            (DateKind.REVIEW, policy.review_on),
        )
        if on is not None
    ]
    return sorted(found, key=lambda each: (each.on, each.policy_id, each.what))


def _of_policies(dates: Sequence[PolicyDate], today: date) -> tuple[list[NewNotice], list[Untold]]:
    """Return the notices of policies' dates that have come near, and the dates with nobody to tell."""
    notices, untold = [], []
    for each in dates:
        point = nearest(calendar_day_points(each.on, POLICY_DAYS, today))
        if point is None:
            continue
        about = f"policy:{each.policy_id}:{each.what}:{each.on}"
        notices += list(_of_policy(each, f"{about}:{point.about}"))
        if not each.people:
            untold.append(Untold(about=about, on=each.on, role=f"policy:{each.department}"))
    return notices, untold


def _of_policy(each: PolicyDate, about: str) -> Iterator[NewNotice]:
    chinese, english = DATE_WORDS[each.what]
    for person in each.people:
        yield NewNotice(
            recipient=person,
            kind=NoticeKind.POLICY_DATE,
            about=about,
            fields={
                "policy_id": each.policy_id,
                "title": {"zh": each.title, "en": each.title_en or each.title},
                "what": {"zh": chinese, "en": english},
                "on": each.on,
            },
        )


def _of_line(line: CutOffLine, point: Point, person: str) -> NewNotice:
    return NewNotice(
        recipient=person,
        kind=NoticeKind.BUDGET_CUT_OFF,
        about=f"cut-off:{line.line}:{point.last}:{point.about}",
        fields={
            "line": line.line,
            "label": line.label,
            "year": str(point.last.year),
            "cut_off": point.last,
            "cases": line.cases,
            "amount": line.amount_fen,
            "available": line.available_fen,
        },
    )
