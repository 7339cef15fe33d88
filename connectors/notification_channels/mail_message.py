"""Notices as e-mails: plain text in UTF-8, marked as sent by a machine, with a Message-ID that bounces bring back.

Guarantees that no text of a notice can become a header or a second mail, and that the same message gives the same mail.
Handing it over is `smtp_mail`, reading what comes back `mail_bounces`.
"""

import base64
from dataclasses import dataclass, field
from email.header import Header
from email.utils import format_datetime

from email_validator import EmailNotValidError, validate_email

from connectors.notification_channels.plain_text import one_line, plain
from connectors.notification_channels.signing import mail_tag
from policy_match.notices.messages import OutgoingMessage

MAX_SUBJECT = 200
MAX_NAME = 100
"""Characters; what is longer ends in an ellipsis, as the body says everything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailAddress:
    """One address in the form in which it is sent: the domain in ASCII. `ascii` is false when the name needs UTF-8."""

    local: str = field(repr=False)
    domain: str = field(repr=False)

    @property
    def text(self) -> str:
        """The whole address."""
        return f"{self.local}@{self.domain}"

    @property
    def ascii(self) -> bool:
        """Whether it can be sent without SMTPUTF8 (RFC 6531)."""
        return self.local.isascii()


@dataclass(frozen=True, kw_only=True, slots=True)
class MailSender:
    """Who sends: what stands in every mail. `tag_secret` marks the Message-ID; without it bounces prove nothing."""

    address: MailAddress
    name: str
    reply_to: MailAddress | None
    unsubscribe: str
    tag_secret: str | None = field(repr=False)


def mail_address(text: str) -> MailAddress | None:
    """Return an address, or `None` for a text that is none (RFC 5321, 6531), a quoted name, or an IP number."""
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except (EmailNotValidError, UnicodeError):
        return None
    return MailAddress(local=found.local_part, domain=found.ascii_domain) if found.ascii_domain else None


def marked_key(key: str, tag_secret: str | None) -> str:
    """Return a key with the tag that proves that it is ours; without a secret the key alone."""
    return key if tag_secret is None else f"{key}.{mail_tag(tag_secret, key)}"


class MailWriter:
    """Writes the mails of one sender.

    Headers follow RFC 5322, with RFC 3834 (sent by a machine: no automatic answers, please) and RFC 2369, 2919 (lists).
    Words of people are encoded (RFC 2047) whatever they are: `EmailMessage` would decode what looks encoded already,
    line breaks included, and takes seconds to fold a few thousand characters.
    """

    def __init__(self, sender: MailSender) -> None:
        self._sender = sender
        lines = [
            _mailbox("From", sender.name, sender.address),
            *([f"Reply-To: {sender.reply_to.text}"] if sender.reply_to is not None else []),
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            f"List-Id: <notices.{sender.address.domain}>",
            *([f"List-Unsubscribe: <{sender.unsubscribe}>"] if sender.unsubscribe else []),
            "MIME-Version: 1.0",
            'Content-Type: text/plain; charset="utf-8"',
            "Content-Transfer-Encoding: base64",
        ]
        self._same = "\r\n".join(lines)

    def envelope_id(self, key: str) -> str:
        """Return the mark of a message: its key, and beside it what only we can know."""
        return marked_key(key, self._sender.tag_secret)

    def write(self, message: OutgoingMessage, to: MailAddress) -> bytes:
        """Return the mail, lines ending in CR LF; the same for the same message."""
        lines = [
            self._same,
            _mailbox("To", message.recipient_name, to),
            f"Subject: {_words('Subject', message.subject, MAX_SUBJECT)}",
            f"Date: {format_datetime(message.at)}",
            f"Message-ID: <{self.envelope_id(message.key)}@{self._sender.address.domain}>",
            f"Content-Language: {'zh-CN' if message.language == 'zh' else 'en'}",
            "",
            "",
        ]
        body = base64.encodebytes(plain(message.body).replace("\n", "\r\n").encode())
        return "\r\n".join(lines).encode() + body.replace(b"\n", b"\r\n")


def _mailbox(header: str, name: str, address: MailAddress) -> str:
    words = _words(header, name, MAX_NAME)
    return f"{header}: {words}\r\n <{address.text}>" if words else f"{header}: <{address.text}>"


def _words(header: str, text: str, most: int) -> str:
    """Return a text as encoded words; what is longer than `most` characters ends in an ellipsis."""
    said = one_line(text)
    if len(said) > most:
        said = f"{said[: most - 1]}…"
    return Header(said, "utf-8", header_name=header).encode(linesep="\r\n") if said else ""
