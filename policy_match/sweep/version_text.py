"""A policy version read back from its canonical text, as far as two versions are compared.

Guarantees that a sweep can be compared with another when the files of its rules are long gone. Deciding by such a
text is `services.replay_decision`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from policy_match.expressions.nodes import AsOf, HasPrefix, Lookup, Parameter, facts_read
from policy_match.policy.decoding import decode_version
from policy_match.policy.fingerprint import canonical, digest, plain
from policy_match.policy.model import Expression
from policy_match.values import Digest, FactName

Dated = Parameter | Lookup | HasPrefix
"""The nodes that hold dated values of a parameter; a `HasPrefix` without a name is a list written in the rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterText:
    """A dated parameter inside an expression: pairs of a day and a value, sorted by day.

    `by_event` says that its day is not the date of the decision, so which value counts differs between rows.
    """

    name: str
    dated: Sequence[tuple[date, Any]]
    by_event: bool

    def value_at(self, day: date) -> Any:
        """Return the value in force on `day`, in JSON, numbers and days as strings; `None` before the first."""
        reached = [value for effective_from, value in self.dated if effective_from <= day]
        return _bare(plain(reached[-1])) if reached else None


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
    """Return the version in a text of `canonical_version`. Raises `OtherFormat` or `UnreadableRules`."""
    _, version = decode_version(text.encode())
    amounts = {"amount": read_expression(version.amount)}
    if version.cap is not None:
        amounts["cap"] = read_expression(version.cap)
    return VersionText(
        label=version.label,
        fingerprint=version.fingerprint,
        conditions={f"condition {each.id}": read_expression(each.when) for each in version.conditions},
        amounts=amounts,
        minimum_fen=str(version.minimum.fen),
    )


def read_expression(expression: Expression) -> ExpressionText:
    """Return an expression as it is compared."""
    nodes = list(expression.node.walk())
    dated = [node for node in nodes if isinstance(node, Dated)]
    return ExpressionText(
        text=expression.text,
        meaning=digest(canonical(expression.node)),
        shape=digest(canonical(_without_values(plain(expression.node)))),
        facts=facts_read(expression.node),
        parameters={
            node.name: ParameterText(name=node.name, dated=node.dated, by_event=not isinstance(node.day, AsOf))
            for node in dated
            if node.name
        },
        reads_date=sum(isinstance(node, AsOf) for node in nodes) > sum(isinstance(node.day, AsOf) for node in dated),
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


def _bare(data: Any) -> Any:
    """Return the JSON of a parameter's value without its types."""
    match data:
        case {"decimal": str(text)} | {"date": str(text)}:
            return text
        case list():
            return [_bare(value) for value in data]
        case _:
            return data
