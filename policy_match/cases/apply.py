"""What one event does to one case: the table's step, when it may be taken, and what it causes.

Guarantees that nothing but the table's steps happens, that time limits, reasons and amounts are kept, and that the
result depends on the arguments alone. Storing the result, and who may act, is left to `services`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from policy_match.cases.defects import (
    ActorMissing,
    NothingPaid,
    NotPublished,
    ReasonMissing,
    SilenceMeans,
    TooEarly,
    TooLate,
    WrongAmount,
    WrongDeadline,
    WrongStep,
)
from policy_match.cases.model import (
    Case,
    CaseEvent,
    ContractDue,
    Effect,
    Event,
    NoticeDue,
    NoticeKind,
    OrderDue,
    RecheckDue,
    Route,
    Status,
)
from policy_match.cases.routes import event_of_silence
from policy_match.cases.transitions import AFTER, possible
from policy_match.cases.words import EVENT_WORDS, STATUS_WORDS
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.values import MONEY_LIMIT_FEN

NEEDS_REASON = frozenset(
    {
        Event.DECLINE,
        Event.WITHDRAW,
        Event.REJECT,
        Event.OBJECT,
        Event.UPHOLD,
        Event.AMEND,
        Event.CLAIM_BACK,
        Event.EXTEND,
    }
)
UNTIL_DEADLINE = frozenset({Event.CONFIRM, Event.DECLINE, Event.RECONSIDER, Event.OBJECT})
"""What the firm may answer, and objections: on the last day still, not after it.

A window that nobody has closed yet may be extended after its last day too: for the firm that was not reached.
"""

SILENCE = frozenset({Event.LAPSE, Event.ACCEPT_SILENCE})
AFTER_PUBLICITY = frozenset({Event.ORDER, Event.NOTIFY, Event.CONTRACT})
"""What follows approval; from `approved` only when the policy asks for no publicity."""

KEEPS_DEADLINE = frozenset({Event.DECLINE, Event.RECONSIDER, Event.OBJECT, Event.DISMISS})
"""The window goes on: who declined may think again within it, and a dismissed objection starts no new publicity."""


def apply(case: Case, event: CaseEvent) -> tuple[Case, tuple[Effect, ...]]:
    """Return the case after the event, and what is to be done because of it.

    Raises `WrongStep`, `ActorMissing`, `ReasonMissing`, `TooEarly`, `NotPublished`, `TooLate`, `SilenceMeans`,
    `NothingPaid`, `WrongAmount` or `WrongDeadline`. Whether another live case stands in the way of `reconsider`,
    whether budget is left, and whether the firm that is to lose a benefit by `lapse` was told of it in time, only the
    store can know.
    """
    after = AFTER.get((case.route, case.status, event.event))
    if after is None:
        raise WrongStep(
            case_id=case.case_id,
            status=case.status,
            event=event.event,
            possible=", ".join(possible(case.route, case.status)) or "-",
            status_zh=STATUS_WORDS[case.status].zh,
            event_zh=EVENT_WORDS[event.event].zh,
            possible_zh="、".join(EVENT_WORDS[each].zh for each in possible(case.route, case.status)) or "无",
        )
    _check_said(case, event)
    _check_time(case, event)
    _check_amount(case, event)
    _check_deadline(case, event)
    changed = replace(
        case,
        status=after,
        seq=case.seq + 1,
        amount_fen=case.amount_fen if event.amount_fen is None else event.amount_fen,
        deadline=event.deadline,
    )
    return changed, _effects(changed, event.event)


def days_open(case: Case, event: Event) -> int | None:
    """Return for how many working days the event opens a window; `None` when it opens none."""
    if event is Event.NOTIFY and case.route is not Route.INFORM:
        return case.confirm_days
    if event is Event.PUBLISH:
        return case.publicity_days
    return None


def deadline_after(case: Case, event: Event, at: datetime, calendar: WorkingDays) -> date | None:
    """Return the deadline that the event must carry: of the window it opens or leaves open, else none.

    That of `extend` is the caller's choice. Raises `WorkingDaysUnknown`.
    """
    days = days_open(case, event)
    if days is not None:
        return calendar.add_working_days(china_day(at), days)
    return case.deadline if event in KEEPS_DEADLINE else None


def open_to_firm(route: Route, status: Status, deadline: date | None, at: datetime) -> tuple[Event, ...]:
    """Return what the firm may do with its case at this moment: what the table allows and no last day forbids."""
    steps = tuple(event for event in possible(route, status) if event in UNTIL_DEADLINE)
    return () if steps and _is_over(deadline, at) else steps


def gives_up(case: Case, event: Event) -> bool:
    """Return whether this closes a returned payment for good: nothing is paid, so the amount becomes 0."""
    return event is Event.CLOSE and case.status is Status.RETURNED


def _check_said(case: Case, event: CaseEvent) -> None:
    if not event.by.strip():
        raise ActorMissing(case_id=case.case_id, event=event.event)
    if (event.event in NEEDS_REASON or gives_up(case, event.event)) and not event.reason.strip():
        raise ReasonMissing(case_id=case.case_id, event=event.event)


def _check_time(case: Case, event: CaseEvent) -> None:
    what, day = event.event, china_day(event.at)
    if what in UNTIL_DEADLINE and _is_over(case.deadline, event.at):
        last = _deadline(case)
        raise TooLate(
            case_id=case.case_id,
            event=what,
            event_zh=EVENT_WORDS[what].zh,
            deadline=last,
            deadline_zh=f"{last.year}年{last.month}月{last.day}日",
        )
    if what in SILENCE:
        instead = event_of_silence(case.route, case.silence)
        if instead is not what:
            raise SilenceMeans(case_id=case.case_id, event=what, silence=case.silence, instead=instead)
    waits = what in SILENCE or (what in AFTER_PUBLICITY and case.status is Status.PUBLISHED)
    if waits and day <= _deadline(case):
        raise TooEarly(case_id=case.case_id, event=what, deadline=case.deadline)
    if what in AFTER_PUBLICITY and case.status is Status.APPROVED and case.publicity_days > 0:
        raise NotPublished(case_id=case.case_id, event=what, days=case.publicity_days)


def _is_over(deadline: date | None, at: datetime) -> bool:
    return china_day(at) > _last_day(deadline)


def _deadline(case: Case) -> date:
    return _last_day(case.deadline)


def _last_day(deadline: date | None) -> date:
    assert deadline is not None, "a case that waits has a deadline"
    return deadline


def _check_amount(case: Case, event: CaseEvent) -> None:
    found = event.amount_fen
    if case.status is Status.CLOSED and case.amount_fen == 0:
        raise NothingPaid(case_id=case.case_id, event=event.event)
    if event.event is Event.AMEND:
        right, words = found is not None and 0 < found < MONEY_LIMIT_FEN, ("a new amount above 0", "大于 0 的新金额")
    elif event.event is Event.APPROVE and found is not None:
        # A budget that is shared in proportion may grant less than was asked.
        right, words = 0 < found < case.amount_fen, ("less than was asked, or none", "低于申请的金额，或为空")
    elif gives_up(case, event.event):
        right, words = found == 0, ("0, as nothing is paid", " 0，因为不再支付")
    else:
        right, words = found is None, ("none, as the amount does not change", "空，因为金额不变")
    if not right:
        raise WrongAmount(
            case_id=case.case_id, event=event.event, found=found, expected_en=words[0], expected_zh=words[1]
        )


def _check_deadline(case: Case, event: CaseEvent) -> None:
    found, days = event.deadline, days_open(case, event.event)
    if days is not None:
        # The caller asked the calendar; so many working days are at least so many days.
        earliest = china_day(event.at) + timedelta(days=days)
        right = found is not None and found >= earliest
        words = (f"{earliest} or later, after {days} working days", f" {earliest} 或之后，即 {days} 个工作日后")
    elif event.event is Event.EXTEND:
        # A window may be over already, if nobody has closed it: more time must still lie ahead.
        last, today = _deadline(case), china_day(event.at)
        right = found is not None and found > last and found >= today
        words = (f"a day after {last}, {today} or later", f" {last} 之后、不早于 {today} 的日期")
    elif event.event in KEEPS_DEADLINE:
        right, words = found == case.deadline, (f"{case.deadline} as before", f"原期限 {case.deadline}")
    else:
        right, words = found is None, ("none", "空")
    if not right:
        raise WrongDeadline(
            case_id=case.case_id, event=event.event, found=found, expected_en=words[0], expected_zh=words[1]
        )


ASKS: Mapping[Route, NoticeKind] = {
    Route.INFORM: NoticeKind.INFORMATION,
    Route.CONFIRM: NoticeKind.CONFIRMATION_ASKED,
    Route.CONTRACT: NoticeKind.CONSENT_ASKED,
    Route.LIST_THEN_COLLECT: NoticeKind.ACCOUNT_ASKED,
}

NOTICES: Mapping[Event, NoticeKind] = {
    Event.ACCEPT_SILENCE: NoticeKind.SILENCE_ACCEPTED,
    Event.LAPSE: NoticeKind.WAIVED,
    Event.REJECT: NoticeKind.REJECTED,
    Event.OBJECT: NoticeKind.OBJECTION,
    Event.DISMISS: NoticeKind.OBJECTION_DISMISSED,
    Event.UPHOLD: NoticeKind.WITHDRAWN,
    Event.WITHDRAW: NoticeKind.WITHDRAWN,
    Event.AMEND: NoticeKind.AMENDED,
    Event.SETTLE: NoticeKind.PAID,
    Event.CLAIM_BACK: NoticeKind.CLAIMED_BACK,
    Event.BOUNCE: NoticeKind.ACCOUNT_CORRECTION_ASKED,
    Event.EXTEND: NoticeKind.WINDOW_EXTENDED,
}


def _effects(case: Case, event: Event) -> tuple[Effect, ...]:
    effects: list[Effect] = []
    if event is Event.NOTIFY:
        effects.append(NoticeDue(kind=ASKS[case.route]))
    if event in NOTICES:
        effects.append(NoticeDue(kind=NOTICES[event]))
    if event is Event.REVIEW:
        effects.append(RecheckDue(before=Event.APPROVE))
    if event is Event.BOUNCE:
        effects.append(RecheckDue(before=Event.CORRECT))
    return (*effects, *_what_follows_approval(case))


def _what_follows_approval(case: Case) -> tuple[Effect, ...]:
    """Return the payment or contract that has become due, after the publicity where there is one."""
    if case.route is Route.LIST_THEN_COLLECT:
        ready = case.status is Status.CONFIRMED
    else:
        unpublished = case.status is Status.APPROVED and case.publicity_days == 0
        ready = unpublished or case.status is Status.PUBLISHED
    if not ready:
        return ()
    if case.route is Route.CONTRACT:
        return (RecheckDue(before=Event.CONTRACT), ContractDue(after=case.deadline))
    return (RecheckDue(before=Event.ORDER), OrderDue(after=case.deadline))
