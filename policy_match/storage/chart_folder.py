"""Charts that were drawn, each in a file under the digest of its figures.

Guarantees that a chart is drawn once for the same figures, whichever process asks, and that the folder holds a limited
number of files: of more, the oldest go. Drawing is `report_plots`.
"""

from collections.abc import Callable
from pathlib import Path

from policy_match.reports.charts import Chart
from policy_match.storage.atomic_file import write_file
from policy_match.values import Digest

MOST_CHARTS = 500
"""So many are kept; a chart that went is drawn again with the page that shows it."""

SPARE = 50
"""So many more go at once, so that not every chart empties the folder."""

Draw = Callable[[Chart], bytes]


class ChartFolder:
    """Keeps charts in a folder, which is made with the first."""

    def __init__(self, folder: Path, draw: Draw) -> None:
        self._folder = folder
        self._draw = draw

    def keep(self, chart: Chart) -> Digest:
        """Draw a chart unless it is there, and return what it is found by. Raises `FileNotWritten`."""
        path = self._path(chart.digest)
        if not path.exists():
            self._make_room()
            write_file(path, self._draw(chart))
        return chart.digest

    def find(self, digest: Digest) -> bytes | None:
        """Return a chart as SVG, if it is still there."""
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, digest: Digest) -> Path:
        return self._folder / f"{digest}.svg"

    def _make_room(self) -> None:
        if not self._folder.is_dir():
            return
        found = []
        for path in self._folder.glob("*.svg"):
            try:
                found.append((path.stat().st_mtime_ns, path))
            except FileNotFoundError:
                continue  # another process made room
        if len(found) >= MOST_CHARTS:
            for _, path in sorted(found)[: len(found) - MOST_CHARTS + SPARE]:
                path.unlink(missing_ok=True)
