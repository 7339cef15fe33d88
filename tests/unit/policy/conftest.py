"""A rules repository for each test."""

from pathlib import Path

import pytest

from tests.support.rules_folder import RulesFolder


@pytest.fixture
def rules(tmp_path: Path) -> RulesFolder:
    """A sound repository that the test may spoil."""
    return RulesFolder(tmp_path / "rules")
