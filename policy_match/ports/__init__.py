"""What the services need from outside, as Protocols.

Guarantees that services know no adapter. Implementations live in `engines`, `storage` and `connectors`;
`bootstrap` chooses them. Here is what facts and sweeps need; cases, approvals and payments have modules of their own.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from policy_match.facts.cleaning import CleanChunk, Refusal
from policy_match.facts.joining import Places
from policy_match.facts.manifest import Manifest, PublishedSnapshot, RefusedEntry, WrittenTable
from policy_match.facts.quality import QualityReport
from policy_match.facts.reading import Readings
from policy_match.facts.source_rows import SourceChunk, SourceInput
from policy_match.policy.model import Policy, PolicyVersion, RuleBook
from policy_match.ports.actions import ActionStore
from policy_match.ports.approvals import ApprovalStore, BudgetStore
from policy_match.ports.audit import AuditStore
from policy_match.ports.cases import CaseStore
from policy_match.ports.corrections import CorrectionStore, RatingStore
from policy_match.ports.deadlines import DeadlineStore
from policy_match.ports.deliveries import DeliveryStore
from policy_match.ports.events import EventStore, WebhookStore
from policy_match.ports.firm import FirmStore
from policy_match.ports.identity import AccountStore, SessionStore, TokenStore
from policy_match.ports.jobs import JobStore
from policy_match.ports.news import NewsStore
from policy_match.ports.notices import ContactStore, NoticeStore
from policy_match.ports.payments import AccountFileStore, BankFileStore, PaymentStore
from policy_match.ports.publicity import PublicityStore
from policy_match.ports.reports import ReportStore
from policy_match.ports.requested_work import RequestedWorkStore
from policy_match.ports.reviews import ReviewStore
from policy_match.ports.supervision import SupervisionStore
from policy_match.ports.watch import WatchStore
from policy_match.sweep.decision import Decision, SweepBatch
from policy_match.sweep.kept import ChangedRow, KeptSweep, RowKey, SweepIdentity, SweepOpening
from policy_match.sweep.match import Match
from policy_match.sweep.plan import SweepPlan
from policy_match.sweep.totals import PolicyTotals
from policy_match.sweep.truth import GrainTruths
from policy_match.values import Digest, FactName, Period, PolicyId, SnapshotId, SweepId, Uscc


class Progress(Protocol):
    """Told how far a long piece of work is: units done and units in all."""

    def __call__(self, done: int, total: int, /) -> None:
        """Take note; must return quickly."""


class RegistrySource(Protocol):
    """One registry extract, row by row, as text. Raises an `InputError` when it cannot be read."""

    @property
    def name(self) -> str:
        """What messages call it: the file as it was given, or the query."""

    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, each different."""

    def expected_rows(self) -> int:
        """Return about how many rows there are, for showing progress."""

    def chunks(self, max_rows: int) -> Iterator[SourceChunk]:
        """Yield all rows in order, at most `max_rows` at a time; may be asked for again."""

    def evidence(self) -> SourceInput:
        """Return name, size, digest and number of rows of what was read, once all chunks were."""


class SnapshotDraft(Protocol):
    """A snapshot that is being made. It becomes visible with `publish`, whole; leaving without that removes it.

    Raises a `StorageError` when the disk refuses.
    """

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not published."""

    def keep(self, source: int, chunk: CleanChunk) -> None:
        """Set the kept rows of one chunk aside, out of memory."""

    def kept_rows(self, source: int, places: Places) -> pa.RecordBatch:
        """Return kept rows of a source as they were cleaned, in the order asked for."""

    def raw_rows(self, source: int, places: Places) -> pa.RecordBatch:
        """Return kept rows of a source as they were found, in the order asked for."""

    def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        """Add lines to `refused.csv`."""

    def refused(self) -> RefusedEntry:
        """Close `refused.csv` and return its entry."""

    def write_table(self, grain: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> WrittenTable:
        """Write one table of facts, one batch per row group."""

    def publish(self, manifest: Manifest, report: QualityReport) -> PublishedSnapshot:
        """Make the snapshot visible under its id, or find that it is there already."""


class RowReader(Protocol):
    """Reads rows of one table from any place on."""

    def read(self, first_row: int, rows: int) -> pa.RecordBatch:
        """Return consecutive rows as `FactTables.batches` yields them. Raises an `InputError` for a value in them."""


class TableAddress(Protocol):
    """Where a table is and what it must be, for other processes that see the same files under the same paths.

    It can be pickled, and holds no open file, no setting and no secret.
    """

    def open(self) -> RowReader:
        """Open the table anew. Raises an `InputError` when it is not there, or not what it was."""


class FactTables(Protocol):
    """Facts opened for reading: a snapshot, or a facts file."""

    @property
    def digest(self) -> Digest:
        """SHA-256 that identifies the content."""

    @property
    def grains(self) -> tuple[str, ...]:
        """The tables that are there, `firm` first."""

    def rows(self, grain: str) -> int:
        """How many rows the table of `grain` has."""

    def batches(
        self, grain: str, facts: Sequence[FactName], as_of: date, max_rows: int = 262_144
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order: `uscc`, the record id of a record grain, then the facts in canonical columns.

        A value that is stale as of `as_of` is null. Firm facts asked for on a record grain are joined by `uscc`.
        """

    def address(self, grain: str, facts: Sequence[FactName], as_of: date) -> TableAddress:
        """Return by what other processes read parts of what `batches` yields.

        Raises `NotReadInParts` for a file that can only be read from its beginning.
        """

    def firm(self, uscc: Uscc, as_of: date) -> Readings | None:
        """Return every firm fact of one firm, or `None` when the firm is not there."""

    def records(self, grain: str, uscc: Uscc, as_of: date) -> Mapping[str, Readings]:
        """Return every fact of each record of one firm, by record id; empty when there is none."""


class KeptSnapshot(FactTables, Protocol):
    """A snapshot opened for reading, with its name and its manifest."""

    @property
    def snapshot_id(self) -> SnapshotId:
        """The digest that names it."""

    @property
    def manifest_text(self) -> str:
        """The manifest as JSON text."""


class SweepEngine(Protocol):
    """Decides every row of every grain."""

    name: str

    def sweep(self, plan: SweepPlan, tables: FactTables, progress: Progress | None = None) -> Iterator[SweepBatch]:
        """Yield the decisions on consecutive rows, grain by grain. Grains that `tables` lacks are left out."""


class DecisionWriter(Protocol):
    """Writes decisions to a file that appears only when complete."""

    def __call__(self, batches: Iterable[SweepBatch], path: Path, *, include_ineligible: bool) -> object:
        """Write every eligible and undetermined decision, and the ineligible ones if asked."""


class FileWriter(Protocol):
    """Writes a small file that appears only when complete."""

    def __call__(self, path: Path, content: bytes, /) -> None:
        """Write `content` under `path`."""


class Clock(Protocol):
    """Tells the time to services; core code gets dates as arguments."""

    def seconds(self) -> float:
        """Return seconds that never run backwards, for measuring."""

    def now(self) -> datetime:
        """Return the time with its zone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptVersion:
    """A policy version that is kept, and how many sweeps decided by it, the first and the last of them when."""

    fingerprint: Digest
    label: str
    in_force: Period
    sweeps: int
    first_swept_at: datetime | None
    last_swept_at: datetime | None


class RulesStore(Protocol):
    """Rules and policy versions by fingerprint, each with its whole text."""

    def keep(self, rules: RuleBook) -> None:
        """Keep a whole rules repository; doing so again changes nothing."""

    def keep_version(self, policy: Policy, version: PolicyVersion) -> None:
        """Keep one version, so that it can be confirmed before its first sweep."""

    def versions(self, policy_id: PolicyId, most: int) -> Sequence[KeptVersion]:
        """Return the kept versions of a policy, the latest in force first."""

    def version_text(self, fingerprint: Digest) -> str | None:
        """Return the canonical JSON of a version."""

    def versions_with_letter(self, fingerprints: Set[Digest]) -> Set[Digest]:
        """Return those of some versions that want a letter of commitment with the firm's answer."""

    def rules_text(self, fingerprint: Digest) -> str | None:
        """Return the canonical JSON of a rules repository."""

    def catalogue_text(self, fingerprint: Digest) -> str | None:
        """Return the canonical JSON of a fact catalogue."""


class ConfirmationStore(Protocol):
    """Who said that a version rightly matches all, or none, of a registry."""

    def add(self, version: Digest, match: Match, confirmed_by: str) -> None:
        """Keep one person's word about a kept version; the first word stays."""

    def confirmed(self, versions: Collection[Digest]) -> frozenset[tuple[Digest, Match]]:
        """Return what was confirmed of the given versions."""


class SnapshotStore(Protocol):
    """The manifests of snapshots."""

    def keep(self, snapshot_id: SnapshotId, manifest: str) -> None:
        """Keep a manifest, JSON text; doing so again changes nothing."""

    def manifest(self, snapshot_id: SnapshotId) -> str | None:
        """Return the manifest as it was kept."""


class SweepLoad(Protocol):
    """One sweep on its way into the database; nobody sees it before the commit."""

    def add(self, batch: SweepBatch) -> None:
        """Load the eligible and undetermined rows of one batch."""

    def finish(
        self, totals: Sequence[PolicyTotals], versions: Sequence[Digest], *, engine: str, truth: Digest
    ) -> SweepId:
        """Write the counts, in the order of the plan, and complete the sweep."""


class SweepStore(Protocol):
    """The sweeps that are kept, and pages of their decisions."""

    def claim(self, identity: SweepIdentity) -> KeptSweep | None:
        """Wait for the right to keep a sweep until the transaction ends; return the sweep if it is kept already."""

    def load(self, identity: SweepIdentity) -> SweepLoad:
        """Begin to load a sweep that `claim` did not find."""

    def find(self, sweep_id: SweepId) -> KeptSweep | None:
        """Return one sweep with its counts."""

    def recent(self, most: int, *, before: int | None = None) -> Sequence[KeptSweep]:
        """Return the sweeps kept last, or last before the one of a number, latest first."""

    def openings(self, sweep_id: SweepId, most: int) -> Sequence[SweepOpening]:
        """Return the runs that opened cases of a sweep, the latest first."""

    def missing_counts(self, sweep_id: SweepId) -> Mapping[int, Mapping[str, int]]:
        """Return, by the policy's place and by fact, how many undetermined decisions name the fact as missing."""

    def decisions_of_firm(self, sweep_id: SweepId, uscc: Uscc) -> Sequence[Decision]:
        """Return the kept decisions of one firm and its records, by policy."""

    def decisions_of_policy(
        self, sweep_id: SweepId, policy_id: PolicyId, *, after: RowKey | None = None, most: int
    ) -> Sequence[Decision]:
        """Return a page of one policy's kept decisions, in order of code and record, after a given row."""

    def changed_rows(
        self, before: SweepId, after: SweepId, policy_id: PolicyId, *, from_row: RowKey | None = None, most: int
    ) -> Sequence[ChangedRow]:
        """Return a page of rows whose outcome or amount differs, for a policy that both sweeps decided."""

    def count_changed_amounts(self, before: SweepId, after: SweepId, policy_id: PolicyId) -> tuple[int, int]:
        """Return how many rows are eligible in both sweeps with another amount, and the fen added in all."""


class UnitOfWork(Protocol):
    """One transaction. What was not committed when it is left is rolled back. Raises a `StorageError`."""

    @property
    def rules(self) -> RulesStore:
        """The rules that sweeps were decided by."""

    @property
    def confirmations(self) -> ConfirmationStore:
        """The confirmations of versions that match all or none."""

    @property
    def snapshots(self) -> SnapshotStore:
        """The snapshots that sweeps were made from."""

    @property
    def sweeps(self) -> SweepStore:
        """The sweeps."""

    @property
    def cases(self) -> CaseStore:
        """Openings, cases and their events, rechecks, objections, appeals."""

    @property
    def approvals(self) -> ApprovalStore:
        """Roles, lists and approvals."""

    @property
    def budget(self) -> BudgetStore:
        """Budget lines, the ledger and allocations."""

    @property
    def payments(self) -> PaymentStore:
        """Accounts, orders, attempts and batches."""

    @property
    def account_files(self) -> AccountFileStore:
        """Tables of payees' accounts that were sent."""

    @property
    def bank_files(self) -> BankFileStore:
        """What the bank said, and the reconciliations."""

    @property
    def notices(self) -> NoticeStore:
        """Notices, their texts and how far they got."""

    @property
    def contacts(self) -> ContactStore:
        """Where recipients are told, what they prefer, and who gets nothing."""

    @property
    def deliveries(self) -> DeliveryStore:
        """Every try to reach somebody, and what providers say of it."""

    @property
    def jobs(self) -> JobStore:
        """When each job is due, and its runs."""

    @property
    def deadlines(self) -> DeadlineStore:
        """Windows, reminders, and dates of policies and budgets."""

    @property
    def supervision(self) -> SupervisionStore:
        """Colours of stages, escalations, orders to act, promises."""

    @property
    def reports(self) -> ReportStore:
        """Figures on how well the service does."""

    @property
    def reviews(self) -> ReviewStore:
        """Decline reasons, suggestions, reviews of policies."""

    @property
    def publicity(self) -> PublicityStore:
        """What is on public display."""

    @property
    def corrections(self) -> CorrectionStore:
        """Requests of firms to correct facts."""

    @property
    def ratings(self) -> RatingStore:
        """How firms rate what they were paid."""

    @property
    def news(self) -> NewsStore:
        """What somebody is to hear of that is no step of a case."""

    @property
    def watch(self) -> WatchStore:
        """Counts for operators."""

    @property
    def audit(self) -> AuditStore:
        """What auditors look for across everything."""

    @property
    def firm(self) -> FirmStore:
        """What a firm's own requests read."""

    @property
    def actions(self) -> ActionStore:
        """What was done over the web."""

    @property
    def events(self) -> EventStore:
        """What other systems are told of."""

    @property
    def webhooks(self) -> WebhookStore:
        """Where other systems are told."""

    @property
    def accounts(self) -> AccountStore:
        """Accounts of people, and for whom users of firms act."""

    @property
    def sessions(self) -> SessionStore:
        """Sessions, tries to sign in, sign-ins at a provider."""

    @property
    def tokens(self) -> TokenStore:
        """Tokens of other systems."""

    @property
    def requested_work(self) -> RequestedWorkStore:
        """Work that is asked for and done in the background."""

    def begin_with(self, check: Callable[[Self], None]) -> None:
        """Let `check` be the first thing that is done in the transaction; when it raises, nothing else is."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed."""

    def commit(self) -> None:
        """Keep everything that was written."""


class Database(Protocol):
    """The system of record."""

    def unit_of_work(self) -> UnitOfWork:
        """Return a unit of work, which begins when it is entered."""


class TruthWriter(Protocol):
    """The truth files of one sweep that is being made. Leaving without `finish` removes them."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not finished."""

    def add(self, batch: SweepBatch) -> None:
        """Write the truths of consecutive rows; the rows of a grain come in order."""

    def finish(self) -> Digest:
        """Make the files visible and return the digest by which they are opened."""


class TruthReader(Protocol):
    """The truth files of one kept sweep."""

    def rows(self, grain: str) -> int:
        """Return how many rows were decided; 0 for a grain that was not swept."""

    def truths(self, grain: str) -> GrainTruths:
        """Return the conditions and policies whose truth is there."""

    def columns(self, grain: str, names: Sequence[str], first_row: int = 0, rows: int | None = None) -> pa.Table:
        """Return key columns, and columns of truths, of a range of rows in the order of the snapshot."""


class TruthFiles(Protocol):
    """The truth files of all sweeps."""

    def write(self, sweep_id: SweepId, plan: SweepPlan) -> TruthWriter:
        """Begin the files of one sweep. The caller holds the right to keep a sweep."""

    def open(self, sweep_id: SweepId, manifest: Digest) -> TruthReader:
        """Open the files of a kept sweep. Raises a `StorageError` when they are missing or changed."""
