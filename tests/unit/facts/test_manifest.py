"""The manifest and the id of a snapshot."""

import json
from dataclasses import replace
from datetime import date

import pytest

from policy_match.facts.manifest import (
    ColumnEntry,
    FactEntry,
    InputEntry,
    Manifest,
    RefusedEntry,
    TableEntry,
    read_manifest,
)
from policy_match.facts.source_rows import SourceInput
from policy_match.values import Digest, FactName

MANIFEST = Manifest(
    inputs=(
        InputEntry(
            source="registry",
            grain="firm",
            mapping_file="registry.toml",
            mapping_sha256=Digest("a" * 64),
            input=SourceInput(name="firms.csv", sha256=Digest("b" * 64), rows=3, size_bytes=99, encoding="utf-8"),
        ),
    ),
    catalogue_sha256=Digest("c" * 64),
    tables={
        "firm": TableEntry(
            file="firm.parquet",
            rows=2,
            sha256=Digest("d" * 64),
            columns=(ColumnEntry(name="uscc", type="key"), ColumnEntry(name="ratio", type="decimal", scale=6)),
        )
    },
    facts={FactName("ratio"): FactEntry(sources=("registry",), observed=date(2025, 6, 1))},
    refused=RefusedEntry(file="refused.csv", rows=1, sha256=Digest("e" * 64)),
)


def test_a_manifest_is_read_back_as_it_was() -> None:
    assert read_manifest(json.loads(json.dumps(MANIFEST.document()))) == MANIFEST


def test_the_id_covers_every_part() -> None:
    others = [
        replace(MANIFEST, inputs=()),
        replace(MANIFEST, catalogue_sha256=Digest("f" * 64)),
        replace(MANIFEST, tables={}),
        replace(MANIFEST, facts={FactName("ratio"): FactEntry(sources=("registry",), observed=date(2025, 6, 2))}),
        replace(MANIFEST, refused=replace(MANIFEST.refused, rows=2)),
    ]
    assert len({MANIFEST.id, *(other.id for other in others)}) == 6


def test_a_changed_manifest_is_noticed() -> None:
    document = MANIFEST.document()
    document["facts"]["ratio"]["observed"] = "2026-01-01"
    with pytest.raises(ValueError, match="id does not belong"):
        read_manifest(document)


@pytest.mark.parametrize("document", [None, [], {}, {"format": "other"}, {"format": "policy-match-snapshot/1"}])
def test_something_else_is_no_manifest(document: object) -> None:
    with pytest.raises(ValueError, match=r"manifest|format"):
        read_manifest(document)
