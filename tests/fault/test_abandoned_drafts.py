"""What an import that is killed leaves is removed by the next one, which never touches a running import."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from policy_match.storage.draft_directory import PREFIX, DraftDirectory, remove_abandoned
from tests.fault.import_child import EMPLOYEES
from tests.support.registry import code, csv_text, run_import

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


def firms(path: Path, count: int) -> Path:
    path.write_text(csv_text(["uscc", "employees"], [[code(number), str(number)] for number in range(count)]))
    return path


def drafts(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(PREFIX)]


@contextmanager
def stopped_import(folder: Path, file: Path) -> Iterator["subprocess.Popen[str]"]:
    """Give a process that has read all rows of the file and waits before it writes the snapshot."""
    command = [sys.executable, "-m", "tests.fault.import_child", str(folder), str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "reached\n"
        yield child


def test_the_draft_of_a_killed_import_is_removed_by_the_next(tmp_path: Path, folder: Path) -> None:
    file = firms(tmp_path / "firms.csv", 100)
    with stopped_import(folder, file) as child:
        child.kill()
    assert len(drafts(folder)) == 1
    result = run_import(folder, (EMPLOYEES, file))
    assert [path.name for path in folder.iterdir()] == [result.snapshot.id]


def test_the_draft_of_a_running_import_is_left_alone(tmp_path: Path, folder: Path) -> None:
    with stopped_import(folder, firms(tmp_path / "slow.csv", 100)) as child:
        (running,) = drafts(folder)
        quick = run_import(folder, (EMPLOYEES, firms(tmp_path / "quick.csv", 50)))
        assert drafts(folder) == [running]
        child.communicate("\n", timeout=60)
    assert child.returncode == 0
    slow = run_import(folder, (EMPLOYEES, tmp_path / "slow.csv"))
    assert slow.snapshot.was_there
    assert {path.name for path in folder.iterdir()} == {quick.snapshot.id, slow.snapshot.id}


def test_imports_that_begin_at_once_never_lose_a_draft(folder: Path) -> None:
    folder.mkdir()

    def begin_and_end(_: int) -> bool:
        remove_abandoned(folder)
        draft = DraftDirectory(folder)
        kept = draft.path / "rows"
        kept.write_text("kept")
        remove_abandoned(folder)
        there = kept.exists()
        draft.remove()
        return there

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(begin_and_end, range(400)))
    assert list(folder.iterdir()) == []


def test_a_file_that_only_looks_like_a_draft_stays(tmp_path: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / f"{PREFIX}notes").write_text("mine")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / f"{PREFIX}link").symlink_to(elsewhere)
    (elsewhere / "precious").write_text("mine")
    remove_abandoned(folder)
    assert (folder / f"{PREFIX}notes").read_text() == "mine"
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]
