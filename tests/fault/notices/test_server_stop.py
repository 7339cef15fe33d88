"""PostgreSQL is stopped in the middle of each kind of write of the notices; the laws hold, and all end well."""

from datetime import timedelta
from pathlib import Path

from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.services.repair_notices import repair_notices
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from tests.support.notice_errand import FIRMS, errand, owe
from tests.support.notice_laws import broken
from tests.support.notice_street import open_street
from tests.support.payment_flow import rows
from tests.support.server_stops import stop_where_it_writes

WRITES = ("notice_text", "notice_event", "delivery", "delivery_event", "notice_receipt")


def test_notices_survive_a_server_that_stops_in_each_write(server_home: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(server_home) as server, open_street(tmp_path / "street") as street:
        channels, clock = street.providers.channels(), street.providers.clock
        with Database(server.url) as database:
            owe(database)

        def work() -> None:
            """Begin the errand again, as a supervisor would after each break."""
            with Database(server.url) as database:
                errand(database, channels, clock)

        for table in WRITES:
            stop_where_it_writes(server_home, server.url, table, work)
            assert broken(server.url) == [], table
            clock.move(timedelta(minutes=15))
        work()
        with Database(server.url) as database:
            errand(database, channels, clock, 4)
            reported = repair_notices(database, channels, DeliveryRules(), clock).possible_duplicates
        assert broken(server.url) == []
        arrived = street.arrived()
        assert set(arrived["gate"].values()) | set(arrived["post"].values()) <= {1}
        assert street.mail.duplicates() <= reported.get("mail", 0)
        found = rows(server.url, "SELECT status, count(*) AS n FROM notice_state GROUP BY status")
        ends = {row["status"]: row["n"] for row in found}
        assert sum(ends.values()) == FIRMS
        assert ends.keys() <= {"reached", "unreached"}
