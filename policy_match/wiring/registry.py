"""Wires what registry extracts, snapshots and sweeps are kept in and read from.

Guarantees only places and adapters; what is done with them is the services'.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path

from connectors import registry_sources
from connectors.registry_sources import open_source
from policy_match.engines.defects import SparkNotInstalled
from policy_match.facts.catalogue import FactCatalogue
from policy_match.facts.cleaning import RefusedLine
from policy_match.facts.mapping_file import load_mapping
from policy_match.facts.source_health import Delivered
from policy_match.policy.loader import load_vocabulary
from policy_match.ports import FactTables, RegistrySource, SweepEngine
from policy_match.services.ask_for_work import show_upload
from policy_match.services.choose_mapping import choose_mapping, facts_mapping
from policy_match.services.firm_groups import FirmFacts
from policy_match.services.import_registry import MappedSource
from policy_match.storage.evidence_folder import EvidenceFolder
from policy_match.storage.facts_file import open_facts_file
from policy_match.storage.refused_file import FILE_NAME as REFUSED
from policy_match.storage.refused_file import read_refused
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.storage.snapshot_files import QUALITY, verify_snapshot
from policy_match.storage.snapshot_folder import find_snapshot, list_snapshots, made
from policy_match.storage.snapshots import Snapshot, open_snapshot
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.upload_folder import UploadFolder, in_memory
from policy_match.values import SnapshotId
from policy_match.wiring.parts import Parts

SNAPSHOTS = "snapshots"
SWEEPS = "sweeps"
UPLOADS = "uploads"
EVIDENCE = "evidence"

ENGINES: Mapping[str, str] = {
    "arrow": "policy_match.engines.arrow.ArrowEngine",
    "reference": "policy_match.engines.reference.ReferenceEngine",
    "spark": "policy_match.engines.spark.SparkEngine",
}
"""The class of each engine, imported when it is asked for: pyspark is there only with the extra `[spark]`."""


class Registry(Parts):
    """Sources, uploads, snapshots, engines, and where each is."""

    @property
    def snapshots_folder(self) -> Path:
        """Where snapshots are kept, each under its id."""
        return self.config.data_dir / SNAPSHOTS

    @cached_property
    def truth_files(self) -> TruthFiles:
        """The truth files of kept sweeps."""
        return TruthFiles(self.config.data_dir / SWEEPS)

    def engine(self, name: str) -> SweepEngine:
        """Return the engine of that name. Raises `SparkNotInstalled`."""
        module, _, kind = ENGINES[name].rpartition(".")
        try:
            engine: SweepEngine = getattr(import_module(module), kind)()
        except ModuleNotFoundError as error:
            if error.name in ("pyspark", "py4j"):
                raise SparkNotInstalled from None
            raise
        return engine

    def open_facts(self, path: Path, catalogue: FactCatalogue, records: Mapping[str, Path]) -> FactTables:
        """Return the tables of a facts file with its record files, or of a snapshot directory."""
        if path.is_dir():
            return open_snapshot(path, catalogue)
        return open_facts_file(path, catalogue, records)

    def open_snapshot(self, name: str, catalogue: FactCatalogue) -> Snapshot:
        """Return the kept snapshot of an id (or its unambiguous beginning), or the one in a directory."""
        return open_snapshot(find_snapshot(name, self.snapshots_folder), catalogue)

    def firm_facts(self, rules_folder: Path) -> FirmFacts:
        """Return where the report finds facts about firms. Raises `RulesDefective`."""
        vocabulary = load_vocabulary(rules_folder)
        return FirmFacts(open_snapshot=self.open_snapshot, vocabulary=vocabulary, engine=self.engine("arrow"))

    def mapped_sources(self, sources: Sequence[tuple[Path, str]], catalogue: FactCatalogue) -> list[MappedSource]:
        """Return each mapping file with its source: a file, or for a query the database named by the mapping."""
        found = []
        for mapping_path, location in sources:
            mapping = load_mapping(mapping_path, catalogue)
            if mapping.query is not None:
                location = self.config.variable(mapping.query.connection, mapping_path.name)
            found.append(MappedSource(mapping=mapping, source=open_source(mapping, location)))
        return found

    @property
    def mappings_folder(self) -> Path:
        """Where the shipped mappings are."""
        return Path(registry_sources.__file__).parent / "mappings"

    def shipped_mappings(self) -> Sequence[str]:
        """The names of the shipped mappings."""
        folder = self.mappings_folder
        return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.toml"))

    @property
    def uploads(self) -> UploadFolder:
        """The source files that were sent."""
        return UploadFolder(self.config.data_dir / UPLOADS)

    @property
    def evidence(self) -> EvidenceFolder:
        """The files by which firms prove what they say."""
        return EvidenceFolder(self.config.data_dir / EVIDENCE)

    def uploaded_sources(self, sources: Sequence[tuple[str, str]], catalogue: FactCatalogue) -> Sequence[MappedSource]:
        """Return the sources of files that were sent, each given as the name of a shipped mapping and its digest.

        Raises `NoSuchUpload`.
        """
        files = [show_upload(self.database, digest) for _, digest in sources]
        places = [str(self.uploads.path(file.digest, file.kind)) for file in files]
        named = [self.mappings_folder / f"{mapping}.toml" for mapping, _ in sources]
        return self.mapped_sources(list(zip(named, places, strict=True)), catalogue)

    def own_source(self, path: Path, catalogue: FactCatalogue, observed: date) -> MappedSource:
        """Return a user's file with the mapping that fits its columns. Raises `NoMappingFits`."""
        shipped = [load_mapping(self.mappings_folder / f"{name}.toml", catalogue) for name in self.shipped_mappings()]
        columns = open_source(facts_mapping((), observed), str(path)).columns()
        mapping = choose_mapping(path.name, columns, shipped, catalogue, observed)
        return MappedSource(mapping=mapping, source=open_source(mapping, str(path)))

    def text_rows(self, path: Path) -> RegistrySource:
        """Return a user's table, CSV, Excel or Parquet, as rows of text."""
        return open_source(facts_mapping((), date.min), str(path))

    @contextmanager
    def sent_table(self, content: bytes) -> Iterator[RegistrySource]:
        """Open a table by its content, which is written to no disk."""
        with in_memory(content) as path:
            yield self.text_rows(path)

    def kept_snapshots(self) -> Sequence[Path]:
        """The directories of the kept snapshots, the latest first."""
        return list_snapshots(self.snapshots_folder)

    def verify_snapshot(self, name: str) -> None:
        """Check the digest of every file of a kept snapshot. Raises `SnapshotDamaged`."""
        verify_snapshot(find_snapshot(name, self.snapshots_folder))

    def quality_report(self, name: str) -> bytes:
        """Return the quality report of a kept snapshot, as JSON."""
        return (find_snapshot(name, self.snapshots_folder) / QUALITY).read_bytes()

    def snapshots_made(
        self, most: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[tuple[datetime, SnapshotId]]:
        """When so many of the kept snapshots were made, each with its id, the latest first; or behind a given one."""
        found = [made(path) for path in self.kept_snapshots()]
        return [each for each in found if before is None or each < before][:most]

    def delivered(self, most: int, before: tuple[datetime, str] | None = None) -> Sequence[Delivered]:
        """The same with their quality reports."""
        return [
            Delivered(
                snapshot_id=snapshot_id,
                at=at,
                report=json.loads((self.snapshots_folder / snapshot_id / QUALITY).read_bytes()),
            )
            for at, snapshot_id in self.snapshots_made(most, before)
        ]

    def refused_lines(self, name: str, *, skip: int, most: int) -> Sequence[RefusedLine]:
        """Return so many of the rows and values that a kept snapshot's import refused, after the first `skip`."""
        return read_refused(find_snapshot(name, self.snapshots_folder), skip=skip, most=most)

    def refused_file(self, name: str) -> Path:
        """Return where all that a kept snapshot's import refused is, as CSV."""
        return find_snapshot(name, self.snapshots_folder) / REFUSED

    def snapshot_draft(self, folder: Path | None = None) -> SnapshotFolderDraft:
        """Return a draft that becomes a snapshot in `folder`, by default among the kept ones."""
        return SnapshotFolderDraft(folder or self.snapshots_folder)
