"""What signing in works with, wired once: the rules of the installation, the sealer, the hasher."""

import hashlib
import secrets
from dataclasses import dataclass, field

from policy_match.identity.rules import IdentityRules
from policy_match.identity.sealing import SecretSealer
from policy_match.services.passwords import Passwords

SECRET_BYTES = 32
"""256 bits: nobody guesses one (OWASP ASVS 3.2.2 asks for 64)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityDesk:
    """Rules, sealer and hasher."""

    rules: IdentityRules
    sealer: SecretSealer = field(repr=False)
    passwords: Passwords = field(repr=False)


def new_secret() -> str:
    """Return a new secret of 43 letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """Return the SHA-256 of a secret, all that is kept of it; chance of 256 bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
