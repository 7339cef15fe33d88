"""Text messages through a gateway over HTTPS, by our own protocol: every vendor's differs, and each is a small bridge.

Guarantees that requests and receipts are signed and dated, and that the gateway can tell a repeat by its key, so that
sending again is never a second message. docs/notification-channels.md says what a gateway must do.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

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
from connectors.notification_channels.plain_text import plain
from connectors.notification_channels.settings import ChannelSettings
from connectors.notification_channels.signing import NONCE_BYTES, receipt_signature, request_signature, same
from policy_match.notices.messages import DeliveryReceipt, Outcome, OutgoingMessage, ReceiptKind, SendResult
from policy_match.notices.model import Channel
from policy_match.notices.receipt_defects import ReceiptForged, ReceiptNotUnderstood, ReceiptsNotFetched
from policy_match.notices.result_codes import ResultCode
from policy_match.ports import Clock

MESSAGES, RECEIPTS, CONFIRM = "/v1/messages", "/v1/receipts", "/v1/receipts/confirm"

TIMEOUT_SECONDS = 15
MAX_CHARACTERS = 500
"""Some seven parts of 70 characters; a longer text is refused, never cut."""

MAX_RECEIPT_BYTES = 4096
MAX_PAGES = 40
CONFIRMED_AT_ONCE = 500

RECEIPT_DAYS = 7
"""A receipt is good for so long after its time; `EARLY` is how far the gateway's clock may be ahead."""

EARLY = timedelta(minutes=5)

MEANINGS: Mapping[int | str, Meaning] = {
    "busy": Meaning(outcome=Outcome.RETRY, code=ResultCode.BUSY, provider_at_fault=True),
    "rate_limited": Meaning(outcome=Outcome.RETRY, code=ResultCode.RATE_LIMITED, provider_at_fault=True),
    "balance_short": Meaning(outcome=Outcome.RETRY, code=ResultCode.NOT_AUTHORISED, provider_at_fault=True),
    "signature_refused": Meaning(outcome=Outcome.RETRY, code=ResultCode.NOT_AUTHORISED, provider_at_fault=True),
    "time_refused": Meaning(outcome=Outcome.RETRY, code=ResultCode.NOT_AUTHORISED, provider_at_fault=True),
    "nonce_reused": Meaning(outcome=Outcome.RETRY, code=ResultCode.NOT_AUTHORISED, provider_at_fault=True),
    "malformed": Meaning(outcome=Outcome.REFUSED, code=ResultCode.CONTENT_REFUSED),
    "invalid_number": Meaning(outcome=Outcome.REFUSED, code=ResultCode.ADDRESS_MALFORMED),
    "no_such_number": Meaning(outcome=Outcome.REFUSED, code=ResultCode.NO_SUCH_ADDRESS),
    "blocked": Meaning(outcome=Outcome.REFUSED, code=ResultCode.RECIPIENT_BLOCKED),
    "content_refused": Meaning(outcome=Outcome.REFUSED, code=ResultCode.CONTENT_REFUSED),
    "too_long": Meaning(outcome=Outcome.REFUSED, code=ResultCode.TOO_LONG),
    "key_reused": Meaning(outcome=Outcome.REFUSED, code=ResultCode.KEY_REUSED),
}
"""The words of the protocol for what was not taken."""

RECEIPT_CODES: Mapping[str, ResultCode] = {
    "no_such_number": ResultCode.NO_SUCH_ADDRESS,
    "blocked": ResultCode.RECIPIENT_BLOCKED,
    "content_refused": ResultCode.CONTENT_REFUSED,
    "unreachable": ResultCode.UNREACHABLE,
    "": ResultCode.UNREACHABLE,
}
"""The words of a receipt for what was not delivered; any other is `RECIPIENT_REFUSED`."""

_NUMBER = re.compile(r"\+?[0-9]{5,20}")
_SPACES = re.compile(r"[ ()\-]")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KINDS: Mapping[str, ReceiptKind] = {"delivered": ReceiptKind.DELIVERED, "failed": ReceiptKind.BOUNCED}


class SmsGateway:
    """The channel of one gateway."""

    channel = Channel.SMS
    promises_once = True
    gives_receipts = True

    def __init__(self, settings: ChannelSettings) -> None:
        """Read the settings. Raises `SettingUnfit`, or the error for a variable that is not set."""
        settings.check_names(("url", "secret_env"), ("ca_file", "timeout_seconds", "receipt_days"))
        self.name = settings.provider
        self._clock = settings.clock
        self._secret = settings.secret_of("secret_env")
        self._receipt_days = settings.whole("receipt_days", RECEIPT_DAYS, least=1, most=60)
        self._access = HttpsAccess(
            url=settings.base_url("url"),
            tls=settings.tls_context(),
            timeout_seconds=settings.whole("timeout_seconds", TIMEOUT_SECONDS, least=1, most=120),
        )

    @contextmanager
    def open(self) -> Iterator["SmsSession"]:
        """Give a way to the gateway; it connects with the first message."""
        with self._access.open() as client:
            yield SmsSession(_SignedClient(client, self._secret, self._clock))

    def read_receipts(self, content: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Return the receipt in a document; all that counts is in it, so it may come by any way, also as a file.

        Raises `ReceiptForged` for a wrong signature or time, `ReceiptNotUnderstood` for another form.
        """
        outer = _json(content) if len(content) <= MAX_RECEIPT_BYTES else None
        match outer:
            case {"receipt": str(text), "signature": str(signature), **rest} if not rest:
                if not same(receipt_signature(self._secret, text), signature):
                    raise ReceiptForged(provider=self.name, problem="the signature is wrong", problem_zh="签名不符")
            case _:
                raise self._not_understood("it is no signed receipt", "不是带签名的回执")
        match _json(text.encode("utf-8", "replace")):
            case {
                "key": str(key),
                "message_id": str(reference),
                "status": ("delivered" | "failed") as status,
                "code": str(code),
                "at": int(at),
                "id": str(),
                **rest,
            } if not rest:
                pass
            case _:
                raise self._not_understood("it has other fields than were agreed", "字段与约定不符")
        made_at = self._made_at(at)
        kind = _KINDS[status]
        said = RECEIPT_CODES.get(code, ResultCode.RECIPIENT_REFUSED) if kind is ReceiptKind.BOUNCED else ""
        return [DeliveryReceipt(kind=kind, key=key, reference=reference, code=said, at=made_at)]

    def fetch_receipts(self) -> Sequence[bytes]:
        """Return the receipts that were not confirmed, at most `MAX_PAGES` pages. Raises `ReceiptsNotFetched`."""
        found: list[bytes] = []
        after = ""
        with self._access.open() as client:
            signed = _SignedClient(client, self._secret, self._clock)
            for _ in range(MAX_PAGES):
                page, more = self._page(self._ask(signed, "GET", f"{RECEIPTS}?after={after}"))
                found += [json.dumps(each, ensure_ascii=False, sort_keys=True).encode() for each in page]
                after = _id_of(page[-1]) if page else ""
                if not more or not after:
                    break
        return found

    def confirm_receipts(self, contents: Sequence[bytes]) -> None:
        """Tell the gateway that these need not be given again. Raises `ReceiptsNotFetched`."""
        ids = [found for content in contents if (found := _id_of(_json(content)))]
        with self._access.open() as client:
            signed = _SignedClient(client, self._secret, self._clock)
            for start in range(0, len(ids), CONFIRMED_AT_ONCE):
                said = {"ids": ",".join(ids[start : start + CONFIRMED_AT_ONCE])}
                self._ask(signed, "POST", CONFIRM, said)

    def _ask(self, client: "_SignedClient", method: str, path: str, said: Mapping[str, str] | None = None) -> Any:
        try:
            answer = client.request(method, path, said)
        except NotSent as error:
            raise self._not_fetched(error.detail) from None
        except NoAnswer:
            raise self._not_fetched("no answer") from None
        if answer.status != 200:
            raise self._not_fetched(f"HTTP {answer.status}")
        return json_in(answer)

    def _page(self, said: object) -> tuple[Sequence[object], bool]:
        match said:
            case {"receipts": list(page), "more": bool(more)}:
                return page, more
        raise self._not_fetched("an answer in another form than was agreed")

    def _made_at(self, seconds: int) -> datetime:
        try:
            made_at = datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            raise self._not_understood("its time is none", "时间无效") from None
        now = self._clock.now()
        if not now - timedelta(days=self._receipt_days) <= made_at <= now + EARLY:
            raise ReceiptForged(
                provider=self.name,
                problem="its time is too far from now",
                problem_zh="时间与当前相差过大",
            )
        return made_at

    def _not_understood(self, problem: str, problem_zh: str) -> ReceiptNotUnderstood:
        return ReceiptNotUnderstood(provider=self.name, problem=problem, problem_zh=problem_zh)

    def _not_fetched(self, problem: str) -> ReceiptsNotFetched:
        return ReceiptsNotFetched(provider=self.name, problem=problem, problem_zh=problem)


class SmsSession:
    """Hands messages over, one after the other."""

    def __init__(self, client: "_SignedClient") -> None:
        self._client = client

    def send(self, message: OutgoingMessage) -> SendResult:
        """Hand one message over."""
        to = _SPACES.sub("", message.address)
        if _NUMBER.fullmatch(to) is None:
            return MALFORMED
        text = plain(message.short)
        if len(text) > MAX_CHARACTERS:
            return TOO_LONG
        said = {"key": message.key, "to": to, "text": text}
        try:
            answer = self._client.request("POST", MESSAGES, said, {"Idempotency-Key": message.key})
        except NotSent as error:
            return not_sent(error)
        except NoAnswer:
            return LOST
        return _result(answer)


class _SignedClient:
    """Signs what it sends."""

    def __init__(self, client: HttpsClient, secret: str, clock: Clock) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock

    def request(
        self, method: str, path: str, said: Mapping[str, str] | None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and return the answer. Raises `NotSent` or `NoAnswer`."""
        body = b"" if said is None else json.dumps(said, ensure_ascii=False).encode()
        timestamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(NONCE_BYTES)
        signature = request_signature(
            self._secret,
            timestamp=timestamp,
            nonce=nonce,
            method=method,
            target=self._client.target(path),
            body=body,
        )
        signed = {
            "Content-Type": "application/json",
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signature,
        }
        return self._client.request(method, path, body=body, headers={**signed, **(headers or {})})


def _result(answer: Answer) -> SendResult:
    said = json_in(answer)
    code = code_in(said, "code")
    if answer.status == 200 and said is not None and code in ("accepted", "duplicate"):
        given = said.get("id")
        reference = given if isinstance(given, str) and _REFERENCE.fullmatch(given) else ""
        return SendResult(outcome=Outcome.ACCEPTED, reference=reference)
    if answer.status < 500 and code is not None and code in MEANINGS:
        return refused_code(code, MEANINGS)
    return refused_status(answer) or (LOST if code is None else refused_code(code, MEANINGS))


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _id_of(document: object) -> str:
    """Return the id of a receipt in a document of the gateway; empty for anything else."""
    match document:
        case {"receipt": str(text)}:
            match _json(text.encode("utf-8", "replace")):
                case {"id": str(name)} if _REFERENCE.fullmatch(name):
                    return name
    return ""
