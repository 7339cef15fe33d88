"""What providers say afterwards: believed or not, in any order, as often as they like."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from policy_match.cases.model import NoticeKind
from policy_match.notices.messages import Outcome, SendResult
from policy_match.notices.model import Channel, DeliveryId, DeliveryStatus, NoticeStatus
from policy_match.notices.outcomes import Sending, step_after
from policy_match.notices.receipts import ReceiptVerdict
from policy_match.payments.records import SealedContent
from policy_match.services.repair_notices import FindingKind
from policy_match.services.take_receipts import ReceiptContent, take_receipts
from policy_match.values import Digest
from tests.support.cases import MovableClock
from tests.support.delivery_desk import DeliveryDesk, letters
from tests.support.delivery_flow import give_all, open_notices
from tests.support.mail_server import MailFault, MailServer, status_notification
from tests.support.message_gateway import MessageGateway, ReceiptHabits
from tests.support.payment_flow import SEALER

DELIVERED, BOUNCED, HANDED_OVER = DeliveryStatus.DELIVERED, DeliveryStatus.BOUNCED, DeliveryStatus.HANDED_OVER
APPLIED, KNOWN = ReceiptVerdict.APPLIED, ReceiptVerdict.KNOWN
MINUTE = 1 / 24 / 60


@pytest.fixture
def gateway(clock: MovableClock) -> Iterator[MessageGateway]:
    """A gateway that gives no receipt by itself."""
    with MessageGateway(clock, receipts=ReceiptHabits(missing=1.0)) as running:
        yield running


def give(desk: DeliveryDesk, count: int, *channels: Channel, kind: NoticeKind = NoticeKind.INFORMATION) -> None:
    """Open so many notices of firms with an address of each channel, and choose their ways."""
    open_notices(desk.url, count, kind=kind)
    give_all(desk.database, count, channels, desk.clock)
    desk.plan()


def key(desk: DeliveryDesk, provider: str = "gate") -> str:
    """Return the key of the first delivery of a provider."""
    (row,) = desk.rows("SELECT min(delivery_id) AS id FROM delivery WHERE provider = %s", provider)
    return f"PMN{row['id']}"


def receipt(
    desk: DeliveryDesk,
    gateway: MessageGateway,
    status: str = "delivered",
    code: str = "",
    *,
    of: str | None = None,
    reference: str = "G1",
) -> bytes:
    """Return a new signed receipt for a message, by default the first of the gateway."""
    text = gateway.receipt(key(desk) if of is None else of, reference, status, code)
    return gateway.file_receipt(text, desk.clock.now())


def test_a_delivered_message_is_marked_so_once(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    desk.send()
    content = receipt(desk, gateway)
    assert desk.take("gate", content).verdicts == {APPLIED: 1}
    again = desk.take("gate", content)
    assert (again.repeated, again.verdicts) == (True, {APPLIED: 1})
    assert desk.take("gate", receipt(desk, gateway)).verdicts == {KNOWN: 1}
    assert desk.deliveries() == [("gate", DELIVERED)]


def test_the_same_content_twice_in_one_batch_counts_once(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    desk.send()
    given = [ReceiptContent(content=receipt(desk, gateway))] * 2
    first, second = take_receipts(desk.database, desk.channel("gate"), SEALER, desk.clock, given)
    assert (first.repeated, second.repeated) == (False, True)
    assert desk.rows("SELECT count(*) AS n FROM notice_receipt") == [{"n": 1}]


def test_a_message_that_came_back_goes_another_way(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS, Channel.EMAIL)
    desk.send()
    assert desk.notices() == [NoticeStatus.REACHED]
    desk.take("gate", receipt(desk, gateway, "failed", "unreachable"))
    assert desk.notices() == [NoticeStatus.OPEN]
    desk.go()
    assert desk.deliveries() == [("gate", BOUNCED), ("mail", HANDED_OVER)]
    assert desk.notices() == [NoticeStatus.REACHED]
    assert desk.rows("SELECT * FROM suppression") == []


def test_a_number_that_does_not_exist_is_suppressed(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    desk.send()
    desk.take("gate", receipt(desk, gateway, "failed", "no_such_number"))
    (row,) = desk.rows("SELECT channel, reason FROM suppression")
    assert (row["channel"], row["reason"]) == ("sms", f"no_such_address ({key(desk)})")
    desk.plan()
    assert desk.notices() == [NoticeStatus.UNREACHED]


def test_a_mail_that_bounced_is_fetched_from_where_the_mail_system_laid_it(
    desk: DeliveryDesk, mail: MailServer
) -> None:
    mail.faults.plan(MailFault.BOUNCE)
    give(desk, 1, Channel.EMAIL)
    desk.send()
    fetched = {each.provider: each for each in desk.fetch()}
    assert [each.verdicts for each in fetched["mail"].taken] == [{APPLIED: 1}]
    assert desk.deliveries() == [("mail", BOUNCED)]
    assert [each.taken for each in desk.fetch()] == [[], [], []]


def test_a_late_bounce_does_not_matter_when_another_way_arrived(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS, Channel.EMAIL, kind=NoticeKind.CONFIRMATION_ASKED)
    desk.send()
    desk.clock.move(3.5)
    assert desk.repaired()[FindingKind.RECEIPT_OVERDUE] == (1, 1)
    desk.send()
    assert desk.deliveries() == [("gate", DeliveryStatus.UNCONFIRMED), ("mail", HANDED_OVER)]
    desk.take("gate", receipt(desk, gateway, "failed", "unreachable"))
    assert desk.deliveries() == [("gate", BOUNCED), ("mail", HANDED_OVER)]
    assert desk.notices() == [NoticeStatus.REACHED]


def begin_sending(desk: DeliveryDesk, provider: str = "gate") -> DeliveryId:
    """Let a sender take one message and die."""
    with desk.database.unit_of_work() as work:
        (message,), _ = work.deliveries.sending.take(provider, desk.clock.now(), 1)
        work.commit()
    return message.delivery_id


def test_a_receipt_counts_that_comes_before_we_recorded_the_sending(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    give(desk, 1, Channel.SMS)
    taken = begin_sending(desk)
    assert desk.take("gate", receipt(desk, gateway)).verdicts == {APPLIED: 1}
    assert desk.notices() == [NoticeStatus.REACHED]
    terms = desk.rules.terms(Channel.SMS, promises_once=True, gives_receipts=True)
    sending = Sending(delivery_id=taken, tries=1, repeats=0)
    step = step_after(SendResult(outcome=Outcome.ACCEPTED), sending, terms, desk.clock.now())
    with desk.database.unit_of_work() as work:
        assert work.deliveries.sending.add_steps([step], desk.clock.now()) == frozenset()
        work.commit()
    desk.clock.move(1)
    assert desk.repaired() == {}
    assert desk.deliveries() == [("gate", DELIVERED)]


def test_a_message_with_a_receipt_is_not_sent_again_although_its_sender_died(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    give(desk, 1, Channel.SMS)
    begin_sending(desk)
    desk.clock.move(10 * MINUTE)
    assert desk.repaired()[FindingKind.LOST_SEND] == (1, 1)
    desk.take("gate", receipt(desk, gateway))
    desk.clock.move(10 * MINUTE)
    assert desk.send()["gate"].events == {}
    assert desk.deliveries() == [("gate", DELIVERED)]


def test_a_receipt_by_an_id_that_we_learn_only_later_is_applied_then(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    give(desk, 1, Channel.SMS)
    content = receipt(desk, gateway, of="", reference="G1")
    assert desk.take("gate", content).verdicts == {ReceiptVerdict.NO_SUCH_MESSAGE: 1}
    desk.send()
    assert desk.repaired()[FindingKind.LATE_MATCH] == (1, 1)
    assert desk.deliveries() == [("gate", DELIVERED)]
    assert desk.repaired() == {}


def test_receipts_that_mean_nothing_here_are_kept_and_change_nothing(
    desk: DeliveryDesk, gateway: MessageGateway
) -> None:
    give(desk, 2, Channel.SMS)
    give_all(desk.database, 1, [Channel.EMAIL], desk.clock, first=9)
    open_notices(desk.url, 1, first=9)
    desk.plan()
    desk.send("gate")
    unknown = desk.take("gate", receipt(desk, gateway, of="PMN999999999", reference="G999"))
    foreign = desk.take("gate", receipt(desk, gateway, of="another system's 17", reference="G998"))
    other = desk.take("gate", receipt(desk, gateway, of=key(desk, "mail")))
    text = gateway.receipt(key(desk), "G1", "failed", "no_such_number")
    forged = desk.take("gate", gateway.file_receipt(text, desk.clock.now(), signature="0" * 64))
    odd = desk.take("gate", b"<html>welcome</html>")
    verdicts = [next(iter(each.verdicts)) for each in (unknown, foreign, other, forged, odd)]
    assert verdicts == [
        ReceiptVerdict.NO_SUCH_MESSAGE,
        ReceiptVerdict.NO_SUCH_MESSAGE,
        ReceiptVerdict.OTHER_PROVIDER,
        ReceiptVerdict.FORGED,
        ReceiptVerdict.NOT_UNDERSTOOD,
    ]
    assert forged.refused is not None and "signature" in forged.refused.message("en")
    assert desk.deliveries() == [("gate", HANDED_OVER)] * 2 + [("mail", DeliveryStatus.WAITING)]
    assert desk.rows("SELECT count(*) AS n FROM notice_receipt") == [{"n": 5}]


def test_who_forges_a_receipt_does_not_keep_the_true_one_out(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    desk.send()
    content = receipt(desk, gateway)
    desk.clock.move(-1)
    assert desk.take("gate", content).verdicts == {ReceiptVerdict.FORGED: 1}
    desk.clock.move(1)
    assert desk.take("gate", content).verdicts == {APPLIED: 1}


def test_a_contradiction_changes_nothing(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    desk.send()
    desk.take("gate", receipt(desk, gateway, "failed", "unreachable"))
    assert desk.take("gate", receipt(desk, gateway)).verdicts == {ReceiptVerdict.CONTRADICTION: 1}
    assert desk.deliveries() == [("gate", BOUNCED)]


def test_nobody_confirms_a_message_that_was_not_sent(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    assert desk.take("gate", receipt(desk, gateway)).verdicts == {ReceiptVerdict.CONTRADICTION: 1}
    assert desk.deliveries() == [("gate", DeliveryStatus.WAITING)]


def test_everything_is_kept_sealed_and_opens_again(desk: DeliveryDesk, gateway: MessageGateway) -> None:
    give(desk, 1, Channel.SMS)
    desk.send()
    contents = [receipt(desk, gateway), b"<html>+9990000000001</html>"]
    for content in contents:
        desk.take("gate", content)
    found = desk.rows("SELECT content_digest, sealed, key_id FROM notice_receipt ORDER BY receipt_id")
    opened = [
        SEALER.open_content(
            SealedContent(key_id=row["key_id"], sealed=bytes(row["sealed"])), Digest(row["content_digest"])
        )
        for row in found
    ]
    assert opened == contents


def test_a_mail_that_is_only_delayed_tells_nothing_new(desk: DeliveryDesk, mail: MailServer) -> None:
    give(desk, 1, Channel.EMAIL)
    desk.send()
    (received,) = mail.received
    assert desk.take("mail", status_notification(received, "4.4.1", "delayed")).verdicts == {KNOWN: 1}
    assert desk.deliveries() == [("mail", HANDED_OVER)]


def test_a_provider_that_does_not_answer_keeps_nobody_else_from_being_heard(
    desk: DeliveryDesk, gateway: MessageGateway, mail: MailServer
) -> None:
    gone = MessageGateway(desk.clock)
    with gone:
        deaf = gone.channel("sms_gateway", "deaf")
    both = replace(desk, channels=[deaf, *desk.channels])
    mail.faults.plan(MailFault.BOUNCE)
    give(desk, 1, Channel.EMAIL)
    desk.send()
    fetched = {each.provider: each for each in both.fetch()}
    assert fetched["deaf"].problem is not None
    assert [each.verdicts for each in fetched["mail"].taken] == [{APPLIED: 1}]


def test_a_receipt_of_an_unknown_message_settles_it_and_tells_the_notice(desk: DeliveryDesk, mail: MailServer) -> None:
    mail.faults.plan(MailFault.HANG_UP_TAKEN, MailFault.HANG_UP_TAKEN)
    give(desk, 1, Channel.EMAIL, Channel.LETTER)
    for _ in range(3):
        desk.go()
        desk.clock.move(10 * MINUTE)
    assert desk.notices() == [NoticeStatus.UNREACHED]
    desk.take("mail", status_notification(mail.received[0], "2.0.0", "delivered"))
    assert desk.deliveries() == [("mail", DELIVERED)]
    assert desk.notices() == [NoticeStatus.REACHED]


def test_an_unknown_message_that_bounced_may_go_another_way(desk: DeliveryDesk, mail: MailServer, post: Path) -> None:
    mail.faults.plan(MailFault.HANG_UP_TAKEN, MailFault.HANG_UP_TAKEN)
    give(desk, 1, Channel.EMAIL, Channel.LETTER)
    for _ in range(3):
        desk.go()
        desk.clock.move(10 * MINUTE)
    desk.take("mail", status_notification(mail.received[0], "5.1.1"))
    assert desk.repaired()[FindingKind.WAY_AGAIN] == (1, 1)
    desk.send()
    assert len(letters(post)) == 1
    assert desk.notices() == [NoticeStatus.REACHED]
