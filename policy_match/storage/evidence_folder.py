"""The folder of files by which firms prove what they say, each under the SHA-256 of its content.

Guarantees that what a file is is read from its content, that it is there whole or not at all, and that what is given
out is what was kept. Whose a file is, and who may have it, is in the system of record.
"""

import hashlib
from pathlib import Path
from typing import IO

from policy_match.cases.evidence import MOST_EVIDENCE_BYTES, EvidenceKind, EvidenceTooLarge, evidence_kind
from policy_match.errors import StorageError
from policy_match.ports.corrections import StoredEvidence
from policy_match.storage.atomic_file import write_file
from policy_match.storage.upload_folder import UploadDiffers

OWNER_ONLY = 0o700
"""The files may hold what concerns a person: no other account of the machine looks into the folder."""


class EvidenceLost(StorageError):
    """The file is not there any more, or is not what was kept."""

    code = "evidence.lost"
    english = "the file {digest} is missing or damaged in the data directory; restore it from the backup"
    chinese = "数据目录中的文件 {digest} 缺失或已损坏；请从备份恢复"


class EvidenceFolder:
    """Files that firms sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, stream: IO[bytes], digest: str) -> StoredEvidence:
        """Keep what the stream gives under its SHA-256, which must be `digest`, and return what it is.

        Raises `EvidenceTooLarge`, `EvidenceUnfit`, `UploadDiffers` or a `StorageError`; then nothing was kept.
        """
        content = stream.read(MOST_EVIDENCE_BYTES + 1)
        if len(content) > MOST_EVIDENCE_BYTES:
            raise EvidenceTooLarge
        kind = evidence_kind(content)
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise UploadDiffers(found=found, wanted=digest)
        write_file(self._path(digest, kind), content)
        self._folder.chmod(OWNER_ONLY)
        return StoredEvidence(kind=kind, size_bytes=len(content))

    def read(self, digest: str, kind: EvidenceKind) -> bytes:
        """Return the content of a file that was kept. Raises `EvidenceLost`."""
        try:
            content = self._path(digest, kind).read_bytes()
        except OSError:
            raise EvidenceLost(digest=digest) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise EvidenceLost(digest=digest)
        return content

    def _path(self, digest: str, kind: EvidenceKind) -> Path:
        return self._folder / f"{digest}.{kind}"
