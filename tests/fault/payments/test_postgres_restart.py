"""PostgreSQL is stopped in the middle of each kind of write of the payments; the laws hold, and all end well."""

from pathlib import Path

from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from tests.support.payment_errand import CASES, book, errand, paid_fen
from tests.support.payment_flow import fill, rows
from tests.support.payment_laws import broken, paid_twice
from tests.support.server_stops import stop_where_it_writes

WRITES = (
    "payment_order",
    "ledger_transfer",
    "payment_batch",
    "attempt_event",
    "batch_handed_over",
    "bank_file",
    "statement_entry",
    "payee_account",
    "case_event",
    "reconciliation",
)


def test_payments_survive_a_server_that_stops_in_each_write(server_home: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(server_home) as server:
        with Database(server.url) as database:
            fill(database, server.url, CASES)

        def work() -> None:
            """Begin the errand again, as a supervisor would after each break."""
            with Database(server.url) as database:
                errand(database, server.url, tmp_path)

        for table in WRITES:
            stop_where_it_writes(server_home, server.url, table, work)
            assert broken(server.url) + paid_twice(book(tmp_path)) == [], table
        work()
        assert broken(server.url) == []
        assert paid_fen(tmp_path) == sum(case.amount_fen for case in CASES)
        assert rows(server.url, "SELECT DISTINCT status FROM case_state") == [{"status": "closed"}]
