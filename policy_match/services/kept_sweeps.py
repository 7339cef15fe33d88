"""Finds kept sweeps by what a person types: an id, its beginning, or `latest`.

Guarantees that an ambiguous beginning finds nothing rather than the wrong sweep.
"""

from collections.abc import Sequence

from policy_match.errors import InputError
from policy_match.ports import Database
from policy_match.sweep.kept import KeptSweep, SweepOpening
from policy_match.values import SweepId, Uscc

LATEST = "latest"
MIN_PREFIX = 6
MOST_SWEEPS = 1_000
EXAMPLES_LOOKED_AT = 100
MOST_OPENINGS = 100


class NoSuchSweepName(InputError):
    """No sweep, or more than one, is meant."""

    code = "sweep.unknown"
    http_status = 404
    english = "`{name}` is not one kept sweep; write `latest` or an id from `policy-match sweeps list`"
    chinese = "“{name}”不是唯一的判定批次；请写 latest 或 policy-match sweeps list 中的编号"


def recent_sweeps(database: Database, most: int = MOST_SWEEPS) -> Sequence[KeptSweep]:
    """Return the sweeps kept last, latest first."""
    with database.unit_of_work() as work:
        return work.sweeps.recent(most)


def find_sweep(database: Database, name: str) -> KeptSweep:
    """Return the sweep that `name` means, among the latest thousand. Raises `NoSuchSweepName`."""
    sweeps = recent_sweeps(database)
    if name == LATEST:
        matching = list(sweeps[:1])
    else:
        matching = [sweep for sweep in sweeps if len(name) >= MIN_PREFIX and sweep.sweep_id.startswith(name)]
    if len(matching) != 1:
        raise NoSuchSweepName(name=name)
    return matching[0]


def page_of_sweeps(database: Database, *, before: int | None, most: int) -> Sequence[KeptSweep]:
    """Return so many of the sweeps kept last, or last before the one of a number, latest first."""
    with database.unit_of_work() as work:
        return work.sweeps.recent(most, before=before)


def show_sweep(database: Database, name: str) -> KeptSweep:
    """Return the sweep of a whole id, or the `latest`. Raises `NoSuchSweepName`."""
    with database.unit_of_work() as work:
        found = next(iter(work.sweeps.recent(1)), None) if name == LATEST else work.sweeps.find(SweepId(name))
    if found is None:
        raise NoSuchSweepName(name=name)
    return found


def openings_of_sweep(database: Database, sweep: KeptSweep) -> Sequence[SweepOpening]:
    """Return the runs that opened cases of a sweep, the latest first; none when it was not released."""
    with database.unit_of_work() as work:
        return work.sweeps.openings(sweep.sweep_id, MOST_OPENINGS)


def example_firm(database: Database, sweep: KeptSweep) -> Uscc | None:
    """Return a firm with a kept decision that has an amount, for showing how a decision is explained."""
    paying = [policy for policy in sweep.policies if policy.amount_fen > 0]
    with database.unit_of_work() as work:
        for policy in paying:
            for decision in work.sweeps.decisions_of_policy(sweep.sweep_id, policy.policy_id, most=EXAMPLES_LOOKED_AT):
                if decision.amount_fen:
                    return decision.uscc
    return None
