"""HTTP for a server on this machine: reads requests, lets somebody answer them, keeps connections open.

Guarantees that nothing is logged, as addresses hold keys, and that a request is read up to a limit only. What is
answered is left to the owner of the server.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import BaseRequestHandler
from urllib.parse import parse_qsl, urlsplit

MAX_REQUEST_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request. `target` is path and query as they came; header names are in lower case."""

    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> Mapping[str, str]:
        """The query; of a name that comes twice the last value."""
        return dict(parse_qsl(urlsplit(self.target).query))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One answer, JSON unless `headers` say otherwise."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def http_handler(answer: Callable[[Request], Reply]) -> type[BaseRequestHandler]:
    """Return a handler that lets `answer` answer; it is called in the thread of a connection, several at a time."""

    class Connection(_Connection):
        def do_GET(self) -> None:
            self.reply(answer)

        def do_POST(self) -> None:
            self.reply(answer)

    return Connection


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def reply(self, answer: Callable[[Request], Reply]) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        if length > MAX_REQUEST_BYTES:
            self.close_connection = True
            self._send(Reply(status=413, body=b"{}"))
            return
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        self._send(answer(request))

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        pass  # the base class would print addresses, which hold keys
