"""The inbox, what is handed over by hand, and the story of a notice."""

import pytest

from policy_match.cases.defects import NotAPerson
from policy_match.cases.model import NoticeKind
from policy_match.notices.history import NoticeFilter
from policy_match.notices.model import DeliveryStatus, NoticeEvent, NoticeId, NoticeStatus
from policy_match.services.hand_over_notices import NotToBeHandedOver, ReachReasonMissing, hand_over
from policy_match.services.notice_history import NoSuchNotice, count_notices, list_notices, show_notice
from policy_match.services.notice_inbox import MessagesRead, inbox, read_messages
from policy_match.values import PolicyId
from tests.support.cases import World, answer, uscc
from tests.support.prepared import lines, prepare_world, story
from tests.support.told import move_notices

FIRST, SECOND = f"firm:{uscc(1)}", f"firm:{uscc(2)}"
BY = "wang.fang"


@pytest.fixture
def written(world: World) -> World:
    """The world with its notices in the inboxes."""
    prepare_world(world)
    return world


def read(world: World, *notices: int, recipient: str = FIRST) -> MessagesRead:
    """Let a recipient read messages."""
    return read_messages(
        world.database, world.clock, recipient=recipient, notices=[NoticeId(notice) for notice in notices]
    )


def test_a_recipient_sees_its_own_messages_and_no_others(written: World) -> None:
    (message,) = inbox(written.database, FIRST)
    assert (message.read_at, message.is_over, message.case_id) == (None, False, 1)
    assert message.body.startswith("示例1有限公司")
    assert read(written, 2) == MessagesRead(read=0, before=0, not_there=(NoticeId(2),))
    assert lines(written)[1].status is NoticeStatus.OPEN


def test_what_was_read_has_reached_its_recipient_once(written: World) -> None:
    assert read(written, 1, 1) == MessagesRead(read=1, before=0, not_there=())
    written.clock.move(1)
    assert read(written, 1) == MessagesRead(read=0, before=1, not_there=())
    found = story(written, 1)
    assert found.line.status is NoticeStatus.REACHED
    assert [event.event for event in found.events] == [NoticeEvent.PREPARE, NoticeEvent.REACH]
    assert found.events[-1].by == FIRST
    assert found.deliveries[0].status is DeliveryStatus.READ
    assert inbox(written.database, FIRST, unread=True) == []
    (message,) = inbox(written.database, FIRST)
    assert message.read_at == found.events[-1].at


def test_what_no_way_was_left_for_is_reached_when_it_is_read(written: World) -> None:
    move_notices(written.database, written.clock.now(), NoticeEvent.FAIL)
    read(written, 1)
    assert lines(written)[0].status is NoticeStatus.REACHED


def test_what_was_reached_before_stays_so_when_it_is_read(written: World) -> None:
    move_notices(written.database, written.clock.now(), NoticeEvent.REACH)
    assert read(written, 1).read == 1
    assert len(story(written, 1).events) == 2


def test_what_is_no_longer_so_is_marked_in_the_inbox(written: World) -> None:
    answer(written, 1)
    prepare_world(written)
    (message,) = inbox(written.database, FIRST)
    assert message.is_over


def test_the_inbox_has_pages_from_the_newest_on(written: World) -> None:
    answer(written, 1)
    written.clock.move(10)
    assert [message.notice_id for message in inbox(written.database, FIRST, before=NoticeId(1))] == []
    assert [message.notice_id for message in inbox(written.database, SECOND, most=1)] == [2]


def test_a_person_hands_notices_over_and_the_rest_is_refused_with_its_reason(written: World) -> None:
    read(written, 1)
    done = hand_over(
        written.database,
        written.clock,
        notices=[NoticeId(number) for number in (1, 2, 2, 99)],
        by=BY,
        reason=" 窗口当面告知 ",
    )
    assert (done.reached, done.before) == (1, 1)
    assert [(each.notice_id, type(each.error)) for each in done.refused] == [(99, NoSuchNotice)]
    last = story(written, 2).events[-1]
    assert (last.event, last.by, last.reason) == (NoticeEvent.REACH, BY, "窗口当面告知")


def test_what_is_not_written_cannot_be_handed_over(world: World) -> None:
    done = hand_over(world.database, world.clock, notices=[NoticeId(1)], by=BY, reason="x")
    assert [type(each.error) for each in done.refused] == [NotToBeHandedOver]


@pytest.mark.parametrize("by", ["system", FIRST])
def test_neither_the_program_nor_a_firm_hands_over(written: World, by: str) -> None:
    with pytest.raises(NotAPerson):
        hand_over(written.database, written.clock, notices=[NoticeId(1)], by=by, reason="x")


def test_handing_over_needs_a_reason(written: World) -> None:
    with pytest.raises(ReachReasonMissing):
        hand_over(written.database, written.clock, notices=[NoticeId(1)], by=BY, reason=" ")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (NoticeFilter(recipient=SECOND), [2]),
        (NoticeFilter(case_id=3), [3]),
        (NoticeFilter(policy_id=PolicyId("confirm")), [1, 2, 3]),
        (NoticeFilter(policy_id=PolicyId("direct")), []),
        (NoticeFilter(kind=NoticeKind.CONFIRMATION_ASKED), [1, 2, 3]),
        (NoticeFilter(kind=NoticeKind.PAID), []),
        (NoticeFilter(status=NoticeStatus.REACHED), [1]),
    ],
)
def test_notices_are_found_by_what_they_are(written: World, wanted: NoticeFilter, found: list[int]) -> None:
    read(written, 1)
    assert [line.notice_id for line in list_notices(written.database, wanted)] == found
    assert sum(each.notices for each in count_notices(written.database, wanted)) == len(found)


def test_a_list_has_pages(written: World) -> None:
    assert [line.notice_id for line in list_notices(written.database, after=1, most=1)] == [2]


def test_counts_say_how_many_stand_where_and_since_when(written: World) -> None:
    at = written.clock.now()
    written.clock.move(1)
    read(written, 1)
    found = {each.status: (each.notices, each.oldest) for each in count_notices(written.database)}
    assert found == {NoticeStatus.OPEN: (2, at), NoticeStatus.REACHED: (1, written.clock.now())}


def test_a_notice_that_is_not_there_is_an_error(world: World) -> None:
    with pytest.raises(NoSuchNotice):
        show_notice(world.database, NoticeId(99))
