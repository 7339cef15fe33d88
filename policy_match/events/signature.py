"""The signature of a message to a webhook, by the Standard Webhooks specification 1.0.0.

Guarantees that a message, its id and its time are signed together, by every secret that is in force. Four lines of the
standard library: `standardwebhooks` judges them in the tests and does not make them, since its `sign` takes the digits
of an aware time for UTC whatever its zone is.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def secret_text(secret: bytes) -> str:
    """Return a secret as its receiver is told it."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return `v1,` and the HMAC-SHA256 of id, seconds since 1970 and body."""
    said = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, said, hashlib.sha256).digest()).decode()


def signed_headers(secrets: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """Return the three headers of a message that is sent at a moment; one signature for each secret."""
    timestamp = int(at.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in secrets),
    }
