"""Lines of the log are objects, and no words of an error or a library are in them."""

import io
import json
import logging
from typing import Any

from policy_match.web.request_log import JsonLines


def written(name: str, message: str, *, error: BaseException | None = None, **extra: object) -> dict[str, Any]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.Logger(name)
    logger.addHandler(handler)
    logger.error(message, exc_info=error, extra=extra)
    (line,) = stream.getvalue().splitlines()
    return dict(json.loads(line))


def test_a_request_is_one_object_with_its_fields() -> None:
    found = written("policy_match.web", "request", fields={"id": "x", "status": 200})
    assert found["event"] == "request"
    assert (found["id"], found["status"]) == ("x", 200)
    assert found["at"].endswith("+08:00")


def test_an_error_is_told_by_kind_and_place_without_its_words() -> None:
    try:
        raise ValueError("91370000MA00000001 张三")
    except ValueError as error:
        found = written("policy_match.web", "failed", error=error, fields={"id": "x"})
    assert found["error"]["kind"] == "ValueError"
    assert found["error"]["at"][0].endswith("test_an_error_is_told_by_kind_and_place_without_its_words")
    assert "张三" not in json.dumps(found, ensure_ascii=False)


def test_a_library_is_told_by_name_and_place() -> None:
    found = written("psycopg", "connection to 10.0.0.3 failed")
    assert (found["event"], found["name"]) == ("library", "psycopg")
    assert "10.0.0.3" not in json.dumps(found)


def test_a_line_feed_cannot_begin_another_line() -> None:
    assert written("policy_match.web", "a\nb")["message"] == "a\nb"
