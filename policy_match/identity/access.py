"""Which principal may call which operation.

Guarantees that what an entry does not name is refused. The entries of the web are the table `web.access`.
"""

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum, auto

from policy_match.identity.principal import FirmUser, Machine, Principal, Reach, RoleName, Scope, ServiceRole, Staff

ADMINISTRATOR = RoleName(ServiceRole.ADMINISTRATOR)


class Anybody(Enum):
    """Groups that are not roles."""

    STAFF = auto()
    """Every member of staff, whatever roles he holds; the service looks for the role that the step needs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Who may call one operation.

    `firm` lets a firm's users in, for their own firm; `machine` is the scope that a token needs, none lets no machine
    in; `public` needs no sign-in. The administrator is named like any other role.
    """

    staff: Set[ServiceRole] | Anybody = frozenset()
    firm: bool = False
    machine: Scope | None = None
    public: bool = False

    def allows(self, principal: Principal | None) -> bool:
        """Return whether the principal may call; `None` is somebody who has not signed in."""
        if self.public:
            return True
        match principal:
            case Staff():
                return self.staff is Anybody.STAFF or (
                    not isinstance(self.staff, Anybody) and any(principal.holds(role) for role in self.staff)
                )
            case FirmUser():
                return self.firm
            case Machine():
                return self.machine is not None and self.machine in principal.scopes
            case None:
                return False

    def reach_of(self, principal: Principal | None) -> frozenset[Reach]:
        """Return how far the principal reaches with this operation; only staff are limited to departments.

        Where any staff may call, each reaches as far as the roles with which one works on cases.
        """
        if not isinstance(principal, Staff):
            return frozenset({Reach()})
        if isinstance(self.staff, Anybody):
            return frozenset(reach for role, reach in principal.roles if role != ADMINISTRATOR)
        return principal.reach_of(frozenset(role.value for role in self.staff))
