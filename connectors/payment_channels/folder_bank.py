"""A bank behind a folder: outgoing files are laid down there, and the bank's own client carries them on.

Guarantees that a file appears whole and under its own name, that the same file may be handed over again, and that a
name never gets another content. What the bank answers comes as files too, which `take_bank_file` takes.
"""

import os
import tempfile
from pathlib import Path

from policy_match.errors import StorageError
from policy_match.payments.messages import OutgoingFile


class NameTaken(StorageError):
    """Another file of that name was handed over before."""

    code = "payments.outbox-name"
    retry_helps = False
    english = "{folder} holds another file named {name}; nothing was handed over: find out which one the bank has"
    chinese = "{folder} 中已有内容不同的同名文件 {name}；未交付：请核实银行收到的是哪一份"


class OutboxUnusable(StorageError):
    """The folder refused the file."""

    code = "payments.outbox"
    english = (
        "{name} could not be laid into {folder}: {detail}; make room or grant access, the payments wait as unknown"
    )
    chinese = "无法将 {name} 放入 {folder}：{detail}；请释放空间或授权，相关支付暂记为结果未知"


class FolderBank:
    """Hands files over by laying them into a folder, readable by their owner alone: they hold account numbers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_over(self, file: OutgoingFile) -> str:
        """Lay the file down and return where. Raises `NameTaken` or `OutboxUnusable`."""
        path = self._folder / file.name
        assert path.parent == self._folder, "channels make names without folders"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not _laid_down(path, file.content) and path.read_bytes() != file.content:
                raise NameTaken(folder=self._folder, name=file.name)
        except OSError as error:
            raise OutboxUnusable(folder=self._folder, name=file.name, detail=error.strerror or str(error)) from None
        return f"outbox:{file.name}"


def _laid_down(path: Path, content: bytes) -> bool:
    """Return whether the file is there now and was not before; the link refuses a name that exists."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as sink:
            sink.write(content)
            sink.flush()
            os.fsync(sink.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
