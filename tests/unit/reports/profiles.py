"""Invented cases for tests of figures and tables: one profile, changed where a test says so."""

from dataclasses import replace

from policy_match.cases.model import Route, Status
from policy_match.reports.model import Answer, Bundle, Cut, GroupTimes, Profile, Reach
from policy_match.reports.tables import Counts

PAID = Profile(
    route=Route.CONFIRM,
    status=Status.PAID,
    owed=True,
    amount_zero=False,
    display_over=False,
    answer=Answer.CONFIRMED,
    reach=Reach.READ,
    reason=None,
    waits_for_budget=False,
    objected=False,
    upheld=False,
    late=False,
    amended=False,
    attempts=1,
    came_back=0,
)
"""A case that was asked, confirmed and paid."""

DECLINED = replace(PAID, status=Status.DECLINED, answer=Answer.DECLINED, attempts=0)
WAIVED = replace(PAID, status=Status.WAIVED, answer=Answer.WAIVED, attempts=0, reach=Reach.REACHED)
UNDER_WAY = replace(PAID, status=Status.NOTIFIED, answer=Answer.OPEN, attempts=0, reach=Reach.REACHED)
WITHDRAWN = replace(PAID, status=Status.WITHDRAWN, attempts=0)
CLAIMED_BACK = replace(PAID, status=Status.RECOVERING)


def bundle(group: str, profile: Profile, cases: int, *, first_firm: int = 1, fen: int = 1000) -> Bundle:
    """Return cases of one profile, each of a firm of its own and of the same amount."""
    firms = frozenset(f"{group}-{profile.status}-{number}" for number in range(first_firm, first_firm + min(cases, 3)))
    settled = cases * fen if profile.attempts > profile.came_back else 0
    return Bundle(group=group, profile=profile, cases=cases, firms=firms, entitled_fen=cases * fen, settled_fen=settled)


def counts(*bundles: Bundle) -> Counts:
    """Return what a store would count of these; each case is a firm of its own and paid after ten days."""
    groups: dict[str, list[Bundle]] = {}
    for each in bundles:
        groups.setdefault(each.group, []).append(each)
    times = [
        GroupTimes(
            group=group,
            firms=sum(each.cases for each in found),
            paid_firms=sum(each.cases for each in found if each.profile.status is Status.PAID),
            median_days=10,
            slow_days=20,
        )
        for group, found in [*groups.items(), ("", list(bundles))]
    ]
    return Counts(bundles=bundles, times=times)


def every_cut(*bundles: Bundle) -> dict[Cut, Counts]:
    """Return the same cases in every cut; by channel all were reached by one."""
    return {cut: counts(*(replace(each, group="sms") for each in bundles)) for cut in Cut} | {
        Cut.POLICY: counts(*bundles)
    }
