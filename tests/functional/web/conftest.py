"""A server for the tests of a file, on a database of its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from policy_match.storage.embedded import EmbeddedPostgres
from tests.support.cases import chosen, write_policies
from tests.support.postgres import new_database, of_superuser
from tests.support.web_server import WebServer, running_web

BODY_BYTES = 20_000


def as_url(conninfo: str) -> str:
    """Return an address as the settings want it."""
    parts = conninfo_to_dict(conninfo)
    return f"postgresql:///{parts['dbname']}?host={quote(str(parts['host']), safe='')}&user={parts['user']}"


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small rules repository."""
    folder = tmp_path_factory.mktemp("rules")
    write_policies(folder, chosen("direct"))
    return folder


@pytest.fixture(scope="module")
def web_url(server: EmbeddedPostgres) -> Iterator[str]:
    """The address of a database with the current schema and no rows, for the tests of one file."""
    for conninfo in new_database(server.url, of_superuser(server.url), template="policy_match"):
        yield as_url(conninfo)


@pytest.fixture(scope="module")
def web(web_url: str, rules: Path) -> Iterator[WebServer]:
    """A server with short limits, and one process, so that a test knows which answers."""
    with (
        tempfile.TemporaryDirectory(prefix="policy-match-web-") as folder,
        running_web(
            Path(folder),
            rules,
            database_url=web_url,
            server={"request_seconds": 3},
            limits={"body_bytes": BODY_BYTES},
            database={"connections": 2, "wait_seconds": 1, "statement_seconds": 2, "lock_seconds": 1},
        ) as running,
    ):
        yield running
