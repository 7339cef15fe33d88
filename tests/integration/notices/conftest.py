"""A database of its own with three firms that are asked about one policy."""

from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.cases import World, make_world, notify_world, open_world


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Three firms, each asked; nothing is written yet. The last day to answer is Tuesday, 8 July 2025."""
    made = make_world(database, tmp_path, ("confirm",))
    open_world(made)
    notify_world(made)
    return made
