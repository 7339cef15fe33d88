"""Takes the answers of firms: they confirm, decline, or think again before the last day.

Guarantees that a firm answers for its own cases alone, that an answer too late or to a case that moved on is refused
with its reason while the others are taken, and that the same answer again changes nothing.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from policy_match.cases.apply import apply, deadline_after
from policy_match.cases.approval import FIRM_PREFIX, SYSTEM
from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.defects import CaseRefused
from policy_match.cases.model import Case, CaseEvent, Event
from policy_match.cases.working_days import WorkingDays
from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.services.large_steps import after_step
from policy_match.values import Digest

MOST_ANSWERS = 50_000
"""How many answers are taken in one transaction."""


class AnswerKind(StrEnum):
    """What a firm can say. The values are those of `Event`."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    RECONSIDER = "reconsider"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer; `by` is `firm:<code>`, or a member of staff who takes it at the counter. Declining has a reason.

    The reason is in the firm's own words; `because` says which of the few kinds of reasons it is, if it was chosen.
    `letter` is the digest of the letter of commitment that the firm signed with it.
    """

    case_id: int
    kind: AnswerKind
    by: str
    reason: str = ""
    because: DeclineReason | None = None
    letter: Digest | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """An answer that was not taken, and why."""

    answer: Answer
    error: InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """How many answers were taken, and those that were not."""

    taken: int
    refused: tuple[Refused, ...]


class NoSuchCase(InputError):
    """There is no case of that number."""

    code = "case.unknown"
    http_status = 404
    english = "there is no case {case_id}; see `policy-match cases list`"
    chinese = "没有事项 {case_id}；请见 policy-match cases list"


class NotYourCase(CaseRefused):
    """A firm answers for another, or the program for a firm."""

    code = "case.not-yours"
    http_status = 403
    english = "{by} may not answer for case {case_id}; the firm itself does, or staff for it"
    chinese = "{by} 不得答复事项 {case_id}；须由该企业或经办人员办理"


class OpenedAgain(CaseRefused):
    """A firm that declined has a new case of the same benefit."""

    code = "case.opened-again"
    english = "case {case_id} cannot be reconsidered: the same benefit was opened again; answer the new case"
    chinese = "事项 {case_id} 不能撤回放弃：同一事项已重新发起，请在新事项上答复"


class LetterUnsigned(CaseRefused):
    """The policy wants a letter of commitment with the firm's answer."""

    code = "case.letter"
    english = "case {case_id} asks for a letter of commitment: read it, sign it, and the benefit is confirmed with it"
    chinese = "事项 {case_id} 须签署承诺书：请阅读并签署，签署后即完成确认"


class MovedMeanwhile(CaseRefused):
    """Somebody else took a step at the same moment."""

    code = "case.moved"
    english = "case {case_id} was moved by somebody else at this moment; look at it again"
    chinese = "事项 {case_id} 刚被他人处理，请重新查看"


def answer_cases(database: Database, calendar: WorkingDays, answers: Sequence[Answer], *, clock: Clock) -> Answered:
    """Take answers, page by page; each that is refused comes back with its error, the others are taken.

    Of two answers to one case in one call only the first is taken.
    """
    taken, refused = 0, []
    for start in range(0, len(answers), MOST_ANSWERS):
        page = answers[start : start + MOST_ANSWERS]
        with database.unit_of_work() as work:
            cases = {case.case_id: case for case in work.cases.steps.cases([answer.case_id for answer in page])}
            again = [answer.case_id for answer in page if answer.kind is AnswerKind.RECONSIDER]
            twins = work.cases.steps.with_live_twin(again) if again else frozenset()
            letters = work.rules.versions_with_letter({case.version for case in cases.values()})
            steps, errors = _steps(page, cases, twins, letters, calendar, clock)
            done = work.cases.steps.add([step for _, step in steps])
            work.reviews.keep_decline_reasons(_reasons(steps, done))
            work.commit()
        taken += len(done)
        refused += errors
        refused += [
            Refused(answer=answer, error=MovedMeanwhile(case_id=answer.case_id))
            for answer, (case, _) in steps
            if case.case_id not in done
        ]
    after_step(database, taken)
    return Answered(taken=taken, refused=tuple(refused))


def _steps(
    page: Sequence[Answer],
    cases: Mapping[int, Case],
    twins: Set[int],
    letters: Set[Digest],
    calendar: WorkingDays,
    clock: Clock,
) -> tuple[list[tuple[Answer, tuple[Case, CaseEvent]]], list[Refused]]:
    steps: dict[int, tuple[Answer, tuple[Case, CaseEvent]]] = {}
    refused = []
    for answer in page:
        try:
            if answer.case_id in steps:
                raise MovedMeanwhile(case_id=answer.case_id)
            if answer.kind is AnswerKind.RECONSIDER and answer.case_id in twins:
                raise OpenedAgain(case_id=answer.case_id)
            steps[answer.case_id] = (answer, _step(answer, cases.get(answer.case_id), letters, calendar, clock))
        except InputError as error:
            refused.append(Refused(answer=answer, error=error))
    return list(steps.values()), refused


def _reasons(
    steps: Sequence[tuple[Answer, tuple[Case, CaseEvent]]], done: Set[int]
) -> Mapping[tuple[int, int], DeclineReason]:
    return {
        (case.case_id, case.seq + 1): answer.because
        for answer, (case, event) in steps
        if case.case_id in done and event.event is Event.DECLINE and answer.because is not None
    }


def _step(
    answer: Answer, case: Case | None, letters: Set[Digest], calendar: WorkingDays, clock: Clock
) -> tuple[Case, CaseEvent]:
    if case is None:
        raise NoSuchCase(case_id=answer.case_id)
    own = answer.by == f"{FIRM_PREFIX}{case.uscc}"
    if answer.by == SYSTEM or (answer.by.startswith(FIRM_PREFIX) and not own):
        raise NotYourCase(by=answer.by, case_id=case.case_id)
    event, at = Event(answer.kind), clock.now()
    step = CaseEvent(
        event=event, at=at, by=answer.by, reason=answer.reason, deadline=deadline_after(case, event, at, calendar)
    )
    apply(case, step)
    # At the counter it is signed on paper.
    if own and answer.kind is AnswerKind.CONFIRM and answer.letter is None and case.version in letters:
        raise LetterUnsigned(case_id=case.case_id)
    return case, step
