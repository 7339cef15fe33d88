"""An office for each test."""

from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.reviewed_cases import Office, open_office


@pytest.fixture
def office(database_url: str, database: Database, tmp_path: Path) -> Office:
    """A database with a kept sweep and no cases."""
    return open_office(database_url, database, tmp_path)
