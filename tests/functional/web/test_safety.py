"""Headers, limits, ids and the log of the real server."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.waiting import until
from tests.support.web_server import WebServer, running_web

FIRM = "91370000MA00000001"
ID = "0b9e5a3c-8d2f-4a5e-9a7d-3f2b1c0d9e8f"
FROM_PROXY = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Request-Id": ID}
PER_ADDRESS = 10


@pytest.fixture(scope="module")
def behind_a_proxy(web_url: str, rules: Path) -> Iterator[WebServer]:
    """A server that trusts a proxy on this machine, with two processes."""
    with (
        tempfile.TemporaryDirectory(prefix="policy-match-web-") as folder,
        running_web(
            Path(folder),
            rules,
            database_url=web_url,
            server={"processes": 2, "proxies": ["127.0.0.1"]},
            limits={"requests_per_address": PER_ADDRESS, "requests_per_principal": 5},
        ) as running,
    ):
        yield running


def test_every_answer_is_careful_whatever_it_is(web: WebServer) -> None:
    for path in ("/api/v1/cases", "/api/v1/nothing", "/api/v1/docs", "/api/v1/openapi.json", "/health/live"):
        headers = web.ask(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]


def test_nobody_is_believed_to_be_a_proxy_who_is_not_named(web: WebServer) -> None:
    headers = web.ask("/api/v1/cases", headers=FROM_PROXY).headers
    assert headers["x-request-id"] != ID
    assert "strict-transport-security" not in headers


def test_a_proxy_that_is_named_says_that_it_is_tls_and_which_id(behind_a_proxy: WebServer) -> None:
    headers = behind_a_proxy.ask("/health/live", headers=FROM_PROXY).headers
    assert headers["x-request-id"] == ID
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "strict-transport-security" not in behind_a_proxy.ask("/health/live").headers


def test_an_id_that_is_none_is_not_repeated(behind_a_proxy: WebServer) -> None:
    for text in ("x", "<script>", "0" * 33):
        assert behind_a_proxy.ask("/health/live", headers={"X-Request-Id": text}).headers["x-request-id"] != text


def test_who_asks_too_often_waits_whichever_process_answers(behind_a_proxy: WebServer) -> None:
    answers = [
        behind_a_proxy.ask("/api/v1/openapi.json", headers={"X-Forwarded-For": "198.51.100.4"})
        for _ in range(PER_ADDRESS + 2)
    ]
    assert [each.status for each in answers] == [200] * PER_ADDRESS + [429] * 2
    refused = answers[-1]
    assert refused.json["code"] == "request.too-many"
    assert 0 < int(refused.headers["retry-after"]) <= 6
    assert refused.headers["ratelimit-policy"] == f'"address";q={PER_ADDRESS};w=60'
    assert refused.headers["ratelimit"].startswith('"address";r=0;t=')
    others = behind_a_proxy.ask("/api/v1/openapi.json", headers={"X-Forwarded-For": "198.51.100.5"})
    assert others.status == 200


def test_a_principal_is_limited_whatever_address_he_comes_from(behind_a_proxy: WebServer) -> None:
    found = [
        behind_a_proxy.ask("/api/v1/cases", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status
        for number in range(10, 17)
    ]
    assert found == [200] * 5 + [429] * 2


def test_health_is_asked_as_often_as_needed(behind_a_proxy: WebServer) -> None:
    assert {behind_a_proxy.ask("/health/live").status for _ in range(3 * PER_ADDRESS)} == {200}


def test_the_log_has_one_line_for_each_request_and_nothing_that_was_sent(web: WebServer) -> None:
    before = len(web.told("request"))
    web.ask(f"/api/v1/cases?firm={FIRM}")
    web.ask(f"/api/v1/firms/{FIRM}/nothing?name={quote('张三')}")
    body = json.dumps({"uscc": FIRM, "reason": "机密", "nothing": 1}).encode()
    web.ask(
        "/api/v1/exclusions",
        method="POST",
        body=body,
        headers={"Content-Type": "application/json", "Idempotency-Key": "secret-key-1"},
    )
    until(lambda: len(web.told("request")) >= before + 3, "the lines are read")
    lines = web.told("request")[before:]
    assert [(each["operation"], each["status"]) for each in lines] == [
        ("list_cases", 200),
        ("none", 404),
        ("exclude_firm", 422),
    ]
    assert lines[0].keys() >= {"at", "level", "event", "id", "operation", "method", "status", "ms", "who"}
    assert [each["who"] for each in lines] == ["staff", "nobody", "staff"]
    told = json.dumps(web.lines, ensure_ascii=False)
    for secret in (FIRM, "张三", quote("张三"), "机密", "secret-key", "wang.fang"):
        assert secret not in told
