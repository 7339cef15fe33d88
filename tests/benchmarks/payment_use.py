"""What the payment path takes of the machine: memory of this process, memory and CPU time of its whole PostgreSQL.

Guarantees that pages which several server processes share count once. Works on Linux; elsewhere it is unknown.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PAUSE_SECONDS = 0.5
"""A statement that takes shorter than this may escape the sampling of PostgreSQL; it does not take much either."""

PROC = Path("/proc")
KIB = 1024


def restart_peak() -> None:
    """Forget the largest size that this process has had; where that cannot be done the peak is that of all stages."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int | None:
    """Return the largest resident size of this process since `restart_peak`."""
    return _field(PROC / "self" / "status", "VmHWM:")


class ServerUse:
    """CPU time of a PostgreSQL and its children, and their proportional set size (Pss), sampled in the background."""

    def __init__(self, cluster: Path) -> None:
        self._postmaster = cluster / "postmaster.pid"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._peak: int | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def restart(self) -> None:
        """Forget the largest sum so far."""
        self._peak = self._now()

    @property
    def peak(self) -> int | None:
        """The largest sum of all processes since `restart`, in bytes."""
        return max((each for each in (self._peak, self._now()) if each is not None), default=None)

    @property
    def cpu_seconds(self) -> float | None:
        """What all processes have used so far, those that ended included."""
        postmaster = self._pid()
        if postmaster is None:
            return None
        ticks = sum(_ticks(postmaster, ended=True))
        ticks += sum(sum(_ticks(child, ended=False)) for child in _children(postmaster))
        return ticks / os.sysconf("SC_CLK_TCK")

    def _sample(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            now = self._now()
            if now is not None:
                self._peak = max(self._peak or 0, now)

    def _now(self) -> int | None:
        postmaster = self._pid()
        if postmaster is None:
            return None
        sizes = [_field(PROC / str(pid) / "smaps_rollup", "Pss:") for pid in (postmaster, *_children(postmaster))]
        known = [size for size in sizes if size is not None]
        return sum(known) if known else None

    def _pid(self) -> int | None:
        try:
            return int(self._postmaster.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None


def _children(parent: int) -> Iterator[int]:
    for folder in PROC.glob("[0-9]*"):
        fields = _status(int(folder.name))
        if fields and int(fields[1]) == parent:
            yield int(folder.name)


def _ticks(pid: int, *, ended: bool) -> list[int]:
    """Return user and system time of a process, with `ended` also of its children that have ended."""
    return [int(each) for each in _status(pid)[11 : 15 if ended else 13]]


def _status(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name, from the state on; empty when the process is not there."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _field(path: Path, name: str) -> int | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) * KIB for line in lines if line.startswith(name)]
    return found[0] if found else None
