"""A policy version read back from its canonical text, as far as two versions are compared.

Guarantees that a sweep can be compared with another when the files of its rules are long gone. Deciding by such a
text is not done here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from policy_match.policy.fingerprint import canonical, digest
from policy_match.values import Digest, FactName

DATED_KINDS = frozenset({"Parameter", "Lookup", "HasPrefix"})
"""The nodes that hold dated values of a parameter; a `HasPrefix` without a name is a list written in the rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterText:
    """A dated parameter inside an expression: pairs of an ISO date and a value, sorted by date.

    `by_event` says that its day is not the date of the decision, so which value counts differs between rows.
    """

    name: str
    dated: Sequence[tuple[str, Any]]
    by_event: bool

    def value_at(self, day: date) -> Any:
        """Return the value in force on `day`, as JSON data; `None` before the first."""
        reached = [value for effective_from, value in self.dated if effective_from <= day.isoformat()]
        return reached[-1] if reached else None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpressionText:
    """An expression as written, and what it reads.

    `meaning` is the digest of its nodes, `shape` the same without the values of parameters. `reads_date` is about
    the date of the decision itself.
    """

    text: str
    meaning: Digest
    shape: Digest
    facts: frozenset[FactName]
    parameters: Mapping[str, ParameterText]
    reads_date: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionText:
    """A version's expressions by what they are: `condition ID`, `amount`, `cap`; and the minimum in fen."""

    label: str
    fingerprint: Digest
    conditions: Mapping[str, ExpressionText]
    amounts: Mapping[str, ExpressionText]
    minimum_fen: str

    @property
    def expressions(self) -> Mapping[str, ExpressionText]:
        """Every expression."""
        return {**self.conditions, **self.amounts}


def read_version_text(text: str) -> VersionText:
    """Return the version in the canonical JSON of `policy_loader.canonical_version`."""
    version = json.loads(text)["version"]
    amounts = {"amount": _expression(version["amount"])}
    if version["cap"] is not None:
        amounts["cap"] = _expression(version["cap"])
    return VersionText(
        label=version["label"],
        fingerprint=digest(text.encode()),
        conditions={f"condition {each['id']}": _expression(each["when"]) for each in version["conditions"]},
        amounts=amounts,
        minimum_fen=version["minimum"]["fen"],
    )


def _expression(data: Mapping[str, Any]) -> ExpressionText:
    nodes = list(_walk(data["node"]))
    dated = [node for node in nodes if node["kind"] in DATED_KINDS]
    days = [node["day"] for node in dated]
    return ExpressionText(
        text=data["text"],
        meaning=digest(canonical(data["node"])),
        shape=digest(canonical(_without_values(data["node"]))),
        facts=frozenset(FactName(node["name"]) for node in nodes if node["kind"] == "FactValue"),
        parameters={
            node["name"]: ParameterText(
                name=node["name"],
                dated=[(effective_from, value) for effective_from, value in node["dated"]],
                by_event=node["day"]["kind"] != "AsOf",
            )
            for node in dated
            if node["name"]
        },
        reads_date=any(node["kind"] == "AsOf" and not any(node is day for day in days) for node in nodes),
    )


def _without_values(data: Any) -> Any:
    """Return the JSON of an expression without the values of its named parameters."""
    match data:
        case {"kind": str(), "name": str(name), "dated": _} if name:
            return {key: _without_values(value) for key, value in data.items() if key != "dated"}
        case dict():
            return {key: _without_values(value) for key, value in data.items()}
        case list():
            return [_without_values(value) for value in data]
        case _:
            return data


def _walk(data: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every node in the JSON of an expression."""
    if isinstance(data, dict):
        if "kind" in data:
            yield data
        for value in data.values():
            yield from _walk(value)
    elif isinstance(data, list):
        for value in data:
            yield from _walk(value)
