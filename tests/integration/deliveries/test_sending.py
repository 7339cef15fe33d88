"""Messages handed to real local providers, and what is recorded of each, whatever the provider does."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from policy_match.notices.health import MOST_IN_A_ROW, DemotionRule
from policy_match.notices.messages import DeliveryReceipt, Outcome, OutgoingMessage, SendResult
from policy_match.notices.model import Channel, DeliveryEvent, DeliveryStatus, NoticeEvent, NoticeStatus
from policy_match.services.send_notices import ADDRESS_UNREADABLE, RunEnd, UnknownProvider, send_notices
from policy_match.storage.account_sealer import AccountSealer, UnknownSealingKey
from policy_match.storage.address_opener import AddressOpener
from tests.support.delivery_desk import OPENER, DeliveryDesk, letters
from tests.support.delivery_flow import (
    give_addresses,
    give_all,
    mail_address,
    open_notices,
    recipient,
)
from tests.support.mail_server import MailFault, MailServer
from tests.support.message_gateway import GatewayFault, MessageGateway

WAITING, HANDED_OVER, FAILED = DeliveryStatus.WAITING, DeliveryStatus.HANDED_OVER, DeliveryStatus.FAILED
MINUTE = 1 / 24 / 60


def give(desk: DeliveryDesk, count: int, *channels: Channel) -> None:
    """Open so many notices of firms with an address of each channel, and choose their ways."""
    open_notices(desk.url, count)
    give_all(desk.database, count, channels, desk.clock)
    desk.plan()


def codes(desk: DeliveryDesk) -> list[tuple[str, str]]:
    """Return event and code of every step that has a code."""
    found = desk.rows("SELECT event, code FROM delivery_event WHERE code <> '' ORDER BY delivery_id, seq")
    return [(row["event"], row["code"]) for row in found]


def test_a_message_arrives_with_its_text_its_key_and_at_its_address(desk: DeliveryDesk, mail: MailServer) -> None:
    give(desk, 1, Channel.EMAIL)
    runs = desk.send()
    (received,) = mail.received
    assert list(received.recipients) == [mail_address(1)]
    (row,) = desk.rows("SELECT delivery_id FROM delivery WHERE provider = 'mail'")
    assert received.key == f"PMN{row['delivery_id']}"
    assert runs["mail"].events == {DeliveryEvent.HAND_OVER: 1}
    assert desk.deliveries() == [("mail", HANDED_OVER)]
    assert desk.notices() == [NoticeStatus.REACHED]


def test_each_channel_hands_over_what_was_chosen_for_it(
    desk: DeliveryDesk, gateway: MessageGateway, mail: MailServer, post: Path
) -> None:
    open_notices(desk.url, 6)
    give_all(desk.database, 2, [Channel.SMS], desk.clock)
    give_all(desk.database, 2, [Channel.EMAIL], desk.clock, first=3)
    give_all(desk.database, 2, [Channel.LETTER], desk.clock, first=5)
    desk.go()
    assert (gateway.counts().total(), mail.counts().total(), len(letters(post))) == (2, 2, 2)
    assert desk.notices() == [NoticeStatus.REACHED] * 6


def test_sending_again_sends_nothing_again(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 3, Channel.SMS)
    desk.send()
    assert desk.send()["gate"].events == {}
    assert gateway.counts().total() == 3


def test_no_address_is_written_anywhere_in_clear(desk: DeliveryDesk, mail: MailServer) -> None:
    mail.faults.plan(MailFault.NO_SUCH_ADDRESS, MailFault.BUSY, MailFault.CONTENT_REFUSED)
    give(desk, 4, Channel.EMAIL)
    runs = desk.send()
    kept = desk.rows("SELECT to_jsonb(e)::text AS text FROM delivery_event AS e")
    kept += desk.rows("SELECT to_jsonb(s)::text AS text FROM suppression AS s")
    texts = [row["text"] for row in kept] + [repr(runs)]
    assert not [text for text in texts if "invented.example" in text]


def test_an_address_that_does_not_exist_is_suppressed_and_the_next_channel_is_taken(
    desk: DeliveryDesk, mail: MailServer, post: Path
) -> None:
    mail.faults.plan(MailFault.NO_SUCH_ADDRESS)
    give(desk, 1, Channel.EMAIL, Channel.LETTER)
    desk.send()
    (row,) = desk.rows("SELECT channel, reason FROM suppression")
    assert row["channel"] == "email"
    assert row["reason"].startswith("no_such_address (PMN")
    desk.go()
    assert desk.deliveries() == [("mail", FAILED), ("post", HANDED_OVER)]
    assert len(letters(post)) == 1
    open_notices(desk.url, 1, about="another")
    desk.plan()
    assert desk.deliveries()[-1] == ("post", WAITING)


def test_a_full_mailbox_is_no_reason_to_suppress(desk: DeliveryDesk, mail: MailServer) -> None:
    mail.faults.plan(MailFault.MAILBOX_FULL)
    give(desk, 1, Channel.EMAIL)
    desk.send()
    assert desk.rows("SELECT * FROM suppression") == []


def test_a_gateway_that_says_no_inside_an_answer_of_200_is_understood(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    gateway.faults.plan(GatewayFault.BUSY_INSIDE, GatewayFault.REFUSED_INSIDE, GatewayFault.NO_SUCH_ADDRESS)
    give(desk, 4, Channel.SMS)
    desk.send()
    assert desk.deliveries() == [("gate", WAITING), ("gate", FAILED), ("gate", FAILED), ("gate", HANDED_OVER)]
    assert codes(desk) == [("retry", "busy"), ("fail", "content_refused"), ("fail", "no_such_address")]


def test_what_is_refused_for_now_is_tried_again_later_and_then_goes_another_way(
    desk: DeliveryDesk, mail: MailServer, post: Path
) -> None:
    mail.faults.plan(*[MailFault.BUSY] * 6)
    give(desk, 1, Channel.EMAIL, Channel.LETTER)
    waits = []
    for _ in range(6):
        desk.send("mail")
        (row,) = desk.rows("SELECT status, tries, due_at FROM delivery_state WHERE provider = 'mail'")
        if row["due_at"] is None:
            break
        waits.append((row["due_at"] - desk.clock.now()) / timedelta(minutes=1))
        assert desk.send("mail")["mail"].events == {}
        desk.clock.move(waits[-1] * MINUTE)
    assert (row["status"], row["tries"]) == ("failed", 6)
    for waited, least in zip(waits, (1, 5, 30, 120, 360), strict=True):
        assert least <= waited <= 1.2 * least
    desk.go()
    assert len(letters(post)) == 1


def test_a_mail_whose_reply_was_lost_is_repeated_once_and_counted(desk: DeliveryDesk, mail: MailServer) -> None:
    mail.faults.plan(MailFault.HANG_UP_TAKEN, None)
    give(desk, 1, Channel.EMAIL)
    desk.send()
    desk.clock.move(2 * MINUTE)
    desk.send()
    assert desk.deliveries() == [("mail", HANDED_OVER)]
    assert mail.duplicates() == 1
    assert desk.repair().possible_duplicates == {"mail": 1}


def test_a_mail_lost_twice_is_given_up_and_waits_for_a_person(desk: DeliveryDesk, mail: MailServer, post: Path) -> None:
    mail.faults.plan(MailFault.HANG_UP_TAKEN, MailFault.HANG_UP_NOT_TAKEN)
    give(desk, 1, Channel.EMAIL, Channel.LETTER)
    for _ in range(4):
        desk.go()
        desk.clock.move(10 * MINUTE)
    assert desk.deliveries() == [("mail", DeliveryStatus.UNKNOWN)]
    assert desk.notices() == [NoticeStatus.UNREACHED]
    assert letters(post) == []
    (row,) = desk.rows("SELECT reason FROM notice_event WHERE event = 'fail'")
    assert row["reason"] == "uncertain"


def test_a_text_message_whose_reply_was_lost_is_repeated_with_its_key_and_arrives_once(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    gateway.faults.plan(GatewayFault.HANG_UP_TAKEN, GatewayFault.HANG_UP_NOT_TAKEN)
    give(desk, 2, Channel.SMS)
    for _ in range(3):
        desk.send()
        desk.clock.move(5 * MINUTE)
    assert desk.deliveries() == [("gate", HANDED_OVER)] * 2
    assert gateway.duplicates() == 0
    assert gateway.counts().total() == 2
    assert desk.repair().possible_duplicates == {}


def test_a_provider_that_does_not_work_is_left_alone_and_demoted(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    gateway.faults.plan(*[GatewayFault.SERVER_ERROR_NOT_TAKEN] * MOST_IN_A_ROW)
    give(desk, 20, Channel.SMS, Channel.EMAIL)
    run = desk.send("gate")["gate"]
    assert run.end is RunEnd.DEMOTED
    assert run.demotion is not None
    assert run.demotion.until == desk.clock.now() + desk.rules.demotion.lasts
    tries = Counter(row["tries"] for row in desk.rows("SELECT tries FROM delivery_state WHERE provider = 'gate'"))
    assert tries == {1: MOST_IN_A_ROW, 0: 20 - MOST_IN_A_ROW}
    moved = desk.plan().moved
    assert moved >= 20 - MOST_IN_A_ROW


def test_after_five_faults_in_a_row_a_run_ends_although_nobody_is_demoted(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    gateway.faults.plan(*[GatewayFault.SERVER_ERROR_NOT_TAKEN] * MOST_IN_A_ROW)
    give(desk, 8, Channel.SMS)
    patient = replace(desk, rules=replace(desk.rules, demotion=DemotionRule(failures=100)))
    run = patient.send("gate")["gate"]
    assert (run.end, run.demotion) == (RunEnd.FAULTS, None)


def test_a_demoted_provider_is_not_demoted_again_while_that_lasts(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    gateway.faults.plan(*[GatewayFault.SERVER_ERROR_NOT_TAKEN] * 2 * MOST_IN_A_ROW)
    give(desk, 20, Channel.SMS)
    assert desk.send("gate")["gate"].end is RunEnd.DEMOTED
    assert desk.send("gate")["gate"].end is RunEnd.FAULTS
    assert desk.rows("SELECT count(*) AS n FROM provider_demotion") == [{"n": 1}]


def test_taken_and_not_tried_is_no_try(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    gateway.faults.plan(*[GatewayFault.SERVER_ERROR_NOT_TAKEN] * MOST_IN_A_ROW)
    give(desk, 8, Channel.SMS)
    assert desk.send()["gate"].events[DeliveryEvent.RELEASE] == 3
    assert desk.send()["gate"].events == {DeliveryEvent.HAND_OVER: 3}


def test_after_a_few_faults_among_many_messages_the_run_goes_on(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    gateway.faults.plan(*[GatewayFault.BUSY_INSIDE, None] * 4)
    give(desk, 12, Channel.SMS)
    run = desk.send()["gate"]
    assert run.end is RunEnd.DONE
    assert run.events == {DeliveryEvent.RETRY: 4, DeliveryEvent.HAND_OVER: 8}
    assert run.demotion is None


def step_notices(desk: DeliveryDesk, event: NoticeEvent) -> None:
    """Take a step with every open notice."""
    with desk.database.unit_of_work() as work:
        found = {row["notice_id"]: "invented" for row in desk.rows("SELECT notice_id FROM notice_state")}
        work.notices.step(found, event, desk.clock.now(), "system")
        work.commit()


@pytest.mark.parametrize("event", [NoticeEvent.OVERTAKE, NoticeEvent.REACH])
def test_what_need_not_be_said_any_more_is_not_sent(
    desk: DeliveryDesk, gateway: MessageGateway, event: NoticeEvent
) -> None:
    give(desk, 25, Channel.SMS)
    step_notices(desk, event)
    open_notices(desk.url, 1, first=30, about="another")
    give_all(desk.database, 1, [Channel.SMS], desk.clock, first=30)
    desk.plan()
    run = desk.send()["gate"]
    assert run.events == {DeliveryEvent.CANCEL: 25, DeliveryEvent.HAND_OVER: 1}
    assert gateway.counts().total() == 1


def test_nothing_is_sent_in_the_quiet_hours_however_long_it_waited(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    desk.clock.move(13 / 24)
    assert desk.send()["gate"].end is RunEnd.QUIET
    assert gateway.counts().total() == 0
    desk.clock.move(11 / 24)
    assert desk.send()["gate"].events == {DeliveryEvent.HAND_OVER: 1}


def test_an_unknown_provider_is_named_as_such(desk: DeliveryDesk) -> None:
    with pytest.raises(UnknownProvider, match="gate, mail, post"):
        desk.send("pigeon")


def test_a_run_takes_no_more_than_it_may(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 30, Channel.SMS)
    run = desk.send(most=12)["gate"]
    assert (run.end, run.events) == (RunEnd.LIMIT, {DeliveryEvent.HAND_OVER: 12})
    assert desk.send()["gate"].events == {DeliveryEvent.HAND_OVER: 18}


def test_a_run_says_how_far_it_is(desk: DeliveryDesk) -> None:
    give(desk, 30, Channel.SMS)
    told: list[tuple[int, int]] = []
    send_notices(
        desk.database,
        desk.channels,
        OPENER,
        desk.rules,
        desk.clock,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (30, 30)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_broken_seal_stops_one_message_and_no_other(desk: DeliveryDesk, mail: MailServer) -> None:
    open_notices(desk.url, 2)
    give_addresses(desk.database, [(recipient(2), Channel.EMAIL, mail_address(2))], desk.clock)
    with psycopg.connect(desk.url) as connection:
        connection.execute(
            "INSERT INTO policy_match.contact (recipient, channel, sealed, key_id, fingerprint, masked, source, at, by)"
            " SELECT %s, channel, sealed, key_id, fingerprint, masked, source, at, by FROM policy_match.contact",
            [recipient(1)],
        )
    desk.go()
    assert codes(desk) == [("fail", ADDRESS_UNREADABLE)]
    assert [list(each.recipients) for each in mail.received] == [[mail_address(2)]]


def test_without_the_key_nothing_is_taken(desk: DeliveryDesk, mail: MailServer) -> None:
    give(desk, 1, Channel.EMAIL)
    other = AddressOpener(AccountSealer([b"another key of thirty-two bytes!"]))
    with pytest.raises(UnknownSealingKey):
        send_notices(desk.database, desk.channels, other, desk.rules, desk.clock)
    assert desk.deliveries() == [("mail", WAITING)]
    assert mail.received == []


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_two_senders_at_once_send_each_message_once(
    desk: DeliveryDesk, gateway: MessageGateway, mail: MailServer, channel: Channel
) -> None:
    give(desk, 60, channel)
    events: list[Mapping[DeliveryEvent, int]] = []
    both = threading.Barrier(2)

    def send() -> None:
        both.wait()
        events.extend(run.events for run in desk.send().values())

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each.get(DeliveryEvent.HAND_OVER, 0) for each in events) == 60
    assert gateway.counts().total() + mail.counts().total() == 60
    assert gateway.duplicates() + mail.duplicates() == 0


def test_a_clock_that_was_set_back_sends_late_and_never_twice(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    gateway.faults.plan(GatewayFault.BUSY_INSIDE)
    give(desk, 2, Channel.SMS)
    desk.send()
    desk.clock.move(-1)
    assert desk.send()["gate"].events == {}
    desk.clock.move(1 + 2 * MINUTE)
    desk.send()
    assert desk.deliveries() == [("gate", HANDED_OVER)] * 2
    assert gateway.duplicates() == 0


def test_a_clock_that_jumped_ahead_sends_at_once(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    desk.clock.move(400)
    assert desk.send()["gate"].events == {DeliveryEvent.HAND_OVER: 1}


@dataclass
class Breaking:
    """A channel of which the program itself breaks at the third message."""

    name: str = "breaking"
    channel: Channel = Channel.LETTER
    promises_once: bool = True
    gives_receipts: bool = False
    sent: list[str] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator["Breaking"]:
        yield self

    def send(self, message: OutgoingMessage) -> SendResult:
        if len(self.sent) == 2:
            raise KeyboardInterrupt
        self.sent.append(message.key)
        return SendResult(outcome=Outcome.ACCEPTED)

    def read_receipts(self, content: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        return ()

    def fetch_receipts(self) -> Sequence[bytes]:
        return ()

    def confirm_receipts(self, contents: Sequence[bytes]) -> None:
        assert not contents


def test_whoever_interrupts_leaves_one_message_in_doubt_and_gives_the_others_back(desk: DeliveryDesk) -> None:
    broken = replace(desk, channels=[Breaking()])
    give(broken, 6, Channel.LETTER)
    with pytest.raises(KeyboardInterrupt):
        broken.send()
    statuses = Counter(status for _, status in broken.deliveries())
    assert statuses == {HANDED_OVER: 2, DeliveryStatus.SENDING: 1, WAITING: 3}
    assert broken.notices().count(NoticeStatus.REACHED) == 2
