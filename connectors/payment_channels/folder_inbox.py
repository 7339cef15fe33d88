"""The folder into which the bank's own client lays its files: status reports and statements.

Guarantees that a file that was put away is never read again, and that nothing is removed: what was taken lies in
`taken`, what could not be trusted in `refused`. What a file says is a channel's to read.
"""

from collections.abc import Sequence
from pathlib import Path

from policy_match.errors import InputError, StorageError

MAX_BYTES = 256 * 2**20
"""No file of a bank is so large: what is, is not even read."""

MOST_OF_A_NAME = 1_000
UNFINISHED = (".part", ".tmp", ".filepart")
"""How clients name what they are still writing."""


class InboxFileTooLarge(InputError):
    """Not a file that a bank sends."""

    code = "payments.inbox-file-size"
    english = "{name} has {size:,} bytes, more than the {limit:,} that are read; it is put aside as refused"
    chinese = "{name} 共 {size:,} 字节，超过可读取的 {limit:,} 字节；已移入 refused"


class InboxUnusable(StorageError):
    """The folder does not give its files, or does not let them be moved."""

    code = "payments.inbox"
    english = "the bank's inbox {folder}: {detail}; grant access or make room, then it is read again"
    chinese = "银行文件收件夹 {folder}：{detail}；请授权或释放空间后重试"


class FolderInbox:
    """Files come under their final name by renaming, or from another folder of the same disk, so that each is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def waiting(self, most: int) -> Sequence[str]:
        """Return the names of files that lie there, in order. Raises `InboxUnusable`."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            found = (path.name for path in self._folder.iterdir() if path.is_file())
            names = sorted(name for name in found if not name.startswith(".") and not name.endswith(UNFINISHED))
        except OSError as error:
            raise self._unusable(error) from None
        return names[:most]

    def read(self, name: str) -> bytes:
        """Return what a file holds. Raises `InboxFileTooLarge` or `InboxUnusable`."""
        path = self._folder / name
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise InboxFileTooLarge(name=name, size=size, limit=MAX_BYTES)
            return path.read_bytes()
        except OSError as error:
            raise self._unusable(error) from None

    def put_away(self, name: str, *, refused: bool) -> None:
        """Move a file to where nobody reads it again, under its own name or one with a number behind it."""
        folder = self._folder / ("refused" if refused else "taken")
        try:
            folder.mkdir(exist_ok=True)
            free = next((path for path in _names(folder, name) if not path.exists()), None)
            if free is None:
                raise OSError(f"{folder.name} holds {MOST_OF_A_NAME} files of one name")
            (self._folder / name).rename(free)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> InboxUnusable:
        return InboxUnusable(folder=self._folder, detail=error.strerror or str(error))


def _names(folder: Path, name: str) -> Sequence[Path]:
    return [folder / name, *(folder / f"{name}.{number}" for number in range(1, MOST_OF_A_NAME))]
