"""One run of the payment path in a process of its own, so that its memory is its own: prints one line of JSON.

`python -m tests.benchmarks.payment_measure CASES FOLDER` opens so many cases in an embedded PostgreSQL below FOLDER and
carries them to the posted payment by the services alone. The server's settings are those of production, fsync included.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psycopg

from connectors.payment_channels import open_channel
from connectors.payment_channels.folder_bank import FolderBank
from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.model import Status
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.engines.arrow import ArrowEngine
from policy_match.ledger.accounts import line_id
from policy_match.services.allocate_budget import allocate_budget
from policy_match.services.answer_cases import Answer, AnswerKind, answer_cases
from policy_match.services.approval_lists import make_lists
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.case_history import count_cases
from policy_match.services.decide_lists import approve_list
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.notify_cases import close_windows, notify_cases, publish_cases
from policy_match.services.open_cases import open_cases
from policy_match.services.order_payments import order_payments
from policy_match.services.payee_accounts import take_accounts
from policy_match.services.recheck_cases import recheck_cases
from policy_match.services.reconcile_payments import reconcile_payments
from policy_match.services.roles import grant_role
from policy_match.services.send_batches import make_batches, send_batches
from policy_match.services.take_bank_file import take_bank_file
from policy_match.storage.account_sealer import KEY_BYTES, AccountSealer
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.kept import KeptSweep
from tests.benchmarks.payment_use import ServerUse, peak_bytes, restart_peak
from tests.benchmarks.payment_world import (
    AS_OF,
    FUNDS,
    PAYER,
    POLICIES,
    REFUND,
    SUBSIDY,
    AnsweringBank,
    firms_for,
    is_xml,
    stated_accounts,
    write_rules,
    write_snapshot,
)
from tests.support.cases import MovableClock

BUDGET_FEN = 10**15
ANSWERS_AT_ONCE = 50_000
CLERK, REVIEWER, APPROVER = "wang.fang", "li.ming", "zhao.lei"
YEAR = AS_OF.year
CUT_OFF = AS_OF.replace(month=12, day=20)

PATH = (
    "open",
    "notify",
    "answers",
    "recheck before approval",
    "allocate",
    "make lists",
    "first approval",
    "second approval",
    "publish",
    "end windows",
    "recheck before payment",
    "accounts",
    "order",
    "make batches",
    "send",
    "status reports",
    "statements",
)
"""The stages from the match to the posted payment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One stage. `cases` is how many it moved or looked at; the bytes are peaks while it ran; unknown is `None`."""

    name: str
    cases: int
    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float | None
    peak_bytes: int | None
    server_bytes: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PathMeasured:
    """One run. `cases` is how many were opened, and paid and closed at the end."""

    cases: int
    fsync: str
    stages: tuple[Stage, ...]
    database_bytes: int


class Watch:
    """Times stages; a stage that is entered again goes on."""

    def __init__(self, server: ServerUse) -> None:
        self._server = server
        self._stages: dict[str, Stage] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage, or a further part of it."""
        restart_peak()
        self._server.restart()
        server_cpu = self._server.cpu_seconds
        started, cpu = time.perf_counter(), time.process_time()
        yield
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        server_cpu = _sum(self._server.cpu_seconds, None if server_cpu is None else -server_cpu)
        part = Stage(
            name=name,
            cases=0,
            seconds=seconds,
            cpu_seconds=cpu,
            server_cpu_seconds=server_cpu,
            peak_bytes=peak_bytes(),
            server_bytes=self._server.peak,
        )
        before = self._stages.get(name)
        self._stages[name] = part if before is None else _together(before, part)

    def moved(self, name: str, cases: int) -> None:
        """Say how many cases a stage moved."""
        stage = self._stages[name]
        self._stages[name] = replace(stage, cases=stage.cases + cases)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All stages, in the order in which they were first entered."""
        return tuple(self._stages.values())


def _together(one: Stage, other: Stage) -> Stage:
    return Stage(
        name=one.name,
        cases=one.cases + other.cases,
        seconds=one.seconds + other.seconds,
        cpu_seconds=one.cpu_seconds + other.cpu_seconds,
        server_cpu_seconds=_sum(one.server_cpu_seconds, other.server_cpu_seconds),
        peak_bytes=_larger(one.peak_bytes, other.peak_bytes),
        server_bytes=_larger(one.server_bytes, other.server_bytes),
    )


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _larger(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)


class PaymentPath:
    """Carries the cases of one sweep from the match to the end, stage by stage."""

    def __init__(self, database: Database, url: str, folder: Path, watch: Watch, cases: int) -> None:
        self._database = database
        self._url = url
        self._folder = folder
        self._watch = watch
        self._firms = firms_for(cases)
        self._clock = MovableClock()
        self._sealer = AccountSealer([bytes(range(KEY_BYTES))])
        self._truth_files = TruthFiles(folder / "truth")
        self._channels = {REFUND: open_channel("iso20022", PAYER), SUBSIDY: open_channel("treasury_file", {})}
        self._outbox = folder / "outbox"
        self.opened = 0

    def run(self) -> None:
        """Take every step. Raises `AssertionError` when a case stays behind."""
        sweep = self._swept()
        self._prepare()
        self._open(sweep)
        self._ask()
        self._approve()
        self._pay()
        self._settle()
        left = {status: count for _, status, count, _ in count_cases(self._database) if status is not Status.CLOSED}
        assert not left, f"not every case came to its end: {left}"

    def _swept(self) -> KeptSweep:
        rules = write_rules(self._folder / "rules")
        self._snapshot = write_snapshot(self._folder / "snapshots", rules, self._firms)
        with self._watch.stage("sweep"):
            kept = keep_sweep(rules, self._snapshot, ArrowEngine(), self._database, self._truth_files, as_of=AS_OF)
        self._watch.moved("sweep", sum(policy.eligible for policy in kept.totals.policies))
        return kept.sweep

    def _prepare(self) -> None:
        for person, role in ((REVIEWER, "reviewer"), (APPROVER, "approver")):
            grant_role(self._database, self._clock, person=person, role=role, by="admin")
        for fund in FUNDS:
            add_line(self._database, self._clock, fund=fund, year=YEAR, label=fund, by="admin")
            line = line_id(fund, YEAR)
            appropriate(self._database, self._clock, line=line, amount_fen=BUDGET_FEN, by="treasury")

    def _open(self, sweep: KeptSweep) -> None:
        with self._watch.stage("open"):
            opening = open_cases(self._database, lambda _, __: self._snapshot, sweep, clock=self._clock, by=CLERK)
        self.opened = opening.cases
        self._watch.moved("open", opening.cases)

    def _ask(self) -> None:
        with self._watch.stage("notify"):
            notified = notify_cases(self._database, WorkingDays(), clock=self._clock, by=CLERK)
        self._watch.moved("notify", notified)
        self._clock.move(1)
        for answers in self._answers():
            with self._watch.stage("answers"):
                answered = answer_cases(self._database, WorkingDays(), answers, clock=self._clock)
            assert not answered.refused, answered.refused[0]
            self._watch.moved("answers", answered.taken)

    def _answers(self) -> Iterator[Sequence[Answer]]:
        """Yield what the firms say, as it would come in: not made by us, so not timed."""
        with psycopg.connect(self._url) as connection, connection.cursor("notified") as cursor:
            cursor.itersize = ANSWERS_AT_ONCE
            cursor.execute("SELECT case_id, uscc FROM policy_match.case_state WHERE status = 'notified'")
            while rows := cursor.fetchmany(ANSWERS_AT_ONCE):
                yield [Answer(case_id=case, kind=AnswerKind.CONFIRM, by=f"{FIRM_PREFIX}{uscc}") for case, uscc in rows]

    def _approve(self) -> None:
        self._recheck("recheck before approval", RecheckPurpose.APPROVAL)
        lists = []
        for policy in POLICIES:
            with self._watch.stage("allocate"):
                shared = allocate_budget(self._database, self._clock, policy_id=policy, by=CLERK)
            assert shared.waiting == 0, shared
            self._watch.moved("allocate", shared.granted)
            with self._watch.stage("make lists"):
                made = make_lists(self._database, self._clock, policy_id=policy, by=CLERK).made
            self._watch.moved("make lists", sum(each.kept.header.count for each in made))
            lists += [each.kept for each in made]
        for name, person in (("first approval", REVIEWER), ("second approval", APPROVER)):
            self._clock.move(1 / 24)
            for each in lists:
                with self._watch.stage(name):
                    approve_list(self._database, self._clock, list_id=each.list_id, by=person)
                self._watch.moved(name, each.header.count)
        with self._watch.stage("publish"):
            published = publish_cases(self._database, WorkingDays(), clock=self._clock, by=CLERK)
        self._watch.moved("publish", published)

    def _recheck(self, name: str, purpose: RecheckPurpose) -> None:
        with self._watch.stage(name):
            found = recheck_cases(self._database, self._truth_files, purpose=purpose, clock=self._clock, by=CLERK)
        self._watch.moved(name, sum(found.outcomes.values()))

    def _pay(self) -> None:
        self._clock.move(14)
        with self._watch.stage("end windows"):
            closed = close_windows(self._database, WorkingDays(), clock=self._clock)
        self._watch.moved("end windows", closed.lapsed + closed.accepted + closed.closed)
        with self._watch.stage("accounts"):
            taken = take_accounts(stated_accounts(self._firms), self._database, self._sealer, self._clock, by=CLERK)
        self._watch.moved("accounts", taken.kept)
        self._recheck("recheck before payment", RecheckPurpose.PAYMENT)
        for policy, channel in self._channels.items():
            with self._watch.stage("order"):
                made = order_payments(self._database, self._clock, by=CLERK, cut_off=CUT_OFF, policy_id=policy)
            assert not made.blocked, made.blocked
            self._watch.moved("order", made.orders)
            with self._watch.stage("make batches"):
                make_batches(
                    self._database,
                    channel,
                    self._sealer,
                    self._clock,
                    by=CLERK,
                    execute_on=china_day(self._clock.now()),
                )
            self._watch.moved("make batches", made.orders)
        for channel in self._channels.values():
            bank = FolderBank(self._outbox)
            with self._watch.stage("send"):
                sent = send_batches(self._database, channel, bank, self._sealer, self._clock, by=CLERK)
            self._watch.moved("send", sum(each.count for each in sent))

    def _settle(self) -> None:
        bank = AnsweringBank(self._outbox, self._clock, BUDGET_FEN)
        for path in bank.files():
            self._take("status reports", path, bank.accepts(path))
        self._clock.move(1)
        for path in bank.files():
            self._take("statements", path, bank.books(path))
        today = china_day(self._clock.now())
        with self._watch.stage("reconcile"):
            reconcile_payments(self._database, self._clock, up_to=today, by=CLERK, close=False)
        self._watch.moved("reconcile", self.opened)
        with self._watch.stage("close"):
            done = reconcile_payments(self._database, self._clock, up_to=today, by=CLERK, close=True)
        self._watch.moved("close", done.closed)

    def _take(self, name: str, path: Path, content: bytes) -> None:
        channel = self._channels[REFUND if is_xml(path) else SUBSIDY]
        with self._watch.stage(name):
            taken = take_bank_file(
                self._database,
                channel,
                self._sealer,
                self._clock,
                name=f"{name}-{path.name}",
                content=content,
                by=CLERK,
            )
        self._watch.moved(name, sum(taken.verdicts.values()))


def measure(cases: int, folder: Path) -> PathMeasured:
    """Run the whole path once below an empty folder."""
    data = folder / "data"
    with EmbeddedPostgres(data) as server, Database(server.url) as database:
        with ServerUse(data / "postgres") as use:
            watch = Watch(use)
            path = PaymentPath(database, server.url, folder, watch, cases)
            path.run()
        with psycopg.connect(server.url) as connection:
            row = connection.execute("SELECT current_setting('fsync'), pg_database_size(current_database())").fetchone()
        assert row is not None
    return PathMeasured(cases=path.opened, fsync=row[0], stages=watch.stages, database_bytes=row[1])


def main(arguments: Sequence[str]) -> None:
    """Measure once and print the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    sys.stdout.write(json.dumps(asdict(measure(options.cases, options.folder))) + os.linesep)


if __name__ == "__main__":
    main(sys.argv[1:])
