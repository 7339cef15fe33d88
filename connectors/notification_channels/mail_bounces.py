"""Mails that came back: delivery status notifications (RFC 3464), and the folder in which the mail system lays them.

Guarantees that a bounce is believed only if it brings back a key with its tag, which nobody but us and the mail systems
on its way has seen. Everything else that reaches the address, such as an automatic answer, is not understood.
"""

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from hashlib import sha256
from itertools import islice, pairwise
from pathlib import Path

from connectors.notification_channels.mail_message import marked_key
from connectors.notification_channels.mail_replies import code_of_status, status_in
from connectors.notification_channels.signing import same
from policy_match.notices.messages import DeliveryReceipt, ReceiptKind
from policy_match.notices.receipt_defects import ReceiptForged, ReceiptNotUnderstood, ReceiptsNotFetched
from policy_match.notices.result_codes import ResultCode

MAX_BOUNCE_BYTES = 1024 * 1024
MAX_FETCHED = 500
MAX_PARTS = 50

TAKEN = "taken"
"""Where bounces are put aside, within their folder."""

_MARK = re.compile(r"([A-Za-z0-9.]{1,100})")
_MESSAGE_ID = re.compile(r"<([^<>@\s]{1,100})@[^<>@\s]{1,255}>")


def read_bounce(provider: str, content: bytes, tag_secret: str | None) -> Sequence[DeliveryReceipt]:
    """Return what a notification says: of a mail that could not be delivered, or was; nothing of one that is delayed.

    Raises `ReceiptNotUnderstood` or `ReceiptForged`.
    """
    if tag_secret is None:
        raise _not_understood(
            provider, "there is no `bounce_secret_env` to judge it by", "缺少设置项 bounce_secret_env"
        )
    if len(content) > MAX_BOUNCE_BYTES:
        raise _not_understood(provider, "it is too large", "内容过大")
    try:
        parts = list(islice(message_from_bytes(content, policy=policy.compat32).walk(), MAX_PARTS))
        blocks = [block for part in parts if _is(part, "message/delivery-status") for block in _blocks(part)]
        marks = set(_marks(parts, blocks))
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):
        # what the standard library's parser raises for mails that nobody foresaw
        raise _not_understood(provider, "it is no mail", "不是有效的邮件") from None
    actions = {action for block in blocks if (action := _field(block, "Action").lower())}
    if not actions:
        raise _not_understood(provider, "it is no delivery status notification", "不是投递状态通知")
    if not marks:
        raise _not_understood(provider, "it names no message of ours", "未包含本系统的消息编号")
    keys = {key for mark in marks if (key := mark.partition(".")[0]) and same(marked_key(key, tag_secret), mark)}
    if len(keys) != 1:
        raise ReceiptForged(provider=provider, problem="its message has not our mark", problem_zh="消息标记不符")
    if "delivered" in actions:  # of several mailboxes behind one address one is enough
        return [DeliveryReceipt(kind=ReceiptKind.DELIVERED, key=keys.pop())]
    if actions != {"failed"}:
        return []
    statuses = [status for block in blocks if (status := status_in(_field(block, "Status")))]
    code = code_of_status(statuses[0], ResultCode.RECIPIENT_REFUSED) if statuses else ResultCode.RECIPIENT_REFUSED
    return [DeliveryReceipt(kind=ReceiptKind.BOUNCED, key=keys.pop(), code=code)]


class BounceFolder:
    """The folder in which a mail system lays what comes to the address of the sender, a file for each mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, provider: str) -> Sequence[bytes]:
        """Return the contents of at most `MAX_FETCHED` files, by name. Raises `ReceiptsNotFetched`."""
        try:
            return [path.read_bytes() for path in self._files()[:MAX_FETCHED]]
        except OSError as error:
            problem = f"{type(error).__name__} in the folder of bounces"
            raise ReceiptsNotFetched(provider=provider, problem=problem, problem_zh=problem) from None

    def confirm(self, contents: Sequence[bytes]) -> None:
        """Put the files with these contents aside, so that they are not fetched again."""
        known = {sha256(content).digest() for content in contents}
        aside = self._folder / TAKEN
        aside.mkdir(exist_ok=True)
        for path in self._files()[:MAX_FETCHED]:
            if sha256(path.read_bytes()).digest() in known:
                path.rename(aside / path.name)

    def _files(self) -> Sequence[Path]:
        return sorted(path for path in self._folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _is(part: Message, content_type: str) -> bool:
    return part.get_content_type() == content_type


def _blocks(part: Message) -> Sequence[Message]:
    """Return the groups of fields of a delivery status: of the message first, then of each recipient."""
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _marks(parts: Sequence[Message], blocks: Sequence[Message]) -> Iterator[str]:
    """Yield what stands where our mark should: the envelope's id, and the Message-ID of what came back."""
    for block in blocks:
        yield from _found(_MARK, _field(block, "Original-Envelope-Id"))
    for outer, inner in pairwise(parts):
        if _is(outer, "message/rfc822"):
            yield from _found(_MESSAGE_ID, _field(inner, "Message-ID"))
    for part in parts:
        if _is(part, "text/rfc822-headers"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield from _found(
                    _MESSAGE_ID, _field(message_from_bytes(content, policy=policy.compat32), "Message-ID")
                )


def _found(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    found = pattern.fullmatch(text)
    if found is not None:
        yield found[1]


def _field(part: Message, name: str) -> str:
    return str(part.get(name, "")).strip()


def _not_understood(provider: str, problem: str, problem_zh: str) -> ReceiptNotUnderstood:
    return ReceiptNotUnderstood(provider=provider, problem=problem, problem_zh=problem_zh)
