"""Every channel with a provider of its own on this machine, and the mishaps that each can have.

Guarantees that the claims of the suite are put to all channels in the same words; a mishap that a channel cannot have
is not in its list, so that nothing is skipped in silence.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path
from typing import Protocol

from connectors.notification_channels import open_channel
from policy_match.notices.messages import OutgoingMessage
from policy_match.notices.model import Channel
from policy_match.ports.notices import NotificationChannel
from tests.support.cases import MovableClock
from tests.support.mail_server import MailFault, MailServer
from tests.support.message_gateway import CONNECTORS, GatewayFault, MessageGateway

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
NAME = "虚构区某某机械厂"
SUBJECT = "稳岗返还:请确认"
BODY = "您单位可享受失业保险稳岗返还。\n金额:12,345.67 元\n依据:鲁人社字〔2025〕52号\n请于 2026-03-20 前确认。"
SHORT = "【虚构区】您单位可享受稳岗返还 12,345.67 元,请于 3 月 20 日前登录确认。"
POSTAL_ADDRESS = "虚构省虚构市虚构区\n演练路 9999 号\n990000"


class Mishap(StrEnum):
    """What can happen to one try."""

    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    OTHER_ERROR = "other_error"
    REFUSED = "refused"
    NO_SUCH_ADDRESS = "no_such_address"
    NOT_TAKEN_NO_REPLY = "not_taken_no_reply"
    TAKEN_NO_REPLY = "taken_no_reply"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """One message as its recipient would have got it."""

    key: str
    text: str


class Provider(Protocol):
    """A provider on this machine and the channel to it."""

    channel: NotificationChannel
    address: str
    secrets: Sequence[str]
    mishaps: Sequence[Mishap]

    def plan(self, *mishaps: Mishap | None) -> None:
        """Say what the next tries meet."""

    def arrived(self) -> Sequence[Arrived]:
        """Return what recipients would have got."""


def message(key: str = "PMN1", *, address: str, body: str = BODY, short: str = SHORT, **other: str) -> OutgoingMessage:
    """Return a message."""
    return OutgoingMessage(
        key=key,
        address=address,
        recipient_name=other.get("recipient_name", NAME),
        subject=other.get("subject", SUBJECT),
        body=body,
        short=short,
        language="zh",
        at=NOW,
    )


@dataclass(kw_only=True)
class MailProvider:
    """E-mail."""

    server: MailServer
    channel: NotificationChannel
    address: str = "zhang.san@invented.example"
    mishaps: Sequence[Mishap] = ()

    @property
    def secrets(self) -> Sequence[str]:
        return list(self.server.variables.values())

    def plan(self, *mishaps: Mishap | None) -> None:
        self.server.faults.plan(*(None if each is None else MAIL[each] for each in mishaps))

    def arrived(self) -> Sequence[Arrived]:
        return [Arrived(key=mail.key, text=mail.text) for mail in self.server.received]


MAIL: Mapping[Mishap, MailFault] = {
    Mishap.BUSY: MailFault.BUSY,
    Mishap.REFUSED: MailFault.CONTENT_REFUSED,
    Mishap.NO_SUCH_ADDRESS: MailFault.NO_SUCH_ADDRESS,
    Mishap.NOT_TAKEN_NO_REPLY: MailFault.HANG_UP_NOT_TAKEN,
    Mishap.TAKEN_NO_REPLY: MailFault.HANG_UP_TAKEN,
    Mishap.SILENT: MailFault.SILENT_TAKEN,
}


@dataclass(kw_only=True)
class GatewayProvider:
    """Text messages, and the robots of groups."""

    gateway: MessageGateway
    channel: NotificationChannel
    address: str
    mishaps: Sequence[Mishap] = ()

    @property
    def secrets(self) -> Sequence[str]:
        return list(self.gateway.variables.values())

    def plan(self, *mishaps: Mishap | None) -> None:
        self.gateway.faults.plan(*(None if each is None else GATEWAY[each] for each in mishaps))

    def arrived(self) -> Sequence[Arrived]:
        return [Arrived(key=each.key, text=each.text) for each in self.gateway.received]


GATEWAY: Mapping[Mishap, GatewayFault] = {
    Mishap.BUSY: GatewayFault.BUSY_INSIDE,
    Mishap.RATE_LIMITED: GatewayFault.RATE_LIMITED_INSIDE,
    Mishap.OTHER_ERROR: GatewayFault.UNKNOWN_CODE,
    Mishap.REFUSED: GatewayFault.REFUSED_INSIDE,
    Mishap.NO_SUCH_ADDRESS: GatewayFault.NO_SUCH_ADDRESS,
    Mishap.NOT_TAKEN_NO_REPLY: GatewayFault.HANG_UP_NOT_TAKEN,
    Mishap.TAKEN_NO_REPLY: GatewayFault.HANG_UP_TAKEN,
    Mishap.SILENT: GatewayFault.SILENT_TAKEN,
}


@dataclass(kw_only=True)
class LetterProvider:
    """Letters. A disk does not lose replies, so it has no mishap but being full or away."""

    folder: Path
    channel: NotificationChannel
    address: str = POSTAL_ADDRESS
    secrets: Sequence[str] = ()
    mishaps: Sequence[Mishap] = ()
    taken: list[Arrived] = field(default_factory=list)

    def plan(self, *mishaps: Mishap | None) -> None:
        assert not mishaps

    def arrived(self) -> Sequence[Arrived]:
        return [
            Arrived(key=path.stem, text=letter_parts(path.read_text(encoding="utf-8"))["div"])
            for path in sorted(self.folder.glob("*.html"))
        ]


def letter_parts(page: str) -> Mapping[str, str]:
    """Return the texts of a letter by the element in which they stand, as a browser would show them."""
    parser = _Letter()
    parser.feed(page)
    parser.close()
    return parser.texts


class _Letter(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "br":
            self.handle_data("\n")
        elif tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "a text of the notice became an element"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data


@contextmanager
def mail_provider(folder: Path, clock: MovableClock, **settings: str) -> Iterator[Provider]:
    with MailServer() as server:
        yield MailProvider(server=server, channel=server.channel(clock, **settings), mishaps=tuple(MAIL))


def gateway_provider(connector: str) -> Callable[..., "contextmanager[Provider]"]:
    @contextmanager
    def opened(folder: Path, clock: MovableClock, **settings: str) -> Iterator[Provider]:
        with MessageGateway(clock) as gateway:
            channel = gateway.channel(connector, **settings)
            yield GatewayProvider(
                gateway=gateway, channel=channel, address=gateway.address(connector), mishaps=tuple(GATEWAY)
            )

    return opened


@contextmanager
def letter_provider(folder: Path, clock: MovableClock, **settings: str) -> Iterator[Provider]:
    channel = open_channel(
        "letter_file",
        channel=Channel.LETTER,
        provider="letters",
        values={"folder": "letters", "sender": "虚构区财政局"},
        secret=dict[str, str]().__getitem__,
        clock=clock,
        folder=folder,
    )
    yield LetterProvider(folder=folder / "letters", channel=channel)


PROVIDERS = {
    "smtp": mail_provider,
    **{connector: gateway_provider(connector) for connector in CONNECTORS},
    "letter_file": letter_provider,
}
"""A provider for each connector. `settings` come on top of its own."""

MISHAPS: Mapping[str, Sequence[Mishap]] = {"smtp": tuple(MAIL), **dict.fromkeys(CONNECTORS, tuple(GATEWAY))}
"""What can happen to one try at each provider: all but that of letters, whose disk is full or away, or is not."""

PROMISING = ("sms_gateway", "letter_file")
IN_TIME = {"timeout_seconds": "1"}
"""For tests in which somebody keeps silent."""
