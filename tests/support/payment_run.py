"""One seeded life of a few payments: services in any order and as often as they like, against a simulated bank.

Guarantees that a seed gives the same run again, that the laws are checked on the way and at the end, and that at the
end the bank has said everything. Each run begins with an emptied database.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import psycopg
from psycopg import sql

from policy_match.payments.reconciliation import DifferenceStands
from policy_match.payments.records import Verdict
from policy_match.services.reconcile_payments import explain_line
from policy_match.services.returned_payments import give_up, returned_payments
from policy_match.storage.unit_of_work import Database
from tests.support.payment_desk import Desk, channel_named
from tests.support.payment_flow import CLERK, FlowCase, fill, recheck, rows, state_accounts
from tests.support.payment_laws import broken, paid_twice, unlike_the_bank
from tests.support.simulated_bank import Habits, SimulatedBank

DAYS = 4
MOST_DAYS = 60
KEPT = (
    "migration",
    "case_transition",
    "ledger_transfer_kind",
    "attempt_transition",
    "notice_rule",
    "notice_overtaking",
    "notice_transition",
    "delivery_transition",
    "stage_rule",
    "order_to_act_transition",
    "webhook_transition",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFigures:
    """What happened in a run."""

    cases: int
    attempts: int
    files: int
    closed: int
    returned: int


def empty(superuser_url: str) -> None:
    """Remove all rows but those of the migrations. No program could: it takes the superuser, with triggers off."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT relname, relispartition FROM pg_class"
            " WHERE relnamespace = 'policy_match'::regnamespace AND relkind = 'r' ORDER BY relname"
        ).fetchall()
        sequences = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'policy_match'::regnamespace AND relkind = 'S'"
        ).fetchall()
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET search_path = policy_match")
        texts = [
            sql.SQL("DROP TABLE {}" if is_partition else "DELETE FROM {}").format(sql.Identifier(name))
            for name, is_partition in tables
            if name not in KEPT
        ]
        texts += [sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(name)) for (name,) in sequences]
        connection.execute(sql.SQL("; ").join(texts))


def play(seed: int, database: Database, url: str, superuser_url: str) -> RunFigures:
    """Play one run; raises `AssertionError` with the seed when a law is broken."""
    run = _Run(seed, database, url, superuser_url)
    for number in range(DAYS):
        run.a_day()
        if number % 2:
            run.check(f"seed {seed}, day {run.desk.day}")
    run.end()
    return run.figures()


class _Run:
    def __init__(self, seed: int, database: Database, url: str, superuser_url: str) -> None:
        empty(superuser_url)
        self.seed, self.url = seed, url
        self.random = Random(seed)
        count = self.random.randint(3, 8)
        self.cases: Sequence[FlowCase] = tuple(
            FlowCase(case_id=number, amount_fen=self.random.randint(1, 100_000), place=self.random.randint(0, 1))
            for number in range(1, count + 1)
        )
        clock = fill(database, url, self.cases)
        name = "treasury_file" if self.random.random() < 0.2 else "iso20022"
        self.desk = Desk(database, clock, channel_named(name))
        habits = Habits(loses_before=0.0 if name == "treasury_file" else 0.1)
        self.bank = SimulatedBank(Random(seed + 1), self.desk.day, habits, speaks_xml=name == "iso20022")
        self.version = 1

    def a_day(self) -> None:
        """Let everybody do what they like, in any order."""
        steps = [
            self.desk.order,
            lambda: self.desk.batch(self.random.randint(1, 5)),
            lambda: self.desk.send(self.bank),
            lambda: self.bank.work(self.desk.day),
            self.deliver,
            self.desk.lose,
            self.inquire,
            self.correct,
            self.desk.again,
            self.close,
        ]
        todo = [step for step in steps for _ in range(self.random.choice((0, 1, 1, 2)))]
        if self.random.random() < 0.6:
            self.random.shuffle(todo)
        for step in todo:
            step()
        self.desk.clock.move(1)

    def deliver(self) -> None:
        """Take what the bank delivers now."""
        for content in self.bank.mail():
            self.desk.take(content)

    def inquire(self) -> None:
        """Ask the bank about batches of which nothing was heard."""
        if self.desk.channel.name != "iso20022":
            return
        found = rows(
            self.url,
            "SELECT DISTINCT b.message_id FROM payment_batch AS b JOIN batch_attempt USING (batch_id)"
            " JOIN attempt_state AS s USING (attempt_id) WHERE s.status = 'unknown' ORDER BY 1",
        )
        for row in found:
            self.bank.says_of(row["message_id"])

    def correct(self) -> None:
        """Let some firms state another account, and recheck those whose payment came back."""
        back = returned_payments(self.desk.database, self.desk.clock, cut_off=self.desk.cut_off, most=100)
        chosen = [each.case.case_id for each in back if self.random.random() < 0.7]
        if chosen:
            self.version += 1
            wanted = [case for case in self.cases if case.case_id in chosen]
            state_accounts(self.desk.database, wanted, self.desk.clock, self.version)
            recheck(self.url, chosen, at=self.desk.clock.now())

    def close(self) -> None:
        """Try to close; explain what is nobody's."""
        self.explain()
        with suppress(DifferenceStands):
            self.desk.reconcile(close=True)

    def explain(self) -> None:
        """Explain movements that are not ours; nothing else may need a person."""
        for line in self.desk.reconcile().result.unmatched:
            assert line.verdict is Verdict.NO_ATTEMPT, f"seed {self.seed}: {line}"
            explain_line(
                self.desk.database, self.desk.clock, file=line.digest, number=line.number, reason="fee", by=CLERK
            )

    def end(self) -> None:
        """Send what waits, let the bank finish, hear it out, and close."""
        for _ in range(MOST_DAYS):
            self.desk.batch()
            self.desk.send(self.bank)
            self.desk.lose()
            self.inquire()
            self.bank.work(self.desk.day)
            self.deliver()
            self.desk.clock.move(1)
            waiting = rows(self.url, "SELECT 1 FROM attempt_state WHERE status = 'stored'")
            if not self.bank.busy and not waiting:
                break
        assert not self.bank.busy
        self.explain()
        self.check(f"seed {self.seed}, before closing")
        wrong = unlike_the_bank(self.url, self.bank)
        assert not wrong, f"seed {self.seed}: {wrong}"
        self.desk.reconcile(close=True)
        for each in returned_payments(self.desk.database, self.desk.clock, cut_off=self.desk.cut_off, most=100):
            give_up(self.desk.database, self.desk.clock, case_id=each.case.case_id, reason="no account", by=CLERK)
        self.check(f"seed {self.seed}, closed")
        left = rows(self.url, "SELECT case_id, status FROM case_state WHERE status NOT IN ('closed', 'approved')")
        assert not left, f"seed {self.seed}: cases without an end: {left}"

    def check(self, where: str) -> None:
        """Check the laws that hold at any moment."""
        wrong = broken(self.url) + paid_twice(self.bank.book)
        assert not wrong, f"{where}: {wrong}"

    def figures(self) -> RunFigures:
        """Return what happened."""
        (found,) = rows(
            self.url,
            "SELECT (SELECT count(*) FROM payment_attempt) AS attempts, (SELECT count(*) FROM bank_file) AS files,"
            " (SELECT count(*) FROM case_state WHERE status = 'closed') AS closed,"
            " (SELECT count(*) FROM attempt_event WHERE event IN ('return', 'reject')) AS returned",
        )
        return RunFigures(cases=len(self.cases), **found)
