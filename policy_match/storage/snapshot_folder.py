"""The folder of kept snapshots, each a directory named by its id.

Guarantees that a short id finds the snapshot that it begins, or an error that says why not.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from policy_match.errors import InputError
from policy_match.storage.snapshot_files import is_snapshot
from policy_match.values import SnapshotId

MIN_PREFIX = 6


class NoSuchSnapshot(InputError):
    """No snapshot, or more than one, has an id that begins so."""

    code = "snapshot.unknown"
    http_status = 404
    english = "`{name}` is not the id of one snapshot in {folder}; `policy-match snapshots list` shows them"
    chinese = "“{name}”不是 {folder} 中唯一的快照编号；可用 policy-match snapshots list 查看"


def list_snapshots(folder: Path) -> Sequence[Path]:
    """Return the directories of all snapshots in `folder`, the latest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if is_snapshot(path)), key=made, reverse=True)


def made(path: Path) -> tuple[datetime, SnapshotId]:
    """Return when a snapshot was made, with its id: by these the snapshots of a folder are in order."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC), SnapshotId(path.name)


def find_snapshot(name: str, folder: Path) -> Path:
    """Return the directory of a snapshot: a path, or an id in `folder` or at least 6 characters of its beginning.

    Raises `NoSuchSnapshot`.
    """
    if is_snapshot(Path(name)):
        return Path(name)
    matching = [path for path in list_snapshots(folder) if path.name.startswith(name)]
    if len(name) < MIN_PREFIX or len(matching) != 1:
        raise NoSuchSnapshot(name=name, folder=folder)
    return matching[0]
