"""The mappings that are shipped fit the facts that are shipped."""

from pathlib import Path

import pytest

from connectors import registry_sources
from policy_match.facts.mapping_file import load_mapping
from policy_match.policy.loader import load_catalogue

RULES = Path(__file__).parents[3] / "rules"
FOLDER = Path(next(iter(registry_sources.__path__))) / "mappings"


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.toml")), ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_shipped_mapping_fits_the_catalogue(path: Path) -> None:
    assert load_mapping(path, load_catalogue(RULES)).facts
