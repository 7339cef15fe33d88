"""The courier against real servers: where it connects, whom it trusts, how long it waits, how much it reads."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from connectors.notification_channels.loopback_http import Reply, Request, http_handler
from connectors.notification_channels.loopback_server import HOST, HangUp, LoopbackServer
from connectors.webhooks.courier import Courier, make_courier
from policy_match.events.address import AllowedPlaces, WebhookAddress
from policy_match.events.delivery import PostCode, PostResult
from tests.support.certificates import Certificates, make_certificates
from tests.support.webhook_receiver import LOOPBACK

LOOPBACK_PLACES = AllowedPlaces(networks=LOOPBACK)


@contextmanager
def server(answer: Callable[[Request], Reply], certificates: Certificates | None = None) -> Iterator[int]:
    """Serve on this machine, with TLS where there are certificates; gives the port."""
    running = LoopbackServer(0, http_handler(answer))
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.server, certificates.key)
        running.socket = context.wrap_socket(running.socket, server_side=True)
    running.start()
    try:
        yield running.port
    finally:
        running.stop()


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve one connection by hand; gives the port."""
    with socket.create_server((HOST, 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    talk(connection)
                except OSError:
                    return  # the sender left

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join()


def courier(timeout_seconds: int = 5, ca_file: Path | None = None) -> Courier:
    return make_courier(LOOPBACK_PLACES, ca_file=ca_file, timeout_seconds=timeout_seconds)


def address(port: int, *, host: str = HOST, tls: bool = False) -> WebhookAddress:
    return WebhookAddress(host=host, port=port, path="/hooks", tls=tls)


def post(by: Courier, to: WebhookAddress, times: int = 1) -> list[PostResult]:
    with by.open(to) as way:
        return [way.post({"webhook-id": "1"}, b"{}") for _ in range(times)]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, PostCode.TAKEN),
        (204, PostCode.TAKEN),
        (302, PostCode.REDIRECTED),
        (400, PostCode.REFUSED),
        (410, PostCode.GONE),
        (503, PostCode.REFUSED),
    ],
)
def test_a_status_says_what_became_of_a_message(status: int, code: PostCode) -> None:
    with server(lambda _: Reply(status=status, body=b"")) as port:
        assert post(courier(), address(port)) == [PostResult(code=code, status=status)]


def test_no_redirect_is_followed() -> None:
    asked: list[str] = []

    def answer(request: Request) -> Reply:
        asked.append(request.target)
        return Reply(status=307, body=b"", headers={"Location": "/elsewhere"})

    with server(answer) as port:
        post(courier(), address(port))
    assert asked == ["/hooks"]


def test_many_messages_go_over_one_connection() -> None:
    with server(lambda _: Reply(status=200, body=b"{}")) as port:
        connections: list[Sequence[str]] = []

        def resolve(host: str, port: int) -> Sequence[str]:
            connections.append([host])
            return [host]

        found = post(replace(courier(), resolve=resolve), address(port), times=20)
    assert {each.code for each in found} == {PostCode.TAKEN}
    assert len(connections) == 1


def test_a_long_answer_is_not_read_and_its_status_counts() -> None:
    with server(lambda _: Reply(status=200, body=b"x" * 5_000_000)) as port:
        assert [each.code for each in post(courier(), address(port), times=2)] == [PostCode.TAKEN] * 2


def test_an_answer_that_never_ends_is_left_in_time_and_its_status_counts() -> None:
    released = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        released.wait()

    with raw_server(talk) as port:
        began = time.monotonic()
        (found,) = post(courier(timeout_seconds=1), address(port))
        took = time.monotonic() - began
        released.set()
    assert (found.code, found.status) == (PostCode.TAKEN, 200)
    assert took < 5


def test_a_server_that_speaks_one_byte_at_a_time_is_left_in_time() -> None:
    released = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        while not released.wait(0.1):
            connection.sendall(b"H")

    with raw_server(talk) as port:
        began = time.monotonic()
        (found,) = post(courier(timeout_seconds=1), address(port))
        took = time.monotonic() - began
        released.set()
    assert found == PostResult(code=PostCode.NO_ANSWER)
    assert took < 5


def test_what_is_no_http_is_no_answer() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"220 mail.example.cn ESMTP\r\n")

    with raw_server(talk) as port:
        assert post(courier(), address(port)) == [PostResult(code=PostCode.NO_ANSWER)]


def test_a_server_that_hangs_up_is_asked_on_a_new_connection_next_time() -> None:
    answers = iter([None, Reply(status=200, body=b"{}")])

    def answer(_: Request) -> Reply:
        found = next(answers)
        if found is None:
            raise HangUp
        return found

    with server(answer) as port:
        assert [each.code for each in post(courier(), address(port), times=2)] == [PostCode.NO_ANSWER, PostCode.TAKEN]


def test_where_nobody_listens_there_is_no_connection() -> None:
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    assert post(courier(), address(port)) == [PostResult(code=PostCode.NO_CONNECTION)]


def test_a_certificate_that_we_trust_is_needed(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path / "one")
    stranger = make_certificates(tmp_path / "other")
    with server(lambda _: Reply(status=200, body=b"{}"), certificates) as port:
        trusted = post(courier(ca_file=certificates.authority), address(port, tls=True), times=2)
        untrusted = post(courier(ca_file=stranger.authority), address(port, tls=True))
    assert [each.code for each in trusted] == [PostCode.TAKEN] * 2
    assert [each.code for each in untrusted] == [PostCode.UNTRUSTED]


def test_a_certificate_of_another_name_is_not_trusted(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    with server(lambda _: Reply(status=200, body=b"{}"), certificates) as port:
        by = replace(courier(ca_file=certificates.authority), resolve=lambda _, __: [HOST])
        assert [each.code for each in post(by, address(port, host="hooks.example.cn", tls=True))] == [
            PostCode.UNTRUSTED
        ]


@pytest.mark.parametrize(
    "found",
    [
        "10.1.2.3",
        "127.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_a_name_that_leads_into_a_private_network_is_refused_before_anybody_is_asked(found: str) -> None:
    by = replace(courier(), allowed=AllowedPlaces(), resolve=lambda _, __: [found])
    assert post(by, address(443, host="hooks.example.cn")) == [PostResult(code=PostCode.ADDRESS_REFUSED)]


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    by = replace(courier(), allowed=AllowedPlaces(), resolve=lambda _, __: ["8.8.8.8", "10.0.0.1"])
    assert post(by, address(443, host="hooks.example.cn")) == [PostResult(code=PostCode.ADDRESS_REFUSED)]


def test_a_name_that_changes_after_it_was_checked_leads_nowhere_else() -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with server(lambda _: Reply(status=200, body=b"{}")) as port:
        found = post(replace(courier(), resolve=resolve), address(port, host="hooks.example.cn"))
    assert [each.code for each in found] == [PostCode.TAKEN]
    assert asked == ["hooks.example.cn"]


def test_a_name_without_an_address_is_said_so() -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror

    assert post(replace(courier(), resolve=resolve), address(443, host="nowhere.example.cn")) == [
        PostResult(code=PostCode.NAME_UNKNOWN)
    ]


def test_a_private_network_that_the_settings_name_may_be_reached() -> None:
    places = AllowedPlaces(networks=(ip_network("10.20.0.0/16"),))
    assert places.has(ip_address("10.20.3.4"))
    assert not places.has(ip_address("10.21.3.4"))
    assert places.has(ip_address("8.8.8.8"))
