"""The next way of each open notice, chosen for a page at a time from what the database holds."""

import threading
from dataclasses import replace
from datetime import timedelta

from policy_match.notices.channel_choice import NoWay
from policy_match.notices.contacts import NewSuppression
from policy_match.notices.health import Demotion
from policy_match.notices.model import Channel, DeliveryStatus, NoticeStatus
from policy_match.services.plan_deliveries import Planner, reopen_where_possible
from tests.support.cases import MovableClock
from tests.support.delivery_desk import DeliveryDesk
from tests.support.delivery_flow import CLERK, give_addresses, give_all, mail_address, open_notices, phone, recipient
from tests.support.mail_server import MailFault, MailServer
from tests.support.message_gateway import MessageGateway

WAITING, CANCELLED = DeliveryStatus.WAITING, DeliveryStatus.CANCELLED
BOTH = (Channel.SMS, Channel.EMAIL)


def prefer(desk: DeliveryDesk, number: int, *channels: Channel) -> None:
    with desk.database.unit_of_work() as work:
        work.contacts.prefer(recipient(number), channels, None, desk.clock.now(), CLERK)
        work.commit()


def suppress(desk: DeliveryDesk, new: NewSuppression) -> int:
    with desk.database.unit_of_work() as work:
        (made,) = work.contacts.suppress(new, desk.clock.now(), CLERK)
        work.commit()
    return made


def demote(desk: DeliveryDesk, provider: str, minutes: int = 30) -> None:
    now = desk.clock.now()
    with desk.database.unit_of_work() as work:
        work.deliveries.sending.demote(
            Demotion(provider=provider, until=now + timedelta(minutes=minutes), failures=9, outcomes=9, at=now)
        )
        work.commit()


def reasons(desk: DeliveryDesk) -> list[str]:
    found = desk.rows("SELECT reason FROM notice_event WHERE event = 'fail' ORDER BY notice_id, seq")
    return [row["reason"] for row in found]


def due(desk: DeliveryDesk) -> list[str]:
    found = desk.rows(
        "SELECT due_at AT TIME ZONE 'Asia/Shanghai' AS at FROM delivery WHERE provider <> 'inbox' ORDER BY 1"
    )
    return [f"{row['at']:%m-%d %H:%M}" for row in found]


def test_each_recipients_own_order_counts_and_else_that_of_the_settings(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 2)
    give_all(desk.database, 2, BOTH, desk.clock)
    prefer(desk, 2, Channel.LETTER, Channel.EMAIL)
    planned = desk.plan()
    assert planned.ways == {Channel.SMS: 1, Channel.EMAIL: 1}
    assert desk.deliveries() == [("gate", WAITING), ("mail", WAITING)]


def test_the_newest_wish_of_a_recipient_counts(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 1)
    give_all(desk.database, 1, BOTH, desk.clock)
    prefer(desk, 1, Channel.SMS)
    prefer(desk, 1, Channel.EMAIL)
    desk.plan()
    assert desk.deliveries() == [("mail", WAITING)]


def test_the_newest_address_of_a_source_replaces_the_older(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 1)
    give_addresses(desk.database, [(recipient(1), Channel.EMAIL, mail_address(1))], desk.clock)
    give_addresses(desk.database, [(recipient(1), Channel.EMAIL, mail_address(2))], desk.clock)
    desk.plan()
    (row,) = desk.rows("SELECT contact_id FROM delivery WHERE provider = 'mail'")
    (newest,) = desk.rows("SELECT max(contact_id) AS contact_id FROM contact")
    assert row == newest


def test_a_text_message_of_the_evening_waits_for_the_morning_and_a_mail_does_not(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 2)
    give_all(desk.database, 1, [Channel.SMS], desk.clock)
    give_all(desk.database, 1, [Channel.EMAIL], desk.clock, first=2)
    desk.clock.move(13.5 / 24)
    desk.plan()
    assert due(desk) == ["07-01 22:30", "07-02 08:00"]


def test_who_has_no_address_waits_for_a_person(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 1)
    assert desk.plan().none_left == {NoWay.NO_CONTACT: 1}
    assert desk.notices() == [NoticeStatus.UNREACHED]
    assert reasons(desk) == ["no_contact"]


def test_who_wants_only_the_portal_is_told_nowhere_else(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 1)
    give_all(desk.database, 1, BOTH, desk.clock)
    prefer(desk, 1)
    assert desk.plan().none_left == {NoWay.NOT_WANTED: 1}


def test_a_suppressed_recipient_or_address_is_passed_over_until_it_is_lifted(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 2)
    give_all(desk.database, 2, BOTH, desk.clock)
    (row,) = desk.rows("SELECT fingerprint FROM contact WHERE recipient = %s AND channel = 'sms'", recipient(1))
    suppress(
        desk, NewSuppression(recipient=None, fingerprints=[row["fingerprint"]], channel=Channel.SMS, reason="moved")
    )
    number = suppress(desk, NewSuppression(recipient=recipient(2), fingerprints=[], channel=None, reason="asked"))
    planned = desk.plan()
    assert planned.ways == {Channel.EMAIL: 1}
    assert planned.none_left == {NoWay.SUPPRESSED: 1}
    with desk.database.unit_of_work() as work:
        assert work.contacts.lift(number, "asked again", desk.clock.now(), CLERK)
        work.commit()
    assert reopen_where_possible(desk.database, Planner(desk.channels, desk.rules), desk.clock) == 1
    assert desk.plan().ways == {Channel.SMS: 1}


def test_planning_again_changes_nothing(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 5)
    give_all(desk.database, 4, BOTH, desk.clock)
    desk.plan()
    before = desk.rows("SELECT count(*) AS n FROM delivery"), desk.notices()
    again = desk.plan()
    assert (again.ways, again.none_left, again.moved) == ({}, {}, 0)
    assert (desk.rows("SELECT count(*) AS n FROM delivery"), desk.notices()) == before


def test_two_that_plan_at_once_choose_each_way_once(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 200)
    give_all(desk.database, 200, BOTH, desk.clock)
    found: list[int] = []
    both = threading.Barrier(2)

    def plan() -> None:
        both.wait()
        found.append(sum(desk.plan().ways.values()))

    threads = [threading.Thread(target=plan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 200
    assert len(desk.deliveries()) == 200


def test_what_waits_at_a_provider_that_is_gone_from_the_settings_goes_another_way(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 3)
    give_all(desk.database, 2, BOTH, desk.clock)
    give_all(desk.database, 1, [Channel.SMS], desk.clock, first=3)
    desk.plan()
    without = replace(desk, channels=desk.channels[1:])
    planned = without.plan()
    assert planned.moved == 3
    assert planned.ways == {Channel.EMAIL: 2}
    assert planned.none_left == {NoWay.NO_PROVIDER: 1}
    assert desk.deliveries() == [("gate", CANCELLED)] * 3 + [("mail", WAITING)] * 2


def test_what_waits_at_a_demoted_provider_goes_through_a_sound_one(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    two = replace(desk, channels=[*desk.channels, gateway.channel("sms_gateway", "gate-2")])
    open_notices(desk.url, 2)
    give_all(desk.database, 2, [Channel.SMS], desk.clock)
    two.plan()
    demote(two, "gate")
    planned = two.plan()
    assert planned.moved == 2
    assert two.deliveries() == [("gate", CANCELLED)] * 2 + [("gate-2", WAITING)] * 2


def test_without_a_better_way_what_waits_stays_at_the_demoted_provider(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 2)
    give_all(desk.database, 2, [Channel.SMS], desk.clock)
    desk.plan()
    demote(desk, "gate")
    assert desk.plan().moved == 0
    assert desk.deliveries() == [("gate", WAITING)] * 2


def test_new_notices_keep_away_from_a_demoted_provider_until_that_ends(desk: DeliveryDesk) -> None:
    demote(desk, "gate", minutes=30)
    open_notices(desk.url, 1)
    give_all(desk.database, 2, BOTH, desk.clock)
    desk.plan()
    desk.clock.move(31 / 24 / 60)
    open_notices(desk.url, 1, first=2, at=desk.clock.now())
    desk.plan()
    assert desk.deliveries() == [("mail", WAITING), ("gate", WAITING)]


def test_a_message_that_may_have_been_sent_is_not_moved_by_a_demotion(desk: DeliveryDesk, mail: MailServer) -> None:
    open_notices(desk.url, 1)
    give_all(desk.database, 1, [Channel.EMAIL, Channel.LETTER], desk.clock)
    mail.faults.plan(MailFault.HANG_UP_TAKEN)
    desk.go()
    demote(desk, "mail")
    assert desk.plan().moved == 0
    assert desk.deliveries() == [("mail", WAITING)]


def test_a_new_address_reopens_what_nobody_could_be_told(desk: DeliveryDesk, clock: MovableClock) -> None:
    open_notices(desk.url, 2)
    desk.plan()
    give_addresses(desk.database, [(recipient(1), Channel.SMS, phone(1))], clock)
    assert reopen_where_possible(desk.database, Planner(desk.channels, desk.rules), clock) == 1
    assert desk.notices() == [NoticeStatus.OPEN, NoticeStatus.UNREACHED]
