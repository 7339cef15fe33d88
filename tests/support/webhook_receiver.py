"""A receiver of webhooks on this machine that does what receivers do to senders.

Guarantees that every message is judged by `standardwebhooks` with each secret the receiver knows, and that closing
leaves no thread.

    with WebhookReceiver() as receiver:
        receiver.next_answers(500, HANG_UP)      # then 200 again
        ...
        assert receiver.taken == ["…", "…"]      # the ids that were answered with 2xx, in order
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from types import TracebackType
from typing import Any, Self

from standardwebhooks import Webhook

from connectors.notification_channels.loopback_http import Reply, Request, http_handler
from connectors.notification_channels.loopback_server import HOST, HangUp, LoopbackServer
from connectors.webhooks.courier import Courier, make_courier
from policy_match.events.address import AllowedPlaces
from policy_match.ports.events import WebhookCourier
from policy_match.services.send_webhooks import Office
from policy_match.storage.account_sealer import AccountSealer

LOOPBACK = (ip_network("127.0.0.0/8"),)
SOURCE = "https://benefits.example.cn"
SEALING_KEY = b"\x07" * 32

HANG_UP = 0
"""The connection is closed without an answer; the message arrived."""

SILENCE = -1
"""Nothing is said until the receiver is closed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """One message as it came. `signed_by` are the secrets, of those that are known, whose signature it bears."""

    id: str
    at: int
    event: dict[str, Any]
    status: int
    content_type: str
    signed_by: frozenset[str] = field(repr=False)


class WebhookReceiver:
    """Takes messages and keeps them in memory."""

    def __init__(self, *, before: Callable[[], None] = lambda: None, port: int = 0) -> None:
        """`before` is called before each answer, for example to be slow."""
        self.secrets: set[str] = set()
        self.received: list[Received] = []
        self._answers: deque[int] = deque()
        self._before = before
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = LoopbackServer(port, http_handler(self._answer))

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        self._server.stop()

    @property
    def host(self) -> str:
        """The host with its port, as the settings name it."""
        return f"{HOST}:{self._server.port}"

    @property
    def url(self) -> str:
        """Where it takes messages."""
        return f"http://{self.host}/hooks"

    @property
    def taken(self) -> list[str]:
        """The ids of the messages that it said to have taken, in order."""
        return [each.id for each in self.received if 200 <= each.status < 300]

    @property
    def tried(self) -> list[str]:
        """The ids of all messages, in order."""
        return [each.id for each in self.received]

    def next_answers(self, *statuses: int) -> None:
        """Answer the next messages so; afterwards with 200 again."""
        with self._lock:
            self._answers.extend(statuses)

    def office(self, *hosts: str, timeout_seconds: int = 5) -> Office:
        """Return with what events are sent here, and to further hosts."""
        allowed = AllowedPlaces(hosts=frozenset({self.host, *hosts}), networks=LOOPBACK)
        return office(make_courier(allowed, ca_file=None, timeout_seconds=timeout_seconds), allowed)

    def _answer(self, request: Request) -> Reply:
        self._before()
        with self._lock:
            status = self._answers.popleft() if self._answers else 200
            self.received.append(self._judged(request, status))
        if status == SILENCE:
            self._released.wait()
        if status <= 0:
            raise HangUp
        return Reply(status=status, body=b"{}")

    def _judged(self, request: Request, status: int) -> Received:
        headers = request.headers
        message_id, at = headers["webhook-id"], int(headers["webhook-timestamp"])
        given = set(headers["webhook-signature"].split())
        when = datetime.fromtimestamp(at, UTC)
        signed_by = {
            secret for secret in self.secrets if Webhook(secret).sign(message_id, when, request.body.decode()) in given
        }
        return Received(
            id=message_id,
            at=at,
            event=json.loads(request.body),
            status=status,
            content_type=headers["content-type"],
            signed_by=frozenset(signed_by),
        )


def office(courier: Courier | WebhookCourier, allowed: AllowedPlaces) -> Office:
    """Return with what events are sent by a courier."""
    return Office(courier=courier, sealer=AccountSealer([SEALING_KEY]), allowed=allowed, source=SOURCE)
