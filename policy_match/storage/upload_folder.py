"""The folder of source files that were sent, each under the SHA-256 of its content.

Guarantees that what kind of file it is is read from the content, never from a name, that a file is there whole or not
at all, and that the same content is one file. Which files were sent, by whom, is in the system of record.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from policy_match.errors import InputError
from policy_match.facts.encoding import find_encoding
from policy_match.ports.requested_work import StoredFile
from policy_match.storage.atomic_file import replacing

BLOCK_BYTES = 1 << 20

MOST_UNPACKED_BYTES = 1 << 30
"""So large a workbook may become when it is unpacked; a small file can be packed so that it fills the memory."""
MOST_UNPACKED_IN_MEMORY = 1 << 26
"""The same for a table that is read while somebody waits."""

PARQUET = b"PAR1"
ZIP = b"PK\x03\x04"
WORKBOOK = "xl/workbook.xml"


class UploadDiffers(InputError):
    """What arrived is not what was announced."""

    code = "upload.digest"
    english = "the content has the SHA-256 {found}, not {wanted} as the address says; send it again"
    chinese = "文件内容的 SHA-256 为 {found}，与地址中的 {wanted} 不符；请重新上传"


class UploadUnfit(InputError):
    """Not a file that an import reads."""

    code = "upload.kind"
    english = "the file is {detail}; send CSV (UTF-8 or GB18030), an Excel workbook (.xlsx) or Parquet"
    chinese = "文件{detail_zh}；请上传 CSV（UTF-8 或 GB18030）、Excel 工作簿（.xlsx）或 Parquet"


class UploadFolder:
    """Files that were sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, stream: IO[bytes], digest: str) -> StoredFile:
        """Keep what the stream gives under its SHA-256, which must be `digest`, and return what it is.

        Raises `UploadDiffers`, `UploadUnfit`, `WrongEncoding` or a `StorageError`; then nothing was kept.
        """
        blocks = iter(lambda: stream.read(BLOCK_BYTES), b"")
        start = next(blocks, b"")
        kind = _kind(start)
        with replacing(self.path(digest, kind)) as temporary:
            found, size = _copy(start, blocks, temporary)
            if found != digest:
                raise UploadDiffers(found=found, wanted=digest)
            _check(temporary, kind, MOST_UNPACKED_BYTES)
        return StoredFile(kind=kind, size_bytes=size)

    @contextmanager
    def lines(self, digest: str) -> Iterator[TextIO]:
        """Open a file of text that was sent, in its own encoding. Raises `UploadUnfit` when it is none."""
        path = self.path(digest, "csv")
        if not path.is_file():
            raise UploadUnfit(detail="not text", detail_zh="不是文本文件")
        encoding = find_encoding(lambda: _blocks(path), "CSV", None).encoding
        with path.open(encoding=encoding, newline="") as file:
            yield file

    def path(self, digest: str, kind: str) -> Path:
        """Return where a file lies; its name ends as the readers of sources ask."""
        return self._folder / f"{digest}.{kind}"


@contextmanager
def in_memory(content: bytes) -> Iterator[Path]:
    """Give a path to content that is in memory alone: it is gone with the process, whatever ends it (Linux).

    Its name ends as the readers of sources ask. Raises `UploadUnfit`, `WrongEncoding`.
    """
    kind = _kind(content)
    with TemporaryDirectory(prefix="policy-match-") as folder, os.fdopen(os.memfd_create("table"), "wb") as file:
        file.write(content)
        file.flush()
        path = Path(folder) / f"table.{kind}"
        path.symlink_to(f"/proc/self/fd/{file.fileno()}")
        _check(path, kind, MOST_UNPACKED_IN_MEMORY)
        yield path


def _kind(start: bytes) -> str:
    if not start:
        raise UploadUnfit(detail="empty", detail_zh="为空")
    return {PARQUET: "parquet", ZIP: "xlsx"}.get(start[:4], "csv")


def _copy(start: bytes, blocks: Iterator[bytes], path: Path) -> tuple[str, int]:
    """Write the content and return its SHA-256 and its size."""
    digest, size = hashlib.sha256(start), len(start)
    with path.open("wb") as file:
        file.write(start)
        for block in blocks:
            digest.update(block)
            size += len(block)
            file.write(block)
    return digest.hexdigest(), size


def _check(path: Path, kind: str, most_unpacked: int) -> None:
    match kind:
        case "parquet":
            try:
                pq.read_metadata(path)
            except (pa.ArrowException, OSError):
                raise UploadUnfit(detail="a damaged Parquet file", detail_zh="为已损坏的 Parquet 文件") from None
        case "xlsx":
            _check_workbook(path, most_unpacked)
        case _:
            find_encoding(lambda: _blocks(path), "CSV", None)


def _check_workbook(path: Path, most_unpacked: int) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except zipfile.BadZipFile:
        raise UploadUnfit(detail="a damaged archive", detail_zh="为已损坏的压缩文件") from None
    if WORKBOOK not in {entry.filename for entry in entries}:
        raise UploadUnfit(detail="an archive, not a workbook", detail_zh="为压缩文件，而非工作簿")
    if sum(entry.file_size for entry in entries) > most_unpacked:
        raise UploadUnfit(detail="a workbook that is too large when unpacked", detail_zh="解压后过大")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(BLOCK_BYTES), b"")
