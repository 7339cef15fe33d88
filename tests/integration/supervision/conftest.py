"""Waiting cases for each test."""

import pytest

from tests.support.waiting_cases import Hall


@pytest.fixture
def hall(database_url: str) -> Hall:
    """A database with a policy of each route and no cases."""
    return Hall(database_url)
