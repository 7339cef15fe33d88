"""A bench whose jobs a test names, on a clock that stands on 1 July 2025, nine o'clock in Beijing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policy_match.services.job_desk import Job
from tests.support.cases import MovableClock
from tests.support.job_bench import Bench


@pytest.fixture
def bench(database_url: str, data_dir: Path) -> Iterator[Callable[..., Bench]]:
    """Return what makes a bench of some jobs."""
    made: list[Bench] = []

    def make(*jobs: Job) -> Bench:
        found = Bench(database_url, data_dir, MovableClock(), jobs)
        made.append(found)
        return found

    yield make
    for each in made:
        each.close()
