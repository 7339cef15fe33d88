"""E-mail by SMTP: the channel of one mail server, from its settings.

Guarantees that no password goes over a line that others can read, and that a certificate is always checked. SMTP cannot
promise to take a mail once: a repeated one may arrive twice. What is said to the server is `smtp_session`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from connectors.notification_channels.mail_bounces import BounceFolder, read_bounce
from connectors.notification_channels.mail_message import MailAddress, MailSender, MailWriter, mail_address
from connectors.notification_channels.plain_text import one_line
from connectors.notification_channels.settings import LOOPBACK, ChannelSettings
from connectors.notification_channels.smtp_session import MailServerAccess, MailSession
from connectors.notification_channels.watchdog import Watchdog
from policy_match.notices.messages import DeliveryReceipt
from policy_match.notices.model import Channel

PORTS: Mapping[str, int] = {"none": 25, "starttls": 587, "tls": 465}
"""The usual port of each way to use TLS: none, after EHLO (RFC 3207), from the first byte (RFC 8314)."""

UNSUBSCRIBE = re.compile(r"(?:mailto:|https://)[^\s<>]+")
"""Where somebody says that no more mails are wanted (RFC 2369)."""

TIMEOUT_SECONDS = 30
MOST_SECONDS = 600

REQUIRED = ("host", "sender")
OPTIONAL = (
    "port",
    "tls",
    "ca_file",
    "username",
    "password_env",
    "sender_name",
    "reply_to",
    "unsubscribe",
    "bounces",
    "bounce_secret_env",
    "timeout_seconds",
)


class SmtpMail:
    """The channel of one mail server."""

    channel = Channel.EMAIL
    promises_once = False
    gives_receipts = False

    def __init__(self, settings: ChannelSettings) -> None:
        """Read the settings. Raises `SettingUnfit`, or the error for a variable that is not set."""
        settings.check_names(REQUIRED, OPTIONAL)
        self.name = settings.provider
        self._access = _access(settings)
        tag_secret = settings.secret_of("bounce_secret_env") if "bounce_secret_env" in settings.values else None
        if "bounces" in settings.values and tag_secret is None:
            raise settings.unfit(
                "bounce_secret_env",
                "is missing: without it anybody can make up a bounce; name a variable that holds a secret",
                "缺失：否则任何人都能伪造退信；请指定存放密钥的环境变量",
            )
        self._tag_secret = tag_secret
        self._writer = MailWriter(_sender(settings, tag_secret))
        self._from = _address(settings, "sender")
        self._bounces = BounceFolder(settings.path("bounces")) if "bounces" in settings.values else None

    @contextmanager
    def open(self) -> Iterator[MailSession]:
        """Give a way to the server; it connects with the first mail."""
        with Watchdog() as watchdog:
            session = MailSession(self._access, self._writer, self._from, watchdog)
            try:
                yield session
            finally:
                session.close()

    def read_receipts(self, content: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Return what a bounce says (RFC 3464), as the mail that it is. Raises `ReceiptRefused`."""
        return read_bounce(self.name, content, self._tag_secret)

    def fetch_receipts(self) -> Sequence[bytes]:
        """Return the bounces in the folder of the setting `bounces`, oldest name first."""
        return [] if self._bounces is None else self._bounces.fetch(self.name)

    def confirm_receipts(self, contents: Sequence[bytes]) -> None:
        """Put these bounces aside."""
        if self._bounces is not None:
            self._bounces.confirm(contents)


def _access(settings: ChannelSettings) -> MailServerAccess:
    values = settings.values
    tls = settings.choice("tls", "starttls", list(PORTS))
    username = values.get("username")
    if (username is None) != ("password_env" not in values):
        raise settings.unfit(
            "username", "and `password_env` belong together; give both or none", "应与 password_env 同时给出"
        )
    if username is not None and tls == "none" and values["host"] not in LOOPBACK:
        raise settings.unfit(
            "tls", "must not be none where a password is sent; use starttls or tls", "发送口令时不得为 none"
        )
    password = None if username is None else settings.secret_of("password_env")
    if not f"{username}{password}".isascii():
        raise settings.unfit(
            "username", "or its password is not ASCII, which SMTP needs; change it", "或口令含非 ASCII 字符"
        )
    return MailServerAccess(
        host=values["host"],
        port=settings.whole("port", PORTS[tls], least=1, most=65535),
        tls=tls,
        context=settings.tls_context(),
        username=username,
        password=password,
        our_name=_address(settings, "sender").domain,
        timeout_seconds=settings.whole("timeout_seconds", TIMEOUT_SECONDS, least=1, most=MOST_SECONDS),
    )


def _sender(settings: ChannelSettings, tag_secret: str | None) -> MailSender:
    values = settings.values
    unsubscribe = values.get("unsubscribe", "")
    if unsubscribe and not (UNSUBSCRIBE.fullmatch(unsubscribe) and unsubscribe.isascii()):
        raise settings.unfit(
            "unsubscribe", "begins neither with mailto: nor with https://", "应以 mailto: 或 https:// 开头"
        )
    return MailSender(
        address=_address(settings, "sender"),
        name=one_line(values.get("sender_name", "")),
        reply_to=_address(settings, "reply_to") if "reply_to" in values else None,
        unsubscribe=unsubscribe,
        tag_secret=tag_secret,
    )


def _address(settings: ChannelSettings, setting: str) -> MailAddress:
    address = mail_address(settings.values[setting])
    if address is None or not address.ascii:
        raise settings.unfit(setting, "is no e-mail address in ASCII; correct it", "不是有效的电子邮件地址")
    return address
