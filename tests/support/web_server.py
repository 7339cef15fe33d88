"""The real web server in processes of its own, with somebody signed in, for tests that ask it over sockets.

Guarantees that it is ended with the test, and that a test sees each line that it wrote. Everything but who asks is as
`policy-match run web` has it: settings, pools, gunicorn.
"""

import gc
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy_match.bootstrap import Application
from policy_match.config import Config
from policy_match.web.server import Replacement
from policy_match.web_processes import serve_web
from tests.support.api import SignedIn, staff
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 60
ROLES = ("clerk", "payer", "supervisor")


def free_port() -> int:
    """Return a port that nobody uses now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The content."""
        return json.loads(self.content)


@dataclass(kw_only=True)
class WebServer:
    """A server that runs. `lines` are what it wrote, each an object."""

    process: "subprocess.Popen[str]"
    port: int
    figures_port: int
    lines: list[dict[str, Any]] = field(default_factory=list)

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request on a connection of its own and return the answer."""
        return ask(self.port, path, method=method, body=body, headers=headers)

    def raw(self, content: bytes) -> bytes:
        """Send bytes as they are and return everything that comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS) as connection:
            connection.sendall(content)
            return read_all(connection)

    def figures(self) -> dict[str, float]:
        """Return the figures by name with labels."""
        text = ask(self.figures_port, "/metrics").content.decode()
        rows = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in rows}

    def told(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of an event."""
        return [each for each in list(self.lines) if each.get("event") == event]

    def workers(self) -> list[int]:
        """Return the processes that serve."""
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(each) for each in listing.split()]

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to end and return its exit code."""
        self.process.send_signal(sign)
        return self.process.wait(TIMEOUT_SECONDS)


def ask(
    port: int,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request and return the answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)) as connection:
        connection.request(method, path, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Answer(
            status=answer.status, headers={k.lower(): v for k, v in answer.getheaders()}, content=answer.read()
        )


def read_all(connection: socket.socket) -> bytes:
    """Return everything until the other side closes, or breaks off."""
    found = b""
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            return found
        if not part:
            return found
        found += part


@contextmanager
def running_web(
    folder: Path,
    rules: Path,
    *,
    database_url: str | None = None,
    more: str = "",
    ready: bool = True,
    replacement: Mapping[str, int] | None = None,
    **tables: Mapping[str, object],
) -> Iterator[WebServer]:
    """Run the server on a database, the embedded one below `folder` when none is named.

    `tables` are values of the settings' tables beside those that a test always needs, `replacement` are fields of
    `Replacement` that differ from what the service has.
    """
    port, figures_port = free_port(), free_port()
    given: dict[str, dict[str, object]] = {
        "server": {"bind": f"127.0.0.1:{port}", "processes": 1, "threads": 4, "stop_seconds": 20},
        "metrics": {"bind": f"127.0.0.1:{figures_port}"},
    }
    for name, values in tables.items():
        given.setdefault(name, {}).update(values)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "web.toml"
    file.write_text("\n".join(_toml(name, values) for name, values in given.items()) + more, encoding="utf-8")
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("POLICY_MATCH_", "PROMETHEUS_"))
    }
    environ |= {"POLICY_MATCH_DATA_DIR": str(folder / "data"), "POLICY_MATCH_WEB": str(file)}
    if database_url is not None:
        environ["POLICY_MATCH_DATABASE_URL"] = database_url
    command = [sys.executable, "-m", "tests.support.web_server", str(rules), json.dumps(dict(replacement or {}))]
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        server = WebServer(process=process, port=port, figures_port=figures_port)
        reader = threading.Thread(target=_read, args=(process, server.lines))
        reader.start()
        try:
            until(lambda: _listens(server) or process.poll() is not None, "the server listens")
            if ready:
                until(lambda: server.ask("/health/ready").status == 200, "the server is ready")
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(TIMEOUT_SECONDS)
            reader.join()


def _listens(server: WebServer) -> bool:
    return any("Listening at" in str(each.get("message")) for each in list(server.lines))


def _read(process: "subprocess.Popen[str]", lines: list[dict[str, Any]]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        try:
            lines.append(json.loads(line))
        except ValueError:
            lines.append({"event": "text", "text": line})


def _toml(name: str, values: Mapping[str, object]) -> str:
    return f"[{name}]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items()) + "\n"


def _signed_in(_: Application) -> SignedIn:
    """Say in each process how much of it Python's collector leaves alone, and who asks."""
    sys.stderr.write(json.dumps({"event": "opened", "frozen": gc.get_freeze_count()}) + "\n")
    return SignedIn(staff(*ROLES))


def _main() -> None:
    application = Application(Config.from_environment())
    application.rules_folder = Path(sys.argv[1])
    with application:
        serve_web(application, sys.stderr, _signed_in, Replacement(**json.loads(sys.argv[2])))


if __name__ == "__main__":
    _main()
