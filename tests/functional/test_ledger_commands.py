"""`policy-match ledger` on a small invented region: every transfer, and a ledger that does not add up."""

import json

import psycopg
import pytest

from tests.functional.region import Region


def test_every_transfer_of_a_payment_is_listed(region: Region) -> None:
    batch = region.sent(1)
    region("payments", "take", region.statement(region.booking(batch.payments[0])))
    moved = region.json("ledger", "transfers", "--line", "jobs-2025")
    assert [(each["kind"], each["from"], each["to"], each["amount"]) for each in moved] == [
        ("appropriate", "appropriation", "available", "100000.00"),
        ("reserve", "available", "reserved", "1000.00"),
        ("post", "reserved", "paid", "1000.00"),
    ]
    assert {each["attempt_id"] for each in moved[1:]} == {batch.payments[0].attempt_id}
    assert len(region.json("ledger", "transfers", "--after", moved[0]["transfer"], "--most", 1)) == 1
    assert "可用额度" in region("ledger", "transfers", "--lang", "zh")
    assert "Transfers: none" in region("ledger", "transfers", "--line", "other-2025")


def test_the_ledger_says_that_it_is_in_order(region: Region) -> None:
    region.write_rules("direct")
    region.fund("jobs", 500)
    assert "In order" in region("ledger", "show")
    assert "账平" in region("ledger", "show", "--year", 2025, "--lang", "zh")
    assert region.json("ledger", "show")["in_order"]
    assert region.json("ledger", "show", "--year", 2024)["lines"] == []


@pytest.fixture
def altered(region: Region, database_url: str) -> Region:
    """A region whose database somebody altered behind the program's back."""
    region.write_rules("direct")
    region.fund("jobs", 500)
    with psycopg.connect(database_url, options="-c search_path=policy_match") as connection:
        connection.execute("UPDATE ledger_balance SET balance_fen = balance_fen + 1 WHERE account = 'paid'")
    return region


def test_a_ledger_that_was_altered_is_found_out(altered: Region) -> None:
    assert altered.refused("ledger", "show", code=3) == "ledger.disagrees"
    report = json.loads(altered.command("ledger", "show", "--json").out)
    assert not report["in_order"]
    assert report["differences"] == [{"line": "jobs-2025", "account": "paid", "balance": "0.01", "transferred": "0.00"}]
    assert "不符：jobs-2025" in altered.command("ledger", "show", "--lang", "zh").out
