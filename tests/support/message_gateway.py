"""A gateway on this machine for text messages and group robots that does what gateways do to senders, by a seed.

Guarantees that `received` holds every message that a recipient would have got, and that closing leaves no thread.

    with MessageGateway(clock, seed=1, faults={GatewayFault.HANG_UP_TAKEN: 0.01}) as gateway:
        channel = gateway.channel("sms_gateway")   # or: provider settings from gateway.settings(...), gateway.variables
        ...
        assert gateway.duplicates() == 0
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from connectors.notification_channels import open_channel
from connectors.notification_channels.gateway_catcher import CaughtMessage, GatewayCatcher, errcode, reply, texts
from connectors.notification_channels.loopback_http import Reply, Request
from connectors.notification_channels.loopback_server import HangUp
from connectors.notification_channels.robot_text import KEY_LINE
from policy_match.notices.model import Channel
from policy_match.ports import Clock
from policy_match.ports.notices import NotificationChannel
from tests.support.provider_faults import Faults, share

GATEWAY_SECRET = "INVENTED_GATEWAY_SECRET"
CONNECTORS: Mapping[str, Channel] = {
    "sms_gateway": Channel.SMS,
    "wechat_work": Channel.WECHAT_WORK,
    "dingtalk": Channel.DINGTALK,
}


class GatewayFault(StrEnum):
    """What happens to one try of one message. *Taken* means that its recipient gets it."""

    BUSY_INSIDE = "busy_inside"
    RATE_LIMITED_INSIDE = "rate_limited_inside"
    REFUSED_INSIDE = "refused_inside"
    NO_SUCH_ADDRESS = "no_such_address"
    UNKNOWN_CODE = "unknown_code"
    TOO_MANY_REQUESTS = "too_many_requests"
    SERVER_ERROR_NOT_TAKEN = "server_error_not_taken"
    SERVER_ERROR_TAKEN = "server_error_taken"
    HANG_UP_NOT_TAKEN = "hang_up_not_taken"
    HANG_UP_TAKEN = "hang_up_taken"
    SILENT_TAKEN = "silent_taken"
    NO_JSON_TAKEN = "no_json_taken"
    HUGE_TAKEN = "huge_taken"
    REDIRECTED = "redirected"
    UNAUTHORISED = "unauthorised"


INSIDE: Mapping[GatewayFault, tuple[str, int, int]] = {
    GatewayFault.BUSY_INSIDE: ("busy", -1, -1),
    GatewayFault.RATE_LIMITED_INSIDE: ("rate_limited", 45009, 130101),
    GatewayFault.REFUSED_INSIDE: ("content_refused", 40058, 430104),
    GatewayFault.NO_SUCH_ADDRESS: ("no_such_number", 93000, 300005),
    GatewayFault.UNKNOWN_CODE: ("E-7731", 987654, 987654),
}
"""The code in an answer with status 200: of the text gateway, of WeChat Work, of DingTalk."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptHabits:
    """How often, of 1, a receipt of a text message is not simply there at once and *delivered*."""

    failed: float = 0.0
    missing: float = 0.0
    late: float = 0.0
    twice: float = 0.0
    forged: float = 0.0
    foreign: float = 0.0
    late_by: timedelta = timedelta(hours=5)


HABITS = ("failed", "missing", "late", "twice", "forged", "foreign")


class MessageGateway(GatewayCatcher):
    """Takes messages and keeps them in memory."""

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        faults: Mapping[GatewayFault, float] | None = None,
        receipts: ReceiptHabits | None = None,
        nobody: Callable[[str], bool] = lambda address: False,
        keep_contents: bool = True,
    ) -> None:
        """`faults` are shares of all tries; `nobody` says of an address that it does not exist.

        Without contents `received` stays empty and the keys are only counted: for very many messages.
        """
        secret = f"invented-gateway-secret-{seed}"
        super().__init__(self._take, secret=secret, clock=clock)
        self.faults = Faults[GatewayFault](seed, faults or {})
        self.received: list[CaughtMessage] = []
        self.variables: Mapping[str, str] = {GATEWAY_SECRET: secret}
        self._seed = seed
        self._habits = receipts or ReceiptHabits()
        self._nobody = nobody
        self._counts: dict[Channel, Counter[str]] = {channel: Counter() for channel in CONNECTORS.values()}
        self._keep_contents = keep_contents
        self._released = threading.Event()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        super().__exit__(kind, error, trace)

    def settings(self, connector: str) -> Mapping[str, str]:
        """Return the settings of a provider with that connector."""
        settings = {"url": self.url, "timeout_seconds": "5"}
        return settings | {"secret_env": GATEWAY_SECRET} if connector == "sms_gateway" else settings

    def address(self, connector: str, name: str = "1") -> str:
        """Return an invented address that the connector can use; other names give other addresses."""
        if connector == "sms_gateway":
            return f"+999{int(share(0, name) * 10**10):010}"
        robot = f"invented-robot-{name}"
        return f"{robot}:{self._secret}" if connector == "dingtalk" else robot

    def channel(self, connector: str, provider: str = "gateway", **settings: str) -> NotificationChannel:
        """Return an opened channel to this gateway; `settings` come on top."""
        values = {**self.settings(connector), **settings}
        return open_channel(
            connector,
            channel=CONNECTORS[connector],
            provider=provider,
            values=values,
            secret=self.variables.__getitem__,
            clock=self.clock,
            folder=Path(),
        )

    def counts(self, channel: Channel = Channel.SMS) -> Counter[str]:
        """Return how often each key arrived through a channel."""
        with self._lock:
            return self._counts[channel].copy()

    def duplicates(self, channel: Channel = Channel.SMS) -> int:
        """Return how many messages arrived once too often through a channel."""
        counts = self.counts(channel)
        return counts.total() - len(counts)

    def answer(self, request: Request) -> Reply:
        """Answer a request, unless the fault says otherwise."""
        sent = _sent(request)
        if sent is None:
            return super().answer(request)
        channel, key, address = sent
        fault = GatewayFault.NO_SUCH_ADDRESS if self._nobody(address) else self.faults.of_try(key)
        match fault:
            case GatewayFault.HANG_UP_NOT_TAKEN:
                raise HangUp
            case GatewayFault.SERVER_ERROR_NOT_TAKEN:
                return Reply(status=500, body=b"")
            case GatewayFault.TOO_MANY_REQUESTS:
                return Reply(status=429, body=b"", headers={"Retry-After": "60"})
            case GatewayFault.REDIRECTED:
                return Reply(status=307, body=b"", headers={"Location": f"{self.url}/elsewhere"})
            case GatewayFault.UNAUTHORISED:
                return Reply(status=401, body=b"")
        if fault in INSIDE:
            text, wechat_work, dingtalk = INSIDE[fault]
            if channel is Channel.SMS:
                return reply({"code": text})
            return errcode(wechat_work if channel is Channel.WECHAT_WORK else dingtalk, f"hint: {address}")
        answered = super().answer(request)
        match fault:
            case GatewayFault.HANG_UP_TAKEN:
                raise HangUp
            case GatewayFault.SERVER_ERROR_TAKEN:
                return Reply(status=500, body=b"")
            case GatewayFault.NO_JSON_TAKEN:
                return Reply(status=200, body=b"<html>welcome</html>", headers={"Content-Type": "text/html"})
            case GatewayFault.HUGE_TAKEN:
                return Reply(status=200, body=b" " * 2_000_000 + answered.body)
            case GatewayFault.SILENT_TAKEN:
                self._released.wait()
                raise HangUp
        return answered

    def receipts_for(self, message: CaughtMessage, message_id: str) -> None:
        """File the receipts of a message that was taken, as the habits say."""
        habits, now = self._habits, self.clock.now()
        drawn = {name: share(self._seed, name, message.key) for name in HABITS}
        if drawn["foreign"] < habits.foreign:
            self.file_receipt(self.receipt("PMN999999999999", "G0", "delivered"), now)
        if drawn["forged"] < habits.forged:
            self.file_receipt(
                self.receipt(message.key, message_id, "failed", "no_such_number"), now, signature="0" * 64
            )
        if drawn["missing"] < habits.missing:
            return
        failed = drawn["failed"] < habits.failed
        for _ in range(2 if drawn["twice"] < habits.twice else 1):
            receipt = self.receipt(message.key, message_id, *(("failed", "unreachable") if failed else ("delivered",)))
            self.file_receipt(receipt, now + habits.late_by if drawn["late"] < habits.late else now)

    def _take(self, message: CaughtMessage) -> None:
        with self._lock:
            self._counts[message.channel][message.key] += 1
            if self._keep_contents:
                self.received.append(message)


def _sent(request: Request) -> tuple[Channel, str, str] | None:
    """Return channel, key and address of a request that sends a message."""
    match request.method, request.path:
        case "POST", "/v1/messages":
            said = texts(request.body)
            return Channel.SMS, said.get("key", ""), said.get("to", "")
        case "POST", "/cgi-bin/webhook/send":
            return Channel.WECHAT_WORK, _robot_key(request), request.query.get("key", "")
        case "POST", "/robot/send":
            return Channel.DINGTALK, _robot_key(request), request.query.get("access_token", "")
    return None


def _robot_key(request: Request) -> str:
    found = KEY_LINE.search(json.loads(request.body)["text"]["content"])
    return found[1] if found else ""
