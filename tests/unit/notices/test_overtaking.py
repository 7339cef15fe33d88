"""Which later step makes a notice wrong or pointless."""

from datetime import date

import pytest

from policy_match.cases.model import Event, NoticeKind
from policy_match.notices.overtaking import ASKS_IN_TIME, OVERTAKEN_BY, REMINDS, is_pointless, overtaken_by

ASKED = (NoticeKind.CONFIRMATION_ASKED, NoticeKind.ACCOUNT_ASKED, NoticeKind.CONSENT_ASKED)
ANSWERS = (Event.CONFIRM, Event.DECLINE, Event.LAPSE)


def test_every_kind_has_an_answer() -> None:
    assert OVERTAKEN_BY.keys() == set(NoticeKind)


@pytest.mark.parametrize("kind", [*ASKED, NoticeKind.REMINDER, NoticeKind.WINDOW_EXTENDED])
@pytest.mark.parametrize("answer", [*ANSWERS, Event.ACCEPT_SILENCE, Event.WITHDRAW])
def test_nobody_is_asked_or_reminded_of_what_is_answered(kind: NoticeKind, answer: Event) -> None:
    assert overtaken_by(kind, [answer]) is answer


@pytest.mark.parametrize("kind", ASKED)
def test_who_gets_more_time_is_still_asked(kind: NoticeKind) -> None:
    assert overtaken_by(kind, [Event.EXTEND]) is None


@pytest.mark.parametrize("kind", [NoticeKind.REMINDER, NoticeKind.WINDOW_EXTENDED])
def test_an_extension_overtakes_what_named_the_former_last_day(kind: NoticeKind) -> None:
    assert overtaken_by(kind, [Event.EXTEND]) is Event.EXTEND


@pytest.mark.parametrize("kind", [NoticeKind.WAIVED, NoticeKind.REJECTED, NoticeKind.WITHDRAWN])
@pytest.mark.parametrize("later", Event)
def test_what_was_decided_against_a_firm_is_always_told(kind: NoticeKind, later: Event) -> None:
    assert overtaken_by(kind, [later]) is None


def test_information_is_told_after_its_case_was_closed_but_not_after_it_was_withdrawn() -> None:
    assert overtaken_by(NoticeKind.INFORMATION, [Event.CLOSE]) is None
    assert overtaken_by(NoticeKind.INFORMATION, [Event.WITHDRAW]) is Event.WITHDRAW


def test_money_that_came_back_is_not_told_as_paid() -> None:
    assert overtaken_by(NoticeKind.PAID, [Event.CLOSE]) is None
    assert overtaken_by(NoticeKind.PAID, [Event.CLOSE, Event.BOUNCE, Event.CORRECT]) is Event.BOUNCE


def test_who_paid_back_is_not_asked_to() -> None:
    assert overtaken_by(NoticeKind.CLAIMED_BACK, [Event.RECOVER]) is Event.RECOVER


@pytest.mark.parametrize("kind", NoticeKind)
def test_without_a_later_step_every_notice_holds(kind: NoticeKind) -> None:
    assert overtaken_by(kind, []) is None


def test_only_what_repeats_the_last_day_is_pointless_after_it() -> None:
    last, next_day = date(2026, 7, 8), date(2026, 7, 9)
    assert REMINDS < ASKS_IN_TIME
    for kind in NoticeKind:
        assert not is_pointless(kind, last, last)
        assert is_pointless(kind, last, next_day) == (kind in REMINDS)
