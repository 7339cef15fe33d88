"""A mail server for this machine that delivers nothing: it hands every mail to whoever started it.

Guarantees that a mail that was answered with 250 was kept before. It speaks as much SMTP (RFC 5321, with 8BITMIME,
SMTPUTF8 and DSN) as a sender needs, without TLS and passwords. How senders behave is left to them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import BaseRequestHandler, StreamRequestHandler
from types import TracebackType
from typing import Self

from connectors.notification_channels.loopback_server import HOST, HangUp, LoopbackServer

MAX_MAIL_BYTES = 1024 * 1024
MAX_LINE_BYTES = 4096
MAX_RECIPIENTS = 100

_MAIL_FROM = re.compile(r"FROM:<([^<>]*)>((?: [^ ]+)*)", re.IGNORECASE)
_RCPT_TO = re.compile(r"TO:<([^<>]+)>((?: [^ ]+)*)", re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([A-Za-z0-9]+)[.@]", re.IGNORECASE | re.MULTILINE)

OK = "250 2.0.0 OK"
NOT_KEPT = "452 4.3.1 there is no room for it"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaughtMail:
    """One mail as it was handed over. `envelope_id` is the sender's own mark of it (ENVID of RFC 3461), often empty."""

    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    envelope_id: str
    content: bytes = field(repr=False)

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def key(self) -> str:
        """The key of the message: what its Message-ID begins with, up to a dot or the `@`; empty without one."""
        found = _MESSAGE_ID.search(self.content.partition(b"\r\n\r\n")[0])
        return found[1].decode() if found else ""

    @property
    def text(self) -> str:
        """The plain text of the mail, its lines ending in a newline each."""
        body = self.message.get_body(("plain",))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


@dataclass(kw_only=True, slots=True)
class Envelope:
    """What was said of a mail before its content."""

    sender: str
    envelope_id: str
    recipients: list[str] = field(default_factory=list)


class MailCatcher:
    """Takes mails while it is open. Subclasses say what else may happen by the `on_…` methods."""

    def __init__(self, keep: Callable[[CaughtMail], None], port: int = 0) -> None:
        """`keep` is called in the thread of a connection, several at a time. Port 0 takes a free one."""
        self._keep = keep
        self._server = LoopbackServer(port, _handler(self))

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def settings(self) -> Mapping[str, str]:
        """Return what the channel `smtp` needs to reach it, besides who sends."""
        return {"host": HOST, "port": str(self._server.port), "tls": "none"}

    def on_connect(self) -> str:
        """Return the greeting. May raise `HangUp`."""
        return f"220 {HOST} mail catcher"

    def on_recipient(self, envelope: Envelope, address: str) -> str:
        """Return the reply to one recipient. May raise `HangUp`."""
        return OK

    def on_data(self, envelope: Envelope) -> str:
        """Return the reply to the announcement of the content. May raise `HangUp`."""
        return "354 end with a line that is a dot"

    def on_mail(self, envelope: Envelope, mail: CaughtMail) -> str:
        """Keep a mail and return the reply. May raise `HangUp`."""
        try:
            self._keep(mail)
        except OSError:
            return NOT_KEPT
        return OK


def _handler(catcher: MailCatcher) -> type[BaseRequestHandler]:
    class Connection(_Connection):
        def handle(self) -> None:
            self.serve(catcher)

    return Connection


class _Connection(StreamRequestHandler):
    """One sender."""

    disable_nagle_algorithm = True

    def serve(self, catcher: MailCatcher) -> None:
        self._envelope: Envelope | None = None
        self._say(catcher.on_connect())
        while line := self.rfile.readline(MAX_LINE_BYTES):
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            match verb.upper():
                case "EHLO":
                    self._say(f"250-{HOST}", "250-8BITMIME", "250-SMTPUTF8", "250-DSN", f"250 SIZE {MAX_MAIL_BYTES}")
                case "HELO" | "NOOP":
                    self._say(OK)
                case "RSET":
                    self._envelope = None
                    self._say(OK)
                case "MAIL":
                    self._mail(rest)
                case "RCPT":
                    self._rcpt(catcher, rest)
                case "DATA":
                    self._data(catcher)
                case "QUIT":
                    self._say("221 2.0.0 bye")
                    return
                case _:
                    self._say("502 5.5.1 not known here")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _mail(self, rest: str) -> None:
        found = _MAIL_FROM.fullmatch(rest)
        if found is None or self._envelope is not None:
            self._say("503 5.5.1 one MAIL FROM:<address> at a time")
            return
        options = dict(option.partition("=")[::2] for option in found[2].split())
        self._envelope = Envelope(sender=found[1], envelope_id=options.get("ENVID", ""))
        self._say(OK)

    def _rcpt(self, catcher: MailCatcher, rest: str) -> None:
        found = _RCPT_TO.fullmatch(rest)
        if found is None or self._envelope is None or len(self._envelope.recipients) == MAX_RECIPIENTS:
            self._say("503 5.5.1 RCPT TO:<address> after MAIL, not too many")
            return
        reply = catcher.on_recipient(self._envelope, found[1])
        if reply.startswith("250"):
            self._envelope.recipients.append(found[1])
        self._say(reply)

    def _data(self, catcher: MailCatcher) -> None:
        envelope, self._envelope = self._envelope, None
        if envelope is None or not envelope.recipients:
            self._say("503 5.5.1 DATA after RCPT")
            return
        reply = catcher.on_data(envelope)
        self._say(reply)
        if not reply.startswith("354"):
            return
        content = self._content()
        if content is None:
            self._say(f"552 5.3.4 more than {MAX_MAIL_BYTES} bytes")
            return
        mail = CaughtMail(
            sender=envelope.sender,
            recipients=tuple(envelope.recipients),
            envelope_id=envelope.envelope_id,
            content=content,
        )
        self._say(catcher.on_mail(envelope, mail))

    def _content(self) -> bytes | None:
        """Return the content without the dots that SMTP adds, `None` when it is too large; read to its end."""
        lines: list[bytes] = []
        size = 0
        while (line := self.rfile.readline(MAX_LINE_BYTES)) != b".\r\n":
            if not line:
                raise HangUp  # the sender went away in the middle: no mail
            size += len(line)
            if size <= MAX_MAIL_BYTES:
                lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines) if size <= MAX_MAIL_BYTES else None
