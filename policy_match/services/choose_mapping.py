"""Finds the mapping through which a user's own file can be read, when the user did not name one.

Guarantees that nothing is guessed from half a match: every column that a mapping needs is there, or the columns are
named as the facts are.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from policy_match.errors import InputError
from policy_match.facts.catalogue import FIRM, KEY, Fact, FactCatalogue, FactType
from policy_match.facts.mapping import FactColumn, Parse, SourceMapping
from policy_match.policy.fingerprint import canonical, digest
from policy_match.values import FactName

PARSE_OF = {
    FactType.STRING: Parse.TEXT,
    FactType.INTEGER: Parse.INTEGER,
    FactType.DECIMAL: Parse.DECIMAL,
    FactType.MONEY: Parse.MONEY_YUAN,
    FactType.DATE: Parse.DATE,
    FactType.BOOLEAN: Parse.BOOLEAN,
    FactType.STRING_LIST: Parse.LIST,
}
NO_ENTRIES = "[]"
"""The cell that says that a list is known and empty."""


class NoMappingFits(InputError):
    """No shipped mapping has the file's columns, and the columns are not facts."""

    code = "import.no-mapping"
    english = (
        "{file}: no mapping fits its columns ({columns}); write a mapping file (docs/importing.md) and run "
        "`policy-match import --source MAPPING.toml={file}`, or name the columns as in facts.toml, with the key `uscc`"
    )
    chinese = (
        "{file}：没有映射符合其列名（{columns}）；请编写映射文件（docs/importing.md）后运行 "
        "policy-match import --source 映射.toml={file}，或按 facts.toml 命名各列并以 uscc 为主键"
    )


class ObservedPerFact(InputError):
    """A file with a day of observation for one fact, which an import cannot keep: its days are those of rows."""

    code = "import.observed-per-fact"
    english = (
        "{file}: column `{column}` gives the days of one fact, and an import has one day per row; decide the file as "
        "it is with `policy-match sweep --facts`, or name a column of days in a mapping file (docs/importing.md)"
    )
    chinese = (
        "{file}：列“{column}”是单个事实的观测日期，而导入时每行只有一个日期；请用 policy-match sweep --facts 直接判定，"
        "或在映射文件中指定日期列（docs/importing.md）"
    )


def choose_mapping(
    file: str, columns: Collection[str], shipped: Iterable[SourceMapping], catalogue: FactCatalogue, observed: date
) -> SourceMapping:
    """Return the first shipped mapping whose columns are all there, else one that takes columns as facts.

    In the latter case values count as observed on `observed`. Raises `NoMappingFits` or `ObservedPerFact`.
    """
    for mapping in shipped:
        if mapping.grain == FIRM and mapping.query is None and set(mapping.columns) <= set(columns):
            return mapping
    facts = [catalogue[FactName(name)] for name in columns if name in catalogue]
    taken = [fact for fact in facts if fact.grain == FIRM]
    if KEY not in columns or not taken:
        raise NoMappingFits(file=file, columns=", ".join(list(columns)[:12]))
    for fact in taken:
        if fact.observed_column in columns:
            raise ObservedPerFact(file=file, column=fact.observed_column)
    return facts_mapping(taken, observed)


def facts_mapping(facts: Sequence[Fact], observed: date) -> SourceMapping:
    """Return the mapping of a file whose columns are named as the facts, all observed on one day."""
    return SourceMapping(
        source="facts",
        key=KEY,
        observed=observed,
        facts=tuple(
            FactColumn(fact=fact, column=fact.name, parse=PARSE_OF[fact.type], empty=(NO_ENTRIES,)) for fact in facts
        ),
        digest=digest(canonical(["facts", observed, *(fact.name for fact in facts)])),
        file_name="facts",
    )
