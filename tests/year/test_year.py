"""A bounded slice of the year: few firms, the first weeks; all laws hold. The whole year is `make year`."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.year.laws import check
from tests.year.play import play, world_in
from tests.year.telling import write


@pytest.mark.slow
def test_the_first_weeks_of_a_year_keep_every_law(tmp_path: Path) -> None:
    with (
        TemporaryDirectory(prefix="policy-match-year-") as folder,  # other accounts cannot reach pytest's own
        world_in(Path(folder), seed=2, firms=250) as world,
    ):
        played = play(world, date(2026, 1, 29), lambda day: None)
        checked = check(world)
        assert not {law: count for law, count in checked.broken.items() if count}
        ends = {end for end, _ in checked.ends}
        assert ends >= {"informed", "waiting", "ended with a reason"}
        assert played.firms.did["answers taken"] > 0
        page = write(played, checked, tmp_path / "out")
        assert "# A simulated year" in page.read_text(encoding="utf-8")
        assert (tmp_path / "out" / "report" / "report.html").exists()
