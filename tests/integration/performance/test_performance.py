"""How well the service does: every case is counted once, and no firm's amount can be told."""

import json
from fractions import Fraction
from pathlib import Path

from policy_match.cases.working_days import china_day
from policy_match.services.publish_performance import performance, publish_performance, published
from policy_match.storage.atomic_file import write_file
from policy_match.storage.performance_page import performance_page
from policy_match.storage.unit_of_work import Database
from tests.support.payment_desk import Desk, Inbox, answer
from tests.support.payment_flow import app_connection, cases, fill


def paid_desk(database: Database, url: str) -> Desk:
    """Five cases: three paid, one refused by the bank, one returned later."""
    desk = Desk(database, fill(database, url, cases(10_000, 20_000, 30_000, 40_000, 50_000)))
    bank = Inbox()
    desk.pay(bank)
    first, second, third, refused, returned = bank.payments
    desk.clock.move(2)
    desk.take(desk.report(bank.batches[0].message_id, answer(refused, "RJCT", "AC01")))
    desk.take(desk.statement(*map(desk.booking, (first, second, third, returned))))
    desk.clock.move(3)
    desk.take(desk.statement(desk.returning(returned)))
    return desk


def test_an_empty_database_has_nothing_to_show(database: Database, database_url: str) -> None:
    desk = Desk(database, fill(database, database_url, ()))
    found = performance(database, desk.clock)
    assert found.policies == ()
    assert found.total.owed == 0
    assert found.total.coverage is None


def test_what_was_paid_and_what_came_back_are_counted(database: Database, database_url: str) -> None:
    desk = paid_desk(database, database_url)
    found = performance(database, desk.clock)
    (policy,) = found.policies
    assert (policy.owed, policy.owed_fen) == (5, 150_000)
    assert (policy.paid, policy.paid_fen) == (3, 60_000)
    assert (policy.under_way, policy.under_way_fen) == (2, 90_000)
    assert policy.owed == policy.paid + policy.under_way + policy.given_up + policy.fallen
    assert (policy.attempts, policy.came_back) == (5, 2)
    assert policy.median_days == policy.slow_days == 2
    assert found.total.paid_fen == policy.paid_fen


def test_amounts_of_few_firms_are_not_published(database: Database, database_url: str) -> None:
    desk = Desk(database, fill(database, database_url, cases(10_000, 20_000)))
    (policy,) = published(performance(database, desk.clock))["policies"]
    assert policy["owed"] == 2
    assert policy["owed_fen"] is None
    assert policy["money_coverage"] is None


def test_the_page_shows_what_was_counted_and_no_firm(database: Database, database_url: str, tmp_path: Path) -> None:
    desk = paid_desk(database, database_url)
    found = performance(database, desk.clock)
    publish_performance(found, {"flow-one": "示例<政策>"}, desk.clock, performance_page, write_file, out=tmp_path)
    page = (tmp_path / "performance.html").read_text(encoding="utf-8")
    assert "示例&lt;政策&gt;" in page
    assert "60.0%" in page
    assert "600.00" in page
    content = json.loads((tmp_path / "performance.json").read_text(encoding="utf-8"))
    assert content["policies"][0]["coverage"] == 0.6
    assert content["total"]["paid"] == 3
    with database.unit_of_work() as work:
        codes = {case.uscc for case in work.payments.returned(china_day(desk.clock.now()), 0, 10)}
    assert codes
    assert not any(code in page for code in codes)


def test_a_case_that_was_put_right_counts_once_however_many_objected(database: Database, database_url: str) -> None:
    desk = paid_desk(database, database_url)
    with app_connection(database_url) as connection:
        connection.execute(
            "WITH lodged AS (INSERT INTO objection (case_id, lodged_by, ground, due, at)"
            "  SELECT 1, name, '示例', '2025-07-09', '2025-07-02' FROM unnest(ARRAY['a', 'b']) AS name"
            "  RETURNING objection_id)"
            " SELECT count(*) FROM lodged"
        )
        connection.execute(
            "INSERT INTO objection_answer (objection_id, outcome, reason, by, at)"
            " SELECT objection_id, 'uphold', '示例', 'sun.li', '2025-07-03' FROM objection"
        )
    (policy,) = performance(desk.database, desk.clock).policies
    assert (policy.objections, policy.objections_upheld, policy.corrected) == (2, 2, 1)
    assert policy.error_rate == Fraction(1, 5)
