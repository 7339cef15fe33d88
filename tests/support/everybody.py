"""A small world behind the whole application, and people of every kind who really sign in to it.

Guarantees that each operation finds somebody whom the table of access lets in, and that there is something of every
kind to find: cases, messages, objections, appeals, accounts, lists, a webhook. For requests at random.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import count
from pathlib import Path

from policy_match.identity.access import Access, Anybody
from policy_match.identity.accounts import AccountKind
from policy_match.identity.principal import Scope, ServiceRole
from policy_match.services.delegations import delegate
from policy_match.services.machine_tokens import make_token
from policy_match.services.payee_accounts import StatedAccount, take_accounts
from policy_match.services.policy_reviews import suggest
from policy_match.services.roles import grant_role
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from policy_match.web.identity.cookies import CSRF_HEADER, SESSION
from tests.support.api import WorldDesk, client_of, firm_user, staff
from tests.support.cases import (
    World,
    answer,
    approve_world,
    make_world,
    notify_world,
    open_world,
    publish_world,
    recheck_world,
    uscc,
)
from tests.support.payment_desk import channel_named
from tests.support.payment_flow import CUT_OFF, SEALER
from tests.support.postgres import new_database, of_superuser
from tests.support.signed_in import PERSONNEL, Entrance, open_entrance
from tests.support.told import tell_world
from tests.support.webhook_receiver import WebhookReceiver

FIRMS = 3
APPROVAL_ROLES = ("reviewer", "approver")
"""What the policies of `tests.support.cases` call those who sign."""

DESK_ROLES = (*(role for role in ServiceRole if role is not ServiceRole.ADMINISTRATOR), *APPROVAL_ROLES)


class Kind(StrEnum):
    """Who asks."""

    STAFF = "staff"
    ADMINISTRATOR = "administrator"
    FIRM = "firm"
    MACHINE = "machine"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """What a request brings to show who asks."""

    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> Mapping[str, str]:
        """All of it as headers."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**self.headers, **({"Cookie": cookies} if cookies else {})}


class PayingWorldDesk(WorldDesk):
    """A world's desk that pays, with a channel of its own."""

    has_payments = True
    bank_inbox = None
    account_sealer = SEALER

    @property
    def payment_channel(self):  # type: ignore[no-untyped-def, override]
        """A channel with an invented payer."""
        return channel_named("iso20022")

    def payment_cut_off(self, year: int) -> date:
        """Return the last day on which orders are made."""
        return CUT_OFF.replace(year=year)


@dataclass(frozen=True, kw_only=True)
class Everybody:
    """The application, and who can ask it."""

    entrance: Entrance
    numbers: Iterator[int]

    def proofs(self, kind: Kind) -> Proofs:
        """Return the proofs of somebody who has just signed in: what a request ends does not end the next test's."""
        match kind:
            case Kind.NOBODY:
                return Proofs()
            case Kind.MACHINE:
                ends_on = self.entrance.clock.now().date() + timedelta(days=30)
                made = make_token(
                    self.entrance.desk.database,
                    self.entrance.clock,
                    name=f"system-{next(self.numbers)}",
                    scopes=frozenset(Scope),
                    ends_on=ends_on,
                    by=PERSONNEL,
                )
                return Proofs(headers={"Authorization": f"Bearer {made.secret}"})
            case _:
                return self._session(kind)

    def _session(self, kind: Kind) -> Proofs:
        name, database, clock = f"{kind}.{next(self.numbers)}", self.entrance.desk.database, self.entrance.clock
        self.entrance.account(name, AccountKind.FIRM if kind is Kind.FIRM else AccountKind.STAFF)
        if kind is Kind.FIRM:
            delegate(database, clock, uscc=uscc(1), user=name, is_owner=True, by=PERSONNEL)
        else:
            for role in [ServiceRole.ADMINISTRATOR] if kind is Kind.ADMINISTRATOR else DESK_ROLES:
                grant_role(database, clock, person=name, role=role, by=PERSONNEL)
        browser = self.entrance.signed_in(name)
        return Proofs(headers={CSRF_HEADER: browser.csrf_token}, cookies={SESSION: browser.cookie()})


def allowed(access: Access) -> list[Kind]:
    """Return who may call an operation, those first whose work it is."""
    if access.public:
        return [Kind.NOBODY]
    named = frozenset() if isinstance(access.staff, Anybody) else access.staff
    found = [Kind.FIRM] if access.firm else []
    if access.staff is Anybody.STAFF or named - {ServiceRole.ADMINISTRATOR}:
        found.append(Kind.STAFF)
    if ServiceRole.ADMINISTRATOR in named:
        found.append(Kind.ADMINISTRATOR)
    return [*found, *([Kind.MACHINE] if access.machine else [])]


@contextmanager
def everybody(server: EmbeddedPostgres, folder: Path) -> Iterator[Everybody]:
    """Make the world, with one of everything for each firm."""
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        with Database(url) as database, WebhookReceiver() as receiver:
            world = make_world(database, folder, ("confirm", "direct", "relief"), FIRMS)
            open_world(world)
            notify_world(world)
            desk = PayingWorldDesk(world, folder)
            desk.webhook_office = receiver.office()
            _furnish(world, desk, receiver.url)
            entrance = open_entrance(database, desk=desk)
            yield Everybody(entrance=entrance, numbers=count(1))


def _furnish(world: World, desk: PayingWorldDesk, hook: str) -> None:
    for number in range(1, FIRMS):
        firm = client_of(desk, firm_user(uscc(number)))
        case = next(item["case_id"] for item in firm.pages("/firm/cases") if item["policy_id"] == "confirm")
        answer(world, case)
        recheck_world(world)
        if number == 1:
            approve_world(world)
            publish_world(world)
            tell_world(world)
            assert firm.post(f"/firm/cases/{case}/objections", {"ground": "示例"}).status_code == 201
        appeal = {"policy_id": "confirm", "case_id": case, "ground": "示例"}
        assert firm.post("/firm/appeals", appeal).status_code == 201
        stated = StatedAccount(
            row=1,
            uscc=uscc(number),
            holder=f"示例{number}有限公司",
            number=f"62284804025648900{number:02d}",
            bank_code="102452000017",
            source="tax",
        )
        take_accounts([stated], world.database, SEALER, world.clock, by="wang.fang")
        suggest(world.database, world.clock, PolicyId("confirm"), "示例", by=f"firm:{uscc(number)}")
    clerk = client_of(desk, staff(ServiceRole.CLERK))
    assert clerk.post("/approval-lists", {"policy": "direct"}).status_code == 200
    administrator = client_of(desk, staff(ServiceRole.ADMINISTRATOR))
    assert administrator.post("/webhooks", {"url": hook}).status_code == 201
