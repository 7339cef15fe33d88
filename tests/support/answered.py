"""Cases that the bank paid, with files by which their firms prove what they say: for corrections and ratings.

Guarantees that cases, payments and files came about as the services leave them; firm n has case n.
"""

import hashlib
from datetime import date
from pathlib import Path

from policy_match.storage.unit_of_work import Database
from tests.support.money_api import PayingDesk
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import app_connection, cases, fill

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 invented picture \xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR invented picture"

CORRECTIONS_DUE = date(2025, 7, 10)
"""Seven working days after the first of July."""

RATINGS_DUE = date(2025, 7, 8)
"""Five working days after it."""


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def paid_desk(database: Database, url: str, folder: Path, *amounts_fen: int, unpaid: int = 1) -> PayingDesk:
    """Return the application over one case of each amount, the largest first; the last `unpaid` were not paid."""
    assert list(amounts_fen) == sorted(amounts_fen, reverse=True)
    clock = fill(database, url, cases(*amounts_fen))
    with app_connection(url) as connection:
        connection.execute(
            "INSERT INTO entitlement SELECT opening, place, uscc, record_id, entitled_fen, entitled_fen, 'owed', NULL"
            " FROM benefit_case"
        )
    desk, bank = Desk(database=database, clock=clock), Inbox()
    desk.pay(bank)
    desk.take(desk.statement(*(desk.booking(each) for each in bank.payments[unpaid:])))
    return PayingDesk(desk, folder)
