"""Addresses: checked by channel, written in one form, and shown to nobody."""

import pytest

from policy_match.notices.addresses import CHANNELS_WITH_ADDRESS, WrongAddress, parse_address
from policy_match.notices.model import Channel

ROBOT = "invented-robot-key-0123456789"


@pytest.mark.parametrize(
    ("channel", "given", "text", "masked"),
    [
        (Channel.EMAIL, " Invented.Name@Example.COM ", "Invented.Name@example.com", "I***@example.com"),
        (Channel.EMAIL, "a@例子.中国", "a@xn--fsqu00a.xn--fiqs8s", "a***@xn--fsqu00a.xn--fiqs8s"),
        (Channel.SMS, "199 0000-0000", "+8619900000000", "***0000"),
        (Channel.SMS, "+86 19900000000", "+8619900000000", "***0000"),
        (Channel.WECHAT_WORK, ROBOT, ROBOT, "***6789"),
        (Channel.DINGTALK, ROBOT, ROBOT, "***6789"),
        (Channel.DINGTALK, f"{ROBOT}:SECinvented-secret", f"{ROBOT}:SECinvented-secret", "***6789"),
        (Channel.LETTER, "示例省示例市\n示例路1号", "示例省示例市 示例路1号", "示例省示***"),
    ],
)
def test_an_address_is_kept_in_one_form_and_shown_masked(channel: Channel, given: str, text: str, masked: str) -> None:
    found = parse_address(channel, given)
    assert (found.text, found.masked) == (text, masked)
    assert text not in repr(found)


@pytest.mark.parametrize(
    ("channel", "given"),
    [
        (Channel.EMAIL, "invented"),
        (Channel.EMAIL, "a@b@example.com"),
        (Channel.EMAIL, "a@localhost"),
        (Channel.EMAIL, "a@example.com\nBcc: b@example.com"),
        (Channel.EMAIL, "名字@example.com"),
        (Channel.SMS, "12345"),
        (Channel.SMS, "0532-00000000"),
        (Channel.SMS, "19900000000 ext. 5"),
        (Channel.SMS, "no number"),
        (Channel.WECHAT_WORK, "https://invented.example/send?key=invented-robot-key"),
        (Channel.DINGTALK, "short"),
        (Channel.DINGTALK, f"{ROBOT}:"),
        (Channel.DINGTALK, f"{ROBOT}:SECinvented-secret:more"),
        (Channel.WECHAT_WORK, f"{ROBOT}:SECinvented-secret"),
        (Channel.LETTER, "12"),
        (Channel.LETTER, "0000000"),
        *((channel, "") for channel in CHANNELS_WITH_ADDRESS),
        *((channel, "国" * 301) for channel in CHANNELS_WITH_ADDRESS),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(channel: Channel, given: str) -> None:
    with pytest.raises(WrongAddress) as refused:
        parse_address(channel, given)
    for language in ("zh", "en"):
        message = refused.value.message(language)  # type: ignore[arg-type]
        assert channel.value in message
        assert not given or given not in message


@pytest.mark.parametrize(
    ("channel", "one", "other"),
    [
        (Channel.EMAIL, "Invented@Example.com", "invented@example.COM"),
        (Channel.SMS, "19900000000", "+86 199-0000-0000"),
        (Channel.LETTER, "示例路 1号", "示例路1号 "),
    ],
)
def test_two_ways_to_write_an_address_are_the_same(channel: Channel, one: str, other: str) -> None:
    assert parse_address(channel, one + ("甲栋" if channel is Channel.LETTER else "")).same == (
        parse_address(channel, other + ("甲栋" if channel is Channel.LETTER else "")).same
    )


def test_every_channel_but_the_inbox_has_addresses() -> None:
    assert set(CHANNELS_WITH_ADDRESS) == set(Channel) - {Channel.INBOX}
