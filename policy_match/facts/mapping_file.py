"""Reads mapping files, strictly: every key is known, every fact is in the catalogue and of the right type.

Guarantees that a mapping is complete, or that every defect of its file is named as `FILE:LINE: message`. The format
is in connectors/registry_sources/README.md; what a mapping means is `mapping`.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from policy_match.facts.canonical import record_column
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue, FactType
from policy_match.facts.defects import MappingDefective, UnfitParse, UnknownFact, WrongGrain
from policy_match.facts.mapping import FactColumn, Parse, Query, SourceMapping
from policy_match.facts.text import plain_word
from policy_match.policy.defects import MissingKey, RuleDefect
from policy_match.policy.table import Table
from policy_match.policy.toml_document import read_toml
from policy_match.values import Digest, FactName


class Encoding(StrEnum):
    """The encodings of text files that are read."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"


def load_mapping(path: Path, catalogue: FactCatalogue) -> SourceMapping:
    """Return the mapping in the file. Raises `MappingDefective` with every defect found."""
    defects: list[RuleDefect] = []
    try:
        document = read_toml(path, path.as_posix())
    except RuleDefect as defect:
        raise MappingDefective([defect]) from None
    root = Table.root(document, defects)
    mapping = _read(root, catalogue, path.name, Digest(hashlib.sha256(document.text.encode()).hexdigest()))
    root.close()
    if defects:
        raise MappingDefective(defects)
    return mapping


def _read(root: Table, catalogue: FactCatalogue, file_name: str, digest: Digest) -> SourceMapping:
    grain = root.text("grain", FIRM)
    if grain not in catalogue.grains:
        root.report(WrongGrain(grain=grain, grains=", ".join(catalogue.grains)), "grain")
    record = root.text("record", "") or None
    if grain != FIRM and record is None:
        about = f"a mapping of {grain} records names the column that becomes `{record_column(grain)}`"
        root.report(MissingKey("record", about, f"{grain} 记录的映射须指明成为 {record_column(grain)} 的列"))
    if grain == FIRM and record is not None:
        root.report(WrongGrain(grain=grain, grains="a record grain, which `record` is for"), "record")
    return SourceMapping(
        source=root.text("source"),
        grain=grain,
        key=_column(root, "key"),
        record=None if record is None else plain_word(record, free=True),
        observed=_observed(root),
        null_tokens=root.texts("null_tokens"),
        encoding=root.word("encoding", Encoding).value if "encoding" in root.names() else None,
        sheet=root.text("sheet", "") or None,
        query=_query(root),
        facts=tuple(_facts(root, grain, catalogue)),
        digest=digest,
        file_name=file_name,
    )


def _column(table: Table, key: str) -> str:
    """Return the name of a column, spelled as sources spell theirs."""
    return plain_word(table.text(key), free=True)


def _observed(root: Table) -> date | str:
    value = root.typed("observed", date, str, required=True)
    assert value is None or isinstance(value, date | str)
    if isinstance(value, str):
        return plain_word(value, free=True)
    return value if value is not None else date.min


def _query(root: Table) -> Query | None:
    table = root.table("query")
    if table is None:
        return None
    query = Query(sql=table.text("sql"), connection=table.text("connection"))
    table.close()
    return query


def _facts(root: Table, grain: str, catalogue: FactCatalogue) -> Sequence[FactColumn]:
    table = root.table("fact")
    if table is None or not table.names():
        root.report(MissingKey("fact", "a mapping fills at least one fact: [fact.NAME]", "映射至少要给出一个事实"))
        return ()
    found = []
    for name in table.names():
        inner = table.table(name)
        fact = catalogue.get(FactName(name))
        if fact is None:
            table.report(UnknownFact(name, catalogue), name)
        elif fact.grain != grain:
            table.report(WrongGrain(grain=grain, grains=f"{fact.grain}, the grain of `{name}`"), name)
        elif inner is not None:
            found.append(_fact(inner, fact))
    table.close()
    return found


def _fact(table: Table, fact: Fact) -> FactColumn:
    parse = table.word("parse", Parse)
    if "parse" in table.names() and not parse.gives(fact.type):
        fitting = ", ".join(word for word in Parse if word.gives(fact.type))
        table.report(UnfitParse(parse=parse.value, fact=fact.name, type=fact.type.value, fitting=fitting), "parse")
    is_list = fact.type is FactType.STRING_LIST
    column = FactColumn(
        fact=fact,
        column=_column(table, "column"),
        parse=parse,
        translate=_translate(table, free=parse is Parse.TEXT),
        separator=table.text("separator", ";") if is_list else ";",
        empty=table.texts("empty") if is_list else (),
    )
    table.close()
    return column


def _translate(table: Table, *, free: bool) -> dict[str, str]:
    words = table.table("translate")
    if words is None:
        return {}
    found = {plain_word(word, free=free): words.text(word) for word in words.names()}
    words.close()
    return found
