"""Text messages: what the gateway gets, what it may answer, and receipts that can be trusted."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, StreamRequestHandler
from time import monotonic
from typing import Any

import pytest

from connectors.notification_channels.loopback_http import Reply, Request, http_handler
from connectors.notification_channels.loopback_server import HangUp, LoopbackServer
from connectors.notification_channels.signing import receipt_signature
from policy_match.notices.messages import DeliveryReceipt, Outcome, ReceiptKind, SendResult
from policy_match.notices.receipt_defects import ReceiptForged, ReceiptNotUnderstood, ReceiptsNotFetched
from policy_match.notices.result_codes import ResultCode
from policy_match.ports.notices import NotificationChannel
from tests.conformance.notification_channels.providers import NOW, SHORT, message
from tests.support.cases import MovableClock
from tests.support.certificates import make_certificates
from tests.support.message_gateway import GATEWAY_SECRET, GatewayFault, MessageGateway, ReceiptHabits

NUMBER = "+9990000000001"


def clock() -> MovableClock:
    return MovableClock(NOW)


def send(channel: NotificationChannel, key: str = "PMN1", address: str = NUMBER, short: str = SHORT) -> SendResult:
    with channel.open() as sender:
        return sender.send(message(key, address=address, short=short))


@contextmanager
def answering(*answers: Reply) -> Iterator[tuple[NotificationChannel, list[Request]]]:
    """Give a channel to a server that answers so, one after the other, and the requests that it gets."""
    requests: list[Request] = []
    left = list(answers)

    def answer(request: Request) -> Reply:
        requests.append(request)
        return left.pop(0)

    with serving(http_handler(answer)) as port, MessageGateway(clock()) as gateway:
        yield gateway.channel("sms_gateway", url=f"http://127.0.0.1:{port}/base"), requests


@contextmanager
def serving(handler: type[BaseRequestHandler]) -> Iterator[int]:
    """Serve with a handler, and give the port."""
    server = LoopbackServer(0, handler)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def replied(said: object, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(said).encode())


# Sending -------------------------------------------------------------------------------------------------------------


def test_the_gateway_gets_key_number_and_short_text_and_gives_its_own_id() -> None:
    with answering(replied({"code": "accepted", "id": "G-17"})) as (channel, requests):
        result = send(channel, address="+999 (000) 000-0001")
    assert (result.outcome, result.reference) == (Outcome.ACCEPTED, "G-17")
    [request] = requests
    assert (request.method, request.target) == ("POST", "/base/v1/messages")
    assert json.loads(request.body) == {"key": "PMN1", "to": NUMBER, "text": SHORT}
    assert request.headers["idempotency-key"] == "PMN1"
    assert len(request.headers["x-signature"]) == 64


def test_every_request_has_another_nonce() -> None:
    with answering(*[replied({"code": "busy"})] * 3) as (channel, requests):
        for _ in range(3):
            send(channel)
    assert len({request.headers["x-nonce"] for request in requests}) == 3


REPLIES: list[tuple[str, Reply, Outcome, str]] = [
    ("duplicate", replied({"code": "duplicate", "id": "G1"}), Outcome.ACCEPTED, ""),
    ("an id that is none", replied({"code": "accepted", "id": "a b"}), Outcome.ACCEPTED, ""),
    ("no balance", replied({"code": "balance_short"}), Outcome.RETRY, ResultCode.NOT_AUTHORISED),
    ("opted out", replied({"code": "blocked"}), Outcome.REFUSED, ResultCode.RECIPIENT_BLOCKED),
    ("bad words", replied({"code": "content_refused"}), Outcome.REFUSED, ResultCode.CONTENT_REFUSED),
    ("a code nobody knows", replied({"code": "E-13800"}), Outcome.RETRY, ResultCode.UNKNOWN_CODE),
    ("a number as code", replied({"code": 7}), Outcome.RETRY, ResultCode.UNKNOWN_CODE),
    ("a list as code", replied({"code": ["accepted"]}), Outcome.LOST, ResultCode.NO_REPLY),
    ("true as code", replied({"code": True}), Outcome.LOST, ResultCode.NO_REPLY),
    ("no code", replied({"id": "G1"}), Outcome.LOST, ResultCode.NO_REPLY),
    ("no object", replied(["accepted"]), Outcome.LOST, ResultCode.NO_REPLY),
    ("no JSON", Reply(status=200, body=b"<html>accepted</html>"), Outcome.LOST, ResultCode.NO_REPLY),
    ("nothing", Reply(status=200, body=b""), Outcome.LOST, ResultCode.NO_REPLY),
    ("deep JSON", Reply(status=200, body=b"[" * 100_000), Outcome.LOST, ResultCode.NO_REPLY),
    ("created", replied({"code": "accepted"}, 201), Outcome.LOST, ResultCode.NO_REPLY),
    ("refused with a code", replied({"code": "no_such_number"}, 422), Outcome.REFUSED, ResultCode.NO_SUCH_ADDRESS),
    ("refused signature", replied({"code": "signature_refused"}, 401), Outcome.RETRY, ResultCode.NOT_AUTHORISED),
    ("accepted, but not found", replied({"code": "accepted"}, 404), Outcome.RETRY, ResultCode.MISCONFIGURED),
    ("moved", Reply(status=301, body=b"", headers={"Location": "/v2"}), Outcome.RETRY, ResultCode.MISCONFIGURED),
    ("too many", Reply(status=429, body=b""), Outcome.RETRY, ResultCode.RATE_LIMITED),
    ("not now", Reply(status=503, body=b""), Outcome.RETRY, ResultCode.BUSY),
    ("bad gateway", replied({"code": "busy"}, 502), Outcome.LOST, ResultCode.NO_REPLY),
    ("timed out behind", Reply(status=504, body=b""), Outcome.LOST, ResultCode.NO_REPLY),
]


@pytest.mark.parametrize(("name", "reply", "outcome", "code"), REPLIES, ids=[each[0] for each in REPLIES])
def test_each_answer_has_its_result(name: str, reply: Reply, outcome: Outcome, code: str) -> None:
    with answering(reply) as (channel, _):
        result = send(channel)
    assert (result.outcome, result.code) == (outcome, code)


def test_a_code_that_may_be_a_number_of_somebody_is_not_shown() -> None:
    with answering(replied({"code": "13800138000"})) as (channel, _):
        assert send(channel).detail == "code unreadable"


def test_an_answer_that_is_too_long_is_lost_and_read_no_further() -> None:
    with MessageGateway(clock()) as gateway:
        gateway.faults.plan(GatewayFault.HUGE_TAKEN)
        channel = gateway.channel("sms_gateway")
        assert send(channel).outcome is Outcome.LOST
        assert send(channel).outcome is Outcome.ACCEPTED
        assert gateway.duplicates() == 0


def test_a_redirect_is_not_followed() -> None:
    with MessageGateway(clock()) as gateway:
        gateway.faults.plan(GatewayFault.REDIRECTED)
        result = send(gateway.channel("sms_gateway"))
    assert (result.outcome, result.code, result.detail) == (Outcome.RETRY, ResultCode.MISCONFIGURED, "HTTP 307")
    assert gateway.received == []


def test_a_text_of_many_parts_is_refused_unsent() -> None:
    with MessageGateway(clock()) as gateway:
        result = send(gateway.channel("sms_gateway"), short="长" * 501)
        assert send(gateway.channel("sms_gateway"), "PMN2", short="长" * 500).outcome is Outcome.ACCEPTED
    assert (result.outcome, result.code) == (Outcome.REFUSED, ResultCode.TOO_LONG)


def test_a_gateway_that_trusts_another_secret_takes_nothing() -> None:
    with MessageGateway(clock(), seed=1) as gateway, MessageGateway(clock(), seed=2) as other:
        result = send(other.channel("sms_gateway", url=gateway.url))
    assert (result.outcome, result.code, result.provider_at_fault) == (Outcome.RETRY, ResultCode.NOT_AUTHORISED, True)
    assert gateway.received == []


def test_a_clock_that_is_far_off_is_refused_by_the_gateway() -> None:
    ours, theirs = clock(), clock()
    theirs.move(1)
    with MessageGateway(theirs) as gateway, MessageGateway(ours) as other:
        result = send(other.channel("sms_gateway", url=gateway.url))
    assert (result.outcome, result.code) == (Outcome.RETRY, ResultCode.NOT_AUTHORISED)


def test_a_connection_that_was_closed_in_a_pause_is_opened_again() -> None:
    def answer(request: Request) -> Reply:
        return Reply(status=200, body=b'{"code": "accepted", "id": "G1"}', headers={"Connection": "close"})

    with serving(http_handler(answer)) as port, MessageGateway(clock()) as gateway:
        channel = gateway.channel("sms_gateway", url=f"http://127.0.0.1:{port}")
        with channel.open() as sender:
            results = [sender.send(message(f"PMN{number}", address=NUMBER)).outcome for number in range(5)]
    assert set(results) == {Outcome.ACCEPTED}


def test_a_connection_that_the_server_closed_without_a_word_is_opened_again() -> None:
    closed = threading.Semaphore(0)
    body = b'{"code": "accepted", "id": "G1"}'

    class Curt(StreamRequestHandler):
        def handle(self) -> None:
            length = 0
            while (line := self.rfile.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            self.rfile.read(length)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            self.request.shutdown(socket.SHUT_RDWR)
            closed.release()

    with serving(Curt) as port, MessageGateway(clock()) as gateway:
        channel = gateway.channel("sms_gateway", url=f"http://127.0.0.1:{port}")
        with channel.open() as sender:
            for number in range(3):
                assert sender.send(message(f"PMN{number}", address=NUMBER)).outcome is Outcome.ACCEPTED
                assert closed.acquire(timeout=5)


@pytest.mark.parametrize(
    "said", [b"H", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"]
)
def test_an_answer_that_comes_byte_by_byte_without_end_is_lost_in_its_time(said: bytes) -> None:
    over = threading.Event()

    class Slow(BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(said)
            while not over.wait(0.05):
                self.request.sendall(said if b"100" in said[:13] else b" ")

    began = monotonic()
    with serving(Slow) as port, MessageGateway(clock()) as gateway:
        result = send(gateway.channel("sms_gateway", url=f"http://127.0.0.1:{port}", timeout_seconds="1"))
        over.set()
    assert monotonic() - began < 3
    assert (result.outcome, result.code) == (Outcome.LOST, ResultCode.NO_REPLY)


@pytest.mark.parametrize(("trusted", "outcome"), [(True, Outcome.ACCEPTED), (False, Outcome.RETRY)])
def test_only_a_certificate_that_we_trust_gets_a_message(trusted: bool, outcome: Outcome, tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    with MessageGateway(clock()) as gateway:
        server = ThreadingHTTPServer(("127.0.0.1", 0), http_handler(gateway.answer))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.server, certificates.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            extra = {"ca_file": str(certificates.authority)} if trusted else {}
            url = f"https://127.0.0.1:{server.server_address[1]}"
            result = send(gateway.channel("sms_gateway", url=url, **extra))
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
    assert result.outcome is outcome
    assert len(gateway.received) == (1 if trusted else 0)
    assert result.code == ("" if trusted else ResultCode.MISCONFIGURED)


# Receipts ------------------------------------------------------------------------------------------------------------


def receipt(gateway: MessageGateway, **changes: Any) -> bytes:
    """Return a signed receipt with these fields changed; `None` leaves one out."""
    said = {
        "id": "R1",
        "key": "PMN1",
        "message_id": "G1",
        "status": "delivered",
        "code": "",
        "at": int(gateway.clock.now().timestamp()),
    }
    text = json.dumps({name: value for name, value in (said | changes).items() if value is not None})
    signature = receipt_signature(gateway.variables[GATEWAY_SECRET], text)
    return json.dumps({"receipt": text, "signature": signature}).encode()


@pytest.fixture
def gateway() -> Iterator[MessageGateway]:
    with MessageGateway(clock()) as opened:
        yield opened


def test_a_signed_receipt_says_what_became_of_a_message(gateway: MessageGateway) -> None:
    [found] = gateway.channel("sms_gateway").read_receipts(receipt(gateway), {})
    assert found == DeliveryReceipt(kind=ReceiptKind.DELIVERED, key="PMN1", reference="G1", at=NOW)


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("no_such_number", ResultCode.NO_SUCH_ADDRESS),
        ("blocked", ResultCode.RECIPIENT_BLOCKED),
        ("unreachable", ResultCode.UNREACHABLE),
        ("", ResultCode.UNREACHABLE),
        ("E-7731", ResultCode.RECIPIENT_REFUSED),
    ],
)
def test_a_failed_message_says_why(gateway: MessageGateway, code: str, ours: ResultCode) -> None:
    [found] = gateway.channel("sms_gateway").read_receipts(receipt(gateway, status="failed", code=code), {})
    assert (found.kind, found.code) == (ReceiptKind.BOUNCED, ours)


def test_a_receipt_with_another_signature_is_forged(gateway: MessageGateway) -> None:
    content = json.loads(receipt(gateway))
    channel = gateway.channel("sms_gateway")
    for signature in ("", "0" * 64, content["signature"].upper(), content["signature"][:-1], "é" * 64):
        with pytest.raises(ReceiptForged):
            channel.read_receipts(json.dumps(content | {"signature": signature}).encode(), {})
    changed = content["receipt"].replace("PMN1", "PMN2")
    with pytest.raises(ReceiptForged):
        channel.read_receipts(json.dumps(content | {"receipt": changed}).encode(), {})


def test_a_signature_of_a_request_is_none_of_a_receipt(gateway: MessageGateway) -> None:
    with answering(replied({"code": "busy"})) as (channel, requests):
        send(channel)
    content = {"receipt": requests[0].body.decode(), "signature": requests[0].headers["x-signature"]}
    with pytest.raises(ReceiptForged):
        channel.read_receipts(json.dumps(content).encode(), {})


@pytest.mark.parametrize("days", [-7.01, 0.01, 400, -20_000, 10**8, -(10**14)])
def test_a_receipt_from_another_time_is_not_believed(gateway: MessageGateway, days: float) -> None:
    at = int(NOW.timestamp() + days * 86400)
    with pytest.raises((ReceiptForged, ReceiptNotUnderstood)):
        gateway.channel("sms_gateway").read_receipts(receipt(gateway, at=at), {})


@pytest.mark.parametrize("days", [-6.99, 0.003])
def test_a_receipt_may_be_a_week_late_and_a_little_early(gateway: MessageGateway, days: float) -> None:
    at = int(NOW.timestamp() + days * 86400)
    assert gateway.channel("sms_gateway").read_receipts(receipt(gateway, at=at), {})


@pytest.mark.parametrize(
    "changes",
    [
        {"number": NUMBER},
        {"key": None},
        {"at": None},
        {"status": "unknown"},
        {"status": ["delivered"]},
        {"at": "2026-03-02"},
        {"at": 1.5},
        {"code": None},
        {"message_id": 17},
    ],
)
def test_a_receipt_with_other_fields_is_not_understood(gateway: MessageGateway, changes: dict[str, Any]) -> None:
    with pytest.raises(ReceiptNotUnderstood) as refused:
        gateway.channel("sms_gateway").read_receipts(receipt(gateway, **changes), {})
    assert NUMBER not in refused.value.message("en")


@pytest.mark.parametrize(
    "content", [b'{"receipt": "{}"}', b'{"receipt": {}, "signature": ""}', b"[]", b"1" * 5000, b'"\\ud800"']
)
def test_what_is_no_signed_receipt_is_not_understood(gateway: MessageGateway, content: bytes) -> None:
    with pytest.raises(ReceiptNotUnderstood):
        gateway.channel("sms_gateway").read_receipts(content, {})


def test_receipts_are_fetched_byte_for_byte_until_they_are_confirmed(gateway: MessageGateway) -> None:
    channel = gateway.channel("sms_gateway")
    with channel.open() as sender:
        for number in range(1, 1203):
            sender.send(message(f"PMN{number}", address=NUMBER))
    first = channel.fetch_receipts()
    assert len(set(first)) == 1202
    assert channel.fetch_receipts() == first
    keys = {found.key for content in first for found in channel.read_receipts(content, {})}
    assert keys == gateway.counts().keys()
    channel.confirm_receipts(first[:1000])
    assert channel.fetch_receipts() == first[1000:]
    channel.confirm_receipts([*first, b"something else"])
    assert channel.fetch_receipts() == []


def test_forged_foreign_late_and_repeated_receipts_come_as_the_gateway_gives_them() -> None:
    habits = ReceiptHabits(failed=1, late=1, twice=1, forged=1, foreign=1)
    time = clock()
    with MessageGateway(time, receipts=habits) as gateway:
        channel = gateway.channel("sms_gateway")
        assert send(channel).outcome is Outcome.ACCEPTED
        foreign, forged = channel.fetch_receipts()
        assert channel.read_receipts(foreign, {})[0].key == "PMN999999999999"
        with pytest.raises(ReceiptForged):
            channel.read_receipts(forged, {})
        time.move(0.25)
        late = channel.fetch_receipts()[2:]
        assert [channel.read_receipts(content, {})[0].kind for content in late] == [ReceiptKind.BOUNCED] * 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500, body=b""),
        Reply(status=200, body=b"[]"),
        replied({"receipts": []}),
        replied({"receipts": {}, "more": False}),
        Reply(status=200, body=b"no"),
    ],
)
def test_receipts_that_cannot_be_fetched_are_said(reply: Reply) -> None:
    with answering(reply) as (channel, _), pytest.raises(ReceiptsNotFetched, match="gateway"):
        channel.fetch_receipts()


def test_a_gateway_that_is_away_or_hangs_up_gives_its_receipts_later() -> None:
    with MessageGateway(clock()) as gateway:
        channel = gateway.channel("sms_gateway")
    with pytest.raises(ReceiptsNotFetched):
        channel.fetch_receipts()

    def answer(request: Request) -> Reply:
        raise HangUp

    with serving(http_handler(answer)) as port:
        channel = gateway.channel("sms_gateway", url=f"http://127.0.0.1:{port}")
        with pytest.raises(ReceiptsNotFetched, match="no answer"):
            channel.confirm_receipts([receipt(gateway)])


def test_a_gateway_that_always_has_more_is_asked_a_limited_number_of_times() -> None:
    page = replied({"receipts": [{"receipt": '{"id": "R1"}', "signature": ""}], "more": True})
    with answering(*[page] * 100) as (channel, requests):
        assert len(channel.fetch_receipts()) == 40
    assert len(requests) == 40
