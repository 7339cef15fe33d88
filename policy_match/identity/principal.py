"""Who is asking, once it was proven: a member of staff, a user of a firm, or a machine.

Guarantees only the shapes. How each proves who he is, is `services.sign_in`; what each may do, `identity.access`.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.values import Uscc

MACHINE_PREFIX = "machine:"

RoleName = NewType("RoleName", str)
"""A role that staff hold: one of `ServiceRole`, or a word of some policy's approvals."""


class ServiceRole(StrEnum):
    """The roles that the service itself knows. Who may sign an approval is said by the policy, in words of its own."""

    CLERK = "clerk"
    """经办: imports, sweeps, cases, answers at the counter, contacts."""
    BUDGET = "budget"
    """预算: budget lines, appropriations, sharing."""
    PAYER = "payer"
    """支付: orders, batches, files of the bank, returned and recovered payments."""
    SUPERVISOR = "supervisor"
    """督办: orders to act, duties, reviews of policies."""
    AUDITOR = "auditor"
    """审计: sees everything, changes nothing."""
    ADMINISTRATOR = "administrator"
    """系统管理: accounts, roles, tokens, webhooks, jobs; takes no step of a case."""


class Scope(StrEnum):
    """What a machine's token is good for."""

    RULES_READ = "rules:read"
    REGISTRY_READ = "registry:read"
    REGISTRY_WRITE = "registry:write"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    NOTICES_READ = "notices:read"
    NOTICES_WRITE = "notices:write"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    REPORTS_READ = "reports:read"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    EVENTS_READ = "events:read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How far a role goes: a department of a jurisdiction. Empty means all; a jurisdiction covers what it begins."""

    department: str = ""
    jurisdiction: str = ""

    def covers(self, department: str, jurisdiction: str) -> bool:
        """Return whether a policy of that department and jurisdiction is within reach."""
        return self.department in ("", department) and jurisdiction.startswith(self.jurisdiction)


EVERYWHERE = Reach()


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """A member of staff with the roles held now, each with how far it goes."""

    person: str
    roles: frozenset[tuple[RoleName, Reach]] = field(default_factory=frozenset)

    @property
    def actor(self) -> str:
        """The name under which steps are kept."""
        return self.person

    def holds(self, role: str) -> bool:
        """Return whether the person holds a role anywhere."""
        return any(held == role for held, _ in self.roles)

    def reach_of(self, roles: Set[str]) -> frozenset[Reach]:
        """Return how far the person reaches with any of some roles."""
        return frozenset(reach for role, reach in self.roles if role in roles)


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmUser:
    """A person who acts for one firm; `user` is the account, which the firm may have delegated."""

    uscc: Uscc
    user: str

    @property
    def actor(self) -> str:
        """The name under which steps are kept."""
        return f"{FIRM_PREFIX}{self.uscc}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """Another system, known by its token."""

    name: str
    scopes: frozenset[Scope]

    @property
    def actor(self) -> str:
        """The name under which steps are kept."""
        return f"{MACHINE_PREFIX}{self.name}"


Principal = Staff | FirmUser | Machine
