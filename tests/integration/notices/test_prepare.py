"""Writing notices: each once with its inbox message; what cannot be written is held, what is over is not sent."""

import threading
from datetime import date
from pathlib import Path

import pytest

from policy_match.cases.model import Event, NoticeKind
from policy_match.cases.working_days import WorkingDays, YearOfDays
from policy_match.notices.fields import NewNotice, WrongNoticeFields
from policy_match.notices.history import NoticeLine
from policy_match.notices.model import Channel, DeliveryEvent, DeliveryStatus, NoticeEvent, NoticeStatus
from policy_match.notices.subscriptions import Subscription
from policy_match.notices.template import parse_templates
from policy_match.services.answer_cases import AnswerKind
from policy_match.services.notice_preferences import set_preference
from policy_match.services.prepare_notices import NoticesPrepared, overtake_notices
from policy_match.services.staff_steps import extend_cases
from policy_match.storage.unit_of_work import Database
from tests.support.cases import (
    CALENDAR,
    OPENED,
    OUTSIDER,
    World,
    answer,
    firm,
    make_world,
    notify_world,
    open_world,
    uscc,
)
from tests.support.payment_flow import app_connection
from tests.support.prepared import lines, prepare_world, story, wording
from tests.support.template_texts import with_change

NOTHING = NoticesPrepared(written=0, held=0, overtaken=0)


def statuses(world: World) -> list[NoticeStatus]:
    """Return where the notices of a world stand, by number."""
    return [line.status for line in lines(world)]


def remind(url: str, world: World, case_id: int) -> None:
    """Owe a firm the reminder of a case, as the service of deadlines does."""
    with app_connection(url) as connection:
        connection.execute(
            "INSERT INTO notice (recipient, kind, case_id, seq, about, at)"
            " SELECT 'firm:' || uscc, 'reminder', case_id, seq, '3 days', %s FROM case_state WHERE case_id = %s",
            [world.clock.now(), case_id],
        )


def the_text(world: World, line: NoticeLine) -> str:
    """Return the letter of a notice."""
    text = story(world, line.notice_id).text
    assert text is not None
    return text.body


def test_a_due_notice_is_written_once_and_lies_in_the_inbox(world: World) -> None:
    assert prepare_world(world) == NoticesPrepared(written=3, held=0, overtaken=0)
    assert prepare_world(world) == NOTHING
    found = story(world, lines(world)[0].notice_id)
    assert found.line.status is NoticeStatus.OPEN
    assert [event.event for event in found.events] == [NoticeEvent.PREPARE]
    (inbox,) = found.deliveries
    assert (inbox.channel, inbox.provider, inbox.masked, inbox.tries) == (Channel.INBOX, "inbox", "", 1)
    assert inbox.status is DeliveryStatus.HANDED_OVER
    assert [event.event for event in inbox.events] == [DeliveryEvent.SEND, DeliveryEvent.HAND_OVER]


def test_the_text_says_whom_what_why_until_when_and_where_to_ask(world: World) -> None:
    prepare_world(world)
    found = story(world, lines(world)[0].notice_id)
    assert found.text is not None
    for said in (
        "示例1有限公司",
        "示例 confirm",
        "1,000.00元",
        "2025年7月8日",
        "还剩5个工作日",
        "人社局",
        "12345",
        "条款：一",
    ):
        assert said in found.text.body
    for said in ("示例 confirm", "1,000.00元", "2025年7月8日", "视为放弃"):
        assert said in found.text.short
    assert found.text.subject == "请确认是否享受：示例 confirm"
    assert found.line.subject == found.text.subject


def test_a_recipient_is_told_in_the_language_that_it_asked_for(world: World) -> None:
    recipient = f"firm:{uscc(2)}"
    set_preference(
        world.database, world.clock, recipient=recipient, channels=[Channel.EMAIL], language="en", by="wang.fang"
    )
    prepare_world(world)
    bodies = [the_text(world, line) for line in lines(world)]
    assert [body.startswith("To ") for body in bodies] == [False, True, False]
    assert "5 working days are left" in bodies[1]


def test_a_page_that_is_not_committed_leaves_nothing(world: World) -> None:
    with world.database.unit_of_work() as work:
        taken = work.notices.take(NoticeStatus.DUE, lines(world)[0].notice_id, 10)
        assert len(taken) == 2
    assert prepare_world(world).written == 3


def test_two_at_once_write_each_notice_once(database: Database, tmp_path: Path) -> None:
    world = make_world(database, tmp_path, ("confirm",), 300)
    open_world(world)
    notify_world(world)
    done: list[NoticesPrepared] = []
    both = threading.Barrier(2)

    def run() -> None:
        both.wait()
        done.append(prepare_world(world))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each.written for each in done) == 300
    assert set(statuses(world)) == {NoticeStatus.OPEN}


def test_what_was_answered_meanwhile_is_not_asked_any_more(world: World) -> None:
    answer(world, lines(world)[0].case_id or 0)
    assert prepare_world(world) == NoticesPrepared(written=2, held=0, overtaken=1)
    first, *others = lines(world)
    assert first.status is NoticeStatus.OVERTAKEN
    assert "已确认 / meanwhile: the firm confirms" in first.reason
    assert first.subject == ""
    assert {line.status for line in others} == {NoticeStatus.OPEN}


def test_what_was_written_and_reached_nobody_is_overtaken_too(world: World) -> None:
    prepare_world(world)
    answer(world, lines(world)[0].case_id or 0, AnswerKind.DECLINE, "invented")
    assert overtake_notices(world.database, clock=world.clock) == 1
    assert overtake_notices(world.database, clock=world.clock) == 0
    assert statuses(world) == [NoticeStatus.OVERTAKEN, NoticeStatus.OPEN, NoticeStatus.OPEN]


def test_a_reminder_says_how_many_working_days_are_left(world: World, database_url: str) -> None:
    case_id = lines(world)[0].case_id or 0
    remind(database_url, world, case_id)
    world.clock.move_to(date(2025, 7, 4))  # a Friday; Monday and Tuesday are left
    prepare_world(world)
    (reminder,) = lines(world, kind=NoticeKind.REMINDER)
    assert "还剩2个工作日" in the_text(world, reminder)
    assert "2025年7月8日" in the_text(world, reminder)


def test_a_reminder_is_overtaken_by_the_answer_and_by_its_last_day(world: World, database_url: str) -> None:
    first, second, _ = (line.case_id or 0 for line in lines(world))
    remind(database_url, world, first)
    remind(database_url, world, second)
    answer(world, first)
    world.clock.move_to(date(2025, 7, 9))
    prepare_world(world)
    reasons = [line.reason for line in lines(world, kind=NoticeKind.REMINDER)]
    assert ["已确认" in reasons[0], "最后一日已过" in reasons[1]] == [True, True]


def test_who_was_not_asked_in_time_is_held_until_the_window_is_extended(world: World) -> None:
    world.clock.move_to(date(2025, 7, 9))
    assert prepare_world(world) == NoticesPrepared(written=0, held=3, overtaken=0)
    assert prepare_world(world) == NOTHING
    line = lines(world)[0]
    assert (line.status, "请延长期限" in line.reason) == (NoticeStatus.HELD, True)
    extend_cases(
        world.database,
        CALENDAR,
        [line.case_id or 0],
        until=date(2025, 7, 15),
        reason="迟送达",
        by="wang.fang",
        clock=world.clock,
    )
    prepare_world(world)
    asked, extended = lines(world, case_id=line.case_id)
    assert (asked.status, extended.kind) == (NoticeStatus.OPEN, NoticeKind.WINDOW_EXTENDED)
    assert "2025年7月15日" in the_text(world, asked)
    assert "迟送达" in the_text(world, extended)


def test_a_year_of_unknown_working_days_holds_the_notice_and_says_so(world: World) -> None:
    case_ids = [line.case_id or 0 for line in lines(world)]
    far = WorkingDays(overrides={2190: YearOfDays(holidays=frozenset({date(2190, 1, 1)}), workdays=frozenset())})
    extend_cases(
        world.database, far, case_ids[:1], until=date(2190, 1, 4), reason="x", by="wang.fang", clock=world.clock
    )
    assert prepare_world(world).held == 2  # the question, and that there is more time
    assert "不知道 2027 年的工作日" in lines(world, status=NoticeStatus.HELD)[0].reason


def test_an_instalment_and_a_missing_name_are_told_as_they_are(database: Database, tmp_path: Path) -> None:
    world = make_world(database, tmp_path, ("confirm",), [firm(1, ent_name=None)])
    open_world(world)
    notify_world(world)
    prepare_world(world)
    assert the_text(world, lines(world)[0]).startswith(f"{uscc(1)}：")


def test_a_hostile_name_is_told_as_a_name(database: Database, tmp_path: Path) -> None:
    name = "{{ amount }}\r\nBcc: invented@example.com {% if x %} 有限公司"
    world = make_world(database, tmp_path, ("confirm",), [firm(1, ent_name=name)])
    open_world(world)
    notify_world(world)
    prepare_world(world)
    first = the_text(world, lines(world)[0]).split("\n")[0]
    assert first == "{{ amount }} Bcc: invented@example.com {% if x %} 有限公司："


def test_information_says_what_it_is_about_and_what_to_do(database: Database, tmp_path: Path) -> None:
    world = make_world(database, tmp_path, ("reminder", "relief"), 1)
    open_world(world)
    notify_world(world)
    prepare_world(world)
    by_policy = {line.policy_id: the_text(world, line) for line in lines(world, kind=NoticeKind.INFORMATION)}
    assert "有参保人员" in by_policy["reminder"]
    assert "在有效期届满前办理延期" in by_policy["reminder"]
    assert "金额约为1,000.00元" in by_policy["relief"]
    assert "自行填报" in by_policy["relief"]


def test_a_licence_reminder_that_is_not_wanted_is_not_written_and_money_to_claim_is(
    database: Database, tmp_path: Path
) -> None:
    world = make_world(database, tmp_path, ("reminder", "relief"), 1)
    open_world(world)
    notify_world(world)
    set_preference(
        world.database,
        world.clock,
        recipient=f"firm:{uscc(1)}",
        channels=[],
        language=None,
        by="wang.fang",
        unwanted=frozenset(Subscription),
    )
    assert prepare_world(world) == NoticesPrepared(written=1, held=0, overtaken=1)
    by_policy = {line.policy_id: line for line in lines(world, kind=NoticeKind.INFORMATION)}
    assert by_policy["relief"].status is NoticeStatus.OPEN
    assert by_policy["reminder"].status is NoticeStatus.OVERTAKEN
    assert "不接收" in by_policy["reminder"].reason
    assert prepare_world(world) == NOTHING


def test_a_notice_whose_template_fails_is_held_while_the_others_go_on(world: World, database_url: str) -> None:
    with app_connection(database_url) as connection:
        connection.execute(
            "INSERT INTO notice (recipient, kind, about, at) VALUES ('wang.fang', 'order_to_act', 'order:1', %s)",
            [world.clock.now()],
        )
    assert prepare_world(world) == NoticesPrepared(written=3, held=1, overtaken=0)
    (held,) = lines(world, status=NoticeStatus.HELD)
    assert "字段“order”" in held.reason


def test_a_departments_own_template_is_used_for_its_policies(world: World) -> None:
    own = parse_templates(with_change("confirmation_asked", "请确认是否享受", "请答复", department="人社局"))
    prepare_world(world, wording(templates=own))
    assert lines(world)[0].subject == "请答复：示例 confirm"


def order(about: str = "order:7", due: date = date(2025, 7, 8)) -> NewNotice:
    """Return an order to act."""
    return NewNotice(
        recipient="wang.fang",
        kind=NoticeKind.ORDER_TO_ACT,
        about=about,
        fields={
            "order": 7,
            "department": "人社局",
            "subject": "办结逾期事项。",
            "given_by": "li.ming",
            "given_on": date(2025, 7, 1),
            "due": due,
        },
    )


def test_a_notice_to_staff_is_added_once_and_says_its_fields(database: Database, tmp_path: Path) -> None:
    world = make_world(database, tmp_path, ("confirm",), 1)
    with database.unit_of_work() as work:
        assert work.notices.add([order(), order(due=date(2025, 7, 9)), order("order:8")], world.clock.now()) == 2
        assert work.notices.add([order()], world.clock.now()) == 0
        work.commit()
    assert prepare_world(world).written == 2
    found = story(world, lines(world)[0].notice_id)
    assert found.text is not None
    assert found.text.subject == "督办令第7号：办结逾期事项"
    assert found.text.body.startswith("wang.fang：\n\n督办令第7号，2025年7月1日由li.ming下达给人社局。")
    assert (found.fields or {})["due"] == "2025-07-08"
    assert found.step is None


def test_a_notice_with_a_wrong_field_is_not_added(database: Database) -> None:
    wrong = NewNotice(recipient="wang.fang", kind=NoticeKind.ORDER_TO_ACT, about="order:1", fields={"order": 1})
    with database.unit_of_work() as work, pytest.raises(WrongNoticeFields):
        work.notices.add([wrong], OPENED)


def test_the_outsider_is_told_nothing(world: World) -> None:
    assert lines(world, recipient=f"firm:{OUTSIDER}") == []


def test_an_extension_overtakes_the_reminder_of_the_former_last_day(world: World, database_url: str) -> None:
    case_id = lines(world)[0].case_id or 0
    remind(database_url, world, case_id)
    extend_cases(
        world.database, CALENDAR, [case_id], until=date(2025, 7, 18), reason="x", by="wang.fang", clock=world.clock
    )
    prepare_world(world)
    (reminder,) = lines(world, kind=NoticeKind.REMINDER)
    assert (reminder.status, Event.EXTEND.value in reminder.reason) == (NoticeStatus.OVERTAKEN, False)
    assert "延长期限" in reminder.reason
