"""The hidden directory in which an import writes, and the removal of those that killed imports left.

Guarantees that a directory is removed by its own import or when that import's process is gone: a running import holds
an `flock` on the file `lock` in it, which the kernel lets go of whichever way the process ends.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

PREFIX: Final = ".importing-"
LOCK: Final = "lock"
MAX_ATTEMPTS: Final = 10


class DraftDirectory:
    """A new directory in `folder`, held until it is removed. Raises `OSError`."""

    def __init__(self, folder: Path) -> None:
        for _ in range(MAX_ATTEMPTS):
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
            try:
                lock = _take(self.path)
            except OSError:
                shutil.rmtree(self.path, ignore_errors=True)
                raise
            if lock is not None:
                self._lock = lock
                return
        raise OSError(f"other imports removed {MAX_ATTEMPTS} new directories")

    def remove(self) -> None:
        """Remove the directory with all that is in it, as far as the disk lets, and let go of it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def remove_abandoned(folder: Path) -> None:
    """Remove every draft in `folder` whose process is gone; what the disk does not let go of stays for next time."""
    for path in folder.glob(f"{PREFIX}*"):
        if path.is_symlink():
            continue
        try:
            lock = _take(path)
        except OSError:
            continue
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _take(directory: Path) -> int | None:
    """Return the held lock of a directory, or `None` when another process holds it or has removed the directory.

    Between making a directory and taking its lock, another import may take it for an abandoned one and remove it; so
    the lock counts only if its file is still the one in the directory. Raises `OSError` when the disk refuses.
    """
    path = directory / LOCK
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held = os.path.samestat(os.fstat(lock), path.stat())
    except (BlockingIOError, FileNotFoundError):
        held = False
    except OSError:
        os.close(lock)
        raise
    if held:
        return lock
    os.close(lock)
    return None
