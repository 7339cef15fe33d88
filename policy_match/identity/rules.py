"""The rules of signing in, as an installation sets them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from policy_match.identity.providers import ProviderTerms
from policy_match.identity.sessions import SessionRules
from policy_match.identity.throttle import PER_ACCOUNT, PER_ADDRESS, ThrottleRule


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityRules:
    """How people sign in. `address` is the web address of the service, which providers send people back to."""

    sessions: SessionRules = field(default_factory=SessionRules)
    per_account: ThrottleRule = PER_ACCOUNT
    per_address: ThrottleRule = PER_ADDRESS
    local_accounts: bool = True
    staff_second_factor: bool = True
    address: str = ""
    providers: Sequence[ProviderTerms] = ()
