"""Measures the API from another process: `make bench-web`, or `python -m tests.benchmarks.web_load --minutes 10`.

Requests leave at planned moments, whether or not earlier ones were answered, and each delay counts from the planned
moment: a server that stalls is not spared the requests that it held up. The server is `policy-match run web` with the
settings of the manual, but for rate limits, which one sender for all would reach. Every request brings a token.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path

from policy_match.bootstrap import SystemClock
from policy_match.engines.arrow import ArrowEngine
from policy_match.identity.principal import Scope
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.machine_tokens import make_token
from policy_match.services.open_cases import open_cases
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.migrate import migrate
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from tests.benchmarks.payment_world import AS_OF, POLICIES, firms_for, write_rules, write_snapshot
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


@contextmanager
def served(folder: Path, count: int) -> Iterator[tuple[str, str]]:
    """Fill a database with so many cases; give its address and a machine's token."""
    with EmbeddedPostgres(folder) as postgres:
        migrate(postgres.url)
        rules, clock = write_rules(folder / "rules"), SystemClock()
        snapshot = write_snapshot(folder / "snapshots", rules, firms_for(count))
        with Database(postgres.url) as database:
            truth_files = TruthFiles(folder / "truth")
            kept = keep_sweep(rules, snapshot, ArrowEngine(), database, truth_files, as_of=AS_OF)
            open_cases(database, lambda _, __: snapshot, kept.sweep, clock=clock, by="bench")
            ends_on = (datetime.now(UTC) + timedelta(days=30)).date()
            made_token = make_token(
                database, clock, name="bench", scopes=frozenset({Scope.CASES_READ}), ends_on=ends_on, by="bench"
            )
        yield postgres.url, made_token.secret


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


class Requests:
    """What is asked for: as many lists as details, always the same ones in the same order."""

    def __init__(self, count: int) -> None:
        self._random = random.Random(SEED)
        self._count = count

    def next(self) -> tuple[str, str]:
        """Return the kind of the next request and its path."""
        if self._random.random() < 0.5:
            return "detail", f"/api/v1/cases/{self._random.randint(1, self._count)}"
        policy = self._random.choice(POLICIES)
        return "list", self._random.choice(
            ["/api/v1/cases", f"/api/v1/cases?policy={policy}", f"/api/v1/cases?status=reviewed&policy={policy}"]
        )


class Sender:
    """Sends requests from several threads, each over one connection that it keeps."""

    def __init__(self, port: int, token: str, wanted: Requests) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {token}"}
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
                    kind, path = self._wanted.next()
                try:
                    connection.request("GET", path, headers=self._headers)
                    answer = connection.getresponse()
                    answer.read()
                    status = answer.status
                except (OSError, http.client.HTTPException):
                    connection.close()
                    status = 0
                delay = time.monotonic() - planned
                with self._lock:
                    self.outcome.statuses[status] += 1
                    self.outcome.delays.setdefault(kind, []).append(delay)


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
    with served(folder, count) as (url, token):
        say(f"### {count:,} cases, {os.cpu_count()} cores, load before: {os.getloadavg()[0]:.1f}\n")
        with web(folder, url, 2) as (port, process):
            Sender(port, token, Requests(count)).open_loop(RATE, WARM_SECONDS)
            over = threading.Event()
            sender = Sender(port, token, Requests(count))
            watch = threading.Thread(target=_watch, args=(process, sender.outcome.memory, over))
            watch.start()
            try:
                outcome = sender.open_loop(RATE, seconds)
            finally:
                over.set()
                watch.join()
        _print_delays(outcome)
        _print_memory(outcome.memory)
        say("\n| processes | requests/s | p50, ms | p99, ms | errors |\n|--:|--:|--:|--:|--:|")
        for each in processes:
            with web(folder, url, each) as (port, _):
                Sender(port, token, Requests(count)).closed_loop(WARM_SECONDS / 2)
                found = Sender(port, token, Requests(count)).closed_loop(CLOSED_SECONDS)
            say(f"| {each} | {len(found.all) / found.seconds:,.0f} | {_ms(found.all)} | {found.errors} |")


def _ms(delays: Sequence[float]) -> str:
    return " | ".join(f"{percentile(delays, share) * 1000:.0f}" for share in (0.5, 0.99))


def _print_delays(outcome: Outcome) -> None:
    say(f"{RATE:.0f} requests a second for {outcome.seconds:.0f} s, from another process, two processes serve\n")
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
        say(f"\nmemory of the server: {first:.0f} MiB in the first quarter of the run, {last:.0f} MiB in the last")


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
