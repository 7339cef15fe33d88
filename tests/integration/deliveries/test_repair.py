"""Every known way to lose a message: planted, found, repaired where that is lawful, and counted."""

import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from policy_match.cases.model import NoticeKind
from policy_match.notices.model import Channel, DeliveryId, DeliveryStatus, NoticeStatus
from policy_match.services.repair_notices import FindingKind, NoticeRepair
from policy_match.services.settle_deliveries import NotInDoubt, Settlement, deliveries_in_doubt, settle_delivery
from policy_match.storage.embedded import SUPERUSER
from tests.support.delivery_desk import DeliveryDesk, letters
from tests.support.delivery_flow import CLERK, MORNING, give_addresses, give_all, open_notices, phone, recipient
from tests.support.mail_server import MailFault, MailServer
from tests.support.message_gateway import GatewayFault, MessageGateway, ReceiptHabits
from tests.support.payment_flow import add_base, add_cases, app_connection, cases

MINUTE = 1 / 24 / 60
WAITING, HANDED_OVER, UNKNOWN = DeliveryStatus.WAITING, DeliveryStatus.HANDED_OVER, DeliveryStatus.UNKNOWN
CANCELLED = DeliveryStatus.CANCELLED


def give(desk: DeliveryDesk, count: int, *channels: Channel, kind: NoticeKind = NoticeKind.INFORMATION) -> None:
    """Open so many notices of firms with an address of each channel, and choose their ways."""
    open_notices(desk.url, count, kind=kind)
    give_all(desk.database, count, channels, desk.clock)
    desk.plan()


def die_sending(desk: DeliveryDesk, provider: str) -> None:
    """Let a sender take all its messages and die."""
    with desk.database.unit_of_work() as work:
        work.deliveries.sending.take(provider, desk.clock.now(), 100)
        work.commit()


def test_nothing_is_found_when_nothing_was_lost(desk: DeliveryDesk) -> None:
    give(desk, 3, Channel.SMS, Channel.EMAIL)
    desk.send()
    assert desk.repaired() == {}
    kinds = {each.kind for each in desk.repair().findings}
    assert kinds == set(FindingKind)


def test_a_dead_senders_text_messages_are_sent_again_with_their_keys(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    give(desk, 3, Channel.SMS)
    die_sending(desk, "gate")
    desk.clock.move(6 * MINUTE)
    assert desk.repaired() == {FindingKind.LOST_SEND: (3, 3)}
    desk.clock.move(2 * MINUTE)
    desk.send()
    assert desk.deliveries() == [("gate", HANDED_OVER)] * 3
    assert desk.repair().possible_duplicates == {}


def test_a_dead_senders_mail_is_sent_once_more_and_counted_and_then_given_up(desk: DeliveryDesk) -> None:
    give(desk, 1, Channel.EMAIL, Channel.LETTER)
    for round_number in (1, 2):
        die_sending(desk, "mail")
        desk.clock.move(8 * MINUTE)
        repair = desk.repair()
        assert repair.possible_duplicates == {"mail": 1}, round_number
        desk.clock.move(8 * MINUTE)
    assert desk.deliveries() == [("mail", UNKNOWN)]
    assert desk.notices() == [NoticeStatus.UNREACHED]


def test_what_a_living_sender_holds_is_left_alone(desk: DeliveryDesk) -> None:
    give(desk, 1, Channel.EMAIL)
    die_sending(desk, "mail")
    desk.clock.move(1)
    with desk.database.unit_of_work() as alive:
        alive.deliveries.sending.hold("mail")
        assert desk.repaired()[FindingKind.LOST_SEND] == (1, 0)
    assert desk.repaired()[FindingKind.LOST_SEND] == (1, 1)


def test_what_is_sent_right_now_is_not_lost(desk: DeliveryDesk) -> None:
    give(desk, 1, Channel.EMAIL)
    die_sending(desk, "mail")
    assert desk.repaired() == {}


def test_a_send_from_a_time_still_to_come_is_lost_too(desk: DeliveryDesk) -> None:
    give(desk, 1, Channel.SMS)
    desk.clock.move(10)
    die_sending(desk, "gate")
    desk.clock.move(-10)
    assert desk.repaired()[FindingKind.LOST_SEND] == (1, 1)


def test_what_a_removed_provider_may_have_sent_waits_for_a_person(desk: DeliveryDesk) -> None:
    give(desk, 1, Channel.SMS, Channel.EMAIL)
    die_sending(desk, "gate")
    desk.clock.move(1)
    without = replace(desk, channels=desk.channels[1:])
    assert without.repaired()[FindingKind.LOST_SEND] == (1, 1)
    assert without.deliveries() == [("gate", UNKNOWN)]
    assert without.notices() == [NoticeStatus.UNREACHED]


@pytest.mark.parametrize(("kind", "goes_on"), [(NoticeKind.CONFIRMATION_ASKED, True), (NoticeKind.PAID, False)])
def test_without_a_receipt_only_what_asks_for_an_answer_goes_another_way(
    desk: DeliveryDesk, kind: NoticeKind, goes_on: bool
) -> None:
    with MessageGateway(desk.clock, receipts=ReceiptHabits(missing=1.0)) as silent:
        quiet = replace(desk, channels=[silent.channel("sms_gateway", "gate"), *desk.channels[1:]])
        give(quiet, 1, Channel.SMS, Channel.EMAIL, kind=kind)
        quiet.send()
    desk.clock.move(2.9)
    assert FindingKind.RECEIPT_OVERDUE not in desk.repaired()
    desk.clock.move(0.2)
    assert desk.repaired()[FindingKind.RECEIPT_OVERDUE] == (1, 1)
    expected = [("gate", DeliveryStatus.UNCONFIRMED)] + ([("mail", WAITING)] if goes_on else [])
    assert desk.deliveries() == expected
    assert desk.notices() == [NoticeStatus.OPEN if goes_on else NoticeStatus.REACHED]
    assert [each.delivery_id for each in deliveries_in_doubt(desk.database, after=0, most=10)] != []


def test_what_would_wait_for_ever_after_the_clock_was_set_back_is_planned_anew(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    gateway.faults.plan(GatewayFault.BUSY_INSIDE)
    desk.clock.move(100)
    give(desk, 1, Channel.SMS)
    desk.send()
    desk.clock.move(-100)
    assert desk.repaired()[FindingKind.CLOCK_WENT_BACK] == (1, 1)
    desk.send()
    assert desk.deliveries() == [("gate", CANCELLED), ("gate", HANDED_OVER)]


def test_what_waits_for_a_notice_that_needs_nothing_is_taken_back(desk: DeliveryDesk) -> None:
    give(desk, 1, Channel.SMS)
    with app_connection(desk.url) as connection:
        connection.execute(
            "INSERT INTO notice_event (notice_id, seq, event, before, after, at, by)"
            " SELECT notice_id, seq + 1, 'overtake', 'open', 'overtaken', %s, 'system' FROM notice_state",
            [desk.clock.now()],
        )
    assert desk.repaired() == {FindingKind.NEEDLESS: (1, 1)}
    assert desk.deliveries() == [("gate", CANCELLED)]


def test_a_delivery_that_shows_more_than_its_notice_puts_it_right(desk: DeliveryDesk) -> None:
    give(desk, 1, Channel.SMS)
    with app_connection(desk.url) as connection:
        for seq, event, before, after in (
            (1, "send", "waiting", "sending"),
            (2, "hand_over", "sending", "handed_over"),
        ):
            connection.execute(
                "INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)"
                " SELECT delivery_id, %s, %s, %s, %s, %s FROM delivery_state WHERE provider = 'gate'",
                [seq, event, before, after, desk.clock.now()],
            )
    assert desk.repaired() == {FindingKind.REACH_UNRECORDED: (1, 1)}
    assert desk.notices() == [NoticeStatus.REACHED]


def test_a_step_of_a_case_without_its_notice_gets_it(desk: DeliveryDesk) -> None:
    add_base(desk.url)
    add_cases(desk.url, cases(100, 200, 300))
    with app_connection(desk.url) as connection:
        connection.execute(
            "INSERT INTO case_event (case_id, seq, event, before, after, at, by, reason)"
            " SELECT case_id, seq + 1, 'withdraw', status, 'withdrawn', %s, 'system', 'moved away' FROM case_state",
            [desk.clock.now()],
        )
    assert FindingKind.STEP_UNTOLD not in desk.repaired()
    with psycopg.connect(make_conninfo(desk.url, user=SUPERUSER)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET search_path = policy_match")
        connection.execute("DELETE FROM notice_state WHERE notice_id > 1")
        connection.execute("DELETE FROM notice WHERE notice_id > 1")
    assert desk.repaired()[FindingKind.STEP_UNTOLD] == (2, 2)
    told = desk.rows("SELECT case_id, kind::text, recipient FROM notice ORDER BY case_id")
    assert [(row["case_id"], row["kind"]) for row in told] == [(1, "withdrawn"), (2, "withdrawn"), (3, "withdrawn")]
    assert FindingKind.STEP_UNTOLD not in desk.repaired()


def test_a_new_address_gives_an_unreached_notice_a_way(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 2)
    desk.plan()
    assert desk.repaired() == {FindingKind.UNREACHED: (2, 0)}
    give_addresses(desk.database, [(recipient(1), Channel.SMS, phone(1))], desk.clock)
    assert desk.repaired() == {FindingKind.WAY_AGAIN: (1, 1), FindingKind.UNREACHED: (1, 0)}
    assert desk.deliveries() == [("gate", WAITING)]


def test_what_is_no_longer_so_gets_no_way_again(desk: DeliveryDesk) -> None:
    add_base(desk.url)
    add_cases(desk.url, cases(100))
    with app_connection(desk.url) as connection:
        connection.execute(
            "INSERT INTO notice (recipient, kind, case_id, seq, about, at)"
            " SELECT 'firm:' || uscc, 'reminder', case_id, seq, '3 days', %s FROM case_state",
            [MORNING],
        )
    open_notices(desk.url, 1, first=50)
    desk.plan()
    with app_connection(desk.url) as connection:
        connection.execute(
            "INSERT INTO case_event (case_id, seq, event, before, after, at, by, reason)"
            " SELECT case_id, seq + 1, 'withdraw', status, 'withdrawn', %s, 'system', 'moved away' FROM case_state",
            [desk.clock.now()],
        )
    give_all(desk.database, 50, [Channel.SMS], desk.clock)
    assert desk.repaired()[FindingKind.WAY_AGAIN] == (1, 1)
    assert desk.deliveries() == [("gate", WAITING)]
    assert desk.notices()[0] is NoticeStatus.UNREACHED


def test_an_open_notice_for_which_nobody_chose_a_way_gets_one(desk: DeliveryDesk) -> None:
    open_notices(desk.url, 2)
    give_all(desk.database, 1, [Channel.SMS], desk.clock)
    assert desk.repaired() == {FindingKind.WITHOUT_WAY: (2, 2), FindingKind.UNREACHED: (1, 0)}


def test_what_nobody_sends_or_prepares_is_counted(desk: DeliveryDesk) -> None:
    give(desk, 2, Channel.SMS)
    with app_connection(desk.url) as connection:
        connection.execute(
            "INSERT INTO notice (recipient, kind, about, at) SELECT unnest(%s::text[]), 'policy_date', 'x', %s",
            [[recipient(7), recipient(8)], MORNING],
        )
        connection.execute(
            "INSERT INTO notice_event (notice_id, seq, event, before, after, at, by)"
            " SELECT max(notice_id), 1, 'hold', 'due', 'held', %s, 'system' FROM notice",
            [MORNING],
        )
    assert desk.repaired() == {FindingKind.HELD: (1, 0)}
    desk.clock.move(2)
    assert desk.repaired() == {
        FindingKind.HELD: (1, 0),
        FindingKind.NOT_PREPARED: (1, 0),
        FindingKind.SEND_OVERDUE: (2, 0),
    }


def test_two_repairs_at_once_repair_everything_once(desk: DeliveryDesk) -> None:
    give(desk, 50, Channel.SMS)
    die_sending(desk, "gate")
    desk.clock.move(1)
    found: list[NoticeRepair] = []
    both = threading.Barrier(2)

    def repair() -> None:
        both.wait()
        found.append(desk.repair())

    threads = [threading.Thread(target=repair) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    repaired = [each.repaired for one in found for each in one.findings if each.kind is FindingKind.LOST_SEND]
    assert sum(repaired) == 50
    assert desk.rows("SELECT DISTINCT repeats FROM delivery_state WHERE provider = 'gate'") == [{"repeats": 1}]


@pytest.fixture
def uncertain(desk: DeliveryDesk, mail: MailServer) -> DeliveryId:
    """A mail of which nobody knows whether it arrived; the firm has a postal address too."""
    mail.faults.plan(MailFault.HANG_UP_TAKEN, MailFault.HANG_UP_NOT_TAKEN)
    give(desk, 1, Channel.EMAIL, Channel.LETTER)
    for _ in range(3):
        desk.go()
        desk.clock.move(10 * MINUTE)
    (found,) = deliveries_in_doubt(desk.database, after=0, most=10)
    assert (found.provider, found.tries, found.repeats, found.masked) == ("mail", 2, 1, "***")
    return found.delivery_id


def settle(desk: DeliveryDesk, delivery_id: DeliveryId, settlement: Settlement) -> None:
    settle_delivery(
        desk.database,
        desk.clock,
        delivery_id=delivery_id,
        settlement=settlement,
        by=CLERK,
        reason="telephoned",
    )


def test_a_person_who_finds_that_it_arrived_settles_it(desk: DeliveryDesk, uncertain: DeliveryId) -> None:
    settle(desk, uncertain, Settlement.ARRIVED)
    assert desk.deliveries() == [("mail", DeliveryStatus.DELIVERED)]
    assert desk.notices() == [NoticeStatus.REACHED]
    (row,) = desk.rows("SELECT by, reason FROM notice_event WHERE event = 'reach'")
    assert row == {"by": CLERK, "reason": "telephoned"}
    assert list(deliveries_in_doubt(desk.database, after=0, most=10)) == []


def test_a_person_who_finds_that_it_did_not_arrive_sends_it_another_way(
    desk: DeliveryDesk, uncertain: DeliveryId, post: Path
) -> None:
    settle(desk, uncertain, Settlement.NOT_ARRIVED)
    desk.go()
    assert desk.deliveries() == [("mail", DeliveryStatus.FAILED), ("post", HANDED_OVER)]
    assert len(letters(post)) == 1
    assert desk.repair().possible_duplicates == {"mail": 2}


def test_repair_alone_never_sends_what_may_have_arrived(desk: DeliveryDesk, uncertain: DeliveryId) -> None:
    give_addresses(desk.database, [(recipient(1), Channel.SMS, phone(1))], desk.clock)
    for _ in range(3):
        desk.clock.move(1)
        desk.repair()
        desk.go()
    assert desk.deliveries() == [("mail", UNKNOWN)]


def test_only_what_is_in_doubt_is_settled(desk: DeliveryDesk) -> None:
    give(desk, 1, Channel.SMS)
    (row,) = desk.rows("SELECT delivery_id FROM delivery WHERE provider = 'gate'")
    for number in (row["delivery_id"], 10**12):
        with pytest.raises(NotInDoubt, match="notices uncertain"):
            settle(desk, DeliveryId(number), Settlement.ARRIVED)


def test_what_was_handed_over_without_a_word_may_be_settled_too(desk: DeliveryDesk, post: Path) -> None:
    with MessageGateway(desk.clock, receipts=ReceiptHabits(missing=1.0)) as silent:
        quiet = replace(desk, channels=[silent.channel("sms_gateway", "gate"), *desk.channels[1:]])
        give(quiet, 1, Channel.SMS, Channel.LETTER, kind=NoticeKind.PAID)
        quiet.send()
    desk.clock.move(4)
    desk.repair()
    (found,) = deliveries_in_doubt(desk.database, after=0, most=10)
    settle(desk, found.delivery_id, Settlement.NOT_ARRIVED)
    desk.go()
    assert len(letters(post)) == 1
    assert desk.notices() == [NoticeStatus.REACHED]
