"""The manifests of snapshots; the facts themselves are Parquet files.

Guarantees that a snapshot is known by the digest of its content. Making and reading snapshots is left to others.
"""

from policy_match.storage.session import Session
from policy_match.values import SnapshotId


class SnapshotStore:
    """The snapshots that sweeps were made from."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, snapshot_id: SnapshotId, manifest: str) -> None:
        """Keep a manifest, JSON text; doing so again changes nothing."""
        self._session.run("add_snapshot", snapshot_id=snapshot_id, manifest=manifest)

    def manifest(self, snapshot_id: SnapshotId) -> str | None:
        """Return the manifest as it was kept."""
        row = self._session.one("snapshot_manifest", snapshot_id=snapshot_id)
        return None if row is None else row["manifest"]
