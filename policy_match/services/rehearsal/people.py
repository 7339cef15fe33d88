"""Invented people who may sign in to the sample region: one for each role, and users of firms with something to see.

Guarantees that nobody holds two roles, and that whoever asks for their password anew ends the sessions of before. Only
for a database whose firms are all invented (`play.look_around`).
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.cases.model import Status
from policy_match.cases.routes import route_of
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.identity.accounts import AccountKind
from policy_match.identity.principal import ServiceRole
from policy_match.policy.model import RuleBook
from policy_match.ports import Clock, Database
from policy_match.services.accounts import NameTaken, add_account, set_password
from policy_match.services.case_history import list_cases
from policy_match.services.delegations import delegate
from policy_match.services.identity_desk import IdentityDesk, new_secret
from policy_match.services.roles import grant_role
from policy_match.services.staff_steps import extend_cases
from policy_match.values import Uscc

PERSONNEL = "sample.personnel"
"""Who makes the accounts; has none."""

PASSWORD_LETTERS = 16

DAYS_TO_ANSWER = 10
REASON = "示例地区供试用，自今日起重新计算答复期限"

SHOWN = (Status.CLOSED, Status.NOTIFIED, Status.REVIEWED, Status.DECLINED, Status.RECOVERED)
"""For each of these a firm is looked for whose own decision it was to take money."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """Somebody who may sign in: as staff with a role, or for a firm one of whose cases has a status."""

    name: str
    role: str = ""
    uscc: Uscc | None = None
    status: Status | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Everybody, and the password of all, made by chance."""

    seats: Sequence[Seat]
    password: str


def seat_people(database: Database, clock: Clock, desk: IdentityDesk, rules: RuleBook) -> People:
    """Make the accounts where they are missing, and give all of them one new password."""
    approving = {stage.role for policy in rules.policies.values() for stage in policy.process.approvals}
    seats = [Seat(name=f"sample.{role}", role=role) for role in [*ServiceRole, *sorted(approving)]]
    seats += _firms(database, rules)
    password = new_secret()[:PASSWORD_LETTERS]
    for seat in seats:
        kind = AccountKind.STAFF if seat.uscc is None else AccountKind.FIRM
        with suppress(NameTaken):  # it is there from the run before
            add_account(database, clock, name=seat.name, kind=kind, by=PERSONNEL)
        set_password(database, clock, desk, name=seat.name, password=password, by=PERSONNEL)
        if seat.uscc is None:
            grant_role(database, clock, person=seat.name, role=seat.role, by=PERSONNEL)
        else:
            delegate(database, clock, uscc=seat.uscc, user=seat.name, is_owner=True, by=PERSONNEL)
    return People(seats=seats, password=password)


def let_answer(database: Database, calendar: WorkingDays, clock: Clock, people: People) -> int:
    """Give the firms that are seated as asked time to answer from today, as the story is over, and return how many.

    None in a year whose holidays are not known.
    """
    today = china_day(clock.now())
    late = [line.case_id for seat in people.seats for line in _asked(database, seat) if _is_over(line, today)]
    try:
        until = calendar.add_working_days(today, DAYS_TO_ANSWER)
        by = f"sample.{ServiceRole.CLERK}"
        return extend_cases(database, calendar, late, until=until, reason=REASON, by=by, clock=clock).taken
    except WorkingDaysUnknown:
        return 0


def _asked(database: Database, seat: Seat) -> Sequence[CaseLine]:
    if seat.status is not Status.NOTIFIED:
        return ()
    return list_cases(database, CaseFilter(uscc=seat.uscc, status=Status.NOTIFIED))


def _is_over(line: CaseLine, today: date) -> bool:
    return line.deadline is not None and line.deadline < today


def _firms(database: Database, rules: RuleBook) -> Sequence[Seat]:
    """Return a user for one firm of each status; a firm is never shown as two."""
    asking = [policy for policy in rules.policies.values() if policy.process.approvals]
    seats: dict[Uscc, Seat] = {}
    for status in SHOWN:
        for policy in asking:
            wanted = CaseFilter(policy_id=policy.id, status=status, route=route_of(policy))
            found = next((line for line in list_cases(database, wanted) if line.uscc not in seats), None)
            if found is not None:
                seats[found.uscc] = Seat(name=f"firm.{status}", uscc=found.uscc, status=status)
                break
    return list(seats.values())
