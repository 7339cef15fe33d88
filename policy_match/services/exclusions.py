"""Excludes firms from one policy or from all for a time, and lifts exclusions.

Guarantees that an exclusion has a reason and a name, and is never changed, only lifted. Cases that stand are withdrawn
by the next recheck.
"""

from collections.abc import Collection, Sequence
from datetime import date

from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.ports.cases import ExclusionRow
from policy_match.values import PolicyId, Uscc

MOST_LISTED = 10_000
"""The largest page."""


class ExclusionIncomplete(InputError):
    """An exclusion that does not say why, or ends before it begins."""

    code = "exclusion.incomplete"
    english = "the exclusion of {uscc} needs a reason, and its last day {until} must not be before {since}"
    chinese = "排除 {uscc} 须说明理由，且截止日 {until} 不得早于起始日 {since}"


class NoSuchExclusion(InputError):
    """There is no exclusion of that number, it was lifted before, or the reason is empty."""

    code = "exclusion.unknown"
    http_status = 404
    english = "exclusion {exclusion_id} is not there or was lifted, or no reason was given; see the list of exclusions"
    chinese = "没有排除记录 {exclusion_id}，或其已解除，或未说明理由；请查看排除名单"


def exclude_firm(
    database: Database,
    uscc: Uscc,
    *,
    policy: PolicyId | None = None,
    since: date,
    until: date | None = None,
    reason: str,
    by: str,
    clock: Clock,
) -> int:
    """Exclude a firm from one policy, or from all, from `since` to `until` (both included; none is for good).

    Returns the number of the exclusion. Raises `ExclusionIncomplete`.
    """
    if not reason.strip() or (until is not None and until < since):
        raise ExclusionIncomplete(uscc=uscc, since=since, until=until)
    with database.unit_of_work() as work:
        number = work.cases.rechecks.exclude(
            uscc, policy, since=since, until=until, reason=reason, at=clock.now(), by=by
        )
        work.commit()
    return number


def lift_exclusion(database: Database, exclusion_id: int, *, reason: str, by: str, clock: Clock) -> None:
    """End an exclusion before its last day. Raises `NoSuchExclusion`."""
    with database.unit_of_work() as work:
        lifted = bool(reason.strip()) and work.cases.rechecks.lift(exclusion_id, reason=reason, at=clock.now(), by=by)
        if not lifted:
            raise NoSuchExclusion(exclusion_id=exclusion_id)
        work.commit()


def list_exclusions(
    database: Database,
    *,
    uscc: Uscc | None = None,
    policies: Collection[PolicyId] | None = None,
    after: int = 0,
    most: int = 100,
) -> Sequence[ExclusionRow]:
    """Return a page of exclusions by number, lifted ones included; those from every policy, and from `policies`."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} exclusions"
    with database.unit_of_work() as work:
        return work.cases.rechecks.exclusions(uscc=uscc, policies=policies, after=after, most=most)
