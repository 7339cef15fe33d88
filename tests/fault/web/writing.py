"""Clients that write to a server which may die, and note what they were told.

Guarantees that a write counts as acknowledged only when its whole answer came. Each has a key of its own, and a firm of
its own, so that the database shows which were done, and how often.
"""

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.cases import uscc
from tests.support.waiting import until
from tests.support.web_server import Answer, ask

PATH = "/api/v1/exclusions"
WRITERS = 3
PAUSE_SECONDS = 0.05
"""How long a writer waits when nobody answered."""


@dataclass(kw_only=True)
class Writers:
    """Writes numbered requests from several threads. `told` are the answers by number, `tried` all that were sent."""

    port: int
    told: dict[int, Answer] = field(default_factory=dict)
    others: list[Answer] = field(default_factory=list)
    tried: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, number: int) -> Answer | None:
        """Send a request, again or for the first time; none when no whole answer came."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"exclusion-{number}"}
        body = json.dumps({"uscc": uscc(number), "reason": f"示例{number}"}).encode()
        try:
            return ask(self.port, PATH, method="POST", body=body, headers=headers)
        except (OSError, http.client.HTTPException):
            return None

    def send_until_served(self, number: int) -> Answer:
        """Send a request again as long as it is answered that one should, as a careful client does."""
        answers: list[Answer] = []

        def served() -> bool:
            answer = self.send(number)
            answers[:] = [] if answer is None else [answer]
            return answer is not None and answer.status != 503

        until(served, "the service is back")
        return answers[0]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write until this is left."""
        self._over.clear()
        threads = [threading.Thread(target=self._write) for _ in range(WRITERS)]
        for each in threads:
            each.start()
        try:
            yield
        finally:
            self._over.set()
            for each in threads:
                each.join()

    def until_told(self, more: int) -> None:
        """Wait until so many more writes were acknowledged."""
        enough = len(self.told) + more
        until(lambda: len(self.told) >= enough, f"{more} more writes are acknowledged")

    def _write(self) -> None:
        while not self._over.is_set():
            with self._lock:
                self.tried += 1
                number = self.tried
            answer = self.send(number)
            with self._lock:
                if answer is not None and answer.status == 201:
                    self.told[number] = answer
                elif answer is not None:
                    self.others.append(answer)
            if answer is None:
                self._over.wait(PAUSE_SECONDS)


def kept(port: int) -> Mapping[str, list[int]]:
    """Return the numbers of the exclusions that are kept, by firm."""
    found: dict[str, list[int]] = {}
    cursor = ""
    for _ in range(1000):
        page: Any = _page(port, f"{PATH}?limit=500{cursor}")
        for item in page["items"]:
            found.setdefault(item["uscc"], []).append(item["exclusion_id"])
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"
    raise AssertionError("the list does not end")


def _page(port: int, path: str) -> Any:
    until(lambda: ask(port, path).status == 200, "the service is back")
    return ask(port, path).json


def check_nothing_lost(writers: Writers) -> None:
    """Check that what was acknowledged is kept, and that sending all again twice does each once and says the same."""
    before = kept(writers.port)
    for number, told in writers.told.items():
        assert before[uscc(number)] == [told.json["exclusion_id"]], "an acknowledged write is kept, once"
    for _ in range(2):
        for number in range(1, writers.tried + 1):
            again = writers.send_until_served(number)
            assert again.status == 201, (number, again.content)
            told = writers.told.setdefault(number, again)
            assert (again.content, again.headers["location"]) == (told.content, told.headers["location"])
            if uscc(number) in before:
                assert again.headers["idempotency-replayed"] == "true"
        before = kept(writers.port)
        assert {each: len(numbers) for each, numbers in before.items()} == {
            uscc(number): 1 for number in range(1, writers.tried + 1)
        }
