"""A unit of work: one transaction, with a store for each aggregate. Nothing is kept without `commit`.

Guarantees that work that is left early, by an error or a lost connection, is rolled back. What the rows mean is left
to the stores, driver errors to `driver_errors`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from policy_match.storage.account_file_store import AccountFileStore
from policy_match.storage.action_store import ActionStore
from policy_match.storage.approval_store import ApprovalStore
from policy_match.storage.audit_store import AuditStore
from policy_match.storage.bank_file_store import BankFileStore
from policy_match.storage.budget_store import BudgetStore
from policy_match.storage.case_store import CaseStore
from policy_match.storage.confirmation_store import ConfirmationStore
from policy_match.storage.contact_store import ContactStore
from policy_match.storage.correction_store import CorrectionStore
from policy_match.storage.deadline_store import DeadlineStore
from policy_match.storage.delivery_store import DeliveryStore
from policy_match.storage.driver_errors import translated
from policy_match.storage.event_store import EventStore
from policy_match.storage.firm_store import FirmStore
from policy_match.storage.job_store import JobStore
from policy_match.storage.limits import WORK, Limits
from policy_match.storage.migrate import APP_ROLE, is_current, migrate
from policy_match.storage.news_store import NewsStore
from policy_match.storage.notice_store import NoticeStore
from policy_match.storage.payment_store import PaymentStore
from policy_match.storage.person_store import PersonStore
from policy_match.storage.publicity_store import PublicityStore
from policy_match.storage.rating_store import RatingStore
from policy_match.storage.report_store import ReportStore
from policy_match.storage.requested_work_store import RequestedWorkStore
from policy_match.storage.review_store import ReviewStore
from policy_match.storage.rules_store import RulesStore
from policy_match.storage.runner_lease import PostgresRunnerLease
from policy_match.storage.session import Connection, Session
from policy_match.storage.snapshot_store import SnapshotStore
from policy_match.storage.supervision_store import SupervisionStore
from policy_match.storage.sweep_store import SweepStore
from policy_match.storage.token_store import TokenStore
from policy_match.storage.transactions import OwnTransaction, RequestTransaction, Transaction
from policy_match.storage.watch_store import WatchStore
from policy_match.storage.web_session_store import WebSessionStore
from policy_match.storage.webhook_store import WebhookStore
from policy_match.values import Uscc

SETTINGS = {
    "search_path": "policy_match",
    "TimeZone": "UTC",
    "application_name": "policy-match",
    # The locks of a killed process are free soon, also in the middle of a long statement.
    "client_connection_check_interval": "5s",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolUse:
    """How many connections of a pool are in use, and how many wait for one."""

    in_use: int
    waiting: int


class Database:
    """A pool of connections to one database, whose schema is brought up to date when it is opened."""

    def __init__(self, url: str, limits: Limits = WORK, *, migrated: bool = False) -> None:
        """`migrated` says that the schema is up to date, as whoever started this process saw to it.

        Raises a `StorageError` when the database does not answer or cannot be brought up to date.
        """
        self._url = url
        if not migrated:
            migrate(url)
        configure = partial(_configure, limits)
        with translated(), psycopg.connect(url, row_factory=dict_row) as connection:
            configure(connection)  # the pool would retry in the background and only say that it has no connection
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=1,
            max_size=limits.connections,
            max_waiting=limits.waiting,
            timeout=limits.wait_seconds,
            kwargs={"row_factory": dict_row},
            configure=configure,
            check=ConnectionPool.check_connection,
            open=False,
        )
        with translated():
            self._pool.open()

    def unit_of_work(self) -> "PostgresUnitOfWork":
        """Return a unit of work, which begins when it is entered."""
        return PostgresUnitOfWork(OwnTransaction(self._pool))

    def request_work(self, *, read_only: bool) -> "RequestWork":
        """Return one transaction for a whole request, which begins when it is entered."""
        return RequestWork(RequestTransaction(self._pool, read_only=read_only))

    def runner_lease(self, host: str, process: int) -> PostgresRunnerLease:
        """Return what makes a process known as one that carries out jobs; it connects when it is first held."""
        return PostgresRunnerLease(self._url, host, process)

    def is_current(self) -> bool:
        """Return whether the schema has all that this program knows. Raises a `StorageError` when nobody answers."""
        with translated(), self._pool.connection() as connection:
            return is_current(connection)

    def pool_use(self) -> PoolUse:
        """Return how the pool stands now."""
        found = self._pool.get_stats()
        size, idle = found.get("pool_size", 0), found.get("pool_available", 0)
        return PoolUse(in_use=size - idle, waiting=found.get("requests_waiting", 0))

    def close(self) -> None:
        """Close every connection of the pool."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class PostgresUnitOfWork:
    """One transaction. Enter it once."""

    rules: RulesStore
    confirmations: ConfirmationStore
    snapshots: SnapshotStore
    sweeps: SweepStore
    cases: CaseStore
    approvals: ApprovalStore
    budget: BudgetStore
    payments: PaymentStore
    account_files: AccountFileStore
    bank_files: BankFileStore
    notices: NoticeStore
    contacts: ContactStore
    deliveries: DeliveryStore
    jobs: JobStore
    deadlines: DeadlineStore
    supervision: SupervisionStore
    reports: ReportStore
    reviews: ReviewStore
    corrections: CorrectionStore
    ratings: RatingStore
    news: NewsStore
    accounts: PersonStore
    sessions: WebSessionStore
    tokens: TokenStore
    audit: AuditStore
    firm: FirmStore
    actions: ActionStore
    requested_work: RequestedWorkStore
    events: EventStore
    webhooks: WebhookStore
    watch: WatchStore
    publicity: PublicityStore

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._check: Callable[[PostgresUnitOfWork], None] | None = None

    def begin_with(self, check: Callable[["PostgresUnitOfWork"], None]) -> None:
        """Let `check` be the first thing that is done in the transaction; when it raises, nothing else is."""
        self._check = check

    def __enter__(self) -> Self:
        session = Session(self._transaction.begin())
        self.rules = RulesStore(session)
        self.confirmations = ConfirmationStore(session)
        self.snapshots = SnapshotStore(session)
        self.sweeps = SweepStore(session)
        self.cases = CaseStore(session)
        self.approvals = ApprovalStore(session)
        self.budget = BudgetStore(session)
        self.payments = PaymentStore(session)
        self.account_files = AccountFileStore(session)
        self.bank_files = BankFileStore(session)
        self.notices = NoticeStore(session)
        self.contacts = ContactStore(session)
        self.deliveries = DeliveryStore(session)
        self.jobs = JobStore(session)
        self.deadlines = DeadlineStore(session)
        self.supervision = SupervisionStore(session)
        self.reports = ReportStore(session)
        self.reviews = ReviewStore(session)
        self.corrections = CorrectionStore(session)
        self.ratings = RatingStore(session)
        self.news = NewsStore(session)
        self.accounts = PersonStore(session)
        self.sessions = WebSessionStore(session)
        self.tokens = TokenStore(session)
        self.audit = AuditStore(session)
        self.firm = FirmStore(session)
        self.actions = ActionStore(session)
        self.requested_work = RequestedWorkStore(session)
        self.events = EventStore(session)
        self.webhooks = WebhookStore(session)
        self.watch = WatchStore(session)
        self.publicity = PublicityStore(session)
        if self._check is not None:
            try:
                self._check(self)
            except BaseException:
                self.__exit__(None, None, None)
                raise
        return self

    def commit(self) -> None:
        """Keep everything that was written."""
        self._transaction.commit()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transaction.leave()


class RequestWork:
    """One transaction for a whole request; to a service it looks like the database. Enter it once."""

    def __init__(self, transaction: RequestTransaction) -> None:
        self._transaction = transaction

    def unit_of_work(self) -> PostgresUnitOfWork:
        """Return a unit of work that is a part of the request's transaction."""
        return PostgresUnitOfWork(self._transaction.part())

    def act_as_firm(self, uscc: Uscc) -> None:
        """See and touch the rows of one firm alone, until `act_as_service` or the end."""
        self._transaction.act_as_firm(uscc)

    def act_as_service(self) -> None:
        """Be the service again."""
        self._transaction.act_as_service()

    def release(self) -> None:
        """Keep what was committed and give the connection back, while somebody outside is asked."""
        self._transaction.release()

    def commit(self) -> None:
        """Keep what the units of work committed."""
        self._transaction.commit()

    def __enter__(self) -> Self:
        self._transaction.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transaction.__exit__(kind, error, trace)


def _configure(limits: Limits, connection: Connection) -> None:
    for name, value in {**SETTINGS, **limits.settings(connection.info.server_version)}.items():
        connection.execute(sql.SQL("SET {} = {}").format(sql.Identifier(name), value))
    connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(APP_ROLE)))
    connection.commit()
