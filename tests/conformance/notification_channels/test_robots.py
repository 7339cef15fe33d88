"""Robots of groups: what each platform gets, and what its error numbers mean."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.notification_channels import dingtalk, wechat_work
from connectors.notification_channels.loopback_http import Reply, Request, http_handler
from connectors.notification_channels.loopback_server import LoopbackServer
from connectors.notification_channels.signing import dingtalk_signature
from policy_match.notices.messages import Outcome
from policy_match.notices.result_codes import ADDRESS_IS_BAD, ResultCode
from policy_match.ports.notices import NotificationChannel
from tests.conformance.notification_channels.providers import BODY, NOW, SHORT, SUBJECT, message
from tests.support.cases import MovableClock
from tests.support.message_gateway import MessageGateway

ADDRESS = {"wechat_work": "invented-robot-1", "dingtalk": "invented-token-1:SECinvented-secret-1"}


@contextmanager
def answering(connector: str, *said: object) -> Iterator[tuple[NotificationChannel, list[Request]]]:
    """Give a channel to a platform that answers so, one after the other, and the requests that it gets."""
    requests: list[Request] = []
    left = list(said)

    def answer(request: Request) -> Reply:
        requests.append(request)
        return Reply(status=200, body=json.dumps(left.pop(0)).encode())

    server = LoopbackServer(0, http_handler(answer))
    server.start()
    try:
        with MessageGateway(MovableClock(NOW)) as gateway:
            yield gateway.channel(connector, url=f"http://127.0.0.1:{server.port}"), requests
    finally:
        server.stop()


def test_wechat_work_gets_a_text_under_the_key_of_the_robot() -> None:
    with answering("wechat_work", {"errcode": 0, "errmsg": "ok"}) as (channel, requests), channel.open() as sender:
        assert sender.send(message(address=ADDRESS["wechat_work"])).outcome is Outcome.ACCEPTED
    [request] = requests
    assert request.target == "/cgi-bin/webhook/send?key=invented-robot-1"
    assert json.loads(request.body) == {
        "msgtype": "text",
        "text": {"content": f"{SUBJECT}\n\n{BODY}\n\n消息编号：PMN1"},
    }


def test_dingtalk_gets_a_signed_text_that_calls_nobody() -> None:
    with answering("dingtalk", {"errcode": 0, "errmsg": "ok"}) as (channel, requests), channel.open() as sender:
        assert sender.send(message(address=ADDRESS["dingtalk"])).outcome is Outcome.ACCEPTED
    [request] = requests
    parts = urlsplit(request.target)
    query = {name: value for name, [value] in parse_qs(parts.query, strict_parsing=True).items()}
    timestamp = str(int(NOW.timestamp() * 1000))
    assert parts.path == "/robot/send"
    assert query == {
        "access_token": "invented-token-1",
        "timestamp": timestamp,
        "sign": dingtalk_signature("SECinvented-secret-1", timestamp),
    }
    said = json.loads(request.body)
    assert (said["msgtype"], said["at"]) == ("text", {"isAtAll": False})


def test_dingtalk_gets_no_signature_for_a_robot_without_a_secret() -> None:
    with answering("dingtalk", {"errcode": 0, "errmsg": "ok"}) as (channel, requests), channel.open() as sender:
        assert sender.send(message(address="invented-token-1")).outcome is Outcome.ACCEPTED
    assert requests[0].target == "/robot/send?access_token=invented-token-1"


def test_the_signature_of_dingtalk_is_that_of_its_documents() -> None:
    # HMAC-SHA256 with the secret as key over time, line feed and secret, Base64; computed with openssl:
    # printf '1577262236757\nthis is secret' | openssl dgst -sha256 -hmac 'this is secret' -binary | base64
    assert dingtalk_signature("this is secret", "1577262236757") == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="


CODES = {
    "wechat_work": {
        -1: (Outcome.RETRY, ResultCode.BUSY),
        45009: (Outcome.RETRY, ResultCode.RATE_LIMITED),
        93000: (Outcome.REFUSED, ResultCode.NO_SUCH_ADDRESS),
        40058: (Outcome.REFUSED, ResultCode.TOO_LONG),
        1234567: (Outcome.RETRY, ResultCode.UNKNOWN_CODE),
    },
    "dingtalk": {
        -1: (Outcome.RETRY, ResultCode.BUSY),
        130101: (Outcome.RETRY, ResultCode.RATE_LIMITED),
        410100: (Outcome.RETRY, ResultCode.RATE_LIMITED),
        300005: (Outcome.REFUSED, ResultCode.NO_SUCH_ADDRESS),
        400102: (Outcome.REFUSED, ResultCode.RECIPIENT_REFUSED),
        310000: (Outcome.REFUSED, ResultCode.NOT_AUTHORISED),
        460101: (Outcome.REFUSED, ResultCode.TOO_LONG),
        430104: (Outcome.REFUSED, ResultCode.CONTENT_REFUSED),
        99: (Outcome.RETRY, ResultCode.UNKNOWN_CODE),
    },
}


@pytest.mark.parametrize(
    ("connector", "errcode"), [(connector, code) for connector, codes in CODES.items() for code in codes]
)
def test_an_error_inside_an_answer_with_200_has_its_result(connector: str, errcode: int) -> None:
    said = {"errcode": errcode, "errmsg": f"hint: {ADDRESS[connector]}, from ip: 192.0.2.1"}
    with answering(connector, said) as (channel, _), channel.open() as sender:
        result = sender.send(message(address=ADDRESS[connector]))
    assert (result.outcome, result.code) == CODES[connector][errcode]
    assert (ADDRESS[connector] not in repr(result), "192.0.2.1" not in repr(result)) == (True, True)


@pytest.mark.parametrize("connector", ADDRESS)
@pytest.mark.parametrize("said", [{}, {"errcode": "0"}, {"errcode": None}, {"errcode": False}, [0], "ok", {"code": 0}])
def test_an_answer_without_an_error_number_is_no_success(connector: str, said: object) -> None:
    with answering(connector, said) as (channel, _), channel.open() as sender:
        assert sender.send(message(address=ADDRESS[connector])).outcome is not Outcome.ACCEPTED


def test_only_codes_that_speak_of_the_robot_suppress_its_address() -> None:
    bad = {
        (connector, code)
        for connector, meanings in (("wechat_work", wechat_work.MEANINGS), ("dingtalk", dingtalk.MEANINGS))
        for code, meaning in meanings.items()
        if meaning.code in ADDRESS_IS_BAD
    }
    assert bad == {
        ("wechat_work", 93000),
        *(("dingtalk", code) for code in (300005, 400013, 400101, 400106)),
    }


@pytest.mark.parametrize(("connector", "room"), [("wechat_work", 600), ("dingtalk", 6000)])
@pytest.mark.parametrize("letter", ["长", '"', "\n", "😀"])
def test_a_long_body_gives_way_to_the_short_text_whole(connector: str, room: int, letter: str) -> None:
    with MessageGateway(MovableClock(NOW)) as gateway, gateway.channel(connector).open() as sender:
        address = gateway.address(connector)
        for number, length in enumerate((room // 4, room * 4), 1):
            given = message(f"PMN{number}", address=address, body=f"正文{letter * length}完")
            assert sender.send(given).outcome is Outcome.ACCEPTED
    whole, shorter = gateway.received
    assert f"正文{letter * (room // 4)}完" in whole.text
    assert SHORT in shorter.text and "正文" not in shorter.text


@pytest.mark.parametrize(
    ("connector", "address"),
    [
        ("wechat_work", "short"),
        ("wechat_work", "invented-robot-1&debug=1"),
        ("wechat_work", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=invented-robot-1"),
        ("dingtalk", "invented-token-1:"),
        ("dingtalk", ":SECinvented-secret-1"),
        ("dingtalk", "invented-token-1:SEC\r\nHost: x"),
    ],
)
def test_what_is_no_robot_is_refused_unsent(connector: str, address: str) -> None:
    with answering(connector) as (channel, requests), channel.open() as sender:
        result = sender.send(message(address=address))
    assert (result.outcome, result.code, requests) == (Outcome.REFUSED, ResultCode.ADDRESS_MALFORMED, [])


def test_the_time_of_the_signature_is_that_of_the_clock() -> None:
    clock = MovableClock(NOW)
    with MessageGateway(clock) as gateway, gateway.channel("dingtalk").open() as sender:
        address = gateway.address("dingtalk")
        clock.move(30)
        assert sender.send(message(address=address)).outcome is Outcome.ACCEPTED
