"""Imports that cannot be finished leave nothing under a final name, and say why in one line."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_match.errors import InputError
from policy_match.facts.defects import (
    ColumnMissing,
    NoRowFits,
    NothingKept,
    SnapshotNotWritten,
    SourceEmpty,
    SourceUnreadable,
    WrongEncoding,
)
from policy_match.facts.mapping import Parse
from tests.support.registry import code, column, csv_text, mapping, run_import

ROOT = Path(__file__).parents[2]
EMPLOYEES = mapping(column("employees", Parse.INTEGER))


def firms(folder: Path, count: int) -> Path:
    path = folder / "firms.csv"
    path.write_text(csv_text(["uscc", "employees"], [[code(number), str(number)] for number in range(count)]))
    return path


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", SourceEmpty, "the file is empty"),
        (b"uscc,employees\n", SourceEmpty, "the file is empty"),
        (b"uscc,employes\n1,2\n", ColumnMissing, "no column `employees`; did you mean `employes`?"),
        (b"uscc,employees\n\xff\xff,1\n", WrongEncoding, "line 2, byte 15"),
        ("uscc,employees\n无,1\n,2\n".encode(), NothingKept, "none of 2 rows has a usable credit code"),
        (b'uscc,employees\n"1,2\n3,4\n', NoRowFits, "none of 1 rows has as many cells as the header"),
        (b'uscc,employees\n"1,2\n' + b"3,4\n" * 50_000, SourceUnreadable, "is a quote missing"),
    ],
)
def test_a_source_that_cannot_be_used_leaves_nothing(
    tmp_path: Path, content: bytes, error: type[InputError], message: str
) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        run_import(tmp_path / "snapshots", (EMPLOYEES, path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code != 0
    assert list((tmp_path / "snapshots").glob("*")) == []


def test_a_second_source_that_breaks_off_takes_the_first_with_it(tmp_path: Path) -> None:
    broken = tmp_path / "tax.parquet"
    broken.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(SourceUnreadable):
        run_import(
            tmp_path / "snapshots",
            (EMPLOYEES, firms(tmp_path, 10)),
            (mapping(column("revenue", Parse.MONEY_YUAN), source="tax"), broken),
        )
    assert not (tmp_path / "snapshots").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk; the limit on file size is tested in its place")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path: Path, small_disk: Path) -> None:
    path = firms(tmp_path, 40_000)
    with pytest.raises(SnapshotNotWritten) as caught:
        run_import(small_disk / "snapshots", (EMPLOYEES, path))
    assert "No space left on device" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3
    assert list((small_disk / "snapshots").iterdir()) == []
    assert not run_import(tmp_path / "snapshots", (EMPLOYEES, path)).snapshot.was_there


def run_python(code_text: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code_text, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


LIMITED = """
import resource, sys
from pathlib import Path
from policy_match.facts.defects import SnapshotNotWritten
from tests.fault.test_import_faults import EMPLOYEES
from tests.support.registry import run_import
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    run_import(Path(sys.argv[1]), (EMPLOYEES, Path(sys.argv[2])))
except SnapshotNotWritten as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [10, 3_000, 100_000, 200_000])
def test_a_file_that_may_not_grow_is_one_error_and_leaves_nothing(tmp_path: Path, limit: int) -> None:
    done = run_python(LIMITED, tmp_path / "snapshots", firms(tmp_path, 5_000), limit)
    assert "the snapshot was not written: File too large" in done.stdout, done.stderr
    assert done.stdout.count("\n") == 1
    assert list((tmp_path / "snapshots").iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from connectors.registry_sources import open_source
from policy_match.services.import_registry import MappedSource, import_registry
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from tests.fault.test_import_faults import EMPLOYEES
from tests.support.registry import AS_OF, CATALOGUE

class Killing:
    def __init__(self, source):
        self.source = source
    def __getattr__(self, name):
        return getattr(self.source, name)
    def chunks(self, max_rows):
        for chunk in self.source.chunks(100):
            yield chunk
        os.kill(os.getpid(), signal.SIGKILL)

source = Killing(open_source(EMPLOYEES, sys.argv[2]))
draft = SnapshotFolderDraft(Path(sys.argv[1]))
import_registry([MappedSource(mapping=EMPLOYEES, source=source)], CATALOGUE, draft, as_of=AS_OF)
"""


def test_a_killed_import_shows_no_snapshot_and_can_be_run_again(tmp_path: Path) -> None:
    path = firms(tmp_path, 1_000)
    done = run_python(KILLED, tmp_path / "snapshots", path)
    assert done.returncode == -signal.SIGKILL
    assert [each.name for each in (tmp_path / "snapshots").iterdir() if not each.name.startswith(".")] == []
    result = run_import(tmp_path / "snapshots", (EMPLOYEES, path))
    assert (result.snapshot.was_there, result.quality.rows) == (False, {"firm": 1_000})


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SnapshotNotWritten, match="not written"):
        run_import(blocked / "snapshots", (EMPLOYEES, firms(tmp_path, 1)))
