"""The files of a snapshot's directory, and whether they are still those that were written.

Guarantees that a changed, missing or cut file is one `SnapshotDamaged`. What is in the tables is `snapshots`.
"""

import hashlib
import json
from pathlib import Path
from typing import Final

from policy_match.facts.defects import SnapshotDamaged
from policy_match.facts.manifest import Manifest, read_manifest

MANIFEST: Final = "manifest.json"
QUALITY: Final = "quality.json"
QUALITY_PAGE: Final = "quality.html"
SNAPSHOT_MARK: Final = b"policy_match.snapshot"
"""Metadata of the tables: their numbers are scaled (money in fen), so no other reader may take them as they are."""


def is_snapshot(path: Path) -> bool:
    """Return whether the path is a snapshot's directory."""
    return (path / MANIFEST).is_file()


def load_manifest(directory: Path) -> Manifest:
    """Return the manifest in the directory. Raises `SnapshotDamaged`."""
    path = directory / MANIFEST
    try:
        return read_manifest(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        detail = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise SnapshotDamaged(
            file=path, detail=f"no manifest of a snapshot: {detail}", detail_zh=f"不是快照清单：{detail}"
        ) from None


def verify_snapshot(directory: Path) -> Manifest:
    """Return the manifest after checking the digest of every file that it names. Raises `SnapshotDamaged`.

    The quality report is not covered: it also depends on the day for which it was made.
    """
    manifest = load_manifest(directory)
    named = {entry.file: entry.sha256 for entry in manifest.tables.values()}
    named[manifest.refused.file] = manifest.refused.sha256
    for name, expected in named.items():
        path = directory / name
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            why = error.strerror or str(error)
            raise SnapshotDamaged(file=path, detail=f"cannot be read: {why}", detail_zh=f"无法读取：{why}") from None
        if digest != expected:
            detail = "not the file that was written: its SHA-256 differs"
            raise SnapshotDamaged(file=path, detail=detail, detail_zh="文件已被改动，SHA-256 不符")
    return manifest
