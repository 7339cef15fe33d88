"""From the sweep to the firms' answers: contacts, notices, answers of those who heard, reminders, the end of the time.

Guarantees that each invented firm answers the same way on every run, that none answers before something arrived, and
that the calendar stops at every reminder and every last day.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.cases.model import Status
from policy_match.ports import Database
from policy_match.ports.deadlines import Due
from policy_match.services.answer_cases import Answer, Answered, AnswerKind, answer_cases
from policy_match.services.case_history import list_cases
from policy_match.services.contacts import take_contacts
from policy_match.services.due_dates import due_groups
from policy_match.services.notify_cases import close_windows, notify_cases
from policy_match.services.open_cases import open_cases
from policy_match.services.rehearsal.stage import Said, Staff, Stage, Told, stage_days
from policy_match.services.rehearsal.telling import tell, visit
from policy_match.services.rehearsal.watching import appoint
from policy_match.services.remind_firms import remind_firms
from policy_match.services.sample_region.accounts import chance
from policy_match.services.sample_region.contacts import contacts_of, stated_contacts
from policy_match.values import Money, PolicyId

PAGE = 10_000
MAX_PAGES = 1_000

DECLINE_SHARE, RECONSIDER_SHARE, FORGET_SHARE, SILENT_SHARE = 0.04, 0.01, 0.1, 0.08
"""Of the firms that heard: decline for good, decline and think again, answer when reminded, do not answer."""

DAYS_TO_ANSWER, DAYS_TO_RECONSIDER = 6, 2
MAX_DAYS = 100
"""Days at which the calendar stops until no time to answer is left: reminders and last days."""


def lines_of(database: Database, wanted: CaseFilter) -> Iterator[CaseLine]:
    """Yield all cases that a filter lets through, by number."""
    after = 0
    for _ in range(MAX_PAGES):
        page = list_cases(database, wanted, after=after, most=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].case_id


def open_and_notify(stage: Stage) -> Iterator[Told]:
    """Open the cases of the sweep, take the firms' contacts and tell the firms."""
    yield stage.tell(Said.CHAPTER_OPENING)
    yield from stage.told_or_done(_open_and_notify(stage))


def _open_and_notify(stage: Stage) -> Iterator[Told]:
    appoint(stage)
    opening = open_cases(stage.database, stage.open_snapshot, stage.sweep, clock=stage.clock, by=Staff.CLERK)
    for count in opening.counts if opening.cases else ():
        yield stage.tell(
            Said.OPENED,
            policy=count.opened.policy.id,
            route=count.opened.route,
            cases=count.cases,
            money=Money(count.entitled_fen),
        )
    yield from _take_contacts(stage)
    notified = notify_cases(stage.database, stage.calendar, clock=stage.clock, by=Staff.CLERK)
    if notified:
        days, _ = stage_days(stage.asking)
        last = stage.calendar.add_working_days(stage.clock.day, days)
        yield stage.tell(Said.NOTIFIED, cases=notified, last=last)
    yield from tell(stage)


def _take_contacts(stage: Stage) -> Iterator[Told]:
    """Take what the registry knows of the firms that are about to be told."""
    firms = sorted({line.uscc for line in lines_of(stage.database, CaseFilter(status=Status.MATCHED))})
    taken = take_contacts(stated_contacts(firms), stage.database, stage.sealer, stage.clock, by=Staff.REGISTRAR)
    if taken.kept:
        none = sum(not contacts_of(uscc) for uscc in firms)
        yield stage.tell(Said.CONTACTS, addresses=taken.kept, firms=len(firms), none=none)


def take_answers(stage: Stage) -> Iterator[Told]:
    """Take the answers of firms that heard; one tries to answer for another. Firms that nothing reached are visited."""
    stage.working_days_later(DAYS_TO_ANSWER)
    yield stage.tell(Said.CHAPTER_ANSWERS)
    yield from stage.told_or_done(_take_answers(stage))


def _take_answers(stage: Stage) -> Iterator[Told]:
    asked = _asked(stage)
    heard = [line for line in asked if stage.firms.times_heard(line)]
    yield from _answer(stage, [line for line in heard if not _forgets(line)])
    if len(heard) > 1:
        stranger = Answer(case_id=heard[0].case_id, kind=AnswerKind.CONFIRM, by=f"{FIRM_PREFIX}{heard[-1].uscc}")
        yield from _refused(stage, answer_cases(stage.database, stage.calendar, [stranger], clock=stage.clock))
    stage.working_days_later(DAYS_TO_RECONSIDER)
    again = sum(_think_again(stage, policy.id) for policy in stage.asking)
    if again:
        yield stage.tell(Said.RECONSIDERED, cases=again)
    yield from visit(stage)


def _asked(stage: Stage) -> list[CaseLine]:
    """Return the cases that wait for an answer."""
    return [
        line
        for policy in stage.asking
        for line in lines_of(stage.database, CaseFilter(policy_id=policy.id, status=Status.NOTIFIED))
    ]


def _forgets(line: CaseLine) -> bool:
    """Return whether a firm answers only when it is reminded."""
    return 1 - SILENT_SHARE - FORGET_SHARE <= chance("answer", line.uscc) < 1 - SILENT_SHARE


def _answer(stage: Stage, lines: Sequence[CaseLine]) -> Iterator[Told]:
    answers = [answer for line in lines for answer in _answer_of(line)]
    done = answer_cases(stage.database, stage.calendar, answers, clock=stage.clock)
    if done.taken:
        declined = sum(answer.kind is AnswerKind.DECLINE for answer in answers)
        yield stage.tell(Said.ANSWERED, confirmed=len(answers) - declined, declined=declined)


def _answer_of(line: CaseLine) -> Iterator[Answer]:
    """Yield what the firm says to a case, nothing when it is silent."""
    by = f"{FIRM_PREFIX}{line.uscc}"
    drawn = chance("answer", line.uscc)
    if drawn < DECLINE_SHARE + RECONSIDER_SHARE:
        because = list(DeclineReason)[int(chance("because", line.uscc) * len(DeclineReason))]
        reason = "放弃（演练）/ declined (rehearsal)"
        yield Answer(case_id=line.case_id, kind=AnswerKind.DECLINE, by=by, reason=reason, because=because)
    elif drawn < 1 - SILENT_SHARE:
        yield Answer(case_id=line.case_id, kind=AnswerKind.CONFIRM, by=by)


def _think_again(stage: Stage, policy: PolicyId) -> int:
    """Let some firms that declined confirm after all; return how many."""
    lines = [
        line
        for line in lines_of(stage.database, CaseFilter(policy_id=policy, status=Status.DECLINED))
        if chance("answer", line.uscc) < RECONSIDER_SHARE
    ]
    for kind in (AnswerKind.RECONSIDER, AnswerKind.CONFIRM):
        answers = [Answer(case_id=line.case_id, kind=kind, by=f"{FIRM_PREFIX}{line.uscc}") for line in lines]
        answered = answer_cases(stage.database, stage.calendar, answers, clock=stage.clock)
    return answered.taken


def end_windows(stage: Stage) -> Iterator[Told]:
    """Let the time to answer go by: reminders, more time for who was told late, and silence after the last day.

    One answer comes too late. What was never told gives nothing up and waits for somebody.
    """
    yield stage.tell(Said.CHAPTER_WINDOWS)
    yield from stage.told_or_done(_end_windows(stage))


def _end_windows(stage: Stage) -> Iterator[Told]:
    yield from _close(stage)
    for _ in range(MAX_DAYS):
        day = _next_day(stage)
        if day is None:
            break
        stage.clock.move_to(day)
        yield from _answer_late(stage)
        yield from _close(stage)
        reminded = remind_firms(stage.database, stage.calendar, clock=stage.clock, cut_off=None)
        if reminded.windows:
            yield stage.tell(Said.REMINDED, cases=reminded.windows)
        yield from tell(stage)
        yield from visit(stage)
        reminded_firms = [line for line in _asked(stage) if _answers_now(stage, line)]
        yield from _answer(stage, reminded_firms)
    yield from _not_reached(stage)


def _next_day(stage: Stage) -> date | None:
    """Return the next day on which somebody is reminded, or a last day is over; `None` when no firm has time left."""
    today, calendar = stage.clock.day, stage.calendar
    with stage.database.unit_of_work() as work:
        last_days, points = work.deadlines.last_days(today), work.deadlines.reminder_days()
    days = {calendar.working_days_before(last, point) for last in last_days for point in points}
    days |= {calendar.add_working_days(last, 1) for last in last_days}
    return min((day for day in days if day > today), default=None)


def _answers_now(stage: Stage, line: CaseLine) -> bool:
    """Return whether a firm that has not answered yet does so now: it was reminded, or told by somebody."""
    heard = stage.firms.times_heard(line)
    return heard > 1 if _forgets(line) else heard > 0


def _close(stage: Stage) -> Iterator[Told]:
    closed = close_windows(stage.database, stage.calendar, clock=stage.clock)
    if closed.extended:
        yield stage.tell(Said.EXTENDED, cases=closed.extended)
    if closed.lapsed or closed.accepted or closed.closed:
        yield stage.tell(Said.WINDOWS_CLOSED, lapsed=closed.lapsed, accepted=closed.accepted, informed=closed.closed)


def _answer_late(stage: Stage) -> Iterator[Told]:
    """Let one firm that heard of a window answer after its last day."""
    for line in _asked(stage):
        if line.deadline is not None and line.deadline < stage.clock.day and stage.firms.times_heard(line):
            late = Answer(case_id=line.case_id, kind=AnswerKind.CONFIRM, by=f"{FIRM_PREFIX}{line.uscc}")
            yield from _refused(stage, answer_cases(stage.database, stage.calendar, [late], clock=stage.clock))
            return


def _not_reached(stage: Stage) -> Iterator[Told]:
    """Tell what is over and was never told, and whose it is."""
    for group in due_groups(stage.database, stage.calendar, clock=stage.clock, within=0):
        if group.what is Due.NOT_REACHED:
            yield stage.tell(
                Said.NOT_REACHED,
                cases=group.late,
                money=Money(group.late_fen),
                department=group.department,
                people=", ".join(group.people),
            )


def _refused(stage: Stage, answered: Answered) -> Iterator[Told]:
    for refused in answered.refused:
        yield stage.tell(Said.REFUSED, error=refused.error)
