"""A database of its own with six cases whose payment is due, and the services at one desk."""

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import FlowCase, fill

CASES = tuple(
    FlowCase(case_id=number, amount_fen=fen, place=place)
    for number, (fen, place) in enumerate([(10_000, 0), (20_001, 0), (30_003, 1), (40_007, 1), (50_009, 0), (1, 1)], 1)
)


@pytest.fixture
def desk(database: Database, database_url: str) -> Desk:
    """The services, with nothing ordered yet."""
    return Desk(database, fill(database, database_url, CASES))


@pytest.fixture
def bank() -> Inbox:
    """A bank that takes every file."""
    return Inbox()
