"""The order of a year: the clock goes from tick to tick, the jobs run as the scheduler runs them, people act between.

Guarantees that nothing but the jobs of the timetable and the people of `firms` and `staff` does anything.
"""

import io
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from policy_match.cases.working_days import CHINA
from policy_match.scheduler.log import LineLog
from policy_match.scheduler.runner import Runner
from policy_match.services.job_desk import Lane
from tests.year.firms import Firms
from tests.year.staff import Staff, is_working_day
from tests.year.world import RULES, World

FIRST_DAY = date(2025, 12, 31)
TICKS = ((0, 15), (9, 35), (12, 55), (18, 55))
"""So often a day the scheduler looks here; what fell due in between is caught up, once."""

SNAPSHOT_DAYS = (date(2025, 12, 31), date(2026, 6, 30))
LATER_DAY = date(2026, 1, 30)
"""On this day the departments know more of the first one."""


@dataclass(slots=True)
class Month:
    """What happened in a month: steps of cases, notices by kind of end, runs of jobs."""

    first_day: date
    seconds: float = 0.0
    figures: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Played:
    """A year that was played."""

    world: World
    firms: Firms
    staff: Staff
    months: list[Month]
    seconds: float
    log: str


def play(world: World, last_day: date, tell: Callable[[date], None]) -> Played:
    """Play from the first day to the last, telling each day."""
    application = world.application
    firms = Firms(world)
    staff = Staff(world, firms)
    log = io.StringIO()
    runner = Runner(
        application,
        application.jobs,
        application.timetable,
        application.runner_lease,
        LineLog(log, world.clock, as_json=False),
        rules_folder=RULES,
    )
    staff.begin()
    runner.tick()
    months: list[Month] = []
    began = time.perf_counter()
    day = FIRST_DAY
    while day <= last_day:
        if not months or months[-1].first_day.month != day.month:
            months.append(Month(first_day=day))
        day_began = time.perf_counter()
        _registry_arrives(world, day)
        for hour, minute in TICKS:
            world.until(datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA))
            world.carry_bank_files()
            runner.tick()
            for lane in Lane:
                runner.work(lane)
            world.carry_bank_files()
            if hour == 9:
                firms.state_contacts()
            if hour == 12:
                firms.act()
                if is_working_day(world, day):
                    staff.act()
        months[-1].seconds += time.perf_counter() - day_began
        tell(day)
        day += timedelta(days=1)
    runner.close()
    return Played(
        world=world,
        firms=firms,
        staff=staff,
        months=months,
        seconds=time.perf_counter() - began,
        log=log.getvalue(),
    )


def _registry_arrives(world: World, day: date) -> None:
    """Import what the departments hand over on some days; the later knowledge of a day is swept by a person."""
    if day in SNAPSHOT_DAYS:
        world.import_region(day)
    if day == LATER_DAY:
        world.sweep(world.import_region(SNAPSHOT_DAYS[0], later=True), SNAPSHOT_DAYS[0])


def world_in(folder: Path, *, seed: int, firms: int) -> World:
    """Return the world of a year, on the evening before its first day."""
    return World(folder, seed=seed, firms=firms, first_day=FIRST_DAY - timedelta(days=1))
