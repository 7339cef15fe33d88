"""Wires configuration, adapters and services together; the only module that sees every side.

Guarantees that nothing is opened before it is needed and that what was opened is closed. What is done with the parts
is left to services.
"""

import json
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from threading import Event, RLock
from types import TracebackType
from typing import Self, TextIO

from connectors import registry_sources
from connectors.notification_channels import open_channel as open_notification_channel
from connectors.notification_channels import promises_once
from connectors.payment_channels import open_channel
from connectors.payment_channels.folder_bank import FolderBank
from connectors.payment_channels.folder_inbox import FolderInbox
from connectors.payment_channels.invented_bank import PAYER, InventedBank
from connectors.registry_sources import open_source
from connectors.webhooks.courier import make_courier
from policy_match import __version__
from policy_match.cases.working_days import WorkingDays, parse_working_days
from policy_match.config import Config, parse_account_keys
from policy_match.engines.defects import SparkNotInstalled
from policy_match.errors import InputError, SeveralMistakes
from policy_match.events.cloud_event import SOURCE
from policy_match.facts.catalogue import FactCatalogue
from policy_match.facts.cleaning import RefusedLine
from policy_match.facts.mapping_file import load_mapping
from policy_match.facts.source_health import Delivered
from policy_match.identity.rules import IdentityRules
from policy_match.identity_settings import read_identity
from policy_match.notice_settings import NoticeSettings
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.policy.loader import load_rules, load_vocabulary
from policy_match.policy.model import RuleBook
from policy_match.ports import Clock, FactTables, RegistrySource, SweepEngine
from policy_match.ports.jobs import RunnerLease
from policy_match.ports.notices import NotificationChannel
from policy_match.ports.payments import Bank, BankInbox, PaymentChannel
from policy_match.reports.charts import Chart
from policy_match.scheduler.clock import keep_time
from policy_match.scheduler.log import LineLog, hear_libraries
from policy_match.scheduler.occurrences import CronTimetable
from policy_match.scheduler.runner import Runner
from policy_match.scheduler.schedule_file import read_schedule
from policy_match.scheduler.timetable import JOBS
from policy_match.services.ask_for_work import show_upload
from policy_match.services.choose_mapping import choose_mapping, facts_mapping
from policy_match.services.firm_groups import FirmFacts
from policy_match.services.identity_desk import IdentityDesk
from policy_match.services.import_registry import MappedSource
from policy_match.services.job_desk import Job
from policy_match.services.passwords import Passwords
from policy_match.services.prepare_notices import Wording
from policy_match.services.promises import PromiseFiles
from policy_match.services.publish_report import Plots
from policy_match.services.rehearsal.stage import RehearsalPost
from policy_match.services.sample_region.accounts import is_closed
from policy_match.services.sample_region.contacts import is_dead
from policy_match.services.send_webhooks import Office
from policy_match.storage.account_keys import key_text
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.address_opener import AddressOpener
from policy_match.storage.atomic_file import write_file
from policy_match.storage.chart_folder import ChartFolder
from policy_match.storage.decision_files import write_decisions
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.evidence_folder import EvidenceFolder
from policy_match.storage.facts_file import open_facts_file
from policy_match.storage.limits import Limits
from policy_match.storage.notice_templates import load_templates
from policy_match.storage.promise_files import promises_csv, unpaid_firms_csv
from policy_match.storage.refused_file import FILE_NAME as REFUSED
from policy_match.storage.refused_file import read_refused
from policy_match.storage.report_page import report_page
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.storage.snapshot_files import QUALITY, verify_snapshot
from policy_match.storage.snapshot_folder import find_snapshot, list_snapshots
from policy_match.storage.snapshots import Snapshot, open_snapshot
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from policy_match.storage.upload_folder import UploadFolder
from policy_match.values import SnapshotId
from policy_match.web.identity.openid import OpenIdProvider
from policy_match.web_settings import WebSettingsUnfit

RULES = Path("rules")
SNAPSHOTS = "snapshots"
SWEEPS = "sweeps"
UPLOADS = "uploads"
EVIDENCE = "evidence"
DATABASE = "database"
ACCOUNT_KEYS = "account-keys"
SAMPLE_REGION = "sample-region"
REPORT = "report"
CHARTS = "charts"
REHEARSAL_BANK = "rehearsal-bank"
REHEARSAL_POST = "rehearsal-post"
REHEARSAL_REPORT = "rehearsal-report"

ENGINES: Mapping[str, str] = {
    "arrow": "policy_match.engines.arrow.ArrowEngine",
    "reference": "policy_match.engines.reference.ReferenceEngine",
    "spark": "policy_match.engines.spark.SparkEngine",
}
"""The class of each engine, imported when it is asked for: pyspark is there only with the extra `[spark]`."""


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
        self.rules_folder = RULES
        self._limits: Limits | None = None
        self._opening = RLock()
        self.clock: Clock = clock or SystemClock()
        self.write_decisions = write_decisions
        self.write_file = write_file
        self.report_page = report_page
        self.promise_files = PromiseFiles(lines=promises_csv, firms=unpaid_firms_csv)
        self.timetable = CronTimetable()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened."""
        self._open.close()

    def for_process(self, limits: Limits) -> Self:
        """Return what a process that was forked uses: the same settings, rules and address, and its own connections."""
        made = type(self)(replace(self.config, database_url=self.database_address), self.clock)
        made.rules_folder, made.rules = self.rules_folder, self.rules
        made._limits = limits
        return made

    @property
    def snapshots_folder(self) -> Path:
        """Where snapshots are kept, each under its id."""
        return self.config.data_dir / SNAPSHOTS

    @property
    def sample_region_folder(self) -> Path:
        """Where `make run` writes the source files of the sample region."""
        return self.config.data_dir / SAMPLE_REGION

    @cached_property
    def database_address(self) -> str:
        """Where the system of record is: as configured, else the embedded PostgreSQL. Raises a `StorageError`."""
        url = self.config.database_url
        if url is None:
            url = self._open.enter_context(EmbeddedPostgres(self.config.data_dir / DATABASE)).url
        return url

    @cached_property
    def database(self) -> Database:
        """The system of record. Raises a `StorageError`."""
        with self._opening:
            known: Database | None = self.__dict__.get("database")
            if known is not None:
                return known  # another thread was first
            if self._limits is None:
                return self._open.enter_context(Database(self.database_address))
            return self._open.enter_context(Database(self.database_address, self._limits, migrated=True))

    @cached_property
    def version(self) -> str:
        """The version of the program."""
        return __version__

    @cached_property
    def rules(self) -> RuleBook:
        """The rules as they are when they are first asked for. Raises `RulesDefective`."""
        return load_rules(self.rules_folder)

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
    def identity(self) -> IdentityDesk:
        """What signing in works with. Raises an `InputError` for settings that do not fit."""
        return IdentityDesk(rules=self.identity_rules, sealer=self.account_sealer, passwords=Passwords())

    @cached_property
    def webhook_office(self) -> Office:
        """With what events are told and sent. Raises a `WebSettingsUnfit`, or `SeveralMistakes` of it."""
        web = self.config.web
        hooks = web.webhooks
        try:
            courier = make_courier(hooks.allowed, ca_file=hooks.ca_file, timeout_seconds=hooks.timeout_seconds)
        except OSError:
            problem, problem_zh = "[webhooks] `ca_file` holds no certificates", "[webhooks] 的“ca_file”中没有证书"
            assert self.config.web_file is not None
            raise WebSettingsUnfit(file=self.config.web_file.name, problem=problem, problem_zh=problem_zh) from None
        return Office(
            courier=courier,
            sealer=self.account_sealer,
            allowed=hooks.allowed,
            source=web.server.public_url or SOURCE,
        )

    @property
    def identity_rules(self) -> IdentityRules:
        """How people sign in. Raises `IdentitySettingsUnfit`."""
        web = self.config.web
        return read_identity(web.identity, address=web.server.public_url)

    @cached_property
    def identity_providers(self) -> Mapping[str, OpenIdProvider]:
        """The providers of OpenID Connect by name; none is asked yet. Raises `VariableNotSet`."""
        rules = self.identity.rules
        return {
            each.name: OpenIdProvider(
                each,
                secret=self.config.variable(each.client_secret_env, asked_by=each.name),
                address=rules.address,
                clock=self.clock,
            )
            for each in rules.providers
        }

    @cached_property
    def address_opener(self) -> AddressOpener:
        """What opens the addresses of messages that are about to be sent."""
        return AddressOpener(self.account_sealer)

    @cached_property
    def working_days(self) -> WorkingDays:
        """The calendar of working days, with the overrides that are set."""
        path = self.config.workdays_file
        if path is None:
            return WorkingDays()
        return WorkingDays(overrides=parse_working_days(path.read_text(encoding="utf-8"), str(path)), file=str(path))

    @cached_property
    def wording(self) -> Wording:
        """By what notices are written: templates, language, calendar. Raises an `InputError` for a wrong template."""
        settings = None if self.config.notices_file is None else self.config.notices
        return Wording(
            templates=load_templates(None if settings is None else settings.templates),
            calendar=self.working_days,
            language="zh" if settings is None else settings.language,
            cut_off=None if self.config.payments_file is None else self.config.payments.cut_off_in,
        )

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
    def notice_settings(self) -> NoticeSettings:
        """How notices reach people. Raises an `InputError` when it is not set, or does not fit."""
        return self.config.notices

    @property
    def has_channels(self) -> bool:
        """Whether it is set how notices reach people."""
        return self.config.notices_file is not None

    @property
    def delivery_rules(self) -> DeliveryRules:
        """The rules of the notice settings. Raises an `InputError` when they are not set, or do not fit."""
        return self.notice_settings.rules

    @cached_property
    def notification_channels(self) -> Sequence[NotificationChannel]:
        """The channel of each provider of the notice settings, in their order; none is connected yet.

        Raises an `InputError` for settings that do not fit, and for a variable that is not set.
        """
        settings = self.notice_settings
        return [
            open_notification_channel(
                each.connector,
                channel=each.channel,
                provider=each.name,
                values=each.settings,
                secret=partial(self.config.variable, asked_by=each.name),
                clock=self.clock,
                folder=settings.folder,
            )
            for each in settings.providers
        ]

    @cached_property
    def promising_providers(self) -> frozenset[str]:
        """The providers of the notice settings that never make a second message of one; none without settings."""
        if self.config.notices_file is None:
            return frozenset()
        return frozenset(each.name for each in self.notice_settings.providers if promises_once(each.connector))

    @property
    def report_plots(self) -> Plots:
        """Draws the report. matplotlib takes half a second to import, so only who draws pays for it."""
        from policy_match.storage.report_plots import report_plots

        return report_plots

    @property
    def charts(self) -> ChartFolder:
        """The charts that pages show, as they were drawn."""

        def draw(chart: Chart) -> bytes:
            from policy_match.storage.report_plots import chart_svg

            return chart_svg(chart)

        return ChartFolder(self.config.data_dir / CHARTS, draw)

    def firm_facts(self, rules_folder: Path) -> FirmFacts:
        """Return where the report finds facts about firms. Raises `RulesDefective`."""
        vocabulary = load_vocabulary(rules_folder)
        return FirmFacts(open_snapshot=self.open_snapshot, vocabulary=vocabulary, engine=self.engine("arrow"))

    @property
    def has_payments(self) -> bool:
        """Whether it is set how money is paid."""
        return self.config.payments_file is not None

    @property
    def bank_inbox(self) -> BankInbox | None:
        """The inbox of the payment settings, if they name one."""
        folder = self.config.payments.inbox
        return None if folder is None else FolderInbox(folder)

    def payment_cut_off(self, year: int) -> date:
        """Return the last day of a year on which orders are made."""
        return self.config.payments.cut_off_in(year)

    @property
    def report_folder(self) -> Path:
        """Where the scheduler publishes how well the service does."""
        return self.config.data_dir / REPORT

    @cached_property
    def jobs(self) -> Sequence[Job]:
        """The standing jobs, with what the schedule file says of them. Raises `ScheduleUnfit`."""
        path = self.config.schedule_file
        return JOBS if path is None else read_schedule(path, JOBS)

    @cached_property
    def runner_lease(self) -> RunnerLease:
        """What makes this process known as one that carries out jobs."""
        lease = self.database.runner_lease(socket.gethostname(), os.getpid())
        self._open.callback(lease.close)
        return lease

    def keep_time(self, stop: Event, stream: TextIO, *, rules_folder: Path, as_json: bool) -> bool:
        """Carry out the standing jobs, or stand by, until `stop` is set; return whether no run was left in the middle.

        What happens is told on `stream`, one line each.
        """
        log = LineLog(stream, self.clock, as_json=as_json)
        hear_libraries(log)
        runner = Runner(self, self.jobs, self.timetable, self.runner_lease, log, rules_folder=rules_folder)
        return keep_time(runner, stop, log)

    def check_settings(self) -> None:
        """Read everything that is set. Raises an `InputError`, `SeveralMistakes` when there is more than one."""
        checks: Mapping[str, Callable[[], object]] = {
            "web and identity": lambda: self.identity_rules,
            "webhooks": lambda: self.webhook_office,
            "payments": lambda: self.payment_channel if self.has_payments else None,
            "notices": lambda: self.notification_channels if self.has_channels else None,
            "jobs": lambda: self.jobs,
            "working days": lambda: self.working_days,
            "keys": lambda: self.account_sealer,
        }
        # Two checks may read one file: each of its mistakes is told once.
        mistakes: dict[str, InputError] = {}
        for check in checks.values():
            try:
                check()
            except InputError as found:
                for each in found.mistakes if isinstance(found, SeveralMistakes) else (found,):
                    mistakes[str(each)] = each
        if mistakes:
            raise next(iter(mistakes.values())) if len(mistakes) == 1 else SeveralMistakes(tuple(mistakes.values()))

    @cached_property
    def rehearsal_channel(self) -> PaymentChannel:
        """The channel that the invented bank reads."""
        return self.channel("iso20022", PAYER)

    @cached_property
    def rehearsal_bank(self) -> InventedBank:
        """The bank of `make run`, which pays nobody."""
        return InventedBank(self.config.data_dir / REHEARSAL_BANK, is_closed)

    @property
    def rehearsal_post_folder(self) -> Path:
        """Where the mails, text messages and letters of `make run` lie."""
        return self.config.data_dir / REHEARSAL_POST

    def rehearsal_post(self, clock: Clock) -> RehearsalPost:
        """Return the providers of `make run`, which send nothing on; they work until the application is left."""
        from connectors.notification_channels.invented_post import InventedPost

        return self._open.enter_context(InventedPost(self.rehearsal_post_folder, clock, is_dead))

    @property
    def rehearsal_report_folder(self) -> Path:
        """Where `make run` publishes how well the service did."""
        return self.config.data_dir / REHEARSAL_REPORT

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

    def kept_snapshots(self) -> Sequence[Path]:
        """The directories of the kept snapshots, the latest first."""
        return list_snapshots(self.snapshots_folder)

    def verify_snapshot(self, name: str) -> None:
        """Check the digest of every file of a kept snapshot. Raises `SnapshotDamaged`."""
        verify_snapshot(find_snapshot(name, self.snapshots_folder))

    def quality_report(self, name: str) -> bytes:
        """Return the quality report of a kept snapshot, as JSON."""
        return (find_snapshot(name, self.snapshots_folder) / QUALITY).read_bytes()

    def delivered(self, most: int, skip: int = 0) -> Sequence[Delivered]:
        """So many of the kept snapshots after the first `skip`, the latest first, with their quality reports."""
        return [
            Delivered(
                snapshot_id=SnapshotId(path.name),
                at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
                report=json.loads((path / QUALITY).read_bytes()),
            )
            for path in self.kept_snapshots()[skip : skip + most]
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
