"""Hashes passwords with Argon2id, and checks them.

Guarantees that checking takes as long for an account that is not there or has no password as for one that has.
argon2-cffi is the binding of the reference implementation; its parameters are those that RFC 9106, 4 recommends where
memory is scarce.
"""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from policy_match.identity.credentials import LONGEST_PASSWORD, same_spelling


class Passwords:
    """Hashes with the parameters in use; checks with those that a hash names."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Without a hasher the recommended parameters are used; tests bring cheap ones."""
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    def hashed(self, password: str) -> str:
        """Return the hash of a password in the PHC string format, never the same twice."""
        return self._hasher.hash(same_spelling(password))

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password is right; without a hash it is not, after as much work."""
        spelled = same_spelling(password)[: LONGEST_PASSWORD + 1]
        try:
            self._hasher.verify(password_hash or self._nobodys, spelled)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Return whether a hash was made with other parameters than those in use."""
        return self._hasher.check_needs_rehash(password_hash)
