"""Writes the committed document of the API: `python -m tests.functional.api.render` makes docs/openapi.json anew.

Guarantees that the file is what the program serves; `test_document` fails when it is stale.
"""

from pathlib import Path

from policy_match import __version__
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.app import API_ROOT
from policy_match.web.document import openapi

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"


def document() -> str:
    """Return the whole document."""
    return openapi(OPERATIONS, ACCESS, API_ROOT, __version__) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
