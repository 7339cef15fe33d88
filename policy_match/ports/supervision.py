"""Colours of stages, duties and escalations, orders to act, and promises, as services need them.

Guarantees that services know no adapter, and that every page has a limit. The implementation is in `storage`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from policy_match.supervision.board import CaseSupervision, CountedStage, MarkCount, SupervisedCase
from policy_match.supervision.colours import Colour
from policy_match.supervision.dated_limits import DatedLimit, Turned
from policy_match.supervision.escalation import Duty, Escalation
from policy_match.supervision.limits import VersionTerms
from policy_match.supervision.orders import KeptOrderEvent, NewOrder, OrderEvent, OrderStatus, OrderToAct
from policy_match.supervision.promises import Group
from policy_match.supervision.stages import Stage
from policy_match.values import Digest, PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptText:
    """The canonical text of a version."""

    version: Digest
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeEscalation:
    """What one level of a unit is to be told now. `oldest_on` has the earliest beginning for each limit in days."""

    escalation_id: int
    unit: str
    stage: Stage
    level: int
    cases: int
    told: Sequence[str]
    oldest_on: Mapping[int, date]
    policies: Sequence[PolicyId]


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseRow:
    """Cases of one version in one group and bucket of age, their fen as they stand and as they were opened."""

    version: Digest
    policy_id: PolicyId
    group: Group
    bucket: int
    cases: int
    fen: int
    opened_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnpaidFirmRow:
    """A firm that was promised money which it does not have, and the versions that promised it."""

    uscc: Uscc
    name: str
    oldest_on: date
    cases: int
    fen: int
    versions: Sequence[Digest]


class StageStore(Protocol):
    """The stages of all cases, their colours, marks and escalations. `today` is the day in China."""

    def claim(self) -> None:
        """Wait for the right to mark and to escalate until the transaction ends."""

    def unread_versions(self, most: int) -> Sequence[KeptText]:
        """Return texts of versions with cases of which nothing was kept by `add_versions` yet."""

    def add_versions(self, versions: Sequence[VersionTerms]) -> None:
        """Keep what supervision reads of versions; those that are there stay."""

    def versions(self) -> Sequence[VersionTerms]:
        """Return what was kept of every version."""

    def count_stages(
        self, limits: Sequence[DatedLimit], today: date, *, policy: PolicyId | None
    ) -> Sequence[CountedStage]:
        """Return how many cases wait in the stages given, of one policy or of all."""

    def cases(
        self,
        limits: Sequence[DatedLimit],
        today: date,
        *,
        policy: PolicyId | None,
        colour: Colour | None,
        after: int,
        most: int,
    ) -> Sequence[SupervisedCase]:
        """Return a page of the cases that wait in the stages given, by number after a given one."""

    def turned_starts(self, limits: Sequence[DatedLimit], today: date, *, most: int) -> Sequence[tuple[int, date]]:
        """Return limits in days and beginnings of the stages that are yellow or red."""

    def mark(
        self, limits: Sequence[DatedLimit], turned: Sequence[Turned], today: date, *, at: datetime, most: int
    ) -> Mapping[Colour, int]:
        """Mark a page of the stages that have turned and are not marked; return how many by colour."""

    def escalate(
        self, limits: Sequence[DatedLimit], today: date, *, at: datetime, most: int
    ) -> Sequence[MadeEscalation]:
        """Keep that a page of red stages is told to the levels that they have reached, and return what to tell.

        A level that nobody holds is left for later.
        """

    def case(self, case_id: int) -> CaseSupervision:
        """Return the marks of one case, and what was told of it, with the step at which it was."""

    def count_marks(
        self, first: date, last: date, *, unit: str | None, policy: PolicyId | None, most: int
    ) -> Sequence[MarkCount]:
        """Return how many stages turned on each of these days, latest first."""

    def escalations(
        self, *, unit: str | None, units: Collection[str] | None = None, after: int, most: int
    ) -> Sequence[Escalation]:
        """Return a page of what was told, by number after a given one: of one unit, of some, or of all."""


class DutyStore(Protocol):
    """Who answers for what."""

    def add(self, duty: Duty) -> None:
        """Write that a duty was given or taken back."""

    def held(
        self,
        *,
        unit: str | None,
        units: Collection[str] | None = None,
        after: tuple[str, int, str] | None = None,
        most: int,
    ) -> Sequence[Duty]:
        """Return who answers for what now, of one unit, of some or of all, by unit, level and person after one."""


class OrderToActStore(Protocol):
    """Orders to act and their steps."""

    def issue(self, order: NewOrder) -> tuple[int, int]:
        """Keep an order to act; return its number, and how many of the cases that it names there are."""

    def claim(self, order_id: int) -> None:
        """Wait for the right to take a step of one order until the transaction ends."""

    def order(self, order_id: int) -> OrderToAct | None:
        """Return one order as it stands."""

    def orders(
        self,
        *,
        unit: str | None,
        units: Collection[str] | None = None,
        only_open: bool,
        due_before: date | None,
        after: int,
        most: int,
    ) -> Sequence[OrderToAct]:
        """Return a page of orders by number; with `due_before` those that wait for an answer due earlier."""

    def cases_of(self, order_id: int) -> Sequence[int]:
        """Return the cases that an order names."""

    def events_of(self, order_id: int) -> Sequence[KeptOrderEvent]:
        """Return every step of an order."""

    def take_step(self, order: OrderToAct, event: OrderEvent, after: OrderStatus) -> None:
        """Keep one step of an order. Raises `StepNotPossible` when it was taken further meanwhile."""


class PromiseStore(Protocol):
    """What was promised and what became of it."""

    def count(self, today: date, *, policy: PolicyId | None) -> Sequence[PromiseRow]:
        """Return what became of the cases that were owed by a day."""

    def unpaid_firms(
        self,
        today: date,
        *,
        policy: PolicyId | None,
        versions: Sequence[Digest] | None,
        after: tuple[date, Uscc] | None,
        most: int,
    ) -> Sequence[UnpaidFirmRow]:
        """Return a page of firms that were promised money which they do not have, the oldest promise first."""

    def all_unpaid_firms(
        self, today: date, *, policy: PolicyId | None, versions: Sequence[Digest] | None, most: int
    ) -> Iterator[Sequence[UnpaidFirmRow]]:
        """Yield the same firms page by page, at most so many in all, as of one moment."""


class SupervisionStore(Protocol):
    """Stages, duties, orders to act, promises: the parts, on the same transaction."""

    @property
    def stages(self) -> StageStore:
        """The stages of all cases."""

    @property
    def duties(self) -> DutyStore:
        """Who answers for what."""

    @property
    def orders(self) -> OrderToActStore:
        """Orders to act."""

    @property
    def promises(self) -> PromiseStore:
        """What was promised."""
