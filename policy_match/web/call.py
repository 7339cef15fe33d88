"""One request, as a handler sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from policy_match.errors import Language
from policy_match.identity.principal import Principal, Reach
from policy_match.ports import Clock
from policy_match.values import PolicyId
from policy_match.web.cursors import Cursors
from policy_match.web.desk import Desk, RequestWork
from policy_match.web.problems import NotAllowed

Listed = TypeVar("Listed", bound=BaseModel)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """Who asks for what: `database` is the request's one transaction, `reach` how far the principal may look."""

    desk: Desk
    database: RequestWork
    principal: Principal
    reach: frozenset[Reach]
    language: Language
    request_id: str
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
    def by(self) -> str:
        """The name under which steps are kept."""
        return self.principal.actor

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

    def check_policy(self, policy_id: PolicyId) -> None:
        """Refuse a policy that is not within reach. Raises `NotAllowed`."""
        if self.policies is not None and policy_id not in self.policies:
            raise NotAllowed

    def page(self, model: type[Listed], found: Sequence[Any], limit: int, key: str) -> Listed:
        """Return a page of `found`, which was asked for with one more than `limit`; `key` names what pages go by."""
        kept = found[:limit]
        more = self.cursors.write(getattr(kept[-1], key)) if len(found) > limit else None
        return model.model_validate({"items": kept, "next": more}, from_attributes=True)
