"""A folder of what the catchers of this machine caught, for people to read: a file for each message.

Guarantees that a file appears whole, and that a message which came twice is two files. Nothing here is ever sent on.
"""

import os
import tempfile
from pathlib import Path

from connectors.notification_channels.gateway_catcher import CaughtMessage
from connectors.notification_channels.mail_catcher import CaughtMail

MOST_OF_ONE_KEY = 1000


class CaughtFolder:
    """Keeps mails as `email-KEY.eml`, other messages as `CHANNEL-KEY.txt`; from the second on with a number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep_mail(self, mail: CaughtMail) -> None:
        """Keep one mail."""
        self._keep(f"email-{mail.key or 'unnamed'}", ".eml", mail.content)

    def keep_message(self, message: CaughtMessage) -> None:
        """Keep one message; the first line says to whom it went."""
        self._keep(f"{message.channel}-{message.key}", ".txt", f"{message.address}\n\n{message.text}\n".encode())

    def _keep(self, name: str, suffix: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as sink:
                sink.write(content)
            for number in range(1, MOST_OF_ONE_KEY):
                try:
                    os.link(temporary, self._folder / f"{name}{'' if number == 1 else f'-{number}'}{suffix}")
                except FileExistsError:
                    continue
                return
            raise FileExistsError
        finally:
            Path(temporary).unlink()
