"""An identity provider that takes connections and says nothing: the server goes on with everything else."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.waiting import until
from tests.support.web_server import running_web

BEGIN = "/api/v1/sign-in/providers/gov"
THREADS = 4
ASKED = 6


class SilentServer:
    """Takes connections on loopback and never answers; tells how many came, and how many of them were given up."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self.came, self.left = 0, 0

    def serve(self) -> None:
        """Take connections, one after the other, until the listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.came += 1
            with connection:
                while connection.recv(4096):
                    pass
            self.left += 1


@contextmanager
def silent_server() -> Iterator[SilentServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = SilentServer(listener)
        thread = threading.Thread(target=silent.serve)
        thread.start()
        try:
            yield silent
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_silent_provider_takes_half_of_the_threads_at_most_and_one_fetch_for_all(
    web_url: str, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVENTED_SECRET", "x")
    with silent_server() as silent, tempfile.TemporaryDirectory(prefix="policy-match-web-") as folder:
        provider = f"""
[[identity.provider]]
name = "gov"
kind = "firm"
issuer = "http://127.0.0.1:{silent.port}"
client_id = "policy-match"
client_secret_env = "INVENTED_SECRET"
"""
        server = {"threads": THREADS, "public_url": "https://policy-match.test"}
        with (
            running_web(Path(folder), rules, database_url=web_url, server=server, more=provider) as web,
            ThreadPoolExecutor(ASKED) as pool,
        ):
            asked = [pool.submit(web.ask, BEGIN) for _ in range(ASKED)]
            until(lambda: sum(each.done() for each in asked) == ASKED - THREADS // 2, "the others are answered")
            assert web.ask("/health/live").status == 200
            assert web.ask("/health/ready").status == 200
            assert web.ask("/api/v1/sign-in/providers").status == 200
            assert (silent.came, silent.left) == (1, 0)
            assert {each.result().json["code"] for each in asked} == {"sign-in.provider-down"}
            assert web.ask(BEGIN).status == 503
            assert silent.came == 1
