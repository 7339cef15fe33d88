"""What a rehearsal is played on: the simulated clock, the services' parts, and what is told of each step.

Guarantees that time moves forward only, by working days. The wording of what is told is left to entry points.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from policy_match.cases.model import Route
from policy_match.cases.routes import route_of
from policy_match.cases.working_days import CHINA, WorkingDays, china_day
from policy_match.errors import PolicyMatchError
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.sealing import AddressSealer
from policy_match.payments.sealing import AccountSealer
from policy_match.policy.model import Policy
from policy_match.ports import Database, TruthFiles
from policy_match.ports.deliveries import AddressOpener
from policy_match.ports.notices import NotificationChannel
from policy_match.ports.payments import Bank, ContentSealer, PaymentChannel
from policy_match.services.prepare_notices import Wording
from policy_match.services.rehearsal.firms import Firms
from policy_match.services.replay_decision import OpenSnapshot
from policy_match.sweep.kept import KeptSweep
from policy_match.values import Money

MORNING = time(9)
"""Every simulated day begins at nine in Beijing."""


class SimulatedClock:
    """A clock that stands until it is moved; it only moves forward."""

    def __init__(self, day: date) -> None:
        self._now = datetime.combine(day, MORNING, CHINA)

    def seconds(self) -> float:
        """Return simulated seconds."""
        return self._now.timestamp()

    def now(self) -> datetime:
        """Return the simulated time."""
        return self._now

    @property
    def day(self) -> date:
        """The simulated day in China."""
        return china_day(self._now)

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        assert span >= timedelta()
        self._now += span

    def move_to(self, day: date) -> None:
        """Go on to the morning of a later day; a day that has begun is left as it is."""
        self._now = max(self._now, datetime.combine(day, MORNING, CHINA))


class RehearsalBank(Bank, Protocol):
    """A bank that is played. It reads what is handed over and answers with files, as a real one would."""

    def answers(self, at: datetime) -> Sequence[tuple[str, bytes]]:
        """Return name and content of the files that the bank has for us by then and has not given before."""

    def receive(self, reference: str, amount_fen: int, at: datetime) -> None:
        """Let a firm pay money into our account; the same reference does so once."""


class RehearsalPost(Protocol):
    """Providers that are played: nothing leaves the machine, and what arrived can be read."""

    @property
    def channels(self) -> Sequence[NotificationChannel]:
        """One provider of each channel."""

    def arrived(self) -> Sequence[tuple[str, str]]:
        """Return address and text of every message that came since the last look, also those of an earlier run."""


class Sealer(AccountSealer, AddressSealer, ContentSealer, Protocol):
    """Seals account numbers, addresses and whole files."""


class Staff(StrEnum):
    """The invented people. Who signs a stage, or answers for one at a level, is `signer`."""

    CLERK = "invented.clerk"
    REGISTRAR = "invented.registrar"
    MESSENGER = "invented.messenger"
    DESK = "invented.desk"
    PERSONNEL = "invented.personnel"
    BUDGET = "invented.budget"
    CASHIER = "invented.cashier"
    OBJECTIONS = "invented.objections"
    AUDIT = "invented.audit"
    COMPETITOR = "invented.competitor"
    NEIGHBOUR = "invented.neighbour"


def signer(role: str, number: int) -> str:
    """Return the invented person who is the `number`th, from 1, of a role."""
    return f"invented.{role}.{number}"


class Said(StrEnum):
    """The things that a rehearsal tells."""

    CHAPTER_OPENING = "chapter_opening"
    CHAPTER_ANSWERS = "chapter_answers"
    CHAPTER_WINDOWS = "chapter_windows"
    CHAPTER_RECHECK = "chapter_recheck"
    CHAPTER_BUDGET = "chapter_budget"
    CHAPTER_APPROVAL = "chapter_approval"
    CHAPTER_PUBLICITY = "chapter_publicity"
    CHAPTER_ORDERS = "chapter_orders"
    CHAPTER_BANK = "chapter_bank"
    CHAPTER_RETURNS = "chapter_returns"
    CHAPTER_CLOSING = "chapter_closing"
    CHAPTER_RECOVERY = "chapter_recovery"
    CHAPTER_SUPERVISION = "chapter_supervision"
    DONE_BEFORE = "done_before"
    REFUSED = "refused"
    OPENED = "opened"
    CONTACTS = "contacts"
    NOTIFIED = "notified"
    MESSAGES = "messages"
    WENT_ON = "went_on"
    NO_WAY = "no_way"
    VISITED = "visited"
    READ = "read"
    ANSWERED = "answered"
    RECONSIDERED = "reconsidered"
    EXTENDED = "extended"
    REMINDED = "reminded"
    NOT_REACHED = "not_reached"
    WINDOWS_CLOSED = "windows_closed"
    RECHECKED = "rechecked"
    APPROPRIATED = "appropriated"
    GRANTED = "granted"
    QUEUED = "queued"
    LISTED = "listed"
    SIGNED = "signed"
    PUBLISHED = "published"
    OBJECTED = "objected"
    OBJECTION_ANSWERED = "objection_answered"
    EXCLUDED = "excluded"
    PAYMENT_RECHECKED = "payment_rechecked"
    ACCOUNTS_TAKEN = "accounts_taken"
    ORDERED = "ordered"
    BLOCKED = "blocked"
    ACCOUNTS_CORRECTED = "accounts_corrected"
    SENT = "sent"
    REPLY_LOST = "reply_lost"
    UNKNOWN = "unknown"
    FILE_TAKEN = "file_taken"
    CAME_BACK = "came_back"
    PAID_AGAIN = "paid_again"
    RECONCILED = "reconciled"
    CLAIMED_BACK = "claimed_back"
    MONEY_IN = "money_in"
    RECOVERED = "recovered"
    TURNED = "turned"
    ESCALATED = "escalated"


Fact = int | str | date | Money | PolicyMatchError


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One thing that happened on a simulated day."""

    said: Said
    day: date
    facts: Mapping[str, Fact]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Everything that the steps need. `policies` are those of the sweep that are in force."""

    database: Database
    clock: SimulatedClock
    calendar: WorkingDays
    wording: Wording
    delivery_rules: DeliveryRules
    address_opener: AddressOpener
    post: RehearsalPost
    firms: Firms
    truth_files: TruthFiles
    open_snapshot: OpenSnapshot
    channel: PaymentChannel
    bank: RehearsalBank
    sealer: Sealer
    sweep: KeptSweep
    policies: Sequence[Policy]

    @property
    def asking(self) -> Sequence[Policy]:
        """The policies whose cases are more than a word to the firm."""
        return [policy for policy in self.policies if route_of(policy) is not Route.INFORM]

    @property
    def funded(self) -> Sequence[Policy]:
        """Those of them that say who pays."""
        return [policy for policy in self.asking if policy.budget is not None or policy.cost_shares]

    def tell(self, said: Said, **facts: Fact) -> Told:
        """Return what happened today."""
        return Told(said=said, day=self.clock.day, facts=facts)

    def told_or_done(self, told: Iterable[Told]) -> Iterator[Told]:
        """Yield what is told as it happens, or that there was nothing to do."""
        nothing = True
        for each in told:
            nothing = False
            yield each
        if nothing:
            yield self.tell(Said.DONE_BEFORE)

    def working_days_later(self, days: int) -> None:
        """Let working days pass."""
        self.clock.move_to(self.calendar.add_working_days(self.clock.day, days))


def stage_days(policies: Sequence[Policy]) -> tuple[int, int]:
    """Return the longest time to answer and the longest publicity of some policies, in working days."""
    answers = max((policy.process.confirm_days for policy in policies), default=0)
    return answers, max((policy.process.publicity_days for policy in policies), default=0)
