"""Letters: one page in HTML each, in a folder from which the print shop takes them.

Guarantees that a letter appears whole, under a name made from its key, readable by its owner alone, and that sending
again makes no second letter: the shop moves what it has printed to `printed/` and deletes nothing there for a month.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

from connectors.notification_channels.plain_text import one_line, plain
from connectors.notification_channels.settings import ChannelSettings
from policy_match.notices.messages import DeliveryReceipt, Outcome, OutgoingMessage, SendResult
from policy_match.notices.model import Channel
from policy_match.notices.receipt_defects import ReceiptNotUnderstood
from policy_match.notices.result_codes import ResultCode

PRINTED = "printed"
"""Where the shop puts what it has printed, within the folder."""

MAX_ADDRESS_LINES = 8
MAX_ADDRESS_CHARACTERS = 400

_KEY = re.compile(r"[A-Za-z0-9]{1,60}")

PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{key}</title>
<style>
@page {{ size: A4; margin: 25mm 20mm; }}
body {{ font: 12pt/1.6 "Noto Serif CJK SC", SimSun, serif; margin: 0; }}
address {{ font-style: normal; min-height: 45mm; }}
h1 {{ font-size: 14pt; }}
.text {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
footer {{ margin-top: 12mm; font-size: 9pt; }}
</style>
</head>
<body>
<address>{name}<br>{address}</address>
<h1>{subject}</h1>
<div class="text">{body}</div>
<footer>{from_line}<br>{key}</footer>
</body>
</html>
"""
"""A page that loads nothing. The address is where the window of a DL envelope is."""


class LetterFile:
    """The channel of one print shop."""

    channel = Channel.LETTER
    promises_once = True
    gives_receipts = False

    def __init__(self, settings: ChannelSettings) -> None:
        """Read the settings. Raises `SettingUnfit`."""
        settings.check_names(("folder", "sender"), ())
        self.name = settings.provider
        self._letters = LetterFolder(settings.path("folder"), one_line(settings.values["sender"]))

    @contextmanager
    def open(self) -> Iterator["LetterFolder"]:
        """Give the folder."""
        yield self._letters

    def read_receipts(self, content: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Raise `ReceiptNotUnderstood`: a letter gives no receipt that a program can read."""
        raise ReceiptNotUnderstood(provider=self.name, problem="letters give no receipts", problem_zh="信函不提供回执")

    def fetch_receipts(self) -> Sequence[bytes]:
        """Return nothing: letters give no receipts."""
        return ()

    def confirm_receipts(self, contents: Sequence[bytes]) -> None:
        """Do nothing: letters give no receipts."""


class LetterFolder:
    """Lays letters down, one after the other. `sender` is the line at the foot of each."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, message: OutgoingMessage) -> SendResult:
        """Lay one letter down; it is on the disk when this returns *accepted*."""
        assert _KEY.fullmatch(message.key), "keys become file names"
        lines = [line for text in plain(message.address).splitlines() if (line := one_line(text))]
        if not _is_address(lines):
            return SendResult(outcome=Outcome.REFUSED, code=ResultCode.ADDRESS_MALFORMED)
        path = self._folder / f"{message.key}.html"
        try:
            return self._lay_down(path, self._page(message, lines))
        except OSError as error:
            return SendResult(
                outcome=Outcome.RETRY,
                code=ResultCode.PROVIDER_DOWN,
                detail=error.strerror or type(error).__name__,
                provider_at_fault=True,
            )

    def _page(self, message: OutgoingMessage, address: Sequence[str]) -> bytes:
        """Return the letter; the same for the same message, whenever it is sent."""
        return PAGE.format(
            language="zh-CN" if message.language == "zh" else "en",
            key=message.key,
            name=escape(one_line(message.recipient_name)),
            address="<br>".join(map(escape, address)),
            subject=escape(one_line(message.subject)),
            body=escape(plain(message.body)),
            from_line=escape(self._sender),
        ).encode()

    def _lay_down(self, path: Path, content: bytes) -> SendResult:
        path.parent.mkdir(parents=True, exist_ok=True)
        # In this order: a letter goes from here to `printed`, never back, so it cannot slip through between two looks.
        earlier = _content(path)
        if earlier is None:
            earlier = _content(path.parent / PRINTED / path.name)
        if earlier is None and not _laid_down(path, content):
            earlier = _content(path)  # somebody else laid it down in this moment
        if earlier is not None and earlier != content:
            return SendResult(outcome=Outcome.REFUSED, code=ResultCode.KEY_REUSED)
        _flush(path.parent)
        return SendResult(outcome=Outcome.ACCEPTED, reference=path.name)


def _is_address(lines: Sequence[str]) -> bool:
    """Return whether an envelope can carry these lines, and somebody could mean them as an address."""
    said = "".join(lines)
    return len(lines) <= MAX_ADDRESS_LINES and len(said) <= MAX_ADDRESS_CHARACTERS and any(map(str.isalnum, said))


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _laid_down(path: Path, content: bytes) -> bool:
    """Return whether the file is there now and was not before; the link refuses a name that exists."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as sink:
            sink.write(content)
            sink.flush()
            os.fsync(sink.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink()
    return True


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
