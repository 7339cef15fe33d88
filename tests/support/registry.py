"""What tests of imports share: a small catalogue, invented codes, mappings and files to import.

Guarantees that every firm is invented and that every code has a right check digit unless a test breaks it.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from stdnum.cn import uscc

from connectors.registry_sources import open_source
from policy_match.facts.catalogue import Fact, FactCatalogue, FactType
from policy_match.facts.mapping import FactColumn, Parse, SourceMapping
from policy_match.facts.mapping_file import load_mapping
from policy_match.ports import Progress
from policy_match.services.import_registry import ImportResult, MappedSource, import_registry
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.values import Digest, FactName

AS_OF = date(2025, 6, 30)
OBSERVED = date(2025, 6, 1)

REAL_DATA = Path(__file__).parents[3] / "shared" / "data" / "cn_registry"
"""Real registry rows, where they are at hand; they are never copied into the project."""


def fact(name: str, kind: FactType, **options: object) -> Fact:
    """Return a fact with the scale that the loader would give it."""
    scale = {FactType.MONEY: 2, FactType.DECIMAL: 6}.get(kind, 0)
    return Fact(name=FactName(name), label=f"事实 {name}", type=kind, **{"scale": scale, **options})  # type: ignore[arg-type]


FACTS = (
    fact("ent_name", FactType.STRING),
    fact("size_class", FactType.STRING, values=("large", "small"), fresh_days=400),
    fact("employees", FactType.INTEGER, minimum=Decimal(0), fresh_days=30),
    fact("revenue", FactType.MONEY, minimum=Decimal(0)),
    fact("ratio", FactType.DECIMAL, maximum=Decimal(1)),
    fact("arrears", FactType.BOOLEAN),
    fact("founded", FactType.DATE),
    fact("lists", FactType.STRING_LIST, fresh_days=30),
    fact("loan_principal", FactType.MONEY, grain="loan", minimum=Decimal(0)),
    fact("loan_purpose", FactType.STRING, grain="loan"),
)
CATALOGUE = FactCatalogue({each.name: each for each in FACTS})


def code(number: int) -> str:
    """Return the invented credit code of firm `number`; higher numbers sort later."""
    body = f"91999900MA{number:07d}"
    return body + uscc.calc_check_digit(body)


def column(name: str, parse: Parse, at: str = "", **options: object) -> FactColumn:
    """Return how fact `name` is read from the column `at` (by default of the same name)."""
    return FactColumn(fact=CATALOGUE[FactName(name)], column=at or name, parse=parse, **options)  # type: ignore[arg-type]


ALL_COLUMNS = (
    column("ent_name", Parse.TEXT),
    column("size_class", Parse.TEXT),
    column("employees", Parse.INTEGER),
    column("revenue", Parse.MONEY_YUAN),
    column("ratio", Parse.DECIMAL),
    column("arrears", Parse.BOOLEAN),
    column("founded", Parse.DATE),
    column("lists", Parse.LIST),
)


def mapping(*columns: FactColumn, **options: object) -> SourceMapping:
    """Return a mapping of firms keyed by `uscc`, all observed on one day unless told otherwise."""
    given: dict[str, object] = {
        "source": "registry",
        "key": "uscc",
        "observed": OBSERVED,
        "facts": columns or ALL_COLUMNS,
        "digest": Digest("0" * 64),
        "file_name": "registry.toml",
        **options,
    }
    return SourceMapping(**given)  # type: ignore[arg-type]


def csv_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a CSV file; cells are written as they are."""
    return "".join(",".join(line) + "\n" for line in [header, *rows])


def run_import(
    folder: Path, *sources: tuple[SourceMapping, Path], as_of: date = AS_OF, progress: Progress | None = None
) -> ImportResult:
    """Import files with the real adapters into snapshots under `folder`."""
    mapped = [MappedSource(mapping=each, source=open_source(each, str(path))) for each, path in sources]
    return import_registry(mapped, CATALOGUE, SnapshotFolderDraft(folder), as_of=as_of, progress=progress)


def mapping_file(path: Path, text: str, catalogue: FactCatalogue = CATALOGUE) -> SourceMapping:
    """Write a mapping file and read it."""
    path.write_text(text, encoding="utf-8")
    return load_mapping(path, catalogue)


def refused_lines(directory: Path) -> list[Mapping[str, str]]:
    """Return the lines of `refused.csv` as a spreadsheet shows them."""
    with (directory / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
