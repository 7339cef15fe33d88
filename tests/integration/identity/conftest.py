"""The application with its real authenticator, over a database of its own, for each test."""

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.signed_in import Entrance, open_entrance


@pytest.fixture
def entrance(database: Database) -> Entrance:
    """An application to which nobody has signed in yet."""
    return open_entrance(database)
