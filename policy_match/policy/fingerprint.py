"""The canonical text of a rule and its SHA-256: two versions with one fingerprint decide the same.

Guarantees that everything that can change a decision or its explanation is covered: the policy's identity, the
texts and articles, and the meaning of every expression with the parameter values inside it. RFC 8785 JSON.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import rfc8785

from policy_match.facts.catalogue import FactCatalogue
from policy_match.policy.model import ParameterSource, Policy
from policy_match.values import Digest, Money, PolicyId

COSMETIC = frozenset({"line", "path", "fingerprint", "versions"})
"""Fields that say where a rule is written, not what it says."""


def plain(value: Any) -> Any:
    """Return `value` as JSON data: dataclasses as objects with their kind, numbers and dates as strings."""
    match value:
        case None | bool() | str() | int():
            return value.value if isinstance(value, StrEnum) else value
        case Decimal():
            return format(value.normalize(), "f")
        case date():
            return value.isoformat()
        case Money():
            return {"fen": str(value.fen)}
        case tuple() | list():
            return [plain(item) for item in value]
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case _ if is_dataclass(value):
            shown = {item.name: plain(getattr(value, item.name)) for item in fields(value) if item.name not in COSMETIC}
            return {"kind": type(value).__name__, **shown}
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of `plain(value)`."""
    return rfc8785.dumps(plain(value))


def digest(content: bytes) -> Digest:
    """Return the SHA-256 of `content`."""
    return Digest(hashlib.sha256(content).hexdigest())


def catalogue_digest(catalogue: FactCatalogue) -> Digest:
    """Return the fingerprint of a fact catalogue."""
    return digest(canonical({name: catalogue[name] for name in catalogue}))


def canonical_rules(
    catalogue: FactCatalogue, sources: Mapping[str, ParameterSource], policies: Mapping[PolicyId, Policy]
) -> bytes:
    """Return the canonical text of a whole repository: the digest of its facts, the sources, and all versions."""
    versions = [version.fingerprint for key in sorted(policies) for version in policies[key].versions]
    return canonical({"facts": catalogue_digest(catalogue), "sources": sources, "versions": versions})
