"""The canonical text of a rule and its SHA-256: two versions with one fingerprint decide the same.

Guarantees that everything that can change a decision or its explanation is covered, exactly and with its type, so that
the text alone gives the rule back. RFC 8785 JSON. Reading a text is `decoding`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import rfc8785

from policy_match.facts.catalogue import FactCatalogue
from policy_match.policy.model import Condition, ParameterSource, Policy, PolicyVersion, Process
from policy_match.values import Digest, Money, PolicyId

FORMAT = 1
"""Which form the texts have. Another form is another number, and `decoding` goes on reading the older ones."""

MOST_EXACT = 2**53 - 1
"""The largest integer that is exact as a JSON number (RFC 7493)."""

KIND = "kind"
"""The key under which an object says which dataclass it is; no field may be named so."""

NOT_KEPT: Mapping[type, Mapping[str, object]] = {
    Condition: {"line": 0},
    PolicyVersion: {"fingerprint": ""},
    Policy: {"versions": (), "path": "", "review_on": None},
}
"""Fields that say where a rule is written or follow from the text, or what is done beside it, not what it says; and
what stands in for them."""

YOUNGER: Mapping[type, Mapping[str, object]] = {
    Process: {
        "remind_days": Process().remind_days,
        "limits": Process().limits,
        "commitment": Process().commitment,
    }
}
"""Fields that came after the first texts, each with its default. It is left out, as in those texts: what a policy says
keeps its fingerprint, and with it the sweeps, cases and confirmations that name it."""


def plain(value: Any) -> Any:
    """Return `value` as JSON data from which its type can be told.

    A number is `{"decimal": …}`, a day `{"date": …}`, an amount `{"money_fen": …}`, all as strings; a dataclass is an
    object with its kind. Words of an enumeration, texts, truths and integers stand for themselves, but an integer
    that RFC 8785 cannot write is `{"integer": …}`. Raises `TypeError` for anything else.
    """
    match value:
        case StrEnum():
            return value.value
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= MOST_EXACT else {"integer": str(value)}
        case Decimal():
            return {"decimal": _written(value)}
        case date() if not isinstance(value, datetime):
            return {"date": value.isoformat()}
        case Money():
            return {"money_fen": str(value.fen)}
        case tuple() | list():
            return [plain(item) for item in value]
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case _ if is_dataclass(value):
            shown = {name: plain(getattr(value, name)) for name in _said(value)}
            assert KIND not in shown, f"{type(value).__name__} has a field named `{KIND}`"
            return {KIND: type(value).__name__, **shown}
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def _said(value: Any) -> Iterator[str]:
    """Yield the names of the fields of a dataclass that its text has."""
    left_out, younger = NOT_KEPT.get(type(value), {}), YOUNGER.get(type(value), {})
    for item in fields(value):
        is_default = item.name in younger and getattr(value, item.name) == younger[item.name]
        if item.name not in left_out and not is_default:
            yield item.name


def _written(number: Decimal) -> str:
    """Return all digits of a number: equal numbers in one way, however they were written."""
    if not number.is_finite():
        raise TypeError(f"{number} has no canonical form")
    digits = format(number, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of `plain(value)`."""
    return rfc8785.dumps(plain(value))


def digest(content: bytes) -> Digest:
    """Return the SHA-256 of `content`."""
    return Digest(hashlib.sha256(content).hexdigest())


def canonical_version(policy: Policy, version: PolicyVersion) -> bytes:
    """Return the canonical text of a version with its policy, whose SHA-256 is the version's fingerprint."""
    return canonical({"format": FORMAT, "policy": policy, "version": version})


def canonical_catalogue(catalogue: FactCatalogue) -> bytes:
    """Return the canonical text of a fact catalogue; the order of the facts is no part of it."""
    return canonical({"format": FORMAT, "facts": {name: catalogue[name] for name in catalogue}})


def catalogue_digest(catalogue: FactCatalogue) -> Digest:
    """Return the fingerprint of a fact catalogue."""
    return digest(canonical_catalogue(catalogue))


def canonical_rules(
    catalogue: FactCatalogue, sources: Mapping[str, ParameterSource], policies: Mapping[PolicyId, Policy]
) -> bytes:
    """Return the canonical text of a whole repository: the digest of its facts, the sources, and all versions."""
    versions = [version.fingerprint for key in sorted(policies) for version in policies[key].versions]
    facts = catalogue_digest(catalogue)
    return canonical({"format": FORMAT, "facts": facts, "sources": sources, "versions": versions})
