"""A gateway for this machine that sends nothing: text messages by our protocol, robots of WeChat Work and DingTalk.

Guarantees what a good gateway does: it checks signatures and times, takes each key once, keeps each receipt until it is
confirmed, and hands each message to whoever started it before it answers. docs/notification-channels.md has the forms.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from connectors.notification_channels.loopback_http import Reply, Request, http_handler
from connectors.notification_channels.loopback_server import HOST, LoopbackServer
from connectors.notification_channels.robot_text import KEY_LINE
from connectors.notification_channels.signing import dingtalk_signature, receipt_signature, request_signature, same
from policy_match.notices.model import Channel
from policy_match.ports import Clock

REQUEST_SECONDS = 300
"""A signed request is taken so long before and after its time."""

DINGTALK_SECONDS = 3600
"""The same for DingTalk."""

MAX_PAGE = 500
"""Receipts in one answer."""

MAX_NONCES = 100_000
"""So many nonces are remembered; older ones are too old for `REQUEST_SECONDS` in any use of a catcher."""

WECHAT_WORK_BYTES = 2048
DINGTALK_BYTES = 20_000

_NUMBER = re.compile(r"\+?[0-9]{5,20}")
_ROBOT = re.compile(r"[A-Za-z0-9_-]{8,128}")


@dataclass(frozen=True, kw_only=True, slots=True)
class CaughtMessage:
    """One message as a recipient would have got it."""

    channel: Channel
    key: str
    address: str = field(repr=False)
    text: str = field(repr=False)


class GatewayCatcher:
    """Takes messages while it is open. Subclasses say what else may happen by `answer` and `receipts_for`."""

    def __init__(self, keep: Callable[[CaughtMessage], None], *, secret: str, clock: Clock, port: int = 0) -> None:
        """`keep` is called one at a time. `secret` is that of the gateway and of every DingTalk robot."""
        self.clock = clock
        self._keep = keep
        self._secret = secret
        self._lock = threading.RLock()
        self._taken: dict[str, tuple[bytes, str]] = {}
        self._nonces: dict[str, None] = {}
        self._receipts: dict[str, tuple[datetime, bytes]] = {}
        self._receipts_made = 0
        self._server = LoopbackServer(port, http_handler(self.answer))

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """Where it is: the setting `url` of its channels."""
        return f"http://{HOST}:{self._server.port}"

    def answer(self, request: Request) -> Reply:
        """Answer a request. May raise `HangUp`."""
        with self._lock:
            try:
                return self._answer(request)
            except OSError:  # what is caught could not be kept
                return Reply(status=503, body=b"")

    def receipts_for(self, message: CaughtMessage, message_id: str) -> None:
        """File the receipts of a message that was taken: delivered, at once."""
        self.file_receipt(self.receipt(message.key, message_id, "delivered"), self.clock.now())

    def receipt(self, key: str, message_id: str, status: str, code: str = "") -> str:
        """Return the text of a new receipt."""
        with self._lock:
            self._receipts_made += 1
            said = {
                "id": f"R{self._receipts_made}",
                "key": key,
                "message_id": message_id,
                "status": status,
                "code": code,
                "at": int(self.clock.now().timestamp()),
            }
        return json.dumps(said)

    def file_receipt(self, receipt: str, ready_at: datetime, signature: str | None = None) -> bytes:
        """Keep a receipt for whoever fetches receipts from `ready_at` on, and return it as it is sent."""
        signature = receipt_signature(self._secret, receipt) if signature is None else signature
        content = json.dumps({"receipt": receipt, "signature": signature}).encode()
        with self._lock:
            self._receipts[json.loads(receipt)["id"]] = (ready_at, content)
        return content

    def _answer(self, request: Request) -> Reply:
        match request.method, request.path:
            case "POST", "/v1/messages":
                return self._signed(request) or self._message(request)
            case "GET", "/v1/receipts":
                return self._signed(request) or self._page(request)
            case "POST", "/v1/receipts/confirm":
                return self._signed(request) or self._confirm(request)
            case "POST", "/cgi-bin/webhook/send":
                return self._wechat_work(request)
            case "POST", "/robot/send":
                return self._dingtalk(request)
        return reply({"code": "no_such_path"}, 404)

    def _signed(self, request: Request) -> Reply | None:
        """Return the refusal of a request without a good signature, `None` for a good one."""
        timestamp, nonce = (request.headers.get(f"x-{name}", "") for name in ("timestamp", "nonce"))
        wanted = request_signature(
            self._secret,
            timestamp=timestamp,
            nonce=nonce,
            method=request.method,
            target=request.target,
            body=request.body,
        )
        if not same(wanted, request.headers.get("x-signature", "")):
            return reply({"code": "signature_refused"}, 401)
        if abs(self.clock.now().timestamp() - int(timestamp)) > REQUEST_SECONDS:
            return reply({"code": "time_refused"}, 401)
        if nonce in self._nonces:
            return reply({"code": "nonce_reused"}, 401)
        self._nonces[nonce] = None
        if len(self._nonces) > MAX_NONCES:
            del self._nonces[next(iter(self._nonces))]
        return None

    def _message(self, request: Request) -> Reply:
        said = texts(request.body)
        if said.keys() != {"key", "to", "text"} or request.headers.get("idempotency-key") != said["key"]:
            return reply({"code": "malformed"}, 400)
        if _NUMBER.fullmatch(said["to"]) is None:
            return reply({"code": "invalid_number"})
        digest = hashlib.sha256(f"{said['to']}\n{said['text']}".encode()).digest()
        if said["key"] in self._taken:
            first, message_id = self._taken[said["key"]]
            return reply({"code": "duplicate", "id": message_id} if first == digest else {"code": "key_reused"})
        message = CaughtMessage(channel=Channel.SMS, key=said["key"], address=said["to"], text=said["text"])
        message_id = f"G{len(self._taken) + 1}"
        self._keep(message)
        self._taken[message.key] = (digest, message_id)
        self.receipts_for(message, message_id)
        return reply({"code": "accepted", "id": message_id})

    def _page(self, request: Request) -> Reply:
        now, after = self.clock.now(), request.query.get("after", "")
        ready = [(name, content) for name, (ready_at, content) in self._receipts.items() if ready_at <= now]
        start = 1 + next((place for place, (name, _) in enumerate(ready) if name == after), -1)
        page = ready[start : start + MAX_PAGE]
        more = len(ready) > start + len(page)
        return reply({"receipts": [json.loads(content) for _, content in page], "more": more})

    def _confirm(self, request: Request) -> Reply:
        for name in texts(request.body).get("ids", "").split(","):
            self._receipts.pop(name, None)
        return reply({"code": "confirmed"})

    def _wechat_work(self, request: Request) -> Reply:
        robot, text = request.query.get("key", ""), _content(request.body)
        if _ROBOT.fullmatch(robot) is None:
            return errcode(93000, "invalid webhook url")
        if text is None:
            return errcode(40008, "invalid message type")
        if len(text.encode()) > WECHAT_WORK_BYTES:
            return errcode(40058, "text.content exceed max length 2048")
        self._keep_robot(Channel.WECHAT_WORK, robot, text)
        return errcode(0, "ok")

    def _dingtalk(self, request: Request) -> Reply:
        query, text = request.query, _content(request.body)
        robot, timestamp = query.get("access_token", ""), query.get("timestamp", "0")
        if _ROBOT.fullmatch(robot) is None:
            return errcode(300005, "token is not exist")
        if abs(self.clock.now().timestamp() - int(timestamp) / 1000) > DINGTALK_SECONDS:
            return errcode(310000, "invalid timestamp")
        if not same(dingtalk_signature(self._secret, timestamp), query.get("sign", "")):
            return errcode(310000, "sign not match")
        if text is None:
            return errcode(400105, "unsupported message type")
        if len(request.body) > DINGTALK_BYTES:
            return errcode(460101, "message too long, exceed 20000 bytes")
        self._keep_robot(Channel.DINGTALK, f"{robot}:{self._secret}", text)
        return errcode(0, "ok")

    def _keep_robot(self, channel: Channel, address: str, text: str) -> None:
        found = KEY_LINE.search(text)
        self._keep(CaughtMessage(channel=channel, key=found[1] if found else "", address=address, text=text))


def reply(said: Mapping[str, object], status: int = 200) -> Reply:
    """Return an answer in JSON."""
    return Reply(status=status, body=json.dumps(said, ensure_ascii=False).encode())


def errcode(code: int, words: str) -> Reply:
    """Return the answer of a robot: always 200, the error inside."""
    return reply({"errcode": code, "errmsg": words})


def texts(body: bytes) -> dict[str, str]:
    """Return the members of a JSON object that holds texts only; none for anything else."""
    said = _json(body)
    good = isinstance(said, dict) and all(isinstance(value, str) for value in said.values())
    return said if good else {}


def _content(body: bytes) -> str | None:
    """Return the content of a message of type text, `None` for anything else."""
    match _json(body):
        case {"msgtype": "text", "text": {"content": str(content)}}:
            return content
    return None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
