"""What holds for every channel, each against a real server or folder on this machine."""

import logging
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from connectors.notification_channels import CONNECTORS
from policy_match.notices.messages import Outcome, OutgoingMessage, SendResult
from policy_match.notices.receipt_defects import ReceiptRefused
from policy_match.notices.result_codes import ADDRESS_IS_BAD, ResultCode
from tests.conformance.notification_channels.providers import (
    BODY,
    IN_TIME,
    MISHAPS,
    NAME,
    NOW,
    PROMISING,
    PROVIDERS,
    SHORT,
    SUBJECT,
    Mishap,
    Provider,
    message,
)
from tests.support.cases import MovableClock

HOSTILE = {
    "line breaks": "第一行\r\nBcc: victim@invented.example\r\n\r\n.\r\nMAIL FROM:<x@invented.example>\rQUIT\n.",
    "null and bells": "a\x00b\x07c\x1b[31md\x7fe\x85f",
    "emoji": "😀👨‍👩‍👧‍👦 ok",
    "right to left": "\u202eevil\u202c \u2067שלום\u2069 \u200fمرحبا",
    "half characters": "x\ud800y\udfffz",
    "separators": "a\u2028b\u2029c",
    "markup": '<script>alert(1)</script> & <img src=x> "quoted" </div></body>',
    "encoded words": "=?utf-8?q?x=0D=0ABcc:_victim=40invented.example?= =?utf-8?b?DQpYOiB5?=",
    "templates": "{0} {key} {{ config }} %(asctime)s %s ${HOME}",
    "json": '","errcode":0,"x":"\\u0000\\',
}

PASSING = {
    Mishap.BUSY: ResultCode.BUSY,
    Mishap.RATE_LIMITED: ResultCode.RATE_LIMITED,
    Mishap.OTHER_ERROR: ResultCode.UNKNOWN_CODE,
}


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    with PROVIDERS[request.param](tmp_path, MovableClock(NOW)) as opened:
        yield opened


@pytest.fixture(params=MISHAPS)
def erring(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    with PROVIDERS[request.param](tmp_path, MovableClock(NOW), **IN_TIME) as opened:
        yield opened


def sent(provider: Provider, *messages: OutgoingMessage) -> list[SendResult]:
    with provider.channel.open() as sender:
        return [sender.send(each) for each in messages]


def one(provider: Provider, key: str = "PMN1") -> SendResult:
    [result] = sent(provider, message(key, address=provider.address))
    return result


def test_every_connector_is_in_this_suite() -> None:
    assert PROVIDERS.keys() == CONNECTORS.keys()


def test_a_message_is_accepted_and_arrives_once_with_its_key_and_words(provider: Provider) -> None:
    assert one(provider).outcome is Outcome.ACCEPTED
    [arrived] = provider.arrived()
    assert arrived.key == "PMN1"
    assert "12,345.67 元" in arrived.text


def test_many_messages_go_over_one_way(provider: Provider) -> None:
    results = sent(provider, *(message(f"PMN{number}", address=provider.address) for number in range(1, 201)))
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    assert sorted(each.key for each in provider.arrived()) == sorted(f"PMN{number}" for number in range(1, 201))


def test_a_channel_may_be_opened_again_and_by_two_at_once(provider: Provider) -> None:
    with provider.channel.open() as first, provider.channel.open() as second:
        outcomes = [
            way.send(message(f"PMN{number}", address=provider.address)).outcome
            for number, way in enumerate((first, second, first, second), 1)
        ]
    outcomes.append(one(provider, "PMN5").outcome)
    assert set(outcomes) == {Outcome.ACCEPTED}
    assert len(provider.arrived()) == 5


def test_a_way_that_nothing_is_sent_on_is_opened_and_closed(provider: Provider) -> None:
    assert sent(provider) == []


def test_sending_again_makes_no_second_message_where_that_is_promised(provider: Provider) -> None:
    results = [one(provider), one(provider)]
    assert [result.outcome for result in results] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    assert len({result.reference for result in results}) == 1
    assert len(provider.arrived()) == (1 if provider.channel.promises_once else 2)


@pytest.mark.parametrize("name", PROMISING)
def test_another_message_under_the_same_key_is_never_sent_where_one_is_promised(name: str, tmp_path: Path) -> None:
    with PROVIDERS[name](tmp_path, MovableClock(NOW)) as provider:
        assert provider.channel.promises_once
        other = message(address=provider.address, body="另一份通知", short="另一份通知")
        first, second = sent(provider, message(address=provider.address), other)
        assert (first.outcome, second.outcome) == (Outcome.ACCEPTED, Outcome.REFUSED)
        assert second.code == ResultCode.KEY_REUSED
        assert len(provider.arrived()) == 1


@pytest.mark.parametrize(
    ("name", "mishap"),
    [(name, mishap) for name, mishaps in MISHAPS.items() for mishap in PASSING if mishap in mishaps],
)
def test_a_passing_refusal_is_tried_again_and_arrives_then(name: str, mishap: Mishap, tmp_path: Path) -> None:
    with PROVIDERS[name](tmp_path, MovableClock(NOW)) as provider:
        provider.plan(mishap)
        first = one(provider)
        assert (first.outcome, provider.arrived()) == (Outcome.RETRY, [])
        assert first.code == PASSING[mishap]
        assert one(provider).outcome is Outcome.ACCEPTED
        assert len(provider.arrived()) == 1


def test_a_lasting_refusal_is_refused_and_the_next_message_arrives(erring: Provider) -> None:
    erring.plan(Mishap.REFUSED)
    first, second = sent(erring, *(message(key, address=erring.address) for key in ("PMN1", "PMN2")))
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.ACCEPTED)
    assert first.code not in ADDRESS_IS_BAD
    assert [each.key for each in erring.arrived()] == ["PMN2"]


def test_an_address_that_is_not_there_is_refused_with_a_code_that_says_so(erring: Provider) -> None:
    erring.plan(Mishap.NO_SUCH_ADDRESS)
    result = one(erring)
    assert (result.outcome, result.code) == (Outcome.REFUSED, ResultCode.NO_SUCH_ADDRESS)
    assert not result.provider_at_fault


@pytest.mark.parametrize("address", ["", " ", "\r\n", "a b", "x@y\r\nRCPT TO:<z@invented.example>", "\0", "😀"])
def test_an_address_that_is_none_is_refused_before_anything_is_sent(erring: Provider, address: str) -> None:
    [result] = sent(erring, message(address=address))
    assert (result.outcome, result.code) == (Outcome.REFUSED, ResultCode.ADDRESS_MALFORMED)
    assert erring.arrived() == []


@pytest.mark.parametrize("mishap", [Mishap.NOT_TAKEN_NO_REPLY, Mishap.TAKEN_NO_REPLY, Mishap.SILENT])
def test_a_reply_that_does_not_come_is_lost_within_its_time(erring: Provider, mishap: Mishap) -> None:
    erring.plan(mishap)
    began = monotonic()
    result = one(erring)
    assert monotonic() - began < 4
    assert (result.outcome, result.code) == (Outcome.LOST, ResultCode.NO_REPLY)
    assert result.provider_at_fault
    assert len(erring.arrived()) == (0 if mishap is Mishap.NOT_TAKEN_NO_REPLY else 1)


def test_the_way_works_again_after_a_lost_reply(erring: Provider) -> None:
    erring.plan(Mishap.TAKEN_NO_REPLY)
    first, second = sent(erring, *(message(key, address=erring.address) for key in ("PMN1", "PMN2")))
    assert (first.outcome, second.outcome) == (Outcome.LOST, Outcome.ACCEPTED)


def test_a_repeat_after_a_lost_reply_is_no_second_message_where_that_is_promised(erring: Provider) -> None:
    erring.plan(Mishap.TAKEN_NO_REPLY)
    assert [one(erring).outcome, one(erring).outcome] == [Outcome.LOST, Outcome.ACCEPTED]
    assert len(erring.arrived()) == (1 if erring.channel.promises_once else 2)


@pytest.mark.parametrize("name", MISHAPS)
def test_a_provider_that_is_not_there_is_tried_again_and_is_at_fault(name: str, tmp_path: Path) -> None:
    with PROVIDERS[name](tmp_path, MovableClock(NOW)) as provider:
        pass
    result = one(provider)
    assert (result.outcome, result.code) == (Outcome.RETRY, ResultCode.PROVIDER_DOWN)
    assert result.provider_at_fault


def test_a_folder_that_is_not_there_and_cannot_be_made_is_tried_again(tmp_path: Path) -> None:
    with PROVIDERS["letter_file"](tmp_path, MovableClock(NOW)) as provider:
        (tmp_path / "letters").write_bytes(b"a file where the folder should be")
        result = one(provider)
        assert (result.outcome, result.code, result.provider_at_fault) == (
            Outcome.RETRY,
            ResultCode.PROVIDER_DOWN,
            True,
        )
        (tmp_path / "letters").unlink()
        assert one(provider).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_arrives_as_text(provider: Provider, text: str) -> None:
    hostile = message(
        address=provider.address, body=f"{text}\n正文", short=f"{text}\n短文", subject=text, recipient_name=text
    )
    first, second = sent(provider, hostile, message("PMN2", address=provider.address))
    assert (first.outcome, second.outcome) == (Outcome.ACCEPTED, Outcome.ACCEPTED)
    arrived = {each.key: each.text for each in provider.arrived()}
    assert arrived.keys() == {"PMN1", "PMN2"}
    assert "正文" in arrived["PMN1"] or "短文" in arrived["PMN1"]
    visible = "".join(filter(str.isalnum, text.encode("utf-8", "ignore").decode()))
    assert visible in "".join(filter(str.isalnum, arrived["PMN1"]))
    assert not any(ord(char) < 32 and char != "\n" for char in arrived["PMN1"])


def test_a_text_of_ten_thousand_characters_arrives_whole_or_is_refused(provider: Provider) -> None:
    long = "长" * 10_000
    first, second = sent(
        provider,
        message(address=provider.address, body=long, short=long, subject=long),
        message("PMN2", address=provider.address),
    )
    arrived = {each.key: each.text for each in provider.arrived()}
    if first.outcome is Outcome.ACCEPTED:
        assert long in arrived["PMN1"]
    else:
        assert (first.outcome, first.code) == (Outcome.REFUSED, ResultCode.TOO_LONG)
        assert "PMN1" not in arrived
    assert second.outcome is Outcome.ACCEPTED


def test_neither_address_nor_text_nor_secret_is_shown_anywhere(
    erring: Provider, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    shown = [repr(erring.channel)]
    with caplog.at_level(logging.DEBUG), erring.channel.open() as sender:
        for number, mishap in enumerate((None, *erring.mishaps, None), 1):
            erring.plan(mishap)
            given = message(f"PMN{number}", address=erring.address)
            shown += [repr(given), repr(sender.send(given)), repr(sender)]
        try:
            erring.channel.read_receipts(erring.address.encode(), {})
        except ReceiptRefused as error:
            shown += [repr(error), error.message("en"), error.message("zh")]
    shown += [caplog.text, *capfd.readouterr()]
    for secret in (erring.address, NAME, SUBJECT, SHORT, *BODY.splitlines(), *erring.secrets):
        assert not any(secret in text for text in shown), "something was shown"


def test_what_is_no_receipt_is_refused_in_both_languages(provider: Provider) -> None:
    for content in (b"", b"\0" * 50, b"{}", b"[" * 5000, '{"receipt": "通知"}'.encode(), b"From: x\r\n\r\nhello"):
        with pytest.raises(ReceiptRefused) as refused:
            provider.channel.read_receipts(content, {})
        for language in ("en", "zh"):
            assert provider.channel.name in refused.value.message(language)
            assert "\n" not in refused.value.message(language)


def test_a_provider_without_receipts_gives_none(provider: Provider) -> None:
    assert list(provider.channel.fetch_receipts()) == []
    provider.channel.confirm_receipts([])
