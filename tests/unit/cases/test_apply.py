"""When a step may be taken: time limits, reasons, names, amounts; and what it causes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from policy_match.cases.apply import apply, deadline_after
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
from policy_match.cases.transitions import TRANSITIONS
from policy_match.policy.model import Silence
from policy_match.values import MONEY_LIMIT_FEN
from tests.unit.cases.examples import CALENDAR, DEADLINE, a_case, an_event, at, ready

NEXT_DAY = DEADLINE + timedelta(days=1)


@pytest.mark.parametrize("event", [Event.CONFIRM, Event.DECLINE])
def test_the_firm_may_answer_on_the_last_day_and_not_after_it(event: Event) -> None:
    case = a_case(Route.CONFIRM, Status.NOTIFIED)
    apply(case, an_event(case, event, DEADLINE))
    with pytest.raises(TooLate, match="2025-06-20"):
        apply(case, an_event(case, event, NEXT_DAY))


def test_the_last_day_ends_at_midnight_in_china() -> None:
    case = a_case(Route.CONFIRM, Status.NOTIFIED)
    by, last = "firm:91370200MA3CTEST01", datetime(2025, 6, 20, 15, 59, 59, tzinfo=UTC)
    apply(case, CaseEvent(event=Event.CONFIRM, at=last, by=by))
    with pytest.raises(TooLate):
        apply(case, CaseEvent(event=Event.CONFIRM, at=last + timedelta(seconds=1), by=by))


def test_an_instant_without_a_time_zone_is_a_bug() -> None:
    case = a_case(Route.CONFIRM, Status.NOTIFIED)
    naive = datetime(2025, 6, 20, 10)  # noqa: DTZ001
    with pytest.raises(AssertionError, match="time zone"):
        apply(case, CaseEvent(event=Event.CONFIRM, at=naive, by="li.ming"))


def test_who_declined_may_reconsider_until_the_deadline() -> None:
    case = a_case(Route.CONFIRM, Status.NOTIFIED)
    declined, _ = apply(case, an_event(case, Event.DECLINE))
    assert declined.is_dead
    back, _ = apply(declined, an_event(declined, Event.RECONSIDER, DEADLINE))
    assert not back.is_dead and back.deadline == DEADLINE
    with pytest.raises(TooLate):
        apply(declined, an_event(declined, Event.RECONSIDER, NEXT_DAY))


@pytest.mark.parametrize("event", [Event.LAPSE, Event.ACCEPT_SILENCE])
def test_silence_means_nothing_until_the_deadline_is_over(event: Event) -> None:
    case, late = ready(Route.CONFIRM, Status.NOTIFIED, event)
    apply(case, late)
    with pytest.raises(TooEarly):
        apply(case, an_event(case, event, DEADLINE))


@pytest.mark.parametrize(
    ("route", "silence", "event", "instead"),
    [
        (Route.CONFIRM, Silence.WAIVED, Event.ACCEPT_SILENCE, "use lapse"),
        (Route.CONFIRM, Silence.ACCEPTED, Event.LAPSE, "use accept_silence"),
    ],
)
def test_silence_means_what_the_policy_says(route: Route, silence: Silence, event: Event, instead: str) -> None:
    case = a_case(route, Status.NOTIFIED, silence=silence)
    with pytest.raises(SilenceMeans, match=instead):
        apply(case, an_event(case, event, NEXT_DAY))


@pytest.mark.parametrize("route", [Route.LIST_THEN_COLLECT, Route.CONTRACT])
def test_silence_gives_neither_an_account_nor_a_signature(route: Route) -> None:
    case = a_case(route, Status.NOTIFIED, silence=Silence.ACCEPTED)
    with pytest.raises(WrongStep):
        apply(case, an_event(case, Event.ACCEPT_SILENCE, NEXT_DAY))
    after, _ = apply(case, an_event(case, Event.LAPSE, NEXT_DAY))
    assert after.status is Status.WAIVED


AFTER_PUBLICITY = [
    (Route.DIRECT, Event.ORDER),
    (Route.CONFIRM, Event.ORDER),
    (Route.LIST_THEN_COLLECT, Event.NOTIFY),
    (Route.CONTRACT, Event.CONTRACT),
]


@pytest.mark.parametrize(("route", "event"), AFTER_PUBLICITY)
def test_what_follows_the_publicity_waits_for_its_end(route: Route, event: Event) -> None:
    case = a_case(route, Status.PUBLISHED)
    with pytest.raises(TooEarly) as refused:
        apply(case, an_event(case, event, DEADLINE))
    assert refused.value.code == "case.early"
    apply(case, an_event(case, event, NEXT_DAY))


@pytest.mark.parametrize(("route", "event"), AFTER_PUBLICITY)
def test_publicity_is_left_out_only_when_the_policy_asks_for_none(route: Route, event: Event) -> None:
    case = a_case(route, Status.APPROVED, publicity_days=1)
    with pytest.raises(NotPublished, match="after 1 working days of publicity"):
        apply(case, an_event(case, event))
    without = a_case(route, Status.APPROVED, publicity_days=0)
    apply(without, an_event(without, event))


def test_the_first_notice_waits_for_no_publicity() -> None:
    case = a_case(Route.CONFIRM, Status.MATCHED, publicity_days=5)
    apply(case, an_event(case, Event.NOTIFY))


def test_an_objection_comes_before_the_publicity_is_over() -> None:
    case = a_case(Route.DIRECT, Status.PUBLISHED)
    apply(case, an_event(case, Event.OBJECT, DEADLINE))
    with pytest.raises(TooLate):
        apply(case, an_event(case, Event.OBJECT, NEXT_DAY))


def test_a_dismissed_objection_starts_no_new_publicity() -> None:
    case = a_case(Route.DIRECT, Status.PUBLISHED)
    objected, _ = apply(case, an_event(case, Event.OBJECT))
    published, _ = apply(objected, an_event(objected, Event.DISMISS, DEADLINE + timedelta(days=9)))
    assert published.deadline == DEADLINE
    apply(published, an_event(published, Event.ORDER, DEADLINE + timedelta(days=9)))


NEEDS_REASON = [
    (Route.CONFIRM, Status.NOTIFIED, Event.DECLINE),
    (Route.CONFIRM, Status.MATCHED, Event.WITHDRAW),
    (Route.CONFIRM, Status.REVIEWED, Event.REJECT),
    (Route.CONFIRM, Status.PUBLISHED, Event.OBJECT),
    (Route.CONFIRM, Status.OBJECTED, Event.UPHOLD),
    (Route.CONFIRM, Status.REVIEWED, Event.AMEND),
    (Route.CONFIRM, Status.PAID, Event.CLAIM_BACK),
    (Route.CONFIRM, Status.NOTIFIED, Event.EXTEND),
    (Route.CONFIRM, Status.RETURNED, Event.CLOSE),
]


@pytest.mark.parametrize(("route", "status", "event"), NEEDS_REASON)
def test_a_step_against_somebody_needs_a_reason(route: Route, status: Status, event: Event) -> None:
    case = a_case(route, status)
    with pytest.raises(ReasonMissing, match=event.value):
        apply(case, an_event(case, event, reason=" "))


def test_no_other_step_needs_a_reason() -> None:
    for step in TRANSITIONS:
        if (step.before, step.event) in {(status, event) for _, status, event in NEEDS_REASON}:
            continue
        if step.event in {event for _, _, event in NEEDS_REASON} - {Event.CLOSE}:
            continue
        case, event = ready(step.route, step.before, step.event)
        apply(case, an_event(case, step.event, event.at.date(), reason=""))


def test_every_step_needs_a_name() -> None:
    for step in TRANSITIONS:
        case, event = ready(step.route, step.before, step.event)
        with pytest.raises(ActorMissing):
            apply(case, an_event(case, step.event, event.at.date(), by=" "))


def test_an_amendment_changes_the_amount_and_goes_back_before_the_review() -> None:
    case = a_case(Route.CONFIRM, Status.REVIEWED)
    after, effects = apply(case, an_event(case, Event.AMEND, amount_fen=1))
    assert (after.status, after.amount_fen) == (Status.CONFIRMED, 1)
    assert effects == (NoticeDue(kind=NoticeKind.AMENDED),)


@pytest.mark.parametrize("amount", [None, 0, -1, MONEY_LIMIT_FEN])
def test_an_amendment_needs_an_amount_of_money(amount: int | None) -> None:
    case = a_case(Route.CONFIRM, Status.REVIEWED)
    with pytest.raises(WrongAmount, match="a new amount above 0"):
        apply(case, an_event(case, Event.AMEND, amount_fen=amount))


def test_no_other_step_changes_the_amount() -> None:
    for step in TRANSITIONS:
        case, event = ready(step.route, step.before, step.event)
        if step.event is Event.AMEND or event.amount_fen == 0:
            continue
        with pytest.raises(WrongAmount, match="none"):
            apply(case, an_event(case, step.event, event.at.date(), amount_fen=case.amount_fen))
        assert apply(case, event)[0].amount_fen == case.amount_fen


@pytest.mark.parametrize("event", [Event.CLAIM_BACK, Event.BOUNCE])
def test_nothing_comes_back_of_what_was_given_up(event: Event) -> None:
    returned = a_case(Route.DIRECT, Status.RETURNED)
    with pytest.raises(WrongAmount, match="0, as nothing is paid"):
        apply(returned, an_event(returned, Event.CLOSE, amount_fen=None))
    closed, _ = apply(returned, an_event(returned, Event.CLOSE))
    assert (closed.status, closed.amount_fen) == (Status.CLOSED, 0)
    with pytest.raises(NothingPaid):
        apply(closed, an_event(closed, event))


def test_what_was_paid_and_closed_may_be_claimed_back() -> None:
    paid = a_case(Route.DIRECT, Status.PAID)
    closed, _ = apply(paid, an_event(paid, Event.CLOSE))
    after, effects = apply(closed, an_event(closed, Event.CLAIM_BACK))
    assert after.status is Status.RECOVERING
    assert effects == (NoticeDue(kind=NoticeKind.CLAIMED_BACK),)


def test_windows_are_counted_in_working_days() -> None:
    before_may_day = at(date(2025, 4, 28))  # a Monday; 27 April is worked, 1 to 5 May are off
    case = a_case(Route.CONFIRM, Status.MATCHED, confirm_days=3, publicity_days=4)
    assert deadline_after(case, Event.NOTIFY, before_may_day, CALENDAR) == date(2025, 5, 6)
    assert deadline_after(case, Event.PUBLISH, before_may_day, CALENDAR) == date(2025, 5, 7)
    assert deadline_after(case, Event.WITHDRAW, before_may_day, CALENDAR) is None


def test_a_window_shorter_than_its_days_is_refused() -> None:
    case = a_case(Route.CONFIRM, Status.MATCHED, confirm_days=3)
    for wrong in (None, DEADLINE + timedelta(days=2)):
        with pytest.raises(WrongDeadline, match="2025-06-23 or later, after 3 working days"):
            apply(case, an_event(case, Event.NOTIFY, deadline=wrong))


@pytest.mark.parametrize("today", [DEADLINE - timedelta(days=3), DEADLINE, DEADLINE + timedelta(days=30)])
def test_a_window_that_nobody_closed_is_extended_to_a_later_day_still_ahead(today: date) -> None:
    case = a_case(Route.CONFIRM, Status.NOTIFIED)
    until = max(NEXT_DAY, today)
    after, effects = apply(case, an_event(case, Event.EXTEND, today, deadline=until))
    assert (after.status, after.deadline) == (Status.NOTIFIED, until)
    assert effects == (NoticeDue(kind=NoticeKind.WINDOW_EXTENDED),)
    apply(after, an_event(after, Event.CONFIRM, until))
    for wrong in (None, DEADLINE, until - timedelta(days=1)):
        with pytest.raises(WrongDeadline, match="a day after 2025-06-20"):
            apply(case, an_event(case, Event.EXTEND, today, deadline=wrong))


def test_a_window_that_goes_on_keeps_its_deadline() -> None:
    case = a_case(Route.CONFIRM, Status.NOTIFIED)
    with pytest.raises(WrongDeadline, match="2025-06-20 as before"):
        apply(case, an_event(case, Event.DECLINE, deadline=NEXT_DAY))


def test_a_step_that_opens_no_window_has_no_deadline() -> None:
    case = a_case(Route.CONFIRM, Status.NOTIFIED)
    with pytest.raises(WrongDeadline, match="expected none"):
        apply(case, an_event(case, Event.CONFIRM, deadline=DEADLINE))
    after, _ = apply(case, an_event(case, Event.CONFIRM))
    assert after.deadline is None


def test_information_waits_for_no_answer() -> None:
    case = a_case(Route.INFORM, Status.MATCHED)
    after, effects = apply(case, an_event(case, Event.NOTIFY))
    assert after.deadline is None
    assert effects == (NoticeDue(kind=NoticeKind.INFORMATION),)


def notice(kind: NoticeKind) -> tuple[Effect, ...]:
    return (NoticeDue(kind=kind),)


RECHECK_AND_ORDER = (RecheckDue(before=Event.ORDER), OrderDue(after=None))


@pytest.mark.parametrize(
    ("route", "status", "event", "effects"),
    [
        (Route.CONFIRM, Status.MATCHED, Event.NOTIFY, notice(NoticeKind.CONFIRMATION_ASKED)),
        (Route.CONTRACT, Status.MATCHED, Event.NOTIFY, notice(NoticeKind.CONSENT_ASKED)),
        (Route.LIST_THEN_COLLECT, Status.APPROVED, Event.NOTIFY, notice(NoticeKind.ACCOUNT_ASKED)),
        (Route.CONFIRM, Status.NOTIFIED, Event.ACCEPT_SILENCE, notice(NoticeKind.SILENCE_ACCEPTED)),
        (Route.CONFIRM, Status.NOTIFIED, Event.LAPSE, notice(NoticeKind.WAIVED)),
        (Route.CONFIRM, Status.NOTIFIED, Event.CONFIRM, ()),
        (Route.CONFIRM, Status.NOTIFIED, Event.DECLINE, ()),
        (Route.CONFIRM, Status.CONFIRMED, Event.REVIEW, (RecheckDue(before=Event.APPROVE),)),
        (Route.CONFIRM, Status.REVIEWED, Event.REJECT, notice(NoticeKind.REJECTED)),
        (Route.CONFIRM, Status.REVIEWED, Event.WITHDRAW, notice(NoticeKind.WITHDRAWN)),
        (Route.CONFIRM, Status.PUBLISHED, Event.OBJECT, notice(NoticeKind.OBJECTION)),
        (Route.CONFIRM, Status.OBJECTED, Event.UPHOLD, notice(NoticeKind.WITHDRAWN)),
        (Route.CONFIRM, Status.ORDERED, Event.SETTLE, notice(NoticeKind.PAID)),
        (
            Route.CONFIRM,
            Status.PAID,
            Event.BOUNCE,
            (NoticeDue(kind=NoticeKind.ACCOUNT_CORRECTION_ASKED), RecheckDue(before=Event.CORRECT)),
        ),
        (Route.LIST_THEN_COLLECT, Status.NOTIFIED, Event.CONFIRM, RECHECK_AND_ORDER),
        (Route.LIST_THEN_COLLECT, Status.APPROVED, Event.PUBLISH, ()),
        (Route.CONFIRM, Status.RETURNED, Event.CORRECT, ()),
    ],
)
def test_each_step_causes_what_it_should(
    route: Route, status: Status, event: Event, effects: tuple[Effect, ...]
) -> None:
    case, happening = ready(route, status, event)
    assert apply(case, happening)[1] == effects


def test_approval_without_publicity_makes_the_order_due_at_once() -> None:
    case = a_case(Route.DIRECT, Status.REVIEWED, publicity_days=0)
    assert apply(case, an_event(case, Event.APPROVE))[1] == RECHECK_AND_ORDER


def test_approval_with_publicity_makes_nothing_due_yet() -> None:
    case = a_case(Route.DIRECT, Status.REVIEWED, publicity_days=5)
    assert apply(case, an_event(case, Event.APPROVE))[1] == ()


def test_publication_makes_the_order_due_after_the_publicity() -> None:
    case = a_case(Route.DIRECT, Status.APPROVED, publicity_days=5)
    assert apply(case, an_event(case, Event.PUBLISH, DEADLINE))[1] == (
        RecheckDue(before=Event.ORDER),
        OrderDue(after=date(2025, 6, 27)),
    )


def test_a_contract_is_due_instead_of_an_order() -> None:
    case = a_case(Route.CONTRACT, Status.APPROVED, publicity_days=5)
    assert apply(case, an_event(case, Event.PUBLISH, DEADLINE))[1] == (
        RecheckDue(before=Event.CONTRACT),
        ContractDue(after=date(2025, 6, 27)),
    )


def test_an_approval_may_grant_less_than_was_asked_and_never_more() -> None:
    case = a_case(Route.DIRECT, Status.REVIEWED)
    granted, _ = apply(case, an_event(case, Event.APPROVE, amount_fen=case.amount_fen - 1))
    assert granted.amount_fen == case.amount_fen - 1
    for wrong in (0, case.amount_fen, case.amount_fen + 1):
        with pytest.raises(WrongAmount, match="less than was asked, or none"):
            apply(case, an_event(case, Event.APPROVE, amount_fen=wrong))
