"""The names that an expression may use: facts, dated parameters, tables, code lists and definitions.

Guarantees that a name means one thing. Where the names come from is `policy.loader`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from policy_match.expressions.nodes import Node, Scalar, ValueType
from policy_match.facts.catalogue import NUMERIC, FactCatalogue, FactType

FACT_VALUE_TYPES = {
    FactType.STRING: ValueType.STRING,
    FactType.BOOLEAN: ValueType.BOOLEAN,
    FactType.DATE: ValueType.DATE,
    FactType.STRING_LIST: ValueType.STRING_LIST,
    **dict.fromkeys(NUMERIC, ValueType.NUMBER),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedValue:
    """A parameter with one value at a time, sorted by `effective_from`."""

    type: ValueType
    dated: tuple[tuple[date, Scalar], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedTable:
    """A parameter keyed by code prefix."""

    result: ValueType
    dated: tuple[tuple[date, tuple[tuple[str, Scalar], ...]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedCodes:
    """A parameter that is a list of code prefixes."""

    dated: tuple[tuple[date, tuple[str, ...]], ...]


ParameterValues = DatedValue | DatedTable | DatedCodes


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """Every name that an expression may use."""

    catalogue: FactCatalogue
    parameters: Mapping[str, ParameterValues] = field(default_factory=dict)
    definitions: Mapping[str, Node] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Every name, for suggestions."""
        return [*self.catalogue, *self.parameters, *self.definitions, "as_of"]
