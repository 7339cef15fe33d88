"""The manual's page of events and webhooks is up to date, and what it shows works."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from policy_match.events.delivery import PostCode
from policy_match.events.signature import SECRET_BYTES, secret_text, signed_headers
from policy_match.events.webhooks import WebhookStep
from tests.unit.events.render import CODE_WORDS, PAGE, SAMPLE, STEP_WORDS, page

SECRET = b"\x05" * SECRET_BYTES
BODY = b'{"id":"1"}'


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.unit.events.render"


def test_every_step_and_code_has_words() -> None:
    assert list(STEP_WORDS) == list(WebhookStep)
    assert list(CODE_WORDS) == list(PostCode)


def sample() -> Any:
    """Return the function that the page shows."""
    names: dict[str, Any] = {}
    exec(compile(SAMPLE, "the sample on the page", "exec"), names)
    return names["read_message"]


def headers(at: float, *secrets: bytes) -> dict[str, str]:
    return dict(signed_headers(secrets or [SECRET], "1", datetime.fromtimestamp(at, UTC), BODY))


def test_the_sample_on_the_page_takes_what_the_service_signed() -> None:
    now = time.time()
    assert sample()(secret_text(SECRET), headers(now), BODY) == json.loads(BODY)
    assert sample()(secret_text(SECRET), headers(now, b"\x06" * SECRET_BYTES, SECRET), BODY) == json.loads(BODY)


def test_the_sample_on_the_page_takes_nothing_else() -> None:
    now, read = time.time(), sample()
    assert read(secret_text(b"\x06" * SECRET_BYTES), headers(now), BODY) is None
    assert read(secret_text(SECRET), headers(now), BODY + b" ") is None
    assert read(secret_text(SECRET), headers(now - 1000), BODY) is None
    assert read(secret_text(SECRET), {**headers(now), "webhook-id": "2"}, BODY) is None
