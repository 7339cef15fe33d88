"""What is due when, and whose it is: answers of firms, displays, objections, and what the end of the year cuts off.

Guarantees that every case with a last day is in a list, the earliest first, and that each list says whose it is: the
department of the policy, and the people who hold its role. Taking the steps is left to other services.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.cases.deadlines import end_within
from policy_match.cases.model import Status
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.policy.decoding import decode_version
from policy_match.policy.model import Policy
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.deadlines import CutOffLine, Due, DueKey, DueLine
from policy_match.services.roles import MOST_ROLES
from policy_match.values import Digest, PolicyId

MOST_LISTED = 10_000
"""The longest list."""

POLICY_ROLE = "policy"
"""Who holds `policy:<department>` looks after the dates of that department's policies; who holds `policy`, of all."""

BUDGET_ROLE = "budget"
"""Who holds it looks after the end of the budget year."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DueGroup:
    """What is due of one kind in one department, late and soon, with its money in fen. `people` may act; maybe nobody.

    `first` is the earliest last day.
    """

    what: Due
    department: str
    people: tuple[str, ...]
    first: date
    late: int
    late_fen: int
    soon: int
    soon_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DueCase:
    """One case with a last day, the title of its policy, and whose it is."""

    line: DueLine
    title: str
    title_en: str
    department: str
    people: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CutOffGroup:
    """Unpaid cases of one policy in one status; `late` cannot be ordered by the cut-off any more. Amounts in fen."""

    policy_id: PolicyId
    title: str
    title_en: str
    department: str
    status: Status
    cases: int
    amount_fen: int
    late: int
    late_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CutOffOutlook:
    """What is unpaid before the last day on which orders are made: cases by policy, granted money by budget line."""

    cut_off: date
    today: date
    groups: tuple[CutOffGroup, ...]
    lines: tuple[CutOffLine, ...]


def due_groups(
    database: Database,
    calendar: WorkingDays,
    *,
    clock: Clock,
    within: int,
    policies: Collection[PolicyId] | None = None,
) -> Sequence[DueGroup]:
    """Return what is late, or due within so many working days, by kind and department: of some policies, or of all.

    Raises `WorkingDaysUnknown`.
    """
    today = china_day(clock.now())
    by = calendar.add_working_days(today, within)
    with database.unit_of_work() as work:
        every = work.deadlines.due_counts(by=by, today=today)
        counts = [each for each in every if policies is None or each.policy_id in policies]
        known = _policies(work, (count.version for count in counts))
        people = people_by_role(work)
    found: dict[tuple[Due, str], DueGroup] = {}
    for count in counts:
        department = known[count.version].department
        key = (count.what, department)
        sofar = found.get(key)
        found[key] = DueGroup(
            what=count.what,
            department=department,
            people=people_of(people, department),
            first=count.first if sofar is None else min(sofar.first, count.first),
            late=count.late + (0 if sofar is None else sofar.late),
            late_fen=count.late_fen + (0 if sofar is None else sofar.late_fen),
            soon=count.soon + (0 if sofar is None else sofar.soon),
            soon_fen=count.soon_fen + (0 if sofar is None else sofar.soon_fen),
        )
    return sorted(found.values(), key=lambda group: (list(Due).index(group.what), group.first, group.department))


def due_cases(
    database: Database,
    calendar: WorkingDays,
    *,
    clock: Clock,
    what: Due,
    within: int,
    department: str | None = None,
    policy: PolicyId | None = None,
    policies: Collection[PolicyId] | None = None,
    after: DueKey | None = None,
    most: int = MOST_LISTED,
) -> Sequence[DueCase]:
    """Return the cases of one kind that are late or due within so many working days, the earliest first.

    Of one department, of one policy, of some, or of all; from behind a place in that order. Raises
    `WorkingDaysUnknown`.
    """
    today = china_day(clock.now())
    by = calendar.add_working_days(today, within)
    with database.unit_of_work() as work:
        wanted = _wanted(policy, policies)
        if department is not None:
            counts = work.deadlines.due_counts(by=by, today=today)
            known = _policies(work, (count.version for count in counts))
            own = {each.id for each in known.values() if each.department == department}
            wanted = sorted(own if wanted is None else own.intersection(wanted))
        lines = work.deadlines.due(
            by=by, today=today, what=what, policies=wanted, after=after, most=min(most, MOST_LISTED)
        )
        known_policies = _policies(work, (line.version for line in lines))
        people = people_by_role(work)
    return [
        DueCase(
            line=line,
            title=known_policies[line.version].title,
            title_en=known_policies[line.version].title_en,
            department=known_policies[line.version].department,
            people=people_of(people, known_policies[line.version].department),
        )
        for line in lines
    ]


def cut_off_outlook(database: Database, calendar: WorkingDays, *, clock: Clock, cut_off: date) -> CutOffOutlook:
    """Return what is unpaid, and what of it cannot be ordered by the cut-off of this year although all act today.

    Raises `WorkingDaysUnknown`.
    """
    today = china_day(clock.now())
    with database.unit_of_work() as work:
        lengths = sorted(work.cases.steps.windows())
        ends = {days: end_within(today, days, cut_off, calendar) for days in lengths}
        counts = work.deadlines.cut_off_counts(cut_off=cut_off, today=today, publicity_ends=ends)
        policies = _policies(work, (count.version for count in counts))
        lines = work.deadlines.cut_off_lines(cut_off.year)
    groups = tuple(
        CutOffGroup(
            policy_id=count.policy_id,
            title=policies[count.version].title,
            title_en=policies[count.version].title_en,
            department=policies[count.version].department,
            status=count.status,
            cases=count.cases,
            amount_fen=count.amount_fen,
            late=count.late,
            late_fen=count.late_fen,
        )
        for count in counts
    )
    return CutOffOutlook(cut_off=cut_off, today=today, groups=groups, lines=tuple(lines))


def _wanted(policy: PolicyId | None, policies: Collection[PolicyId] | None) -> list[PolicyId] | None:
    """Return the policies that a list is limited to, if it is."""
    if policy is None:
        return None if policies is None else sorted(policies)
    return [policy] if policies is None or policy in policies else []


def people_of(people: Mapping[str, Sequence[str]], department: str) -> tuple[str, ...]:
    """Return who looks after the policies of a department, by name; `people` are those of each role."""
    return tuple(sorted({*people.get(f"{POLICY_ROLE}:{department}", ()), *people.get(POLICY_ROLE, ())}))


def people_by_role(work: UnitOfWork) -> Mapping[str, Sequence[str]]:
    """Return the people who hold each role."""
    found: dict[str, list[str]] = {}
    for row in work.approvals.roles(person=None, most=MOST_ROLES):
        found.setdefault(row.role, []).append(row.person)
    return found


def _policies(work: UnitOfWork, versions: Iterable[Digest]) -> Mapping[Digest, Policy]:
    """Return the policy of each version as it is kept."""
    found = {}
    for version in sorted(set(versions)):
        text = work.rules.version_text(version)
        assert text is not None, "a case's version is kept"
        found[version], _ = decode_version(text.encode())
    return found
