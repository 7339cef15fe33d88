"""What the web may ask for; each thing is opened when it is first asked for. `bootstrap.Application` is one."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from policy_match.facts.cleaning import RefusedLine
from policy_match.facts.source_health import Delivered
from policy_match.policy.model import RuleBook
from policy_match.ports import Database, RegistrySource
from policy_match.ports.corrections import EvidenceFiles
from policy_match.ports.providers import IdentityProvider
from policy_match.ports.reports import Charts
from policy_match.services.identity_desk import IdentityDesk
from policy_match.services.job_desk import Job, JobDesk, Timetable
from policy_match.values import SnapshotId, Uscc


class RequestWork(Database, Protocol):
    """One transaction for a whole request; a service is handed it as its database."""

    def act_as_firm(self, uscc: Uscc) -> None:
        """See and touch the rows of one firm alone, until `act_as_service` or the end."""

    def act_as_service(self) -> None:
        """Be the service again."""

    def release(self) -> None:
        """Keep what was committed and give the connection back, while somebody outside is asked or time is spent.

        What must stay though the request is refused is done with `Desk.database` behind it.
        """

    def commit(self) -> None:
        """Keep what the units of work committed. Raises a `StorageError`."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed."""


class WebDatabase(Database, Protocol):
    """The system of record, with transactions for whole requests."""

    def request_work(self, *, read_only: bool) -> RequestWork:
        """Return one transaction for a whole request, which begins when it is entered."""

    def is_current(self) -> bool:
        """Return whether the schema has all that the program knows. Raises a `StorageError` when nobody answers."""


class Desk(JobDesk, Protocol):
    """What the operations work with: what jobs may ask for, and more."""

    @property
    def version(self) -> str:
        """The version of the program."""

    @property
    def database(self) -> WebDatabase:
        """The system of record. An operation's work uses `Call.database` instead."""

    @property
    def rules(self) -> RuleBook:
        """The rules as they were when the process started."""

    def shipped_mappings(self) -> Sequence[str]:
        """Return the names of the mappings by which files are read."""

    def sent_table(self, content: bytes) -> AbstractContextManager[RegistrySource]:
        """Open a table by its content: CSV, Excel or Parquet, as rows of text. Raises an `InputError` for another."""

    def verify_snapshot(self, name: str) -> None:
        """Check the digest of every file of a kept snapshot. Raises `SnapshotDamaged`."""

    def quality_report(self, name: str) -> bytes:
        """Return the quality report of a kept snapshot, as JSON."""

    def snapshots_made(
        self, most: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[tuple[datetime, SnapshotId]]:
        """Return when so many of the kept snapshots were made, each with its id, the latest first.

        `before` is the last one that was seen; then only those behind it are returned.
        """

    def delivered(self, most: int, before: tuple[datetime, str] | None = None) -> Sequence[Delivered]:
        """Return the same with their quality reports."""

    def refused_lines(self, name: str, *, skip: int, most: int) -> Sequence[RefusedLine]:
        """Return so many of the rows and values that a kept snapshot's import refused, after the first `skip`."""

    def refused_file(self, name: str) -> Path:
        """Return where all that a kept snapshot's import refused is, as CSV."""

    @property
    def rules_folder(self) -> Path:
        """Where the rules are."""

    @property
    def jobs(self) -> Sequence[Job]:
        """The standing jobs."""

    @property
    def timetable(self) -> Timetable:
        """What reads when jobs occur."""

    @property
    def evidence(self) -> EvidenceFiles:
        """Where the files lie by which firms prove what they say."""

    @property
    def charts(self) -> Charts:
        """The charts that pages show."""

    @property
    def identity(self) -> IdentityDesk:
        """What signing in works with."""

    @property
    def identity_providers(self) -> Mapping[str, IdentityProvider]:
        """The providers of OpenID Connect by name."""
