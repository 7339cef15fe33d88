"""`python -m tests.year`: plays a year and writes it down; exit code 1 when a law is broken."""

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.year.laws import check
from tests.year.play import FIRST_DAY, play, world_in
from tests.year.telling import tell, write

WHOLE = date(2026, 12, 31)
OF_A_YEAR = ("answers taken", "answers refused", "accounts corrected", "objections", "objections answered", "suggested")
"""What people do in any year that is played whole."""


def main() -> int:
    """Play, check, write, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=date.fromisoformat, default=WHOLE)
    parser.add_argument("--out", type=Path, default=Path("build/year"))
    asked = parser.parse_args()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(prefix="policy-match-year-") as folder,
        world_in(Path(folder), seed=asked.seed, firms=asked.firms) as world,
        Progress(*columns) as bar,
    ):
        task = bar.add_task(str(FIRST_DAY), total=(asked.until - FIRST_DAY).days + 1)
        played = play(world, asked.until, lambda day: bar.update(task, advance=1, description=str(day)))
        checked = check(world)
        page = write(played, checked, asked.out)
        bar.stop()
        sys.stdout.write("\n".join(tell(played, checked)) + f"\n\n{page}\n")
        did = played.firms.did + played.staff.did
    never = [what for what in OF_A_YEAR if not did[what]] if asked.until >= WHOLE else []
    if never:
        sys.stdout.write(f"nobody did what some do in every year: {', '.join(never)}\n")
    return 0 if checked.holds and not never else 1


if __name__ == "__main__":
    sys.exit(main())
