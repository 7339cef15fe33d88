"""蓝黄红榜: counts every case by stage and colour, marks what turned yellow and red, and tells those who answer for it.

Guarantees that a mark and a message are written once, whatever runs again or moves the clock back, and that a year
without a calendar stops everything before any mark. Colours turn at midnight in China: run right after it, the job
marks each stage on the day on which it turned, and none that turns and ends on one day is missed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.cases.model import NoticeKind
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.notices.fields import NewNotice
from policy_match.policy.decoding import decode_version
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.supervision import MadeEscalation
from policy_match.supervision.board import Board, CaseSupervision, MarkCount, SupervisedCase, board
from policy_match.supervision.colours import COLOUR_WORDS, Ages, Colour
from policy_match.supervision.dated_limits import Turned, dated_limits, turned
from policy_match.supervision.escalation import Escalation
from policy_match.supervision.limits import VersionTerms, own_limits
from policy_match.supervision.stages import STAGES, Stage
from policy_match.values import PolicyId

VERSIONS_AT_ONCE = 500
MOST_VERSIONS = 100_000
"""How many versions one run reads at most; far more than there are."""

MOST_STARTS = 1_000_000
"""How many different beginnings of late stages there are at most: limits times days."""

MOST_MARKED = 1_000_000
"""How many marks one transaction writes."""

MOST_ESCALATED = 1_000_000
"""How many cases one transaction escalates; of more than these a person gets another summary."""

MOST_PAGES = 1_000
MOST_LISTED = 10_000
MOST_DUTIES = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Supervised:
    """What one run of the job did: marks by colour, and what was told to whom."""

    marked: Mapping[Colour, int]
    told: Sequence[MadeEscalation]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardOfToday:
    """A board, what counts the ages on it, and the terms of each policy, for its title."""

    board: Board
    ages: Ages
    terms: Mapping[PolicyId, VersionTerms]


@dataclass(frozen=True, kw_only=True, slots=True)
class PageOfCases:
    """Cases behind the board, and what counts their ages."""

    cases: Sequence[SupervisedCase]
    ages: Ages


def supervise(database: Database, calendar: WorkingDays, clock: Clock) -> Supervised:
    """Mark what turned, then tell those who answer for it; the job of every night. Raises `WorkingDaysUnknown`."""
    marked = mark_cases(database, calendar, clock)
    return Supervised(marked=marked, told=escalate_cases(database, calendar, clock))


def mark_cases(database: Database, calendar: WorkingDays, clock: Clock) -> Mapping[Colour, int]:
    """Mark every stage that is yellow or red and is not marked so; return how many by colour.

    Raises `WorkingDaysUnknown` before any mark.
    """
    read_versions(database)
    marked = {Colour.YELLOW: 0, Colour.RED: 0}
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            work.supervision.stages.claim()
            now = clock.now()
            today = china_day(now)
            limits = dated_limits(work.supervision.stages.versions(), calendar, today)
            starts = work.supervision.stages.turned_starts(limits, today, most=MOST_STARTS)
            days = _turned(calendar, starts, today)
            found = work.supervision.stages.mark(limits, days, today, at=now, most=MOST_MARKED)
            work.commit()
        for colour, count in found.items():
            marked[colour] += count
        if sum(found.values()) < MOST_MARKED:
            break
    return marked


def _turned(calendar: WorkingDays, starts: Sequence[tuple[int, date]], today: date) -> Sequence[Turned]:
    return [turned(calendar, limit, started_on, today) for limit, started_on in starts]


def escalate_cases(database: Database, calendar: WorkingDays, clock: Clock) -> Sequence[MadeEscalation]:
    """Tell each level of the stages that are red long enough, one message per person, unit, stage and day.

    On working days only; what turns red on a weekend is told on the next one. Each case is told once to each level. A
    level that nobody holds is told as soon as somebody does, if the case is still red; until then the board names it.
    Raises `WorkingDaysUnknown` before any message.
    """
    read_versions(database)
    told: list[MadeEscalation] = []
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            work.supervision.stages.claim()
            now = clock.now()
            today = china_day(now)
            if not calendar.is_workday(today):
                break
            versions = work.supervision.stages.versions()
            made = work.supervision.stages.escalate(
                dated_limits(versions, calendar, today), today, at=now, most=MOST_ESCALATED
            )
            titles = {terms.policy_id: terms for terms in versions}
            ages = Ages(calendar, today)
            notices = [_notice(each, person, titles, ages) for each in made for person in each.told]
            work.notices.add(notices, now)
            work.commit()
        told += made
        if sum(each.cases for each in made) < MOST_ESCALATED:
            break
    return told


def _notice(made: MadeEscalation, person: str, titles: Mapping[PolicyId, VersionTerms], ages: Ages) -> NewNotice:
    over, limit = max((ages.working_days_since(day) - limit, limit) for limit, day in made.oldest_on.items())
    count = len(made.policies)
    terms = titles[made.policies[0]]
    matter = {"zh": f"{count} 项政策", "en": f"{count} policies"}
    if count == 1:
        matter = {"zh": terms.title, "en": terms.title_en or terms.title}
    return NewNotice(
        recipient=person,
        kind=NoticeKind.ESCALATION,
        about=f"escalation:{made.escalation_id}",
        fields={
            "matter": matter,
            "stage": STAGES[made.stage].words._asdict(),
            "colour": COLOUR_WORDS[Colour.RED]._asdict(),
            "department": made.unit,
            "cases": made.cases,
            "days_over": max(over, 0),
            "limit_days": limit,
            "level": made.level,
        },
    )


def supervision_board(
    database: Database,
    calendar: WorkingDays,
    clock: Clock,
    *,
    unit: str | None = None,
    policy: PolicyId | None = None,
    policies: Collection[PolicyId] | None = None,
    per_policy: bool = False,
) -> BoardOfToday:
    """Return the board of today: by unit and stage, or by policy and stage; of some policies, or of all.

    A policy whose first case is opened meanwhile is on the next board. Raises `WorkingDaysUnknown`.
    """
    today = china_day(clock.now())
    with database.unit_of_work() as work:
        versions = versions_of(work, policies)
        limits = dated_limits(versions, calendar, today, unit=unit)
        counted = work.supervision.stages.count_stages(limits, today, policy=policy)
        held = work.supervision.duties.held(unit=unit, most=MOST_DUTIES)
    return BoardOfToday(
        board=board(today, counted, held, per_policy=per_policy),
        ages=Ages(calendar, today),
        terms={terms.policy_id: terms for terms in versions},
    )


def supervised_cases(
    database: Database,
    calendar: WorkingDays,
    clock: Clock,
    *,
    unit: str | None = None,
    policy: PolicyId | None = None,
    policies: Collection[PolicyId] | None = None,
    stage: Stage | None = None,
    colour: Colour | None = None,
    after: int = 0,
    most: int = 100,
) -> PageOfCases:
    """Return a page of the cases behind the board, by number after a given one: of some policies, or of all.

    Raises `WorkingDaysUnknown`.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} cases"
    today = china_day(clock.now())
    with database.unit_of_work() as work:
        limits = dated_limits(versions_of(work, policies), calendar, today, unit=unit)
        limits = [each for each in limits if stage in (None, each.stage)]
        found = work.supervision.stages.cases(limits, today, policy=policy, colour=colour, after=after, most=most)
    return PageOfCases(cases=found, ages=Ages(calendar, today))


def history_of_case(database: Database, case_id: int) -> CaseSupervision:
    """Return when the stages of a case turned yellow and red, and who was told."""
    with database.unit_of_work() as work:
        return work.supervision.stages.case(case_id)


def mark_history(
    database: Database, first: date, last: date, *, unit: str | None = None, policy: PolicyId | None = None
) -> Sequence[MarkCount]:
    """Return how many stages turned on each of these days, latest first."""
    with database.unit_of_work() as work:
        return work.supervision.stages.count_marks(first, last, unit=unit, policy=policy, most=MOST_LISTED)


def escalations(
    database: Database,
    *,
    unit: str | None = None,
    units: Collection[str] | None = None,
    after: int = 0,
    most: int = 100,
) -> Sequence[Escalation]:
    """Return a page of what was told, by number after a given one: of one unit, of some, or of all."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} lines"
    with database.unit_of_work() as work:
        return work.supervision.stages.escalations(unit=unit, units=units, after=after, most=most)


def read_versions(database: Database) -> int:
    """Keep what supervision reads of the versions under which cases were opened since; return how many.

    The texts are decoded once for ever. Raises `OtherFormat` or `UnreadableRules`.
    """
    read = 0
    for _ in range(MOST_VERSIONS // VERSIONS_AT_ONCE):
        with database.unit_of_work() as work:
            texts = work.supervision.stages.unread_versions(VERSIONS_AT_ONCE)
            work.supervision.stages.add_versions([_terms(each.text) for each in texts])
            work.commit()
        read += len(texts)
        if len(texts) < VERSIONS_AT_ONCE:
            break
    return read


def versions_of(work: UnitOfWork, policies: Collection[PolicyId] | None = None) -> Sequence[VersionTerms]:
    """Return what supervision reads of the versions under which cases were opened, of some policies or of all.

    Nothing is written: what `read_versions` did not keep yet is decoded here. Raises as it does.
    """
    kept = work.supervision.stages.versions()
    unread = [_terms(each.text) for each in work.supervision.stages.unread_versions(MOST_VERSIONS)]
    return [each for each in (*kept, *unread) if policies is None or each.policy_id in policies]


def _terms(text: str) -> VersionTerms:
    policy, version = decode_version(text.encode())
    return VersionTerms(
        version=version.fingerprint,
        policy_id=policy.id,
        department=policy.department,
        title=policy.title,
        title_en=policy.title_en,
        own_limits=own_limits(policy.process),
    )
