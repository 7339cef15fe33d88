"""Files that appear under their name only when complete.

Guarantees that an error, a crash or a full disk leaves what was there before, and nothing half-written under the
final name. The content is on the disk when the call returns.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policy_match.errors import StorageError


class FileNotWritten(StorageError):
    """The disk refused a file."""

    code = "storage.file"
    english = "{path} could not be written: {detail}; nothing was left under that name"
    chinese = "无法写入 {path}：{detail}；未留下不完整的文件"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes the name `path` when the block ends without an error.

    An `OSError` in the block becomes `FileNotWritten`; whatever was under `path` stays.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _flush(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
        _flush(path.parent)
    except OSError as error:
        raise FileNotWritten(path=path, detail=error.strerror or str(error)) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_file(path: Path, content: bytes, /) -> None:
    """Write `content` under `path`. Raises `FileNotWritten`."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
