"""The fields of notices: writers and templates speak of the same ones, and a wrong one is named before it is kept."""

from collections.abc import Mapping
from datetime import date

import pytest

from policy_match.cases.model import NoticeKind
from policy_match.notices.fields import (
    GIVEN,
    NewNotice,
    WrongNoticeFields,
    body_says,
    fields_of,
    fields_to_keep,
    is_of_a_case,
    is_of_staff,
    short_says,
)
from policy_match.notices.rules import told_steps

ORDER: Mapping[str, object] = {
    "order": 7,
    "department": "人社局",
    "subject": "限期办理逾期事项",
    "given_by": "li.ming",
    "given_on": date(2026, 7, 1),
    "due": date(2026, 7, 8),
}


def order(**changed: object) -> NewNotice:
    """Return an order to act with other fields; `None` leaves one out."""
    fields = {name: value for name, value in {**ORDER, **changed}.items() if value is not None}
    return NewNotice(recipient="wang.fang", kind=NoticeKind.ORDER_TO_ACT, about="order:7", fields=fields)


def test_good_fields_are_kept_as_json() -> None:
    assert fields_to_keep(order()) == {**ORDER, "given_on": "2026-07-01", "due": "2026-07-08"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"due": None}, "due"),
        ({"due": "2026-07-08"}, "due"),
        ({"order": -1}, "order"),
        ({"order": True}, "order"),
        ({"order": 10**9}, "order"),
        ({"subject": " "}, "subject"),
        ({"subject": "长" * 1_001}, "subject"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_missing_wrong_or_unknown_field_is_named(changed: dict[str, object], field: str) -> None:
    with pytest.raises(WrongNoticeFields, match=rf"order_to_act: field `{field}`"):
        fields_to_keep(order(**changed))


@pytest.mark.parametrize(
    "words", ["黄色", {"zh": "黄色"}, {"zh": "黄色", "en": ""}, {"zh": "黄", "en": "y", "fr": "j"}]
)
def test_words_need_both_languages(words: object) -> None:
    fields = {name: {"zh": "甲", "en": "a"} for name in ("matter", "stage")}
    counts = dict.fromkeys(("cases", "days_over", "limit_days", "level"), 1)
    given = {**fields, **counts, "department": "人社局", "colour": words}
    notice = NewNotice(recipient="wang.fang", kind=NoticeKind.ESCALATION, about="x", fields=given)
    with pytest.raises(WrongNoticeFields, match="colour"):
        fields_to_keep(notice)


def test_a_kind_that_tells_of_a_case_takes_no_fields() -> None:
    with pytest.raises(WrongNoticeFields, match="amount"):
        fields_to_keep(NewNotice(recipient="firm:x", kind=NoticeKind.PAID, about="x", fields={"amount": 1}))


@pytest.mark.parametrize("kind", NoticeKind)
def test_what_a_kind_must_say_is_among_its_fields(kind: NoticeKind) -> None:
    assert body_says(kind) | short_says(kind) <= fields_of(kind)
    assert body_says(kind)
    assert short_says(kind)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_letter_says_whom_where_to_ask_and_when_it_was_written(kind: NoticeKind) -> None:
    asked = {"today", "person"} if is_of_staff(kind) else {"today", "firm", "department"}
    assert asked <= body_says(kind)
    if is_of_a_case(kind):
        assert {"title", "amount", "basis"} <= body_says(kind)


@pytest.mark.parametrize("kind", GIVEN)
def test_a_letter_of_no_case_says_all_that_was_given(kind: NoticeKind) -> None:
    assert GIVEN[kind].keys() <= body_says(kind)


def test_no_step_of_a_case_owes_a_notice_that_needs_fields_of_its_own() -> None:
    assert not {kind for _, _, kind in told_steps()} & GIVEN.keys()
