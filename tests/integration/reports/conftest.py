"""One worked world for all tests of figures: sixty firms, every route, every end."""

from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.report_world import Worked, make_report_world, work


@pytest.fixture
def worked(database: Database, database_url: str, tmp_path: Path) -> Worked:
    """Sixty firms with an open case of each policy, worked."""
    world = make_report_world(database, tmp_path, 60)
    work(database_url, world)
    return Worked(world, tmp_path, database_url)
