"""The providers of a rehearsal: what arrives can be read, a dead address gets nothing, and a new run reads on."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.notification_channels.invented_post import TEXTS, InventedPost
from policy_match.notices.messages import Outcome, ReceiptKind
from policy_match.notices.model import Channel
from policy_match.notices.result_codes import ResultCode
from tests.conformance.notification_channels.providers import BODY, NOW, SHORT, message
from tests.support.cases import MovableClock

ADDRESSES: Mapping[Channel, str] = {
    Channel.SMS: "+12015550101",
    Channel.EMAIL: "firm@invented.example",
    Channel.LETTER: "虚构市示例路 <1> 号",
}
SAID = {Channel.SMS: SHORT, Channel.EMAIL: BODY, Channel.LETTER: BODY}


def is_dead(address: str) -> bool:
    return "dead" in address or address.endswith("13")


def post(folder: Path) -> InventedPost:
    return InventedPost(folder, MovableClock(NOW), is_dead)


def send(opened: InventedPost, channel: Channel, key: str, address: str) -> Outcome:
    (found,) = [each for each in opened.channels if each.channel is channel]
    with found.open() as sender:
        return sender.send(message(key, address=address)).outcome


@pytest.mark.parametrize("channel", ADDRESSES)
def test_what_is_sent_arrives_once_with_address_and_text(tmp_path: Path, channel: Channel) -> None:
    with post(tmp_path) as opened:
        assert opened.arrived() == []
        assert send(opened, channel, "PMN1", ADDRESSES[channel]) is Outcome.ACCEPTED
        ((address, text),) = opened.arrived()
        assert address == ADDRESSES[channel]
        assert SAID[channel].split("\n")[0] in text
        assert opened.arrived() == []


def test_a_mail_to_a_dead_address_is_refused(tmp_path: Path) -> None:
    with post(tmp_path) as opened:
        (mail,) = [each for each in opened.channels if each.channel is Channel.EMAIL]
        with mail.open() as sender:
            result = sender.send(message("PMN1", address="dead@invented.example"))
        assert (result.outcome, result.code) == (Outcome.REFUSED, ResultCode.NO_SUCH_ADDRESS)
        assert opened.arrived() == []


def test_a_text_message_to_a_dead_number_is_taken_and_a_receipt_says_that_it_did_not_arrive(tmp_path: Path) -> None:
    with post(tmp_path) as opened:
        assert send(opened, Channel.SMS, "PMN1", "+12015550113") is Outcome.ACCEPTED
        assert send(opened, Channel.SMS, "PMN2", "+12015550114") is Outcome.ACCEPTED
        (texts,) = [each for each in opened.channels if each.channel is Channel.SMS]
        receipts = [receipt for each in texts.fetch_receipts() for receipt in texts.read_receipts(each, {})]
        assert [(each.key, each.kind) for each in receipts] == [
            ("PMN1", ReceiptKind.BOUNCED),
            ("PMN2", ReceiptKind.DELIVERED),
        ]
        assert [address for address, _ in opened.arrived()] == ["+12015550114"]


def test_a_new_run_finds_what_arrived_in_an_earlier_one_that_was_killed_in_the_middle_of_a_line(
    tmp_path: Path,
) -> None:
    with post(tmp_path) as opened:
        for channel, address in ADDRESSES.items():
            send(opened, channel, "PMN1", address)
    with (tmp_path / TEXTS).open("ab") as file:
        file.write(b'{"key": "PMN2", "to": "+1201555')
    with post(tmp_path) as opened:
        assert send(opened, Channel.SMS, "PMN3", "+12015550199") is Outcome.ACCEPTED
        assert [address for address, _ in opened.arrived()] == [
            "+12015550101",
            "+12015550199",
            "firm@invented.example",
            "虚构市示例路 <1> 号",
        ]
