"""One connection to a mail server, for many mails: what was said is told as the result of the mail it was said about.

Guarantees that a mail is called lost only when its last byte may have left: before that it is safe to try again, and a
connection that the server had closed meanwhile is opened again at once. Every wait is limited.
"""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from connectors.notification_channels.mail_message import MailAddress, MailWriter, mail_address
from connectors.notification_channels.mail_replies import (
    SERVICE_CLOSING,
    refused_content,
    refused_recipient,
    refused_sender,
    status_in,
)
from connectors.notification_channels.watchdog import Watchdog
from policy_match.notices.messages import Outcome, OutgoingMessage, SendResult
from policy_match.notices.result_codes import ResultCode

MALFORMED = SendResult(outcome=Outcome.REFUSED, code=ResultCode.ADDRESS_MALFORMED)
TOO_LONG = SendResult(outcome=Outcome.REFUSED, code=ResultCode.TOO_LONG)
LOST = SendResult(outcome=Outcome.LOST, code=ResultCode.NO_REPLY, provider_at_fault=True)
DOWN = SendResult(outcome=Outcome.RETRY, code=ResultCode.PROVIDER_DOWN, provider_at_fault=True)
NO_UTF8 = SendResult(outcome=Outcome.REFUSED, code=ResultCode.ADDRESS_MALFORMED, detail="server without SMTPUTF8")


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServerAccess:
    """How to reach a server. `tls` is `none`, `starttls` or `tls`; `our_name` is what we say in EHLO."""

    host: str
    port: int
    tls: str
    context: ssl.SSLContext
    username: str | None = field(repr=False)
    password: str | None = field(repr=False)
    our_name: str
    timeout_seconds: int


class MailSession:
    """Hands mails over, one after the other."""

    def __init__(self, access: MailServerAccess, writer: MailWriter, sender: MailAddress, watchdog: Watchdog) -> None:
        self._access = access
        self._writer = writer
        self._sender = sender
        self._watchdog = watchdog
        self._smtp: smtplib.SMTP | None = None

    def send(self, message: OutgoingMessage) -> SendResult:
        """Hand one message over."""
        to = mail_address(message.address)
        if to is None:
            return MALFORMED
        mail = self._writer.write(message, to)
        mark = self._writer.envelope_id(message.key)
        if self._smtp is not None:
            with suppress(_NotBegun):
                return self._hand_over(self._smtp, mail, to, mark)
            # the server had closed the connection, as it may after a pause: nothing was sent, so try on a new one
        connected = self._connect()
        if isinstance(connected, SendResult):
            return connected
        try:
            return self._hand_over(connected, mail, to, mark)
        except _NotBegun:
            return DOWN

    def close(self) -> None:
        """Say goodbye and close."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _connect(self) -> smtplib.SMTP | SendResult:
        """Return a new connection, ready for mails, or what to say of the message when there is none."""
        access = self._access
        try:
            smtp = self._smtp = _connection(access, self._watchdog)
            smtp.ehlo_or_helo_if_needed()
            if access.tls == "starttls":
                smtp.starttls(context=access.context)
                smtp.ehlo()
            if access.username is not None and access.password is not None:
                smtp.login(access.username, access.password)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._drop()
            return _not_connected(error)
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, mail: bytes, to: MailAddress, mark: str) -> SendResult:
        """Say it. Raises `_NotBegun` when the connection ends before the end of the mail may have left."""
        try:
            limit = smtp.esmtp_features.get("size", "")
            if limit.isdecimal() and 0 < int(limit) < len(mail):
                return TOO_LONG
            if not to.ascii and not smtp.has_extn("smtputf8"):
                return NO_UTF8
            refused = self._envelope(smtp, to, mark)
            if refused is not None:
                return refused
            smtp.send(mail.replace(b"\r\n.", b"\r\n.."))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _NotBegun from error
        try:
            smtp.send(b".\r\n")
            reply, text = smtp.getreply()
        except (smtplib.SMTPException, OSError):
            self._drop()
            return LOST
        if reply == 250:
            return SendResult(outcome=Outcome.ACCEPTED)
        if not 400 <= reply < 600:
            self._drop()
            return LOST
        self._after_refusal(reply)
        return refused_content(reply, _status(text))

    def _envelope(self, smtp: smtplib.SMTP, to: MailAddress, mark: str) -> SendResult | None:
        """Say sender and recipient and announce the mail; return the refusal, if it is one."""
        options = [] if to.ascii else ["SMTPUTF8"]
        asks_for_bounces = smtp.has_extn("dsn")
        if asks_for_bounces:
            options += ["RET=HDRS", f"ENVID={mark}"]
        reply, text = smtp.mail(self._sender.text, options)
        if reply != 250:
            self._after_refusal(reply)
            return refused_sender(reply, _status(text))
        reply, text = smtp.rcpt(to.text, ["NOTIFY=FAILURE"] if asks_for_bounces else ())
        if reply not in (250, 251):
            self._after_refusal(reply)
            return refused_recipient(reply, _status(text))
        reply, text = smtp.docmd("DATA")
        if reply != 354:
            self._after_refusal(reply)
            return refused_sender(reply, _status(text))
        return None

    def _after_refusal(self, reply: int) -> None:
        """Make the connection ready for the next mail; one that the server closes, or does not follow, is dropped."""
        if reply == SERVICE_CLOSING or not 400 <= reply < 600:
            self._drop()
            return
        assert self._smtp is not None
        try:
            ready = self._smtp.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            ready = False
        if not ready:
            self._drop()


class _NotBegun(Exception):
    """The connection ended before the mail can have been taken."""


class _Smtp(smtplib.SMTP):
    """Each reply comes within its time as a whole."""

    def __init__(self, watchdog: Watchdog, *args: Any, **options: Any) -> None:
        self._watchdog = watchdog
        super().__init__(*args, **options)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected
        with self._watchdog.watch(self.sock, self.timeout):
            return super().getreply()


class _SmtpOverTls(_Smtp, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


def _connection(access: MailServerAccess, watchdog: Watchdog) -> smtplib.SMTP:
    options: dict[str, Any] = {"local_hostname": access.our_name, "timeout": access.timeout_seconds}
    if access.tls == "tls":
        smtp: _Smtp = _SmtpOverTls(watchdog, access.host, access.port, context=access.context, **options)
    else:
        smtp = _Smtp(watchdog, access.host, access.port, **options)
    assert smtp.sock is not None
    # The end of a mail is a packet of its own, which would otherwise wait until the one before it is acknowledged.
    smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp


def _not_connected(error: Exception) -> SendResult:
    """Return the result of a message for which there was no connection; the error's own words are not used."""
    match error:
        case ssl.SSLCertVerificationError():
            return _at_fault(ResultCode.MISCONFIGURED, "TLS certificate not trusted")
        case smtplib.SMTPNotSupportedError():
            return _at_fault(ResultCode.MISCONFIGURED, "server without STARTTLS or AUTH")
        case smtplib.SMTPAuthenticationError():
            return _at_fault(ResultCode.NOT_AUTHORISED, f"SMTP {error.smtp_code}")
        case smtplib.SMTPResponseException():
            return refused_sender(error.smtp_code, "")
        case _:
            return DOWN


def _at_fault(code: ResultCode, detail: str) -> SendResult:
    return SendResult(outcome=Outcome.RETRY, code=code, detail=detail, provider_at_fault=True)


def _status(text: bytes) -> str:
    return status_in(text.decode("ascii", "replace"))
