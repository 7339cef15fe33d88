"""What the web may ask for; each thing is opened when it is first asked for. `bootstrap.Application` is one."""

from types import TracebackType
from typing import Protocol, Self

from policy_match.cases.working_days import WorkingDays
from policy_match.policy.model import RuleBook
from policy_match.ports import Clock, Database
from policy_match.values import Uscc


class RequestWork(Database, Protocol):
    """One transaction for a whole request; a service is handed it as its database."""

    def act_as_firm(self, uscc: Uscc) -> None:
        """See and touch the rows of one firm alone, until `act_as_service` or the end."""

    def act_as_service(self) -> None:
        """Be the service again."""

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


class Desk(Protocol):
    """What the operations work with."""

    @property
    def version(self) -> str:
        """The version of the program."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def database(self) -> WebDatabase:
        """The system of record. An operation's work uses `Call.database` instead."""

    @property
    def working_days(self) -> WorkingDays:
        """The calendar."""

    @property
    def rules(self) -> RuleBook:
        """The rules as they were when the process started."""
