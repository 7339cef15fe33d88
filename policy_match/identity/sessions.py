"""Sessions of people: how long they last, and what one still waits for.

Guarantees that a session ends when it is idle for long, and in any case some hours after sign-in, however often its
id is renewed. What is kept of a session, and the cookie, are `services.sessions` and `web.identity`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from policy_match.identity.accounts import AccountKind
from policy_match.identity.principal import Reach, RoleName
from policy_match.values import Uscc


class WaitsFor(StrEnum):
    """What must come before a session can be used."""

    SECOND_FACTOR = "second_factor"
    ENROLMENT = "enrolment"
    """A second factor must be set up first."""
    FIRM = "firm"
    """The user must say for which firm he acts."""


class SessionEnd(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    RENEWED = "renewed"
    ENDED_BY_PERSON = "ended_by_person"
    ENDED_BY_ADMINISTRATOR = "ended_by_administrator"
    PROVIDER = "provider"
    """The provider refused to renew it, or logged the person out."""
    CREDENTIALS = "credentials"
    """The password changed, or the account was closed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRules:
    """How long sessions last.

    A session that came from a provider must be renewed there every `provider_check`; `waiting` is how long one may
    wait for a second factor or a firm. When a session was last used is written every `seen_every` at most.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=10)
    provider_check: timedelta = timedelta(hours=1)
    waiting: timedelta = timedelta(minutes=10)
    seen_every: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A session as it is kept.

    `began_at` is the sign-in, through all renewals; `at` when this id was given. `checked_at` is when a provider last
    vouched for it, `None` for local accounts.
    """

    session_id: int
    account_id: int
    name: str
    label: str
    kind: AccountKind
    is_open: bool
    uscc: Uscc | None
    may_act: bool
    provider: str
    waits_for: WaitsFor | None
    roles: frozenset[tuple[RoleName, Reach]] = field(default_factory=frozenset)
    began_at: datetime
    at: datetime
    seen_at: datetime
    checked_at: datetime | None
    ended_at: datetime | None

    def ends_at(self, rules: SessionRules) -> datetime:
        """Return when the session ends if nothing more is heard of it."""
        ends = [self.began_at + rules.absolute]
        if self.waits_for is not None:
            ends.append(self.at + rules.waiting)
        else:
            # What was seen is written now and then only, so a session lasts a little longer, never shorter.
            ends.append(self.seen_at + rules.idle + rules.seen_every)
        if self.checked_at is not None:
            ends.append(self.checked_at + rules.provider_check)
        return min(ends)

    def is_live(self, now: datetime, rules: SessionRules) -> bool:
        """Return whether the session can be used, or waits."""
        if self.ended_at is not None or not self.is_open or now >= self.ends_at(rules):
            return False
        return self.uscc is None or self.may_act

    def is_seen_late(self, now: datetime, rules: SessionRules) -> bool:
        """Return whether it is time to write that the session is used."""
        return now - self.seen_at >= rules.seen_every
