"""What a job is, what it is handed when it runs, and what it may ask for.

Guarantees that a job's work sees the time, and a database in which nothing happens once the run was taken away from
its process. Which jobs there are is `scheduler.timetable`; what they do, `standing_jobs`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from policy_match.cases.approval import SYSTEM
from policy_match.cases.working_days import WorkingDays
from policy_match.facts.catalogue import FactCatalogue
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.sealing import AddressSealer
from policy_match.payments.sealing import AccountSealer
from policy_match.ports import (
    Clock,
    Database,
    FileWriter,
    KeptSnapshot,
    SnapshotDraft,
    SweepEngine,
    TruthFiles,
    UnitOfWork,
)
from policy_match.ports.deliveries import AddressOpener
from policy_match.ports.jobs import Figures, JobName
from policy_match.ports.notices import NotificationChannel
from policy_match.ports.payments import Bank, BankInbox, ContentSealer, PaymentChannel
from policy_match.ports.requested_work import Uploads
from policy_match.services.firm_groups import FirmFacts
from policy_match.services.import_registry import MappedSource
from policy_match.services.prepare_notices import Wording
from policy_match.services.publish_report import Page, Plots
from policy_match.services.send_webhooks import Office


class Sealer(AccountSealer, AddressSealer, ContentSealer, Protocol):
    """Seals account numbers, addresses and files of the bank."""


class JobDesk(Protocol):
    """What jobs may ask for; each thing is opened when it is first asked for. `bootstrap.Application` is one."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def database(self) -> Database:
        """The system of record. A job's work uses `RunningJob.database` instead."""

    @property
    def working_days(self) -> WorkingDays:
        """The calendar."""

    @property
    def truth_files(self) -> TruthFiles:
        """The truth files of kept sweeps."""

    @property
    def account_sealer(self) -> Sealer:
        """Seals account numbers and files of the bank."""

    @property
    def has_payments(self) -> bool:
        """Whether it is set how money is paid; else the next four are not to be asked for."""

    @property
    def payment_channel(self) -> PaymentChannel:
        """The channel of the payment settings."""

    @property
    def bank(self) -> Bank:
        """The way to the bank."""

    @property
    def bank_inbox(self) -> BankInbox | None:
        """Where the bank's files come in, if the settings name it."""

    def payment_cut_off(self, year: int) -> date:
        """Return the last day of a year on which orders are made."""

    def engine(self, name: str) -> SweepEngine:
        """Return the engine of that name."""

    def kept_snapshots(self) -> Sequence[Path]:
        """Return the directories of the kept snapshots, each named by its id, the latest first."""

    def open_snapshot(self, name: str, catalogue: FactCatalogue) -> KeptSnapshot:
        """Return the kept snapshot of an id."""

    @property
    def uploads(self) -> Uploads:
        """Where files lie that were sent."""

    def uploaded_sources(self, sources: Sequence[tuple[str, str]], catalogue: FactCatalogue) -> Sequence[MappedSource]:
        """Return the sources of files that were sent, each given as the name of its mapping and its digest."""

    def snapshot_draft(self) -> SnapshotDraft:
        """Return a draft that becomes a kept snapshot."""

    @property
    def write_file(self) -> FileWriter:
        """Writes a file whole or not at all."""

    def firm_facts(self, rules_folder: Path) -> FirmFacts:
        """Return where the report finds facts about firms."""

    @property
    def wording(self) -> Wording:
        """By what notices are written."""

    @property
    def has_channels(self) -> bool:
        """Whether it is set how notices reach people; else the next three are not to be asked for."""

    @property
    def notification_channels(self) -> Sequence[NotificationChannel]:
        """The channel of each provider of the notice settings."""

    @property
    def delivery_rules(self) -> DeliveryRules:
        """The rules of the notice settings."""

    @property
    def address_opener(self) -> AddressOpener:
        """Opens the addresses of messages that are about to be sent."""

    @property
    def promising_providers(self) -> Collection[str]:
        """The providers that never make a second message of one."""

    @property
    def webhook_office(self) -> Office:
        """With what events are told and sent."""

    @property
    def report_plots(self) -> Plots:
        """Draws the report."""

    @property
    def report_page(self) -> Page:
        """Makes the page of the report."""

    @property
    def report_folder(self) -> Path:
        """Where the report is published."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningJob:
    """One run that is on. `database` is for its work: it stops the run that was taken away.

    `due_at` is the occurrence that is served, the same at each try; `stopping` says that the process shall end soon: a
    long job may end early then, leaving the rest to the next occurrence.
    """

    desk: JobDesk
    database: Database
    rules_folder: Path
    due_at: datetime
    stopping: Callable[[], bool]
    by: str = SYSTEM

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.desk.clock


class Lane(StrEnum):
    """Jobs of one lane run one after the other, in the order of the table; lanes run beside each other."""

    CASES = "cases"
    MESSAGES = "messages"
    REPORTS = "reports"
    REQUESTS = "requests"
    EVENTS = "events"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cron:
    """When a job occurs, in China time, each field as in cron: `8`, `9-17`, `*/15`, `mon-fri`, `last`."""

    month: str = "*"
    day: str = "*"
    day_of_week: str = "*"
    hour: str = "*"
    minute: str = "0"

    def __str__(self) -> str:
        return f"{self.minute} {self.hour} {self.day} {self.month} {self.day_of_week}"


def always(_: JobDesk) -> bool:
    """Say that a job needs no setting."""
    return True


def nobody(_: UnitOfWork) -> bool:
    """Say that nobody waits for a job: it occurs at its times."""
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One standing job. It is late when its last success is older than `late_after`.

    `work` may be begun again wherever a process died in it, and be run by two at once, without doing anything twice.
    `wanted` says whether the settings ask for the job; one that they do not is off. `waited_for` says whether somebody
    waits for it: then it occurs at once, besides at its times.
    """

    name: JobName
    chinese: str
    english: str
    cron: Cron
    late_after: timedelta
    lane: Lane
    work: Callable[[RunningJob], Figures]
    wanted: Callable[[JobDesk], bool] = always
    waited_for: Callable[[UnitOfWork], bool] = nobody


class Timetable(Protocol):
    """Reads cron fields. Pure: the same question has the same answer."""

    def due(self, cron: Cron, *, after: datetime, up_to: datetime, most: int) -> Sequence[datetime]:
        """Return the occurrences after one moment up to another, both in any zone, the earliest first."""

    def next_one(self, cron: Cron, after: datetime) -> datetime | None:
        """Return the first occurrence after a moment; `None` when there is none."""
