"""The catchers of a rehearsal: what they keep, what they refuse, and that they leave nothing running."""

import smtplib
import threading
import warnings
from pathlib import Path

import pytest

from connectors.notification_channels.caught_folder import CaughtFolder
from connectors.notification_channels.gateway_catcher import CaughtMessage, GatewayCatcher
from connectors.notification_channels.mail_catcher import MAX_MAIL_BYTES, CaughtMail, MailCatcher
from policy_match.notices.messages import Outcome
from policy_match.notices.model import Channel
from policy_match.ports.notices import NotificationChannel
from tests.conformance.notification_channels.providers import BODY, NOW, SHORT, message
from tests.support.cases import MovableClock
from tests.support.mail_server import MailServer
from tests.support.message_gateway import GATEWAY_SECRET, MessageGateway


def session(catcher: MailCatcher) -> smtplib.SMTP:
    settings = catcher.settings()
    return smtplib.SMTP(settings["host"], int(settings["port"]), local_hostname="invented.example", timeout=5)


def both(channel: NotificationChannel, address: str) -> list[Outcome]:
    with channel.open() as sender:
        return [sender.send(message(address=address)).outcome for _ in range(2)]


def test_mails_and_messages_become_files_that_a_person_can_read(tmp_path: Path) -> None:
    folder = CaughtFolder(tmp_path / "caught")
    clock = MovableClock(NOW)
    with MailCatcher(folder.keep_mail) as mails, MailServer() as server:
        to = server.channel(clock, **mails.settings())
        with to.open() as sender:
            for key in ("PMN1", "PMN1", "PMN2"):
                assert sender.send(message(key, address="a@invented.example")).outcome is Outcome.ACCEPTED
    catcher = GatewayCatcher(folder.keep_message, secret="invented", clock=clock)
    with catcher, MessageGateway(clock) as gateway:
        channel = gateway.channel("wechat_work", url=catcher.url)
        with channel.open() as sender:
            assert sender.send(message("PMN3", address="invented-robot-1")).outcome is Outcome.ACCEPTED
    names = sorted(path.name for path in (tmp_path / "caught").iterdir())
    assert names == ["email-PMN1-2.eml", "email-PMN1.eml", "email-PMN2.eml", "wechat_work-PMN3.txt"]
    assert BODY in (tmp_path / "caught" / "wechat_work-PMN3.txt").read_text(encoding="utf-8")


def test_a_catcher_leaves_neither_threads_nor_sockets_even_with_senders_connected() -> None:
    before = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with MailCatcher(lambda mail: None) as catcher:
            open_sessions = [session(catcher) for _ in range(5)]
            open_sessions[0].ehlo()
            open_sessions[1].mail("a@invented.example")
    for each in open_sessions:
        each.close()
    assert threading.active_count() == before


def test_a_catcher_that_ended_may_be_followed_by_another_on_the_same_port() -> None:
    with MailCatcher(lambda mail: None) as first:
        port = int(first.settings()["port"])
        session(first).quit()
    with MailCatcher(lambda mail: None, port) as second, session(second) as smtp:
        assert smtp.noop()[0] == 250


def test_what_cannot_be_kept_is_not_said_to_be_taken() -> None:
    left = [OSError(28, "No space left on device")]

    def full(caught: object) -> None:
        if left:
            raise left.pop()

    clock = MovableClock(NOW)
    with MailCatcher(full) as catcher, MailServer() as server:
        outcomes = both(server.channel(clock, **catcher.settings()), "a@invented.example")
    assert outcomes == [Outcome.RETRY, Outcome.ACCEPTED]
    left.append(OSError(28, "No space left on device"))
    with GatewayCatcher(full, secret="invented", clock=clock) as gateway, MessageGateway(clock) as other:
        outcomes = both(other.channel("wechat_work", url=gateway.url), "invented-robot-1")
    assert outcomes == [Outcome.RETRY, Outcome.ACCEPTED]


def test_lines_that_begin_with_a_dot_arrive_as_they_were() -> None:
    got: list[CaughtMail] = []
    text = "Message-ID: <PMN1@x>\r\n\r\n.\r\n..\r\n.x\r\nend\r\n"
    with MailCatcher(got.append) as catcher, session(catcher) as smtp:
        smtp.sendmail("a@invented.example", ["b@invented.example", "c@invented.example"], text)
    assert got[0].content.decode() == text
    assert got[0].recipients == ("b@invented.example", "c@invented.example")
    assert (got[0].key, got[0].envelope_id) == ("PMN1", "")


def test_a_mail_without_a_message_id_has_no_key() -> None:
    mail = CaughtMail(
        sender="", recipients=(), envelope_id="", content=b"Subject: <PMN1.x@y>\r\n\r\nMessage-ID: <PMN2@y>"
    )
    assert (mail.key, mail.text) == ("", "Message-ID: <PMN2@y>")


def test_a_mail_that_is_too_large_is_refused_and_the_connection_goes_on() -> None:
    got: list[CaughtMail] = []
    with MailCatcher(got.append) as catcher, session(catcher) as smtp:
        smtp.ehlo()
        smtp.esmtp_features.pop("size")
        with pytest.raises(smtplib.SMTPDataError, match="552"):
            smtp.sendmail("a@invented.example", "b@invented.example", "x" * 70 + "\r\n" + "y" * MAX_MAIL_BYTES)
        assert smtp.noop()[0] == 250
    assert got == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("DATA", 503),
        ("RCPT TO:<a@b>", 503),
        ("MAIL FROM:a@b", 503),
        ("VRFY a", 502),
        ("", 502),
        ("HELO x", 250),
        ("RSET", 250),
    ],
)
def test_what_is_said_out_of_order_is_refused(said: str, code: int) -> None:
    with MailCatcher(lambda mail: None) as catcher, session(catcher) as smtp:
        assert smtp.docmd(said)[0] == code


def test_a_gateway_takes_each_key_once_and_says_so() -> None:
    got: list[CaughtMessage] = []
    clock = MovableClock(NOW)
    with MessageGateway(clock) as gateway:
        secret = gateway.variables[GATEWAY_SECRET]
        catcher = GatewayCatcher(got.append, secret=secret, clock=clock)
        with catcher, gateway.channel("sms_gateway", url=catcher.url).open() as sender:
            results = [sender.send(message(address="+9990000000001")) for _ in range(3)]
    assert {(result.outcome, result.reference) for result in results} == {(Outcome.ACCEPTED, "G1")}
    assert [(each.channel, each.key, each.text) for each in got] == [(Channel.SMS, "PMN1", SHORT)]


def test_many_senders_at_once_each_get_their_own_answers() -> None:
    clock = MovableClock(NOW)
    with MailServer() as mails, MessageGateway(clock) as gateway:
        channels = [(mails.channel(clock), "a@invented.example"), (gateway.channel("sms_gateway"), "+9990000000001")]
        failed: list[object] = []

        def work(first: int) -> None:
            for channel, address in channels:
                with channel.open() as sender:
                    for number in range(first, first + 40):
                        result = sender.send(message(f"PMN{number}", address=address))
                        if result.outcome is not Outcome.ACCEPTED:
                            failed.append(result)

        threads = [threading.Thread(target=work, args=(1000 * number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert (mails.counts().total(), mails.duplicates()) == (240, 0)
        assert (gateway.counts().total(), gateway.duplicates()) == (240, 0)
