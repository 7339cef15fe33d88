"""What a broken or hostile client sends to the real server: a problem document each time, and nothing changes."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.functional.web.conftest import BODY_BYTES
from tests.support.waiting import until
from tests.support.web_server import WebServer, read_all

Connection = psycopg.Connection[tuple[Any, ...]]

PATH = "/api/v1/exclusions"
GOOD = {"uscc": "91370000MA00000001", "reason": "税务失信", "since": "2025-01-01"}
HOST = b"Host: localhost\r\nConnection: close\r\n"
KEY = b"Idempotency-Key: k-1\r\n"
DEEP = b"[" * 9_000 + b"]" * 9_000


def posted(body: bytes, *headers: bytes, path: str = PATH) -> bytes:
    """Return a POST of a body."""
    length = b"Content-Length: %d\r\n" % len(body)
    kind = b"" if any(each.startswith(b"Content-Type") for each in headers) else b"Content-Type: application/json\r\n"
    return b"POST " + path.encode() + b" HTTP/1.1\r\n" + HOST + KEY + kind + b"".join(headers) + length + b"\r\n" + body


def got(path: bytes, *headers: bytes) -> bytes:
    """Return a GET of a path."""
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"".join(headers) + b"\r\n"


def chunked(*chunks: bytes) -> bytes:
    """Return a POST in chunks, written as they are."""
    head = b"POST " + PATH.encode() + b" HTTP/1.1\r\n" + HOST + KEY + b"Content-Type: application/json\r\n"
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


BIG_CHUNK = b"%x\r\n" % (BODY_BYTES + 1) + b" " * (BODY_BYTES + 1) + b"\r\n0\r\n\r\n"
BAD = {
    "a body over the limit": (posted(b" " * (BODY_BYTES + 1)), 413, "request.too-large"),
    "a body over the limit in chunks": (chunked(BIG_CHUNK), 411, "request.length"),
    "a length that promises too much": (
        posted(b"", b"Content-Length: 99999999999\r\n").replace(b"Content-Length: 0\r\n", b""),
        413,
        "request.too-large",
    ),
    "deep JSON": (posted(DEEP), 400, "request.body"),
    "no JSON": (posted(b"{"), 400, "request.body"),
    "an empty body": (posted(b""), 400, "request.body"),
    "invalid UTF-8": (posted(b'{"reason": "\xff\xfe"}'), 400, "request.body"),
    "a number where text is wanted": (posted(b'{"uscc": 5}'), 422, "request.fields"),
    "a list where an object is wanted": (posted(b"[]"), 422, "request.fields"),
    "an unknown field": (posted(json.dumps({**GOOD, "by": "root"}).encode()), 422, "request.fields"),
    "a NUL in a text": (posted(json.dumps({**GOOD, "reason": "a\0b"}).encode()), 422, "request.fields"),
    "another kind of body": (posted(b"a=b", b"Content-Type: text/plain\r\n"), 415, "request.media-type"),
    "no key": (
        posted(json.dumps(GOOD).encode()).replace(KEY, b""),
        400,
        "request.key-missing",
    ),
    "a parameter given twice": (got(b"/api/v1/cases?limit=1&limit=2"), 422, "request.fields"),
    "an unknown parameter": (got(b"/api/v1/cases?order=firm"), 422, "request.fields"),
    "a NUL in a parameter": (got(b"/api/v1/cases?policy=a%00b"), 422, "request.fields"),
    "invalid UTF-8 in a parameter": (got(b"/api/v1/cases?policy=%ff"), 400, "request.encoding"),
    "invalid UTF-8 in the name of a parameter": (got(b"/api/v1/cases?%c3%28=1"), 400, "request.encoding"),
    "plain bytes in a parameter": (got(b"/api/v1/cases?policy=\xff"), 400, "request.head"),
    "a NUL in the path": (got(b"/api/v1/cases/1%00"), 404, "request.not-found"),
    "invalid UTF-8 in the path": (got(b"/api/v1/cases/%ff"), 404, "request.not-found"),
    "a path that climbs": (got(b"/api/v1/docs/assets/..%2f..%2f..%2fetc%2fpasswd"), 404, "request.not-found"),
    "a path that climbs plainly": (got(b"/api/v1/docs/assets/../../../../etc/passwd"), 404, "request.not-found"),
    "a line feed in a parameter": (got(b"/api/v1/cases?policy=a%0d%0aSet-Cookie:%20x=y"), 422, "request.fields"),
    "a bare carriage return in a header": (got(b"/api/v1/cases", b"X-A: b\rSet-Cookie: x\r\n"), 400, "request.head"),
    "a header without a name": (got(b"/api/v1/cases", b": b\r\n"), 400, "request.head"),
    "a folded header": (got(b"/api/v1/cases", b"X-A: b\r\n c\r\n"), 400, "request.head"),
    "a length that is no number": (
        posted(b"").replace(b"Content-Length: 0", b"Content-Length: +1"),
        400,
        "request.head",
    ),
    "two lengths": (posted(b"{}", b"Content-Length: 7\r\n"), 400, "request.head"),
    "a length and chunks": (posted(b"{}", b"Transfer-Encoding: chunked\r\n"), 400, "request.head"),
    "a broken chunk": (chunked(b"zz\r\n{}\r\n0\r\n\r\n"), 411, "request.length"),
    "a line that is no request": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "request.head"),
    "an address that is too long": (got(b"/api/v1/cases?policy=" + b"a" * 5_000), 414, "request.address-too-long"),
    "a header that is too long": (
        got(b"/api/v1/cases", b"X-A: " + b"a" * 10_000 + b"\r\n"),
        431,
        "request.head-too-large",
    ),
    "too many headers": (
        got(b"/api/v1/cases", *(b"X-%d: a\r\n" % number for number in range(100))),
        431,
        "request.head-too-large",
    ),
    "a method that nobody knows": (b"BREW /api/v1/cases HTTP/1.1\r\n" + HOST + b"\r\n", 405, "request.method"),
}
TABLES = """
SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = 'policy_match' AND c.relkind = 'r'
"""


@pytest.fixture(scope="module")
def looking(web_url: str) -> Iterator[Connection]:
    with psycopg.connect(web_url, autocommit=True) as connection:
        yield connection


def rows(looking: Connection) -> int:
    """Return how many rows all tables have."""
    counts = [
        sql.SQL("(SELECT count(*) FROM policy_match.{})").format(sql.Identifier(name))
        for (name,) in looking.execute(TABLES).fetchall()
    ]
    found = looking.execute(sql.SQL("SELECT {}").format(sql.SQL(" + ").join(counts))).fetchone()
    assert found is not None
    return int(found[0])


def parts(answer: bytes) -> tuple[int, str, dict[str, object]]:
    """Return status, head and problem of an answer."""
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), json.loads(content)


@pytest.mark.parametrize("name", BAD)
def test_it_is_refused_with_a_problem_and_nothing_changes(web: WebServer, looking: Connection, name: str) -> None:
    sent, status, code = BAD[name]
    before = rows(looking)
    found, head, problem = parts(web.raw(sent))
    assert (found, problem["code"], problem["status"]) == (status, code, status)
    assert "Content-Type: application/problem+json" in head
    assert "Content-Security-Policy: default-src 'none'" in head
    assert "X-Content-Type-Options: nosniff" in head
    assert "Referrer-Policy: no-referrer" in head
    assert "Set-Cookie" not in head
    assert rows(looking) == before
    assert web.ask("/health/live").status == 200


def test_what_is_no_request_has_its_line_of_log_as_every_other(web: WebServer) -> None:
    before = len(web.told("request"))
    web.raw(got(b"/api/v1/cases", b"X-A: b\rSet-Cookie: x\r\n"))
    until(lambda: len(web.told("request")) > before, "the line is read")
    line = web.told("request")[before]
    assert (line["operation"], line["method"], line["status"], line["who"]) == ("unreadable", "none", 400, "nobody")
    assert 0 <= line["ms"] < 60_000


def test_the_good_request_that_these_were_made_from_is_taken(web: WebServer, looking: Connection) -> None:
    before = rows(looking)
    assert web.raw(posted(json.dumps(GOOD).encode())).startswith(b"HTTP/1.1 201 ")
    assert rows(looking) > before


def test_a_body_that_does_not_come_is_given_up(web: WebServer) -> None:
    status, _, problem = parts(web.raw(posted(b"").replace(b"Content-Length: 0", b"Content-Length: 100")))
    assert (status, problem["code"], problem["retry_helps"]) == (408, "request.too-slow", True)


def test_a_head_that_trickles_is_given_up_however_often_something_comes(web: WebServer) -> None:
    with socket.create_connection(("127.0.0.1", web.port), 30) as slow:
        slow.sendall(b"GET /api/v1/cases HTTP/1.1\r\n")
        slow.settimeout(0.2)
        found = b""

        def trickle() -> bool:
            nonlocal found
            try:
                slow.sendall(b"X")
                found = slow.recv(65536)
            except TimeoutError:
                return False
            except (BrokenPipeError, ConnectionResetError):
                return True
            return True

        assert until(trickle, "the server gives up") < 10
    assert not found or parts(found)[0] == 408


def test_connections_that_say_nothing_hold_nobody_up(web: WebServer) -> None:
    silent = [socket.create_connection(("127.0.0.1", web.port), 30) for _ in range(50)]
    try:
        assert until(lambda: web.ask("/api/v1/cases").status == 200, "an answer") < 1
    finally:
        for each in silent:
            each.close()


def test_a_connection_serves_one_request_after_the_other(web: WebServer) -> None:
    with socket.create_connection(("127.0.0.1", web.port), 30) as kept:
        kept.sendall(got(b"/health/live").replace(b"Connection: close\r\n", b"") + got(b"/health/live"))
        assert read_all(kept).count(b'{"status":"live"}') == 2
