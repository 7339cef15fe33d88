"""E-mail: the mail itself, every refusal at every step, TLS and login, against our server and against `aiosmtpd`."""

import ssl
import threading
from collections.abc import Mapping
from email import message_from_bytes, policy
from pathlib import Path
from socketserver import BaseRequestHandler
from time import monotonic

import pytest

from connectors.notification_channels import open_channel
from connectors.notification_channels.loopback_server import LoopbackServer
from policy_match.notices.messages import Outcome, OutgoingMessage, SendResult
from policy_match.notices.model import Channel
from policy_match.notices.result_codes import ResultCode
from policy_match.ports.notices import NotificationChannel
from tests.conformance.notification_channels.providers import BODY, NAME, NOW, SUBJECT, message
from tests.conformance.notification_channels.second_mail_server import LOGIN, SecondMailServer, second_mail_server
from tests.support.cases import MovableClock
from tests.support.certificates import Certificates, make_certificates
from tests.support.mail_server import MailFault, MailServer

ADDRESS = "zhang.san@invented.example"
VARIABLES = {"INVENTED_PASSWORD": LOGIN[1], "INVENTED_OTHER": "wrong password", "INVENTED_TAG": "invented tag"}


def channel(port: int, folder: Path = Path(), **settings: str) -> NotificationChannel:
    values = {"host": "127.0.0.1", "port": str(port), "tls": "none", "sender": "notices@invented.example"}
    return open_channel(
        "smtp",
        channel=Channel.EMAIL,
        provider="mail",
        values=values | {"timeout_seconds": "2"} | settings,
        secret=VARIABLES.__getitem__,
        clock=MovableClock(NOW),
        folder=folder,
    )


def send(to: NotificationChannel, *messages: OutgoingMessage) -> list[SendResult]:
    with to.open() as sender:
        return [sender.send(each) for each in messages or (message(address=ADDRESS),)]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server_tls(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server, certificates.key)
    return context


# The mail ------------------------------------------------------------------------------------------------------------


def test_a_mail_is_plain_text_marked_as_sent_by_a_machine() -> None:
    with MailServer() as server:
        settings = {"reply_to": "desk@invented.example", "unsubscribe": "mailto:stop@invented.example"}
        send(server.channel(MovableClock(NOW), **settings))
    [caught] = server.received
    mail = message_from_bytes(caught.content, policy=policy.default)
    assert (mail["Subject"], mail["To"].addresses[0].display_name) == (SUBJECT, NAME)
    assert mail["To"].addresses[0].addr_spec == ADDRESS
    assert mail["From"].addresses[0].addr_spec == "notices@invented.example"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<notices.invented.example>"
    assert mail["List-Unsubscribe"] == "<mailto:stop@invented.example>"
    assert mail["Reply-To"] == "desk@invented.example"
    assert mail["Content-Language"] == "zh-CN"
    assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
    assert caught.text == BODY
    assert max(map(len, caught.content.split(b"\r\n"))) <= 78
    assert caught.content.isascii()


def test_the_same_message_makes_the_same_mail() -> None:
    with MailServer() as server:
        send(server.channel(MovableClock(NOW)), message(address=ADDRESS), message(address=ADDRESS))
    first, second = server.received
    assert first.content == second.content


def test_the_key_and_its_mark_are_in_the_message_id_and_in_the_envelope() -> None:
    with MailServer() as server:
        send(server.channel(MovableClock(NOW)))
    [caught] = server.received
    assert caught.message["Message-ID"] == f"<{caught.envelope_id}@invented.example>"
    assert caught.envelope_id.startswith("PMN1.")
    assert len(caught.envelope_id) == len("PMN1.") + 20


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nBcc: victim@invented.example",
        "a\n\nb",
        "=?utf-8?q?x=0D=0ABcc:_victim=40invented.example?=",
        "=?utf-8?b?DQpCY2M6IHZpY3RpbUBpbnZlbnRlZC5leGFtcGxl?=",
        '"<victim@invented.example>, "',
        "a, victim@invented.example",
        "长" * 3000 + "\r\nBcc: victim@invented.example",
        "\u2028Bcc: victim@invented.example",
        "(" * 2000,
    ],
)
def test_no_text_becomes_a_header_or_a_recipient(text: str) -> None:
    with MailServer() as server:
        to = server.channel(MovableClock(NOW))
        given = message(address=ADDRESS, subject=text, recipient_name=text, body=text)
        send(to, message("PMN2", address=ADDRESS), given)
    usual, hostile = server.received
    assert hostile.recipients == (ADDRESS,)
    assert hostile.message.keys() == usual.message.keys()
    assert [each.addr_spec for each in hostile.message["To"].addresses] == [ADDRESS]


@pytest.mark.parametrize(
    "address",
    [
        "zhang.san",
        "@invented.example",
        "a@b",
        "a@@invented.example",
        "a b@invented.example",
        "<a@invented.example>",
        "张三 <a@invented.example>",
        "a@invented.example, b@invented.example",
        "a@127.0.0.1",
        "a@[127.0.0.1]",
        "a@-x.example",
        "a..b@invented.example",
        "a" * 65 + "@invented.example",
        "a@" + "b." * 130 + "example",
        "a@invented.example\n",
        "a\ud800@invented.example",
        "a@\ud800.example",
        "\u202ea@invented.example",
        "a@localhost",
    ],
)
def test_what_is_no_address_is_refused_without_a_connection(address: str) -> None:
    [result] = send(channel(1), message(address=address))
    assert (result.outcome, result.code) == (Outcome.REFUSED, ResultCode.ADDRESS_MALFORMED)


@pytest.mark.parametrize(
    ("domain", "sent"), [("虚构.example", "xn--rsv699d.example"), ("faß.example", "xn--fa-hia.example")]
)
def test_a_domain_in_other_letters_is_sent_in_ascii(domain: str, sent: str) -> None:
    with MailServer() as server:
        [result] = send(server.channel(MovableClock(NOW)), message(address=f"a@{domain}"))
    assert result.outcome is Outcome.ACCEPTED
    assert server.received[0].recipients == (f"a@{sent}",)


# The connection ------------------------------------------------------------------------------------------------------


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again() -> None:
    with MailServer() as server:
        server.faults.plan(None, MailFault.HANG_UP_BEFORE_DATA)
        results = send(server.channel(MovableClock(NOW)), *(message(f"PMN{n}", address=ADDRESS) for n in (1, 2, 3)))
    assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 3
    assert server.counts() == {"PMN1": 1, "PMN2": 1, "PMN3": 1}


def test_a_server_that_says_that_it_closes_is_at_fault_and_the_next_mail_goes_over_a_new_connection() -> None:
    with MailServer() as server:
        server.faults.plan(None, MailFault.SHUTTING_DOWN)
        results = send(server.channel(MovableClock(NOW)), *(message(f"PMN{n}", address=ADDRESS) for n in (1, 2, 3)))
    assert [result.outcome for result in results] == [Outcome.ACCEPTED, Outcome.RETRY, Outcome.ACCEPTED]
    assert results[1].provider_at_fault


def test_a_hang_up_before_the_content_is_tried_again_and_never_lost() -> None:
    with MailServer() as server:
        server.faults.plan(MailFault.HANG_UP_BEFORE_DATA)
        [result] = send(server.channel(MovableClock(NOW)))
    assert (result.outcome, result.code, result.provider_at_fault) == (Outcome.RETRY, ResultCode.PROVIDER_DOWN, True)


def test_a_server_that_keeps_silent_before_the_content_is_tried_again_within_its_time() -> None:
    began = monotonic()
    with MailServer() as server:
        server.faults.plan(MailFault.SILENT_BEFORE_DATA)
        [result] = send(server.channel(MovableClock(NOW), timeout_seconds="1"))
    assert (result.outcome, result.code) == (Outcome.RETRY, ResultCode.PROVIDER_DOWN)
    assert monotonic() - began < 3


def test_a_server_that_hangs_up_at_once_is_at_fault() -> None:
    with MailServer() as server:
        server.faults.plan(MailFault.HANG_UP_ON_CONNECT)
        [result] = send(server.channel(MovableClock(NOW)))
    assert (result.outcome, result.code, result.provider_at_fault) == (Outcome.RETRY, ResultCode.PROVIDER_DOWN, True)


@pytest.mark.parametrize(
    "greeting",
    [
        b"554 go away\r\n",
        b"421 closing\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe\r\n",
        b"220\n250 x" * 9000,
    ],
)
def test_what_greets_otherwise_than_a_mail_server_is_at_fault(greeting: bytes) -> None:
    class Rude(BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(greeting)
            self.request.recv(1000)

    server = LoopbackServer(0, Rude)
    server.start()
    try:
        [result] = send(channel(server.port))
    finally:
        server.stop()
    assert (result.outcome, result.provider_at_fault) == (Outcome.RETRY, True)


def test_a_server_that_answers_byte_by_byte_without_end_is_left_in_time() -> None:
    over = threading.Event()

    class Slow(BaseRequestHandler):
        def handle(self) -> None:
            while not over.wait(0.05):
                self.request.sendall(b"2")

    server = LoopbackServer(0, Slow)
    server.start()
    began = monotonic()
    try:
        [result] = send(channel(server.port, timeout_seconds="1"))
    finally:
        over.set()
        server.stop()
    assert monotonic() - began < 3
    assert (result.outcome, result.provider_at_fault) == (Outcome.RETRY, True)


# Another mail server -------------------------------------------------------------------------------------------------


def content(server: SecondMailServer) -> list[str]:
    mails = [message_from_bytes(each.content or b"", policy=policy.default) for each in server.received]
    return [str(mail.get_content()).replace("\r\n", "\n") for mail in mails]


def test_another_mail_server_takes_many_mails_over_one_connection() -> None:
    with second_mail_server() as server:
        results = send(channel(server.port), *(message(f"PMN{n}", address=ADDRESS) for n in range(20)))
        assert {result.outcome for result in results} == {Outcome.ACCEPTED}
        assert content(server) == [BODY] * 20
        assert [each.rcpt_tos for each in server.received] == [[ADDRESS]] * 20


STEPS: Mapping[tuple[str, str | None], tuple[Outcome, str, bool]] = {
    ("EHLO", None): (Outcome.RETRY, ResultCode.PROVIDER_DOWN, True),
    ("MAIL", "451 4.3.0 later"): (Outcome.RETRY, ResultCode.BUSY, True),
    ("MAIL", "550 5.7.1 you may not send"): (Outcome.RETRY, ResultCode.MISCONFIGURED, True),
    ("MAIL", None): (Outcome.RETRY, ResultCode.PROVIDER_DOWN, True),
    ("RCPT", "251 will forward"): (Outcome.ACCEPTED, "", False),
    ("RCPT", "450 4.2.1 greylisted"): (Outcome.RETRY, ResultCode.BUSY, False),
    ("RCPT", "450 4.7.1 greylisted"): (Outcome.RETRY, ResultCode.BUSY, False),
    ("RCPT", "550 5.1.1 zhang.san@invented.example unknown"): (Outcome.REFUSED, ResultCode.NO_SUCH_ADDRESS, False),
    ("RCPT", "550 5.1.10 null MX"): (Outcome.REFUSED, ResultCode.NO_SUCH_ADDRESS, False),
    ("RCPT", "552 5.2.2 full"): (Outcome.REFUSED, ResultCode.MAILBOX_FULL, False),
    ("RCPT", "550 no"): (Outcome.REFUSED, ResultCode.RECIPIENT_REFUSED, False),
    ("RCPT", "554 5.7.1 relay access denied"): (Outcome.REFUSED, ResultCode.RECIPIENT_REFUSED, True),
    ("RCPT", None): (Outcome.RETRY, ResultCode.PROVIDER_DOWN, True),
    ("DATA", "451 4.3.0 later"): (Outcome.RETRY, ResultCode.BUSY, True),
    ("DATA", "552 5.3.4 too large"): (Outcome.REFUSED, ResultCode.TOO_LONG, False),
    ("DATA", "554 5.7.1 spam"): (Outcome.REFUSED, ResultCode.CONTENT_REFUSED, False),
    ("DATA", "999 what"): (Outcome.LOST, ResultCode.NO_REPLY, True),
    ("DATA", None): (Outcome.LOST, ResultCode.NO_REPLY, True),
}


@pytest.mark.parametrize(("verb", "reply"), STEPS)
def test_each_reply_at_each_step_has_its_result_and_the_next_mail_arrives(verb: str, reply: str | None) -> None:
    with second_mail_server() as server, channel(server.port).open() as sender:
        server.replies[verb] = reply
        result = sender.send(message(address=ADDRESS))
        server.replies.clear()
        after = sender.send(message("PMN2", address=ADDRESS))
    assert (result.outcome, result.code, result.provider_at_fault) == STEPS[verb, reply]
    assert "zhang.san" not in result.detail
    assert after.outcome is Outcome.ACCEPTED


def test_a_server_that_does_not_forget_a_refused_mail_is_left() -> None:
    with second_mail_server() as server, channel(server.port).open() as sender:
        server.replies |= {"RCPT": "550 5.1.1 unknown", "RSET": "500 what"}
        assert sender.send(message(address=ADDRESS)).outcome is Outcome.REFUSED
        server.replies.clear()
        assert sender.send(message("PMN2", address=ADDRESS)).outcome is Outcome.ACCEPTED
        assert len(server.received) == 1


def test_a_name_in_chinese_goes_to_a_server_that_can_take_it_and_to_no_other() -> None:
    with second_mail_server() as server:
        [result] = send(channel(server.port), message(address="张三@invented.example"))
        assert result.outcome is Outcome.ACCEPTED
        assert server.received[0].rcpt_tos == ["张三@invented.example"]
    with second_mail_server(enable_SMTPUTF8=False) as server:
        [result] = send(channel(server.port), message(address="张三@invented.example"))
        assert (result.outcome, result.code) == (Outcome.REFUSED, ResultCode.ADDRESS_MALFORMED)
        assert server.received == []


def test_a_mail_that_is_larger_than_the_server_says_is_refused_unsent() -> None:
    with second_mail_server(data_size_limit=1500) as server:
        [result] = send(channel(server.port), message(address=ADDRESS, body="长" * 2000))
        assert (result.outcome, result.code) == (Outcome.REFUSED, ResultCode.TOO_LONG)
        assert server.received == []


# TLS and login -------------------------------------------------------------------------------------------------------


def trusting(certificates: Certificates, tls: str, **login: str) -> dict[str, str]:
    return {"tls": tls, "ca_file": str(certificates.authority), **login}


def test_mail_goes_encrypted_after_a_login(certificates: Certificates, server_tls: ssl.SSLContext) -> None:
    login = {"username": LOGIN[0], "password_env": "INVENTED_PASSWORD"}
    with second_mail_server(asks_login=True, tls_context=server_tls) as server:
        to = channel(server.port, **trusting(certificates, "starttls", **login))
        results = send(to, *(message(f"PMN{n}", address=ADDRESS) for n in (1, 2)))
        assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 2
        assert content(server) == [BODY] * 2
        assert len(server.logins) == 1


def test_mail_goes_encrypted_from_the_first_byte(certificates: Certificates, server_tls: ssl.SSLContext) -> None:
    with second_mail_server(implicit_tls=server_tls) as server:
        results = send(
            channel(server.port, **trusting(certificates, "tls")),
            *(message(f"PMN{n}", address=ADDRESS) for n in (1, 2)),
        )
        assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 2
        assert content(server) == [BODY] * 2


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_not_trusted(tls: str, server_tls: ssl.SSLContext) -> None:
    options = {"implicit_tls": server_tls} if tls == "tls" else {"tls_context": server_tls}
    with second_mail_server(**options) as server:
        [result] = send(channel(server.port, tls=tls))
        assert (result.outcome, result.code) == (Outcome.RETRY, ResultCode.MISCONFIGURED)
        assert result.detail == "TLS certificate not trusted"
        assert server.received == []


def test_a_certificate_of_another_server_is_not_trusted(tmp_path: Path) -> None:
    other = make_certificates(tmp_path, "192.0.2.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(other.server, other.key)
    with second_mail_server(tls_context=context) as server:
        [result] = send(channel(server.port, tls="starttls", ca_file=str(other.authority)))
        assert (result.code, server.received) == (ResultCode.MISCONFIGURED, [])


def test_nothing_is_sent_to_a_server_without_the_tls_that_was_asked_for() -> None:
    with second_mail_server() as server:
        [result] = send(channel(server.port, tls="starttls"))
        assert (result.outcome, result.code) == (Outcome.RETRY, ResultCode.MISCONFIGURED)
        assert server.received == []


def test_a_wrong_password_is_the_providers_matter_and_no_fault_of_the_address(
    certificates: Certificates, server_tls: ssl.SSLContext
) -> None:
    login = {"username": LOGIN[0], "password_env": "INVENTED_OTHER"}
    with second_mail_server(asks_login=True, tls_context=server_tls) as server:
        [result] = send(channel(server.port, **trusting(certificates, "starttls", **login)))
        assert (result.outcome, result.code) == (Outcome.RETRY, ResultCode.NOT_AUTHORISED)
        assert result.provider_at_fault
        assert VARIABLES["INVENTED_OTHER"] not in repr(result)


def test_a_login_at_a_server_that_has_none_is_misconfigured() -> None:
    login = {"username": LOGIN[0], "password_env": "INVENTED_PASSWORD"}
    with second_mail_server() as server:
        [result] = send(channel(server.port, **login))
        assert (result.outcome, result.code) == (Outcome.RETRY, ResultCode.MISCONFIGURED)
