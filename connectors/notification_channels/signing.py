"""The signatures of messages to gateways and robots, and of receipts: HMAC-SHA256 over what is said.

Guarantees that a signature of one kind is never one of another kind, and that comparing takes the same time whatever
is compared. Which secret is used, and what a wrong signature means, is left to the caller.
"""

import base64
import hashlib
import hmac

NONCE_BYTES = 16


def request_signature(secret: str, *, timestamp: str, nonce: str, method: str, target: str, body: bytes) -> str:
    """Return the signature of a request, 64 hexadecimal digits; `target` is path and query as they are sent."""
    said = "\n".join(("request", timestamp, nonce, method, target, "")).encode() + body
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def receipt_signature(secret: str, receipt: str) -> str:
    """Return the signature of a receipt, 64 hexadecimal digits, over its text as it is sent."""
    return hmac.new(secret.encode(), b"receipt\n" + receipt.encode(), hashlib.sha256).hexdigest()


def dingtalk_signature(secret: str, timestamp_milliseconds: str) -> str:
    """Return the signature of a call to a DingTalk robot, Base64: the secret is key and part of the text.

    Source: DingTalk open platform, custom robots, security settings.
    """
    said = f"{timestamp_milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()


def mail_tag(secret: str, key: str) -> str:
    """Return what stands beside a key in a Message-ID, 20 hexadecimal digits, so that nobody can make up a bounce."""
    return hmac.new(secret.encode(), b"mail\n" + key.encode(), hashlib.sha256).hexdigest()[:20]


def same(one: str, other: str) -> bool:
    """Return whether two signatures are the same."""
    return hmac.compare_digest(one.encode(), other.encode())
