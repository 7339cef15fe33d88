"""What the robots of groups have in common: a text is posted to a secret address, 200 is answered, the error is inside.

Guarantees that a text fits or is refused, and that no address is in a result. Address, limits and codes are those of
each platform.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from connectors.notification_channels.http_replies import (
    LOST,
    MALFORMED,
    TOO_LONG,
    Meaning,
    code_in,
    json_in,
    not_sent,
    refused_code,
    refused_status,
)
from connectors.notification_channels.https_client import Answer, HttpsAccess, HttpsClient, NoAnswer, NotSent
from connectors.notification_channels.robot_text import robot_text
from connectors.notification_channels.settings import ChannelSettings
from policy_match.notices.messages import DeliveryReceipt, Outcome, OutgoingMessage, SendResult
from policy_match.notices.model import Channel
from policy_match.notices.receipt_defects import ReceiptNotUnderstood
from policy_match.ports import Clock

TIMEOUT_SECONDS = 15

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,128}")


@dataclass(frozen=True, kw_only=True, slots=True)
class RobotCall:
    """One request. The path holds the robot's key."""

    path: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """What differs between platforms.

    `call` gives the request for an address, a text and a time, or `None` for an address that is none; `fits` says
    whether a text is short enough; `meanings` are the platform's error numbers.
    """

    channel: Channel
    url: str
    meanings: Mapping[int | str, Meaning]
    fits: Callable[[str], bool]
    call: Callable[[str, str, datetime], RobotCall | None]


def json_body(said: Mapping[str, object]) -> bytes:
    """Return what is said as the body of a request."""
    return json.dumps(said, ensure_ascii=False).encode()


def is_token(text: str) -> bool:
    """Return whether a text can be a key, token or secret of a robot."""
    return _TOKEN.fullmatch(text) is not None


class Robot:
    """The channel of one platform; the address of each message is the robot of a group."""

    promises_once = False
    gives_receipts = False

    def __init__(self, settings: ChannelSettings, platform: Platform) -> None:
        """Read the settings. Raises `SettingUnfit`."""
        settings.check_names((), ("url", "ca_file", "timeout_seconds"))
        self.name = settings.provider
        self.channel = platform.channel
        self._platform = platform
        self._clock = settings.clock
        self._access = HttpsAccess(
            url=settings.base_url("url", platform.url),
            tls=settings.tls_context(),
            timeout_seconds=settings.whole("timeout_seconds", TIMEOUT_SECONDS, least=1, most=120),
        )

    @contextmanager
    def open(self) -> Iterator["RobotSession"]:
        """Give a way to the platform; it connects with the first message."""
        with self._access.open() as client:
            yield RobotSession(self._platform, self._clock, client)

    def read_receipts(self, content: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Raise `ReceiptNotUnderstood`: robots give no receipts."""
        raise ReceiptNotUnderstood(
            provider=self.name, problem="this platform gives no receipts", problem_zh="该平台不提供回执"
        )

    def fetch_receipts(self) -> Sequence[bytes]:
        """Return nothing: robots give no receipts."""
        return ()

    def confirm_receipts(self, contents: Sequence[bytes]) -> None:
        """Do nothing: robots give no receipts."""


class RobotSession:
    """Hands messages over, one after the other."""

    def __init__(self, platform: Platform, clock: Clock, client: HttpsClient) -> None:
        self._platform = platform
        self._clock = clock
        self._client = client

    def send(self, message: OutgoingMessage) -> SendResult:
        """Hand one message over."""
        content = robot_text(message, self._platform.fits)
        if content is None:
            return TOO_LONG
        call = self._platform.call(message.address, content, self._clock.now())
        if call is None:
            return MALFORMED
        try:
            answer = self._client.request(
                "POST", call.path, body=call.body, headers={"Content-Type": "application/json"}
            )
        except NotSent as error:
            return not_sent(error)
        except NoAnswer:
            return LOST
        return self._result(answer)

    def _result(self, answer: Answer) -> SendResult:
        refused = refused_status(answer)
        if refused is not None:
            return refused
        code = code_in(json_in(answer), "errcode")
        if code is None:
            return LOST
        return SendResult(outcome=Outcome.ACCEPTED) if code == 0 else refused_code(code, self._platform.meanings)
