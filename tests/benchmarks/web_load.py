"""Measures API and pages from another process: `make bench-web`, or `python -m tests.benchmarks.web_load --minutes 10`.

Requests leave at planned moments, whether or not earlier ones were answered, and each delay counts from the planned
moment: a server that stalls is not spared the requests that it held up. The server is `policy-match run web` with the
settings of the manual, but for rate limits, which one sender for all would reach. Every request proves who asks: a
machine with a token asks for lists and details of cases, users of many firms with their sessions for their home page.
Before that, pages that show figures of all cases are asked for one after another: the statistics of the bureau, whose
first view counts, and the public lists, which need no proof.
"""

import argparse
import http.client
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from policy_match.web.identity.cookies import SESSION
from tests.benchmarks.payment_world import POLICIES, REFUND, SUBSIDY
from tests.benchmarks.web_world import Proofs, filled
from tests.support.waiting import until
from tests.support.web_server import ROOT, ask, free_port

RATE = 100.0
"""Requests a second in the open loop."""

SECONDS = 30.0
WARM_SECONDS = 5.0
CLIENTS = 16
"""Connections of the sender, in both loops."""

CLOSED_SECONDS = 10.0
SEED = 20250701
PAGE_TIMES = 20
"""How often each page with figures of all cases is asked for."""

TIMEOUT_SECONDS = 30
MEMORY_EVERY_SECONDS = 5.0

SETTINGS = """
[server]
bind = "127.0.0.1:{port}"
processes = {processes}
[limits]
requests_per_principal = 10000000
requests_per_address = 10000000
"""


@dataclass(kw_only=True)
class Outcome:
    """What became of the requests: delays in seconds, by kind; statuses; memory of the server in bytes over time."""

    delays: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    memory: list[int] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def all(self) -> list[float]:
        """The delays of every kind, sorted."""
        return sorted(each for found in self.delays.values() for each in found)

    @property
    def errors(self) -> int:
        """Answers that are not 200; 0 stands for none at all."""
        return sum(times for status, times in self.statuses.items() if status != 200)


def say(text: str) -> None:
    """Print as it comes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def percentile(found: Sequence[float], share: float) -> float:
    """Return the delay that this share of the requests had at most."""
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its kind, its path, and what proves who asks."""

    kind: str
    path: str
    headers: Mapping[str, str]


@contextmanager
def web(folder: Path, url: str, processes: int) -> Iterator[tuple[int, int]]:
    """Run the server on the database; give its port and its process."""
    port = free_port()
    settings = folder / f"web-{processes}.toml"
    settings.write_text(SETTINGS.format(port=port, processes=processes))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_MATCH_")}
    environ |= {
        "POLICY_MATCH_DATA_DIR": str(folder / "data"),
        "POLICY_MATCH_WEB": str(settings),
        "POLICY_MATCH_DATABASE_URL": url,
    }
    command = [sys.executable, "-m", "policy_match", "run", "web", "--rules", str(folder / "rules")]
    with (
        (folder / "web.log").open("ab") as log,
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log) as process,
    ):
        try:
            until(lambda: process.poll() is not None or _ready(port), "the server is ready")
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(TIMEOUT_SECONDS)


def _ready(port: int) -> bool:
    try:
        return ask(port, "/health/ready").status == 200
    except OSError:
        return False


STANDS = {REFUND: "published", SUBSIDY: "reviewed"}
"""Where the cases of each policy stand."""


class Cases:
    """As many lists as details of cases, always the same ones in the same order."""

    def __init__(self, proofs: Proofs, count: int) -> None:
        self._random = random.Random(SEED)
        self._count = count
        self._headers = {"Authorization": f"Bearer {proofs.token}"}

    def next(self) -> Asked:
        """Return the next request."""
        if self._random.random() < 0.5:
            return Asked("detail", f"/api/v1/cases/{self._random.randint(1, self._count)}", self._headers)
        policy = self._random.choice(POLICIES)
        path = self._random.choice(
            [
                "/api/v1/cases",
                f"/api/v1/cases?policy={policy}",
                f"/api/v1/cases?status={STANDS[policy]}&policy={policy}",
            ]
        )
        return Asked("list", path, self._headers)


class Homes:
    """The home page of one firm after another."""

    def __init__(self, proofs: Proofs, count: int) -> None:
        self._random = random.Random(SEED)
        self._sessions = proofs.sessions

    def next(self) -> Asked:
        """Return the next request."""
        return Asked("home page", "/enterprise", {"Cookie": f"{SESSION}={self._random.choice(self._sessions)}"})


def pages_of_all(proofs: Proofs) -> Sequence[Asked]:
    """Return the pages that show figures of all cases, each with what it is called."""
    supervisor = {"Cookie": f"{SESSION}={proofs.supervisor}"}
    display = f"{REFUND}/{proofs.displayed_on}"
    return (
        Asked("statistics", "/bureau/statistics", supervisor),
        Asked("statistics, internal", "/bureau/statistics?internal=true", supervisor),
        Asked("days in each stage", "/bureau/statistics/stages", supervisor),
        Asked("notices", "/bureau/statistics/notices", supervisor),
        Asked("displays", "/bureau/publicity", supervisor),
        Asked("public lists", "/public/lists", {}),
        Asked("public list", f"/public/lists/{display}", {}),
        Asked("public list, API", f"/api/v1/public-lists/{display}/cases", {}),
    )


Requests = Cases | Homes
KINDS: Mapping[str, type[Requests]] = {"API": Cases, "enterprise home page": Homes}


class Sender:
    """Sends requests from several threads, each over one connection that it keeps."""

    def __init__(self, port: int, wanted: Requests) -> None:
        self._port = port
        self._wanted = wanted
        self._lock = threading.Lock()
        self._sent = 0
        self.outcome = Outcome()

    def open_loop(self, rate: float, seconds: float) -> Outcome:
        """Send at planned moments, `rate` a second; a delay counts from its moment."""
        began = time.monotonic()
        most = round(rate * seconds)

        def plan() -> float | None:
            with self._lock:
                number, self._sent = self._sent, self._sent + 1
            return None if number >= most else began + number / rate

        return self._run(plan, began)

    def closed_loop(self, seconds: float) -> Outcome:
        """Send the next request as soon as one is answered."""
        began = time.monotonic()

        def plan() -> float | None:
            now = time.monotonic()
            return None if now - began > seconds else now

        return self._run(plan, began)

    def _run(self, plan: Callable[[], float | None], began: float) -> Outcome:
        threads = [threading.Thread(target=self._send, args=(plan,)) for _ in range(CLIENTS)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    def _send(self, plan: Callable[[], float | None]) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)) as connection:
            while (planned := plan()) is not None:
                time.sleep(max(0.0, planned - time.monotonic()))
                with self._lock:
                    asked = self._wanted.next()
                try:
                    connection.request("GET", asked.path, headers=asked.headers)
                    answer = connection.getresponse()
                    answer.read()
                    status = answer.status
                except (OSError, http.client.HTTPException):
                    connection.close()
                    status = 0
                delay = time.monotonic() - planned
                with self._lock:
                    self.outcome.statuses[status] += 1
                    self.outcome.delays.setdefault(asked.kind, []).append(delay)


def memory_of(process: int) -> int:
    """Return the memory of a process and its children in bytes; what they share counts once, files do not count.

    Files are libraries, which other programs of the machine map too: their share moves when one of those ends.
    """
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return sum(_pss(each) for each in [str(process), *children])


def _pss(process: str) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))


def _watch(process: int, memory: list[int], over: threading.Event) -> None:
    while not over.wait(MEMORY_EVERY_SECONDS):
        memory.append(memory_of(process))


def measure(folder: Path, count: int, seconds: float, processes: Sequence[int]) -> None:
    """Measure and print."""
    with filled(folder, count) as (url, proofs):
        say(f"### {count:,} cases, {os.cpu_count()} cores, load before: {os.getloadavg()[0]:.1f}\n")
        with web(folder, url, 2) as (port, _):
            _measure_pages(port, proofs)
        for name, kind in KINDS.items():
            say(f"{name}: {RATE:.0f} requests a second for {seconds:.0f} s from another process; two processes serve\n")
            with web(folder, url, 2) as (port, process):
                Sender(port, kind(proofs, count)).open_loop(RATE, WARM_SECONDS)
                sender = Sender(port, kind(proofs, count))
                with _watched(process, sender.outcome.memory):
                    outcome = sender.open_loop(RATE, seconds)
            _print_delays(outcome)
            _print_memory(outcome.memory)
        say("\n| asked for | processes | requests/s | p50, ms | p99, ms | errors |\n|:--|--:|--:|--:|--:|--:|")
        for each in processes:
            for name, kind in KINDS.items():
                with web(folder, url, each) as (port, _):
                    Sender(port, kind(proofs, count)).closed_loop(WARM_SECONDS / 2)
                    found = Sender(port, kind(proofs, count)).closed_loop(CLOSED_SECONDS)
                say(f"| {name} | {each} | {len(found.all) / found.seconds:,.0f} | {_ms(found.all)} | {found.errors} |")


def _measure_pages(port: int, proofs: Proofs) -> None:
    """Ask for each page with figures of all cases, one request after another, and print how long it took."""
    say("| page | first, ms | median of the others, ms | longest of them, ms | errors |\n|:--|--:|--:|--:|--:|")
    for each in pages_of_all(proofs):
        delays, errors = [], 0
        for _ in range(PAGE_TIMES):
            began = time.monotonic()
            errors += ask(port, each.path, headers=each.headers).status != 200
            delays.append(time.monotonic() - began)
        first, *others = delays
        times = " | ".join(f"{delay * 1000:.0f}" for delay in (first, percentile(others, 0.5), max(others)))
        say(f"| {each.kind} | {times} | {errors} |")
    say("")


@contextmanager
def _watched(process: int, memory: list[int]) -> Iterator[None]:
    """Note the memory of a process now and then."""
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(process, memory, over))
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _ms(delays: Sequence[float]) -> str:
    return " | ".join(f"{percentile(delays, share) * 1000:.0f}" for share in (0.5, 0.99))


def _print_delays(outcome: Outcome) -> None:
    say("| requests | number | p50, ms | p95, ms | p99, ms | longest, ms | errors |\n|:--|--:|--:|--:|--:|--:|--:|")
    kinds: Mapping[str, Sequence[float]] = {**outcome.delays, "all": outcome.all}
    for kind, delays in kinds.items():
        shares = " | ".join(f"{percentile(delays, share) * 1000:.0f}" for share in (0.5, 0.95, 0.99))
        errors = outcome.errors if kind == "all" else ""
        say(f"| {kind} | {len(delays):,} | {shares} | {max(delays) * 1000:.0f} | {errors} |")


def _print_memory(memory: Sequence[int]) -> None:
    if memory:
        quarter = max(1, len(memory) // 4)
        first, last = (sum(part) / len(part) / 2**20 for part in (memory[:quarter], memory[-quarter:]))
        say(f"\nmemory of the server: {first:.0f} MiB in the first quarter of the run, {last:.0f} MiB in the last\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=SECONDS / 60)
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2, 4])
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="policy-match-bench-") as folder:
        measure(Path(folder), given.cases, given.minutes * 60, given.processes)


if __name__ == "__main__":
    main()
