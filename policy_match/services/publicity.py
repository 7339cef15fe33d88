"""Shows what is on public display: to everybody while somebody may object, to staff until the next step.

Guarantees that nothing is written, and that what is over is shown to nobody outside.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from policy_match.cases.publicity import Display, DisplayedCase
from policy_match.cases.working_days import china_day
from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.values import PolicyId

MOST_DISPLAYS = 500
"""So many displays are shown, the latest ones; each policy has at most one a day."""

PAGE = 5_000


class NoSuchDisplay(InputError):
    """Nothing of the policy that began on this day is on display."""

    code = "publicity.unknown"
    http_status = 404
    english = "nothing of policy {policy} that began on {first_day} is on public display; see the list of displays"
    chinese = "政策 {policy} 没有自 {first_day} 起公示且仍在公示期内的名单；请查看公示列表"


def list_displays(
    database: Database, clock: Clock, *, over: bool = False, policies: Collection[PolicyId] | None = None
) -> Sequence[Display]:
    """Return what is on display today, the latest first; `over` adds what nobody may object to any more."""
    with database.unit_of_work() as work:
        return work.publicity.displays(day=_day(clock, over), policies=policies, most=MOST_DISPLAYS)


def find_display(database: Database, clock: Clock, policy_id: PolicyId, first_day: date) -> Display:
    """Return what of a policy is on display today and began on a day. Raises `NoSuchDisplay`."""
    with database.unit_of_work() as work:
        found = work.publicity.displays(
            day=china_day(clock.now()), policies=[policy_id], first_day=first_day, most=MOST_DISPLAYS
        )
    if not found:
        raise NoSuchDisplay(policy=policy_id, first_day=first_day)
    return found[0]


def displayed_cases(
    database: Database, clock: Clock, policy_id: PolicyId, first_day: date, *, after: int = 0, most: int = 100
) -> Sequence[DisplayedCase]:
    """Return a page of the cases of a display by number, after a given one."""
    assert 0 < most <= PAGE + 1, f"a page has 1 to {PAGE} cases"
    with database.unit_of_work() as work:
        return work.publicity.cases(policy_id, first_day, day=china_day(clock.now()), after=after, most=most)


def every_displayed_case(
    database: Database, clock: Clock, policy_id: PolicyId, first_day: date, *, most: int
) -> Iterator[DisplayedCase]:
    """Yield the cases of a display by number, at most so many."""
    after = 0
    for start in range(0, most, PAGE):
        found = displayed_cases(database, clock, policy_id, first_day, after=after, most=min(PAGE, most - start))
        yield from found
        if len(found) < PAGE:
            return
        after = found[-1].case_id


def _day(clock: Clock, over: bool) -> date | None:
    return None if over else china_day(clock.now())
