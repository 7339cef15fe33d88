"""The benchmark of writing and sending notices: `python -m tests.benchmarks.notice_sending` prints Markdown.

Guarantees a PostgreSQL of its own with the settings of production, fsync included, and providers in a process of their
own that take every message; nothing is asserted about time. `--notices` says how many go through each channel.
"""

import argparse
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from connectors.notification_channels import open_channel
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.model import Channel
from policy_match.ports.notices import NotificationChannel
from policy_match.services.plan_deliveries import Planner, plan_deliveries
from policy_match.services.repair_notices import repair_notices
from policy_match.services.send_notices import send_notices
from policy_match.services.take_receipts import fetch_receipts
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from tests.benchmarks.notice_writing import notices_due
from tests.benchmarks.payment_use import ServerUse, peak_bytes
from tests.benchmarks.sweep import megabytes, say
from tests.support.cases import MovableClock
from tests.support.delivery_desk import OPENER, letter_channel
from tests.support.delivery_flow import MORNING, give_all, open_notices
from tests.support.mail_server import MailServer
from tests.support.message_gateway import MessageGateway
from tests.support.payment_flow import SEALER

NOTICES = 5_000
GROWTH = (1, 4)
"""Texts are written for so many times the notices, to see how the cost grows."""

HEADER = "| stage | notices | seconds | notices/s | Python CPU | PostgreSQL CPU | Python peak |"
RULER = "|:--|--:|--:|--:|--:|--:|--:|"
CHANNELS = (Channel.SMS, Channel.EMAIL, Channel.LETTER)

Found = TypeVar("Found")
Served = tuple[str, Channel, Mapping[str, str], Mapping[str, str]]


def serve(end: Connection) -> None:
    """Be a gateway and a mail server until the other side says stop."""
    with MessageGateway(MovableClock(MORNING), keep_contents=False) as gateway, MailServer(keep_contents=False) as mail:
        served: Sequence[Served] = (
            ("sms_gateway", Channel.SMS, gateway.settings("sms_gateway"), gateway.variables),
            ("smtp", Channel.EMAIL, mail.settings(), mail.variables),
        )
        end.send(served)
        end.recv()
        end.send((gateway.counts().total(), mail.counts().total(), gateway.duplicates() + mail.duplicates()))


@contextmanager
def providers(folder: Path, clock: MovableClock) -> Iterator[tuple[Sequence[NotificationChannel], Connection]]:
    """Give the channels of providers in a process of their own, and the end of the pipe to it."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    try:
        channels: list[NotificationChannel] = [
            open_channel(
                connector,
                channel=channel,
                provider=connector,
                values=values,
                secret=variables.__getitem__,
                clock=clock,
                folder=folder,
            )
            for connector, channel, values, variables in ours.recv()
        ]
        yield [*channels, letter_channel(folder / "letters", clock, "letter_file")], ours
    finally:
        process.join(10)
        process.kill()


def measure(name: str, count: int, use: ServerUse, work: Callable[[], Found]) -> Found:
    """Do something with so many notices, print its line, and return what it found."""
    began, cpu, server_cpu = time.perf_counter(), time.process_time(), use.cpu_seconds or 0.0
    found = work()
    seconds = time.perf_counter() - began
    say(
        f"| {name} | {count:,} | {seconds:.2f} | {count / seconds:,.0f} | {time.process_time() - cpu:.2f} "
        f"| {(use.cpu_seconds or 0.0) - server_cpu:.2f} | {megabytes(peak_bytes() or 0)} |"
    )
    return found


def write(counts: Sequence[int], below: Path | None) -> None:
    """Measure how notices that are due get their texts, each size with a database of its own."""
    say("", "### Texts of notices that ask a firm, fsync on", "", HEADER, RULER)
    for count in counts:
        with (
            tempfile.TemporaryDirectory(prefix="policy-match-bench-", dir=below) as folder,
            notices_due(Path(folder), count) as (use, prepare),
        ):
            made = measure("write texts", count, use, prepare)
            assert made.written == count, "every firm that was asked is told, and nobody else"
            measure("write again, nothing to do", count, use, prepare)


def run(notices: int, below: Path | None) -> None:
    """Measure every stage and print the table."""
    say(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()} {platform.system()}")
    write([notices * len(CHANNELS) * times for times in GROWTH], below)
    clock, rules = MovableClock(MORNING), DeliveryRules()
    with (
        tempfile.TemporaryDirectory(prefix="policy-match-bench-", dir=below) as folder,
        EmbeddedPostgres(Path(folder)) as server,
        ServerUse(Path(folder) / "postgres") as use,
        Database(server.url) as database,
        providers(Path(folder), clock) as (channels, pipe),
    ):
        for place, channel in enumerate(CHANNELS):
            first = 1 + place * notices
            open_notices(server.url, notices, first=first)
            give_all(database, notices, [channel], clock, first=first)
        planner = Planner(channels, rules)
        every = notices * len(CHANNELS)

        def stage(name: str, count: int, work: Callable[[], object]) -> None:
            measure(name, count, use, work)

        say("", f"### {notices:,} notices through each channel, fsync on", "", HEADER, RULER)
        stage("choose a way", every, lambda: plan_deliveries(database, planner, clock))
        stage("choose again, nothing to do", every, lambda: plan_deliveries(database, planner, clock))
        for each in channels:
            stage(
                f"hand over by {each.name}",
                notices,
                lambda name=each.name: send_notices(database, channels, OPENER, rules, clock, provider=name),
            )
        stage("take receipts of the gateway", notices, lambda: fetch_receipts(database, channels, SEALER, clock))
        stage("repair, nothing to find", every, lambda: repair_notices(database, channels, rules, clock))
        pipe.send("stop")
        texts, mails, duplicates = pipe.recv()
        say("", f"arrived: {texts:,} texts, {mails:,} mails, {duplicates} twice")
        assert (texts, mails, duplicates) == (notices, notices, 0)


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.notice_sending", description=__doc__)
    parser.add_argument("--notices", type=int, default=NOTICES, help="how many go through each channel")
    parser.add_argument("--folder", type=Path, help="where the database is made")
    options = parser.parse_args(arguments)
    run(options.notices, options.folder)


if __name__ == "__main__":
    main(sys.argv[1:])
