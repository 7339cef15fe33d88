"""The manifest of a snapshot: what it was made from, what is in it, and the digest that names it.

Guarantees that two snapshots have one id exactly when inputs, mappings, catalogue and content are the same. The id is
the SHA-256 of the manifest without it, as RFC 8785 JSON. Nothing in it depends on the machine or the day.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import rfc8785

from policy_match.facts.source_rows import SourceInput
from policy_match.values import Digest, FactName, SnapshotId

FORMAT: Final = "policy-match-snapshot/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class InputEntry:
    """One input and the mapping through which it was read."""

    source: str
    grain: str
    mapping_file: str
    mapping_sha256: Digest
    input: SourceInput


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnEntry:
    """A column of a table. `type` is the fact's type, or `key`, `observed` or `source` for the columns beside facts."""

    name: str
    type: str
    scale: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TableEntry:
    """One table of facts."""

    file: str
    rows: int
    sha256: Digest
    columns: tuple[ColumnEntry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FactEntry:
    """Where a fact comes from. `observed` is the day of all values, or `None` when each row has its own."""

    sources: tuple[str, ...]
    observed: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedEntry:
    """The file of what was refused; `rows` counts its lines below the header."""

    file: str
    rows: int
    sha256: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenTable:
    """A table as it was written."""

    file: str
    rows: int
    sha256: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedSnapshot:
    """Where a snapshot is. `was_there` says that an earlier import of the same inputs had made it."""

    id: SnapshotId
    directory: Path
    was_there: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A snapshot's manifest. `catalogue_sha256` covers the facts that the mappings fill."""

    inputs: tuple[InputEntry, ...]
    catalogue_sha256: Digest
    tables: Mapping[str, TableEntry]
    facts: Mapping[FactName, FactEntry]
    refused: RefusedEntry

    @property
    def id(self) -> SnapshotId:
        """The SHA-256 of everything else in the manifest."""
        return SnapshotId(hashlib.sha256(rfc8785.dumps(_plain(self))).hexdigest())

    def document(self) -> dict[str, Any]:
        """Return the manifest as JSON data, its id first."""
        return {"id": self.id, **_plain(self)}


def read_manifest(document: Any) -> Manifest:
    """Return the manifest in JSON data. Raises `ValueError` when it is not one, or when its id is not its own."""
    try:
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']} is not {FORMAT}")
        manifest = Manifest(
            inputs=tuple(
                InputEntry(**{**entry, "input": SourceInput(**entry["input"])}) for entry in document["inputs"]
            ),
            catalogue_sha256=document["catalogue_sha256"],
            tables={
                grain: TableEntry(**{**entry, "columns": tuple(ColumnEntry(**each) for each in entry["columns"])})
                for grain, entry in document["tables"].items()
            },
            facts={
                FactName(name): FactEntry(
                    sources=tuple(entry["sources"]),
                    observed=None if entry["observed"] is None else date.fromisoformat(entry["observed"]),
                )
                for name, entry in document["facts"].items()
            },
            refused=RefusedEntry(**document["refused"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a manifest: {error}") from None
    if manifest.id != document.get("id"):
        raise ValueError("the id does not belong to the content")
    return manifest


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {"format": FORMAT, **_json(asdict(manifest))}


def _json(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _json(item) for key, item in value.items()}
        case tuple() | list():
            return [_json(item) for item in value]
        case date():
            return value.isoformat()
        case _:
            return value
