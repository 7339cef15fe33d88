"""A mail server, a gateway for text messages and a print shop that send nothing on, for rehearsals.

Guarantees that what arrived lies in the folder, a file for each message, and that nothing arrives at an address which
is dead: its mails are refused, and a receipt says that its number does not exist. Which are dead is up to whoever
invented them.
"""

import html
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from email import message_from_bytes, policy
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors.notification_channels import open_channel
from connectors.notification_channels.caught_folder import CaughtFolder
from connectors.notification_channels.gateway_catcher import CaughtMessage, GatewayCatcher
from connectors.notification_channels.mail_catcher import OK, Envelope, MailCatcher
from policy_match.notices.model import Channel
from policy_match.ports import Clock
from policy_match.ports.notices import NotificationChannel

MESSAGES, LETTERS = "messages", "letters"
"""Where mails and text messages lie in the folder, and where letters do."""

SENDER, SENDER_NAME = "notices@portal.example", "虚构区惠企政策兑现(演练)"
SECRET = "REHEARSAL_GATEWAY_SECRET"
NO_SUCH_USER = "550 5.1.1 no such user here"

_LETTER = re.compile(r"<address>.*?<br>(.*?)</address>(.*)</body>", re.DOTALL)


class InventedPost:
    """Enter it once; the channels work while it is open."""

    def __init__(self, folder: Path, clock: Clock, is_dead: Callable[[str], bool]) -> None:
        """`is_dead` says of an address that nobody gets what is sent to it."""
        self.folder = folder
        self._clock = clock
        self._is_dead = is_dead
        self._caught = CaughtFolder(folder / MESSAGES)
        self._seen: set[str] = set()
        self._open = ExitStack()
        self.channels: Sequence[NotificationChannel] = ()

    def __enter__(self) -> Self:
        secret = secrets.token_hex(32)
        mails = self._open.enter_context(_Mails(self._caught, self._is_dead))
        texts = self._open.enter_context(_Texts(self._caught, self._is_dead, secret, self._clock))
        given: Sequence[tuple[Channel, str, str, Mapping[str, str]]] = (
            (Channel.SMS, "rehearsal-texts", "sms_gateway", {"url": texts.url, "secret_env": SECRET}),
            (
                Channel.EMAIL,
                "rehearsal-mail",
                "smtp",
                {**mails.settings(), "sender": SENDER, "sender_name": SENDER_NAME},
            ),
            (Channel.LETTER, "rehearsal-letters", "letter_file", {"folder": LETTERS, "sender": SENDER_NAME}),
        )
        self.channels = [
            open_channel(
                connector,
                channel=channel,
                provider=provider,
                values=values,
                secret={SECRET: secret}.__getitem__,
                clock=self._clock,
                folder=self.folder,
            )
            for channel, provider, connector, values in given
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def arrived(self) -> Sequence[tuple[str, str]]:
        """Return address and text of every message that came since the last look, also those of an earlier run."""
        readers = {".eml": _read_mail, ".txt": _read_text, ".html": _read_letter}
        found = []
        for name in (MESSAGES, LETTERS):
            folder = self.folder / name
            paths = [path for path in folder.iterdir() if path.name not in self._seen] if folder.exists() else []
            for path in sorted(paths):
                if (read := readers.get(path.suffix)) is not None:
                    found.append(read(path.read_bytes()))
                    self._seen.add(path.name)
        return found


class _Mails(MailCatcher):
    def __init__(self, caught: CaughtFolder, is_dead: Callable[[str], bool]) -> None:
        super().__init__(caught.keep_mail)
        self._is_dead = is_dead

    def on_recipient(self, envelope: Envelope, address: str) -> str:
        return NO_SUCH_USER if self._is_dead(address) else OK


class _Texts(GatewayCatcher):
    def __init__(self, caught: CaughtFolder, is_dead: Callable[[str], bool], secret: str, clock: Clock) -> None:
        super().__init__(self._deliver, secret=secret, clock=clock)
        self._caught = caught
        self._is_dead = is_dead

    def _deliver(self, message: CaughtMessage) -> None:
        if not self._is_dead(message.address):
            self._caught.keep_message(message)

    def receipts_for(self, message: CaughtMessage, message_id: str) -> None:
        said = ("failed", "no_such_number") if self._is_dead(message.address) else ("delivered",)
        self.file_receipt(self.receipt(message.key, message_id, *said), self.clock.now())


def _read_mail(content: bytes) -> tuple[str, str]:
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain",))
    return mail["To"].addresses[0].addr_spec, "" if body is None else str(body.get_content())


def _read_text(content: bytes) -> tuple[str, str]:
    address, _, text = content.decode().partition("\n\n")
    return address, text


def _read_letter(content: bytes) -> tuple[str, str]:
    found = _LETTER.search(content.decode())
    assert found is not None, "letters are made by our own print shop"
    return html.unescape(found[1]), html.unescape(found[2])
