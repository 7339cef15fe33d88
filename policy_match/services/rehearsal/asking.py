"""From the sweep to the firms' answers: cases are opened, firms notified, most confirm, some decline, some are silent.

Guarantees that each invented firm answers the same way on every run.
"""

from collections.abc import Iterator

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.cases.model import Status
from policy_match.ports import Database
from policy_match.services.answer_cases import Answer, Answered, AnswerKind, answer_cases
from policy_match.services.case_history import list_cases
from policy_match.services.notify_cases import close_windows, notify_cases
from policy_match.services.open_cases import open_cases
from policy_match.services.rehearsal.stage import Said, Staff, Stage, Told, stage_days
from policy_match.services.sample_region.accounts import chance
from policy_match.values import Money, PolicyId

PAGE = 10_000
MAX_PAGES = 1_000

DECLINE_SHARE, RECONSIDER_SHARE, SILENT_SHARE = 0.04, 0.01, 0.08
"""Of all firms asked: decline for good, decline and think again, do not answer."""

DAYS_TO_ANSWER, DAYS_TO_RECONSIDER = 6, 2


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
    """Open the cases of the sweep and notify the firms."""
    yield stage.tell(Said.CHAPTER_OPENING)
    opening = open_cases(stage.database, stage.open_snapshot, stage.sweep, clock=stage.clock, by=Staff.CLERK)
    for count in opening.counts if opening.cases else ():
        yield stage.tell(
            Said.OPENED,
            policy=count.opened.policy.id,
            route=count.opened.route,
            cases=count.cases,
            money=Money(count.entitled_fen),
        )
    notified = notify_cases(stage.database, stage.calendar, clock=stage.clock, by=Staff.CLERK)
    if notified:
        days, _ = stage_days(stage.asking)
        last = stage.calendar.add_working_days(stage.clock.day, days)
        yield stage.tell(Said.NOTIFIED, cases=notified, last=last)
    if not opening.cases and not notified:
        yield stage.tell(Said.DONE_BEFORE)


def take_answers(stage: Stage) -> Iterator[Told]:
    """Take what the firms answer; one tries to answer for another."""
    stage.working_days_later(DAYS_TO_ANSWER)
    yield stage.tell(Said.CHAPTER_ANSWERS)
    asked = [
        line
        for policy in stage.asking
        for line in lines_of(stage.database, CaseFilter(policy_id=policy.id, status=Status.NOTIFIED))
    ]
    answers = [answer for line in asked for answer in _answer(line)]
    done = answer_cases(stage.database, stage.calendar, answers, clock=stage.clock)
    if done.taken:
        declined = sum(answer.kind is AnswerKind.DECLINE for answer in answers)
        yield stage.tell(Said.ANSWERED, confirmed=len(answers) - declined, declined=declined)
    if len(asked) > 1:
        stranger = Answer(case_id=asked[0].case_id, kind=AnswerKind.CONFIRM, by=f"{FIRM_PREFIX}{asked[-1].uscc}")
        yield from _refused(stage, answer_cases(stage.database, stage.calendar, [stranger], clock=stage.clock))
    stage.working_days_later(DAYS_TO_RECONSIDER)
    again = sum(_think_again(stage, policy.id) for policy in stage.asking)
    if again:
        yield stage.tell(Said.RECONSIDERED, cases=again)
    if not asked and not again:
        yield stage.tell(Said.DONE_BEFORE)


def _answer(line: CaseLine) -> Iterator[Answer]:
    """Yield what the firm says to a case, nothing when it is silent."""
    by = f"{FIRM_PREFIX}{line.uscc}"
    drawn = chance("answer", line.uscc)
    if drawn < DECLINE_SHARE + RECONSIDER_SHARE:
        yield Answer(case_id=line.case_id, kind=AnswerKind.DECLINE, by=by, reason="放弃(演练)/ declined (rehearsal)")
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
    """Let the last day pass; one answer comes too late, and silence does what the policy says."""
    longest, _ = stage_days(stage.asking)
    stage.working_days_later(max(longest + 1 - DAYS_TO_ANSWER - DAYS_TO_RECONSIDER, 1))
    yield stage.tell(Said.CHAPTER_WINDOWS)
    silent = next(
        (
            line
            for policy in stage.asking
            for line in list_cases(
                stage.database, CaseFilter(policy_id=policy.id, status=Status.NOTIFIED), after=0, most=1
            )
        ),
        None,
    )
    if silent is not None:
        late = Answer(case_id=silent.case_id, kind=AnswerKind.CONFIRM, by=f"{FIRM_PREFIX}{silent.uscc}")
        yield from _refused(stage, answer_cases(stage.database, stage.calendar, [late], clock=stage.clock))
    closed = close_windows(stage.database, clock=stage.clock)
    if closed.lapsed or closed.accepted or closed.closed:
        yield stage.tell(Said.WINDOWS_CLOSED, lapsed=closed.lapsed, accepted=closed.accepted, informed=closed.closed)
    else:
        yield stage.tell(Said.DONE_BEFORE)


def _refused(stage: Stage, answered: Answered) -> Iterator[Told]:
    for refused in answered.refused:
        yield stage.tell(Said.REFUSED, error=refused.error)
