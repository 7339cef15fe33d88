"""Mails that come back: what is believed, what is not, and the folder in which they are found."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from connectors.notification_channels.mail_catcher import CaughtMail
from policy_match.notices.messages import DeliveryReceipt, ReceiptKind
from policy_match.notices.receipt_defects import ReceiptForged, ReceiptNotUnderstood, ReceiptRefused, ReceiptsNotFetched
from policy_match.notices.result_codes import ResultCode
from policy_match.ports.notices import NotificationChannel
from tests.conformance.notification_channels.providers import NOW, message
from tests.support.cases import MovableClock
from tests.support.mail_server import MailFault, MailServer, status_notification

ADDRESS = "zhang.san@invented.example"
CLOCK = MovableClock(NOW)
NO_SUCH = DeliveryReceipt(kind=ReceiptKind.BOUNCED, key="PMN1", code=ResultCode.NO_SUCH_ADDRESS)


def caught(server: MailServer, channel: NotificationChannel) -> CaughtMail:
    with channel.open() as sender:
        sender.send(message(address=ADDRESS))
    return server.received[-1]


@pytest.fixture(scope="module")
def mail() -> CaughtMail:
    with MailServer() as server:
        return caught(server, server.channel(CLOCK))


@pytest.fixture(scope="module")
def channel() -> NotificationChannel:
    with MailServer() as server:
        return server.channel(CLOCK)


def without_envelope_id(content: bytes) -> bytes:
    return re.sub(rb"Original-Envelope-Id:.*\r\n", b"", content)


def with_whole_mail(mail: CaughtMail) -> bytes:
    content = without_envelope_id(status_notification(mail, "5.1.1"))
    head = content.partition(b"Content-Type: text/rfc822-headers")[0]
    return head + b"Content-Type: message/rfc822\r\n\r\n" + mail.content + b"\r\n--invented--\r\n"


FORMS: dict[str, Callable[[CaughtMail], bytes]] = {
    "envelope id and headers": lambda mail: status_notification(mail, "5.1.1"),
    "headers only": lambda mail: without_envelope_id(status_notification(mail, "5.1.1")),
    "envelope id only": lambda mail: status_notification(mail, "5.1.1").partition(
        b"--invented\r\nContent-Type: text/rfc8"
    )[0],
    "the whole mail": with_whole_mail,
    "line feeds only": lambda mail: status_notification(mail, "5.1.1").replace(b"\r\n", b"\n"),
    "capitals": lambda mail: status_notification(mail, "5.1.1").replace(b"Action: failed", b"ACTION:  FAILED "),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_bounce_is_understood_in_every_form_in_which_mail_systems_send_it(
    form: Callable[[CaughtMail], bytes], mail: CaughtMail, channel: NotificationChannel
) -> None:
    assert list(channel.read_receipts(form(mail), {})) == [NO_SUCH]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("5.1.2", ResultCode.NO_SUCH_ADDRESS),
        ("5.2.2", ResultCode.MAILBOX_FULL),
        ("4.4.7", ResultCode.UNREACHABLE),
        ("5.7.1", ResultCode.RECIPIENT_REFUSED),
        ("5.0.0", ResultCode.RECIPIENT_REFUSED),
        ("what", ResultCode.RECIPIENT_REFUSED),
    ],
)
def test_the_status_says_why(status: str, code: ResultCode, mail: CaughtMail, channel: NotificationChannel) -> None:
    [receipt] = channel.read_receipts(status_notification(mail, status), {})
    assert (receipt.kind, receipt.code) == (ReceiptKind.BOUNCED, code)


@pytest.mark.parametrize(
    ("action", "receipts"),
    [
        ("delivered", [DeliveryReceipt(kind=ReceiptKind.DELIVERED, key="PMN1")]),
        ("delayed", []),
        ("relayed", []),
        ("expanded", []),
    ],
)
def test_what_is_not_final_says_nothing(
    action: str, receipts: list[DeliveryReceipt], mail: CaughtMail, channel: NotificationChannel
) -> None:
    assert list(channel.read_receipts(status_notification(mail, "2.0.0", action), {})) == receipts


def test_of_two_mailboxes_behind_one_address_one_is_enough(mail: CaughtMail, channel: NotificationChannel) -> None:
    both = status_notification(mail, "5.1.1").replace(
        b"Final-Recipient:",
        b"Final-Recipient: rfc822; x@y\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient:",
        1,
    )
    [receipt] = channel.read_receipts(both, {})
    assert receipt.kind is ReceiptKind.DELIVERED


FORGED: dict[str, Callable[[CaughtMail], bytes]] = {
    "another key": lambda mail: status_notification(mail, "5.1.1").replace(b"PMN1.", b"PMN2."),
    "no mark": lambda mail: re.sub(rb"PMN1\.[0-9a-f]{20}", b"PMN1", status_notification(mail, "5.1.1")),
    "an empty mark": lambda mail: re.sub(rb"PMN1\.[0-9a-f]{20}", b".", status_notification(mail, "5.1.1")),
    "a foreign mail": lambda mail: re.sub(rb"PMN1\.[0-9a-f]{20}", b"other", status_notification(mail, "5.1.1")),
}


@pytest.mark.parametrize("form", FORGED.values(), ids=FORGED)
def test_a_bounce_without_our_mark_is_not_believed(
    form: Callable[[CaughtMail], bytes], mail: CaughtMail, channel: NotificationChannel
) -> None:
    with pytest.raises(ReceiptForged):
        channel.read_receipts(form(mail), {})


def test_a_bounce_that_names_two_of_our_messages_is_not_believed(channel: NotificationChannel) -> None:
    with MailServer() as server:
        to = server.channel(CLOCK)
        with to.open() as sender:
            for key in ("PMN1", "PMN2"):
                sender.send(message(key, address=ADDRESS))
    first, second = server.received
    mixed = status_notification(first, "5.1.1").replace(first.envelope_id.encode(), second.envelope_id.encode(), 1)
    with pytest.raises(ReceiptForged):
        channel.read_receipts(mixed, {})


def automatic_answer(mail: CaughtMail) -> bytes:
    answer = EmailMessage()
    answer["Subject"] = "Out of office"
    answer["In-Reply-To"] = mail.message["Message-ID"]
    answer["Auto-Submitted"] = "auto-replied"
    answer.set_content("I am away. " + mail.text)
    return answer.as_bytes()


OTHER: dict[str, Callable[[CaughtMail], bytes]] = {
    "an automatic answer": automatic_answer,
    "our own mail": lambda mail: mail.content,
    "nothing": lambda mail: b"",
    "noise": lambda mail: bytes(range(256)) * 40,
    "too much": lambda mail: status_notification(mail, "5.1.1") + b"x" * 2_000_000,
    "no status": lambda mail: status_notification(mail, "5.1.1").replace(b"message/delivery-status", b"text/plain"),
    "no action": lambda mail: status_notification(mail, "5.1.1").replace(b"Action: failed\r\n", b""),
    "no returned mail": lambda mail: without_envelope_id(FORMS["envelope id only"](mail)),
    "parts without end": lambda mail: b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 5000,
    "a charset that is none": lambda mail: b"Content-Type: message/delivery-status; charset=\xff\r\n\r\nAction\r\n",
}


@pytest.mark.parametrize("form", OTHER.values(), ids=OTHER)
def test_whatever_else_reaches_the_address_is_not_understood(
    form: Callable[[CaughtMail], bytes], mail: CaughtMail, channel: NotificationChannel
) -> None:
    with pytest.raises(ReceiptNotUnderstood) as refused:
        channel.read_receipts(form(mail), {})
    assert ADDRESS not in refused.value.message("en") + refused.value.message("zh")


def test_a_bounce_cut_at_any_place_is_read_or_refused_and_nothing_else(
    mail: CaughtMail, channel: NotificationChannel
) -> None:
    content = status_notification(mail, "5.1.1")
    for end in range(0, len(content), 7):
        try:
            receipts = channel.read_receipts(content[:end], {})
        except ReceiptRefused:
            continue
        assert {receipt.key for receipt in receipts} <= {"PMN1"}


def test_without_a_secret_no_bounce_is_believed(mail: CaughtMail) -> None:
    with MailServer() as server:
        settings = {key: value for key, value in server.settings().items() if not key.startswith("bounce")}
        own = server.channel_with(CLOCK, settings)
        unmarked = caught(server, own)
    assert unmarked.envelope_id == "PMN1"
    for each in (mail, unmarked):
        with pytest.raises(ReceiptNotUnderstood, match="bounce_secret_env"):
            own.read_receipts(status_notification(each, "5.1.1"), {})
    assert list(own.fetch_receipts()) == []


def test_bounces_are_fetched_until_they_are_confirmed() -> None:
    with MailServer() as server:
        channel = server.channel(CLOCK)
        server.faults.plan(MailFault.BOUNCE, None, MailFault.BOUNCE)
        with channel.open() as sender:
            for number in (1, 2, 3):
                sender.send(message(f"PMN{number}", address=ADDRESS))
        first = channel.fetch_receipts()
        assert channel.fetch_receipts() == first
        keys = [receipt.key for content in first for receipt in channel.read_receipts(content, {})]
        assert keys == ["PMN1", "PMN3"]
        channel.confirm_receipts(first[:1])
        assert channel.fetch_receipts() == first[1:]
        channel.confirm_receipts(first)
        channel.confirm_receipts(first)
        assert channel.fetch_receipts() == []


def test_a_folder_of_bounces_that_is_not_there_is_said(tmp_path: Path) -> None:
    with MailServer() as server:
        channel = server.channel(CLOCK, bounces=str(tmp_path / "none"))
    with pytest.raises(ReceiptsNotFetched, match="mail"):
        channel.fetch_receipts()
