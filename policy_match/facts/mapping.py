"""How the columns of one source become facts.

Guarantees that a mapping says all there is to know about a source: what is not mapped is not imported, and nothing
is guessed from a column's name. Reading mapping files is `mapping_file`; applying them is `cleaning`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from policy_match.facts.catalogue import FIRM, Fact, FactType
from policy_match.values import Digest


class Parse(StrEnum):
    """How the cells of a column are read."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY_YUAN = "money_yuan"
    MONEY_WAN = "money_wan"
    CHINESE_MONEY = "chinese_money"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"

    def gives(self, fact_type: FactType) -> bool:
        """Return whether cells read this way can fill a fact of the type."""
        return fact_type is _GIVES[self]


_GIVES = {
    Parse.TEXT: FactType.STRING,
    Parse.INTEGER: FactType.INTEGER,
    Parse.DECIMAL: FactType.DECIMAL,
    Parse.MONEY_YUAN: FactType.MONEY,
    Parse.MONEY_WAN: FactType.MONEY,
    Parse.CHINESE_MONEY: FactType.MONEY,
    Parse.DATE: FactType.DATE,
    Parse.BOOLEAN: FactType.BOOLEAN,
    Parse.LIST: FactType.STRING_LIST,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FactColumn:
    """Where one fact comes from and how its cells are read.

    `translate` replaces whole cells before they are read, and then allows no others. `separator` stands between the
    entries of a list; a cell that is one of `empty` says that the list is known and has no entries.
    """

    fact: Fact
    column: str
    parse: Parse
    translate: Mapping[str, str] = field(default_factory=dict)
    separator: str = ";"
    empty: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A query on a PostgreSQL database whose address is in the environment variable `connection`."""

    sql: str
    connection: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceMapping:
    """One source: its key, its dates and its facts.

    `observed` is the day on which all values were observed, or the name of the column that has the day of each row.
    `encoding` is `None` when it is to be found out. Exactly the mappings of a record grain have a `record` column.
    """

    source: str
    key: str
    observed: date | str
    facts: tuple[FactColumn, ...]
    digest: Digest
    file_name: str
    grain: str = FIRM
    record: str | None = None
    null_tokens: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    query: Query | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the source must have, each once."""
        named = [self.key, self.record, self.observed if isinstance(self.observed, str) else None]
        named += [fact.column for fact in self.facts]
        return tuple(dict.fromkeys(name for name in named if name is not None))
