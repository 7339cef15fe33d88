"""The fact catalogue: which facts exist, their type, unit, source and how long they stay fresh.

Guarantees that a fact has one meaning everywhere. Reading `facts.toml` is `policy.loader`; values are in snapshots.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from policy_match.values import FactName

FIRM = "firm"
"""The grain of a fact that has one value per firm; any other grain names a record table such as `loan`."""

KEY = "uscc"
"""The key column of every table of facts."""

DEFAULT_SCALE = 6
MAX_SCALE = 9


class FactType(StrEnum):
    """The type of a fact's value."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    STRING_LIST = "string_list"


NUMERIC = frozenset({FactType.INTEGER, FactType.DECIMAL, FactType.MONEY})


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One fact of the catalogue.

    `scale` is how many decimals a value keeps: 0 for integers, 2 for money (fen), `scale` of the file for
    decimals. In a snapshot a number is the integer `value * 10**scale`. `values` lists the only allowed strings;
    `minimum` and `maximum` bound numbers: a value outside is refused and becomes unknown.
    """

    name: FactName
    label: str
    type: FactType
    label_en: str = ""
    unit: str = ""
    source: str = ""
    fresh_days: int | None = None
    sensitivity: str = "I"
    grain: str = FIRM
    scale: int = 0
    values: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def observed_column(self) -> str:
        """The companion column of a snapshot that says on which day the value was observed."""
        return f"{self.name}__observed"


class FactCatalogue(Mapping[FactName, Fact]):
    """All facts by name, in the order of the file."""

    def __init__(self, facts: Mapping[FactName, Fact]) -> None:
        self._facts = MappingProxyType(dict(facts))

    def __getitem__(self, name: FactName) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[FactName]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __reduce__(self) -> tuple[type["FactCatalogue"], tuple[dict[FactName, Fact]]]:
        # A view of a dictionary cannot be pickled, and a catalogue goes to the processes that decide.
        return FactCatalogue, (dict(self._facts),)

    @property
    def grains(self) -> tuple[str, ...]:
        """Every grain in use, `firm` first."""
        others = sorted({fact.grain for fact in self._facts.values()} - {FIRM})
        return (FIRM, *others)

    def of_grain(self, grain: str) -> tuple[Fact, ...]:
        """The facts of one table, in the order of the file."""
        return tuple(fact for fact in self._facts.values() if fact.grain == grain)
