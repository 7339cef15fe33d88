"""Wires configuration, adapters and services together; the only module that sees every side.

Guarantees that nothing is opened before it is needed and that what was opened is closed. What is done with the parts
is left to services.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors import registry_sources
from connectors.payment_channels import open_channel
from connectors.payment_channels.folder_bank import FolderBank
from connectors.payment_channels.invented_bank import PAYER, InventedBank
from connectors.registry_sources import open_source
from policy_match.cases.working_days import WorkingDays, parse_working_days
from policy_match.config import Config, parse_account_keys
from policy_match.engines.arrow import ArrowEngine
from policy_match.engines.reference import ReferenceEngine
from policy_match.facts.catalogue import FactCatalogue
from policy_match.facts.mapping_file import load_mapping
from policy_match.ports import Clock, FactTables, RegistrySource, SweepEngine
from policy_match.ports.payments import Bank, PaymentChannel
from policy_match.services.choose_mapping import choose_mapping, facts_mapping
from policy_match.services.import_registry import MappedSource
from policy_match.services.sample_region.accounts import is_closed
from policy_match.storage.account_keys import key_text
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.atomic_file import write_file
from policy_match.storage.decision_files import write_decisions
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.facts_file import open_facts_file
from policy_match.storage.performance_page import performance_page
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.storage.snapshot_folder import find_snapshot, list_snapshots
from policy_match.storage.snapshots import Snapshot, open_snapshot
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database

SNAPSHOTS = "snapshots"
SWEEPS = "sweeps"
DATABASE = "database"
ACCOUNT_KEYS = "account-keys"
SAMPLE_REGION = "sample-region"
REHEARSAL_BANK = "rehearsal-bank"

ENGINES: Mapping[str, Callable[[], SweepEngine]] = {"arrow": ArrowEngine, "reference": ReferenceEngine}


class SystemClock:
    """The machine's clock."""

    def seconds(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)


class Application:
    """Everything that an entry point needs, opened when first used; leave it to close what was opened."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        """Without a clock the machine's is used; a rehearsal brings its own."""
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self.write_decisions = write_decisions
        self.write_file = write_file
        self.performance_page = performance_page
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def snapshots_folder(self) -> Path:
        """Where snapshots are kept, each under its id."""
        return self.config.data_dir / SNAPSHOTS

    @property
    def sample_region_folder(self) -> Path:
        """Where `make run` writes the source files of the sample region."""
        return self.config.data_dir / SAMPLE_REGION

    @cached_property
    def database(self) -> Database:
        """The system of record: the one configured, else the embedded PostgreSQL. Raises a `StorageError`."""
        url = self.config.database_url
        if url is None:
            url = self._open.enter_context(EmbeddedPostgres(self.config.data_dir / DATABASE)).url
        return self._open.enter_context(Database(url))

    @cached_property
    def truth_files(self) -> TruthFiles:
        """The truth files of kept sweeps."""
        return TruthFiles(self.config.data_dir / SWEEPS)

    @cached_property
    def account_sealer(self) -> AccountSealer:
        """What seals account numbers and files of the bank. Raises an `InputError` for wrong keys."""
        keys = self.config.account_keys
        if not keys:
            path = self.config.data_dir / ACCOUNT_KEYS
            keys = parse_account_keys(key_text(path), path.name)
        return AccountSealer(keys)

    @cached_property
    def working_days(self) -> WorkingDays:
        """The calendar of working days, with the overrides that are set."""
        path = self.config.workdays_file
        if path is None:
            return WorkingDays()
        return WorkingDays(overrides=parse_working_days(path.read_text(encoding="utf-8"), str(path)), file=str(path))

    def channel(self, name: str, settings: Mapping[str, str]) -> PaymentChannel:
        """Return a payment channel."""
        return open_channel(name, settings)

    @cached_property
    def payment_channel(self) -> PaymentChannel:
        """The channel of the payment settings. Raises an `InputError` when there are none, or they do not fit."""
        settings = self.config.payments
        return self.channel(settings.channel, settings.settings)

    @cached_property
    def bank(self) -> Bank:
        """The outbox of the payment settings, from which the bank's own client carries files on."""
        return FolderBank(self.config.payments.outbox)

    @cached_property
    def rehearsal_channel(self) -> PaymentChannel:
        """The channel that the invented bank reads."""
        return self.channel("iso20022", PAYER)

    @cached_property
    def rehearsal_bank(self) -> InventedBank:
        """The bank of `make run`, which pays nobody."""
        return InventedBank(self.config.data_dir / REHEARSAL_BANK, is_closed)

    def engine(self, name: str) -> SweepEngine:
        """Return the engine of that name."""
        return ENGINES[name]()

    def open_facts(self, path: Path, catalogue: FactCatalogue, records: Mapping[str, Path]) -> FactTables:
        """Return the tables of a facts file with its record files, or of a snapshot directory."""
        if path.is_dir():
            return open_snapshot(path, catalogue)
        return open_facts_file(path, catalogue, records)

    def open_snapshot(self, name: str, catalogue: FactCatalogue) -> Snapshot:
        """Return the kept snapshot of an id (or its unambiguous beginning), or the one in a directory."""
        return open_snapshot(find_snapshot(name, self.snapshots_folder), catalogue)

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

    def own_source(self, path: Path, catalogue: FactCatalogue, observed: date) -> MappedSource:
        """Return a user's file with the mapping that fits its columns. Raises `NoMappingFits`."""
        shipped = [load_mapping(self.mappings_folder / f"{name}.toml", catalogue) for name in self.shipped_mappings()]
        columns = open_source(facts_mapping((), observed), str(path)).columns()
        mapping = choose_mapping(path.name, columns, shipped, catalogue, observed)
        return MappedSource(mapping=mapping, source=open_source(mapping, str(path)))

    def text_rows(self, path: Path) -> RegistrySource:
        """Return a user's table, CSV, Excel or Parquet, as rows of text."""
        return open_source(facts_mapping((), date.min), str(path))

    def kept_snapshots(self) -> Sequence[Path]:
        """The directories of the kept snapshots, the latest first."""
        return list_snapshots(self.snapshots_folder)

    def snapshot_draft(self, folder: Path | None = None) -> SnapshotFolderDraft:
        """Return a draft that becomes a snapshot in `folder`, by default among the kept ones."""
        return SnapshotFolderDraft(folder or self.snapshots_folder)
