"""A mail server, a gateway for text messages and a print shop that send nothing on, for rehearsals.

Guarantees that what arrived lies in the folder, and that nothing arrives at an address which is dead: its mails are
refused, and a receipt says that its number does not exist. Which are dead is up to whoever invented them.
"""

import html
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
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

MAILS, TEXTS, LETTERS = "mails", "texts.jsonl", "letters"
"""What is in the folder: a file for each mail and letter, a line for each text message."""

SENDER, SENDER_NAME = "notices@portal.example", "虚构区惠企政策兑现（演练）"
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
        self._seen: set[str] = set()
        self._texts_read = 0
        self._open = ExitStack()
        self.channels: Sequence[NotificationChannel] = ()

    def __enter__(self) -> Self:
        secret = secrets.token_hex(32)
        mails = self._open.enter_context(_Mails(self.folder / MAILS, self._is_dead))
        texts = self._open.enter_context(_Texts(self.folder / TEXTS, self._is_dead, secret, self._clock))
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
        return [*self._new_texts(), *self._new_files(MAILS, ".eml", _mail), *self._new_files(LETTERS, ".html", _letter)]

    def _new_texts(self) -> Iterator[tuple[str, str]]:
        path = self.folder / TEXTS
        if path.exists():
            with path.open("rb") as file:
                file.seek(self._texts_read)
                for line in file:
                    said = json.loads(line)
                    yield said["to"], said["text"]
                    self._texts_read += len(line)

    def _new_files(self, name: str, suffix: str, read: Callable[[bytes], tuple[str, str]]) -> Iterator[tuple[str, str]]:
        folder = self.folder / name
        paths = folder.glob(f"*{suffix}") if folder.exists() else ()
        for path in sorted(path for path in paths if path.name not in self._seen):
            yield read(path.read_bytes())
            self._seen.add(path.name)


class _Mails(MailCatcher):
    def __init__(self, folder: Path, is_dead: Callable[[str], bool]) -> None:
        super().__init__(CaughtFolder(folder).keep_mail)
        self._is_dead = is_dead

    def on_recipient(self, envelope: Envelope, address: str) -> str:
        return NO_SUCH_USER if self._is_dead(address) else OK


class _Texts(GatewayCatcher):
    def __init__(self, path: Path, is_dead: Callable[[str], bool], secret: str, clock: Clock) -> None:
        super().__init__(self._deliver, secret=secret, clock=clock)
        self._path = path
        self._is_dead = is_dead
        if path.exists():
            content = path.read_bytes()
            path.write_bytes(content[: content.rfind(b"\n") + 1])  # a process that was killed left half a line

    def _deliver(self, message: CaughtMessage) -> None:
        if not self._is_dead(message.address):
            said = {"key": message.key, "to": message.address, "text": message.text}
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(json.dumps(said, ensure_ascii=False).encode() + b"\n")

    def receipts_for(self, message: CaughtMessage, message_id: str) -> None:
        said = ("failed", "no_such_number") if self._is_dead(message.address) else ("delivered",)
        self.file_receipt(self.receipt(message.key, message_id, *said), self.clock.now())


def _mail(content: bytes) -> tuple[str, str]:
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain",))
    return mail["To"].addresses[0].addr_spec, "" if body is None else str(body.get_content())


def _letter(content: bytes) -> tuple[str, str]:
    found = _LETTER.search(content.decode())
    assert found is not None, "letters are made by our own print shop"
    return html.unescape(found[1]), html.unescape(found[2])
