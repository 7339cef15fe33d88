"""One request, as a handler sees it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from policy_match.errors import Language, PolicyMatchError
from policy_match.identity.principal import FirmUser, Principal, Reach
from policy_match.ports import Clock
from policy_match.ports.actions import ActionRow, Actor
from policy_match.services.actions import keep_action
from policy_match.services.case_history import policies_of_cases
from policy_match.values import PolicyId
from policy_match.web.cursors import Cursors
from policy_match.web.desk import Desk, RequestWork
from policy_match.web.problems import NotAllowed

Listed = TypeVar("Listed", bound=BaseModel)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """Who asks for what: `database` is the request's one transaction, `reach` how far the principal may look.

    `asked` is the name of the operation or page, `address` its path as it was sent. `principal` is `None` only where
    the table of access lets everybody in.
    """

    desk: Desk
    database: RequestWork
    principal: Principal | None
    reach: frozenset[Reach]
    language: Language
    request_id: str
    asked: str
    address: str
    cursors: Cursors

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.desk.clock

    @property
    def now(self) -> datetime:
        """The moment of the request."""
        return self.desk.clock.now()

    @property
    def who(self) -> Principal:
        """Who asks, where somebody must have signed in."""
        assert self.principal is not None, "a public operation has no principal"
        return self.principal

    @property
    def by(self) -> str:
        """The name under which steps are kept."""
        return self.who.actor

    @property
    def policies(self) -> frozenset[PolicyId] | None:
        """The policies within reach, for the filter of a list; `None` when there is no limit."""
        if Reach() in self.reach:
            return None
        return frozenset(
            policy.id
            for policy in self.desk.rules.policies.values()
            if any(reach.covers(policy.department, policy.jurisdiction) for reach in self.reach)
        )

    @property
    def departments(self) -> frozenset[str] | None:
        """The departments within reach, for lists that go by department; `None` when there is no limit."""
        if Reach() in self.reach:
            return None
        named = {reach.department for reach in self.reach if reach.department}
        within = self.policies or frozenset()
        return frozenset(named | {self.desk.rules.policies[policy].department for policy in within})

    def check_department(self, department: str) -> None:
        """Refuse a department that is not within reach. Raises `NotAllowed`."""
        if self.departments is not None and department not in self.departments:
            raise NotAllowed

    def check_policy(self, policy_id: PolicyId | None) -> None:
        """Refuse a policy that is not within reach; what is of no policy needs everything. Raises `NotAllowed`."""
        if self.policies is not None and policy_id not in self.policies:
            raise NotAllowed

    def check_cases(self, case_ids: Sequence[int]) -> None:
        """Refuse cases of policies that are not within reach; those that there are not are the service's to refuse.

        Raises `NotAllowed`.
        """
        within = self.policies
        if within is not None and not policies_of_cases(self.database, case_ids) <= within:
            raise NotAllowed

    def check_everywhere(self) -> None:
        """Refuse what belongs to no single policy to whoever is limited to some. Raises `NotAllowed`."""
        if Reach() not in self.reach:
            raise NotAllowed

    def action(self, status: int, key: str | None = None, digest: bytes | None = None) -> ActionRow:
        """Return the row of history of this request, answered with a status."""
        return ActionRow(
            request_id=UUID(self.request_id),
            at=self.now,
            actor=actor_of(self.who),
            operation=self.asked,
            path=self.address,
            status=status,
            key=key,
            request_digest=digest,
        )

    @contextmanager
    def keeping(self, *refusals: type[PolicyMatchError]) -> Iterator[None]:
        """Keep what a service wrote and committed before it raised one of these, with who asked for it.

        The refusal rests on what was written; asking again is not answered from what was kept.
        """
        try:
            yield
        except refusals as refusal:
            if self.principal is not None:
                keep_action(self.database, self.action(refusal.http_status), None)
            self.database.commit()
            raise

    def page(self, model: type[Listed], found: Sequence[Any], limit: int, key: str) -> Listed:
        """Return a page of `found`, which was asked for with one more than `limit`; `key` names what pages go by."""
        kept = found[:limit]
        more = self.cursors.write(getattr(kept[-1], key)) if len(found) > limit else None
        return model.model_validate({"items": kept, "next": more}, from_attributes=True)


def actor_of(principal: Principal) -> Actor:
    """Return the principal as actions name him."""
    return Actor(by=principal.actor, account=principal.user if isinstance(principal, FirmUser) else "")
