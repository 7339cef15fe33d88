"""Providers of OpenID Connect: what they are trusted for, and whom their claims name.

Guarantees that only claims that were verified, and mapped by the settings, make an account. Verifying is
`web.identity.openid`; what comes of it, `services.provider_sign_in`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policy_match.identity.accounts import AccountKind
from policy_match.values import Uscc

_CODE = re.compile(r"[0-9A-Z]{18}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimNames:
    """The claims that say something about a person; an empty name means that no claim does."""

    name: str = "preferred_username"
    label: str = "name"
    firm: str = ""
    """A claim with the credit code of the firm, or a list of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderTerms:
    """One provider. `makes_accounts` says whether a person it knows and we do not gets an account.

    `links_accounts` says whether an account that is there belongs to the person whose claim has its name, so only
    where people cannot choose that claim. `second_factor` says whether the provider asks for one itself.
    `client_secret_env` names a variable.
    """

    name: str
    kind: AccountKind
    issuer: str
    client_id: str
    client_secret_env: str
    label: str
    claims: ClaimNames = field(default_factory=ClaimNames)
    makes_accounts: bool = False
    links_accounts: bool = False
    second_factor: bool = True
    scopes: tuple[str, ...] = ("openid", "profile", "email")


@dataclass(frozen=True, kw_only=True, slots=True)
class Vouched:
    """What a provider says of a person, verified: who vouches, for whom, and the tokens for renewing it."""

    issuer: str
    subject: str
    claims: Mapping[str, Any] = field(repr=False)
    provider_session: str
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    at: datetime

    def text(self, claim: str) -> str:
        """Return a claim that is a text, else nothing."""
        found = self.claims.get(claim) if claim else None
        return found if isinstance(found, str) else ""

    def firms(self, claim: str) -> tuple[Uscc, ...]:
        """Return the credit codes in a claim, a text or a list of texts; what is none is left out."""
        found = self.claims.get(claim) if claim else None
        each = found if isinstance(found, list) else [found]
        return tuple(Uscc(code) for code in each if isinstance(code, str) and _CODE.fullmatch(code))
