"""Where registry extracts come from: files and queries, each read as rows of text.

Guarantees that no adapter, and no library of one, is imported before it is asked for. What the text means is said by
a mapping and applied by `policy_match.facts.cleaning`.
"""

from importlib import import_module
from pathlib import PurePath

from policy_match.facts.defects import SourceNotNamed, WrongKindOfFile
from policy_match.facts.mapping import SourceMapping
from policy_match.ports import RegistrySource

SOURCES = {
    "csv": "connectors.registry_sources.csv_file.CsvFile",
    "excel": "connectors.registry_sources.excel_file.ExcelFile",
    "parquet": "connectors.registry_sources.parquet_file.ParquetFile",
    "postgresql": "connectors.registry_sources.postgresql_query.PostgresqlQuery",
}
"""The adapter of each kind of source. Each is made from a mapping and a location: a file, or a database address."""

KIND_OF_SUFFIX = {".csv": "csv", ".xlsx": "excel", ".xlsm": "excel", ".parquet": "parquet"}


def open_source(mapping: SourceMapping, location: str) -> RegistrySource:
    """Return the source at a file's path, or behind a database address when the mapping has a query.

    Nothing is read yet. Raises `SourceNotNamed` without a file and `WrongKindOfFile` for one that no adapter reads.
    """
    if mapping.query is not None:
        kind = "postgresql"
    else:
        if not location:
            raise SourceNotNamed(mapping=mapping.file_name)
        suffix = PurePath(location).suffix.lower()
        if suffix not in KIND_OF_SUFFIX:
            raise WrongKindOfFile(file=location, known=", ".join(KIND_OF_SUFFIX))
        kind = KIND_OF_SUFFIX[suffix]
    module, _, name = SOURCES[kind].rpartition(".")
    source: RegistrySource = getattr(import_module(module), name)(mapping, location)
    return source
