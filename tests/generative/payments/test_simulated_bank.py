"""Seeded lives of payments against a bank that does everything that banks do; the laws hold in each.

The default suite plays a bounded slice; HYPOTHESIS_PROFILE=nightly plays thousands more. One seed is one run.
"""

import os

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from policy_match.storage.embedded import SUPERUSER
from policy_match.storage.unit_of_work import Database
from tests.support.payment_desk import Desk
from tests.support.payment_flow import DAY, cases, fill
from tests.support.payment_laws import broken, paid_twice
from tests.support.payment_run import play
from tests.support.simulated_bank import BookEntry, Deed

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
CHUNKS = 80 if NIGHTLY else 6
RUNS = 50 if NIGHTLY else 4


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_laws_hold_whatever_the_bank_does(database: Database, database_url: str, chunk: int) -> None:
    superuser_url = make_conninfo(database_url, user=SUPERUSER)
    played = [
        play(seed, database, database_url, superuser_url) for seed in range(1 + chunk * RUNS, 1 + (chunk + 1) * RUNS)
    ]
    assert sum(each.attempts for each in played) > RUNS
    assert sum(each.returned for each in played) > 0
    assert sum(each.closed for each in played) > RUNS


def test_the_judge_notices_a_second_payment_of_one_firm() -> None:
    deeds = (Deed.PAID, Deed.RETURNED, Deed.PAID, Deed.PAID)
    entries = [
        BookEntry(attempt_id=f"PM{n}", payee_name="示例", amount_fen=5, deed=deed, day=DAY)
        for n, deed in enumerate(deeds)
    ]
    assert paid_twice(entries[:3]) == []
    assert paid_twice(entries) == ["示例"]


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ("UPDATE attempt_state SET status = 'settled'", "an attempt is what its events add up to"),
        ("UPDATE case_state SET status = 'paid'", "a case is what its events add up to"),
        ("UPDATE ledger_balance SET balance_fen = balance_fen + 1", "a balance is what its transfers add up to"),
        ("UPDATE case_event SET reason = 'other'", "each event carries the hash of what was decided"),
        ("DELETE FROM ledger_transfer WHERE kind = 'reserve'", "an attempt moved its money as its status says"),
    ],
)
def test_the_judge_notices_rows_that_were_tampered_with(
    database: Database, database_url: str, change: str, law: str
) -> None:
    Desk(database, fill(database, database_url, cases(100, 200))).order()
    assert broken(database_url) == []
    with psycopg.connect(make_conninfo(database_url, user=SUPERUSER), autocommit=True) as connection:
        connection.execute("SET search_path = policy_match")
        connection.execute("SET session_replication_role = replica")
        connection.execute(change.encode())
    assert any(each.startswith(law) for each in broken(database_url))
